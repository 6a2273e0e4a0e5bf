"""Pages on PostgreSQL: they share connections, and what is only sent any more holds none."""

import os
import signal

import pytest
import requests
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from common.middleware import StreamsHoldNoRows
from tests.elsewhere.web import Web
from tests.processes import until
from tests.servers import postgres, postgres_url

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PAGES = 30


def sessions() -> int:
    """How many connections were ever made to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), sessions FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[1]


def test_pages_share_connections_instead_of_making_one_each(tmp_path, settings):
    facts = connection.get_connection_params()
    url = f"postgres://{facts['user']}:{facts.get('password', '')}@{facts['host']}:{facts['port']}/{facts['dbname']}"
    site = {"DATABASE_URL": url, "TAPWARI_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.elsewhere.site"}
    web = Web({**os.environ, **site}, tmp_path / "web.log")
    try:
        before = sessions()
        seen = [requests.get(f"{web.url}/healthz/", timeout=30).status_code for _ in range(PAGES)]
        made = sessions() - before
    finally:
        web.kill()

    assert seen == [200] * PAGES
    assert made < PAGES / 3


@pytest.mark.parametrize(("answer", "is_held"), [(StreamingHttpResponse([b"a film"]), False), (HttpResponse(), True)])
def test_a_film_that_goes_out_over_minutes_holds_no_connection(answer, is_held):
    connection.ensure_connection()

    StreamsHoldNoRows(lambda request: answer)(None)

    assert (connection.connection is not None) == is_held


def test_a_database_that_was_away_is_found_again(tmp_path):
    with postgres() as server:
        site = {"DATABASE_URL": postgres_url(server), "DJANGO_SETTINGS_MODULE": "tests.elsewhere.site"}
        web = Web({**os.environ, **site, "TAPWARI_VAR": str(tmp_path), "PROVING_DATABASE": ""}, tmp_path / "web.log")
        try:
            server.stop(signal.SIGINT)
            away = requests.get(f"{web.url}/healthz/", timeout=30).status_code
            server.start()
            until(web.answers)
        finally:
            web.kill()

    assert away == 500
