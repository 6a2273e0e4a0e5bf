"""Faults common to all fakes, by name; each gets the fake and the regular action."""

import gzip
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate

from tests.fakes.exchange import Reply


def _after(reply: Reply):
    """Create the task first, then lose the answer."""

    def fault(fake, act):
        act()
        return reply

    return fault


def _instead(reply: Reply):
    return lambda fake, act: reply


def drip(line: socket.socket) -> None:
    """Send an answer byte by byte without end."""
    with suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(60):
            line.sendall(b" ")
            time.sleep(0.3)


def _late(fake, act):
    """Answer late, but within every timeout."""
    return replace(act(), hang=0.4)


def _flood(length: str):
    """Send a film without end, with or without its length."""

    def pour(line: socket.socket) -> None:
        with suppress(OSError):
            line.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n{length}\r\n".encode())
            line.sendall(bytes(64 << 20))

    return _instead(Reply(talk=pour))


HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
COMMON: dict[str, Callable] = {
    "cut_after_create": _after(Reply(cut=True)),
    "hang_after_create": _after(Reply(cut=True, hang=4)),
    "html_502_after_create": _after(Reply(502, HTML, {"Content-Type": "text/html"})),
    "no_json_after_create": _after(Reply(200, "{", {"Content-Type": "application/json"})),
    "no_id_after_create": _after(Reply(200, {"ok": True})),
    "huge_answer": _after(Reply(200, b"x" * (11 << 20))),
    "slow": _late,
    "huge": _flood("Content-Length: 3221225472\r\n"),
    "endless": _flood(""),
    "html_502": _instead(Reply(502, HTML, {"Content-Type": "text/html"})),
    "cut": _instead(Reply(cut=True)),
    "hang": _instead(Reply(cut=True, hang=4)),
    "redirect_inside": _instead(Reply(302, b"", {"Location": "http://169.254.169.254/latest/"})),
    "redirect_home": _instead(Reply(302, b"", {"Location": "http://127.0.0.1/"})),
    "redirect_file": _instead(Reply(302, b"", {"Location": "file:///etc/hostname"})),
    "drip_after_create": _after(Reply(talk=drip)),
    "busy_date": lambda fake, act: Reply(429, {"error": "slow down"}, {"Retry-After": formatdate(time.time() + 1)}),
    "busy_retry_after": _instead(Reply(429, {"error": "slow down"}, {"Retry-After": "1"})),
    "expired": _instead(Reply(403, b"expired")),
    "gone": _instead(Reply(404, b"")),
    "html": _instead(Reply(200, "<html></html>", {"Content-Type": "text/html"})),
    "not_a_film": _instead(Reply(200, b"PK\x03\x04" + bytes(4096), {"Content-Type": "video/mp4"})),
    "truncated": lambda fake, act: Reply(200, fake.film_bytes[: len(fake.film_bytes) // 2]),
    "gzip_bomb": _instead(Reply(200, gzip.compress(bytes(20 << 20)), {"Content-Encoding": "gzip"})),
    "empty": _instead(Reply(200, b"", {"Content-Type": "video/mp4"})),
    "auth": lambda fake, act: fake.refusal("auth"),
    "quota": lambda fake, act: fake.refusal("quota"),
    "invalid": lambda fake, act: fake.refusal("invalid"),
    "moderation": lambda fake, act: fake.refusal("moderation"),
    "busy": lambda fake, act: fake.refusal("busy"),
    "broken": lambda fake, act: fake.refusal("broken"),
}
