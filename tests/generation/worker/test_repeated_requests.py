"""A request sent twice with one key returns its first result, whatever changed since."""

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


@pytest.mark.rows
@pytest.mark.parametrize(
    ("change", "way", "takes"), [(switched_off, "retry", 1), (removed, "vary", 3), (retired, "retry", 1)]
)
def test_repeated_request_redirects_to_the_first_result_after_the_provider_changed(
    get_balance, fake, site, create_job, run_job, mika, monkeypatch, change, way, takes
):
    run_job(create_job(site))
    browser, door = Client(), reverse(f"generation:{way}", args=[Clip.objects.get().pk])
    browser.force_login(mika)
    first = browser.post(door, {"idem_key": "one-more"})
    left = get_balance()
    change(monkeypatch)

    again = browser.post(door, {"idem_key": "one-more"})

    assert (again.status_code, again.get("Location")) == (302, first["Location"])
    assert "Nothing was started" not in browser.get(again["Location"]).text
    assert (Job.objects.count(), get_balance()) == (1 + takes, left)
