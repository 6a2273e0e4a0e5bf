"""Cutting words in two where a reader would."""

import re

ENDS = re.compile(r"(?:[.!?…;]+[\"'”’)]*\s+|[。！？；…]+[」』”’）]*|\n+)")
GAPS = re.compile(r"\s+|[，、,]\s*")


def halves(words: str, at: int | None = None) -> tuple[str, str]:
    """The words before and after ``at``; without one at the sentence end, else the gap, nearest to the middle."""
    if at is None:
        at = _nearest(ENDS, words) or _nearest(GAPS, words) or 0
    return words[:at].strip(), words[at:].strip()


def _nearest(pattern: re.Pattern, words: str) -> int | None:
    places = [match.end() for match in pattern.finditer(words.rstrip()) if words[: match.end()].strip()]
    places = [place for place in places if words[place:].strip()]
    return min(places, key=lambda place: abs(place - len(words) / 2), default=None)
