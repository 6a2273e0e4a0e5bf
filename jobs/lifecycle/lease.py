"""Leases: one worker's right to take one step of one job, while the step makes progress."""

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, When
from django.db.models.functions import Now

from accounts import maintenance
from common.database.transitions import IllegalTransition
from common.messages import to_json
from jobs import events, hints, registry
from jobs.lifecycle import transitions
from jobs.models import Job, State
from jobs.runtime import child_process, heartbeat
from jobs.runtime.deferred_waits import Waits

MAX_FRUITLESS = 5  # leases in one state without progress
WRITE_EVERY = 1.0  # seconds between two progress reports that are written
LEASE_PARTS = 6  # how many times a lease is extended before it would end, if nothing else is written
DEFERRED_COLUMNS = (  # which short steps rarely read
    "title", "page", "params", "idem_key", "request_hash", "retry_of", "state_since", "lease_owner",
    "lease_until", "deleted_at", "error_code", "error_message", "error_text", "price_charged", "created_at",
    "started_at", "finished_at", "seconds", "resolution",
)  # fmt: skip
PRECISION = timedelta(microseconds=500)  # databases differ in precision, and SQLite compares times as text
CANCEL_CHECK_SECONDS = 0.5  # seconds between two checks for a cancellation


class Cancelled(Exception):
    """The job is to be cancelled. Steps let this exception propagate, and the engine ends the job."""


class LeaseLost(Exception):
    """Another worker has the job. Steps let this exception propagate and leave nothing behind."""


class Interrupted(Exception):
    """The workers are being stopped. Another worker repeats the step from its start."""


class StepFailed(Exception):
    """An expected failure, with a message for the user (common.messages): what happened, and what to do next."""

    def __init__(self, code: str, message, charge: int | None = None):
        super().__init__(code)
        self.code, self.message, self.charge = code, message, charge


def acquire(rows, worker: str) -> "Lease | None":
    """Lease the first due job of ``rows``, or return None, also during maintenance.

    The fence grows, which voids older leases.
    """
    if maintenance.is_on():
        return None
    with transaction.atomic():
        due = rows.due().order_by("next_run_at").annotate(read_at=Now()).defer("lease_owner", "lease_until")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        _write_leases([job], worker)
    return Lease(job, worker)


def acquire_many(rows, worker: str, limit: int) -> "list[Lease]":
    """Lease up to ``limit`` due jobs with one SELECT and one UPDATE, which is cheaper than a query per job."""
    if maintenance.is_on():
        return []
    with transaction.atomic():
        due = rows.due().order_by("next_run_at").annotate(read_at=Now()).defer(*DEFERRED_COLUMNS)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        jobs = list(due[:limit])
        _write_leases(jobs, worker)
    return [Lease(job, worker) for job in jobs]


def _write_leases(jobs, worker: str) -> None:
    """Write the leases to the rows, which this transaction has locked, and to the objects."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        fence=F("fence") + 1,
        lease_owner=worker[:80],
        lease_until=Now() + lease_duration(),
        no_progress_count=F("no_progress_count") + 1,
    )
    for job in jobs:
        job.fence += 1
        job.no_progress_count += 1


def lease_duration() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Lease:
    """A lease, as a step receives it. The step must end it, with ``move_to``, ``wait`` or ``fail`` for example; the
    other methods may be called any number of times."""

    def __init__(self, job: Job, worker: str):
        self.job, self.worker = job, worker
        self.is_spent = False
        self._acquired_at = time.monotonic()
        self._max_progress = self._max_moved = 0
        self._lease_due = False
        self._written = (job.progress, job.progress_message)
        self._wrote_at = self._checked_at = float("-inf")
        self._wants_stop = job.cancel_requested_at is not None
        self.connection: UUID | None = None  # id of the connection of a remote job, if it was read
        self.waits: Waits | None = None  # collects waits without news, to be written together

    @property
    def now(self) -> datetime:
        """Return the time by the database's clock, since the clocks of machines differ."""
        return self.job.read_at + timedelta(seconds=time.monotonic() - self._acquired_at)

    @property
    def params(self) -> dict:
        return self.job.params

    def move_to(self, state: str, *, reason="", **facts) -> None:
        """Change the state and end the lease.

        Raises LeaseLost, or Cancelled instead of completing a local job that was cancelled meanwhile.
        """
        if "next_run_at" in facts:
            facts["next_run_at"] = self._unless_due(facts["next_run_at"])
        if state in transitions.GOOD_ENDS and registry.kind_of(self.job).is_local and self.is_cancelled(at_once=True):
            raise Cancelled
        try:
            transitions.move(self.job, state, by=events.worker_actor(self.worker), reason=reason, **facts)
        except IllegalTransition:
            if self._is_valid():
                raise
            raise LeaseLost from None
        self.is_spent = True
        heartbeat.record_progress()

    def enter(self, state: str, *, seconds: float, reason="", **facts) -> None:
        """Change the state and keep the lease for another ``seconds``. Raises LeaseLost."""
        lease: dict[str, Any] = {"lease_owner": self.worker[:80], "lease_until": Now() + timedelta(seconds=seconds)}
        try:
            transitions.move(self.job, state, by=events.worker_actor(self.worker), reason=reason, **lease, **facts)
        except IllegalTransition:
            raise LeaseLost from None

    def extend(self, seconds: float) -> None:
        """Extend the lease to ``seconds`` from now, for work without reports. Raises LeaseLost."""
        self._write(lease_until=Now() + timedelta(seconds=seconds))

    def record_event(self, reason: str) -> None:
        """Write an event without changing the state; ``reason`` is a code of JobHooks.event_messages.

        Raises LeaseLost if another worker has the job, since the event would be outdated.
        """
        if not self._is_valid():
            raise LeaseLost
        events.write_event(self.job, events.worker_actor(self.worker), reason=reason)

    def wait(self, seconds: float, *, progress: int | None = None, note: str = "", is_queued: bool = False) -> None:
        """End the lease; the step is due again in ``seconds``. Waiting counts as progress.

        ``note``: a common.messages.Message. ``is_queued``: the provider has not begun the job.
        """
        before = (self.job.progress, self.job.progress_message, bool(self.job.is_queued_at_provider))
        is_news = progress is not None and (progress, to_json(note), is_queued) != before
        if self.waits is not None and not is_news:
            self.waits.add(self.job, seconds)
            self.is_spent = True
            return
        facts: dict[str, Any] = {"no_progress_count": 0, "lease_until": None, "lease_owner": ""}
        facts["next_run_at"] = self._unless_due(Now() + timedelta(seconds=seconds))
        if is_news:
            facts |= {"progress": progress, "is_queued_at_provider": is_queued, "rev": F("rev") + 1}
            facts |= transitions.note_columns(note)
        self._write(**facts)
        self.is_spent = True
        if is_news:
            hints.send_hint(self.job)

    def retry_later(self, seconds: float) -> None:
        """End the lease; the step is due again in ``seconds``. After MAX_FRUITLESS of these the job is stalled."""
        later = self._unless_due(Now() + timedelta(seconds=seconds))
        self._write(next_run_at=later, lease_until=None, lease_owner="")
        self.is_spent = True

    def fail(self, code: str, message, *, charge: int | None = None) -> None:
        """End the job as failed, with a message for the user."""
        self.move_to(State.FAILED, reason=code, charge=charge, error_code=code[:40], error_public=message)

    def end_deleted(self) -> None:
        """End the lease of a job that the step itself deleted."""
        self.is_spent = True

    def hand_back(self, seconds: float = 0) -> None:
        """End the lease without counting it; the step is due again in ``seconds``."""
        self._write(
            lease_until=None,
            lease_owner="",
            next_run_at=self._unless_due(Now() + timedelta(seconds=seconds)) if seconds else Now(),
            no_progress_count=max(0, self.job.no_progress_count - 1),
        )
        self.is_spent = True

    def report(self, progress_permille: int, note="", *, moved: int = 0) -> None:
        """Report progress in thousandths. Steps call this at least every second; calls in between cost little.

        The lease is extended only while progress grows, so that a step that hangs loses the job. Where a thousandth may
        take longer than a lease, ``moved`` counts in finer units (bytes).

        Raises Cancelled, LeaseLost, or Interrupted if the workers are being stopped. Steps let all three propagate.
        """
        permille = max(0, min(1000, int(progress_permille)))
        if permille > self._max_progress or moved > self._max_moved:
            self._max_progress, self._max_moved, self._lease_due = (
                max(permille, self._max_progress),
                max(moved, self._max_moved),
                True,
            )
        now = time.monotonic()
        shown = (permille, to_json(note))
        every = (
            WRITE_EVERY if shown != self._written else max(WRITE_EVERY, lease_duration().total_seconds() / LEASE_PARTS)
        )
        if now - self._wrote_at >= every and (self._lease_due or shown != self._written):
            self._wrote_at = now
            self._write_progress(permille, note)
        if self.is_cancelled():
            raise Cancelled
        if child_process.is_stopping():
            raise Interrupted

    def is_cancelled(self, *, at_once=False) -> bool:
        """Return whether the job is to be cancelled. Queries at most twice a second, or always with ``at_once``.

        Raises LeaseLost.
        """
        now = time.monotonic()
        if at_once or (not self._wants_stop and now - self._checked_at >= CANCEL_CHECK_SECONDS):
            self._checked_at = now
            row = self._rows().values_list("cancel_requested_at").first()
            if row is None:
                raise LeaseLost
            self._wants_stop = row[0] is not None
        return self._wants_stop

    def _write_progress(self, permille, note):
        shown = (permille, to_json(note))
        is_news = shown != self._written
        facts = {"progress": permille, "rev": F("rev") + 1, **transitions.note_columns(note)} if is_news else {}
        if self._lease_due:
            facts["lease_until"] = Now() + lease_duration()
            heartbeat.record_progress()
        if permille > self.job.progress_peak:
            facts |= {"progress_peak": permille, "no_progress_count": 0}
        self._write(**facts)
        self.job.progress_peak = max(self.job.progress_peak, permille)
        self.job.progress, self.job.progress_message = shown
        self._written, self._lease_due = shown, False
        if is_news:
            hints.send_hint(self.job)

    def _unless_due(self, later):
        """Return ``later``, unless the job was made due meanwhile (by a callback or a cancellation): it stays due."""
        due = self.job.next_run_at
        is_as_read = When(next_run_at__range=(due - PRECISION, due + PRECISION), then=later)
        return Case(is_as_read, default=F("next_run_at"), output_field=DateTimeField())

    def _rows(self):
        return Job.objects.filter(pk=self.job.pk, state=self.job.state, fence=self.job.fence)

    def _is_valid(self):
        return self._rows().exists()

    def _write(self, **facts):
        if not self._rows().update(**facts):
            raise LeaseLost
        self.job.rev += "rev" in facts  # for the hint
