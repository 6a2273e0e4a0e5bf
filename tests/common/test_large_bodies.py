"""Large anonymous request bodies at the real web server."""

import hashlib
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings as site
from django.db import connection as database

from generation.models import Video
from tests.factories import UserFactory
from tests.processes import TIMEOUT
from tests.site_processes import workers
from tests.site_processes.web_server import TOKEN, WebServer, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTE = 1_000_000
FORM = "multipart/form-data; boundary=cut"
COOKIE = f"{site.CSRF_COOKIE_NAME}={TOKEN}"


@pytest.fixture
def web(tmp_path):
    """The real web server with the database of the test."""
    rows = {"TEST_DATABASE": str(database.settings_dict["NAME"]), "SECRET_KEY": site.SECRET_KEY}
    server = WebServer(workers.environment(tmp_path, []) | rows, tmp_path / "web.log")
    yield server
    server.kill()


class Sender:
    """Sends one request body in pieces and reads the response."""

    def __init__(self, web, path, length, cookie=""):
        self.socket = socket.create_connection(("127.0.0.1", web.port), timeout=TIMEOUT)
        size = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{web.port}",
            size,
            f"Content-Type: {FORM}",
            "Connection: close",
        ]
        self.socket.sendall("\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode())

    def send(self, piece: bytes, times: int) -> None:
        for _ in range(times):
            self.socket.sendall(piece)

    def read_response(self) -> str:
        with self.socket:
            return self.socket.makefile("rb").read().decode()


def peak_memory(web) -> int:
    """Return the peak memory of the process in kilobytes."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{web.process.pid}/status").read_text())[1])


def list_open_files(web) -> list[str]:
    """Return the open files of the process, including deleted ones."""
    links = Path(f"/proc/{web.process.pid}/fd").iterdir()
    return [str(link.readlink()) for link in links if link.is_symlink()]


class OtherClient(threading.Thread):
    """Requests a page repeatedly until the block ends."""

    def __init__(self, web):
        super().__init__()
        self.web, self.has_started, self.is_over, self.seconds = web, threading.Event(), threading.Event(), []

    def run(self):
        while not self.is_over.wait(0.02):
            self.has_started.set()
            self.seconds.append(requests.get(f"{self.web.url}/healthz/", timeout=TIMEOUT).elapsed.total_seconds())

    def __enter__(self):
        self.start()
        assert self.has_started.wait(TIMEOUT)
        return self

    def __exit__(self, *trouble):
        self.is_over.set()
        self.join()


@pytest.mark.deep
def test_large_anonymous_form_costs_no_memory_time_or_disk(web, tmp_path):
    before = peak_memory(web)
    head = b'--cut\r\nContent-Disposition: form-data; name="video_file"; filename="a.mp4"\r\n\r\n'
    foot = b"\r\n--cut--\r\n"
    opened, statuses = [], []
    for cookie in ("", COOKIE):
        began = time.monotonic()
        with OtherClient(web) as other:
            sender = Sender(web, "/create/video/", 60 * MEGABYTE, cookie)
            sender.send(head, 1)
            sender.send(b"\n" * MEGABYTE, 59)
            opened += list_open_files(web)
            sender.send(b"\n" * (MEGABYTE - len(head + foot)) + foot, 1)
            statuses.append(sender.read_response()[:13])
        duration = time.monotonic() - began
        assert max(other.seconds) < max(5, duration / 3), "other clients were not served meanwhile"

    assert statuses == ["HTTP/1.1 413 ", "HTTP/1.1 403 "]
    assert peak_memory(web) - before < 30_000, "kilobytes more than before"
    own = (str(tmp_path), str(database.settings_dict["NAME"]))  # open for the other client's page
    assert [name for name in opened if name.startswith("/tmp/") and not name.startswith(own)] == []


def test_oversized_body_is_refused_before_it_arrives(web):
    announced, hidden = (Sender(web, "/jobs/", length, COOKIE) for length in (2 * MEGABYTE, None))
    announced.send(b"x" * 1000, 1)
    hidden.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 16)

    for response in (announced.read_response(), hidden.read_response()):
        assert response.startswith("HTTP/1.1 413 "), response
        assert "the limit is 1 MB. Nothing was saved or changed." in response


def test_video_of_some_megabytes_is_uploaded(web):
    mika = UserFactory(name="Mika", email="mika@example.test")
    video = b"\0\0\0\x18ftypmp42" + os.urandom(5 * MEGABYTE)
    cookies = sign_in(mika) | {site.CSRF_COOKIE_NAME: TOKEN}

    answer = requests.post(
        f"{web.url}/create/video/", {"csrfmiddlewaretoken": TOKEN}, files={"video_file": ("a.mp4", video)},
        cookies=cookies, allow_redirects=False, timeout=60,
    )  # fmt: skip

    assert answer.status_code == 302, answer.text
    row = Video.objects.get()
    assert (row.workspace, row.sha256) == (mika.workspaces.get(), hashlib.sha256(video).hexdigest())
