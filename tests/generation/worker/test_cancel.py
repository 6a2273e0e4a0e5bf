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
from tests.generation.worker.helpers import KNOWS, LEFT, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_is_well")]
PAID = {Billing.FREE: 0, Billing.SUCCESS: 0, Billing.SUBMIT: PRICE, Billing.UNDECLARED: 0}


def vanishes(task):
    task.is_gone = True


def fails(task):
    task.ends = "failed"


def is_refused(task):
    task.ends = "moderated"


ENDS = [vanishes, fails, is_refused]


@pytest.fixture
def begun(echo, connect, order, go, monkeypatch):
    """``begun(Billing.SUBMIT, Stopped.REQUESTED)``: a clip that is being made at Echo, and what it says when asked to
    stop."""

    def make(billing, answer):
        monkeypatch.setattr(EchoProvider, "cancel", lambda *_: answer)
        fake = echo(billing=billing, **KNOWS)
        return fake, go(order(connect(base_url=fake.url)), until=State.RUNNING)

    return make


@pytest.mark.parametrize(
    ("billing", "paid", "ends"),
    [
        (Billing.FREE, 0, fails),
        (Billing.SUCCESS, 0, vanishes),
        (Billing.SUBMIT, PRICE, is_refused),
        (Billing.UNDECLARED, 0, fails),
    ],
)
def test_cancelled_clip_that_ends_elsewhere_costs_what_the_provider_declares(
    begun, go, purse, mika, billing, paid, ends
):
    fake, job = begun(billing, Stopped.REQUESTED)

    services.cancel(job, by=mika)
    ends(fake.created[0])
    job = go(job)

    assert (job.state, job.error_code) == (State.CANCELLED, "")
    assert (job.price_charged, LEFT - purse()) == (paid, paid)
    assert ("This job was charged." if paid else "othing was charged.") in job.error_public
    told = story(job)
    assert "Echo was asked to cancel" in told and "Cancelled at Echo" in told


def test_cancelled_clip_done_without_output_may_have_been_charged(echo, connect, order, go, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.REQUESTED)
    fake = echo(billing=Billing.SUCCESS, **KNOWS)
    job = go(order(connect(owner=mika, base_url=fake.url)), until=State.RUNNING)

    services.cancel(job, by=mika)
    fake.next("poll", "without_film")
    job = go(job)

    assert job.state == State.CANCELLED
    assert job.error_public == "Your Echo account may have been charged once."


def test_cancelled_clip_missing_in_one_poll_is_still_running(begun, go, mika):
    fake, job = begun(Billing.SUBMIT, Stopped.REQUESTED)

    services.cancel(job, by=mika)
    vanishes(fake.created[0])

    assert go(job, steps=3).state == State.RUNNING
    assert go(job).state == State.CANCELLED


@pytest.mark.parametrize(("answer", "ends"), [(Stopped.TOO_LATE, fails), (Stopped.UNSUPPORTED, vanishes)])
def test_uncancellable_clip_that_ends_badly_has_failed(begun, go, purse, mika, ends, answer):
    fake, job = begun(Billing.SUBMIT, answer)

    services.cancel(job, by=mika)
    ends(fake.created[0])
    job = go(job)

    assert job.state == State.FAILED and job.error_code
    assert LEFT - purse() == PRICE


@pytest.mark.parametrize("ends", ENDS)
def test_uncancelled_clip_that_ends_badly_has_failed(begun, go, purse, ends):
    fake, job = begun(Billing.SUBMIT, Stopped.REQUESTED)

    ends(fake.created[0])
    job = go(job)

    assert job.state == State.FAILED and job.error_code
    assert LEFT - purse() == PRICE


def test_cancelled_clip_that_never_arrived_is_not_resent(fake, site, order, go, mika, purse):
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=10))

    services.cancel(job, by=mika)
    job = go(job)

    assert (job.state, fake.created, purse()) == (State.CANCELLED, [], LEFT)
    assert "Echo never received this; nothing was generated there" in story(job)
    assert "again" not in story(job)


def test_clip_at_an_old_address_waits_for_its_key(fake, order, go, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", fake.key)
    monkeypatch.setenv("ECHO_BASE_URL", fake.url)
    environment.sync()
    job = go(order(Connection.objects.get()), until=State.RUNNING)
    monkeypatch.setenv("ECHO_API_KEY", "new-key-0123456789abcdef")
    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")
    environment.sync()

    assert go(job, steps=3).state == State.RUNNING
    monkeypatch.setenv("ECHO_API_KEY", fake.key)

    assert go(job).is_good


def test_operator_cancels_waiting_jobs_of_a_restored_backup(fake, site, order, purse, go, ren, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    User.objects.filter(pk=ren.pk).update(is_staff=True, is_superuser=True)
    operator, waiting = Client(), [order(site), order(site)]
    operator.force_login(User.objects.get(pk=ren.pk))
    door = f"{reverse('admin:jobs_job_changelist')}?state__exact=queued&kind__exact=clip_elsewhere"
    listed = operator.get(door).text
    assert all(str(job.pk) in listed for job in waiting)

    operator.post(door, {"action": "cancel", "_selected_action": [str(job.pk) for job in waiting]})

    assert [go(job).state for job in waiting] == [State.CANCELLED] * 2
    assert fake.created == [] and purse() == LEFT
