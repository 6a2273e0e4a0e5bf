"""Parse the extra headers that a connection sends, for example for a proxy: one ``Name: value`` per line."""

import re
from collections.abc import Iterable

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}\Z")
RESERVED = {
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
MAX_HEADERS = 10


class TooManyHeaders(ValueError):
    """More than MAX_HEADERS."""


def is_name(word: str) -> bool:
    """Return whether the word is a valid header name that HTTP itself does not need."""
    return bool(TOKEN.match(word)) and word.lower() not in RESERVED


def parse_headers(lines: Iterable[str]) -> dict[str, str]:
    """Return {name: value}. Raises ValueError for an invalid or reserved header, TooManyHeaders for too many."""
    headers = {}
    for line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not name:
            continue
        if not (colon and is_name(name) and value.isascii() and value.isprintable()):
            raise ValueError("invalid header")
        headers[name] = value
    if len(headers) > MAX_HEADERS:
        raise TooManyHeaders
    return headers
