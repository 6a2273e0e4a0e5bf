"""A claim: one worker's right to acquire one step of one job, for as long as it gets on with it."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, When
from django.db.models.functions import Now

from common.database.transitions import IllegalTransition
from jobs import events, registry
from jobs.hints import push
from jobs.lifecycle import transitions
from jobs.models import Job, State
from jobs.worker import child_process, heartbeat
from jobs.worker.deferred_waits import Waits

MAX_FRUITLESS = 5  # claims in one state that neither got further nor ended well
WRITE_EVERY = 1.0  # seconds between two reports that are written down
LEASE_PARTS = 6  # a lease is written so many times before it would end, where nothing else is to be written
ASIDE = (  # what a short step hardly ever reads: it costs less to read it when it does
    "title", "page", "params", "idem_key", "request_hash", "retry_of", "state_since", "lease_owner",
    "lease_until", "deleted_at", "error_code", "error_public", "price_charged", "created_at", "started_at",
    "finished_at",
)  # fmt: skip
HAIR = timedelta(microseconds=500)  # databases keep moments more and less finely, and SQLite compares them as text
CANCEL_CHECK_SECONDS = 0.5  # seconds between two looks at whether somebody wants the job stopped


class Cancelled(Exception):
    """Somebody asked for the job to stop. Steps let it pass: the engine ends the job."""


class LeaseLost(Exception):
    """The job has gone on without this claim. Steps let it pass and leave nothing behind."""


class Interrupted(Exception):
    """The workers are being stopped: the step leaves off here and another worker repeats it from its start."""


class StepFailed(Exception):
    """An expected failure, in words for the person who asked: what happened, and what to do next."""

    def __init__(self, code: str, words, charge: int | None = None):
        super().__init__(code)
        self.code, self.words, self.charge = code, words, charge


def acquire(rows, who: str) -> "Lease | None":
    """Lease the first of ``rows`` that is due and free, or nothing. The fence grows: older claims are void."""
    with transaction.atomic():
        due = rows.due().order_by("next_run_at").annotate(read_at=Now()).defer("lease_owner", "lease_until")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        _claim([job], who)
    return Lease(job, who)


def acquire_many(rows, who: str, most: int) -> "list[Lease]":
    """Lease up to ``most`` due jobs in two queries: for steps so short that claiming them one by one costs more."""
    with transaction.atomic():
        due = rows.due().order_by("next_run_at").annotate(read_at=Now()).defer(*ASIDE)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        jobs = list(due[:most])
        _claim(jobs, who)
    return [Lease(job, who) for job in jobs]


def _claim(jobs, who: str) -> None:
    """Write it into their rows, which this transaction holds locked, and into what was read of them."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        fence=F("fence") + 1,
        lease_owner=who[:80],
        lease_until=Now() + lease_duration(),
        no_progress_count=F("no_progress_count") + 1,
    )
    for job in jobs:
        job.fence += 1
        job.no_progress_count += 1


def lease_duration() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Lease:
    """What a step is given. It must end by ``move_to``, ``wait`` or ``fail``; all else it does may be done again."""

    def __init__(self, job: Job, who: str):
        self.job, self.who = job, who
        self.is_spent = False
        self._claimed_at = time.monotonic()
        self._best = self._moved = 0
        self._lease_due = False
        self._written = (job.progress, job.progress_note)
        self._wrote_at = self._looked_at = float("-inf")
        self._wants_stop = job.cancel_requested_at is not None
        self.account = None  # that it is made through elsewhere, where that was read
        self.waits: Waits | None = None  # where a wait that says nothing new is left, to be written with others

    @property
    def now(self) -> datetime:
        """The database's time: clocks of machines differ, and nothing that decides may come from one of them."""
        return self.job.read_at + timedelta(seconds=time.monotonic() - self._claimed_at)

    @property
    def params(self) -> dict:
        return self.job.params

    def move_to(self, state: str, *, reason="", **facts) -> None:
        """Change state and let go of the job. LeaseLost when it is no longer ours; Cancelled instead of a good end
        of a local job that somebody stopped meanwhile."""
        if "next_run_at" in facts:
            facts["next_run_at"] = self._unless_called(facts["next_run_at"])
        if state in transitions.GOOD_ENDS and registry.kind_of(self.job).is_local and self.is_cancelled(at_once=True):
            raise Cancelled
        try:
            transitions.move(self.job, state, by=events.worker_actor(self.who), reason=reason, **facts)
        except IllegalTransition:
            if self._still_ours():
                raise
            raise LeaseLost from None
        self.is_spent = True
        heartbeat.record_progress()

    def enter(self, state: str, *, seconds: float, reason="", **facts) -> None:
        """Change state without letting go: the step goes on, alone for another ``seconds``. May raise LeaseLost."""
        held = {"lease_owner": self.who[:80], "lease_until": Now() + timedelta(seconds=seconds)}
        try:
            transitions.move(self.job, state, by=events.worker_actor(self.who), reason=reason, **held, **facts)
        except IllegalTransition:
            raise LeaseLost from None

    def extend(self, seconds: float) -> None:
        """Go on alone for ``seconds``, in which the step may have nothing to report. May raise LeaseLost."""
        self._write(lease_until=Now() + timedelta(seconds=seconds))

    def record_event(self, reason: str) -> None:
        """Write into the job's history without changing its state; ``reason`` as history.register knows it. LeaseLost,
        and no line, when the job has gone on without this claim: what it says would be of yesterday."""
        if not self._still_ours():
            raise LeaseLost
        events.write_event(self.job, events.worker_actor(self.who), reason=reason)

    def wait(self, seconds: float, *, progress: int | None = None, note: str = "", in_line: bool = False) -> None:
        """Let go of the job and come back to the same state in ``seconds``. Waiting is not failing to get on.
        ``in_line``: whoever makes it elsewhere has not begun."""
        before = (self.job.progress, self.job.progress_note, bool(self.job.is_in_line))
        is_news = progress is not None and (progress, note[:60], in_line) != before
        if self.waits is not None and not is_news:
            self.waits.add(self.job, seconds)
            self.is_spent = True
            return
        facts = {"no_progress_count": 0, "lease_until": None, "lease_owner": ""}
        facts["next_run_at"] = self._unless_called(Now() + timedelta(seconds=seconds))
        if is_news:
            facts |= {"progress": progress, "progress_note": note[:60], "is_in_line": in_line, "rev": F("rev") + 1}
        self._write(**facts)
        self.is_spent = True
        if is_news:
            push.send_hint(self.job)

    def retry_later(self, seconds: float) -> None:
        """Let go and come back in ``seconds``, as after a crash: after MAX_FRUITLESS of these the job is stuck."""
        later = self._unless_called(Now() + timedelta(seconds=seconds))
        self._write(next_run_at=later, lease_until=None, lease_owner="")
        self.is_spent = True

    def fail(self, code: str, public_words, *, charge: int | None = None) -> None:
        """End the job as failed, with words for the person who asked."""
        self.move_to(
            State.FAILED, reason=code, charge=charge, error_code=code[:40], error_public=str(public_words)[:500]
        )

    def end_deleted(self) -> None:
        """The step removed the job itself, and all that it belonged to: there is nothing left to say."""
        self.is_spent = True

    def hand_back(self, seconds: float = 0) -> None:
        """Leave the job as it is, free and due in ``seconds``: it is through no fault of the job's."""
        self._write(
            lease_until=None,
            lease_owner="",
            next_run_at=self._unless_called(Now() + timedelta(seconds=seconds)) if seconds else Now(),
            no_progress_count=max(0, self.job.no_progress_count - 1),
        )
        self.is_spent = True

    def report(self, progress_permille: int, note="", *, moved: int = 0) -> None:
        """Say how far it is, in thousandths; call it as often as you like, at least every second.

        The lease grows only while the figure does, so a step that hangs loses the job; where a thousandth may acquire
        longer than a lease, ``moved`` counts what is done more finely (bytes).
        Raises Cancelled when somebody wants it stopped, LeaseLost when it is no longer ours, Interrupted when the
        workers are being stopped. A step lets all three pass.
        """
        permille = max(0, min(1000, int(progress_permille)))
        if permille > self._best or moved > self._moved:
            self._best, self._moved, self._lease_due = max(permille, self._best), max(moved, self._moved), True
        now = time.monotonic()
        shown = (permille, str(note)[:60])
        every = (
            WRITE_EVERY if shown != self._written else max(WRITE_EVERY, lease_duration().total_seconds() / LEASE_PARTS)
        )
        if now - self._wrote_at >= every and (self._lease_due or shown != self._written):
            self._wrote_at = now
            self._write_progress(*shown)
        if self.is_cancelled():
            raise Cancelled
        if child_process.is_stopping():
            raise Interrupted

    def is_cancelled(self, *, at_once=False) -> bool:
        """Whether somebody asked for the job to stop; looks twice a second at most, and no more once that is known.
        LeaseLost as in ``report``: ``at_once`` looks whatever is known, for who is about to write over something."""
        now = time.monotonic()
        if at_once or (not self._wants_stop and now - self._looked_at >= CANCEL_CHECK_SECONDS):
            self._looked_at = now
            row = self._ours().values_list("cancel_requested_at").first()
            if row is None:
                raise LeaseLost
            self._wants_stop = row[0] is not None
        return self._wants_stop

    def _write_progress(self, permille, note):
        is_news = (permille, note) != self._written
        facts = {"progress": permille, "progress_note": note, "rev": F("rev") + 1} if is_news else {}
        if self._lease_due:
            facts["lease_until"] = Now() + lease_duration()
            heartbeat.record_progress()
        if permille > self.job.progress_peak:
            facts |= {"progress_peak": permille, "no_progress_count": 0}
        self._write(**facts)
        self.job.progress_peak = max(self.job.progress_peak, permille)
        self.job.progress, self.job.progress_note = permille, note
        self._written, self._lease_due = (permille, note), False
        if is_news:
            push.send_hint(self.job)

    def _unless_called(self, later):
        """``later``, unless the job was made due since it was claimed (a callback, a wish to stop): it stays due."""
        due = self.job.next_run_at
        is_as_read = When(next_run_at__range=(due - HAIR, due + HAIR), then=later)
        return Case(is_as_read, default=F("next_run_at"), output_field=DateTimeField())

    def _ours(self):
        return Job.objects.filter(pk=self.job.pk, state=self.job.state, fence=self.job.fence)

    def _still_ours(self):
        return self._ours().exists()

    def _write(self, **facts):
        if not self._ours().update(**facts):
            raise LeaseLost
        self.job.rev += "rev" in facts  # so that the hint names the revision it speaks of
