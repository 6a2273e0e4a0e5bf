"""Jobs that yield to others back off gradually."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Attempt, Job, State
from jobs.runtime import fairness
from tests.factories import WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def create_waiting_job(register_kind, submit, settings, monkeypatch):
    """``create_waiting_job(5)``: another job has been downloading for an hour, and this one has waited for 5 seconds.

    With ``others=1`` the other job has been downloading for one second.
    """
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    register_kind(long_wait_states=frozenset({State.RUNNING}), is_local=False)
    moment = timezone.now()
    monkeypatch.setattr(fairness, "timezone", SimpleNamespace(now=lambda: moment))

    def create(seconds, others=3600):
        facts = {"state": State.RUNNING, "state_since": moment - timedelta(seconds=others)}
        Job.objects.filter(pk=submit().pk).update(lease_until=Now() + timedelta(seconds=60), **facts)
        job = submit()
        facts = {"state": State.RUNNING, "state_since": moment - timedelta(seconds=seconds)}
        Job.objects.filter(pk=job.pk).update(**facts)
        return Job.objects.get(pk=job.pk)

    return create


@pytest.mark.parametrize(("waited", "least", "most"), [(0, 0.15, 0.3), (1, 0.8, 1.3), (600, 2.4, 3.6)])
def test_backoff_grows_with_the_waiting_time(create_waiting_job, waited, least, most):
    assert least <= fairness.seconds_to_yield(create_waiting_job(waited)) <= most


def test_waiting_time_does_not_slow_down_fast_connections(create_waiting_job):
    assert fairness.seconds_to_yield(create_waiting_job(600, others=0)) <= 0.3


@pytest.fixture
def create_job_beside_download(register_kind, submit, settings):
    """One of two workers downloads for another workspace, and this job would take the second one."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    register_kind(long_wait_states=frozenset({State.RUNNING}), is_local=False)

    def create():
        other = submit(workspace=WorkspaceFactory())
        Job.objects.filter(pk=other.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))
        job = submit()
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
        return Job.objects.get(pk=job.pk)

    return create


def break_off_download(job, ago=0):
    """Record a broken download of the job, ``ago`` seconds before now."""
    Attempt.objects.create(job=job, n=1, client_ref=f"ref-{job.pk}", provider="x", downloads=1)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(seconds=ago))


def test_successful_user_may_take_the_last_worker(create_job_beside_download, submit):
    job = create_job_beside_download()
    assert fairness.seconds_to_yield(job) == 0

    break_off_download(submit(), ago=300)

    assert fairness.seconds_to_yield(job) > 0


@pytest.mark.parametrize("failure", ["of another workspace", "long ago"])
def test_old_or_foreign_failures_do_not_count(create_job_beside_download, submit, failure):
    job = create_job_beside_download()

    if failure == "of another workspace":
        break_off_download(submit(workspace=WorkspaceFactory()))
    else:
        break_off_download(submit(), ago=900)

    assert fairness.seconds_to_yield(job) == 0


def test_user_with_failures_continues_on_free_workers(create_job_beside_download, submit):
    job = create_job_beside_download()
    Job.objects.exclude(pk=job.pk).update(lease_until=None)

    break_off_download(job)

    assert fairness.seconds_to_yield(job) == 0


def test_jobs_of_a_workspace_stay_within_its_share_of_the_workers(register_kind, submit, settings):
    settings.Q_CLUSTER, settings.WORKERS_SHARE = settings.Q_CLUSTER | {"workers": 4}, 50
    register_kind()
    jobs = [submit() for _ in range(3)] + [submit(workspace=WorkspaceFactory())]
    busy = Job.objects.filter(pk__in=[jobs[1].pk, jobs[3].pk])

    busy.update(lease_until=Now() + timedelta(seconds=60))
    assert fairness.seconds_to_yield(jobs[0]) == 0

    Job.objects.filter(pk=jobs[2].pk).update(lease_until=Now() + timedelta(seconds=60))
    assert fairness.seconds_to_yield(jobs[0]) > 0
