"""Actions on one or many jobs: cancel, retry, delete, restore."""

import secrets
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.billing.limits import consume_rate, limit_of
from accounts.billing.money import money
from accounts.billing.refusals import BillingRefusal
from accounts.middleware import get_return_path
from common.database.transitions import IllegalTransition
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to
from jobs import access, registry, retry_terms, services
from jobs.lifecycle import recovery
from jobs.models import Job
from jobs.views import cards
from jobs.views.refusals import show_refusal

UNDO_KEY = "jobs_undo"
STATUS: dict[type[Exception], int] = {services.TooManyJobs: 429}


@require_POST
@login_not_required
def cancel(request, pk):
    job = services.cancel(access.get_editable_job(request.viewer, pk), by=request.viewer.member)
    if job.is_stopping:
        messages.info(request, registry.kind_of(job).stopping_message(job))
    return render_jobs(request, [job])


@require_POST
@login_not_required
@deleted_is_not_found
def retry(request, pk):
    old = access.get_editable_job(request.viewer, pk)
    try:
        check_rate(request)
        new = services.retry(old, by=request.viewer.member, **_parse_agreed(request))
    except (services.JobRefused, BillingRefusal) as error:
        return render_refusal(request, [old], error)
    if new.was_replayed:
        messages.info(request, _("Restored.") if new.was_hidden else already_retried_message())
    else:
        messages.success(request, retry_message(new.retry_of, new))
    return redirect_to(request, new.page or reverse("jobs:queue"))


def check_rate(request) -> None:
    """Raise TooManyJobs if the rate limit is exceeded: per user, or per IP address for guests."""
    if not consume_rate(request, "submit" if request.user.is_authenticated else "guest_clip"):
        raise services.TooManyJobs(_("Too many requests. Wait a moment and try again."))


def _parse_agreed(request) -> dict:
    """Parse the price and connection that a retry button sends, such as "450000 USD 6b1f…"."""
    amount, currency, connection = [*request.POST.get("agreed", "").split(" ", 2), "", "", ""][:3]
    is_price = amount.isascii() and amount.isdecimal() and len(amount) < 16
    return {"agreed": (int(amount), currency) if is_price else None, "connection": connection}


@require_POST
@login_not_required
def release(request, pk):
    """Give up a job without a response and release its hold."""
    return _decide(request, pk, recovery.release, _("The job was given up. This studio charges nothing for it."))


@require_POST
@login_not_required
def resend(request, pk):
    """Submit a job without a response again."""
    return _decide(request, pk, recovery.resend, _("Resending."))


def _decide(request, pk, service, message):
    job = access.get_editable_job(request.viewer, pk)
    try:
        service(job, by=request.viewer.member)
        messages.success(request, message)
    except services.JobRefused as error:
        return render_refusal(request, [job], error)
    except IllegalTransition:
        messages.info(request, _("This was already settled. Nothing was changed."))
        job.refresh_from_db()
    return render_jobs(request, [job])


@require_POST
@login_not_required
def delete(request, pk):
    job = services.delete(access.get_editable_job(request.viewer, pk), by=request.viewer.member)
    offer_undo(request, [job])
    return render_jobs(request, [job])


@require_POST
@login_not_required
@deleted_is_not_found
def restore(request, pk):
    services.restore(access.get_editable_job(request.viewer, pk), by=request.viewer.member)
    messages.success(request, _("Restored."))
    return redirect_to(request, reverse("jobs:queue"))


@require_POST
@login_not_required
def bulk(request):
    """Cancel, retry or delete several jobs: ``act`` is the action, ``id`` the jobs (at most 200)."""
    action = ACTIONS.get(request.POST.get("act"))
    ids = parse_selection(request)
    if action is None or ids is None:
        return HttpResponseBadRequest(_("This action is not available for jobs."), content_type="text/plain")
    limit = limit_of(request.workspace, "selected_jobs")
    if len(request.POST.getlist("id")) > limit:
        messages.error(request, _("You can select at most %(n)d jobs at a time. Nothing was changed.") % {"n": limit})
        return redirect_to(request, get_return_url(request))
    jobs = access.get_editable_jobs(request.viewer, list(ids))
    try:
        if action is retry_many:
            check_rate(request)
        action(request, jobs)
    except (services.JobRefused, BillingRefusal) as error:
        show_refusal(request, error, {job.workspace_id for job in jobs})
    return redirect_to(request, get_return_url(request))


@require_POST
@login_not_required
def undo(request, token):
    """Restore the jobs of one bulk deletion."""
    ids = request.session.get(UNDO_KEY, {}).get(token, [])
    n = sum(_restore(job, request.viewer.member) for job in access.get_editable_jobs(request.viewer, ids))
    message = ngettext("%(n)d job restored.", "%(n)d jobs restored.", n) % {"n": n}
    messages.success(request, message) if n else messages.info(request, _("There is nothing left to restore."))
    return redirect_to(request, reverse("jobs:queue"))


def _restore(job: Job, by) -> bool:
    """Restore the job. Returns False if it was purged meanwhile."""
    with suppress(Job.DoesNotExist):
        return bool(services.restore(job, by=by))
    return False


def already_retried_message() -> str:
    return _("This job was already retried. Nothing new was started.")


def retry_message(old, new) -> str:
    message = _("Retrying as a new job.")
    if retry_terms.original_price(old) == retry_terms.original_price(new):
        return message
    prices = {"now": money(*retry_terms.original_price(new)), "before": money(*retry_terms.original_price(old))}
    return f"{message} {_('The price is now %(now)s; it was %(before)s.') % prices}"


def cancel_many(request, jobs):
    cancelled = services.cancel_many(jobs, by=request.viewer.member)
    n = len(cancelled)
    message = ngettext("%(n)d job cancelled.", "%(n)d jobs cancelled.", n) % {"n": n}
    messages.success(request, message if cancelled else _("None of the selected jobs was in progress."))


def retry_many(request, jobs):
    ids = cards.retryable_ids(jobs)  # others have no retry button
    retryable = [job for job in jobs if job.pk in ids]
    retries, left = services.retry_many(retryable, by=request.viewer.member, connections=parse_selection(request))
    n = len([job for job in retries if not job.was_replayed])
    if n:
        report_retries(request, n, left)
    else:
        was_retried = bool(retries) or any(job.retries.exists() for job in jobs)
        messages.info(request, already_retried_message() if was_retried else _("None of the selected jobs had failed."))


def report_retries(request, n: int, left: int) -> None:
    """Say how many jobs are retried, and for how many there is no room."""
    message = ngettext("Retrying %(n)d job.", "Retrying %(n)d jobs.", n) % {"n": n}
    messages.success(request, f"{message} {_limit_message(left)}" if left else message)


def _limit_message(n: int) -> str:
    message = ngettext(
        "There is no room for %(n)d more job yet. Retry it when others have finished.",
        "There is no room for %(n)d more jobs yet. Retry them when others have finished.",
        n,
    )
    return message % {"n": n}


def delete_many(request, jobs):
    offer_undo(request, services.delete_many(jobs, by=request.viewer.member))


ACTIONS = {"cancel": cancel_many, "retry": retry_many, "delete": delete_many}


def parse_selection(request) -> dict[UUID, str] | None:
    """Return job id → connection shown in its row ("" if none), or None if an id is invalid."""
    values = [text.partition(" ") for text in request.POST.getlist("id")]
    try:
        return {UUID(pk): connection for pk, _space, connection in values}
    except ValueError:
        return None


def offer_undo(request, jobs: list[Job]) -> None:
    n = len(jobs)
    message = ngettext("%(n)d job moved to the trash for 30 days.", "%(n)d jobs moved to the trash for 30 days.", n)
    if n == 1:
        url = reverse("jobs:restore", args=[jobs[0].pk])
        messages.success(request, message % {"n": n}, extra_tags=f"undo:{url}")
    elif n:
        url = reverse("jobs:undo", args=[save_for_undo(request, jobs)])
        messages.success(request, message % {"n": n}, extra_tags=f"undo:{url}")
    else:
        messages.info(request, _("No jobs were selected. Nothing was changed."))


def save_for_undo(request, jobs: list[Job]) -> str:
    """Store the jobs of a bulk deletion in the session, beside those of the last four. Returns the token for undo."""
    token = secrets.token_urlsafe(8)
    kept = list(request.session.get(UNDO_KEY, {}).items())[-4:]
    request.session[UNDO_KEY] = dict([*kept, (token, [str(job.pk) for job in jobs])])
    return token


def render_jobs(request, jobs: list[Job]) -> HttpResponse:
    """Render the partials of these jobs for htmx, otherwise redirect to the previous page."""
    if not request.htmx:
        return redirect(get_return_url(request))
    for job in jobs:
        job.can_change = True  # others got 403 before
    count = access.count_active(request.viewer)
    return HttpResponse(cards.partials(jobs, request.viewer) + cards.badge(count))


def render_refusal(request, jobs: list[Job], error: Exception) -> HttpResponse:
    """Show the error as a message; for htmx also with its status."""
    show_refusal(request, error, {job.workspace_id for job in jobs})
    response = render_jobs(request, jobs)
    if request.htmx:
        response.status_code = getattr(error, "status", None) or STATUS.get(type(error), 409)
    return response


def get_return_url(request) -> str:
    """Return the page that sent the form, or the queue."""
    return get_return_path(request) or reverse("jobs:queue")
