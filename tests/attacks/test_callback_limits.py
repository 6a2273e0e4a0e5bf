"""Callbacks above the limit of one secret URL are rejected unread, and do not affect other URLs."""

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
    """The clock of the rate limit, which stands still until a test moves it."""
    clock = SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic, sleep=time.sleep, now=time.time())
    monkeypatch.setattr(ratelimit, "time", clock)
    return clock


@pytest.fixture
def address(echo, connect):
    """``address()``: the secret URL of one more connection."""
    fake = echo(has_webhooks=True)

    def make():
        return f"/webhooks/echo/{connect(base_url=fake.url).webhook_token}/"

    return make


def call(address, task="task", **more) -> int:
    return Client().post(address, **(SAID | {"data": {"id": task, "ref": ""}}), **more).status_code


@pytest.fixture
def flooded(address, clock):
    """A URL that was called as often as allowed in one minute, from many addresses."""
    flooded = address()
    view, _nothing, facts = resolve(flooded)
    asked = RequestFactory()
    calls = (asked.post(flooded, REMOTE_ADDR=f"198.51.100.{n % 250}", **SAID) for n in range(A_MINUTE))
    assert {view(each, **facts).status_code for each in calls} == {204}
    return flooded


def test_callbacks_above_the_limit_get_429_and_are_neither_read_nor_saved(flooded, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(HttpRequest, "body", property(lambda request: pytest.fail("its body was read")))
        patch.setattr(webhooks, "read_event", lambda *facts: pytest.fail("it was looked into"))
        assert call(flooded, "another") == 429
    assert [event.task_id for event in WebhookEvent.objects.all()] == ["task"]

    clock.now += 61
    assert call(flooded, "another") == 204


def test_a_flood_of_one_url_does_not_limit_another_behind_the_same_proxy(flooded, address, settings):
    """There may be a proxy in front; guesses at URLs do not count for any of them."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    other, from_there = address(), {"headers": {"X-Forwarded-For": "198.51.100.1"}}
    assert call(f"{other[:-2]}/", **from_there) == 404

    assert (call(flooded, **from_there), call(other, **from_there)) == (429, 204)
