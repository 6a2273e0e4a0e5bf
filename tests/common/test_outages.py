"""A service that does not respond and a full disk are answered in words, on one log line."""

import asyncio
import errno
import logging
import sqlite3
from unittest.mock import Mock

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPChannel

from common.web import body_spool
from common.web.body_limit import LimitBody
from common.web.outages import DISK_FULL, NO_RESPONSE, OutageFilter, find_outage
from tests.factories import UserFactory

NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


def caused_by(cause: Exception) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("broken")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (caused_by(psycopg.OperationalError("connection refused")), NO_RESPONSE),
        (caused_by(psycopg.errors.AdminShutdown()), NO_RESPONSE),
        (RedisConnectionError("refused"), NO_RESPONSE),
        (caused_by(psycopg.errors.DiskFull()), DISK_FULL),
        (caused_by(sqlite_error(sqlite3.SQLITE_FULL)), DISK_FULL),
        (NO_SPACE, DISK_FULL),
        (caused_by(psycopg.errors.DeadlockDetected()), ""),
        (caused_by(sqlite_error(sqlite3.SQLITE_BUSY)), ""),
        (OSError(errno.ENOENT, "no such file"), ""),
        (None, ""),
    ],
    ids=str,
)
def test_outage_is_found_behind_the_error_of_django(error, outage):
    assert find_outage(error) == outage


@pytest.fixture
def break_database(db):
    """Return break_database(error): from now on, every query raises it."""
    with pytest.MonkeyPatch.context() as patch:

        def raise_from(cause):
            def cursor(self):
                raise caused_by(cause)

            patch.setattr(BaseDatabaseWrapper, "cursor", cursor)

        yield raise_from


def test_pages_without_a_database_ask_to_come_back(client, db, break_database, caplog):
    client.force_login(UserFactory())
    client.raise_request_exception = False
    break_database(psycopg.OperationalError("connection refused\nIs the server running?"))

    response = client.get("/create/")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "Try again in a minute" in response.content.decode()
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert OutageFilter().filter(record)
    assert record.exc_info is None and "\n" not in record.getMessage()
    assert "connection refused" in record.getMessage()


def test_pages_on_a_full_disk_say_so(client, db, break_database):
    client.force_login(UserFactory())
    client.raise_request_exception = False
    break_database(sqlite_error(sqlite3.SQLITE_FULL))

    for response in (
        client.get("/create/"),
        client.post("/account/login/", {"login": "a@example.test", "password": "x"}),
    ):
        assert response.status_code == 507
        assert "nothing was saved, started or charged" in response.content.decode()


def test_health_check_answers_probes_by_address(client, db, break_database):
    assert client.get("/healthz/", headers={"host": "10.1.2.3:9000"}).content == b"ok\n"

    break_database(psycopg.OperationalError("connection refused"))
    response = client.get("/healthz/", headers={"host": "10.1.2.3:9000"})

    assert (response.status_code, response.content) == (503, b"The database does not respond.\n")


def test_body_that_does_not_fit_on_the_disk_is_answered_before_django():
    async def app(scope, receive, send):
        raise NO_SPACE

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/create/", "headers": [(b"accept-language", b"zh-hans")]}
    asyncio.run(LimitBody(app)(scope, None, send))

    assert sent[0]["status"] == 507
    assert "磁盘" in sent[1]["body"].decode()


def test_arriving_body_that_does_not_fit_is_rejected(monkeypatch):
    rejected = []
    request = body_spool.Request.__new__(body_spool.Request)
    request._limit, request._received, request._is_rejected = 100, 0, False
    request.content = type("FullDisk", (), {"write": lambda self, data: raise_error(NO_SPACE)})()
    monkeypatch.setattr(body_spool.Request, "_reject", lambda self, status, reason, build: rejected.append(status))

    request.handleContentChunk(b"x" * 50)

    assert rejected == [b"507"]


def raise_error(error):
    raise error


def test_connection_of_a_half_sent_body_is_closed_after_half_a_minute():
    clock, transport = Clock(), StringTransport()
    channel = HTTPChannel()
    channel.factory = Mock()
    channel.requestFactory, channel.callLater, channel.timeOut = body_spool.Request, clock.callLater, 300
    channel.makeConnection(transport)
    channel.dataReceived(b"POST /create/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")

    clock.advance(29)
    assert not transport.disconnecting
    clock.advance(2)

    assert transport.disconnecting
