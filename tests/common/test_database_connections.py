"""Database connections of web requests are pooled and released."""

import contextlib
import os
import signal
import socket
import time

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404, HttpResponse, StreamingHttpResponse

from common.web.middleware import ReleaseConnection
from generation.media.errors import PictureRefused
from generation.services import uploads
from tests.factories import UserFactory
from tests.processes import until
from tests.servers import postgres, postgres_url
from tests.site_processes.web_server import WebServer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.rows]
PAGES = 30


def count_sessions() -> int:
    """Return how many connections were ever made to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), sessions FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[1]


@pytest.fixture
def site(tmp_path):
    """The environment of a web server with the database of the test."""
    params = connection.get_connection_params()
    url = (
        f"postgres://{params['user']}:{params.get('password', '')}@{params['host']}:{params['port']}/{params['dbname']}"
    )
    own = {"DATABASE_URL": url, "TAPWARI_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.site_processes.settings"}
    return {**os.environ, **own}


def test_pages_share_pooled_connections(tmp_path, site):
    web = WebServer(site, tmp_path / "web.log")
    try:
        before = count_sessions()
        statuses = [requests.get(f"{web.url}/healthz/", timeout=30).status_code for _ in range(PAGES)]
        made = count_sessions() - before
    finally:
        web.kill()

    assert statuses == [200] * PAGES
    assert made < PAGES / 3


@pytest.mark.parametrize("response", [StreamingHttpResponse([b"a video"]), HttpResponse(), Http404()], ids=repr)
def test_finished_view_holds_no_connection(response):
    def view(request):
        connection.ensure_connection()
        if isinstance(response, Exception):
            raise response
        return response

    with contextlib.suppress(Http404):
        ReleaseConnection(view)(None)

    assert connection.connection is None


def test_picture_processing_holds_no_connection(monkeypatch):
    mika, has_connection = UserFactory(), []

    def rebuild(*args, **more):
        has_connection.append(connection.connection is not None)
        raise PictureRefused("broken", "It cannot be read.")

    monkeypatch.setattr(uploads, "rebuild_picture", rebuild)
    connection.ensure_connection()

    with pytest.raises(PictureRefused):
        uploads.save_picture(SimpleUploadedFile("a.png", b"a"), workspace=mika.workspaces.get(), by=mika)

    assert has_connection == [False]


def test_abandoned_requests_leak_no_connection(tmp_path, site):
    """daphne cancels what Django does after the response, so the thread of the page releases the connection."""
    web = WebServer({**site, "DATABASE_POOL": "2", "PAGES": "tests.site_processes.slow_pages"}, tmp_path / "web.log")
    try:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", web.port)) as line:
                line.sendall(b"GET /slow/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                time.sleep(1)
        time.sleep(16)
        statuses = [requests.get(f"{web.url}/healthz/", timeout=30).status_code for _ in range(3)]
    finally:
        web.kill()

    assert statuses == [200] * 3


def test_database_restart_is_survived(tmp_path):
    with postgres() as server:
        site = {"DATABASE_URL": postgres_url(server), "DJANGO_SETTINGS_MODULE": "tests.site_processes.settings"}
        web = WebServer({**os.environ, **site, "TAPWARI_VAR": str(tmp_path), "TEST_DATABASE": ""}, tmp_path / "web.log")
        try:
            server.stop(signal.SIGINT)
            status = requests.get(f"{web.url}/healthz/", timeout=30).status_code
            server.start()
            until(web.is_up)
        finally:
            web.kill()

    assert status == 503
