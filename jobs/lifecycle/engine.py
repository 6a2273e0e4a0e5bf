"""Takes jobs forward: claim, one step, record. A second delivery of the same nudge finds nothing to claim."""

import logging
import os
import socket
import threading

from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.failpoints import failpoint
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
from jobs.worker import child_process, fairness, heartbeat, queue

log = logging.getLogger("jobs")
ATTEMPTS_ASIDE = (  # of an attempt, what a poll hardly ever reads
    "n", "client_ref", "output", "heard", "looks", "fetches", "provider_task_id", "http_status",
    "reconcile_after",
)  # fmt: skip
BROKEN = _("This job failed because of an error on our side. Nothing was charged. You can try again.")
UNKNOWN_KIND = _("The component that runs this job is no longer installed. Nothing was charged.")
PATIENT_CLAIMS = 4  # a minute apart, of a job that nobody host_prefix can make
TOO_LATE = _("This job exceeded its time limit and was ended. Nothing was charged. You can try again.")


def worker_name() -> str:
    return f"{host_prefix()}{os.getpid()}:{threading.get_native_id()}"


def host_prefix() -> str:
    """How all workers of this machine sign, before process and thread."""
    return f"{WORKER}{socket.gethostname()}:"


def claim(job_id=None) -> Lease | None:
    """Lease that job, or whichever has been due longest; None when there is nothing to do."""
    rows = Job.objects.filter(pk=job_id) if job_id else Job.objects.all()
    return acquire(rows, worker_name())


def advance(job_id) -> None:
    """Take every step of the job that can be taken now, one claim each."""
    while not child_process.is_stopping() and (held := claim(job_id)) is not None:
        failpoint("after_claim", str(job_id))
        if not take_step(held) or not held.job.is_active:
            return


def claim_polls(most: int, without=()) -> list[Lease]:
    """Lease up to ``most`` jobs that are made elsewhere and due to be asked after, with what their steps will read;
    none that is made through the accounts ``without``."""
    rows = Job.objects.filter(state=State.RUNNING, kind__in=registry.remote_kinds())
    if without:
        theirs = Q(account__in=without) | Q(account=None, job__workspace__in=without)
        live = Attempt.objects.filter(theirs, job=OuterRef("pk"), outcome__in=Attempt.LIVE)
        rows = rows.exclude(Exists(live))
    held = acquire_many(rows, worker_name(), most) if most > 0 else []
    live = _live([each.job.pk for each in held])
    for each in held:  # of its workspace where nothing says through which account it is made any more
        each.account = live[each.job.pk].account if each.job.pk in live else None
        each.account = each.account or each.job.workspace_id
    for kind in registry.all_kinds():
        if ours := [each.job for each in held if each.job.kind == kind.name]:
            kind.prefetch_polls(ours, live)
    return held


def _live(ids: list) -> dict:
    """The live attempts of those jobs, by job, with what a poll reads of them."""
    rows = Attempt.objects.filter(job__in=ids, outcome__in=Attempt.LIVE).defer(*ATTEMPTS_ASIDE) if ids else ()
    return {each.job_id: each for each in rows}


def poll(held: Lease) -> None:
    """Ask once how a job stands that is made elsewhere; workers acquire what follows."""
    if take_step(held) and held.job.is_active:
        queue.nudge(held.job)


def take_step(held: Lease) -> bool:
    """Take the one step that the job's state calls for. True when the job moved on and may have more to do."""
    before = held.job.state
    try:
        with translation.override(held.job.language or None):
            _step(held)
    except LeaseLost:
        log.warning("job %s went on without this worker", held.job.pk)
        return False
    except Interrupted:
        held.hand_back()
        return False
    except Cancelled:
        return _end(held, State.CANCELLED)
    except StepFailed as trouble:
        return _end(held, State.FAILED, trouble.code, trouble.words, charge=trouble.charge)
    except (OperationalError, InterfaceError):
        log.exception("job %s: the database did not answer; another claim will repeat this step", held.job.pk)
        return False
    except Exception:
        log.exception("job %s (%s) broke in %s", held.job.pk, held.job.kind, before)
        kind = registry.kind_of(held.job)
        if not kind.is_local and (held.job.state != State.QUEUED or _was_given_up(held.job)):
            return False  # something may have been bought: it is tried again, and after five times an operator decides
        return _end(held, State.FAILED, "broken", kind.broken_message(held.job) or BROKEN)
    heartbeat.record_progress()
    return held.job.state != before


def _was_given_up(job) -> bool:
    """An earlier submission was never answered: nobody may say that nothing was charged."""
    return job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).exists()


def _step(held: Lease) -> None:
    job = held.job
    if job.no_progress_count > MAX_FRUITLESS:
        return held.move_to(State.STUCK, reason=f"{MAX_FRUITLESS} claims without progress in {job.state}")
    kind = registry.kind_of(job)
    if not kind.is_known:
        return _of_no_kind(held)
    if job.cancel_requested_at and (kind.is_local or job.state == State.QUEUED):
        raise Cancelled
    is_ours = kind.is_local or job.state == State.QUEUED  # elsewhere the step ends what was begun there, first
    if is_ours and job.deadline_at and Job.objects.filter(pk=job.pk, deadline_at__lt=Now()).exists():
        return held.move_to(State.TIMED_OUT, error_code="deadline", error_public=str(TOO_LATE))
    step = kind.steps.get(job.state) or (_PLAIN.get(job.state) if kind.is_local else None)
    if step is None:
        raise RuntimeError(f"kind {kind.name} has no step for {job.state}")
    if pause := fairness.seconds_to_yield(job):
        return held.hand_back(pause)
    failpoint(f"before_{job.state}", str(job.pk))
    step(held)
    if not held.is_spent:
        raise RuntimeError(f"the step of {kind.name} for {job.state} did not say what comes next")
    return None


def _of_no_kind(held: Lease) -> None:
    """A newer version beside this one may know it, and has some minutes to acquire it. What may have been bought is not
    called free by whoever knows nothing of it: an operator decides."""
    if held.job.attempts.filter(outcome__in=[*Attempt.LIVE, Attempt.Outcome.ABANDONED]).exists():
        return held.move_to(State.STUCK, reason="unknown_kind")
    if held.job.no_progress_count < PATIENT_CLAIMS:
        return held.retry_later(60)
    return held.fail("unknown_kind", UNKNOWN_KIND)


def _begin(held: Lease) -> None:
    held.move_to(State.RUNNING, started_at=Now())


_PLAIN = {State.QUEUED: _begin, State.STORED: lambda held: held.move_to(State.READY)}


def _end(held: Lease, state: str, code="", words="", charge=None) -> bool:
    """End a job outside its step; a claim that lost it meanwhile leaves it alone."""
    try:
        with translation.override(held.job.language or None):
            held.move_to(state, reason=code, charge=charge, error_code=code[:40], error_public=str(words)[:500])
    except LeaseLost:
        log.warning("job %s went on without this worker", held.job.pk)
    return False
