"""Clips of an uninstalled provider are kept, and nothing more is requested from it."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from generation.providers import registry
from jobs.models import Attempt, Job, State
from tests.generation.worker.helpers import LIMIT

pytestmark = pytest.mark.django_db
SENTENCE = "This studio no longer has echo. Nothing was started."


@pytest.fixture
def browser(mika):
    browser = Client()
    browser.force_login(mika)
    return browser


@pytest.mark.parametrize("action", ["retry", "vary"])
def test_uninstalled_provider_offers_no_more_takes(
    get_balance, fake, site, create_job, run_job, browser, monkeypatch, action
):
    run_job(create_job(site))
    clip, balance = Clip.objects.get(), get_balance()
    url = reverse(f"generation:{action}", args=[clip.pk])
    assert url in browser.get(clip.get_absolute_url()).text, "the page had no button before"
    monkeypatch.delitem(registry.providers(), "echo")

    answer = browser.post(url, {"idem_key": "one-more"}, follow=True)

    assert SENTENCE in answer.text
    assert url not in browser.get(clip.get_absolute_url()).text
    assert (Job.objects.count(), get_balance()) == (1, balance)


def test_failed_clip_of_an_uninstalled_provider_cannot_be_retried(
    get_balance, fake, site, create_job, run_job, browser, monkeypatch
):
    fake.next("submit", "invalid")
    job = run_job(create_job(site))
    assert job.state == State.FAILED
    balance = get_balance()
    monkeypatch.delitem(registry.providers(), "echo")

    answer = browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (Job.objects.count(), get_balance()) == (1, balance)


def test_waiting_clips_of_an_uninstalled_provider_can_be_cancelled(
    get_balance, fake, site, create_job, browser, monkeypatch
):
    waiting = [create_job(site), create_job(site)]
    for job in waiting:  # each was refused once
        sent = {"client_ref": f"try-{job.pk}", "provider": "echo", "connection_id": site.pk}
        Attempt.objects.create(job=job, n=1, outcome=Attempt.Outcome.REFUSED, **sent)
    monkeypatch.delitem(registry.providers(), "echo")

    for job in waiting:
        assert browser.post(reverse("jobs:cancel", args=[job.pk])).status_code == 302
        job.refresh_from_db()
        assert job.state == State.CANCELLED
    assert get_balance() == LIMIT
