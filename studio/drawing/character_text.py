"""How a character looks, in English words: for engines that take no pictures, and beside the pictures for the others.

Pure: no rows are read. Of a person's colours the first is the hair, the second the clothes, the third the eyes.
"""

from generation.providers.prompt import STYLE_WORDS
from studio.models import Character, CharacterPicture

PARTS = ("hair", "clothes", "eyes")
NAMED = {
    "red": "#c4302b", "orange": "#e6843a", "yellow": "#f2cf52", "gold": "#dca93c", "green": "#4c9460",
    "dark green": "#1f4a33", "teal": "#2f9696", "light blue": "#8ec5ee", "blue": "#2f64c8", "navy": "#28365f",
    "purple": "#7a54ac", "pink": "#f0a0b8",
    "bright pink": "#f45fae", "magenta": "#c8328f", "brown": "#7c5638", "dark brown": "#43291c",
    "beige": "#e4d3b0", "black": "#16141a", "dark grey": "#4a4a50", "grey": "#8a8d98", "silver": "#c2c8d4",
    "white": "#f8f8f8",
}  # fmt: skip
ROLES = {
    CharacterPicture.Role.FACE: "face",
    CharacterPicture.Role.BODY: "whole figure",
    CharacterPicture.Role.SIDE: "from the side",
    CharacterPicture.Role.BACK: "from behind",
    CharacterPicture.Role.OUTFIT: "clothes",
    CharacterPicture.Role.EXPRESSION: "expression",
    CharacterPicture.Role.DETAIL: "detail",
}
FIRST = ("face", "body", "outfit", "side", "back", "expression", "detail", "other")  # what tells most, first


def words(character: Character, *, style: str = "") -> str:
    """ "Aki: long hair, red (#c92c18) hair, drawn as …"; empty for somebody of whom nothing is known but the name.

    ``style`` is what the scene is drawn in: a sheet of the same style needs no words.
    """
    parts = [character.description.strip().rstrip(".。,，、")]
    parts += _coloured(character)
    if character.sheet != style and character.sheet in STYLE_WORDS:
        parts.append(f"drawn as {STYLE_WORDS[character.sheet]}")
    said = ", ".join(part for part in parts if part)
    return f"{character.name}: {said}" if said else ""


def _coloured(character: Character) -> list[str]:
    named = [f"{name_of(colour)} ({colour})" for colour in character.colours]
    if not named:
        return []
    if character.kind != Character.Kind.PERSON:
        return [f"in {' and '.join(named)}"]
    parts = [f"{colour} {part}" for colour, part in zip(named, PARTS, strict=False)]
    return parts + ([f"also {' and '.join(named[len(PARTS) :])}"] if named[len(PARTS) :] else [])


def name_of(colour: str) -> str:
    """The name nearest to ``#rrggbb``, as eyes see it and not as numbers are apart."""
    wanted = _rgb(colour)
    return min(NAMED, key=lambda name: _apart(wanted, _rgb(NAMED[name])))


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _apart(one, other) -> float:
    """Red and blue weigh more or less by how much red there is ("redmean"); a grey is not near to a faint colour."""
    red = (one[0] + other[0]) / 2
    r, g, b = (mine - theirs for mine, theirs in zip(one, other, strict=True))
    strength = (max(one) - min(one)) - (max(other) - min(other))
    return (2 + red / 256) * r * r + 4 * g * g + (2 + (255 - red) / 256) * b * b + 4 * strength * strength


def pictures(cast) -> list[tuple]:
    """(picture, what it shows) of everybody, faces first: each of the cast gets one before anybody gets a second."""
    rows = [sorted(who.pictures.all(), key=lambda each: FIRST.index(each.role)) for who in cast]
    turns = [(turn, n, each) for n, own in enumerate(rows) for turn, each in enumerate(own)]
    order = sorted(turns, key=lambda turn: turn[:2])
    return [(each.picture, _shown(cast[n], each.role)) for _turn, n, each in order]


def _shown(character: Character, role: str) -> str:
    return f"{character.name}, {ROLES[role]}" if role in ROLES else character.name


def captions(shown: list[str]) -> str:
    """What each reference picture shows, in the order in which they are sent."""
    return ". ".join(f"Picture {n}: {words}" for n, words in enumerate(shown, 1))
