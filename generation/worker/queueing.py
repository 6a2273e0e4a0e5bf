"""Per-connection concurrency and rate limit, with fair queueing between users, and a limit of one day of waiting."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Min, Q, Window
from django.db.models.functions import Coalesce, Now, RowNumber

from common.messages import build_message, join_messages
from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.registry import provider, providers
from generation.worker import messages
from generation.worker.submission import Outcome, Submission
from jobs.lifecycle.lease import StepFailed
from jobs.models import TERMINAL, Attempt, Job, State
from jobs.runtime.fairness import fair_order

TURN_MEMORY = timedelta(hours=2)  # longer than any clip takes
GRACE = timedelta(days=2)  # after its deadline a clip is polled for one more day (poll.GRACE)
UNANSWERED = (State.UNKNOWN, State.STUCK)
FRESH_SECONDS = 30.0
COUNTED_SINGLY = 200  # requests of the last minute that are read one by one, whatever room there is
NEVER = datetime.min.replace(tzinfo=UTC)
LINE_LENGTH = 500  # jobs that are put in order when the next one is woken
USER = Coalesce("created_by_id", "workspace_id")
WAITING_LIMIT = timedelta(days=1)
DELAY_CODES = ("not_sent", "busy", "account", "not_accepting")  # of job events
RESTARTED = (
    Q(reason__in=["resent", "requeued", "resumed"])
    | Q(reason__startswith="absent|")
    | Q(reason__startswith="lost|")
    | Q(reason__startswith="failover|")
)


@dataclass(frozen=True)
class WaitingUser:
    """The jobs of one user in line: their number, when the first was created, and how many are older than the job whose
    position is computed (None if that job belongs to another user)."""

    jobs: int
    first: datetime
    older: int | None


@dataclass(frozen=True)
class Room:
    """How many requests could be sent through a connection when this was counted.

    ``places``: free places for clips in progress; with ``is_rough`` only a lower bound. ``lately``: number of requests
    in the last minute, ``per_minute`` their limit. ``sent``: id of each of these requests → whether it may take a
    place; None if there are many, and room for as many again.
    """

    places: int
    lately: int
    sent: dict | None
    per_minute: int
    is_rough: bool = False
    counted_at: float = field(default_factory=time.monotonic)

    @property
    def free(self) -> int:
        """Return how many more requests may be sent."""
        return min(self.places, self.per_minute - self.lately)

    @property
    def is_fresh(self) -> bool:
        """Return whether all requests sent since the count are still among those of the last minute."""
        return time.monotonic() - self.counted_at < FRESH_SECONDS


def count_room(connection: Connection, *, exactly: bool = False) -> Room:
    """Return the connection's room now.

    Thousands of clips may be in progress. So the count is only a lower bound if that shows enough room, unless
    ``exactly``.
    """
    traits, sent = provider(connection.provider).traits, _read_sent_ids(connection, COUNTED_SINGLY + 1)
    max_places, per_minute = connection.concurrency or traits.concurrency, connection.per_minute or traits.per_minute
    if len(sent) > COUNTED_SINGLY:
        lately = _filter_sent_lately(connection).count()
        if per_minute > 3 * lately:
            places, is_rough = _count_free_places(connection, max_places, exactly, above=2 * lately)
            if places > 2 * lately:
                return Room(places, lately, None, per_minute, is_rough)
        sent = _read_sent_ids(connection)
    # Counted last, so that requests sent in between are included.
    places, is_rough = _count_free_places(connection, max_places, exactly)
    return Room(places, len(sent), sent, per_minute, is_rough)


def _count_free_places(connection: Connection, max_places: int, exactly: bool, above: int = 0) -> tuple[int, bool]:
    """Return how many of ``max_places`` places are free, and whether the number is a lower bound. A lower bound is
    returned only if it exceeds ``above``, and never with ``exactly``."""
    taken = _filter_recent_attempts(connection)
    if not exactly and (places := max_places - taken.count()) > above:
        return places, True
    return max_places - taken.filter(_build_in_progress_filter(connection)).count(), False


def _read_sent_ids(connection: Connection, limit: int | None = None) -> dict:
    rows = _filter_sent_lately(connection).values_list("pk", "outcome")[:limit]
    return {pk: outcome in Attempt.LIVE for pk, outcome in rows}


def _filter_sent_lately(connection: Connection):
    minute = (Now() - timedelta(minutes=1), Now())  # a later time comes from before the clock was set back
    lately = Attempt.objects.filter(connection_id=connection.pk, intent_at__range=minute)
    return lately.exclude(outcome=Outcome.NOT_SENT)


def build_open_filter() -> Q:
    """Return the filter for connections through which something may be sent now, without regard to their limits."""
    return Q(Q(paused_until=None) | Q(paused_until__lte=Now()), is_enabled=True, deleted_at=None)


def reserve_place(connection: Connection, counted: Room) -> bool:
    """Lock the connection until the transaction ends and return whether one more request may be sent through it.

    The connection may have been closed or filled since ``counted``; places that became free since are not counted.
    Returns False also if the key or address of the connection has changed: a request prepared for another address must
    be prepared again (ADR 6).
    """
    locked = Connection.objects.select_for_update(no_key=True).filter(build_open_filter(), pk=connection.pk).first()
    if locked is None or not _is_unchanged(locked, connection):
        return False
    has_other_limits = (locked.concurrency, locked.per_minute) != (connection.concurrency, connection.per_minute)
    left = count_room(locked, exactly=True) if has_other_limits else _recount(connection, counted)
    return left.free > 0


def _is_unchanged(locked: Connection, connection: Connection) -> bool:
    return all(getattr(locked, name) == getattr(connection, name) for name in ("key_version", "base_url", "facts"))


def _recount(connection: Connection, counted: Room) -> Room:
    """Return the room now, without a full count if possible: other workers wait for the lock meanwhile."""
    if not counted.is_fresh:
        left = count_room(connection)
    elif counted.sent is None:  # requests since the count are at most those of the last minute
        lately = _filter_sent_lately(connection).count()
        left = replace(counted, places=counted.places - lately, lately=lately)
    else:
        sent = _read_sent_ids(connection)
        more = sum(is_live for pk, is_live in sent.items() if pk not in counted.sent)
        left = replace(counted, places=counted.places - more, lately=len(sent), sent=sent)
    is_sure = left.free > 0 or not (left.is_rough or left.sent is None)
    return left if is_sure else count_room(connection, exactly=True)


def line_position(job, connection: Connection, counted: Room) -> int:
    """Return 0 if it is the job's turn, otherwise its position in the line, from 1."""
    free = max(0, counted.free)
    if free and Job.objects.filter(state=State.QUEUED)[: free + 1].count() <= free:
        return 0  # there is room for all jobs that wait anywhere
    line = _count_users(connection, job)
    if sum(user.jobs for user in line.values()) <= free:
        return 0  # there is room for all of the line
    if counted.is_rough and counted.places < counted.per_minute - counted.lately:
        free = max(0, count_room(connection, exactly=True).free)
    before = _count_before(line, connection)
    return 0 if before < free else before - free + 1


def order_line(connection: Connection) -> list:
    """Return the ids of the waiting jobs, round-robin by user: the user with the fewest clips in progress is next."""
    waiting = _list_waiting(connection)
    if not waiting:
        return []
    in_progress, last_turns = _count_in_progress(connection)
    return fair_order(sorted(waiting, key=lambda row: last_turns.get(row[1], NEVER)), in_progress)


def wake_next(connection_id) -> None:
    """Make the next jobs in line due, one for each free place. Do nothing while the connection is closed or paused."""
    connection = Connection.objects.filter(build_open_filter(), pk=connection_id).first()
    if connection is None or connection.provider not in providers():  # a provider that is not installed gets nothing
        return
    line = order_line(connection)
    free = max(0, count_room(connection, exactly=True).free) if line else 0
    Job.objects.filter(pk__in=line[:free], state=State.QUEUED, lease_until=None).update(next_run_at=Now())


def _list_waiting(connection: Connection) -> list[tuple]:
    """Return (job id, user) of the jobs in line: the oldest of every user, then the second of every user, and so on,
    so that the limit leaves nobody out."""
    nth = Window(RowNumber(), partition_by=USER, order_by=["job__created_at", "job_id"])
    waiting = (
        _filter_clips_in_line(connection).annotate(user_id=USER, nth=nth).order_by("nth", "job__created_at", "job_id")
    )
    return list(waiting.values_list("job_id", "user_id")[:LINE_LENGTH])


def _count_users(connection: Connection, job) -> dict:
    """Return a WaitingUser for each user. The database counts, since the line may have thousands of jobs."""
    older = Q(job__created_at__lt=job.created_at) | Q(job__created_at=job.created_at, job_id__lt=job.pk)
    rows = _filter_clips_in_line(connection).annotate(user_id=USER).order_by().values_list("user_id")
    found = rows.annotate(
        n=Count("pk"),
        first=Min("job__created_at"),
        own=Count("pk", filter=Q(job=job)),
        n_older=Count("pk", filter=older),
    )
    return {user_id: WaitingUser(n, first, n_older if own else None) for user_id, n, first, own, n_older in found}


def _filter_clips_in_line(connection: Connection):
    return Clip.objects.filter(connection=connection, job__state=State.QUEUED)


def _count_before(line: dict, connection: Connection) -> int:
    """Return how many jobs come before the job that ``line`` was counted for; all if that job has left the line.

    It is a user's turn once no other user has fewer clips in progress: the third job of a user with two in progress
    comes after the fourth job of a user with none. So the jobs of each other user count up to the number that the
    owner of the job will then have in progress.
    """
    in_progress, last_turns = _count_in_progress(connection)
    owner = next((user_id for user_id, user in line.items() if user.older is not None), None)
    if owner is None:
        return sum(user.jobs for user in line.values())
    level, before, is_earlier = in_progress[owner] + line[owner].older, 0, True
    for user_id in sorted(line, key=lambda user_id: (last_turns.get(user_id, NEVER), line[user_id].first)):
        is_earlier = is_earlier and user_id != owner
        before += max(0, min(line[user_id].jobs, level - in_progress[user_id] + is_earlier))
    return before


def _count_in_progress(connection: Connection) -> tuple[Counter, dict]:
    """Return the clips in progress and the time of the last turn, by user.

    Of users with equally many clips in progress, the one whose last turn is longest ago comes next: with a single
    place, nobody has a clip in progress when the next job is chosen.
    """
    in_progress: Counter = Counter()
    last_turns: dict = {}
    is_live = _build_in_progress_filter(connection)
    lately = _filter_recent_attempts(connection).filter(is_live | Q(intent_at__gt=Now() - TURN_MEMORY)).order_by()
    users = lately.values_list("job__created_by_id", "job__workspace_id")
    for user, workspace, n, last in users.annotate(n=Count("pk", filter=is_live), last=Max("intent_at")):
        user_id = user or workspace
        in_progress[user_id] += n
        last_turns[user_id] = max(last, last_turns.get(user_id, last))
    return in_progress, last_turns


def _filter_recent_attempts(connection: Connection):
    """Return the attempts that may take a place. An older one was given up, or is only being downloaded; counting all
    attempts ever sent through the connection would be slow."""
    since = Now() - timedelta(seconds=provider(connection.provider).traits.deadline) - GRACE
    return Attempt.objects.filter(connection_id=connection.pk, outcome__in=Attempt.LIVE, intent_at__gt=since)


def _build_in_progress_filter(connection: Connection) -> Q:
    """Return the filter for attempts that take a place. An unanswered or stalled one takes none after the provider's
    deadline: its own job goes on searching, and no other job waits for that."""
    over = Now() - timedelta(seconds=provider(connection.provider).traits.deadline)
    return ~Q(job__state__in=TERMINAL) & ~Q(job__state__in=UNANSWERED, intent_at__lt=over)


def check_waiting_limit(lease, submission: Submission, delay_code: str = "") -> None:
    """Fail a job that its connection has refused for a whole day. Raises StepFailed.

    The day starts with the first of these delays: waiting in line, a studio that was off and the search for a lost
    submission do not count. ``delay_code`` is recorded once in the history; leave it out if a state change records it.
    """
    since = _find_first_delay(lease.job)
    if since is None:
        if delay_code:
            lease.record_event(f"{delay_code}|{submission.english_label}")
    elif lease.now - since > WAITING_LIMIT and not _accepts_others(submission, lease.now - WAITING_LIMIT):
        message = build_message("never_sent", provider=submission.english_label)
        raise StepFailed("never_sent", join_messages(message, messages.no_charge_message(lease.job)))


def _find_first_delay(job) -> datetime | None:
    is_delay = Q()
    for code in DELAY_CODES:
        is_delay |= Q(reason__startswith=f"{code}|")
    delays = job.events.filter(is_delay)
    if restart := job.events.filter(RESTARTED).last():
        delays = delays.filter(pk__gt=restart.pk)
    first = delays.first()
    return first.at if first else None


def _accepts_others(submission: Submission, since: datetime) -> bool:
    """Return whether the connection accepted another clip of the same model: an account may lack access to one model
    only."""
    rows = Attempt.objects.filter(
        connection_id=submission.connection.pk, outcome=Outcome.ACCEPTED, job__model=submission.job.model
    )
    return rows.filter(answered_at__gt=since).exists()
