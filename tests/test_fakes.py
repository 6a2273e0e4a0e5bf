"""The fakes answer every request, also one that they do not expect."""

import json
import urllib.error
import urllib.request

import pytest

from tests.fakes.language import FakeLanguage
from tests.fakes.server import Fake, FakeServer

CONCEPT = {"role": "user", "content": 'Write the concept: {"title": "…", "concept": "…"}'}


class BrokenFake(Fake):
    slug = "broken"
    routes = [("POST", "/tasks", "submit")]

    def submit(self, request):
        return request.json()["width"]


def post(url, key, body, **headers):
    """Return the status and the body of the answer."""
    headers |= {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


@pytest.fixture
def submit():
    """``submit(fake, path, body)`` posts to the fake and returns status and body; fails if the fake raised."""

    def send(fake, path, body, **headers):
        with FakeServer([fake]) as server:
            return post(server.url(fake.slug) + path, fake.key, body, **headers)

    return send


def test_unexpected_exception_in_a_fake_is_answered_and_fails_the_test():
    fake = BrokenFake()
    with pytest.raises(ExceptionGroup, match="broken") as raised, FakeServer([fake]) as server:
        status, body = post(f"{server.url('broken')}/tasks", fake.key, {})

    assert (status, json.loads(body)) == (500, {"error": "KeyError: 'width'"})
    assert [str(error) for error in raised.value.exceptions] == ["'width'"] == [str(error) for error in fake.errors]


def test_error_of_a_fake_does_not_hide_the_failure_of_the_test():
    fake = BrokenFake()
    with pytest.raises(ZeroDivisionError), FakeServer([fake]) as server:
        post(f"{server.url('broken')}/tasks", fake.key, {})
        raise ZeroDivisionError


def test_language_fake_answers_one_message_whole_or_as_a_stream(submit):
    path, fake = "/chat/completions", FakeLanguage()
    for extra, start in (({}, "{"), ({"stream": False}, "{"), ({"stream": True}, ": keep-alive")):
        status, body = submit(fake, path, {"model": "small", "messages": [CONCEPT], **extra})
        assert status == 200 and body.startswith(start) and "The last" in body, (extra, body)
    unspecific = {"model": "small", "messages": [{"role": "user", "content": "Hello"}]}
    assert submit(fake, path, unspecific)[0] == 200
