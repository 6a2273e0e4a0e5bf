"""A flood of calls to one secret address is turned away at the door, and costs no other address anything."""

import time
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from generation.providers.models import WebhookEvent
from generation.providers.webhooks import receive as webhooks

pytestmark = pytest.mark.django_db
A_MINUTE = 600
SAID = {"data": {"id": "task", "ref": ""}, "content_type": "application/json"}


@pytest.fixture
def clock(monkeypatch):
    """The limit's clock, which stands still until a test moves it, however slow this machine is."""
    clock = SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic, sleep=time.sleep, now=time.time())
    monkeypatch.setattr(ratelimit, "time", clock)
    return clock


@pytest.fixture
def address(echo, connect):
    """``address()``: one more account's secret address."""
    fake = echo(has_webhooks=True)

    def make():
        return f"/webhooks/echo/{connect(base_url=fake.url).webhook_token}/"

    return make


def call(address, task="task", **more) -> int:
    return Client().post(address, **(SAID | {"data": {"id": task, "ref": ""}}), **more).status_code


@pytest.fixture
def flooded(address, clock):
    """An address that was called as often as it may be in one minute, by callers everywhere."""
    flooded = address()
    view, _nothing, facts = resolve(flooded)
    asked = RequestFactory()
    calls = (asked.post(flooded, REMOTE_ADDR=f"198.51.100.{n % 250}", **SAID) for n in range(A_MINUTE))
    assert {view(each, **facts).status_code for each in calls} == {204}
    return flooded


def test_what_is_above_the_limit_is_answered_429_and_neither_read_nor_kept(flooded, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(HttpRequest, "body", property(lambda request: pytest.fail("its body was read")))
        patch.setattr(webhooks, "read", lambda *facts: pytest.fail("it was looked into"))
        assert call(flooded, "another") == 429
    assert [event.task_id for event in WebhookEvent.objects.all()] == ["task"]

    clock.now += 61
    assert call(flooded, "another") == 204


def test_a_flood_of_one_address_starves_no_other_though_all_come_from_one_proxy(flooded, address, settings):
    """A proxy of the operator's own may stand in front; who guesses at addresses uses up nobody's minute."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    other, from_there = address(), {"headers": {"X-Forwarded-For": "198.51.100.1"}}
    assert call(f"{other[:-2]}/", **from_there) == 404

    assert (call(flooded, **from_there), call(other, **from_there)) == (429, 204)
