"""What polls of jobs compare: the values of everything that the pages show of them."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import get_memberships, get_workspace_ids
from jobs.estimates import durations
from jobs.estimates.places import find_places
from jobs.hooks import JobHooks
from jobs.models import Job, State

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


def describe_jobs(jobs: Iterable[Job], *, has_stories: bool = True) -> list[tuple]:
    """Return the facts of jobs: their rows, places, usual times and, if the page names them, their stories.

    The time so far is none of them: the page counts it itself.
    """
    jobs, names = list(jobs), [*SHOWN, "newer_retry_id"]
    table = durations.load()
    places = find_places([job for job in jobs if job.state == State.QUEUED])
    stories = {}
    for find in JobHooks.values_of("stories") if jobs and has_stories else ():
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
