"""Prompt → Understanding: what was said fills the scene, the seed fills the rest with something pretty."""

import random
from dataclasses import dataclass, replace

from ..overlays.text import can_write
from ..scene import PEOPLE, SETTINGS, STYLES, Card, Chip, Scene, Subject, Understanding
from . import given
from .casting import cast, speak
from .company import Casting
from .deeds import settle
from .filling import fill, only_said
from .leftovers import leftovers
from .lexicon import Meaning, small_words
from .over_picture import over
from .reading import Item, read
from .story import Story, dressed, gather, names_of
from .viewing import viewed

SLOTS = (
    "subject", "count", "name", "hair", "colour", "clothes", "worn", "expression", "action", "line", "view", "place",
    "time", "weather", "particles", "camera", "style", "overlay", "card", "twos", "ambience", "mood", "without",
)  # fmt: skip
CARD_TEXT = 60
FLIERS = ("bird", "balloon", "lanterns")


@dataclass(frozen=True)
class Heard:
    """A prompt that was read: its words, whom they are about, and what must not be there (keys such as "place:sea")."""

    items: list[Item]
    unwanted: list[Item]  # of the negative prompt
    refused: frozenset[str]
    casting: Casting

    def value(self, slot: str) -> str | None:
        return _said(self.items, slot, self.casting)

    def values(self, slot: str) -> tuple[str, ...]:
        return _all(self.items, slot, self.casting, self.refused)


def understand(
    prompt: str,
    *,
    negative: str = "",
    off: frozenset[str] = frozenset(),
    style: str = "cel",
    seed: int = 0,
    over_picture: bool = False,
    story: Story | None = None,
    has_names: bool = True,
) -> Understanding:
    """Read a prompt. ``negative`` names what must not be there; ``off`` holds chip keys ("place:sea") switched off.

    Chips list everything understood, switched off or not, so that a page can show both. Any text gives a scene.
    ``over_picture``: the words go with a picture, so nothing is made up that they do not say.
    ``story``: who is in the shot and who speaks, whether the words name them or not.
    ``has_names``: "Hana runs" shows somebody; words about somebody who is known name others in passing.
    """
    story, chance = story or Story(), random.Random(seed)
    heard = _hear(prompt, negative, off, story, chance, has_names=has_names)
    scene = _scene(heard, off, style, story, chance, over_picture=over_picture)
    if off:  # a person switched off takes colours and deeds along: what can be switched on again is read without
        whole = understand(
            prompt, negative=negative, style=style, seed=seed, over_picture=over_picture, story=story,
            has_names=has_names,
        )  # fmt: skip
        return replace(whole, scene=scene)
    chips = _ordered(heard, scene.subjects)
    flies = bool(_all(heard.items, "particles", heard.casting, frozenset()))
    flies = flies or any(subject.kind in FLIERS for subject in scene.subjects)
    unknown = leftovers(heard.items, shown=frozenset(chip.words for chip in chips), flies=flies)
    seen, idle = over(chips) if over_picture else (chips, ())
    return Understanding(scene, seen, unknown, idle)


def _hear(
    prompt: str, negative: str, off: frozenset[str], story: Story, chance: random.Random, *, has_names: bool
) -> Heard:
    items = _items(prompt, story, has_names=has_names)
    unwanted = read(negative)
    for item in unwanted:
        item.negated = item.is_content
    return Heard(items, unwanted, _refused([*items, *unwanted], off), cast(items, off, chance.randrange(1 << 16)))


def _scene(
    heard: Heard, off: frozenset[str], style: str, story: Story, chance: random.Random, *, over_picture: bool
) -> Scene:
    """Chips stand in the order in which they are asked for here."""
    items, casting, refused = heard.items, heard.casting, heard.refused
    cards = _cards(items, casting)
    said = {slot: heard.value(slot) for slot in ("place", "time", "weather", "camera", "style")}
    scene = Scene(
        subjects=dressed(viewed(gather(_wanted(casting.subjects, refused), story), casting.view), story),
        particles=heard.values("particles"),
        overlays=heard.values("overlay"),
        on_twos=bool(heard.value("twos")),
        ambience=heard.value("ambience") or "",
        mood=heard.value("mood") or "",
        cards=cards,
    )
    kept = {slot: value for slot, value in said.items() if value and f"{slot}:{value}" not in refused}
    chosen = style if style != "cel" and style in STYLES else said["style"] or "cel"
    scene = replace(scene, style=chosen if f"style:{chosen}" not in off else style)
    scene = only_said(scene, kept) if over_picture else fill(scene, kept, refused, chance)
    return replace(scene, setting=_setting(items, scene.place))


def _items(prompt: str, story: Story, *, has_names: bool) -> list[Item]:
    items = read(prompt, names_of(story) or (given.book() if has_names else None))
    given.settle(items)
    settle(items)
    return items


def _wanted(subjects: list[Subject], refused: frozenset[str]) -> list[Subject]:
    return [subject for subject in subjects if f"subject:{subject.kind}" not in refused]


def _ordered(heard: Heard, subjects: tuple[Subject, ...]) -> tuple[Chip, ...]:
    rides = any(subject.action == "ride" for subject in subjects)
    chips = [chip for chip in heard.casting.chips if rides or chip.value not in ("ride", "cycle")]
    for item in [*heard.items, *heard.unwanted]:
        for _, value in _wishes_against(item):
            if ("without", value) not in {(chip.slot, chip.value) for chip in chips}:
                chips.append(Chip("without", value, item.text))
    return tuple(sorted(chips, key=lambda chip: SLOTS.index(chip.slot)))


def _wishes_against(item: Item) -> list[tuple[str, str]]:
    if item.says("absent"):
        return [("subject", "people")]
    if not item.negated or item.says("called"):
        return []
    plain = [m for m in item.meanings if m.slot in SLOTS and not m.weak]
    return [(m.slot, "people" if m.value == "someone" else m.value) for m in plain]


def _refused(items: list[Item], off: frozenset[str]) -> frozenset[str]:
    """Keys that must not be in the scene: negated words and chips switched off."""
    refused = set(off)
    for item in items:
        for slot, value in _wishes_against(item):
            if f"without:{value}" in off:
                continue
            if value == "people":
                refused.update(f"subject:{kind}" for kind in PEOPLE)
            refused.add(f"{slot}:{value}")
            if value in ("rain", "snow"):
                refused.update((f"weather:{value}", f"particles:{value}"))
            if value == "rain":
                refused.add("weather:storm")
    return frozenset(refused)


def _said(items: list[Item], slot: str, casting: Casting) -> str | None:
    """The value of a slot the words ask for: plain words before hints, for places where one stands before a view."""
    for weak in (False, True):
        found = [
            (_rank(items, at, meaning), at, meaning.value)
            for at, item in enumerate(items)
            for meaning in item.meanings
            if meaning.slot == slot and meaning.weak == weak and not item.negated
        ]
        for _, at, value in sorted(found):
            if drawn := casting.chip(slot, value, items[at].text):
                return drawn
    return None


def _setting(items: list[Item], place: str) -> str:
    """Which view of the place the words speak of: bamboo is no fir wood, a beach no cliff."""
    said = (item.value("setting") for item in items if not item.negated and item.says("setting"))
    return next((value for value in said if value in SETTINGS.get(place, ())), "")


def _rank(items: list[Item], at: int, meaning: Meaning) -> int:
    """Which of two words for one slot decides: the smaller. Fireworks make a summer's evening night."""
    if meaning.slot == "time" and meaning.weak:
        return int(meaning.value != "night")
    if meaning.slot == "weather" and meaning.value == "rain":  # lightning in the rain is a storm
        return int(not meaning.weak and any(item.says("weather", "storm") and not item.negated for item in items))
    if meaning.slot != "place":
        return 0
    return int(items[at].says("weather")) if meaning.weak else _nearness(items, at)


def _nearness(items: list[Item], at: int) -> int:
    """0 for a place one stands in ("on a hill"), 1 for a place only named, 2 for one that is seen from afar
    ("distant city") or that only tells where another place is ("a street in Tokyo", 森林里的神社)."""
    near = [item for item in items[max(0, at - 3) : at] if not item.is_content]
    after = items[at + 1 : at + 2]
    if _place_near(items, range(at + 1, min(len(items), at + 6)), "cjk"):
        return 2
    for item in reversed(near):
        if item.is_break or item.kind == "comma":
            break
        if item.says("far"):
            return 2
        if item.says("standing_at"):
            tells_where = item.text.lower() != "from" and _place_near(items, range(at - 1, max(-1, at - 5), -1), "word")
            return 2 if tells_where else 0
    if any(item.says("far") and item.kind == "word" for item in after):
        return 2
    return 0 if any(item.says("standing_at") and item.kind == "cjk" for item in after) else 1


def _place_near(items: list[Item], indices: range, script: str) -> bool:
    """Whether another place is reached over nothing but small words: in Chinese and Japanese over 的 or の."""
    joined = script == "word"
    for index in indices:
        item = items[index]
        if item.kind != script:
            return False
        if any(m.slot == "place" and not m.weak for m in item.meanings):
            return joined
        if item.is_content or not item.meanings:
            return False
        joined = joined or item.text in small_words("of")
    return False


def _all(items: list[Item], slot: str, casting: Casting, refused: frozenset[str]) -> tuple[str, ...]:
    """Every value of a slot in the order said; hints only when there is no plain word."""
    for weak in (False, True):
        values = [
            drawn
            for item in items
            for m in item.meanings
            if m.slot == slot and m.weak == weak and not item.negated
            if (drawn := casting.chip(slot, m.value, item.text))
        ]
        if values:
            return tuple(value for value in dict.fromkeys(values) if f"{slot}:{value}" not in refused)
    return ()


def _cards(items: list[Item], casting: Casting) -> tuple[Card, ...]:
    """Quoted words after "title", "caption" or "the end" are cards; other quotes are spoken, or shown if nobody can."""
    cards: list[Card] = []
    for at, item in enumerate(items):
        kind = next((i.value("card") for i in reversed(items[max(0, at - 4) : at]) if i.says("card")), None)
        if item.kind == "quote" and kind and item.text:
            item.used = True
            if casting.chip("card", kind, item.text):
                cards.append(Card(kind, item.text[:CARD_TEXT]))
    for at in speak(items, casting):
        if not can_write(items[at].text):  # nobody asked for a card: without a font the clip is drawn, and it is said
            items[at].beyond = items[at].text
        elif casting.chip("card", "caption", items[at].text):
            cards.append(Card("caption", items[at].text[:CARD_TEXT]))
    return tuple(cards[:3])
