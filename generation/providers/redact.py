"""Remove users' texts from a provider's messages, which logs and administrators see."""

import json
import re
from collections.abc import Iterator

LEAST = 12  # bytes that agree before it is a quotation and no accident: two or three words, or four Chinese signs
GAP = re.compile(r"\s+")


def redact(text: str, written: list[str]) -> str:
    """``text`` with "…" for each piece of what was written, also where only the beginning or the end is quoted."""
    forms = "\n".join(form for each in written for form in _forms(each))
    lower = _lower(text)
    kept, at = [], 0
    while at < len(text):
        if end := _quoted(lower, at, forms):
            kept.append("…")
            at = end
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)


def is_long(piece: str) -> bool:
    """Whether it is a quotation wherever it stands, and no accident."""
    return len(piece.encode("utf-8", "replace")) >= LEAST


def _quoted(text: str, at: int, forms: str) -> int:
    """Where the piece of ``forms`` that begins at ``at`` ends; 0 where none that is long enough does."""
    end = at + LEAST // 4  # no sign has more than four bytes
    while end <= len(text) and text[at:end] in forms:
        end += 1
    end -= 1
    piece = text[at:end]
    is_whole = f"\n{piece}\n" in f"\n{forms}\n" and _stands_alone(text, at, end)
    return end if piece and (is_long(piece) or is_whole) else 0


def _stands_alone(text: str, at: int, end: int) -> bool:
    return not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())


def _forms(written: str) -> Iterator[str]:
    """As it is, and as JSON and Python write it; in one line, as texts of providers are kept here."""
    for form in (
        written,
        json.dumps(written)[1:-1],
        json.dumps(written, ensure_ascii=False)[1:-1],
        repr(written)[1:-1],
    ):
        yield _lower(GAP.sub(" ", form).strip())


def _lower(text: str) -> str:
    """Sign for sign: a few capitals have two small signs."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
