"""Requests to a fake and its replies."""

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    path: str  # below the fake's own prefix
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes
    origin: str  # scheme://host:port/prefix
    at: float = field(default_factory=time.monotonic)

    def json(self):
        return json.loads(self.body or b"{}")


@dataclass
class Reply:
    """Response after ``delay`` seconds. ``cut`` drops the connection instead, ``write_raw`` writes to its socket."""

    status: int = 200
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    delay: float = 0.0
    write_raw: Callable[[socket.socket], None] | None = None
