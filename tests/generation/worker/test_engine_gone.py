"""Clips of an engine that this install does not have any more: they stay, and nothing more is made the same way."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from generation.providers import registry
from jobs.models import Attempt, Job, State
from tests.generation.worker.told import LEFT

pytestmark = pytest.mark.django_db
SENTENCE = "This studio does not have echo any more. Nothing was started."


@pytest.fixture
def browser(mika):
    browser = Client()
    browser.force_login(mika)
    return browser


@pytest.mark.parametrize("way", ["again", "vary"])
def test_no_more_takes_are_offered_nor_made_by_hand(purse, fake, site, order, go, browser, monkeypatch, way):
    go(order(site))
    clip, left = Clip.objects.get(), purse()
    door = reverse(f"generation:{way}", args=[clip.pk])
    assert door in browser.get(clip.get_absolute_url()).text, "a page that never has the button shows nothing"
    monkeypatch.delitem(registry.providers(), "echo")

    answer = browser.post(door, {"idem_key": "one-more"}, follow=True)

    assert SENTENCE in answer.text
    assert door not in browser.get(clip.get_absolute_url()).text
    assert (Job.objects.count(), purse()) == (1, left)


def test_what_failed_is_not_tried_again(purse, fake, site, order, go, browser, monkeypatch):
    fake.next("submit", "invalid")
    job = go(order(site))
    assert job.state == State.FAILED
    left = purse()
    monkeypatch.delitem(registry.providers(), "echo")

    answer = browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (Job.objects.count(), purse()) == (1, left)


def test_what_waits_there_is_stopped_though_another_waits_as_well(purse, fake, site, order, browser, monkeypatch):
    waiting = [order(site), order(site)]
    for job in waiting:  # each was refused before
        sent = {"client_ref": f"try-{job.pk}", "provider": "echo", "account": site.pk}
        Attempt.objects.create(job=job, n=1, outcome=Attempt.Outcome.REFUSED, **sent)
    monkeypatch.delitem(registry.providers(), "echo")

    for job in waiting:
        assert browser.post(reverse("jobs:cancel", args=[job.pk])).status_code == 302
        job.refresh_from_db()
        assert job.state == State.CANCELLED
    assert purse() == LEFT
