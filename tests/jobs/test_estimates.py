"""How long jobs take, by the jobs that ended here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import services
from jobs.estimates import durations
from jobs.estimates.times import JobTime, add_times
from jobs.models import Job, State
from tests.factories import WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def end_jobs(workspace):
    """``end_jobs(seconds, …)``: store jobs that took so long."""

    def create(*seconds, state=State.READY, **values):
        now = timezone.now()
        facts = {"kind": "test", "provider": "kling", "model": "v3", "seconds": 5, "resolution": 720} | values
        Job.objects.bulk_create(
            Job(
                workspace=workspace, idem_key=f"{state}-{facts}-{n}", state=state,
                started_at=now - timedelta(seconds=taken), finished_at=now, **facts,
            )
            for n, taken in enumerate(seconds)
        )  # fmt: skip
        durations.forget()

    return create


@pytest.fixture
def describe_running(submit):
    """``describe_running(elapsed)``: the JobTime of a job that has run so long."""

    def describe(elapsed, **values):
        job = submit(**{"provider": "kling", "model": "v3", "seconds": 5, "resolution": 720} | values)
        job.state, job.started_at = State.RUNNING, timezone.now() - timedelta(seconds=elapsed)
        add_times([job])
        return job.time

    return describe


def test_rest_is_told_from_ten_jobs_on(end_jobs, describe_running):
    end_jobs(*[180] * 9)
    assert describe_running(60).left == ""
    end_jobs(600, model="v3", resolution=1080)  # another size
    assert describe_running(60).left == ""

    end_jobs(180, title="the tenth")

    assert describe_running(60).left == "about 2 min left"


@pytest.mark.parametrize(
    ("elapsed", "left"),
    [(0, "about 2 min left"), (60, "about 70 s left"), (140, "should finish soon"), (191, "longer than usual")],
)
def test_rest_is_the_median_until_the_90th_percentile(elapsed, left, end_jobs, describe_running):
    end_jobs(*range(60, 200, 10), 9000)

    assert describe_running(elapsed).left == left


def test_rest_is_told_by_the_progress_if_too_few_jobs_ended(submit):
    job = submit()
    job.state, job.started_at = State.RUNNING, timezone.now() - timedelta(seconds=40)

    def describe(progress):
        job.progress = progress
        add_times([job])
        return job.time.left

    assert (describe(10), describe(500)) == ("", "about 40 s left")


def test_local_jobs_of_another_size_say_nothing(end_jobs, register_kind, describe_running):
    end_jobs(*[60] * 10, seconds=10)
    assert describe_running(1).left == ""

    register_kind(is_local=False)

    assert describe_running(1).left == "about 59 s left"


def test_share_of_failures_counts_today_without_cancelled_jobs(end_jobs):
    end_jobs(*[60] * 7)
    end_jobs(*[60] * 9, state=State.CANCELLED)
    key = ("test", "kling", "v3", durations.ANY_SIZE)
    assert key not in durations.load().failures

    end_jobs(*[60] * 3, state=State.FAILED)

    assert durations.load().failures[key] == 0.3


def test_waiting_job_tells_how_many_come_before_it(submit, mika):
    first, second, third = (submit() for _ in range(3))
    other = submit(workspace=WorkspaceFactory())  # workspaces take turns
    services.cancel(first, by=mika)
    jobs = [second, third, other]

    add_times(jobs)

    assert [job.time.place for job in jobs] == ["Next in the queue", "2 jobs before this one", "1 job before this one"]
    assert JobTime(5, is_waiting=True).place == ""
