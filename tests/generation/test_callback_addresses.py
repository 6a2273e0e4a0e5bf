"""Callback addresses are secret: no log line contains one."""

import io
import logging

import pytest
from daphne.http_protocol import WebRequest
from django.test import Client

from generation.providers.webhooks import receive as webhooks

TOKEN = "w3bh00k-t0ken_Of-an-account"
ADDRESS = f"/webhooks/gemini/{TOKEN}/"


@pytest.fixture
def told():
    """What the log of this install says, as it is set up."""
    console = logging.getHandlerByName("console")
    before = console.setStream(io.StringIO())
    yield console.stream.getvalue
    console.setStream(before)


def test_failed_callback_is_logged_without_its_address(db, told, monkeypatch):
    def breaks(provider, token):
        raise RuntimeError(f"https://studio.example{ADDRESS} broke it")

    monkeypatch.setattr(webhooks, "find_connection", breaks)
    assert Client(raise_request_exception=False).post(ADDRESS).status_code == 500

    assert "Internal Server Error: /webhooks/gemini/…/" in told()
    assert "RuntimeError: https://studio.example/webhooks/gemini/…/ broke it" in told()
    assert TOKEN not in told()


def test_rejected_callback_is_logged_without_its_address(db, told, caplog):
    caplog.set_level(logging.DEBUG, "django.request")  # an operator may want to hear more than errors
    assert Client().post(ADDRESS).status_code == 404
    assert Client().get(ADDRESS).status_code == 405

    assert "Method Not Allowed (GET): /webhooks/gemini/…/" in told()
    assert TOKEN not in told()


def test_daphne_timeout_does_not_log_the_callback_address(told):
    request = WebRequest.__new__(WebRequest)
    request.method, request.uri, request.clientproto = b"POST", ADDRESS.encode(), b"HTTP/1.1"

    logging.getLogger("daphne.server").warning("connection %s took too long to shut down", repr(request))

    assert "uri=/webhooks/gemini/…/ clientproto" in told()
    assert TOKEN not in told()
