"""Chips: what was understood from a prompt, each of which the user may disable or, often, change to another value.

A key is ``slot:value`` ("subject:girl") for a disabled chip, ``slot:value=other`` ("subject:girl=boy") for a changed
one. The value of a colour names its part: "colour:hair red=hair blue".
"""

from collections.abc import Iterable

from ..props import load_props
from ..scene import (
    ACTIONS,
    CAMERAS,
    DEFAULT_MAX_COUNT,
    EXPRESSIONS,
    PARTICLES,
    PLACES,
    STYLES,
    SUBJECTS,
    TIMES,
    VIEWS,
    WEATHERS,
    Chip,
)
from .lexicon import load_table

HAIR = ("long", "short", "twintails", "ponytail", "bob", "bun", "spiky")
CLOTHES = ("uniform", "yukata", "hoodie", "coat", "dress", "suit", "casual")
SLOT_CHOICES = {
    "subject": SUBJECTS, "count": tuple(str(n) for n in range(1, DEFAULT_MAX_COUNT + 1)), "hair": HAIR,
    "clothes": CLOTHES, "expression": EXPRESSIONS, "view": VIEWS, "place": PLACES, "time": TIMES,
    "action": tuple(action for action in ACTIONS if action != "ride"),
    "weather": WEATHERS, "camera": CAMERAS, "particles": PARTICLES, "style": STYLES,
}  # fmt: skip
PICTURE_SLOTS = ("weather", "particles", "camera", "style", "overlay", "card", "twos", "ambience", "mood", "without")
VISIBLE_VALUES = frozenset((*PLACES, *SUBJECTS, *TIMES, "people"))  # the image shows these already


def list_choices(slot: str, value: str) -> tuple[str, ...]:
    """Return the values that a chip can have, including its present one; empty if it can only be disabled."""
    if slot == "colour":
        part = value.partition(" ")[0]
        return tuple(f"{part} {colour}" for colour in load_table("colours")["clothes" if part == "accent" else part])
    props = load_props()
    if slot == "subject" and value in props:
        alike = (kind for kind, prop in props.items() if prop.group == props[value].group)
        return (*alike, *SUBJECTS)
    return SLOT_CHOICES.get(slot, ())


def parse_changes(keys: Iterable[str]) -> dict[str, str]:
    """Map chip keys to their new values, for every key that names a valid change."""
    out = {}
    for key in keys:
        before, _, wanted = key.rpartition("=")
        slot, _, value = before.partition(":")
        if wanted in list_choices(slot, value):
            out[before] = wanted
    return out


def split_for_picture(chips: tuple[Chip, ...]) -> tuple[tuple[Chip, ...], tuple[str, ...]]:
    """Split the chips of a clip made from a picture, because the picture decides who, where and when.

    Returns the chips that have an effect, and the words of the others.
    """
    active = tuple(
        chip
        for chip in chips
        if chip.slot in PICTURE_SLOTS
        and not (chip.slot == "without" and (chip.value in VISIBLE_VALUES or chip.value in load_props()))
    )
    used = {chip.text for chip in active}
    return active, tuple(dict.fromkeys(chip.text for chip in chips if chip not in active and chip.text not in used))
