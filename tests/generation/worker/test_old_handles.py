"""Rows from before the secret path of callbacks was kept out of handles."""

from importlib import import_module

import pytest
from django.apps import apps

from jobs.models import Attempt

pytestmark = pytest.mark.django_db
ADDRESS = "https://studio.example/webhooks/replicate/s3cret/?ref=abc"


@pytest.mark.parametrize(("provider", "name"), [("replicate", "webhook"), ("luma-dream-machine", "callback")])
@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_a_handle_keeps_that_it_is_called_back_and_no_address(site, order, provider, name, address):
    job = order(site)
    facts = {"provider": provider, "account": site.pk, "handle": {"model": "m", "id": "7", name: address}}
    attempt = Attempt.objects.create(job=job, n=1, client_ref="abc", **facts)
    other = Attempt.objects.create(job=order(site), n=1, client_ref="def", **facts | {"provider": "kling"})

    import_module("generation.migrations.0007_no_callback_address_in_handles").forget_addresses(apps, None)

    attempt.refresh_from_db()
    other.refresh_from_db()
    assert attempt.handle == {"model": "m", "id": "7", "calls_back": bool(address)}
    assert other.handle == facts["handle"]
