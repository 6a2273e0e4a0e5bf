"""Words a person may add where the prompt left something open."""

from ..scene import Understanding
from .lexicon import load_lexicon

LANGUAGES = ("en", "zh")  # of the interface


def suggest_for_open_slots(understanding: Understanding) -> dict[str, dict[str, tuple[str, ...]]]:
    """Slot (camera, light, weather, motion) → interface language → four example words, only for what is open."""
    used_slots = {chip.slot for chip in understanding.chips}
    is_filled_by_slot = {
        "camera": "camera" in used_slots,
        "light": "time" in used_slots,
        "weather": "weather" in used_slots,
        "motion": bool(used_slots & {"particles", "action"}),
    }
    return {
        slot: {language: load_lexicon(language).suggestions[slot] for language in LANGUAGES}
        for slot, is_filled in is_filled_by_slot.items()
        if not is_filled
    }
