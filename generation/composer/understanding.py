"""Show what the animatic understands of a prompt: a chip for each understood word, and the unknown words."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language, gettext_lazy

from generation.animatic.continuity import apply_story_place, understand_in_story
from generation.animatic.scene import STORYBOARD, STYLES, Chip, Understanding
from generation.animatic.understanding import suggest_for_open_slots
from generation.animatic.understanding.chips import list_choices, parse_changes
from generation.composer.panel_labels import list_panel
from generation.composer.panel_reading import read_panel
from generation.providers.adapters.local.automatic import choose_style
from generation.providers.adapters.local.labels import get_label
from generation.providers.adapters.local.options import SCENE_SLOTS, SILENT, apply_options
from generation.providers.registry import providers
from generation.providers.styles import AUTOMATIC, COLOUR

ANIMATIC = "animatic"
MAX_PROMPT = 2000
WORD_ENDING = re.compile(r"(?<=\w\w)(ing|es|ed|[esy])\Z")
GROUPS = (  # of chips, by slot, in the order of the animatic's slots
    (("subject", "count", "name", "hair", "colour", "clothes", "worn", "expression"), gettext_lazy("Who or what")),
    (("action", "line"), gettext_lazy("Action")),
    (("place", "outside"), gettext_lazy("Where")),
    (("time",), gettext_lazy("When")),
    (("weather", "particles", "view", "camera", "style", "overlay", "card", "twos"), gettext_lazy("Look")),
    (("ambience", "mood"), gettext_lazy("Sound")),
    (("without",), gettext_lazy("Left out")),
)
GROUP_OF_SLOT = {slot: name for slots, name in GROUPS for slot in slots}
NO_OPTIONS: Mapping = MappingProxyType({})
MAX_UNKNOWN_WORDS = 12  # shown at once; the rest is one click away


def read_clip(clip) -> dict | None:
    """Return what an animatic was drawn from, for the page of its clip; None for clips of other providers."""
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
    if found.scene.style == STORYBOARD and not clip.picture_id:
        return _build_panel_reading(found, clip.prompt, clip.options)
    return build_reading(found, clip.chips_off, clip.options, clip.style)


def _build_panel_reading(found: Understanding, prompt: str, options: Mapping) -> dict:
    """Return the rows of a storyboard panel, which has no chips to switch off."""
    is_by_hand = bool(options.get("staging"))
    rows = list_panel(options["staging"]) if is_by_hand else read_panel(prompt, options)
    kind = {"is_panel": True, "is_by_hand": is_by_hand}
    return {"found": found, "panel": rows, **kind, "chips": [], "unknown": (), "ignored": ()}


def read_prompt(values: dict, *, options: Mapping = NO_OPTIONS, over_picture: bool) -> dict:
    """Return what the composer shows about its prompt: the understood words, and suggestions. ``values``: of the form.
    ``options``: scene options chosen beside the prompt."""
    prompt, negative_prompt = str(values.get("prompt") or ""), str(values.get("negative_prompt") or "")
    keys = values.get("chips_off") or ()
    engine = providers().get(values.get("provider") or ANIMATIC)
    is_animatic = bool(engine and engine.is_local)
    style = str(values.get("style") or "")
    if style == AUTOMATIC:
        is_open = is_animatic and prompt and not keys and not over_picture
        style = choose_style([prompt[:MAX_PROMPT]]) if is_open else COLOUR
    found = understand_in_story(
        prompt[:MAX_PROMPT],
        {},
        negative_prompt=negative_prompt[:MAX_PROMPT],
        chips_off=frozenset(keys),
        style=style,
        over_picture=over_picture,
    )
    if found.scene.style == STORYBOARD and not over_picture:
        reading = _build_panel_reading(found, prompt[:MAX_PROMPT], options)
    else:
        reading = build_reading(found, keys, options, style)
    return {"reading": reading, "is_animatic": is_animatic, "suggestions": suggest_words(found)}


def build_reading(
    found: Understanding, keys: Collection[str] = (), options: Mapping = NO_OPTIONS, style: str = ""
) -> dict:
    """Return the rows of the chips, and the unknown and ignored words.

    ``keys`` are the chips that the user switched off or changed. ``options`` and ``style`` are chosen beside the prompt
    and take precedence over the prompt.
    """
    changed = _limit_counts(found, parse_changes(keys))
    chosen = {slot: options[slot] for slot in SCENE_SLOTS if options.get(slot)} | _sound_choices(found, keys, options)
    if style in STYLES and style != "cel":  # cel is the preselected one: the prompt decides
        chosen["style"] = style
    words = {chip.text for chip in found.chips if chip.slot != "colour"}
    rows = [_chip_row(chip, keys, changed, chosen, words) for chip in found.chips]
    return {
        "found": found,
        "chips": rows,
        "unknown": found.unknown[:MAX_UNKNOWN_WORDS],
        "more_unknown": found.unknown[MAX_UNKNOWN_WORDS:],
        "ignored": found.ignored,
    }


def _sound_choices(found: Understanding, keys: Collection[str], options: Mapping) -> dict[str, str]:
    """Return the music and ambience of a chosen sound option, which replace those of the prompt."""
    sound = options.get("sound")
    if not sound:
        return {}
    enabled_chips = [chip for chip in found.chips if f"{chip.slot}:{chip.value}" not in keys]
    scene = apply_options(apply_story_place(found.scene, options, enabled_chips), options)
    return {"mood": sound, "ambience": scene.ambience or SILENT}


def _limit_counts(found: Understanding, changed: dict[str, str]) -> dict[str, str]:
    """Return the changes, with each count limited to the number of subjects that are drawn: of "three cats" changed to
    a train, one train is drawn."""
    drawn_count = max((subject.count for subject in found.scene.subjects), default=0)
    keys = [f"{chip.slot}:{chip.value}" for chip in found.chips if chip.slot == "count"]
    counts = {key: int(changed.get(key, key.partition(":")[2])) for key in keys}
    return changed | {key: str(drawn_count) for key, count in counts.items() if 0 < drawn_count < count}


def _chip_row(
    chip: Chip, keys: Collection[str], changed: dict[str, str], chosen: dict[str, str], words: Collection[str]
) -> dict:
    """Return the row of a chip.

    ``text`` is what the prompt says, or the name of a colour that one of the ``words`` of other chips says as well, as
    in the Chinese word for "black cat". ``meaning`` is the label of the understood value, ``label`` that of the value
    that is drawn; each is empty if it only repeats the ``text``. ``changed_key`` is the user's change, kept in the form
    while an option beside the prompt takes precedence over it.
    """
    key = f"{chip.slot}:{chip.value}"
    drawn = chosen.get(chip.slot) or changed.get(key, chip.value)
    understood_label, label = get_label(chip.slot, chip.value), get_label(chip.slot, drawn)
    others = [value for value in list_choices(chip.slot, chip.value) if value != chip.value]
    text = understood_label if chip.slot == "colour" and chip.text in words else chip.text
    return {
        "key": key,
        "group": GROUP_OF_SLOT[chip.slot],
        "text": text,
        "understood_label": understood_label,
        "meaning": "" if _repeats_text(understood_label, text) else understood_label,
        "label": "" if _repeats_text(label, text) else label,
        "is_off": key in keys,
        "is_chosen": chip.slot in chosen,
        "changed_key": next((changed_key for changed_key in keys if changed_key.startswith(f"{key}=")), ""),
        "others": [(f"{key}={value}", get_label(chip.slot, value), value == drawn) for value in others],
    }


def _repeats_text(label: str, text: str) -> bool:
    """Return whether a label only repeats the text: "Girl" for "girls", "Push in" for "Slow push-in"."""
    if label.casefold() in text.casefold():
        return True
    stems = {_stem(word) for word in re.findall(r"\w+", text)}
    return all(_stem(word) in stems for word in re.findall(r"\w+", label))


def _stem(word: str) -> str:
    """Return the common stem of words such as "smiles" and "Smiling". Chinese and Japanese words stay whole."""
    stem = WORD_ENDING.sub("", word.casefold()) if word.isascii() else word
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


SLOT_NAMES = {
    "camera": gettext_lazy("camera"),
    "light": gettext_lazy("light"),
    "weather": gettext_lazy("weather"),
    "motion": gettext_lazy("motion"),
}


def suggest_words(found) -> list[tuple[str, Any, tuple[str, ...]]]:
    """Return (slot, name, example words in the reader's language) for each slot that the prompt leaves open."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [(slot, SLOT_NAMES[slot], words[language]) for slot, words in suggest_for_open_slots(found).items()]
