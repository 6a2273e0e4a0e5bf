"""What polls of jobs compare: the values of everything that the pages show of them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts.models import get_memberships, get_workspace_ids
from common import hooks
from common.database.reading import read_rows
from jobs import access, registry
from jobs.estimates import durations
from jobs.estimates.places import find_places
from jobs.models import Attempt, Job, State

# columns for workers, which change without anything to see
HIDDEN = {
    "fence", "lease_owner", "lease_until", "next_run_at", "no_progress_count", "progress_peak", "idem_key",
    "request_hash", "state_since", "deadline_at",
}  # fmt: skip
SHOWN = [field.attname for field in Job._meta.concrete_fields if field.attname not in HIDDEN]


def is_quiet(job: Job) -> bool:
    """Return whether the rows of an active job say everything that its page shows.

    The choices for a blocked job, and for one without an answer, depend on more.
    """
    return job.is_active and not job.is_blocked and job.state != State.UNKNOWN


def read_jobs(request, ids: list[UUID]) -> list[Job]:
    """Return those of the jobs that the viewer may see, with the columns of SHOWN and facts of their cards."""
    facts = sorted(hooks.merged("job_card_facts"))
    names = [*SHOWN, "newer_retry_id", *facts]
    scope = list_scope(request)
    rows = read_rows(_select_jobs, ids, *scope, tuple(registry.private_kinds()), tuple(facts)) if ids else []
    return [build_job(dict(zip(names, row, strict=True))) for row in rows]


def read_history(request, pk: UUID) -> tuple[Job, tuple] | None:
    """Return a job with the facts of its page: its row, events and attempts. None if the viewer may not see the job."""
    rows = read_rows(_select_history, pk, *list_scope(request), tuple(registry.private_kinds()))
    if not rows:
        return None
    return build_job(dict(zip(SHOWN, rows[0], strict=False))), (rows, list_roles(request.user))


def _select_history(pk, workspaces, viewer, private_kinds):
    """Select a row for each event. Events are added only; the names in them are erased with their user."""
    rows = Job.objects.shown().filter(access.visible_to(viewer), workspace__in=workspaces, pk=pk)
    used = Subquery(Attempt.objects.filter(job=OuterRef("pk")).exclude(cost="").order_by("-pk").values("cost")[:1])
    return rows.annotate(used=used).order_by("events__id").values_list(*SHOWN, "used", "events__id", "events__actor")


def list_scope(request) -> tuple[list[UUID], UUID | None]:
    """Return the ids of the workspaces that the viewer may see, and of the viewer; None for a guest."""
    if request.user.is_authenticated:
        return get_workspace_ids(request.user), request.user.pk
    return [request.workspace.pk] if request.workspace else [], None


def list_roles(user) -> list[tuple]:
    """Return what decides about the buttons of a user."""
    rows = get_memberships(user) if user.is_authenticated else ()
    return [(membership.workspace_id, membership.role) for membership in rows]


def build_job(values: dict) -> Job:
    """Return a job with these columns and annotations, to be compared and not to be shown.

    Its constructor is left out: it takes longer than all else that a poll needs of a job.
    """
    job = Job.__new__(Job)
    job.__dict__ |= values
    return job


def build_last_job(row: tuple) -> Job:
    """Return the job whose columns, those of SHOWN, are the last ones of a row."""
    return build_job(dict(zip(SHOWN, row[-len(SHOWN) :], strict=True)))


def _select_jobs(ids, workspaces, viewer, private_kinds, facts):
    rows = Job.objects.filter(access.visible_to(viewer), workspace__in=workspaces, pk__in=ids).order_by("pk")
    return annotate_cards(access.with_retries(rows)).values_list(*SHOWN, "newer_retry_id", *facts)


def annotate_cards(jobs):
    """Annotate jobs with what their cards show of other rows (``AppHooks.job_card_facts``)."""
    return jobs.annotate(**hooks.merged("job_card_facts"))


def describe_jobs(jobs: Iterable[Job], *, has_stories: bool = True) -> list[tuple]:
    """Return the facts of jobs: their rows, places, usual times and, if the page names them, their stories.

    The time so far is none of them: the page counts it itself. Jobs from ``annotate_cards`` have facts of their cards.
    """
    jobs, names = list(jobs), [*SHOWN, "newer_retry_id", *hooks.merged("job_card_facts")]
    table = durations.load()
    places = find_places([job for job in jobs if job.state == State.QUEUED])
    stories = {}
    for find in hooks.values_of("job_stories") if jobs and has_stories else ():
        stories |= find(jobs)
    return [
        (
            [getattr(job, name, None) for name in names],
            getattr(job, "can_change", None),
            places.get(job.pk),
            stories.get(job.pk),
            table.find_usual(job),
        )
        for job in jobs
    ]
