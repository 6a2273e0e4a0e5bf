"""What words change where a picture shows the shot already."""

from ..scene import PLACES, SUBJECTS, TIMES, Chip

CHANGES = ("weather", "particles", "camera", "style", "overlay", "card", "twos", "ambience", "mood", "without")
SHOWN = frozenset((*PLACES, *SUBJECTS, *TIMES, "people"))  # by the picture, or not


def over(chips: tuple[Chip, ...]) -> tuple[tuple[Chip, ...], tuple[str, ...]]:
    """The chips that do something over a picture, and the words of those that do not: it shows who, where and when."""
    seen = tuple(
        chip for chip in chips if chip.slot in CHANGES and not (chip.slot == "without" and chip.value in SHOWN)
    )
    used = {chip.words for chip in seen}
    return seen, tuple(dict.fromkeys(chip.words for chip in chips if chip not in seen and chip.words not in used))
