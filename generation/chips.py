"""What a page shows of the animatic's reading: a chip for each thing understood, and the words that draw nothing."""

from collections.abc import Collection

from django.utils.translation import get_language, gettext_lazy

from generation.providers.animatic.continuity import understood
from generation.providers.animatic.labels import label_of
from generation.providers.animatic.scene import Chip, Understanding
from generation.providers.animatic.understanding import missing_slots
from generation.providers.animatic.understanding.changing import changes_in, choices
from generation.providers.registry import providers

ANIMATIC = "animatic"
PROMPT = 2000
MOST = 12  # unknown words in the line; the rest is one click away


def reading_of(clip) -> dict | None:
    """What an animatic was drawn from, for the page of its clip; nothing for clips of other engines."""
    if clip.provider != ANIMATIC:
        return None
    found = understood(
        clip.prompt,
        clip.options,
        negative=clip.negative_prompt,
        style=clip.style,
        seed=clip.seed,
        over_picture=bool(clip.picture_id),
    )
    return shown(found, clip.chips_off)


def composer_reading(values: dict, *, over_picture: bool) -> dict:
    """What the composer shows of the words in it; ``values`` are those of the form."""
    words, negative = str(values.get("prompt") or ""), str(values.get("negative_prompt") or "")
    found = understood(words[:PROMPT], {}, negative=negative[:PROMPT], over_picture=over_picture)
    engine = providers().get(values.get("provider") or ANIMATIC)
    reading = shown(found, values.get("chips_off") or ())
    return {"reading": reading, "is_animatic": bool(engine and engine.is_local), "suggestions": suggestions_for(found)}


def shown(found: Understanding, keys: Collection[str] = ()) -> dict:
    """``keys`` say what the person switched off or changed (generation.providers.animatic.understanding.changing)."""
    changed = changes_in(keys)
    rows = [_row(chip, keys, changed) for chip in found.chips]
    return {
        "found": found,
        "chips": rows,
        "unknown": found.unknown[:MOST],
        "more": found.unknown[MOST:],
        "idle": found.idle,
    }


def _row(chip: Chip, keys: Collection[str], changed: dict[str, str]) -> dict:
    key = f"{chip.slot}:{chip.value}"
    drawn = changed.get(key, chip.value)
    label = label_of(chip.slot, drawn)
    others = [value for value in choices(chip.slot, chip.value) if value != chip.value]
    return {
        "key": key,
        "words": chip.words,
        "label": label if label.casefold() != chip.words.casefold() else "",
        "own": label_of(chip.slot, chip.value),
        "is_off": key in keys,
        "others": [(f"{key}={value}", label_of(chip.slot, value), value == drawn) for value in others],
    }


SLOT_NAMES = {
    "camera": gettext_lazy("camera"),
    "light": gettext_lazy("light"),
    "weather": gettext_lazy("weather"),
    "motion": gettext_lazy("motion"),
}


def suggestions_for(found) -> list[tuple[str, str, tuple[str, ...]]]:
    """(slot, its name, example words in the reader's language) for what the words leave open."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [(slot, SLOT_NAMES[slot], words[language]) for slot, words in missing_slots(found).items()]
