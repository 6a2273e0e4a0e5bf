"""Callbacks above the limit of one secret URL are rejected unread and do not affect other URLs."""

import time
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from generation.providers.models import WebhookEvent
from generation.providers.webhooks import receive as webhooks

pytestmark = pytest.mark.django_db
PER_MINUTE = 600
BODY = {"data": {"id": "task", "ref": ""}, "content_type": "application/json"}


@pytest.fixture
def clock(monkeypatch):
    """The clock of the rate limit, which only the test moves."""
    clock = SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic, sleep=time.sleep, now=time.time())
    monkeypatch.setattr(ratelimit, "time", clock)
    return clock


@pytest.fixture
def create_url(echo, connect):
    """``create_url()`` creates a connection and returns its secret URL."""
    fake = echo(has_webhooks=True)

    def create():
        return f"/webhooks/echo/{connect(base_url=fake.url).webhook_token}/"

    return create


def post_callback(create_url, task="task", **more) -> int:
    return Client().post(create_url, **(BODY | {"data": {"id": task, "ref": ""}}), **more).status_code


@pytest.fixture
def flooded_url(create_url, clock):
    """A URL that has received the allowed number of callbacks within a minute, from many addresses."""
    url = create_url()
    view, _arguments, keywords = resolve(url)
    statuses = set()
    for n in range(PER_MINUTE):
        request = RequestFactory().post(url, REMOTE_ADDR=f"198.51.100.{n % 250}", **BODY)
        request.user = AnonymousUser()
        statuses.add(view(request, **keywords).status_code)
    assert statuses == {204}
    return url


def test_callbacks_above_the_limit_get_429_and_are_neither_read_nor_saved(flooded_url, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(HttpRequest, "body", property(lambda request: pytest.fail("the body was read")))
        patch.setattr(webhooks, "read_event", lambda *keywords: pytest.fail("the event was read"))
        assert post_callback(flooded_url, "another") == 429
    assert [event.task_id for event in WebhookEvent.objects.all()] == ["task"]

    clock.now += 61
    assert post_callback(flooded_url, "another") == 204


def test_a_flood_of_one_url_does_not_limit_another_behind_the_same_proxy(flooded_url, create_url, settings):
    """Requests to guessed URLs count for no URL."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    other, proxy_headers = create_url(), {"headers": {"X-Forwarded-For": "198.51.100.1"}}
    assert post_callback(f"{other[:-2]}/", **proxy_headers) == 404

    assert (post_callback(flooded_url, **proxy_headers), post_callback(other, **proxy_headers)) == (429, 204)
