"""Fix how characters look: colours of animals, and of the hair, clothes and eyes of people."""

from django.utils.translation import gettext_lazy as _

from generation.animatic.understanding.lexicon import load_table

LABELS = {
    "orange": _("Orange"), "black": _("Black"), "white": _("White"), "grey": _("Grey"), "brown": _("Brown"),
    "red": _("Red"), "pink": _("Pink"), "yellow": _("Yellow"), "gold": _("Gold"), "green": _("Green"),
    "blue": _("Blue"), "purple": _("Purple"), "silver": _("Silver"),
}  # fmt: skip
NAMES = tuple(LABELS)
COATS = ("orange", "black", "white", "grey", "brown")  # of several animals of one kind
PARTS = ("hair", "clothes", "eyes")  # in the order of a person's colours
PEOPLE = (
    ("black", "red", "brown"),
    ("brown", "blue", "green"),
    ("gold", "green", "blue"),
    ("black", "yellow", "brown"),
    ("silver", "purple", "blue"),
    ("red", "white", "green"),
)


def get_colour(name: str, part: str = "hair") -> str:
    """Return the ``#rrggbb`` that the animatic draws for a colour word, so that text and character agree."""
    return load_table("colours")[part][name]


def list_colours(part: str) -> list[tuple]:
    """Return (``#rrggbb``, label) of the named colours of a part: hair, clothes or eyes."""
    return [(get_colour(name, part), LABELS[name]) for name in NAMES]


def choose_coats(usual: str, count: int) -> list[str]:
    """Return the names of ``count`` different colours for animals of one kind, the usual one first."""
    return [usual, *(name for name in COATS if name != usual)][:count]


def choose_person_colours(number: int) -> list[str]:
    """Return ``#rrggbb`` of hair, clothes and eyes. People with neighbouring numbers look different."""
    names = PEOPLE[number % len(PEOPLE)]
    return [get_colour(name, part) for name, part in zip(names, PARTS, strict=True)]
