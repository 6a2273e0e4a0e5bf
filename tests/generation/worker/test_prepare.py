"""Prepare a request: uploads may be slow or fail, and cost nothing."""

import time

import pytest

from generation.models import Clip, Picture
from generation.providers.errors import Fault, NotSent, RemoteError
from generation.providers.models import Connection
from generation.worker import queueing
from generation.worker import submit as worker_submit
from jobs import maintenance
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from jobs.runtime import child_process
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = pytest.mark.django_db
PREPARE = EchoProvider.prepare
ERRORS = {
    "off": NotSent("refused"),
    "overloaded": RemoteError(Fault.TRANSIENT, "http_503"),
}


@pytest.fixture
def create_job_with_picture(create_job, monkeypatch):
    """``create_job_with_picture(connection)``: a job whose clip starts from a picture."""

    def make(connection):
        job = create_job(connection)
        columns = {"key": "p/1.png", "sha256": "1", "width": 64, "height": 64, "bytes": 9}
        picture = Picture.objects.create(workspace=job.workspace, **columns)
        Clip.objects.filter(job=job).update(picture=picture)
        return job

    monkeypatch.setattr("generation.worker.files._download", lambda row, path: row and path)
    return make


def fail_prepare(monkeypatch, error):
    def prepare(*_args):
        raise error

    monkeypatch.setattr(EchoProvider, "prepare", prepare)


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
def test_failed_prepare_waits_and_is_sent_once(fake, site, create_job, run_job, get_balance, monkeypatch, error):
    job = create_job(site)
    with monkeypatch.context() as patch:
        fail_prepare(patch, error)
        run_job(job, steps=3)
    assert job.state == State.QUEUED and not fake.calls
    assert not job.attempts.filter(outcome__in=Attempt.LIVE).exists()

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1 and get_balance() == LIMIT - job.price_charged
    assert maintenance.find_violations() == []


def test_stopping_worker_submits_nothing_after_prepare(fake, site, create_job, run_job, monkeypatch):
    """The response might take longer than the grace period of a stopping worker."""
    job = create_job(site)
    with monkeypatch.context() as patch:

        def stop_worker(*columns):
            patch.setattr(child_process, "is_stopping", lambda: True)
            return PREPARE(*columns)

        patch.setattr(EchoProvider, "prepare", stop_worker)
        engine.advance(job.pk)
    job.refresh_from_db()
    assert job.state == State.QUEUED and not fake.calls and not job.attempts.exists()
    assert job.lease_until is None

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_unreachable_machine_is_not_called_busy(fake, site, create_job, run_job, monkeypatch):
    job = create_job(site)
    fail_prepare(monkeypatch, ERRORS["off"])

    run_job(job, steps=1)

    assert job.progress_note == "Couldn’t reach Echo; nothing was sent"
    assert "Couldn’t reach Echo; nothing was sent" in read_history(job) and "busy" not in read_history(job)


def test_machine_that_goes_offline_before_submit_is_not_called_busy(fake, site, create_job, run_job, monkeypatch):
    def submit(*_args):
        raise NotSent("refused")

    monkeypatch.setattr(EchoProvider, "submit", submit)
    job = run_job(create_job(site), steps=1)

    assert job.progress_note == "Couldn’t reach Echo; nothing was sent"


def test_unreachable_connection_backs_off_and_frees_its_slots(fake, site, create_job, run_job, monkeypatch):
    job, delays = create_job(site), []
    Connection.objects.update(per_minute=3)
    monkeypatch.setattr(worker_submit.random, "uniform", lambda least, most: delays.append(most) or most)
    with monkeypatch.context() as patch:
        fail_prepare(patch, ERRORS["off"])
        run_job(job, steps=4)

    assert delays == sorted(set(delays)) and len(delays) == 4
    site.refresh_from_db()
    assert queueing.count_room(site).free == 3, "the failed prepare uses up the rate limit"


@pytest.mark.rows
def test_prepare_longer_than_the_lease_still_buys_once(
    fake, site, create_job_with_picture, run_job, monkeypatch, settings
):
    settings.JOB_LEASE_SECONDS, settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 0.05, 20, 0.01

    def prepare_slowly(*args):
        time.sleep(0.1)
        engine.advance(job.pk)  # another worker takes a due job
        return PREPARE(*args)

    job = create_job_with_picture(site)
    monkeypatch.setattr(EchoProvider, "prepare", prepare_slowly)

    engine.advance(job.pk)
    job.refresh_from_db()
    assert job.state == State.RUNNING and job.attempts.count() == 1

    monkeypatch.setattr(EchoProvider, "prepare", PREPARE)
    settings.JOB_LEASE_SECONDS = 60
    assert run_job(job).state == State.READY
    assert len(fake.created) == 1 and Job.objects.count() == 1
