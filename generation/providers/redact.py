"""Remove users' texts from a provider's messages, which logs and administrators see."""

import json
import re
from collections.abc import Iterator

MIN_BYTES = 12  # of a quotation: two or three words, or four Chinese characters; shorter matches are accidental
WHITESPACE = re.compile(r"\s+")


def redact(text: str, written: list[str]) -> str:
    """Return the text with "…" instead of every quotation of the ``written`` texts or of parts of them."""
    forms = "\n".join(form for source in written for form in _list_forms(source))
    lower = _lower(text)
    kept, at = [], 0
    while at < len(text):
        if end := _find_quote_end(lower, at, forms):
            kept.append("…")
            at = end
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)


def is_long(piece: str) -> bool:
    """Return whether a match is so long that it must be a quotation; shorter ones may be accidental."""
    return len(piece.encode("utf-8", "replace")) >= MIN_BYTES


def _find_quote_end(text: str, at: int, forms: str) -> int:
    """Return the end position of the quotation that begins at position ``at``, 0 if there is none."""
    end = at + MIN_BYTES // 4  # no character has more than four bytes
    while end <= len(text) and text[at:end] in forms:
        end += 1
    end -= 1
    piece = text[at:end]
    is_whole = f"\n{piece}\n" in f"\n{forms}\n" and _stands_alone(text, at, end)
    return end if piece and (is_long(piece) or is_whole) else 0


def _stands_alone(text: str, at: int, end: int) -> bool:
    return not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())


def _list_forms(written: str) -> Iterator[str]:
    """Yield the text as it is, JSON-escaped and Python-escaped, each in lower case and on one line."""
    for form in (
        written,
        json.dumps(written)[1:-1],
        json.dumps(written, ensure_ascii=False)[1:-1],
        repr(written)[1:-1],
    ):
        yield _lower(WHITESPACE.sub(" ", form).strip())


def _lower(text: str) -> str:
    """Return the text in lower case, or unchanged if that would change its length, as a few capitals do."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
