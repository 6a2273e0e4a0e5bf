"""Clips that were sent several times without an answer mention every possible charge."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.providers import registry
from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import reconcile
from jobs import services
from jobs.lifecycle import recovery
from jobs.models import Job, State
from tests.generation.worker.helpers import read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
EARLIER = "Each earlier attempt without a response may also have been charged."
MAYBE = "The Echo account may have been charged once; check its usage page."


@pytest.fixture
def quiet(echo):
    """An Echo that takes everything, whose answers are lost, and that cannot be asked."""
    return echo(recovery=Recovery.NONE)


@pytest.fixture
def asked(quiet, connect, create_job, run_job, mika):
    """``asked(2, mika)``: asked for so many times through an account of Mika's own, or through the site's."""

    def make(times, owner=None):
        quiet.next("submit", *["cut_after_create"] * times)
        job = run_job(create_job(connect(base_url=quiet.url, owner=owner)), until=State.UNKNOWN)
        for _again in range(times - 1):
            recovery.resend(job, by=mika)
            job = run_job(job, until=State.UNKNOWN)
        assert job.state == State.UNKNOWN and len(quiet.created) == times, read_history(job)
        return job

    return make


def page(job, who):
    browser = Client()
    browser.force_login(who)
    return browser.get(reverse("jobs:job", args=[job.pk])).text


@pytest.mark.parametrize("times", [1, 2])
def test_page_and_release_mention_earlier_unanswered_tries(asked, mika, times):
    job = asked(times, mika)

    told = page(job, mika)
    said = recovery.release(job, by=mika).error_public

    for words in (told, said):
        assert MAYBE in words and (EARLIER in words) == (times > 1)


def test_automatic_release_mentions_earlier_tries(asked, run_job, mika, settings):
    job = asked(2, mika)
    settings.UNKNOWN_HOURS = 0

    job = run_job(job)

    assert job.state == State.FAILED and MAYBE in job.error_public and EARLIER in job.error_public


@pytest.mark.parametrize("times", [1, 2])
def test_operator_give_up_mentions_earlier_tries(asked, run_job, mika, monkeypatch, times):
    job = asked(times, mika)
    monkeypatch.setattr(reconcile, "search", lambda *_: 1 / 0)
    job = run_job(job, until=State.STUCK)
    assert job.state == State.STUCK

    services.give_up(job, by=mika)

    assert MAYBE in job.error_public and (EARLIER in job.error_public) == (times > 1)


@pytest.mark.parametrize("times", [1, 2])
def test_refused_resend_mentions_earlier_tries(asked, quiet, run_job, mika, times):
    job = asked(times, mika)
    quiet.next("submit", "invalid")

    recovery.resend(job, by=mika)
    said = run_job(job).error_public

    assert "Your Echo account may have been charged once." in said and (EARLIER in said) == (times > 1)


@pytest.mark.parametrize("times", [1, 3])
def test_resend_warning_counts_possible_charges(asked, mika, times):
    told = page(asked(times, mika), mika)

    often = {1: "twice", 3: "4 times"}[times]
    assert f"You pay at most once; the account at the provider may be charged {often}." in told


def test_site_connection_does_not_mention_earlier_tries(asked, mika):
    job = asked(2)

    told = page(job, mika)
    assert EARLIER not in told and "Resend? You pay at most once." in told
    assert EARLIER not in recovery.release(job, by=mika).error_public


@pytest.fixture
def answered(asked, run_job, mika):
    """The second of two tries was taken, the first never answered."""
    job = asked(1, mika)
    recovery.resend(job, by=mika)
    return run_job(job, until=State.RUNNING)


def test_removed_connection_still_mentions_the_first_try(answered, run_job):
    Connection.objects.all().delete()

    said = run_job(answered).error_public

    assert f"That account may have been charged once. {EARLIER}" in said


def test_uninstalled_provider_still_mentions_the_first_try(answered, mika, monkeypatch):
    Job.objects.filter(pk=answered.pk).update(state=State.STUCK)
    answered.refresh_from_db()
    monkeypatch.delitem(registry.providers(), "echo")

    services.give_up(answered, by=mika)

    assert f"Your echo account may have been charged once. {EARLIER}" in answered.error_public
