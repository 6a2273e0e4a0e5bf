"""Mark in a text what a search found."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.search.tokens import RUN, normalise_part

BEFORE = 24  # characters of a snippet before its first hit


def mark_hits(text: str, words: Iterable[str]) -> SafeString:
    """Return the text, escaped, with <mark> around the words, which are runs of a query."""
    if not words:
        return format_html("{}", text)
    parts, end = [], 0
    for start, stop in find_hits(text, words):
        parts += [format_html("{}", text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    parts.append(format_html("{}", text[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def mark_snippet(text: str, words: Iterable[str], length: int = 90) -> SafeString:
    """Return the part of the text around its first hit, marked; "" if it has none."""
    words = list(words)
    text = " ".join(text.split()) if words else ""
    hits = find_hits(text, words)
    if not hits:
        return mark_safe("")
    start = max(hits[0][0] - BEFORE, 0)
    cut = text[start : start + length]
    return format_html("{}{}{}", "…" if start else "", mark_hits(cut, words), "…" if start + length < len(text) else "")


def find_hits(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the words are in the text: at the beginning of its words, and anywhere in a run of signs."""
    if not words:
        return []
    plain, origins = "", []
    for position, character in enumerate(text):
        normal = _normalise_character(character)
        plain += normal
        origins += [position] * len(normal)
    hits = [hit for word in words if word for hit in _find_word(plain, word)]
    merged: list[tuple[int, int]] = []
    for first, last in sorted((origins[start], origins[stop - 1] + 1) for start, stop in hits):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


_normalise_character = lru_cache(maxsize=5000)(normalise_part)


def _find_word(plain: str, word: str) -> list[tuple[int, int]]:
    match = RUN.match(word)
    if match is None:
        return []
    if not match["signs"]:
        starts = [found.start() for found in RUN.finditer(plain) if found[0].startswith(word)]
        return [(start, start + len(word)) for start in starts]
    needles = [word] if word in plain else [word[n : n + 2] for n in range(len(word) - 1)]
    return [
        (start, start + len(needle))
        for needle in needles
        for start in range(len(plain))
        if plain.startswith(needle, start)
    ]
