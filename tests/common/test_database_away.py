"""While PostgreSQL is away, the web server answers at once instead of waiting for it in each request."""

import psycopg
import pytest
from django.db import ConnectionHandler
from django.db.backends.postgresql import base
from django.db.utils import OperationalError
from psycopg_pool import PoolTimeout

from common.database.postgresql.base import WAITS, Away
from config import env
from jobs.runtime import queue
from tests.servers import free_ports

pytestmark = pytest.mark.django_db


@pytest.fixture
def database(monkeypatch):
    """The database of a web server, at a port where nothing listens."""
    monkeypatch.setattr(env, "IS_WEB_SERVER", True)
    monkeypatch.setattr(Away, "until", 0.0)
    (port,) = free_ports(1)
    handler = ConnectionHandler({"default": env.postgres(f"postgres://tapwari@127.0.0.1:{port}/tapwari", 0, 2)})
    yield handler["default"]
    handler["default"].close_pool()


def test_database_that_is_away_is_tried_once_in_ten_seconds(database, monkeypatch):
    for _ in range(3):
        with pytest.raises(OperationalError):
            database.ensure_connection()
    assert database.pool.get_stats()["requests_num"] == 1

    monkeypatch.setattr(Away, "until", 0.0)  # ten seconds later
    with pytest.raises(OperationalError):
        database.ensure_connection()
    assert database.pool.get_stats()["requests_num"] == 2


@pytest.mark.parametrize("waits", [WAITS - 1, WAITS])
def test_busy_pool_is_waited_for_without_taking_the_database_for_away(database, monkeypatch, waits):
    outcomes = [PoolTimeout("all are in use")] * waits

    def get_new_connection(self, conn_params):
        if outcomes:
            raise outcomes.pop()
        return "connection"

    class Connection:
        def close(self):
            pass

    monkeypatch.setattr(base.DatabaseWrapper, "get_new_connection", get_new_connection)
    monkeypatch.setattr(psycopg, "connect", lambda **options: Connection())

    if waits < WAITS:
        assert database.get_new_connection({}) == "connection"
    else:
        with pytest.raises(PoolTimeout):
            database.get_new_connection({})
    assert Away.until == 0.0


def test_workers_wait_for_the_database_without_ending(monkeypatch):
    def refuse(self):
        raise OperationalError("refused")

    monkeypatch.setattr(queue, "AWAY_PAUSE", 0)
    monkeypatch.setattr(queue.WatchingBroker, "_dequeue", refuse)

    assert queue.WatchingBroker().dequeue() is None
