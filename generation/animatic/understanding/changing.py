"""What a person may make of a thing that was understood: every chip can be switched off, many can become another.

A key is ``slot:value`` ("subject:girl") for what is left out, ``slot:value=other`` ("subject:girl=boy") for what is
changed. A colour's value names what it is of: "colour:hair red=hair blue".
"""

from collections.abc import Iterable

from ..scene import CAMERAS, DEFAULT_MAX_COUNT, EXPRESSIONS, PARTICLES, PLACES, STYLES, SUBJECTS, TIMES, VIEWS, WEATHERS
from .lexicon import table

HAIR = ("long", "short", "twintails", "ponytail", "bob", "bun", "spiky")
CLOTHES = ("uniform", "yukata", "hoodie", "coat", "dress", "suit", "casual")
ACTIONS = ("stand", "walk", "run", "sit", "wave", "look_up")
CHOICES = {
    "subject": SUBJECTS, "count": tuple(str(n) for n in range(1, DEFAULT_MAX_COUNT + 1)), "hair": HAIR,
    "clothes": CLOTHES, "expression": EXPRESSIONS, "action": ACTIONS, "view": VIEWS, "place": PLACES, "time": TIMES,
    "weather": WEATHERS, "camera": CAMERAS, "particles": PARTICLES, "style": STYLES,
}  # fmt: skip


def choices(slot: str, value: str) -> tuple[str, ...]:
    """Every value that a chip may have instead, its own among them; nothing for one that can only be switched off."""
    if slot == "colour":
        part = value.partition(" ")[0]
        return tuple(f"{part} {colour}" for colour in table("colours")["clothes" if part == "accent" else part])
    return CHOICES.get(slot, ())


def changes_in(keys: Iterable[str]) -> dict[str, str]:
    """Key of a chip → the value it shall have, for every key that changes something it can be changed to."""
    out = {}
    for key in keys:
        before, _, wanted = key.rpartition("=")
        slot, _, value = before.partition(":")
        if wanted in choices(slot, value):
            out[before] = wanted
    return out
