"""Whose turn it is at an account: it makes so many at once and takes so many a minute; the rest waits here, fairly."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Min, Q, Window
from django.db.models.functions import Coalesce, Now, RowNumber

from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.registry import provider, providers
from jobs.models import TERMINAL, Attempt, Job, State
from jobs.worker.dispatcher import fair_order

MEMORY = timedelta(hours=2)  # longer than anything is made
LONG_OVER = timedelta(days=2)  # what goes on past its time is asked after for one day more (polling.GRACE)
UNHEARD = (State.UNKNOWN, State.STUCK)
FRESH = 30.0  # seconds
FEW = 200  # that are read one by one whatever room there is
NEVER = datetime.min.replace(tzinfo=UTC)
LINE = 500  # jobs of the line that are put in order when somebody must be woken
OWNER = Coalesce("created_by_id", "workspace_id")


@dataclass(frozen=True)
class InLine:
    """What one person has in line: how many, since when, and how many of them before the job that was asked for."""

    jobs: int
    first: datetime
    older: int | None


@dataclass(frozen=True)
class Room:
    """What an account had room for when that was counted. At least so much where it ``is_rough``: of what was sent
    there within days nobody has looked which has ended, as that means to read each one's job, of thousands."""

    places: int
    lately: int  # how many were sent through it within a minute
    sent: dict | None  # id -> whether it may fill a place, of those; None for many with room for as many once more
    per_minute: int
    is_rough: bool = False
    counted_at: float = field(default_factory=time.monotonic)

    @property
    def free(self) -> int:
        """How many more may be sent through the account."""
        return min(self.places, self.per_minute - self.lately)

    @property
    def is_fresh(self) -> bool:
        """Whether all that was sent since then is among what was sent within a minute."""
        return time.monotonic() - self.counted_at < FRESH


def room(connection: Connection, *, exactly: bool = False) -> Room:
    """As it is now: thousands may be at work there, and all are counted; roughly where that shows room enough."""
    traits, sent = provider(connection.provider).traits, _ids(connection, FEW + 1)
    most, per_minute = connection.concurrency or traits.concurrency, connection.per_minute or traits.per_minute
    if len(sent) > FEW:
        lately = _sent(connection).count()
        if per_minute > 3 * lately:
            places, is_rough = _places(connection, most, exactly, above=2 * lately)
            if places > 2 * lately:
                return Room(places, lately, None, per_minute, is_rough)
        sent = _ids(connection)
    # The places last: who is sent in between is counted.
    places, is_rough = _places(connection, most, exactly)
    return Room(places, len(sent), sent, per_minute, is_rough)


def _places(connection: Connection, most: int, exactly: bool, above: int = 0) -> tuple[int, bool]:
    """How many are left of ``most``, and whether that is only at least so many."""
    taken = _lately_taken(connection)
    if not exactly and (places := most - taken.count()) > above:
        return places, True
    return most - taken.filter(_is_at_work(connection)).count(), False


def _ids(connection: Connection, most: int | None = None) -> dict:
    return {pk: outcome in Attempt.LIVE for pk, outcome in _sent(connection).values_list("pk", "outcome")[:most]}


def _sent(connection: Connection):
    minute = (Now() - timedelta(minutes=1), Now())  # what lies ahead was sent before the clock was set back
    lately = Attempt.objects.filter(account=connection.pk, intent_at__range=minute)
    return lately.exclude(outcome=Attempt.Outcome.NOT_SENT)


def open_now():
    """Of accounts: those through which something may be sent at this moment, whatever is at work there."""
    return Q(Q(paused_until=None) | Q(paused_until__lte=Now()), is_enabled=True, deleted_at=None)


def take(connection: Connection, counted: Room) -> bool:
    """Whether one more may be sent through the account now, and nobody else's until the transaction ends: it may have
    been shut, or filled, since its room was ``counted``. What has become free since then is not looked for.

    It may have been changed as well, while pictures were brought there: what was made ready for another address, or is
    to be sent with a key of before, is asked for anew (docs/adr/0006)."""
    account = Connection.objects.select_for_update(no_key=True).filter(open_now(), pk=connection.pk).first()
    if account is None or not _is_as_read(account, connection):
        return False
    has_other_limits = (account.concurrency, account.per_minute) != (connection.concurrency, connection.per_minute)
    left = room(account, exactly=True) if has_other_limits else _recounted(connection, counted)
    return left.free > 0


def _is_as_read(account: Connection, connection: Connection) -> bool:
    return all(getattr(account, name) == getattr(connection, name) for name in ("key_version", "base_url", "facts"))


def _recounted(connection: Connection, counted: Room) -> Room:
    """Without counting all again: whoever holds an account's lock has the others wait."""
    if not counted.is_fresh:
        left = room(connection)
    elif counted.sent is None:  # what was sent since then was sent within the minute, and cannot be more than all of it
        lately = _sent(connection).count()
        left = replace(counted, places=counted.places - lately, lately=lately)
    else:
        sent = _ids(connection)
        more = sum(is_live for pk, is_live in sent.items() if pk not in counted.sent)
        left = replace(counted, places=counted.places - more, lately=len(sent), sent=sent)
    is_sure = left.free > 0 or not (left.is_rough or left.sent is None)
    return left if is_sure else room(connection, exactly=True)


def place(job, connection: Connection, counted: Room) -> int:
    """0 when it is the job's turn; otherwise its place in the line, from 1."""
    free = max(0, counted.free)
    if free and Job.objects.filter(state=State.QUEUED)[: free + 1].count() <= free:
        return 0  # there is room for all who wait anywhere: whose turn it is need not be asked
    line = _people(connection, job)
    if sum(each.jobs for each in line.values()) <= free:
        return 0  # there is room for all, in whichever order
    if counted.is_rough and counted.places < counted.per_minute - counted.lately:
        free = max(0, room(connection, exactly=True).free)
    at = _before(line, connection)
    return 0 if at < free else at - free + 1


def order(connection: Connection) -> list:
    """Ids of the waiting jobs, round-robin by who asked: whoever has least at work comes next."""
    waiting = _waiting(connection)
    return _in_turn(waiting, connection) if waiting else []


def wake(connection_id) -> None:
    """A place has become free: those whose turn it is need not sleep on, unless the provider named a time itself."""
    connection = Connection.objects.filter(open_now(), pk=connection_id).first()
    if connection is None or connection.provider not in providers():  # without its engine nothing is sent there
        return
    line = order(connection)
    free = max(0, room(connection, exactly=True).free) if line else 0
    Job.objects.filter(pk__in=line[:free], state=State.QUEUED, lease_until=None).update(next_run_at=Now())


def _waiting(connection: Connection) -> list[tuple]:
    """(job, who asked) of the jobs in line, oldest first of each person; the first of everybody before the second of
    anybody, so that nobody is left out however many somebody else has."""
    nth = Window(RowNumber(), partition_by=OWNER, order_by=["job__created_at", "job_id"])
    waiting = _in_line(connection).annotate(who=OWNER, nth=nth).order_by("nth", "job__created_at", "job_id")
    return list(waiting.values_list("job_id", "who")[:LINE])


def _people(connection: Connection, job) -> dict:
    """Who has how many in line, and, of whose ``job`` is, how many stand before it: counted by the database, since it
    can be thousands."""
    older = Q(job__created_at__lt=job.created_at) | Q(job__created_at=job.created_at, job_id__lt=job.pk)
    rows = _in_line(connection).annotate(who=OWNER).order_by().values_list("who")
    found = rows.annotate(
        n=Count("pk"),
        first=Min("job__created_at"),
        own=Count("pk", filter=Q(job=job)),
        n_older=Count("pk", filter=older),
    )
    return {who: InLine(n, first, n_older if own else None) for who, n, first, own, n_older in found}


def _in_line(connection: Connection):
    return Clip.objects.filter(connection=connection, job__state=State.QUEUED)


def _before(line: dict, connection: Connection) -> int:
    """How many have their turn before the job that ``line`` was counted for; all of them when it has left the line.

    Somebody's next turn comes once nobody has less at work: the third of who has two at work, after the fourth of who
    has none. So of everybody those count that would then be at work no later.
    """
    busy, served = _at_work(connection)
    mine = next((who for who, each in line.items() if each.older is not None), None)
    if mine is None:
        return sum(each.jobs for each in line.values())
    level, at, is_earlier = busy[mine] + line[mine].older, 0, True
    for who in sorted(line, key=lambda one: (served.get(one, NEVER), line[one].first)):
        is_earlier = is_earlier and who != mine
        at += max(0, min(line[who].jobs, level - busy[who] + is_earlier))
    return at


def _in_turn(waiting: list[tuple], connection: Connection) -> list:
    """Whoever has least at work comes next, and of several whose last turn is longest ago: where one thing is made at
    a time nobody has anything at work when the next is chosen."""
    busy, served = _at_work(connection)
    return fair_order(sorted(waiting, key=lambda one: served.get(one[1], NEVER)), busy)


def _at_work(connection: Connection) -> tuple[Counter, dict]:
    """How much everybody has at work, and when their last turn was. Counted by the database as well."""
    busy: Counter = Counter()
    served: dict = {}
    is_live = _is_at_work(connection)
    lately = _lately_taken(connection).filter(is_live | Q(intent_at__gt=Now() - MEMORY)).order_by()
    people = lately.values_list("job__created_by_id", "job__workspace_id")
    for by, at, n, last in people.annotate(n=Count("pk", filter=is_live), last=Max("intent_at")):
        busy[by or at] += n
        served[by or at] = max(last, served.get(by or at, last))
    return busy, served


def _lately_taken(connection: Connection):
    """Attempts that may fill a place there. What was asked for so long ago that it was given up, be it that it is still
    being brought home, fills none; nobody counts all that an account has ever made, whenever somebody asks for a clip.
    """
    since = Now() - timedelta(seconds=provider(connection.provider).traits.deadline) - LONG_OVER
    return Attempt.objects.filter(account=connection.pk, outcome__in=Attempt.LIVE, intent_at__gt=since)


def _is_at_work(connection: Connection) -> Q:
    """Of attempts: those that may fill a place there. What was never answered, or got stuck here, is held to be over
    there once the longest time that the provider takes has passed: its own page goes on asking after it, and nobody
    else waits for that."""
    over = Now() - timedelta(seconds=provider(connection.provider).traits.deadline)
    return ~Q(job__state__in=TERMINAL) & ~Q(job__state__in=UNHEARD, intent_at__lt=over)
