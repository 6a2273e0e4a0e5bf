"""Things, animals and plants drawn from the pictures of a licensed set; README.md names the sources.

``props.toml`` says how each is drawn and which words mean it, ``artwork.zip`` holds the shapes of the pictures.
"""

import json
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLE = HERE / "props.toml"
ARTWORK = HERE / "artwork.zip"
LANGUAGES = ("en", "zh", "ja")
PICTURE_SIZE = 1600  # coordinates of the shapes run from 0 to this value, y downwards

Shape = tuple[str, list[list[int]]]
"""Colour (``#rrggbb``) and outlines (x, y, x, y …); an outline inside another is a hole."""


@dataclass(frozen=True, slots=True)
class Prop:
    """How a prop is drawn.

    ``stands``: ground, table, hand, wall, water or sky. ``moves``: stands, hops, drives, flies, tugs, flutters, swims,
    floats, sways or hangs. ``cm``: height of the whole picture. ``place``: where it is if the prompt does not say.
    ``over``: the subject whose words it takes, because it names the thing more exactly. ``is_plural``: the picture
    shows several. ``drawn``: "beast" for an animal that is drawn as dogs are, without a picture.
    """

    group: str
    stands: str
    moves: str
    place: str
    cm: int
    sign: str
    names: tuple[str, str, str]  # in the order of LANGUAGES
    over: str = ""
    is_plural: bool = False
    drawn: str = ""

    def name_in(self, language: str) -> str:
        """Return the name in a language of LANGUAGES, or in English."""
        return self.names[LANGUAGES.index(language) if language in LANGUAGES else 0]


@cache
def load_table() -> dict[str, Any]:
    """Load ``props.toml``."""
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def load_props() -> dict[str, Prop]:
    """Return all props by their kind, which is also the name of the picture."""
    return {
        kind: Prop(
            group["name"],
            group["kind"],
            group["moves"],
            group["place"],
            row["cm"],
            row["sign"],
            (row["en"][0], row["zh"][0], row["ja"][0]),
            row.get("over", ""),
            row.get("is_plural", False),
            row.get("drawn", ""),
        )
        for group in load_table()["groups"]
        for kind, row in group["props"].items()
    }


def list_words(language: str) -> list[tuple[str, str]]:
    """Return the words of a language with the prop that each means."""
    rows = [row for group in load_table()["groups"] for row in group["props"].items()]
    return [(word, kind) for kind, row in rows for word in row[language]]


def load_shapes(kind: str) -> list[Shape]:
    """Return the shapes of a picture, back to front. Raises KeyError if there is no such picture."""
    with zipfile.ZipFile(ARTWORK) as archive:
        return [(colour, outlines) for colour, outlines in json.loads(archive.read(kind))]
