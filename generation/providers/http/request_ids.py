"""Find the provider's id of a request in its response; users quote it when they dispute a bill.

The id is logged, and a self-hosted server may put anything there. So only a short plain word is accepted, and nothing
that was in our request, since that may be a key or the callback URL.
"""

import re
from collections.abc import Iterator
from typing import TypeGuard

from generation.providers.errors import redact_secrets
from generation.providers.http.client import Answer

HEADERS = ("x-fal-request-id", "x-request-id")
FIELDS = ("request_id", "trace_id")  # Kling, DashScope, MiniMax H3
PARENT = "metadata"  # Vidu has the field in there
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{5,99}")
KEY_LENGTH = 12  # a word of our request with at least this many characters may be a key


def find_request_id(answer: Answer) -> str:
    """Return the provider's id of the request, or an empty string."""
    ids = [value for value in _candidates(answer) if _is_plain(value)]
    sent = list(_sent_texts(answer)) if ids else []
    return next((value for value in ids if not _is_ours(value, sent)), "")


def _candidates(answer: Answer) -> Iterator[object]:
    yield from (answer.headers.get(name) for name in HEADERS)
    body = answer.json()
    for part in (body, body.get(PARENT)) if isinstance(body, dict) else ():
        if isinstance(part, dict):
            yield from (part.get(name) for name in FIELDS)


def _is_plain(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and NAME.fullmatch(value) is not None and redact_secrets(value) == value


def _is_ours(value: str, sent: list[str]) -> bool:
    """Return whether the value is part of our request, or contains a long word of it that may be a key."""
    return any(value in text for text in sent) or any(
        word in value for text in sent[1:] for word in text.split() if len(word) >= KEY_LENGTH
    )


def _sent_texts(answer: Answer) -> Iterator[str]:
    """Yield the body, then the URL and headers of the request; only the URL and headers may contain a key."""
    if (request := answer.request) is not None:
        body = request.body or b""
        yield body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        yield str(request.url)
        yield from (text if isinstance(text, str) else text.decode("latin-1") for text in request.headers.values())
