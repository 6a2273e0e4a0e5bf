"""Words a person may add where the prompt left something open."""

from ..scene import Understanding
from .lexicon import load_lexicon

LANGUAGES = ("en", "zh")  # of the interface


def suggest_for_open_slots(understanding: Understanding) -> dict[str, dict[str, tuple[str, ...]]]:
    """Slot (camera, light, weather, motion) → interface language → four example words, only for what is open."""
    said = {chip.slot for chip in understanding.chips}
    filled = {
        "camera": "camera" in said,
        "light": "time" in said,
        "weather": "weather" in said,
        "motion": bool(said & {"particles", "action"}),
    }
    return {
        slot: {language: load_lexicon(language).suggestions[slot] for language in LANGUAGES}
        for slot, is_filled in filled.items()
        if not is_filled
    }
