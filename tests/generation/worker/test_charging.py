"""Charges for clips that failed or were cancelled follow the billing rule of the provider."""

import pytest

from generation import job_kinds
from generation.media.errors import MediaRefused
from generation.providers.remote import Billing
from jobs import registry, services
from jobs.lifecycle.lease import StepFailed
from jobs.models import Job, State
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, SEARCHABLE

pytestmark = pytest.mark.django_db
CHARGES_IF_MADE = {Billing.FREE: 0, Billing.SUCCESS: PRICE, Billing.SUBMIT: PRICE, Billing.UNDECLARED: 0}
CHARGES_IF_BEGUN = CHARGES_IF_MADE | {Billing.SUCCESS: 0}


@pytest.fixture
def declare_billing(echo, connect):
    """``declare_billing(Billing.SUBMIT)``: an Echo that charges on submit. Returns fake and site connection."""

    def declare(billing):
        fake = echo(billing=billing, **SEARCHABLE)
        return fake, connect(base_url=fake.url)

    return declare


def get_charge(job, left) -> int:
    """Return what was charged, and check that job and message agree."""
    assert job.price_charged == LIMIT - left
    assert ("othing was charged." if left == LIMIT else "This job was charged.") in job.error_public
    return LIMIT - left


@pytest.mark.parametrize(("billing", "price"), CHARGES_IF_MADE.items())
def test_undownloadable_clip_costs_what_the_provider_declares(
    declare_billing, create_job, run_job, get_balance, billing, price
):
    fake, site = declare_billing(billing)
    fake.next("video", *["html"] * 10)

    job = run_job(create_job(site))

    assert job.state == State.LOST_RESULT
    assert get_charge(job, get_balance()) == price


@pytest.mark.parametrize(("billing", "price"), [(Billing.SUBMIT, PRICE), (Billing.UNDECLARED, 0)])
def test_unplayable_clip_costs_what_the_provider_declares(
    declare_billing, create_job, run_job, get_balance, monkeypatch, billing, price
):
    def refuse(*args, **more):
        raise MediaRefused("broken", "The film breaks off.")

    monkeypatch.setattr("generation.media.ingest.ingest", refuse)

    job = run_job(create_job(declare_billing(billing)[1]))

    assert (job.state, job.error_code) == (State.FAILED, "broken")
    assert "cannot be played to the end" in job.error_public
    assert get_charge(job, get_balance()) == price


@pytest.mark.parametrize("billing", [Billing.SUBMIT, Billing.UNDECLARED])
def test_refused_clip_costs_nothing_under_any_billing_rule(declare_billing, create_job, run_job, get_balance, billing):
    fake, site = declare_billing(billing)
    fake.next("submit", "invalid")

    job = run_job(create_job(site))

    assert job.state == State.FAILED
    assert get_charge(job, get_balance()) == 0


@pytest.mark.rows
@pytest.mark.parametrize(("billing", "price"), CHARGES_IF_BEGUN.items())
def test_cancelled_clip_costs_what_the_provider_declares(
    declare_billing, create_job, run_job, get_balance, mika, billing, price
):
    fake, site = declare_billing(billing)
    fake.running = 100
    job = run_job(create_job(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = run_job(job)

    assert job.state == State.CANCELLED
    assert get_charge(job, get_balance()) == price


@pytest.fixture
def personal_connection(echo, connect, mika):
    """Mika's connection to an Echo that charges for finished videos only. Returns fake and connection."""
    fake = echo(billing=Billing.SUCCESS, **SEARCHABLE)
    return fake, connect(base_url=fake.url, owner=mika)


MAYBE = "Your Echo account may have been charged once."


def lose_task(fake, _job):
    fake.created[0].is_deleted = True


def finish_without_output(fake, _job):
    fake.next("poll", "without_film")


def run_past_deadline(fake, job):
    fake.running = 1000  # Echo may finish the clip before it cancels it
    Job.objects.filter(pk=job.pk).update(deadline_at="2026-01-01T00:00Z")


@pytest.mark.parametrize("make_trouble", [lose_task, finish_without_output, run_past_deadline])
def test_vanished_task_on_a_personal_connection_may_have_been_charged(
    personal_connection, create_job, run_job, get_balance, make_trouble
):
    fake, connection = personal_connection
    job = run_job(create_job(connection), until=State.RUNNING)
    make_trouble(fake, job)

    job = run_job(job)

    assert job.state in (State.FAILED, State.TIMED_OUT)
    assert MAYBE in job.error_public and "nothing was charged" not in job.error_public.lower()
    assert (job.price_charged, get_balance()) == (0, LIMIT)


def test_failed_task_under_success_billing_was_not_charged(personal_connection, create_job, run_job):
    fake, connection = personal_connection
    job = run_job(create_job(connection), until=State.RUNNING)
    fake.created[0].outcome = "failed"

    job = run_job(job)

    assert job.state == State.FAILED
    assert "charges only for finished videos, so nothing was charged." in job.error_public


@pytest.mark.parametrize("ends", ["succeeded", "failed"])
def test_reported_usage_is_kept_for_successes_and_failures(fake, site, create_job, run_job, ends):
    job = run_job(create_job(site), until=State.RUNNING)
    fake.created[0].outcome, fake.cost = ends, "12 credits"

    job = run_job(job)

    assert (job.is_good, job.attempts.get().cost) == (ends == "succeeded", "12 credits")


def test_job_whose_connection_is_gone_costs_nothing_and_says_why(fake, site, create_job, run_job, monkeypatch):
    job = run_job(create_job(site), until=State.RUNNING)

    def refuse(job):
        raise StepFailed("no_connection", "The connection was deleted.")

    monkeypatch.setattr(job_kinds, "load_submission", refuse)

    assert registry.kind_of(job).bill(job) == (0, "The connection was deleted.")
