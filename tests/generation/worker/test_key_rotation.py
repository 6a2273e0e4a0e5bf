"""Replace a key during a clip: the old key while it works, then the newer one."""

import pytest

from common import secrets
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs import services
from jobs.models import Attempt, Job, State
from tests.fakes.server import Reply
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
NEW = "new-key-0123456789abcdef"


@pytest.fixture
def connection(fake, connect, mika):
    return connect(owner=mika, base_url=fake.url)


@pytest.fixture
def replace_key(connection, mika):
    return lambda key=NEW: connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": key}})


def list_keys(fake, path):
    return [call.headers["authorization"] for call in fake.calls if path in call.path]


def test_running_task_keeps_its_working_old_key(fake, connection, create_job, run_job, replace_key):
    job = run_job(create_job(connection), until=State.RUNNING)
    replace_key("new-and-wrong")

    assert run_job(job).state == State.READY
    assert {key.split()[-1] for key in list_keys(fake, "/tasks/")} == {"test-key-0123456789abcdef"}
    assert "newer key" not in read_history(job)


def test_revoked_key_is_replaced_by_the_newer_one_and_noted_in_history(
    fake, connection, create_job, run_job, replace_key, monkeypatch
):
    job = run_job(create_job(connection), until=State.RUNNING)
    monkeypatch.setattr(fake, "key", NEW)
    replace_key()

    assert run_job(job).state == State.READY
    assert "Echo rejected the key used for this job; continuing with the newer key" in read_history(job)
    assert Attempt.objects.get(job=job).key_version == 1
    connection.refresh_from_db()
    assert connection.health != Connection.Health.BROKEN


def test_job_with_a_revoked_key_resumes_when_a_new_one_is_saved(
    fake, connection, create_job, run_job, replace_key, monkeypatch
):
    job = run_job(create_job(connection), until=State.RUNNING)
    monkeypatch.setattr(fake, "key", NEW)
    run_job(job, steps=2)
    connection.refresh_from_db()
    assert job.state == State.RUNNING and connection.health == Connection.Health.BROKEN
    Job.objects.filter(pk=job.pk).update(next_run_at="2200-01-01T00:00Z")

    replace_key()

    assert Job.objects.due().filter(pk=job.pk).exists()
    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_refused_newer_key_does_not_end_the_job(fake, connection, create_job, run_job, replace_key, monkeypatch):
    job = run_job(create_job(connection), until=State.RUNNING)
    monkeypatch.setattr(fake, "key", "a-third-one-0123456789")
    replace_key()

    run_job(job, steps=3)

    assert job.state == State.RUNNING and read_history(job).count("newer key") == 1


def test_lost_submission_is_searched_with_the_newer_key(
    fake, connection, create_job, run_job, replace_key, monkeypatch
):
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connection), until=State.SUBMITTING)
    monkeypatch.setattr(fake, "key", NEW)
    replace_key()

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_cancel_uses_the_newer_key(fake, connection, create_job, run_job, replace_key, monkeypatch, mika):
    fake.running = 3600
    job = run_job(create_job(connection), until=State.RUNNING)
    monkeypatch.setattr(fake, "key", NEW)
    replace_key()
    services.cancel(job, by=mika)

    run_job(job, steps=3)

    assert fake.created[0].is_cancelled and job.state == State.CANCELLED


def test_unrelated_errors_do_not_change_the_key(fake, connection, create_job, run_job, replace_key):
    job = run_job(create_job(connection), until=State.RUNNING)
    replace_key()
    fake.fault_forbidding = lambda request, act: Reply(429, {"kind": "transient"})
    fake.next("poll", "forbidding", "html_502")

    assert run_job(job).state == State.READY
    assert Attempt.objects.get(job=job).key_version == 0
    assert secrets.decrypt(connection.keys.get(version=1).sealed)["keys"] == {"api_key": NEW}
