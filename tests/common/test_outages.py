"""A service that does not respond and a full disk are answered in words, on one log line."""

import asyncio
import contextlib
import errno
import logging
import sqlite3
from unittest.mock import Mock

import psycopg
import pytest
from django.db import ConnectionHandler, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPChannel

from common import command_line
from common.web import body_spool, outages
from common.web.body_limit import LimitBody
from common.web.outages import DATABASE_AWAY, DATABASE_BUSY, DISK_FULL, NO_RESPONSE, OutageFilter, find_outage
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
        (caused_by(psycopg.OperationalError("connection refused")), DATABASE_AWAY),
        (caused_by(psycopg.errors.AdminShutdown()), DATABASE_AWAY),
        (RedisConnectionError("refused"), NO_RESPONSE),
        (caused_by(psycopg.errors.DiskFull()), DISK_FULL),
        (caused_by(sqlite_error(sqlite3.SQLITE_FULL)), DISK_FULL),
        (NO_SPACE, DISK_FULL),
        (caused_by(psycopg.errors.DeadlockDetected()), ""),
        (caused_by(sqlite_error(sqlite3.SQLITE_BUSY)), DATABASE_BUSY),
        (caused_by(sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT)), DATABASE_BUSY),
        (caused_by(sqlite_error(sqlite3.SQLITE_ERROR)), ""),
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


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (psycopg.OperationalError("refused"), "The database of this studio is not reachable."),
        (sqlite_error(sqlite3.SQLITE_BUSY), "has been writing to the database of this studio for too long."),
    ],
    ids=["away", "busy"],
)
def test_page_says_what_the_database_does_and_that_nothing_was_charged(client, db, break_database, cause, sentence):
    client.raise_request_exception = False
    break_database(cause)

    response = client.post("/account/login/", {"login": "a@example.test", "password": "x"})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert f"{sentence} Nothing was changed and nothing was charged." in response.text


def test_each_logger_writes_one_line_a_minute_about_an_outage(monkeypatch):
    now = 0.0
    monkeypatch.setattr(outages.time, "monotonic", lambda: now)
    away, shown = caused_by(psycopg.OperationalError("refused")), OutageFilter()

    def is_written(error=away, name="django.request"):
        return shown.filter(logging.LogRecord(name, logging.ERROR, "", 1, "/create/", (), (None, error, None)))

    assert [is_written(), is_written(), is_written(name="jobs")] == [True, False, True]
    assert [is_written(caused_by(NO_SPACE)), is_written(ValueError("ours")), is_written(ValueError("ours"))] == [
        True
    ] * 3
    now = outages.LOG_EVERY
    assert is_written()


def test_command_stops_with_a_sentence_while_sqlite_is_locked(monkeypatch):
    def run(arguments):
        raise arguments[0]

    monkeypatch.setattr(command_line, "execute_from_command_line", run)

    with pytest.raises(SystemExit, match=r"^Stopped: the database is locked by a long write \(broken\). Try again"):
        command_line.run([caused_by(sqlite_error(sqlite3.SQLITE_BUSY))])
    with pytest.raises(OperationalError):
        command_line.run([caused_by(sqlite_error(sqlite3.SQLITE_ERROR))])


def test_locked_sqlite_is_not_taken_for_one_without_json(db, monkeypatch):
    facts = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    monkeypatch.setattr(transaction, "atomic", lambda alias: raise_error(OperationalError("database is locked")))

    with contextlib.closing(ConnectionHandler({"default": facts})["default"]) as database:
        assert database.features.supports_json_field


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
