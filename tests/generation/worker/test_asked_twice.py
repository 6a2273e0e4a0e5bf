"""A wish whose answer was lost on its way and that the browser sends again: it was started, whatever changed since."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.models import Clip
from generation.providers.models import Connection
from jobs.models import Job
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db


def switched_off(monkeypatch):
    Connection.objects.update(is_enabled=False)


def removed(monkeypatch):
    Connection.objects.update(deleted_at=timezone.now())


def retired(monkeypatch):
    gone = tuple(replace(each, retired_on=timezone.localdate()) for each in EchoProvider.capabilities(None))
    monkeypatch.setattr(EchoProvider, "capabilities", lambda self: gone)


@pytest.mark.parametrize("change", [switched_off, removed, retired])
@pytest.mark.parametrize(("way", "takes"), [("again", 1), ("vary", 3)])
def test_it_leads_to_what_was_made_and_nobody_says_that_nothing_was_started(
    purse, fake, site, order, go, mika, monkeypatch, change, way, takes
):
    go(order(site))
    browser, door = Client(), reverse(f"generation:{way}", args=[Clip.objects.get().pk])
    browser.force_login(mika)
    first = browser.post(door, {"idem_key": "one-more"})
    left = purse()
    change(monkeypatch)

    again = browser.post(door, {"idem_key": "one-more"})

    assert (again.status_code, again.get("Location")) == (302, first["Location"])
    assert "Nothing was started" not in browser.get(again["Location"]).text
    assert (Job.objects.count(), purse()) == (1 + takes, left)
