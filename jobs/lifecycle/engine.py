"""Advances jobs: acquire a lease, take one step, record it. A repeated nudge does nothing, since the job is leased."""

import logging
import os
import socket
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import translation

from common.failpoints import failpoint
from common.logs import log_as_job
from common.messages import Message, build_message, join_messages
from jobs import registry
from jobs.events import WORKER
from jobs.lifecycle.lease import (
    MAX_FRUITLESS,
    Cancelled,
    Interrupted,
    Lease,
    LeaseLost,
    StepFailed,
    acquire,
    acquire_many,
)
from jobs.models import Attempt, Job, State
from jobs.runtime import child_process, fairness, heartbeat, queue

log = logging.getLogger("jobs")
DEFERRED_COLUMNS = (  # of an attempt, which polls rarely read
    "n",
    "client_ref",
    "output",
    "response",
    "searches",
    "downloads",
    "provider_task_id",
    "http_status",
    "reconcile_after",
)
UNKNOWN_KIND_LEASES = 4  # a minute apart, before a job of an unknown kind fails


def worker_name() -> str:
    return f"{host_prefix()}{os.getpid()}:{threading.get_native_id()}"


def host_prefix() -> str:
    """Return the prefix of the names of this machine's workers."""
    return f"{WORKER}{socket.gethostname()}:"


def claim(job_id=None) -> Lease | None:
    """Acquire a lease of that job, or of the job that is due longest. Returns None if there is none."""
    rows = Job.objects.filter(pk=job_id) if job_id else Job.objects.all()
    return acquire(rows, worker_name())


def advance(job_id) -> None:
    """Take all steps of the job that can be taken now, with one lease each."""
    while not child_process.is_stopping() and (lease := claim(job_id)) is not None:
        failpoint("after_claim", str(job_id))
        if not take_step(lease) or not lease.job.is_active:
            return


def claim_polls(limit: int, without=()) -> list[Lease]:
    """Acquire leases of up to ``limit`` remote jobs that are due for a poll, and prefetch what the polls read.

    ``without``: ids of connections whose jobs are left out.
    """
    rows = Job.objects.filter(state=State.RUNNING, kind__in=registry.remote_kinds())
    if without:
        excluded = Q(connection_id__in=without) | Q(connection_id=None, job__workspace__in=without)
        live = Attempt.objects.filter(excluded, job=OuterRef("pk"), outcome__in=Attempt.LIVE)
        rows = rows.exclude(Exists(live))
    leases = acquire_many(rows, worker_name(), limit) if limit > 0 else []
    attempts = _live_attempts([lease.job.pk for lease in leases])
    for lease in leases:  # the workspace stands for a connection that is no longer known
        attempt = attempts.get(lease.job.pk)
        lease.connection = (attempt and attempt.connection_id) or lease.job.workspace_id
    for kind in registry.all_kinds():
        if jobs := [lease.job for lease in leases if lease.job.kind == kind.name]:
            kind.prefetch_polls(jobs, attempts)
    return leases


def _live_attempts(ids: list) -> dict:
    """Return job id → live attempt, with the columns that a poll reads."""
    rows = Attempt.objects.filter(job__in=ids, outcome__in=Attempt.LIVE).defer(*DEFERRED_COLUMNS) if ids else ()
    return {attempt.job_id: attempt for attempt in rows}


def poll(lease: Lease) -> None:
    """Poll a remote job once; workers take the following steps."""
    if take_step(lease) and lease.job.is_active:
        queue.nudge(lease.job)


def take_step(lease: Lease) -> bool:
    """Take the step of the job's state. Returns whether the state changed, so that another step may follow."""
    before = lease.job.state
    try:
        with translation.override(lease.job.language or None), log_as_job(lease.job.pk):
            _step(lease)
    except LeaseLost:
        log.warning("job %s: the lease was lost", lease.job.pk)
        return False
    except Interrupted:
        lease.hand_back()
        return False
    except Cancelled:
        return _end(lease, State.CANCELLED)
    except StepFailed as error:
        return _end(lease, State.FAILED, error.code, error.message, charge=error.charge)
    except (OperationalError, InterfaceError):
        log.exception("job %s: the database did not respond; another worker repeats the step", lease.job.pk)
        return False
    except Exception:
        log.exception("job %s (%s) failed in %s", lease.job.pk, lease.job.kind, before)
        kind = registry.kind_of(lease.job)
        if not kind.is_local and (lease.job.state != State.QUEUED or _has_abandoned_attempt(lease.job)):
            return (
                False  # something may have been bought: the step is repeated, and after five times an operator decides
            )
        return _end(lease, State.FAILED, "broken", kind.broken_message(lease.job) or _not_charged("broken"))
    heartbeat.record_progress()
    return lease.job.state != before


def _not_charged(code: str) -> Message:
    """Return the sentence, and that nothing was charged."""
    return join_messages(build_message(code), build_message("not_charged"))


def _has_abandoned_attempt(job) -> bool:
    """Return whether an earlier submission was never answered, so that something may have been charged."""
    return job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).exists()


def _step(lease: Lease) -> None:
    job = lease.job
    if job.no_progress_count > MAX_FRUITLESS:
        return lease.move_to(State.STUCK, reason=f"{MAX_FRUITLESS} claims without progress in {job.state}")
    kind = registry.kind_of(job)
    if not kind.is_known:
        return _handle_unknown_kind(lease)
    if job.cancel_requested_at and (kind.is_local or job.state == State.QUEUED):
        raise Cancelled
    is_ours = kind.is_local or job.state == State.QUEUED  # a remote step first ends the job at the provider
    if is_ours and job.deadline_at and Job.objects.filter(pk=job.pk, deadline_at__lt=Now()).exists():
        return lease.move_to(State.TIMED_OUT, error_code="deadline", error_public=_not_charged("too_late"))
    step = kind.steps.get(job.state) or (_DEFAULT_STEPS.get(job.state) if kind.is_local else None)
    if step is None:
        raise RuntimeError(f"kind {kind.name} has no step for {job.state}")
    if pause := fairness.seconds_to_yield(job):
        return lease.hand_back(pause)
    failpoint(f"before_{job.state}", str(job.pk))
    step(lease)
    if not lease.is_spent:
        raise RuntimeError(f"the step of {kind.name} for {job.state} did not end its lease")
    return None


def _handle_unknown_kind(lease: Lease) -> None:
    """Leave the job some minutes for a newer version that knows its kind.

    If something may have been bought, an operator decides.
    """
    if lease.job.attempts.filter(outcome__in=[*Attempt.LIVE, Attempt.Outcome.ABANDONED]).exists():
        return lease.move_to(State.STUCK, reason="unknown_kind")
    if lease.job.no_progress_count < UNKNOWN_KIND_LEASES:
        return lease.retry_later(60)
    return lease.fail("unknown_kind", _not_charged("unknown_kind"))


def _start(lease: Lease) -> None:
    lease.move_to(State.RUNNING, started_at=Now())


_DEFAULT_STEPS: dict[str, Callable] = {State.QUEUED: _start, State.STORED: lambda lease: lease.move_to(State.READY)}


def _end(lease: Lease, state: str, code="", message="", charge=None) -> bool:
    """End a job outside its step, unless the lease was lost."""
    try:
        with translation.override(lease.job.language or None):
            lease.move_to(state, reason=code, charge=charge, error_code=code[:40], error_public=message)
    except LeaseLost:
        log.warning("job %s: the lease was lost", lease.job.pk)
    return False
