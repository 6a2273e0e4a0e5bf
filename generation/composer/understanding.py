"""What a page shows of the animatic's reading: a chip for each thing understood, and the words that draw nothing."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from django.utils.translation import get_language, gettext_lazy

from generation.animatic.continuity import apply_story_place, understand_in_story
from generation.animatic.scene import STYLES, Chip, Understanding
from generation.animatic.understanding import suggest_for_open_slots
from generation.animatic.understanding.chips import list_choices, parse_changes
from generation.providers.adapters.local.labels import get_label
from generation.providers.adapters.local.options import SCENE_SLOTS, SILENT, apply_options
from generation.providers.registry import providers

ANIMATIC = "animatic"
PROMPT = 2000
ENDING = re.compile(r"(?<=\w\w)(ing|es|ed|[esy])\Z")
NOTHING: Mapping = MappingProxyType({})
MOST = 12  # unknown words in the line; the rest is one click away


def read_clip(clip) -> dict | None:
    """What an animatic was drawn from, for the page of its clip; nothing for clips of other engines."""
    if clip.provider != ANIMATIC:
        return None
    found = understand_in_story(
        clip.prompt,
        clip.options,
        negative_prompt=clip.negative_prompt,
        chips_off=frozenset(clip.chips_off),
        style=clip.style,
        seed=clip.seed,
        over_picture=bool(clip.picture_id),
    )
    return shown(found, clip.chips_off, clip.options, clip.style)


def read_prompt(values: dict, *, options: Mapping = NOTHING, over_picture: bool) -> dict:
    """What the composer shows of the words in it; ``values`` are those of the form, ``options`` what is chosen there
    beside the words."""
    words, negative = str(values.get("prompt") or ""), str(values.get("negative_prompt") or "")
    keys = values.get("chips_off") or ()
    off = frozenset(keys)
    style = str(values.get("style") or "")
    found = understand_in_story(
        words[:PROMPT], {}, negative_prompt=negative[:PROMPT], chips_off=off, style=style, over_picture=over_picture
    )
    engine = providers().get(values.get("provider") or ANIMATIC)
    reading = shown(found, keys, options, style)
    return {"reading": reading, "is_animatic": bool(engine and engine.is_local), "suggestions": suggestions_for(found)}


def shown(found: Understanding, keys: Collection[str] = (), options: Mapping = NOTHING, style: str = "") -> dict:
    """``keys`` say what the person switched off or changed (generation.providers.animatic.understanding.changing);
    ``options`` and ``style`` what was chosen beside the words: it is drawn, whatever they say."""
    changed = _drawable(found, parse_changes(keys))
    chosen = {slot: options[slot] for slot in SCENE_SLOTS if options.get(slot)} | _heard(found, keys, options)
    if style in STYLES and style != "cel":  # cel is what the list stands on: the words decide
        chosen["style"] = style
    rows = [_row(chip, keys, changed, chosen) for chip in found.chips]
    return {
        "found": found,
        "chips": rows,
        "unknown": found.unknown[:MOST],
        "more": found.unknown[MOST:],
        "idle": found.ignored,
    }


def _heard(found: Understanding, keys: Collection[str], options: Mapping) -> dict[str, str]:
    """What a chosen sound makes of the words for music and ambience."""
    sound = options.get("sound")
    if not sound:
        return {}
    said = [chip for chip in found.chips if f"{chip.slot}:{chip.value}" not in keys]
    scene = apply_options(apply_story_place(found.scene, options, said), options)
    return {"mood": sound, "ambience": scene.ambience or SILENT}


def _drawable(found: Understanding, changed: dict[str, str]) -> dict[str, str]:
    """The changes, with no count above what is drawn: three cats that are made a train are one train."""
    most = max((subject.count for subject in found.scene.subjects), default=0)
    keys = [f"{chip.slot}:{chip.value}" for chip in found.chips if chip.slot == "count"]
    said = {key: int(changed.get(key, key.partition(":")[2])) for key in keys}
    return changed | {key: str(most) for key, count in said.items() if 0 < most < count}


def _row(chip: Chip, keys: Collection[str], changed: dict[str, str], chosen: dict[str, str]) -> dict:
    """``means``: what the words were taken for, where that says more than they do; ``label``: what is drawn; ``kept``:
    a change made to it, which waits while something is chosen beside the words."""
    key = f"{chip.slot}:{chip.value}"
    drawn = chosen.get(chip.slot) or changed.get(key, chip.value)
    own, label = get_label(chip.slot, chip.value), get_label(chip.slot, drawn)
    others = [value for value in list_choices(chip.slot, chip.value) if value != chip.value]
    return {
        "key": key,
        "words": chip.text,
        "own": own,
        "means": "" if _repeats(own, chip.text) else own,
        "label": "" if _repeats(label, chip.text) else label,
        "is_off": key in keys,
        "is_chosen": chip.slot in chosen,
        "kept": next((each for each in keys if each.startswith(f"{key}=")), ""),
        "others": [(f"{key}={value}", get_label(chip.slot, value), value == drawn) for value in others],
    }


def _repeats(label: str, words: str) -> bool:
    """Whether a label says only what the words say already: "Girl" beside "girls", "Push in" beside "Slow push-in"."""
    if label.casefold() in words.casefold():
        return True
    said = {_stem(word) for word in re.findall(r"\w+", words)}
    return all(_stem(part) in said for part in re.findall(r"\w+", label))


def _stem(word: str) -> str:
    """What "smiles" and "Smiling" have in common; Chinese and Japanese words stay whole."""
    bare = ENDING.sub("", word.casefold()) if word.isascii() else word
    return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] else bare


SLOT_NAMES = {
    "camera": gettext_lazy("camera"),
    "light": gettext_lazy("light"),
    "weather": gettext_lazy("weather"),
    "motion": gettext_lazy("motion"),
}


def suggestions_for(found) -> list[tuple[str, str, tuple[str, ...]]]:
    """(slot, its name, example words in the reader's language) for what the words leave open."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [(slot, SLOT_NAMES[slot], words[language]) for slot, words in suggest_for_open_slots(found).items()]
