"""Bought clips are finished after downtime, stuck jobs, cancellations and missed deadlines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Clip
from generation.providers import registry
from generation.providers.remote import Billing, Recovery
from generation.worker import poll
from jobs import services
from jobs.models import Attempt, Job, State
from jobs.templatetags.jobs import price
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]


@pytest.fixture
def create_stuck_job(create_job, run_job, monkeypatch):
    """``create_stuck_job(connection)``: a bought clip whose polls crashed until its job was stuck."""

    def make(connection):
        job = run_job(create_job(connection), until=State.RUNNING)
        with monkeypatch.context() as patch:
            patch.setattr(EchoProvider, "poll", lambda *_: 1 / 0)
            job = run_job(job, until=State.STUCK)
        assert job.state == State.STUCK
        return job

    return make


def pass_deadline(job):
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(hours=5))


def time_out(job, fake, run_job):
    fake.running = 1000
    pass_deadline(job)
    job = run_job(job)
    assert job.state == State.TIMED_OUT
    fake.running, fake.created[0].is_cancelled = 0, False
    return job


def test_clip_finished_during_downtime_is_downloaded(fake, site, create_job, run_job, get_balance):
    job = run_job(create_job(site), until=State.RUNNING)
    pass_deadline(job)

    job = run_job(job)

    assert job.state == State.READY, read_history(job)
    assert not fake.created[0].is_cancelled
    assert get_balance() == LIMIT - PRICE


def test_expired_download_url_is_renewed_after_the_deadline(fake, site, create_job, run_job):
    fake.next("video", "expired")
    job = run_job(create_job(site), until=State.FETCHING)
    pass_deadline(job)

    assert run_job(job).state == State.READY


def test_unreachable_provider_is_polled_one_more_day_after_the_deadline(fake, site, create_job, run_job, monkeypatch):
    job = run_job(create_job(site), until=State.RUNNING)
    pass_deadline(job)
    fake.next("poll", *["html_502"] * 8)

    run_job(job, steps=3)
    assert job.state == State.RUNNING and read_history(job).count("checking for one more day") == 1

    monkeypatch.setattr(poll, "GRACE", timedelta(0))
    assert run_job(job, steps=2).state == State.TIMED_OUT


def test_operator_reopens_a_timed_out_clip_for_free(fake, site, create_job, run_job, get_balance, mika):
    job = time_out(run_job(create_job(site), until=State.RUNNING), fake, run_job)
    assert get_balance() == LIMIT, "the hold was not released"

    services.reopen(job, by=mika)
    assert price(job) == "no charge recorded here", "the job still has a hold"
    assert job.deadline_at > timezone.now()
    job = run_job(job)

    assert job.state == State.READY and Clip.objects.get(job=job).file("mezzanine")
    assert len(fake.created) == 1
    assert (get_balance(), job.price_charged, job.error_public) == (LIMIT, 0, "")
    assert "Searched for again by the administrator" in read_history(job)


def test_reopened_lost_result_gets_all_download_attempts(fake, site, create_job, run_job):
    fake.next("video", *["html"] * 3)
    job = run_job(create_job(site))
    assert job.state == State.LOST_RESULT
    fake.next("video", "html", "html")

    services.reopen(job, by=None)

    assert run_job(job).state == State.READY and len(fake.created) == 1


def test_reopened_timed_out_clip_is_not_charged_twice(echo, connect, create_job, run_job, get_balance):
    fake = echo(billing=Billing.SUBMIT, **SEARCHABLE)
    job = time_out(run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING), fake, run_job)
    assert get_balance() == LIMIT - PRICE

    services.reopen(job, by=None)
    job = run_job(job)

    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert get_balance() == LIMIT - PRICE


def test_retried_or_unsent_job_cannot_be_reopened(fake, site, create_job, run_job, mika):
    job = time_out(run_job(create_job(site), until=State.RUNNING), fake, run_job)
    services.retry(job, by=mika, agreed=(PRICE, "USD"))
    waiting = create_job(site)

    for refused in (job, waiting):
        with pytest.raises(services.JobRefused):
            services.reopen(refused, by=mika)


def test_requeued_bought_job_continues_without_resubmitting(fake, site, create_stuck_job, run_job, get_balance, mika):
    job = create_stuck_job(site)

    services.requeue(job, by=mika)
    assert job.state == State.RUNNING
    job = run_job(job)

    assert job.state == State.READY, job.error_public
    assert len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE


def test_requeued_ingest_uses_the_stored_file(fake, site, create_job, run_job, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("generation.media.ingest.ingest", lambda *_args, **_more: 1 / 0)
        job = run_job(create_job(site), until=State.STUCK)
    fake.created[0].is_deleted = True  # the provider has deleted it: only the stored file is left

    services.requeue(job, by=None)

    assert job.state == State.STORED
    assert run_job(job).state == State.READY


def test_requeued_reconciliation_searches_again(fake, site, create_job, run_job, monkeypatch):
    fake.next("submit", "cut_after_create")
    with monkeypatch.context() as patch:
        patch.setattr(EchoProvider, "find", lambda *_: 1 / 0)
        job = run_job(create_job(site), until=State.STUCK)
    assert job.state == State.STUCK

    services.requeue(job, by=None)

    assert run_job(job).state == State.READY and len(fake.created) == 1


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUCCESS, 0), (Billing.SUBMIT, PRICE), (Billing.UNDECLARED, 0)])
def test_giving_up_a_bought_job_reports_the_declared_charge(
    echo, connect, create_stuck_job, get_balance, mika, billing, paid
):
    fake = echo(billing=billing, **SEARCHABLE)
    job = create_stuck_job(connect(owner=mika, base_url=fake.url))

    services.give_up(job, by=mika)

    messages = {
        Billing.SUCCESS: "Your Echo account may have been charged once.",  # the task was not cancelled
        Billing.SUBMIT: "Your Echo account was charged for this.",
        Billing.UNDECLARED: "Your Echo account may have been charged once.",
    }
    assert job.state == State.FAILED
    assert messages[billing] in job.error_public and "Nothing was charged" not in job.error_public
    assert job.price_charged == paid
    assert get_balance() == LIMIT, "an own account is billed, not the site's money"


def test_cancelling_a_stuck_job_cancels_at_the_provider(fake, site, create_stuck_job, run_job, mika, get_balance):
    job = create_stuck_job(site)
    fake.running = 1000

    services.cancel(job, by=mika)
    job = run_job(job)

    assert job.state == State.CANCELLED
    assert fake.created[0].is_cancelled
    assert "Cancelled before it started" not in read_history(job)
    assert get_balance() == LIMIT


@pytest.mark.parametrize("fault", ["cut", "auth"])
def test_cancel_request_survives_provider_errors(fake, site, create_job, run_job, mika, fault):
    fake.running = 1000
    job = run_job(create_job(site), until=State.RUNNING)
    fake.next("stop", fault, fault)

    services.cancel(job, by=mika)
    job = run_job(job)

    assert job.state == State.CANCELLED, read_history(job)
    assert "can no longer cancel this" not in read_history(job)


def test_bug_while_cancelling_does_not_lose_the_clip(fake, site, create_job, run_job, mika, monkeypatch):
    job = run_job(create_job(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: 1 / 0)

    services.cancel(job, by=mika)

    assert run_job(job).state == State.READY


def test_second_cancel_of_a_stuck_job_ends_it_honestly(connect, fake, create_stuck_job, run_job, mika, monkeypatch):
    job = create_stuck_job(connect(owner=mika, base_url=fake.url))
    services.cancel(job, by=mika)
    with monkeypatch.context() as patch:
        for method in ("cancel", "poll"):
            patch.setattr(EchoProvider, method, lambda *_: 1 / 0)
        job = run_job(job, until=State.STUCK)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED
    assert "Your Echo account may have been charged once." in job.error_public
    assert "Cancelled before it started" not in read_history(job)


def test_cancelling_a_stuck_reconciliation_abandons_it(
    echo, connect, create_job, run_job, mika, get_balance, monkeypatch
):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    fake.next("submit", "cut_after_create")
    with monkeypatch.context() as patch:
        patch.setattr("generation.worker.reconcile.search", lambda *_: 1 / 0)
        job = run_job(create_job(connect(base_url=fake.url)), until=State.STUCK)
        services.cancel(job, by=mika)
        job = run_job(job, until=State.STUCK)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED
    assert "cannot find out whether" in job.error_public  # only a callback could recover it
    assert job.attempts.get().outcome == Attempt.Outcome.ABANDONED
    assert get_balance() == LIMIT


def test_bought_job_of_an_uninstalled_provider_can_be_given_up(
    connect, fake, create_stuck_job, mika, get_balance, monkeypatch
):
    job = create_stuck_job(connect(owner=mika, base_url=fake.url))
    monkeypatch.delitem(registry.providers(), "echo")

    services.give_up(job, by=mika)

    assert (job.state, get_balance()) == (State.FAILED, LIMIT)
    assert "Your echo account may have been charged once." in job.error_public
