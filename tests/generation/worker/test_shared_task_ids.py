"""Task ids that two servers use, or that two connections to one server see."""

import uuid

import pytest

from generation.providers.models import Connection
from generation.worker import late_results
from jobs.models import Attempt, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(echo_without_refs):
    """A provider whose list shows no reference of ours."""
    return echo_without_refs


def has_no_task(job):
    return job.state in (State.SUBMITTING, State.UNKNOWN) and not job.attempts.get().provider_task_id


def test_equal_task_ids_of_two_servers_hide_no_task(fake, connect, create_job, run_job, monkeypatch):
    monkeypatch.setattr(fake, "new_id", lambda: "task-1")
    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY
    lost = create_job(connect(base_url=fake.url.replace("127.0.0.1", "localhost")))
    fake.next("submit", "cut_after_create")

    run_job(lost)

    assert lost.state == State.READY, "its task was confused with the other server's"


@pytest.mark.parametrize("spelling", ["{}", "{}/"])
def test_two_connections_to_one_server_do_not_adopt_each_others_tasks(fake, connect, create_job, run_job, spelling):
    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY
    lost = create_job(connect(base_url=spelling.format(fake.url)))
    fake.next("submit", "cut")

    assert has_no_task(run_job(lost, steps=12))


def test_task_of_a_deleted_connection_is_not_adopted(fake, connect, create_job, run_job):
    gone = create_job(connect(base_url=fake.url))
    assert run_job(gone).state == State.READY
    gone.attempts.update(connection_id=uuid.uuid4())
    lost = create_job(connect(base_url=fake.url))
    fake.next("submit", "cut")

    assert has_no_task(run_job(lost, steps=12))


def test_task_ids_of_an_uninstalled_provider_are_still_compared(fake, connect, create_job, run_job):
    first, second = create_job(connect(base_url=fake.url)), create_job(connect(base_url=fake.url))
    Attempt.objects.filter(job=run_job(first)).update(provider="gone", provider_task_id="task-1")
    Attempt.objects.filter(job=run_job(second)).update(provider="gone")
    Connection.objects.update(provider="gone", base_url="")

    assert late_results.is_taken(Attempt.objects.get(job=second), "task-1")
