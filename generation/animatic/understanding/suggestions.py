"""Example words for slots that the prompt leaves open."""

from ..scene import Understanding
from .lexicon import load_lexicon

LANGUAGES = ("en", "zh")  # of the interface


def suggest_for_open_slots(understanding: Understanding) -> dict[str, dict[str, tuple[str, ...]]]:
    """Map each open slot (camera, light, weather, motion) to four example words per interface language."""
    used_slots = {chip.slot for chip in understanding.chips}
    filled_slots = {
        "camera": "camera" in used_slots,
        "light": "time" in used_slots,
        "weather": "weather" in used_slots,
        "motion": bool(used_slots & {"particles", "action"}),
    }
    return {
        slot: {language: load_lexicon(language).suggestions[slot] for language in LANGUAGES}
        for slot, is_filled in filled_slots.items()
        if not is_filled
    }
