"""Fix how characters look: colours of animals, and of the hair, clothes and eyes of people."""

from generation.animatic.understanding.lexicon import load_table

NAMES = (
    "orange", "black", "white", "grey", "brown", "red", "pink", "yellow", "gold", "green", "blue", "purple", "silver",
)  # fmt: skip
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


def choose_coats(usual: str, count: int) -> list[str]:
    """Return the names of ``count`` different colours for animals of one kind, the usual one first."""
    return [usual, *(name for name in COATS if name != usual)][:count]


def choose_person_colours(number: int) -> list[str]:
    """Return ``#rrggbb`` of hair, clothes and eyes. People with neighbouring numbers look different."""
    names = PEOPLE[number % len(PEOPLE)]
    return [get_colour(name, part) for name, part in zip(names, PARTS, strict=True)]
