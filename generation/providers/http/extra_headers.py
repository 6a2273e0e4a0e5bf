"""Headers that an account wants besides its key, as a proxy before it may: one a line, ``Name: value``."""

import re
from collections.abc import Iterable

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}\Z")
OURS = {
    "connection", "content-length", "content-type", "cookie", "expect", "host", "te", "trailer", "transfer-encoding",
    "upgrade",
}  # fmt: skip
MOST = 10


class TooMany(ValueError):
    """More than MOST of them."""


def is_name(word: str) -> bool:
    """Whether a header may be called so, and is none that HTTP itself needs."""
    return bool(TOKEN.match(word)) and word.lower() not in OURS


def read(lines: Iterable[str]) -> dict[str, str]:
    """{name: value}. ValueError for what is no header, or one that HTTP itself needs; TooMany."""
    found = {}
    for line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not name:
            continue
        if not (colon and is_name(name) and value.isascii() and value.isprintable()):
            raise ValueError("no header")
        found[name] = value
    if len(found) > MOST:
        raise TooMany
    return found
