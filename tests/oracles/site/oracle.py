"""Helpers of the SDK scripts, with the standard library alone: addresses, faults and callbacks of the fakes."""

import json
import os
import time
import urllib.request

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"a film of an oracle " * 50
# a PNG of one pixel
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
PICTURE = f"data:image/png;base64,{PIXEL}"


def get_url(slug: str) -> str:
    return f"{os.environ['ORACLE_SERVER']}/{slug}"


def get_key(slug: str) -> str:
    return json.loads(os.environ["ORACLE_KEYS"])[slug]


def queue_faults(slug: str, route: str, *faults: str) -> None:
    """Queue faults for the next requests of a route."""
    for fault in faults:
        _control(f"{slug}/next/{route}/{fault}")


def set_times(slug: str, *, queued: float = 0, running: float = 0) -> None:
    """Set the seconds that all tasks, existing ones too, are queued and run."""
    _control(f"{slug}/times/{queued}/{running}")


def fetch_callback(slug: str, task_id: str) -> tuple[dict, str]:
    """Return headers and body of the provider's callback about a task."""
    data = json.loads(_control(f"{slug}/callback/{task_id}"))
    return data["headers"], data["body"]


def download(url: str, **headers) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read()


def wait_until(read, is_expected, seconds: float = 120):
    """Call ``read`` until ``is_expected`` accepts its value, and return the value."""
    end = time.monotonic() + seconds
    while not is_expected(value := read()):
        assert time.monotonic() < end, value
        time.sleep(0.05)
    return value


def catch_error(error_class, call):
    """Return the error of that class that the call raises."""
    try:
        result = call()
    except error_class as error:
        return error
    raise AssertionError(f"not refused: {result}")


def _control(command: str) -> bytes:
    return download(f"{os.environ['ORACLE_SERVER']}/control/{command}")
