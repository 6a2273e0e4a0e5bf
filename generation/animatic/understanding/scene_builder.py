"""Build the scene of a prompt: explicit words decide what they name, the seed decides the rest."""

import random
from dataclasses import dataclass, replace

from ..fonts import can_write
from ..props import load_props
from ..props.rooms import list_hidden_props
from ..scene import INDOORS, OUTSIDES, PEOPLE, SETTINGS, STYLES, WEATHERLESS, Card, Chip, Scene, Subject, Understanding
from . import given_names
from .acting import SHARED, resolve_actions
from .cast import Cast
from .chips import split_for_picture
from .defaults import apply_explicit_values, fill_defaults
from .lexicon import Meaning, grammar_words
from .parsing import Item, parse_prompt
from .senses import resolve_senses
from .story import Story, add_cast, apply_story_looks, build_name_lexicon
from .subjects import assign_lines, read_subjects
from .unknown_words import find_unknown_words
from .view_angles import assign_views, ignores_request

SLOTS = (
    "subject",
    "count",
    "name",
    "hair",
    "colour",
    "clothes",
    "worn",
    "expression",
    "action",
    "line",
    "place",
    "outside",
    "time",
    "weather",
    "particles",
    "view",
    "camera",
    "style",
    "overlay",
    "card",
    "twos",
    "ambience",
    "mood",
    "without",
)
MAX_CARD_LENGTH = 60
FLYING_KINDS = ("bird", "balloon", "lanterns", "dragon", "whale")
RIDES = ("ride", "cycle")
LEAPING_KINDS = ("whale",)
HELD_KINDS = ("balloon", "guitar", "sword")


@dataclass(frozen=True)
class ParsedPrompt:
    """A parsed prompt: items, subjects, and what must not be in the scene (keys such as "place:sea")."""

    items: list[Item]
    unwanted: list[Item]  # items of the negative prompt
    refused: frozenset[str]
    cast: Cast

    def value(self, slot: str) -> str | None:
        return _choose_value(self.items, slot, self.cast)

    def values(self, slot: str) -> tuple[str, ...]:
        return _list_values(self.items, slot, self.cast, self.refused)


def understand(
    prompt: str,
    *,
    negative_prompt: str = "",
    chips_off: frozenset[str] = frozenset(),
    style: str = "cel",
    seed: int = 0,
    over_picture: bool = False,
    story: Story | None = None,
    has_names: bool = True,
) -> Understanding:
    """Build the scene of a prompt; every text gives a scene.

    ``negative_prompt``: what must not be in the scene. ``chips_off``: keys of disabled or changed chips; the result
    lists all chips, so that a page can show disabled ones too. ``over_picture``: the prompt accompanies a source image,
    so the scene contains only what the prompt says. ``story``: characters and lines known besides the prompt.
    ``has_names``: whether given names in the prompt may name people.
    """
    story, chance = story or Story(), random.Random(seed)
    parsed = _parse(prompt, negative_prompt, chips_off, story, chance, has_names=has_names)
    scene = _build_scene(parsed, chips_off, style, story, chance, over_picture=over_picture)
    if chips_off:  # without a disabled person, chips of its looks would be missing
        whole = understand(
            prompt,
            negative_prompt=negative_prompt,
            style=style,
            seed=seed,
            over_picture=over_picture,
            story=story,
            has_names=has_names,
        )
        return replace(whole, scene=scene)
    hidden = frozenset() if over_picture else list_hidden_props(parsed.cast.subjects, scene.place, scene.setting)
    chips = tuple(chip for chip in _list_chips(parsed, scene.subjects) if not _is_of_hidden(chip, parsed.items, hidden))
    undone = _find_undone(parsed, scene.subjects)
    shown = frozenset(chip.text for chip in chips)
    unknown = find_unknown_words(parsed.items, shown_texts=shown, undone=undone, hidden_kinds=hidden)
    seen, ignored = split_for_picture(chips) if over_picture else (chips, ())
    return Understanding(scene, seen, unknown, ignored)


def _find_undone(parsed: ParsedPrompt, subjects: tuple[Subject, ...]) -> frozenset[str]:
    """Return the values of ``doing`` words that nothing in the shot does: nothing flies, leaps, steams or is held."""
    kinds = {subject.kind for subject in subjects}
    flies = bool(_list_values(parsed.items, "particles", parsed.cast, frozenset()) or kinds & set(FLYING_KINDS))
    done = {
        "fly": flies or any(_is_flying_prop(subject) for subject in subjects),
        "leap": bool(kinds & set(LEAPING_KINDS)),
        "hold": bool(kinds & set(PEOPLE)) and any(_is_held(subject) for subject in subjects),
        "steam": "food" in kinds or any(subject.variant == "steam" for subject in subjects),
    }
    return frozenset(value for value, is_done in done.items() if not is_done)


def _is_held(subject: Subject) -> bool:
    """Return whether a thing is drawn in a hand, or a person with a thing in the hand."""
    prop = load_props().get(subject.kind)
    return subject.kind in HELD_KINDS or bool(subject.tool or subject.accessories or (prop and prop.stands == "hand"))


def _parse(
    prompt: str,
    negative_prompt: str,
    chips_off: frozenset[str],
    story: Story,
    chance: random.Random,
    *,
    has_names: bool,
) -> ParsedPrompt:
    items = _read_items(prompt, story, has_names=has_names)
    unwanted = parse_prompt(negative_prompt)
    resolve_senses(unwanted)
    for item in unwanted:
        item.is_negated = item.is_content
    return ParsedPrompt(
        items,
        unwanted,
        _collect_refused([*items, *unwanted], chips_off),
        read_subjects(items, chips_off, chance.randrange(1 << 16)),
    )


def _build_scene(
    parsed: ParsedPrompt,
    chips_off: frozenset[str],
    style: str,
    story: Story,
    chance: random.Random,
    *,
    over_picture: bool,
) -> Scene:
    """Build the scene. Reading a slot also adds its chips to ``parsed.cast``."""
    items, cast, refused = parsed.items, parsed.cast, parsed.refused
    cards = _build_cards(items, cast)
    values = {slot: parsed.value(slot) for slot in ("place", "time", "weather", "camera", "style")}
    seen = _choose_subjects(parsed, story)
    scene = Scene(
        subjects=apply_story_looks(seen, story),
        particles=parsed.values("particles"),
        overlays=parsed.values("overlay"),
        on_twos=bool(parsed.value("twos")),
        ambience=parsed.value("ambience") or "",
        mood=parsed.value("mood") or "",
        cards=cards,
    )
    allowed = {slot: value for slot, value in values.items() if value and f"{slot}:{value}" not in refused}
    chosen_style = style if style != "cel" and style in STYLES else values["style"] or "cel"
    scene = replace(scene, style=chosen_style if f"style:{chosen_style}" not in chips_off else style)
    undrawn = {m.value for item in items for m in item.meanings if m.slot == "undrawn"}  # nothing stands in for these
    scene = (
        apply_explicit_values(scene, allowed)
        if over_picture
        else fill_defaults(scene, allowed, refused | undrawn, chance)
    )
    scene = replace(scene, setting=_choose_setting(items, scene))
    if not over_picture:
        hidden = list_hidden_props(scene.subjects, scene.place, scene.setting)
        scene = replace(scene, subjects=tuple(s for s in scene.subjects if s.kind not in hidden))
    return replace(scene, outside=_choose_outside(items, scene.place, cast))


def _is_of_hidden(chip: Chip, items: list[Item], hidden: frozenset[str]) -> bool:
    """Return whether a chip names a subject that is not drawn, or its colour."""
    if chip.slot not in ("subject", "colour"):
        return False
    return any(chip.text.endswith(item.text) for kind in hidden for item in items if item.means("subject", kind))


def _is_flying_prop(subject: Subject) -> bool:
    return subject.kind in load_props() and load_props()[subject.kind].stands == "sky"


def _choose_subjects(parsed: ParsedPrompt, story: Story) -> tuple[Subject, ...]:
    """Return the subjects with what they do and the sides they are seen from; report what is not drawn."""
    items, cast = parsed.items, parsed.cast
    acting = resolve_actions(items, add_cast(_drop_refused(cast.subjects, parsed.refused), story))
    seen = assign_views(acting, cast.view)
    if ignores_request(seen, cast.view):
        _report_view(items, cast)
    if _loses_ride(acting, seen):
        _report_action(items, RIDES)
    return seen


def _loses_ride(acting: list[Subject], seen: tuple[Subject, ...]) -> bool:
    """Return whether somebody rides what nobody can be drawn on."""
    return any(s.action in RIDES for s in acting) and not any(s.action == "ride" for s in seen)


def _report_action(items: list[Item], actions: tuple[str, ...]) -> None:
    for item in items:
        item.is_ownerless = item.is_ownerless or item.value("action") in actions


def _report_view(items: list[Item], cast: Cast) -> None:
    """Report the requested view as not drawn: the action of the shot is seen from another side."""
    cast.chips[:] = [chip for chip in cast.chips if chip.slot != "view"]
    for item in items:
        item.is_ownerless = item.is_ownerless or item.means("view")


def _read_items(prompt: str, story: Story, *, has_names: bool) -> list[Item]:
    items = parse_prompt(prompt, build_name_lexicon(story) or (given_names.load_given_names() if has_names else None))
    given_names.resolve_given_names(items)
    resolve_senses(items)
    return items


def _drop_refused(subjects: list[Subject], refused: frozenset[str]) -> list[Subject]:
    return [subject for subject in subjects if f"subject:{subject.kind}" not in refused]


def _list_chips(parsed: ParsedPrompt, subjects: tuple[Subject, ...]) -> tuple[Chip, ...]:
    done = {subject.action for subject in subjects}
    dropped = {*SHARED, "eat", "wave", "ride"} - done
    dropped |= {"cycle"} if "ride" in dropped else set()
    chips = [chip for chip in parsed.cast.chips if chip.slot != "action" or chip.value not in dropped]
    for item in [*parsed.items, *parsed.unwanted]:
        for _, value in _list_refusals(item):
            if ("without", value) not in {(chip.slot, chip.value) for chip in chips}:
                chips.append(Chip("without", value, item.text))
    return tuple(sorted(chips, key=lambda chip: SLOTS.index(chip.slot)))


def _list_refusals(item: Item) -> list[tuple[str, str]]:
    if item.means("absent"):
        return [("subject", "people")]
    if not item.is_negated or item.means("called"):
        return []
    plain = [m for m in item.meanings if m.slot in SLOTS and not m.weak]
    return [(m.slot, "people" if m.value == "someone" else m.value) for m in plain]


def _collect_refused(items: list[Item], chips_off: frozenset[str]) -> frozenset[str]:
    """Return the keys ("place:sea") of what must not be in the scene: negated words and disabled chips."""
    refused = set(chips_off)
    for item in items:
        for slot, value in _list_refusals(item):
            if f"without:{value}" in chips_off:
                continue
            if value == "people":
                refused.update(f"subject:{kind}" for kind in PEOPLE)
            refused.add(f"{slot}:{value}")
            if value in ("rain", "snow"):
                refused.update((f"weather:{value}", f"particles:{value}"))
            if value == "rain":
                refused.add("weather:storm")
    return frozenset(refused)


def _choose_value(items: list[Item], slot: str, cast: Cast) -> str | None:
    """Return the value of a slot, or None. Explicit words win over hints, places of the subjects over other places."""
    for weak in (False, True):
        found = [
            (_rank_meaning(items, at, meaning), at, meaning.value)
            for at, item in enumerate(items)
            for meaning in item.meanings
            if meaning.slot == slot and meaning.weak == weak and not item.is_negated
        ]
        for _, at, value in sorted(found):
            if chosen := cast.add_chip(slot, value, items[at].text):
                return chosen
    return None


def _choose_setting(items: list[Item], scene: Scene) -> str:
    """Return the setting of the place that the prompt names ("bamboo" is the grove of a forest), or an empty string.

    Cyclists at the sea are on the beach, which is level.
    """
    settings = (item.value("setting") for item in items if not item.is_negated and item.means("setting"))
    cycles = any(subject.mount for subject in scene.subjects)
    otherwise = "beach" if cycles and scene.place == "sea" else ""
    return next((value for value in settings if value in SETTINGS.get(scene.place, ())), otherwise)


def _choose_outside(items: list[Item], place: str, cast: Cast) -> str:
    """Return the place that the windows of an indoor place show ("a ramen shop on the moon"), or an empty string."""
    if place not in INDOORS or place in WEATHERLESS:
        return ""
    found = [
        (meaning.value, item.text)
        for item in items
        for meaning in item.meanings
        if meaning.slot == "place" and meaning.value in OUTSIDES and not meaning.weak and not item.is_negated
    ]
    return next((value for outside, text in found if (value := cast.add_chip("outside", outside, text))), "")


def _rank_meaning(items: list[Item], at: int, meaning: Meaning) -> int:
    """Return the rank of a meaning among those for the same slot; the smallest rank wins.

    A hint of night wins over other hints of time: fireworks on a summer evening are drawn at night.
    """
    if meaning.slot == "time" and meaning.weak:
        return int(meaning.value != "night")
    if meaning.slot == "weather" and meaning.value == "rain":  # lightning in the rain is a storm
        return int(not meaning.weak and any(item.means("weather", "storm") and not item.is_negated for item in items))
    if meaning.slot != "place":
        return 0
    rank = int(items[at].means("weather")) if meaning.weak else _rank_place(items, at)
    is_outside = meaning.value == "moon" or (meaning.value in OUTSIDES and rank == 1)
    return 2 if is_outside and not meaning.weak and _names_interior(items) else rank


def _names_interior(items: list[Item]) -> bool:
    """Return whether the prompt names an indoor place, whose windows then show the place around it."""
    return any(
        meaning.slot == "place" and meaning.value in INDOORS and not meaning.weak and not item.is_negated
        for item in items
        for meaning in item.meanings
    )


def _rank_place(items: list[Item], at: int) -> int:
    """Return the rank of a place: 0 if the subjects are in it ("on a hill"), 1 if it is only named, 2 if it is distant
    or only locates another place ("a street in Tokyo", 森林里的神社)."""
    near = [item for item in items[max(0, at - 3) : at] if not item.is_content]
    after = items[at + 1 : at + 2]
    if _is_place_nearby(items, range(at + 1, min(len(items), at + 6)), "cjk"):
        return 2
    for item in reversed(near):
        if item.is_break or item.kind == "comma":
            break
        if item.means("far"):
            return 2
        if item.means("standing_at"):
            tells_where = item.text.lower() != "from" and _is_place_nearby(
                items, range(at - 1, max(-1, at - 5), -1), "word"
            )
            return 2 if tells_where else 0
    if any(item.means("far") and item.kind == "word" for item in after):
        return 2
    return 0 if any(item.means("standing_at") and item.kind == "cjk" for item in after) else 1


def _is_place_nearby(items: list[Item], indices: range, script: str) -> bool:
    """Return whether the items at ``indices`` reach a place through function words alone; in Chinese and Japanese
    (``script`` "cjk") 的 or の must be among them.
    """
    joined = script == "word"
    for index in indices:
        item = items[index]
        if item.kind != script:
            return False
        if any(m.slot == "place" and not m.weak for m in item.meanings):
            return joined
        if item.is_content or not item.meanings:
            return False
        joined = joined or item.text in grammar_words("possessive_particles")
    return False


def _list_values(items: list[Item], slot: str, cast: Cast, refused: frozenset[str]) -> tuple[str, ...]:
    """Return all values of a slot in the order of the words; hints count only if there is no explicit word."""
    for weak in (False, True):
        values = [
            drawn
            for item in items
            for m in item.meanings
            if m.slot == slot and m.weak == weak and not item.is_negated
            if (drawn := cast.add_chip(slot, m.value, item.text))
        ]
        if values:
            return tuple(value for value in dict.fromkeys(values) if f"{slot}:{value}" not in refused)
    return ()


def _build_cards(items: list[Item], cast: Cast) -> tuple[Card, ...]:
    """Turn quotes after "title", "caption" or "the end" into cards; other quotes are spoken, or become captions."""
    cards: list[Card] = []
    for at, item in enumerate(items):
        kind = next((i.value("card") for i in reversed(items[max(0, at - 4) : at]) if i.means("card")), None)
        if item.kind == "quote" and kind and item.text:
            item.is_used = True
            if cast.add_chip("card", kind, item.text):
                cards.append(Card(kind, item.text[:MAX_CARD_LENGTH]))
    for at in assign_lines(items, cast):
        if not can_write(items[at].text):  # no card was requested: draw the clip and report the text as unknown
            items[at].excess = items[at].text
        elif cast.add_chip("card", "caption", items[at].text):
            cards.append(Card("caption", items[at].text[:MAX_CARD_LENGTH]))
    return tuple(cards[:3])
