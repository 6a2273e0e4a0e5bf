"""How a job looks on pages: a row in the queue, and a card that the app which made it draws."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common import hooks
from jobs import registry, retry
from jobs.access import open_to
from jobs.models import Job


def prepare_rows(jobs: Iterable[Job], by=None) -> list[Job]:
    """Set ``picture``, ``can_retry`` and ``retry_button`` on each job and return the jobs.

    ``retry_button`` is for the user ``by``, and None where that user may only look (``can_change``).
    """
    jobs = list(jobs)
    found: dict = {}
    for kind, pictures in hooks.merged("job_pictures").items():
        if some := [job for job in jobs if job.kind == kind]:
            found |= pictures(some)
    able = retryable_ids(jobs)
    buttons = retry.build_buttons([job for job in jobs if job.pk in able and getattr(job, "can_change", True)], by)
    for job in jobs:
        job.picture, job.can_retry = found.get(job.pk, ""), job.pk in able
        job.retry_button = buttons.get(job.pk)
    return jobs


def retryable_ids(jobs: list[Job]) -> set:
    """Returns the ids of the failed jobs that no newer job retries and whose work still exists."""
    bad = [job for job in jobs if job.is_retryable and registry.kind_of(job).is_retryable]
    newer = set(Job.objects.filter(retry_of__in=bad).values_list("retry_of_id", flat=True)) if bad else ()
    return registry.retryable_ids([job for job in bad if job.pk not in newer])


def partials(jobs: Iterable[Job], by=None) -> SafeString:
    """``each_partial``, together."""
    return mark_safe("".join(each_partial(jobs, by)))  # noqa: S308 - joins safe parts


def each_partial(jobs: Iterable[Job], by=None) -> list[SafeString]:
    """What pages that show these jobs should show now; a page without them ignores it. Rights were checked before:
    each job says with ``can_change`` whether whoever looks (``by``) gets its buttons (``access.with_permissions``)."""
    return [_partials(job) for job in prepare_rows(jobs, by)]


def _partials(job: Job) -> str:
    if job.deleted_at:
        return format_html('<hx-partial hx-target="#job-{}" hx-swap="delete"></hx-partial>', job.pk)
    row = mark_safe(render_to_string("jobs/_row.html", {"job": job}))  # noqa: S308 - a template's own output
    html = _swap("li.jr", job, row)
    if draw := hooks.merged("job_cards").get(job.kind):
        html += _swap("article.job", job, draw(job))
    return html


def _swap(what, job, html) -> str:
    """htmx 4: one region of a reply, for the element of that sort that stands for the job."""
    words = '<hx-partial hx-target="{}#job-{}" hx-swap="outerMorph">{}</hx-partial>'
    return format_html(words, what, job.pk, html) if html else ""


PLACES = ("nav-jobs", "bar-jobs")  # ids of the badge: in the menu, and on phones in the bar, where the menu is shut


def badge(count: int) -> SafeString:
    """The number beside "Jobs", in each place where the page has it."""
    words = '<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>'
    return format_html_join("", words, [(place, _badge(place, count)) for place in PLACES])


def _badge(place: str, count: int) -> SafeString:
    return mark_safe(render_to_string("jobs/_badge.html", {"id": place, "count": count}))  # noqa: S308 - as above


def badge_slot(context, place: str = "nav-jobs") -> str:
    """Fills "nav.jobs" and "bar.jobs": how many jobs are being made in the workspace at hand, counted once a page."""
    request = context.get("request")
    workspace = getattr(request, "workspace", None)
    if workspace and not hasattr(request, "jobs_being_made"):
        rows = Job.objects.shown().active().filter(open_to(request.user.pk), workspace=workspace)
        request.jobs_being_made = rows.count()
    return _badge(place, request.jobs_being_made if workspace else 0)


def bar_slot(context) -> str:
    return badge_slot(context, "bar-jobs")
