"""The in_flight benchmark counts late polls and measures delays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from benchmarks import in_flight
from jobs.models import Job, JobEvent, State
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
FAKE_FIGURES = {"polls": 3, "longest": {"t0": 10.0, "t1": 30.0, "t2": 12.0}, "done_at": {}}


@pytest.fixture
def get_figures(monkeypatch):
    """``get_figures(fake_figures, requested=…)`` returns the figures of three tasks."""
    monkeypatch.setattr(in_flight, "JOBS", 3)

    def figures(fake_figures=FAKE_FIGURES, *, requested=(), called_back=(), done=None, shown=None):
        flight = in_flight.Flight.__new__(in_flight.Flight)
        flight.query = lambda path: {"figures": fake_figures}[path]
        flight.requested, flight.called_back, flight.done_at, flight.shown_at = (
            list(requested),
            set(called_back),
            done or {},
            shown or {},
        )
        return flight.figures(75.26, 5.0, 300 * 1024**2)

    return figures


def test_a_poll_is_late_after_three_intervals(get_figures):
    assert get_figures()["late"] == 0
    assert get_figures(FAKE_FIGURES | {"longest": FAKE_FIGURES["longest"] | {"t1": 30.1}})["late"] == 1


def test_a_task_that_was_never_polled_is_late(get_figures):
    assert get_figures(FAKE_FIGURES | {"longest": {"t0": 10.0, "t7": 10.0}})["late"] == 2


def test_cpu_and_memory_are_those_of_the_run(get_figures):
    figures = get_figures()
    assert (figures["cpu_s"], figures["rss_mb"], figures["jobs"]) == (70.3, 300, 3)


def create_job(seconds_ago: float, *submitted_after: float) -> Job:
    user = UserFactory()
    job = Job.objects.create(workspace=user.workspaces.get(), kind="clip", idem_key=str(seconds_ago), request_hash="-")
    requested_at = timezone.now() - timedelta(seconds=seconds_ago)
    Job.objects.filter(pk=job.pk).update(created_at=requested_at)
    for seconds in submitted_after:
        at = requested_at + timedelta(seconds=seconds)
        JobEvent.objects.create(job=job, old=State.QUEUED, new=State.SUBMITTING, fence=1, at=at)
    JobEvent.objects.create(job=job, old=State.SUBMITTING, new=State.RUNNING, fence=1)
    return job


def test_the_first_step_is_measured_from_request_to_first_submission(get_figures):
    assert get_figures(requested=[create_job(60, 0.25, 9).pk])["submit_p95_ms"] == 250


def test_a_clip_that_was_never_submitted_counts_with_its_wait_so_far(get_figures):
    jobs = [create_job(60 + n, 0.1).pk for n in range(3)] + [create_job(50).pk]
    assert 50_000 <= get_figures(requested=jobs)["submit_p95_ms"] < 60_000


def test_the_page_is_measured_from_done_with_callbacks_and_from_the_poll_without(get_figures):
    fake_figures = FAKE_FIGURES | {"done_at": {"t1": 108.0}}
    figures = get_figures(
        fake_figures, called_back=["t0"], done={"t0": 100.0, "t1": 101.0}, shown={"t0": 100.5, "t1": 109.25}
    )

    assert (figures["done_to_page_p95_ms"], figures["told_to_page_p95_ms"]) == (500, 1250)


def test_a_clip_that_was_never_shown_counts_with_its_wait_so_far(get_figures):
    now = timezone.now().timestamp()
    figures = get_figures(called_back=["t0"], done={"t0": now - 40, "t1": now - 70})

    assert 40_000 <= figures["done_to_page_p95_ms"] < 60_000 and 70_000 <= figures["told_to_page_p95_ms"] < 90_000


def test_without_requests_nothing_is_measured(get_figures):
    figures = get_figures()
    assert [figures[name] for name in in_flight.LIMITS if name != "late"] == [None, None, None]
    assert len(in_flight.find_misses(figures | in_flight.MINIMUMS)) == 3
