"""Clips that were sent several times without an answer mention every possible charge."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.providers.remote import Recovery
from generation.worker import reconcile
from jobs import services
from jobs.lifecycle import recovery
from jobs.models import State
from tests.generation.worker.helpers import read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
EARLIER = "Each earlier attempt without a response may also have been charged."
MAYBE = "The Echo account may have been charged once; check its usage page."


@pytest.fixture
def silent_echo(echo):
    """An Echo whose responses are lost and that cannot be searched."""
    return echo(recovery=Recovery.NONE)


@pytest.fixture
def lose_repeatedly(silent_echo, connect, create_job, run_job, mika):
    """``lose_repeatedly(2, mika)``: a job submitted so often without a response, on Mika's connection or the site's."""

    def make(times, owner=None):
        silent_echo.next("submit", *["cut_after_create"] * times)
        job = run_job(create_job(connect(base_url=silent_echo.url, owner=owner)), until=State.UNKNOWN)
        for _again in range(times - 1):
            recovery.resend(job, by=mika)
            job = run_job(job, until=State.UNKNOWN)
        assert job.state == State.UNKNOWN and len(silent_echo.created) == times, read_history(job)
        return job

    return make


def open_page(job, user):
    browser = Client()
    browser.force_login(user)
    return browser.get(reverse("jobs:job", args=[job.pk])).text


@pytest.mark.parametrize("times", [1, 2])
def test_page_and_release_mention_earlier_unanswered_tries(lose_repeatedly, mika, times):
    job = lose_repeatedly(times, mika)

    text = open_page(job, mika)
    message = recovery.release(job, by=mika).error_public

    for words in (text, message):
        assert MAYBE in words and (EARLIER in words) == (times > 1)


@pytest.mark.parametrize("times", [1, 2])
def test_operator_give_up_mentions_earlier_tries(lose_repeatedly, run_job, mika, monkeypatch, times):
    job = lose_repeatedly(times, mika)
    monkeypatch.setattr(reconcile, "search", lambda *_: 1 / 0)
    job = run_job(job, until=State.STUCK)
    assert job.state == State.STUCK

    services.give_up(job, by=mika)

    assert MAYBE in job.error_public and (EARLIER in job.error_public) == (times > 1)


@pytest.mark.parametrize("times", [1, 2])
def test_refused_resend_mentions_earlier_tries(lose_repeatedly, silent_echo, run_job, mika, times):
    job = lose_repeatedly(times, mika)
    silent_echo.next("submit", "invalid")

    recovery.resend(job, by=mika)
    message = run_job(job).error_public

    assert "Your Echo account may have been charged once." in message and (EARLIER in message) == (times > 1)


@pytest.mark.parametrize("times", [1, 3])
def test_resend_warning_counts_possible_charges(lose_repeatedly, mika, times):
    text = open_page(lose_repeatedly(times, mika), mika)

    frequency = {1: "twice", 3: "4 times"}[times]
    assert f"You pay at most once; the account at the provider may be charged {frequency}." in text


def test_site_connection_does_not_mention_earlier_tries(lose_repeatedly, mika):
    job = lose_repeatedly(2)

    text = open_page(job, mika)
    assert EARLIER not in text and "Resend? You pay at most once." in text
    assert EARLIER not in recovery.release(job, by=mika).error_public


@pytest.fixture
def resent(lose_repeatedly, run_job, mika):
    """A resent job whose first attempt was never answered. Returns the running job."""
    job = lose_repeatedly(1, mika)
    recovery.resend(job, by=mika)
    return run_job(job, until=State.RUNNING)
