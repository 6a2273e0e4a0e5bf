"""A request sent twice with one key returns its first result, even if the provider has changed."""

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


def disable_connection(monkeypatch):
    Connection.objects.update(is_enabled=False)


def delete_connection(monkeypatch):
    Connection.objects.update(deleted_at=timezone.now())


def retire_model(monkeypatch):
    models = tuple(replace(model, retired_on=timezone.localdate()) for model in EchoProvider.capabilities(None))
    monkeypatch.setattr(EchoProvider, "capabilities", lambda self: models)


@pytest.mark.rows
@pytest.mark.parametrize(
    ("change", "action", "takes"),
    [(disable_connection, "retry", 1), (delete_connection, "vary", 3), (retire_model, "retry", 1)],
)
def test_repeated_request_redirects_to_the_first_result_after_the_provider_changed(
    get_balance, fake, site, create_job, run_job, mika, monkeypatch, change, action, takes
):
    run_job(create_job(site))
    browser, url = Client(), reverse(f"generation:{action}", args=[Clip.objects.get().pk])
    browser.force_login(mika)
    first = browser.post(url, {"idem_key": "one-more"})
    balance = get_balance()
    change(monkeypatch)

    repeated = browser.post(url, {"idem_key": "one-more"})

    assert (repeated.status_code, repeated.get("Location")) == (302, first["Location"])
    assert "Nothing was started" not in browser.get(repeated["Location"]).text
    assert (Job.objects.count(), get_balance()) == (1 + takes, balance)
