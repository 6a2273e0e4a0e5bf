"""Cancel a running clip: final state and charge, whatever the provider reports afterwards."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generation.providers.connections import environment
from generation.providers.models import Connection
from generation.providers.remote import Billing, Stopped
from jobs import services
from jobs.models import Attempt, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]


def lose_task(task):
    task.is_deleted = True


def fail_task(task):
    task.outcome = "failed"


def moderate_task(task):
    task.outcome = "moderated"


@pytest.fixture
def begin_clip(echo, connect, create_job, run_job, monkeypatch):
    """``begin_clip(billing, answer)``: a running clip at an Echo that answers a cancel so. Returns fake and job."""

    def make(billing, answer):
        monkeypatch.setattr(EchoProvider, "cancel", lambda *_: answer)
        fake = echo(billing=billing, **SEARCHABLE)
        return fake, run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)

    return make


@pytest.mark.parametrize(
    ("billing", "paid", "end_task"),
    [
        (Billing.FREE, 0, fail_task),
        (Billing.SUCCESS, 0, lose_task),
        (Billing.SUBMIT, PRICE, moderate_task),
        (Billing.UNDECLARED, 0, fail_task),
    ],
)
def test_cancelled_clip_that_ends_elsewhere_costs_what_the_provider_declares(
    begin_clip, run_job, get_balance, mika, billing, paid, end_task
):
    fake, job = begin_clip(billing, Stopped.REQUESTED)

    services.cancel(job, by=mika)
    end_task(fake.created[0])
    job = run_job(job)

    assert (job.state, job.error_code) == (State.CANCELLED, "")
    assert (job.price_charged, LIMIT - get_balance()) == (paid, paid)
    assert ("This job was charged." if paid else "othing was charged.") in job.error_public
    history = read_history(job)
    assert "Echo was asked to cancel" in history and "Cancelled at Echo" in history


def test_cancelled_clip_done_without_output_may_have_been_charged(
    echo, connect, create_job, run_job, mika, monkeypatch
):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.REQUESTED)
    fake = echo(billing=Billing.SUCCESS, **SEARCHABLE)
    job = run_job(create_job(connect(owner=mika, base_url=fake.url)), until=State.RUNNING)

    services.cancel(job, by=mika)
    fake.next("poll", "without_film")
    job = run_job(job)

    assert job.state == State.CANCELLED
    assert job.error_public == "Your Echo account may have been charged once."


def test_cancelled_clip_missing_in_one_poll_is_still_running(begin_clip, run_job, mika):
    fake, job = begin_clip(Billing.SUBMIT, Stopped.REQUESTED)

    services.cancel(job, by=mika)
    lose_task(fake.created[0])

    assert run_job(job, steps=3).state == State.RUNNING
    assert run_job(job).state == State.CANCELLED


@pytest.mark.parametrize(("answer", "end_task"), [(Stopped.TOO_LATE, fail_task), (Stopped.UNSUPPORTED, lose_task)])
def test_uncancellable_clip_that_ends_badly_has_failed(begin_clip, run_job, get_balance, mika, end_task, answer):
    fake, job = begin_clip(Billing.SUBMIT, answer)

    services.cancel(job, by=mika)
    end_task(fake.created[0])
    job = run_job(job)

    assert job.state == State.FAILED and job.error_code
    assert LIMIT - get_balance() == PRICE


def test_cancelled_clip_that_never_arrived_is_not_resent(fake, site, create_job, run_job, mika, get_balance):
    fake.next("submit", "cut")
    job = run_job(create_job(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=10))

    services.cancel(job, by=mika)
    job = run_job(job)

    assert (job.state, fake.created, get_balance()) == (State.CANCELLED, [], LIMIT)
    assert "Echo never received this; nothing was generated there" in read_history(job)
    assert "again" not in read_history(job)


def test_clip_at_an_old_address_waits_for_its_key(fake, create_job, run_job, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", fake.key)
    monkeypatch.setenv("ECHO_BASE_URL", fake.url)
    environment.sync()
    job = run_job(create_job(Connection.objects.get()), until=State.RUNNING)
    monkeypatch.setenv("ECHO_API_KEY", "new-key-0123456789abcdef")
    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")
    environment.sync()

    assert run_job(job, steps=3).state == State.RUNNING
    monkeypatch.setenv("ECHO_API_KEY", fake.key)

    assert run_job(job).is_good


def test_operator_cancels_waiting_jobs_of_a_restored_backup(
    fake, site, create_job, get_balance, run_job, ren, settings
):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    User.objects.filter(pk=ren.pk).update(is_staff=True, is_superuser=True)
    operator, waiting = Client(), [create_job(site), create_job(site)]
    operator.force_login(User.objects.get(pk=ren.pk))
    url = f"{reverse('admin:jobs_job_changelist')}?state__exact=queued&kind__exact=clip_elsewhere"
    listed = operator.get(url).text
    assert all(str(job.pk) in listed for job in waiting)

    operator.post(url, {"action": "cancel", "_selected_action": [str(job.pk) for job in waiting]})

    assert [run_job(job).state for job in waiting] == [State.CANCELLED] * 2
    assert fake.created == [] and get_balance() == LIMIT
