"""Services for jobs: submit, cancel, retry, delete, restore, and what operators may do."""

import hashlib
import json
import secrets
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.billing import held_plans, ledger
from accounts.billing.limits import limit_reached, plan_limit_of
from accounts.billing.models import Payer
from accounts.billing.money import money
from accounts.billing.refusals import FEWER, PLAN
from accounts.models import User, Workspace
from common.database.transitions import IllegalTransition
from common.messages import build_message, join_messages
from jobs import events, hints, registry, retry_terms
from jobs.errors import JobRefused, KeyReused, TooManyJobs
from jobs.estimates import monthly
from jobs.events import user_actor
from jobs.lifecycle import recovery, transitions
from jobs.models import Attempt, Job, State
from jobs.retry_terms import original_price
from jobs.runtime import queue

IDLE_STATES = {State.QUEUED, State.STUCK}  # nobody works on the job, so that it can be cancelled at once


def work_deleted_error() -> JobRefused:
    """Return the error for ``JobKind.on_retry`` if the work of the old job no longer exists."""
    return JobRefused(join_messages(build_message("work_deleted"), build_message("not_started")))


def fingerprint(kind: str, provider: str, model: str, request: dict) -> str:
    """Return the SHA-256 of a request, independent of the order of its keys."""
    text = json.dumps([kind, provider, model, request], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def find_existing(*, workspace, idem_key: str, kind: str, request: dict, provider="", model="") -> Job | None:
    """Return the job of the same key and request, or None. Raises KeyReused if the request was different."""
    job = Job.objects.filter(workspace=workspace, idem_key=idem_key).first()
    if job and job.request_hash != fingerprint(kind, provider, model, request):
        raise key_reused_error()
    return job


def key_reused_error() -> KeyReused:
    return KeyReused(_("This form was already used for a different request. Reload the page and try again."))


@transaction.atomic
def submit(
    *,
    workspace,
    by,
    kind,
    title,
    params,
    idem_key,
    page="",
    provider="",
    model="",
    price=0,
    currency="USD",
    job_id=None,
    request: Any = None,
    retry_of=None,
    seconds=None,
    resolution=None,
    is_limited=True,
    is_looked_up=False,
    payer=Payer.SITE,
    story_id=None,
) -> Job:
    """Reserve the price (millionths of ``currency``) and queue a job. Atomic.

    The same key and request return the earlier job, with ``was_replayed`` set. ``request`` is what identifies the
    request, by default ``params``; leave out newly created ids. ``seconds`` and ``resolution`` are those of the video,
    for estimates. ``is_limited=False`` skips the limit of unfinished jobs. ``is_looked_up``: the caller has locked the
    workspace and found no job with the key. ``payer``: who pays the provider. ``story_id``: the story that the job is
    for.

    Raises JobRefused (KeyReused, TooManyJobs) or BillingRefusal.
    """
    request = params if request is None else request
    target = {"kind": kind, "provider": provider, "model": model}
    if not is_looked_up:
        lock_workspace(workspace)
        if job := find_existing(workspace=workspace, idem_key=idem_key, request=request, **target):
            job.was_replayed = True
            return job
    _check_allowed(workspace, kind, is_limited=is_limited, seconds=seconds, is_paid=bool(price) and payer == Payer.SITE)
    job = Job(workspace=workspace, created_by=by, title=title[:200], params=params, idem_key=idem_key, **target)
    job.id = job_id or job.id
    job.page, job.retry_of, job.language = page, retry_of, get_language() or ""
    job.seconds, job.resolution, job.story_id = seconds, resolution, story_id
    job.price_reserved, job.currency, job.payer = price, currency, payer
    job.request_hash = fingerprint(request=request, **target)
    ledger.reserve(
        workspace,
        job_id=job.pk,
        amount=price,
        currency=currency,
        by=by,
        payer=payer,
        provider=provider,
        story_id=story_id,
    )
    job.save(force_insert=True)
    events.write_event(job, events.requester_actor(by, workspace), old="")
    if queue.free_slots():
        queue.nudge(job)
    hints.hint_after_commit(job)
    return job


def _check_allowed(workspace, kind: str, *, is_limited: bool, seconds: int | None, is_paid: bool) -> None:
    """Raise the refusal of an erased workspace, of the limit of unfinished jobs, or of the plan if the site pays."""
    if kind != "erase":
        _check_not_erasing(workspace)
    if is_limited:
        check_limit(workspace)
    if is_paid:
        held_plans.check_payment(workspace)
        monthly.check_paid_seconds(workspace, seconds)


def _check_not_erasing(workspace) -> None:
    """Raise JobRefused if the owner's account is being erased, since the job would be paid for and then deleted."""
    if workspace.home_of_id and User.objects.filter(pk=workspace.home_of_id).exclude(closing_at=None).exists():
        raise JobRefused(join_messages(build_message("workspace_erased"), build_message("not_started")))


def lock_workspace(workspace) -> None:
    """Lock the workspace, so that limits are counted and keys looked up without a race.

    ``no_key``: inserting rows that refer to the workspace need not wait, which would risk a deadlock.
    """
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)


def check_limit(workspace, needed: int = 1) -> None:
    """Raise TooManyJobs if the workspace may not have ``needed`` more unfinished jobs."""
    limit = plan_limit_of(workspace, "jobs_at_once")
    if limit is not None and (used := count_unfinished(workspace)) + needed > limit:
        ways = (FEWER, PLAN) if needed > limit else None
        refusal = limit_reached("jobs_at_once", used=used, limit=limit, needed=needed, ways=ways)
        raise TooManyJobs(refusal.message, lacks=refusal.lacks)


def check_several(
    count: int, *, workspace, by, price: int, currency: str, payer: str, seconds: int | None, story_id=None
) -> None:
    """Raise what ``submit`` raises if that many equal jobs exceed a limit, with the sum that they need.

    ``submit`` would count the first of them as used in the refusal of the last.
    """
    check_limit(workspace, count)
    if price and payer == Payer.SITE:
        monthly.check_paid_seconds(workspace, (seconds or 0) * count)
        ledger.check_spendable(workspace, price * count, currency, by=by, story_id=story_id)


def count_unfinished(workspace) -> int:
    return Job.objects.filter(workspace=workspace).active().exclude(state=State.STUCK).count()


@transaction.atomic
def cancel(job: Job, *, by) -> Job:
    """Cancel a job: at once while it waits, within about a second while it runs. Ended jobs stay unchanged."""
    job.refresh_from_db()
    if not job.is_active:
        return job
    if job.state in IDLE_STATES:
        try:
            _cancel_idle(job, by)
        except IllegalTransition:
            return cancel(job, by=by)
        return job
    flagged = Job.objects.active().filter(pk=job.pk, cancel_requested_at=None)
    if flagged.update(cancel_requested_at=Now(), rev=F("rev") + 1, next_run_at=Now()):
        events.write_event(job, user_actor(by), reason="cancel_requested")
        queue.nudge(job)
    job.refresh_from_db()
    hints.hint_after_commit(job)
    return job


def _cancel_idle(job: Job, by) -> None:
    """Cancel a job that nobody works on.

    A stalled job with a live attempt is resumed first, so that its provider is asked to cancel.
    """
    if job.state == State.STUCK and not job.cancel_requested_at and recovery.live_attempt(job):
        return recovery.resume(job, by=user_actor(by), reason="cancel_requested", cancel_requested_at=Now())
    is_untouched = job.state == State.QUEUED and not job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).exists()
    return recovery.end_stalled(
        job, State.CANCELLED, by=user_actor(by), reason="cancelled_early" if is_untouched else ""
    )


@transaction.atomic
def resume(job: Job, *, by) -> Job:
    """Try a blocked job again at once. A job that is not blocked stays unchanged.

    Raises JobRefused if only an administrator can repair what the job waits for.
    """
    job.refresh_from_db()
    if not job.is_blocked:
        return job
    if not job.can_be_resumed:
        raise JobRefused(_("Only an administrator can repair this. Nothing was changed."))
    registry.kind_of(job).on_resume(job)
    facts = {"next_run_at": Now(), "rev": F("rev") + 1, **transitions.note_columns("")}
    if Job.objects.filter(pk=job.pk, state=State.QUEUED).update(**facts):
        events.write_event(job, user_actor(by), reason="resumed")
        queue.nudge(job)
    job.refresh_from_db()
    hints.hint_after_commit(job)
    return job


@transaction.atomic
def retry(job: Job, *, by, agreed: tuple[int, str] | None = None, connection: str = "") -> Job:
    """Retry an unsuccessful job as a new job at the current price.

    If the job was retried before, returns its newest retry, restored from the trash, with ``was_replayed`` set. That
    retry may be unsuccessful itself, which the user of an old page has not seen. A private job keeps its owner.

    ``agreed`` is the price that the button showed, ``connection`` the id of the connection. Raises JobRefused if the
    price exceeds ``agreed`` (by default the original price) or if another connection would be used.
    """
    lock_workspace(job.workspace)
    if newer := _newest_retry(job):
        return _replay(newer, by)
    restore(job, by=by)  # the result must not be hidden in the trash
    kind = _kind_of(job)
    if not (job.is_retryable and kind.is_retryable):
        raise JobRefused(_("Only unsuccessful jobs can be retried."))
    price, currency = retry_terms.check_price(job, agreed)
    requester = job.created_by if kind.is_private else by
    payer = kind.get_payer(job, requester)
    if job.is_paid_by_user and payer == Payer.SITE and not connection:
        raise JobRefused(retry_terms.connection_changed_message())  # only a named connection is a consent to this
    new = submit(
        workspace=job.workspace,
        by=requester,
        kind=job.kind,
        title=job.title,
        page=job.page,
        provider=job.provider,
        model=job.model,
        params=job.params,
        idem_key=f"retry-{job.pk}-{secrets.token_hex(4)}",
        price=price,
        currency=currency,
        retry_of=job,
        seconds=job.seconds,
        resolution=job.resolution,
        payer=payer,
        story_id=job.story_id,
    )
    kind.on_retry(job, new)
    if kind.get_payer(new, requester) != payer:  # a connection was added or removed at this moment
        raise JobRefused(retry_terms.connection_changed_message())
    retry_terms.check_connection(new, connection)
    if (price, currency) != original_price(job):
        reason = f"repriced|{money(*original_price(job))}|{money(price, currency)}"
        events.write_event(new, user_actor(by), reason=reason)
    events.write_event(job, user_actor(by), reason="retried")
    return new


def _kind_of(job: Job):
    kind = registry.kind_of(job)
    if not kind.is_known:
        raise JobRefused(_("The component that runs this job is no longer installed. Nothing was started."))
    return kind


def _newest_retry(job: Job) -> Job | None:
    """Return the last job of the chain of retries, or None."""
    newest = job
    while newer := newest.retries.first():
        newest = newer
    return newest if newest is not job else None


def _replay(newer: Job, by) -> Job:
    was_hidden = newer.deleted_at is not None
    restore(newer, by=by)
    newer.was_replayed, newer.was_hidden = True, was_hidden
    return newer


@transaction.atomic
def delete(job: Job, *, by) -> Job:
    """Move a job with its result to the trash. A running job is hidden at once and cancelled."""
    lock_workspace(job.workspace)  # a concurrent retry moves the result to another job
    if Job.objects.shown().filter(pk=job.pk).update(deleted_at=Now(), rev=F("rev") + 1):
        events.write_event(job, user_actor(by), reason="deleted")
        registry.kind_of(job).on_delete(job)
        cancel(job, by=by)
    job.refresh_from_db()
    hints.hint_after_commit(job)
    return job


@transaction.atomic
def restore(job: Job, *, by) -> Job:
    """Restore a job from the trash."""
    lock_workspace(job.workspace)
    if Job.objects.filter(pk=job.pk).exclude(deleted_at=None).update(deleted_at=None, rev=F("rev") + 1):
        events.write_event(job, user_actor(by), reason="restored")
        registry.kind_of(job).on_restore(job)
    job.refresh_from_db()
    hints.hint_after_commit(job)
    return job


def cancel_many(jobs, *, by) -> list[Job]:
    return [cancel(job, by=by) for job in jobs if job.is_active]


def delete_many(jobs, *, by) -> list[Job]:
    return [delete(job, by=by) for job in jobs]


def retry_many(jobs, *, by, connections: dict | None = None) -> tuple[list[Job], int]:
    """Retry the retryable ones of these jobs, newest first.

    ``connections``: job id → connection that the page showed. Skips jobs that an earlier retry made unnecessary.
    Returns the new jobs, and the number of jobs that exceed the limit of unfinished jobs. Raises JobRefused, and
    retries none, if one is refused.
    """
    with transaction.atomic():
        retryable = sorted(
            (job for job in jobs if job.is_retryable), key=lambda job: (job.created_at, job.pk), reverse=True
        )
        retries: list[Job] = []
        for n, job in enumerate(retryable):
            try:
                new = _retry_if_possible(job, by, (connections or {}).get(job.pk, ""))
            except TooManyJobs:
                if all(made.was_replayed for made in retries):
                    raise
                left = [job for job in retryable[n:] if not job.retries.exists()]
                return retries, len(registry.retryable_ids(left))
            retries += [new] if new else []
        return retries, 0


def _retry_if_possible(job: Job, by, connection: str) -> Job | None:
    """Retry the job unless it was purged meanwhile or its work no longer exists."""
    if not (job.retries.exists() or registry.retryable_ids([job])):
        return None
    with suppress(Job.DoesNotExist):
        return retry(job, by=by, connection=connection)
    return None


@transaction.atomic
def requeue(job: Job, *, by) -> Job:
    """Requeue a stalled job for an operator: from where it stopped if it has a live attempt, else from the start."""
    if job.state == State.STUCK and recovery.live_attempt(job):
        return reopen(job, by=by)
    transitions.move(job, State.QUEUED, by=user_actor(by), reason="requeued", fence=F("fence") + 1)
    queue.nudge(job)
    return job


@transaction.atomic
def reopen(job: Job, *, by) -> Job:
    """Search for a paid result again for an operator, or process a download-only result again.

    Closed holds stay closed. Raises JobRefused if there is no live attempt.
    """
    lock_workspace(job.workspace)  # a concurrent retry moves the result to another job
    if (
        job.state not in (State.TIMED_OUT, State.LOST_RESULT, State.READY_DEGRADED, State.STUCK)
        or not recovery.live_attempt(job)
        or job.retries.exists()
    ):
        raise JobRefused(_("This job has no paid result left to download, or it has been retried since."))
    recovery.resume(job, by=user_actor(by), reason="reprocessed" if job.state == State.READY_DEGRADED else "reopened")
    return job


@transaction.atomic
def give_up(job: Job, *, by) -> Job:
    """End a stalled job as failed for an operator, and release what the provider does not bill."""
    facts = {"reason": "given_up", "message": build_message("given_up"), "code": "given_up"}
    recovery.end_stalled(job, State.FAILED, by=user_actor(by), **facts)
    return job


def purge(job: Job) -> None:
    """Delete an ended job permanently, with its history and result."""
    with transaction.atomic():
        registry.kind_of(job).on_purge(job)
        Job.objects.filter(pk=job.pk).ended().delete()
