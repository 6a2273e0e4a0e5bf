"""What people do with jobs: ask, stop, try again, throw away, take back."""

import hashlib
import json
import secrets
from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.billing import ledger
from accounts.billing.money import money
from accounts.models import User, Workspace
from common.database.transitions import IllegalTransition
from jobs import events, recovery, registry
from jobs import retry as jobs_retry
from jobs.errors import JobRefused, KeyReused, TooManyJobs
from jobs.events import of_person
from jobs.hints import push
from jobs.lifecycle import transitions
from jobs.models import Attempt, Job, State
from jobs.retry import original_price
from jobs.worker import queue

AT_ONCE = {State.QUEUED, State.STUCK}  # states in which nobody works on the job: it stops where it stands


def work_deleted_error() -> JobRefused:
    """Returns the error for ``JobKind.on_retry`` if the work of the old job no longer exists."""
    return JobRefused(f"{_('What this job was to produce has been permanently deleted.')} {_('Nothing was started.')}")


def fingerprint(kind: str, provider: str, model: str, request: dict) -> str:
    """SHA-256 of what was asked for, the same for the same wish however its keys are ordered."""
    wish = json.dumps([kind, provider, model, request], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(wish.encode()).hexdigest()


def find_existing(*, workspace, idem_key: str, kind: str, request: dict, provider="", model="") -> Job | None:
    """The job that this very request made before, None if it is new, KeyReused if the key spoke of something else."""
    job = Job.objects.filter(workspace=workspace, idem_key=idem_key).first()
    if job and job.request_hash != fingerprint(kind, provider, model, request):
        raise key_reused()
    return job


def key_reused() -> KeyReused:
    return KeyReused(_("This form was already used for a different request. Reload the page and try again."))


@transaction.atomic
def submit(
    *, workspace, by, kind, title, params, idem_key, page="", provider="", model="", price=0, currency="USD",
    job_id=None, request=None, retry_of=None, is_limited=True, is_looked_up=False,
) -> Job:  # fmt: skip
    """Keep the price aside and queue a job; the same key and request give the job of the first time.

    ``request`` is what makes two requests the same, ``params`` if left out (leave ids that are made anew out of
    it). The job of an earlier call comes back with ``was_replayed`` set. ``price`` is in millionths of ``currency``.
    ``is_limited`` False lets it pass the limit of unfinished jobs; ``is_looked_up`` is of who holds the workspace and
    found nothing under the key. Raises JobRefused (KeyReused, TooManyJobs), or accounts.usage.InsufficientFunds, and then
    nothing is changed.
    """
    request = params if request is None else request
    wish = {"kind": kind, "provider": provider, "model": model}
    if not is_looked_up:
        lock_workspace(workspace)
        if job := find_existing(workspace=workspace, idem_key=idem_key, request=request, **wish):
            job.was_replayed = True
            return job
    if kind != "erase":
        _must_stay(workspace)
    if is_limited:
        check_limit(workspace)
    job = Job(workspace=workspace, created_by=by, title=title[:200], params=params, idem_key=idem_key, **wish)
    job.id = job_id or job.id
    job.page, job.retry_of, job.language = page, retry_of, get_language() or ""
    job.price_reserved, job.currency = price, currency
    job.request_hash = fingerprint(request=request, **wish)
    ledger.reserve(workspace, job_id=job.pk, amount=price, currency=currency, by=by)
    job.save(force_insert=True)
    events.write(job, events.of_asker(by, workspace), old="")
    if queue.free_slots():
        queue.nudge(job)
    push.hint_after_commit(job)
    job.was_replayed = False
    return job


def _must_stay(workspace) -> None:
    """Nothing is begun where all is being erased: it would be bought, stopped, and destroyed with the rest."""
    if workspace.home_of_id and User.objects.filter(pk=workspace.home_of_id).exclude(closing_at=None).exists():
        raise JobRefused(_("This workspace is being erased. Nothing was started."))


def lock_workspace(workspace) -> None:
    """One deed at a time in a workspace: limits are counted and keys are looked up without a race. What merely refers
    to it, as a new story does, need not wait (``no_key``): it holds other rows, which the deed may wait for."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)


def check_limit(workspace) -> None:
    limit = settings.JOBS_PER_WORKSPACE
    if Job.objects.filter(workspace=workspace).active().exclude(state=State.STUCK).count() >= limit:
        words = ngettext(
            "%(n)d job is not finished yet, which is the limit. Wait until it finishes, or cancel it.",
            "%(n)d jobs are not finished yet, which is the limit. Wait until one finishes, or cancel one.",
            limit,
        )
        raise TooManyJobs(words % {"n": limit})


@transaction.atomic
def cancel(job: Job, *, by) -> Job:
    """Stop a job: at once while it waits, within about a second while it is being made. Ended jobs stay as they are."""
    job.refresh_from_db()
    if not job.is_active:
        return job
    if job.state in AT_ONCE:
        try:
            _stop_waiting(job, by)
        except IllegalTransition:
            return cancel(job, by=by)
        return job
    flagged = Job.objects.active().filter(pk=job.pk, cancel_requested_at=None)
    if flagged.update(cancel_requested_at=Now(), rev=F("rev") + 1, next_run_at=Now()):
        events.write(job, of_person(by), reason="stop")
        queue.nudge(job)
    job.refresh_from_db()
    push.hint_after_commit(job)
    return job


def _stop_waiting(job: Job, by) -> None:
    """What was bought goes on, so that its provider is asked to stop; if that got stuck as well, it ends as it is."""
    if job.state == State.STUCK and not job.cancel_requested_at and recovery.live_attempt(job):
        return recovery.resume(job, by=of_person(by), reason="stop", cancel_requested_at=Now())
    is_unbegun = job.state == State.QUEUED and not job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).exists()
    return recovery.end_stalled(job, State.CANCELLED, by=of_person(by), reason="asked" if is_unbegun else "")


@transaction.atomic
def retry(job: Job, *, by, agreed: tuple[int, str] | None = None, account: str = "") -> Job:
    """Ask again for what failed, as a new job that takes the old one's place; twice gives the same new job, out of the
    bin if it lay there, with ``was_replayed`` set: also where that one ended badly too, since nobody who presses an old
    button has seen what came of it, nor what it cost. What is somebody's alone stays theirs.

    It costs what it costs today. JobRefused when that is more than the person agreed to: the first time, or now
    (``agreed``, as the button said it); and when it would go through another account than the button named.
    """
    lock_workspace(job.workspace)
    if newer := _newest_try(job):
        return _tried_before(newer, by)
    restore(job, by=by)  # from the bin: what it makes must not be hidden
    kind = _kind_of(job)
    if not (job.is_retryable and kind.is_retryable):
        raise JobRefused(_("Only unsuccessful jobs can be retried."))
    price, currency = jobs_retry.check_price(job, agreed)
    again = submit(
        workspace=job.workspace, by=job.created_by if kind.is_private else by, kind=job.kind, title=job.title,
        page=job.page, provider=job.provider, model=job.model, params=job.params,
        idem_key=f"retry-{job.pk}-{secrets.token_hex(4)}",
        price=price, currency=currency, retry_of=job,
    )  # fmt: skip
    kind.on_retry(job, again)
    jobs_retry.check_connection(again, account)
    if (price, currency) != original_price(job):
        reason = f"repriced|{money(*original_price(job))}|{money(price, currency)}"
        events.write(again, of_person(by), reason=reason)
    events.write(job, of_person(by), reason="retried")
    return again


def _kind_of(job: Job):
    kind = registry.kind_of(job)
    if not kind.is_known:
        raise JobRefused(_("The component that runs this job is no longer installed. Nothing was started."))
    return kind


def _newest_try(job: Job) -> Job | None:
    """What took the place of what took its place."""
    newest = job
    while newer := newest.retries.first():
        newest = newer
    return newest if newest is not job else None


def _tried_before(newer: Job, by) -> Job:
    was_hidden = newer.deleted_at is not None
    restore(newer, by=by)
    newer.was_replayed, newer.was_hidden = True, was_hidden
    return newer


@transaction.atomic
def delete(job: Job, *, by) -> Job:
    """Put a job into the bin with what it made. One that is being made vanishes at once and is stopped out of sight."""
    lock_workspace(job.workspace)  # a retry at the same moment gives what was made to another job
    if Job.objects.shown().filter(pk=job.pk).update(deleted_at=Now(), rev=F("rev") + 1):
        events.write(job, of_person(by), reason="deleted")
        registry.kind_of(job).on_delete(job)
        cancel(job, by=by)
    job.refresh_from_db()
    push.hint_after_commit(job)
    return job


@transaction.atomic
def restore(job: Job, *, by) -> Job:
    """Take a job back out of the bin."""
    lock_workspace(job.workspace)
    if Job.objects.filter(pk=job.pk).exclude(deleted_at=None).update(deleted_at=None, rev=F("rev") + 1):
        events.write(job, of_person(by), reason="restored")
        registry.kind_of(job).on_restore(job)
    job.refresh_from_db()
    push.hint_after_commit(job)
    return job


def cancel_many(jobs, *, by) -> list[Job]:
    return [cancel(job, by=by) for job in jobs if job.is_active]


def delete_many(jobs, *, by) -> list[Job]:
    return [delete(job, by=by) for job in jobs]


def retry_many(jobs, *, by, accounts: dict | None = None) -> tuple[list[Job], int]:
    """Retry all of them, or none when one is refused; where there is room for some, those, and how many are left.
    ``accounts`` has what the page named, by job. The newest comes first, and what another one's try has made needless
    is left out: two tries of one scene buy it once."""
    with transaction.atomic():
        able = sorted((job for job in jobs if job.is_retryable), key=lambda job: (job.created_at, job.pk), reverse=True)
        found = []
        for n, job in enumerate(able):
            try:
                again = _retry_if_there(job, by, (accounts or {}).get(job.pk, ""))
            except TooManyJobs:
                if all(each.was_replayed for each in found):
                    raise
                return found, len(registry.retryable_ids([each for each in able[n:] if not each.retries.exists()]))
            found += [again] if again else []
        return found, 0


def _retry_if_there(job: Job, by, account: str) -> Job | None:
    """Not what was removed for good before it was its turn, nor what has lost its reason since it was chosen."""
    if not (job.retries.exists() or registry.retryable_ids([job])):
        return None
    with suppress(Job.DoesNotExist):
        return retry(job, by=by, account=account)
    return None


@transaction.atomic
def requeue(job: Job, *, by) -> Job:
    """An operator lets a stuck job try once more: from the start, or, with something bought, from where it stopped."""
    if job.state == State.STUCK and recovery.live_attempt(job):
        return reopen(job, by=by)
    transitions.move(job, State.QUEUED, by=of_person(by), reason="requeued", fence=F("fence") + 1)
    queue.nudge(job)
    return job


@transaction.atomic
def reopen(job: Job, *, by) -> Job:
    """An operator has what was bought looked for once more, after it took too long, was lost or got stuck; what is here
    only as it came is made ready once more.

    Money that was settled or given back stays so. JobRefused where there is nothing to look for.
    """
    lock_workspace(job.workspace)  # a retry at the same moment gives what it makes to another job
    if (
        job.state not in (State.TIMED_OUT, State.LOST_RESULT, State.READY_DEGRADED, State.STUCK)
        or not recovery.live_attempt(job)
        or job.retries.exists()
    ):
        raise JobRefused(_("This job has no paid result left to download, or it has been retried since."))
    recovery.resume(job, by=of_person(by), reason="ready anew" if job.state == State.READY_DEGRADED else "reopened")
    return job


@transaction.atomic
def give_up(job: Job, *, by) -> Job:
    """An operator ends a stuck job as failed; what its provider does not bill is given back."""
    with translation.override(job.language or None):  # the operator's own may be another
        words = _("This job failed, and the administrator gave it up.")
    recovery.end_stalled(job, State.FAILED, by=of_person(by), reason="given up", words=words, code="given_up")
    return job


def purge(job: Job) -> None:
    """Remove an ended job for good, with its history and all that it made."""
    with transaction.atomic():
        registry.kind_of(job).on_purge(job)
        Job.objects.filter(pk=job.pk).ended().delete()
