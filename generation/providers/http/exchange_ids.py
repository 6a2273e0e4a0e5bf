"""What a provider calls one exchange with us: whoever disputes a bill quotes it to them.

It goes into the log, and a server at an address of somebody's own may say anything in its place: only a plain name
counts, and nothing that we had said ourselves, which may be a key or the address of our callbacks.
"""

import re
from collections.abc import Iterator

from generation.providers.errors import cleaned
from generation.providers.http.client import Answer

HEADERS = ("x-fal-request-id", "x-request-id")
FIELDS = ("request_id", "trace_id")  # Kling, DashScope, MiniMax H3
HOLDER = "metadata"  # Vidu tells it in there
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{5,99}")
LONG = 12  # characters from which on a word of ours may be a key


def name_of(answer: Answer) -> str:
    """Its name for the request that ``answer`` belongs to; empty where it tells none."""
    names = [each for each in _told(answer) if _is_plain(each)]
    ours = list(_said(answer)) if names else []
    return next((each for each in names if not _is_ours(each, ours)), "")


def _told(answer: Answer) -> Iterator[object]:
    yield from (answer.headers.get(name) for name in HEADERS)
    body = answer.json()
    for holder in (body, body.get(HOLDER)) if isinstance(body, dict) else ():
        if isinstance(holder, dict):
            yield from (holder.get(name) for name in FIELDS)


def _is_plain(name) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None and cleaned(name) == name


def _is_ours(name: str, ours: list[str]) -> bool:
    """Said by us, or with a key in it that went along."""
    return any(name in text for text in ours) or any(
        word in name for text in ours[1:] for word in text.split() if len(word) >= LONG
    )


def _said(answer: Answer) -> Iterator[str]:
    """The body and the address of the request, and its headers, which are the only ones with a key."""
    if (asked := answer.asked) is not None:
        body = asked.body or b""
        yield body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        yield str(asked.url)
        yield from (text if isinstance(text, str) else text.decode("latin-1") for text in asked.headers.values())
