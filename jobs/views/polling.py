"""What polls of jobs compare: the values of everything that the pages show of them."""

from collections.abc import Iterable

from common import hooks
from jobs.estimates import durations
from jobs.estimates.places import find_places
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


def read_shown(job: Job) -> list:
    """Return the values of the columns that pages show."""
    return [getattr(job, name) for name in SHOWN]


def annotate_cards(jobs):
    """Annotate jobs with what their cards show of other rows (``AppHooks.job_card_facts``)."""
    return jobs.annotate(**hooks.merged("job_card_facts"))


def describe_jobs(jobs: Iterable[Job], *, has_stories: bool = True) -> list[tuple]:
    """Return the facts of jobs: their rows, places, usual times and, if the page names them, their stories.

    The time so far is none of them: the page counts it itself. Jobs from ``annotate_cards`` have facts of their cards.
    """
    jobs, names = list(jobs), [*SHOWN, *hooks.merged("job_card_facts")]
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
