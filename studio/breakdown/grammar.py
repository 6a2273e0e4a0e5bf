"""Load the grammar of a language: its words for people, animals and places, and the beats of a story."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

FOLDER = Path(__file__).with_name("grammar")
SPACED = frozenset({"en"})  # languages with spaces between words


@dataclass(frozen=True)
class Beat:
    """One kind of scene. ``lines``, ``pair`` and ``alone``: variants with at least one character, two, and none."""

    name: str
    lines: tuple[str, ...]
    alone: tuple[str, ...]
    pair: tuple[str, ...] = ()
    camera: str = ""
    time: str = ""
    is_outside: bool = False


@dataclass(frozen=True)
class Grammar:
    """The words of a language. ``table``: the content of its file in ``grammar/``."""

    language: str
    table: dict

    @property
    def is_spaced(self) -> bool:
        return self.language in SPACED

    @cached_property
    def beats(self) -> dict[str, Beat]:
        rows = self.table["beats"].items()
        return {name: Beat(name, **{key: _freeze(value) for key, value in row.items()}) for name, row in rows}

    @property
    def text(self) -> dict:
        return self.table["text"]

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {word: int(number) for number, words in self.table["numbers"].items() for word in words}

    @cached_property
    def people(self) -> dict[str, str]:
        """Return noun → girl, boy or person."""
        return {noun: kind for kind, nouns in self.table["people"].items() for noun in nouns}

    @property
    def animals(self) -> dict[str, str]:
        """Return noun → the name of the usual colour."""
        return self.table["animals"]

    @cached_property
    def nouns(self) -> dict[str, str]:
        """Return every form of a noun of people and animals → its singular."""
        found = {noun: noun for noun in (*self.people, *self.animals)}
        if self.is_spaced:
            found |= {f"{noun}{_plural_ending(noun)}": noun for noun in list(found)}
        return found | self.table["plurals"]

    @cached_property
    def places(self) -> dict[str, str]:
        """Return noun → the word that says that somebody is there: "on" for the moon."""
        return {noun: word for word, nouns in self.table["places"].items() for noun in nouns}

    @cached_property
    def colours(self) -> dict[str, str]:
        """Return colour word → name of the colour."""
        return {word: name for name, words in self.table["colours"].items() for word in words}


@cache
def load_grammar(language: str) -> Grammar:
    """Return the grammar of "en", "zh" or "ja"."""
    return Grammar(language, tomllib.loads((FOLDER / f"{language}.toml").read_text()))


def join_words(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, the longest one first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _plural_ending(noun: str) -> str:
    return "es" if noun.endswith(("s", "x", "ch", "sh")) else "s"


def _freeze(value):
    return tuple(value) if isinstance(value, list) else value
