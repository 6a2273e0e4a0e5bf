"""History and messages of unanswered clips state only what is known."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.billing.models import Hold
from generation.providers.remote import Billing, Recovery, Search
from generation.worker import reconcile
from jobs import services
from jobs.lifecycle import engine, recovery
from jobs.lifecycle.lease import LeaseLost
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
MAYBE = "The Echo account may have been charged once; check its usage page."
MORE = "If the video arrives after all, it is added as another take, at no further cost."
FREE = "If the video arrives after all, you get it for free."


@pytest.fixture
def lose_answer(echo, connect, create_job, run_job, monkeypatch):
    """``lose_answer(owner)``: an unknown job whose task is at Echo and was not found yet."""

    def make(owner=None, **traits):
        fake = echo(**{"recovery": Recovery.OWN_ID} | traits)
        fake.next("submit", "cut_after_create", "cut_after_create")
        with monkeypatch.context() as blind:
            blind.setattr(EchoProvider, "find", lambda *_: Search.UNDECIDED)
            job = run_job(create_job(connect(base_url=fake.url, owner=owner)), until=State.SUBMITTING)
            Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))
            job = run_job(job, until=State.UNKNOWN)
        assert job.state == State.UNKNOWN, read_history(job)
        return job

    return make


def test_history_of_a_resend_does_not_claim_a_single_payment(lose_answer, run_job, mika):
    job = lose_answer()

    recovery.resend(job, by=mika)
    job = run_job(job)

    text = read_history(job)
    assert job.state == State.READY
    assert "Resent; the earlier attempt was never answered" in text
    assert "Found at Echo" in text and "the outcome of the earlier attempt is unknown" in text
    assert "nothing was charged twice" not in text


def test_cancelled_resend_is_not_called_unstarted(lose_answer, mika):
    job = lose_answer()
    recovery.resend(job, by=mika)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED and "Cancelled before it started" not in read_history(job)


def test_releasing_says_the_personal_connection_may_have_been_charged(lose_answer, mika):
    text = recovery.release(lose_answer(mika), by=mika).error_public

    assert MAYBE in text and MORE in text and FREE not in text


def test_releasing_on_the_site_connection_promises_a_free_clip(lose_answer, mika):
    text = recovery.release(lose_answer(), by=mika).error_public

    assert FREE in text and MAYBE not in text and MORE not in text


def test_releasing_at_a_free_provider_mentions_no_charge(lose_answer, mika):
    job = lose_answer(mika, billing=Billing.FREE)
    browser = Client()
    browser.force_login(mika)

    page = browser.get(reverse("jobs:job", args=[job.pk])).text
    text = recovery.release(job, by=mika).error_public

    assert "got no response" in page and "may have been charged once" not in page
    assert FREE in text and MAYBE not in text


def test_late_result_on_a_personal_connection_is_not_called_free(lose_answer, mika):
    job = lose_answer(mika)
    recovery.release(job, by=mika)

    reconcile.search_abandoned()

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert "you pay nothing beyond what Echo charged for it" in read_history(
        late_job
    ) and "for free" not in read_history(late_job)


def test_stale_release_does_not_abandon_an_accepted_attempt(lose_answer, mika):
    """The worker had the lease when the page was read; only the state has changed since."""
    job = lose_answer()
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    lease = engine.claim(job.pk)
    stale_job = Job.objects.get(pk=job.pk)
    engine.take_step(lease)

    for resolve in (recovery.release, recovery.resend):
        with pytest.raises(services.IllegalTransition):
            resolve(stale_job, by=mika)

    job.refresh_from_db()
    assert job.state == State.RUNNING and job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_worker_without_its_lease_writes_no_history(lose_answer, run_job):
    job = lose_answer()
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    stale_lease = engine.claim(job.pk)
    before = read_history(run_job(job))

    with pytest.raises(LeaseLost):
        stale_lease.record_event("checking|Echo")

    assert read_history(job) == before
