"""Rows of the TOML files: roles, animals, poses and things, each with its words in English, Chinese and Japanese."""

import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..props import list_words

HERE = Path(__file__).parent
LANGUAGES = ("en", "zh", "ja")
KINDS = ("ground", "table", "wall", "hand", "worn", "sky", "water", "held_by_two")
PERSON_METRES = 1.7
TOOL_METRES = 1.0  # of the rows of tools.toml, which have a size in the hand only
Words = dict[str, tuple[str, ...]]  # by language


@dataclass(frozen=True, slots=True)
class Role:
    """A row of ``roles.toml``, which explains the columns."""

    hair: str
    clothes: str
    words: Words
    marks: tuple[str, ...] = ()
    tool: str = ""
    bulk: float = 1.0
    tall: float = 1.0

    @property
    def metres(self) -> float:
        return PERSON_METRES * self.tall


@dataclass(frozen=True, slots=True)
class Animal:
    """A row of ``animals.toml``, which explains the columns."""

    body: str
    metres: float
    words: Words
    long: float = 1.0
    bulk: float = 1.0
    leg: float = 1.0
    neck: float = 1.0
    head: float = 1.0
    snout: float = 1.0
    fin: float = 1.0
    upright: float = 0.0
    ears: str = "point"
    tail: str = ""
    tails: int = 1
    horns: str = ""
    crest: str = ""
    bill: str = "short"
    pattern: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pose:
    """A row of ``poses.toml``, which explains the columns. Limbs: upper and lower part in degrees."""

    hip: float
    near_arm: tuple[float, float]
    far_arm: tuple[float, float]
    near_leg: tuple[float, float]
    far_leg: tuple[float, float]
    doing: str
    words: Words = field(default_factory=dict)
    lean: float = 0.0
    head: float = 0.0
    turn: float = 0.0
    rests: str = "feet"
    hand: str = "far"
    animal: str = "stand"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture of the set is and where it belongs. ``is_named``: words may mean it."""

    kind: str
    metres: float
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class SetPiece:
    """A row of ``set_pieces.toml``, which explains the columns. ``marks``: rows of points by the way they are drawn."""

    kind: str
    metres: float
    words: Words
    marks: dict[str, list[list[float]]]


def load_table(name: str) -> dict[str, Any]:
    """Load a TOML file of this folder."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


def _read_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a row with lists as tuples, the words of all languages in one column."""
    words = {language: tuple(row.get(language, ())) for language in LANGUAGES}
    rest = {key: value for key, value in row.items() if key not in LANGUAGES}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in rest.items()} | {"words": words}


@cache
def load_roles() -> dict[str, Role]:
    return {name: Role(**_read_row(row)) for name, row in load_table("roles").items()}


@cache
def load_animals() -> dict[str, Animal]:
    return {name: Animal(**_read_row(row)) for name, row in load_table("animals").items()}


@cache
def load_poses() -> dict[str, Pose]:
    return {name: Pose(**_read_row(row)) for name, row in load_table("poses").items()}


@cache
def load_set_pieces() -> dict[str, SetPiece]:
    """Return the things that are drawn without a picture."""
    pieces = {}
    for name, row in load_table("set_pieces").items():
        words = {language: tuple(row.pop(language, ())) for language in LANGUAGES}
        pieces[name] = SetPiece(row.pop("kind"), row.pop("metres"), words, row)
    return pieces


@cache
def load_sizes() -> dict[str, Size]:
    """Return the sizes of all things by name: set pieces, and pictures of the set."""
    table = load_table("things")
    hidden = set(table["skip"])
    pictures = {name: Size(kind, m, name not in hidden) for kind in KINDS for name, m in table[kind].items()}
    return pictures | {name: Size(piece.kind, piece.metres) for name, piece in load_set_pieces().items()}


@cache
def load_thing_words(language: str) -> dict[str, tuple[str, ...]]:
    """Return the words for each thing: those of the set pieces and props first, then name and keywords of the CLDR.

    A keyword may stand beside several pictures; a name, the first of the CLDR's, means one.
    """
    chosen: dict[str, list[str]] = {name: list(piece.words[language]) for name, piece in load_set_pieces().items()}
    for word, prop in list_words(language):
        chosen.setdefault(prop, []).append(word)
    rows = json.loads((HERE / "thing_names.json").read_text("utf-8"))
    names = [*rows, *(name for name in load_set_pieces() if name not in rows)]
    found = {name: [*chosen.get(name, ()), *(rows[name][language] if name in rows else ())] for name in names}
    return {name: tuple(dict.fromkeys(words)) for name, words in found.items()}


@cache
def list_tools() -> frozenset[str]:
    """Return the things that are drawn in a hand without a picture."""
    return frozenset(load_table("tools"))


def find_metres(name: str) -> float | None:
    """Return the height of a role, an animal or a picture in metres, None if the name is none of them."""
    for table in (load_roles(), load_animals(), load_sizes()):
        if name in table:
            return table[name].metres
    return TOOL_METRES if name in list_tools() else None
