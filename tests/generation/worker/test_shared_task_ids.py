"""One id for two tasks, or for one that two connections see: which of them is another submission's."""

import uuid

import pytest

from generation.providers.models import Connection
from generation.worker import late_results
from jobs.models import Attempt, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(echo_without_refs):
    """What these films are made by."""
    return echo_without_refs


def got_nothing(job):
    return job.state in (State.SUBMITTING, State.UNKNOWN) and not job.attempts.get().provider_task_id


def test_a_server_that_counts_as_another_one_does_hides_none_of_its_tasks(
    fake, connect, create_job, run_job, monkeypatch
):
    monkeypatch.setattr(fake, "new_id", lambda: "task-1")
    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY
    lost = create_job(connect(base_url=fake.url.replace("127.0.0.1", "localhost")))
    fake.next("submit", "cut_after_create")

    run_job(lost)

    assert lost.state == State.READY, "its own task-1 was taken for the other server's"


@pytest.mark.parametrize("spelling", ["{}", "{}/"])
def test_one_account_by_two_connections_brings_nobody_the_film_of_another(fake, connect, create_job, run_job, spelling):
    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY
    lost = create_job(connect(base_url=spelling.format(fake.url)))
    fake.next("submit", "cut")

    assert got_nothing(run_job(lost, steps=12))


def test_what_an_account_made_that_is_no_longer_known_is_brought_to_nobody_else(fake, connect, create_job, run_job):
    gone = create_job(connect(base_url=fake.url))
    assert run_job(gone).state == State.READY
    gone.attempts.update(connection_id=uuid.uuid4())
    lost = create_job(connect(base_url=fake.url))
    fake.next("submit", "cut")

    assert got_nothing(run_job(lost, steps=12))


def test_what_was_heard_of_a_provider_that_is_no_longer_installed_is_still_looked_through(
    fake, connect, create_job, run_job
):
    """Who looks through all that was given up must not stumble over one of them."""
    first, second = create_job(connect(base_url=fake.url)), create_job(connect(base_url=fake.url))
    Attempt.objects.filter(job=run_job(first)).update(provider="gone", provider_task_id="task-1")
    Attempt.objects.filter(job=run_job(second)).update(provider="gone")
    Connection.objects.update(provider="gone", base_url="")

    assert late_results.is_taken(Attempt.objects.get(job=second), "task-1")
