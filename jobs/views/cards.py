"""Jobs on pages: rows of the queue, and cards that the app of the job renders."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import IntegerField, Value
from django.db.models.expressions import RawSQL
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.database.counting import count_written
from common.templatetags.ui import kept
from jobs import access, registry, retry_terms
from jobs.estimates import times
from jobs.hooks import JobHooks
from jobs.models import Job
from jobs.templatetags.job_list import draw_row


def prepare_rows(jobs: Iterable[Job], by=None) -> list[Job]:
    """Set ``picture``, ``can_retry``, ``retry_button``, ``remedies``, ``time``, ``story`` and ``edit_url`` on each job.

    Returns the jobs.

    ``retry_button`` is for the user ``by``, and None for a job that this user may only view (``can_change``).
    """
    jobs = list(jobs)
    found: dict = {}
    for find_pictures, some in _by_function("pictures", [job for job in jobs if job.is_good]):
        found |= find_pictures(some)
    able = retryable_ids(jobs)
    buttons = retry_terms.build_buttons(
        [job for job in jobs if job.pk in able and getattr(job, "can_change", True)], by
    )
    registry.add_remedies(jobs, by)
    times.add_times(jobs)
    stories = {pk: story for find in JobHooks.values_of("stories") for pk, story in find(jobs).items()}
    for job in jobs:
        job.picture, job.can_retry = found.get(job.pk, ""), job.pk in able
        job.retry_button, job.story = buttons.get(job.pk), stories.get(job.pk)
        job.edit_url = registry.kind_of(job).get_edit_url(job) if job.can_retry else ""
    return jobs


def retryable_ids(jobs: list[Job]) -> set:
    """Return the ids of the failed jobs that no newer job retries (``newer_retry_id``) and whose work still exists."""
    bad = [job for job in jobs if job.is_retryable and registry.kind_of(job).is_retryable]
    unknown = [job for job in bad if not hasattr(job, "newer_retry_id")]
    newer = set(Job.objects.filter(retry_of__in=unknown).values_list("retry_of_id", flat=True)) if unknown else set()
    newer |= {job.pk for job in bad if getattr(job, "newer_retry_id", None)}
    return registry.retryable_ids([job for job in bad if job.pk not in newer])


def partials(jobs: Iterable[Job], by=None) -> SafeString:
    """Return ``render_partials`` as one text."""
    return mark_safe("".join(render_partials(jobs, by)))  # noqa: S308 - joins safe parts


def render_partials(jobs: Iterable[Job], by=None) -> list[str]:
    """Render the htmx partials that update these jobs on any page.

    Each job has ``can_change``, which decides whether the user ``by`` gets its buttons (``access.with_permissions``).
    """
    rows = list(jobs)
    for load, some in _by_function("card_loaders", rows):
        load(some)  # first, since the rows are prepared with what the cards read
    return [_render_job(job) for job in prepare_rows(rows, by)]


def _by_function(name: str, jobs: list[Job]) -> list[tuple]:
    """Return the functions of that hook with their jobs: one function may serve several kinds."""
    functions, found = JobHooks.merged(name), defaultdict(list)
    for job in jobs:
        if job.kind in functions:
            found[functions[job.kind]].append(job)
    return list(found.items())


def _render_job(job: Job) -> str:
    if job.deleted_at:
        return format_html('<hx-partial hx-target="#job-{}" hx-swap="delete"></hx-partial>', job.pk)
    html = _swap("li.job-row", job, draw_row(job))
    if draw := JobHooks.merged("cards").get(job.kind):
        html += _swap("article.job", job, draw(job))
    return html


def _swap(selector, job, html) -> str:
    """Return a partial of htmx 4 that replaces the element of the job."""
    template = '<hx-partial hx-target="{}#job-{}" hx-swap="outerMorph">{}</hx-partial>'
    return format_html(template, selector, job.pk, html) if html else ""


BADGE_IDS = ("nav-jobs", "bar-jobs")  # in the menu, and in the bar of phones


def badge(count: int) -> SafeString:
    """Render the partials of the badges beside "Jobs", which show the number of active jobs."""
    template = '<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>'
    return format_html_join("", template, [(id_, _badge(id_, count)) for id_ in BADGE_IDS])


def _badge(id_: str, count: int) -> SafeString:
    return kept("jobs/queue.html#badge", id=id_, count=count)


def write_active_jobs(request) -> tuple[str, list] | None:
    """Return SQL with its parameters: the jobs that the badge counts, the active ones of the workspace; or None for
    visitors without one."""
    return access.write_active_jobs(request.user.pk, request.workspace.pk) if request.workspace else None


def count_active_jobs(request) -> RawSQL | Value:
    """Return their number as an annotation, for pages that read their one row in the same query."""
    written = write_active_jobs(request)
    if written is None:
        return Value(0)
    sql, parameters = written
    return RawSQL(f"SELECT COUNT(*) FROM ({sql}) active", parameters, IntegerField())  # noqa: S608,S611 - Django's SQL


def badge_slot(context, id_: str = "nav-jobs") -> str:
    """Render the badge in the slots "nav.jobs" and "bar.jobs". The active jobs are counted once a page."""
    request = context.get("request")
    written = write_active_jobs(request) if getattr(request, "workspace", None) else None
    if written and not hasattr(request, "active_jobs"):
        request.active_jobs = count_written(written)
    return _badge(id_, request.active_jobs if written else 0)


def bar_slot(context) -> str:
    return badge_slot(context, "bar-jobs")
