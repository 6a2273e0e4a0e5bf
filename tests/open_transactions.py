"""Notice work inside transactions that keeps others waiting: child processes, HTTP requests, decoding, sleeps.

SQLite has one lock for writing, PostgreSQL few connections. Whoever waits while holding one stops the whole site.
"""

import http.client
import subprocess
import time
import traceback
from pathlib import Path

import pytest
from django.db import connections
from PIL import ImageFile

ROOT = Path(__file__).parent.parent
SLOW_CALLS = [
    (subprocess.Popen, "__init__", "started a process"),
    (http.client.HTTPConnection, "putrequest", "sent an HTTP request"),
    (ImageFile.ImageFile, "load", "decoded a picture"),
    (time, "sleep", "slept"),
]


def is_transaction_open() -> bool:
    """Return whether this thread has a transaction other than the one that Django puts around each test."""
    blocks = [block for connection in connections.all(initialized_only=True) for block in connection.atomic_blocks]
    return not all(block._from_testcase for block in blocks)


def describe_callers() -> str:
    """Return the lines of this repository that led to the call, outermost first."""
    frames = [frame for frame in traceback.extract_stack() if Path(frame.filename).is_relative_to(ROOT)]
    places = [f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno}" for frame in frames]
    return " > ".join(place for place in places if not place.startswith((".venv", "tests/open_transactions")))


def report_slow_calls(patch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by one sentence with each slow call in a transaction, until ``patch`` is undone."""
    found: list[str] = []
    for owner, name, deed in SLOW_CALLS:
        patch.setattr(owner, name, _report_to(found, getattr(owner, name), deed))
    return found


def _report_to(found: list[str], call, deed: str):
    def call_and_report(*args, **options):
        if is_transaction_open():
            found.append(f"{deed} inside a transaction: {describe_callers()}")
        return call(*args, **options)

    return call_and_report
