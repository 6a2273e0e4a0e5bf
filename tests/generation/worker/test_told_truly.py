"""What a history and an end say of a clip that was never answered for: no more than is known, of money least of all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, override

from accounts.billing.models import Hold
from generation.providers.remote import Billing, Recovery, Search
from generation.worker import late_results
from jobs import recovery, services
from jobs.lifecycle import engine
from jobs.lifecycle.lease import LeaseLost
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider
from tests.generation.worker.told import story

pytestmark = pytest.mark.django_db
MAYBE = "The account at Echo may have been charged once; its own usage page tells."
MORE = "If the film turns up after all, it is one more take, at no further cost."
FREE = "If the film turns up after all, you get it for free."


@pytest.fixture
def unanswered(echo, connect, order, go, monkeypatch):
    """``unanswered(owner)``: Echo has it, its answer was lost, and looks bring nothing so far."""

    def make(owner=None, **manners):
        fake = echo(**{"recovery": Recovery.OWN_ID} | manners)
        fake.next("submit", "cut_after_create", "cut_after_create")
        with monkeypatch.context() as blind:
            blind.setattr(EchoProvider, "find", lambda *_: Search.UNDECIDED)
            job = go(order(connect(base_url=fake.url, owner=owner)), until=State.SUBMITTING)
            Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))
            job = go(job, until=State.UNKNOWN)
        assert job.state == State.UNKNOWN, story(job)
        return job

    return make


def test_after_asking_again_nobody_says_that_nothing_was_paid_twice(unanswered, go, mika):
    job = unanswered()

    recovery.ask_anew(job, by=mika)
    job = go(job)

    told = story(job)
    assert job.state == State.READY
    assert "Asked once more; the earlier try was never answered" in told
    assert "Found again at Echo" in told and "of the earlier try nothing is known" in told
    assert "nothing was paid twice" not in told


def test_what_was_asked_for_once_more_and_is_stopped_had_begun(unanswered, mika):
    job = unanswered()
    recovery.ask_anew(job, by=mika)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED and "Stopped before it began" not in story(job)


def test_giving_up_says_that_ones_own_account_may_have_been_charged(unanswered, mika):
    told = recovery.release(unanswered(mika), by=mika).error_public

    assert MAYBE in told and MORE in told and FREE not in told


def test_giving_up_what_went_through_the_studios_account_says_nothing_of_ones_own(unanswered, mika):
    told = recovery.release(unanswered(), by=mika).error_public

    assert FREE in told and MAYBE not in told and MORE not in told


def test_of_an_engine_that_costs_nothing_nobody_says_that_it_may_have_charged(unanswered, mika):
    job = unanswered(mika, billing=Billing.FREE)
    browser = Client()
    browser.force_login(mika)

    page = browser.get(reverse("jobs:job", args=[job.pk])).text
    told = recovery.release(job, by=mika).error_public

    assert "got no answer" in page and "may have been charged once" not in page
    assert FREE in told and MAYBE not in told


def test_what_turns_up_at_ones_own_account_is_not_called_free(unanswered, mika):
    job = unanswered(mika)
    recovery.release(job, by=mika)

    late_results.look_for_abandoned()

    [extra] = Job.objects.exclude(pk=job.pk)
    assert "it costs nothing more than Echo charged for it" in story(extra) and "for free" not in story(extra)


def test_who_gives_up_what_was_found_a_moment_before_takes_nothing_away(unanswered, mika):
    """The worker had the job when its page was read: only its state has changed since."""
    job = unanswered()
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    held = engine.claim(job.pk)
    read = Job.objects.get(pk=job.pk)
    engine.take_step(held)

    for way in (recovery.release, recovery.ask_anew):
        with pytest.raises(services.IllegalTransition):
            way(read, by=mika)

    job.refresh_from_db()
    assert job.state == State.RUNNING and job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_who_lost_the_job_writes_nothing_into_its_history(unanswered, go):
    job = unanswered()
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    asleep = engine.claim(job.pk)
    before = story(go(job))

    with pytest.raises(LeaseLost):
        asleep.note("checking|Echo")

    assert story(job) == before


@pytest.mark.parametrize("asker", ["en", "zh-hans"])
@pytest.mark.parametrize(("reader", "name"), [("en", "Asked Zhipu CogVideoX"), ("zh-hans", "已询问 智谱 CogVideoX")])
def test_a_history_names_the_provider_in_the_words_of_whoever_reads(
    echo, connect, order, go, monkeypatch, asker, reader, name
):
    monkeypatch.setattr(EchoProvider, "label", gettext_lazy("Zhipu CogVideoX"))
    job = order(connect(base_url=echo().url))
    Job.objects.filter(pk=job.pk).update(language=asker)

    job = go(job)

    with override(reader):
        assert name in story(job).split(" / ")
