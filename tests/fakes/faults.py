"""Faults common to all fakes: name → function of the fake and its regular handler."""

import gzip
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate

from tests.fakes.messages import Reply


def _after(reply: Reply):
    """Return a fault that creates the task before it sends ``reply``."""

    def fault(fake, handle):
        handle()
        return reply

    return fault


def _instead(reply: Reply):
    return lambda fake, handle: reply


def _drip(connection: socket.socket) -> None:
    """Send a response byte by byte without end."""
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(60):
            connection.sendall(b" ")
            time.sleep(0.3)


def _late(fake, handle):
    """Respond late, but within every timeout."""
    return replace(handle(), delay=0.4)


def _flood(header: str):
    """Return a fault that sends an endless video with this header."""

    def pour(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n{header}\r\n".encode())
            connection.sendall(bytes(64 << 20))

    return _instead(Reply(write_raw=pour))


HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
COMMON: dict[str, Callable] = {
    "cut_after_create": _after(Reply(cut=True)),
    "hang_after_create": _after(Reply(cut=True, delay=4)),
    "html_502_after_create": _after(Reply(502, HTML, {"Content-Type": "text/html"})),
    "no_json_after_create": _after(Reply(200, "{", {"Content-Type": "application/json"})),
    "no_id_after_create": _after(Reply(200, {"ok": True})),
    "huge_answer": _after(Reply(200, b"x" * (11 << 20))),
    "slow": _late,
    "huge": _flood("Content-Length: 3221225472\r\n"),
    "endless": _flood(""),
    "html_502": _instead(Reply(502, HTML, {"Content-Type": "text/html"})),
    "cut": _instead(Reply(cut=True)),
    "hang": _instead(Reply(cut=True, delay=4)),
    "redirect_inside": _instead(Reply(302, b"", {"Location": "http://169.254.169.254/latest/"})),
    "redirect_home": _instead(Reply(302, b"", {"Location": "http://127.0.0.1/"})),
    "redirect_file": _instead(Reply(302, b"", {"Location": "file:///etc/hostname"})),
    "drip_after_create": _after(Reply(write_raw=_drip)),
    "busy_date": lambda fake, handle: Reply(429, {"error": "slow down"}, {"Retry-After": formatdate(time.time() + 1)}),
    "busy_retry_after": _instead(Reply(429, {"error": "slow down"}, {"Retry-After": "1"})),
    "expired": _instead(Reply(403, b"expired")),
    "gone": _instead(Reply(404, b"")),
    "html": _instead(Reply(200, "<html></html>", {"Content-Type": "text/html"})),
    "not_a_film": _instead(Reply(200, b"PK\x03\x04" + bytes(4096), {"Content-Type": "video/mp4"})),
    "truncated": lambda fake, handle: Reply(200, fake.video_bytes[: len(fake.video_bytes) // 2]),
    "gzip_bomb": _instead(Reply(200, gzip.compress(bytes(20 << 20)), {"Content-Encoding": "gzip"})),
    "empty": _instead(Reply(200, b"", {"Content-Type": "video/mp4"})),
    "auth": lambda fake, handle: fake.refusal("auth"),
    "quota": lambda fake, handle: fake.refusal("quota"),
    "invalid": lambda fake, handle: fake.refusal("invalid"),
    "moderation": lambda fake, handle: fake.refusal("moderation"),
    "busy": lambda fake, handle: fake.refusal("busy"),
    "broken": lambda fake, handle: fake.refusal("broken"),
}
