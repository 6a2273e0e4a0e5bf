"""Jobs that make room for others back off gradually."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Attempt, Job, State
from jobs.worker import fairness
from tests.factories import WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def waiting(kind, submit, settings, monkeypatch):
    """``waiting(5)``: another job's film has been fetched for an hour, and this one has waited for five seconds;
    ``waiting(5, others=1)``: the other one's has for one second."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    kind(long_wait_states=frozenset({State.RUNNING}), is_local=False)
    moment = timezone.now()
    monkeypatch.setattr(fairness, "timezone", SimpleNamespace(now=lambda: moment))

    def make(seconds, others=3600):
        facts = {"state": State.RUNNING, "state_since": moment - timedelta(seconds=others)}
        Job.objects.filter(pk=submit().pk).update(lease_until=Now() + timedelta(seconds=60), **facts)
        job = submit()
        facts = {"state": State.RUNNING, "state_since": moment - timedelta(seconds=seconds)}
        Job.objects.filter(pk=job.pk).update(**facts)
        return Job.objects.get(pk=job.pk)

    return make


@pytest.mark.parametrize(("waited", "least", "most"), [(0, 0.15, 0.3), (1, 0.8, 1.3), (600, 2.4, 3.6)])
def test_backoff_grows_with_the_waiting_time(waiting, waited, least, most):
    assert least <= fairness.seconds_to_yield(waiting(waited)) <= most


def test_waiting_time_does_not_slow_down_fast_connections(waiting):
    assert fairness.seconds_to_yield(waiting(600, others=0)) <= 0.3


@pytest.fixture
def beside(kind, submit, settings):
    """``beside()``: a stranger's film is being fetched by one of two workers, and this job would take the other."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    kind(long_wait_states=frozenset({State.RUNNING}), is_local=False)

    def make():
        theirs = submit(workspace=WorkspaceFactory())
        Job.objects.filter(pk=theirs.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))
        job = submit()
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
        return Job.objects.get(pk=job.pk)

    return make


def broke_off(job, ago=0):
    Attempt.objects.create(job=job, n=1, client_ref=f"ref-{job.pk}", provider="x", downloads=1)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(seconds=ago))


def test_successful_user_may_take_the_last_worker(beside, submit):
    job = beside()
    assert fairness.seconds_to_yield(job) == 0

    broke_off(submit(), ago=300)

    assert fairness.seconds_to_yield(job) > 0


@pytest.mark.parametrize("whose", ["a stranger's", "long ago"])
def test_old_or_foreign_failures_do_not_count(beside, submit, whose):
    job = beside()

    if whose == "a stranger's":
        broke_off(submit(workspace=WorkspaceFactory()))
    else:
        broke_off(submit(), ago=900)

    assert fairness.seconds_to_yield(job) == 0


def test_user_with_failures_continues_on_free_workers(beside, submit):
    job = beside()
    Job.objects.exclude(pk=job.pk).update(lease_until=None)

    broke_off(job)

    assert fairness.seconds_to_yield(job) == 0
