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
def read_log():
    """``read_log()`` returns what the configured console handler has logged."""
    console = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    before = console.setStream(io.StringIO())
    yield console.stream.getvalue
    console.setStream(before)


def test_failed_callback_is_logged_without_its_address(db, read_log, monkeypatch):
    def fail(provider, token):
        raise RuntimeError(f"https://studio.example{ADDRESS} broke it")

    monkeypatch.setattr(webhooks, "find_connection", fail)
    assert Client(raise_request_exception=False).post(ADDRESS).status_code == 500

    assert "Internal Server Error: /webhooks/gemini/…/" in read_log()
    assert "RuntimeError: https://studio.example/webhooks/gemini/…/ broke it" in read_log()
    assert TOKEN not in read_log()


def test_rejected_callback_is_logged_without_its_address(db, read_log, caplog):
    caplog.set_level(logging.DEBUG, "django.request")
    assert Client().post(ADDRESS).status_code == 404
    assert Client().get(ADDRESS).status_code == 405

    assert "Method Not Allowed (GET): /webhooks/gemini/…/" in read_log()
    assert TOKEN not in read_log()


def test_daphne_timeout_does_not_log_the_callback_address(read_log):
    request = WebRequest.__new__(WebRequest)
    request.method, request.uri, request.clientproto = b"POST", ADDRESS.encode(), b"HTTP/1.1"

    logging.getLogger("daphne.server").warning("connection %s took too long to shut down", repr(request))

    assert "uri=/webhooks/gemini/…/ clientproto" in read_log()
    assert TOKEN not in read_log()
