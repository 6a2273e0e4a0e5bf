"""Load the word tables in ``words/``."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"
LANGUAGES = ("en", "zh", "ja")


@cache
def load_table(name: str) -> dict[str, Any]:
    """Load ``words/<name>.toml``."""
    with (WORDS / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def load_set(language: str, section: str, name: str) -> frozenset[str]:
    """Return one list of a table as a set."""
    return frozenset(load_table(language)[section][name])


@cache
def invert(language: str, section: str) -> dict[str, str]:
    """Return word → name of its list, for a section of lists. The first list that has a word keeps it."""
    found: dict[str, str] = {}
    for name, words in load_table(language)[section].items():
        for word in words:
            found.setdefault(word, name)
    return found


def find_longest(words: list[str], known: Iterable[str] | dict[str, Any], start: int, most: int, gap: str) -> int:
    """Return how many words from ``start`` on make the longest phrase of ``known``, 0 for none.

    ``most``: the words of the longest phrase; ``gap``: what stands between two words.
    """
    for length in range(min(most, len(words) - start), 0, -1):
        if gap.join(words[start : start + length]) in known:
            return length
    return 0
