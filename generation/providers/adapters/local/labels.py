"""Translated labels of all values that the animatic understands, by slot."""

from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from generation.animatic.props import load_props
from generation.animatic.scene import OUTSIDES
from generation.providers.adapters.local.options import OPTIONS
from generation.providers.styles import NAMES

_CHOSEN = {option.name: {value: label for value, label in option.choices if value} for option in OPTIONS}
COLOURS = {
    "red": _("Red"), "orange": _("Orange"), "yellow": _("Yellow"), "gold": _("Gold"), "green": _("Green"),
    "teal": _("Teal"), "blue": _("Blue"), "navy": _("Navy"), "purple": _("Purple"), "pink": _("Pink"),
    "brown": _("Brown"), "black": _("Black"), "white": _("White"), "silver": _("Silver"), "grey": _("Grey"),
    "blonde": _("Blonde"),
}  # fmt: skip
LABELS: dict[str, dict[str, Any]] = {
    "subject": {
        "girl": _("Girl"), "boy": _("Boy"), "woman": _("Woman"), "man": _("Man"), "child": _("Child"),
        "elder": _("Elderly person"), "someone": _("Someone"), "cat": _("Cat"), "dog": _("Dog"), "bird": _("Bird"),
        "train": _("Train"), "bicycle": _("Bicycle"), "lanterns": _("Lanterns"), "balloon": _("Balloon"),
        "ship": _("Ship"), "robot": _("Robot"), "dragon": _("Dragon"),
        "whale": _("Whale"), "guitar": _("Guitar"), "food": _("Food"), "sword": _("Sword"),
    },
    "hair": {
        "long": _("Long hair"), "short": _("Short hair"), "twintails": _("Twin tails"), "ponytail": _("Ponytail"),
        "bob": _("Bob"), "bun": _("Bun"), "spiky": _("Spiky hair"),
    },
    "clothes": {
        "uniform": _("Uniform"), "yukata": _("Yukata"), "hoodie": _("Hoodie"), "coat": _("Coat"),
        "dress": _("Dress"), "suit": _("Suit"), "casual": _("Casual clothes"),
    },
    "worn": {"glasses": _("Glasses"), "umbrella": _("Umbrella"), "stick": _("Walking stick")},
    "expression": {
        "calm": _("Calm"), "smile": _("Smiling"), "sad": _("Sad"), "crying": _("Crying"), "angry": _("Angry"),
        "surprised": _("Surprised"), "sleepy": _("Sleepy"),
    },
    "action": {
        "stand": _("Standing"), "walk": _("Walking"), "sit": _("Sitting"),
        "run": pgettext_lazy("what somebody does", "Running"),
        "wave": _("Waving"), "look_up": _("Looking up"), "ride": _("Riding"), "cycle": _("Cycling"),
        "eat": _("Eating"), "dance": _("Dancing"), "play": pgettext_lazy("what somebody does", "Playing"),
        "fight": _("Fighting"), "hold_hands": _("Holding hands"),
    },
    "view": {
        "back": _("From behind"), "side": _("From the side"), "front": _("From the front"),
        "whole": _("From head to toe"),
    },
    "particles": {
        "sakura": _("Cherry petals"), "leaves": _("Leaves"), "snow": _("Snow"), "rain": _("Rain"),
        "fireflies": _("Fireflies"), "dust": _("Dust in the light"), "sparks": _("Sparks"),
        "bubbles": _("Bubbles"), "stars": _("Shooting stars"), "fireworks": _("Fireworks"),
    },
    "card": {"title": _("Title card"), "end": _("End card"), "caption": _("Caption")},
    "ambience": {
        "rain": _("Sound of rain"), "waves": _("Sound of waves"), "wind": _("Sound of wind"),
        "cicadas": _("Sound of cicadas"), "city": _("City sounds"), "voices": _("Sound of voices"),
        "simmer": _("Sound of cooking"), "rails": _("Sound of a train"), "space": _("Deep hum"), "silent": _("Silent"),
    },
    "style": NAMES, "overlay": _CHOSEN["effects"], "mood": _CHOSEN["sound"],
    "outside": {place: _CHOSEN["place"][place] for place in OUTSIDES},
    **{slot: _CHOSEN[slot] for slot in ("place", "time", "weather", "camera")},
}  # fmt: skip
SLOT_LABELS = {
    "without": pgettext_lazy("of words", "Excluded"),
    "line": _("Dialogue"),
    "twos": _("On twos"),
    "name": _("Name"),
}


def get_label(slot: str, value: str) -> str:
    """Return the translated label of a slot's value, or the value itself if it has no label."""
    if slot in SLOT_LABELS:
        return str(SLOT_LABELS[slot])
    if slot == "subject" and value in load_props():
        name = load_props()[value].name_in((get_language() or "en")[:2])
        return name[:1].upper() + name[1:]
    known: dict[str, Any] = COLOURS if slot == "colour" else LABELS.get(slot, {})
    return str(known.get(value.rpartition(" ")[2] if slot == "colour" else value, value))
