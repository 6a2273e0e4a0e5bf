"""What the scripts of all oracles need, by the standard library alone: where the fakes stand and how to bend them."""

import json
import os
import time
import urllib.request

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"a film of an oracle " * 50
# a PNG of one pixel
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
PICTURE = f"data:image/png;base64,{PIXEL}"


def base(slug: str) -> str:
    return f"{os.environ['ORACLE_SERVER']}/{slug}"


def key(slug: str) -> str:
    return json.loads(os.environ["ORACLE_KEYS"])[slug]


def say(slug: str, sort: str, *faults: str) -> None:
    """The next requests of that sort meet these faults."""
    for fault in faults:
        _tell(f"{slug}/next/{sort}/{fault}")


def times(slug: str, *, queued: float = 0, running: float = 0) -> None:
    """How long tasks wait and run from now on; those that exist too."""
    _tell(f"{slug}/times/{queued}/{running}")


def callback(slug: str, task_id: str) -> tuple[dict, str]:
    """Headers and body of what the provider would call back with about that task."""
    told = json.loads(_tell(f"{slug}/callback/{task_id}"))
    return told["headers"], told["body"]


def bytes_of(url: str, **headers) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read()


def until(ask, is_done, seconds: float = 120):
    """Ask again until it is so."""
    end = time.monotonic() + seconds
    while not is_done(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def refused(kind, act):
    """The error of that class that an act ends with."""
    try:
        done = act()
    except kind as error:
        return error
    raise AssertionError(f"not refused: {done}")


def _tell(words: str) -> bytes:
    return bytes_of(f"{os.environ['ORACLE_SERVER']}/say/{words}")
