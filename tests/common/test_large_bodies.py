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
    """The real web server on this test's rows, as ``./run`` starts it; its address is that of the settings here."""
    rows = {"TEST_DATABASE": str(database.settings_dict["NAME"]), "SECRET_KEY": site.SECRET_KEY}
    made = WebServer(workers.environment(tmp_path, []) | rows, tmp_path / "web.log")
    yield made
    made.kill()


class Sender:
    """Sends one body and hears what is said meanwhile."""

    def __init__(self, web, path, length, cookie=""):
        self.door = socket.create_connection(("127.0.0.1", web.port), timeout=TIMEOUT)
        size = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{web.port}",
            size,
            f"Content-Type: {FORM}",
            "Connection: close",
        ]
        self.door.sendall("\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode())

    def send(self, piece: bytes, times: int) -> None:
        for _ in range(times):
            self.door.sendall(piece)

    def hear(self) -> str:
        with self.door:
            return self.door.makefile("rb").read().decode()


def kilobytes(web, what="VmHWM") -> int:
    """What the process has had in memory at most."""
    return int(re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{web.process.pid}/status").read_text())[1])


def open_files(web) -> list[str]:
    """Also those that have no name any more."""
    links = Path(f"/proc/{web.process.pid}/fd").iterdir()
    return [str(each.readlink()) for each in links if each.is_symlink()]


class Visitor(threading.Thread):
    """Somebody else, who asks for a page again and again until the block ends."""

    def __init__(self, web):
        super().__init__()
        self.web, self.is_here, self.is_over, self.waited = web, threading.Event(), threading.Event(), []

    def run(self):
        while not self.is_over.wait(0.02):
            self.is_here.set()
            self.waited.append(requests.get(f"{self.web.url}/healthz/", timeout=TIMEOUT).elapsed.total_seconds())

    def __enter__(self):
        self.start()
        assert self.is_here.wait(TIMEOUT)
        return self

    def __exit__(self, *trouble):
        self.is_over.set()
        self.join()


@pytest.mark.deep
def test_large_anonymous_form_costs_no_memory_time_or_disk(web, tmp_path):
    before = kilobytes(web)
    head = b'--cut\r\nContent-Disposition: form-data; name="video_file"; filename="a.mp4"\r\n\r\n'
    foot = b"\r\n--cut--\r\n"
    open_then, said = [], []
    for cookie in ("", COOKIE):
        begun = time.monotonic()
        with Visitor(web) as visitor:
            sender = Sender(web, "/create/video/", 60 * MEGABYTE, cookie)
            sender.send(head, 1)
            sender.send(b"\n" * MEGABYTE, 59)
            open_then += open_files(web)
            sender.send(b"\n" * (MEGABYTE - len(head + foot)) + foot, 1)
            said.append(sender.hear()[:13])
        took = time.monotonic() - begun
        assert max(visitor.waited) < max(5, took / 3), "seconds in which nobody else was served"

    assert said == ["HTTP/1.1 413 ", "HTTP/1.1 403 "]
    assert kilobytes(web) - before < 30_000, "kilobytes more than before"
    own = (str(tmp_path), str(database.settings_dict["NAME"]))  # it may be open for somebody else's page
    assert [name for name in open_then if name.startswith("/tmp/") and not name.startswith(own)] == []


def test_oversized_body_is_refused_before_it_arrives(web):
    announced, hidden = (Sender(web, "/jobs/", length, COOKIE) for length in (2 * MEGABYTE, None))
    announced.send(b"x" * 1000, 1)
    hidden.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 16)

    for said in (announced.hear(), hidden.hear()):
        assert said.startswith("HTTP/1.1 413 "), said
        assert "the limit is 1 MB. Nothing was saved or changed." in said


def test_video_of_some_megabytes_is_uploaded(web):
    mika = UserFactory(name="Mika", email="mika@example.test")
    film = b"\0\0\0\x18ftypmp42" + os.urandom(5 * MEGABYTE)
    cookies = sign_in(mika) | {site.CSRF_COOKIE_NAME: TOKEN}

    answer = requests.post(
        f"{web.url}/create/video/", {"csrfmiddlewaretoken": TOKEN}, files={"video_file": ("a.mp4", film)},
        cookies=cookies, allow_redirects=False, timeout=60,
    )  # fmt: skip

    assert answer.status_code == 302, answer.text
    kept = Video.objects.get()
    assert (kept.workspace, kept.sha256) == (mika.workspaces.get(), hashlib.sha256(film).hexdigest())
