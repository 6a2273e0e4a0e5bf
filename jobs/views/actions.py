"""What a person does to jobs, one or many: stop, try again, throw away, take back."""

import secrets
from contextlib import suppress
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.billing.ledger import InsufficientFunds
from accounts.billing.money import money
from accounts.middleware import get_return_path
from common.database.transitions import IllegalTransition
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to
from jobs import access, recovery, registry, services
from jobs import retry as jobs_retry
from jobs.models import Job
from jobs.views import cards

MANY = 200
UNDO = "jobs_undo"
REFUSED = {InsufficientFunds: 402, services.TooManyJobs: 429}


@require_POST
@login_not_required
def cancel(request, pk):
    job = services.cancel(access.get_editable_job(request, pk), by=who(request))
    if job.is_stopping:
        messages.info(request, registry.kind_of(job).stopping_message(job))
    return answer(request, [job])


@require_POST
@login_not_required
@deleted_is_not_found
def retry(request, pk):
    old = access.get_editable_job(request, pk)
    try:
        _take_time(request)
        again = services.retry(old, by=who(request), **_said(request))
    except (services.JobRefused, InsufficientFunds) as refusal:
        return refused(request, [old], refusal)
    if again.was_replayed:
        messages.info(request, _("Restored.") if again.was_hidden else tried_before())
    else:
        messages.success(request, retry_words(again.retry_of, again))
    return redirect_to(request, again.page or reverse("jobs:queue"))


def _take_time(request) -> None:
    """TooManyJobs for whoever asks again faster than anybody may ask; a visitor by the address that guests have."""
    action = "submit" if request.user.is_authenticated else "guest_clip"
    if not ratelimit.consume(request, action=action, user=request.user):
        raise services.TooManyJobs(_("Too many requests. Wait a moment and try again."))


def _said(request) -> dict:
    """What the button said: the price, where it named one, and then the account: "450000 USD 6b1f…"."""
    amount, currency, account = [*request.POST.get("agreed", "").split(" ", 2), "", "", ""][:3]
    is_price = amount.isascii() and amount.isdecimal() and len(amount) < 16
    return {"agreed": (int(amount), currency) if is_price else None, "account": account}


@require_POST
@login_not_required
def release(request, pk):
    """Give up a job that the provider never answered for, and give back what is held."""
    return _decide(request, pk, recovery.release, _("The job was given up, and the amount on hold was refunded."))


@require_POST
@login_not_required
def resend(request, pk):
    """Send a job once more that the provider never answered for."""
    return _decide(request, pk, recovery.resend, _("Resending."))


def _decide(request, pk, deed, words):
    job = access.get_editable_job(request, pk)
    try:
        deed(job, by=who(request))
        messages.success(request, words)
    except services.JobRefused as refusal:
        return refused(request, [job], refusal)
    except IllegalTransition:
        messages.info(request, _("This was already settled. Nothing was changed."))
        job.refresh_from_db()
    return answer(request, [job])


@require_POST
@login_not_required
def delete(request, pk):
    job = services.delete(access.get_editable_job(request, pk), by=who(request))
    offer_undo(request, [job])
    return answer(request, [job])


@require_POST
@login_not_required
@deleted_is_not_found
def restore(request, pk):
    services.restore(access.get_editable_job(request, pk), by=who(request))
    messages.success(request, _("Restored."))
    return redirect_to(request, reverse("jobs:queue"))


@require_POST
@login_not_required
def bulk(request):
    """``act`` is cancel, retry or delete, ``id`` the jobs (at most 200)."""
    deed = DEEDS.get(request.POST.get("act"))
    ids = wanted(request)
    if deed is None or ids is None:
        return HttpResponseBadRequest(_("This action is not available for jobs."), content_type="text/plain")
    if len(request.POST.getlist("id")) > MANY:
        messages.error(request, _("You can select at most %(n)d jobs at a time. Nothing was changed.") % {"n": MANY})
        return redirect_to(request, back(request))
    jobs = access.get_editable_jobs(request, list(ids))
    try:
        if deed is retry_many:
            _take_time(request)
        deed(request, jobs)
    except (services.JobRefused, InsufficientFunds) as refusal:
        messages.error(request, str(refusal))
    return redirect_to(request, back(request))


@require_POST
@login_not_required
def undo(request, token):
    """Take back what one deletion of several jobs threw away."""
    ids = request.session.get(UNDO, {}).get(token, [])
    n = sum(_is_back(job, who(request)) for job in access.get_editable_jobs(request, ids))
    words = ngettext("%(n)d job restored.", "%(n)d jobs restored.", n) % {"n": n}
    messages.success(request, words) if n else messages.info(request, _("There is nothing left to restore."))
    return redirect_to(request, reverse("jobs:queue"))


def _is_back(job: Job, by) -> bool:
    """Not if it was removed for good before it was its turn."""
    with suppress(Job.DoesNotExist):
        return bool(services.restore(job, by=by))
    return False


def tried_before() -> str:
    return _("This job was already retried. Nothing new was started.")


def retry_words(old, again) -> str:
    words = _("Retrying as a new job.")
    if jobs_retry.original_price(old) == jobs_retry.original_price(again):
        return words
    prices = {"now": money(*jobs_retry.original_price(again)), "before": money(*jobs_retry.original_price(old))}
    return f"{words} {_('The price is now %(now)s; it was %(before)s.') % prices}"


def cancel_many(request, jobs):
    stopped = services.cancel_many(jobs, by=who(request))
    words = ngettext("%(n)d job cancelled.", "%(n)d jobs cancelled.", len(stopped)) % {"n": len(stopped)}
    messages.success(request, words if stopped else _("None of the selected jobs was in progress."))


def retry_many(request, jobs):
    ids = cards.retryable_ids(jobs)  # the rest has no such button either
    able = [job for job in jobs if job.pk in ids]
    found, left = services.retry_many(able, by=who(request), accounts=wanted(request))
    again = [job for job in found if not job.was_replayed]
    words = ngettext("Retrying %(n)d job.", "Retrying %(n)d jobs.", len(again)) % {"n": len(again)}
    if again:
        messages.success(request, f"{words} {_no_room_words(left)}" if left else words)
    else:
        was_tried = bool(found) or any(job.retries.exists() for job in jobs)
        messages.info(request, tried_before() if was_tried else _("None of the selected jobs had failed."))


def _no_room_words(n: int) -> str:
    words = ngettext(
        "There is no room for %(n)d more job yet. Retry it when others have finished.",
        "There is no room for %(n)d more jobs yet. Retry them when others have finished.",
        n,
    )
    return words % {"n": n}


def delete_many(request, jobs):
    offer_undo(request, services.delete_many(jobs, by=who(request)))


DEEDS = {"cancel": cancel_many, "retry": retry_many, "delete": delete_many}


def wanted(request) -> dict[UUID, str] | None:
    """The ids of the form, each with the account that its row named ("" if none), or None if one is no id."""
    ticks = [text.partition(" ") for text in request.POST.getlist("id")]
    try:
        return {UUID(pk): account for pk, _space, account in ticks}
    except ValueError:
        return None


def offer_undo(request, jobs: list[Job]) -> None:
    n = len(jobs)
    words = ngettext("%(n)d job moved to the trash for 30 days.", "%(n)d jobs moved to the trash for 30 days.", n) % {
        "n": n
    }
    if n == 1:
        messages.success(request, words, extra_tags=f"undo:{reverse('jobs:restore', args=[jobs[0].pk])}")
    elif n:
        messages.success(request, words, extra_tags=f"undo:{reverse('jobs:undo', args=[remember(request, jobs)])}")
    else:
        messages.info(request, _("No jobs were selected. Nothing was changed."))


def remember(request, jobs: list[Job]) -> str:
    """Keep in the session which jobs one deletion took, for its Undo; the last few are kept."""
    token = secrets.token_urlsafe(8)
    kept = list(request.session.get(UNDO, {}).items())[-4:]
    request.session[UNDO] = dict([*kept, (token, [str(job.pk) for job in jobs])])
    return token


def answer(request, jobs: list[Job]) -> HttpResponse:
    """With htmx the new look of these jobs wherever they stand, otherwise the page the person came from."""
    if not request.htmx:
        return redirect(back(request))
    for job in jobs:
        job.can_change = True  # whoever may not has got 403 before
    count = access.visible_jobs(request).active().count()
    return HttpResponse(cards.partials(jobs, request.user) + cards.badge(count))


def refused(request, jobs: list[Job], refusal: Exception) -> HttpResponse:
    """Says why nothing was done, and with htmx also by the status; a plain form goes back to its page."""
    messages.error(request, str(refusal))
    response = answer(request, jobs)
    if request.htmx:
        response.status_code = REFUSED.get(type(refusal), 409)
    return response


def back(request) -> str:
    """The page of this site that the form was on, or the queue."""
    return get_return_path(request) or reverse("jobs:queue")


def who(request):
    return request.user if request.user.is_authenticated else None
