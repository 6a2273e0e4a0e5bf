"""Items → who and what is in the shot: kinds, counts, colours, clothes, what they do and say."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..scene import PEOPLE, Chip, Subject
from .counting import MOST, count_of, kind_of
from .lexicon import table
from .reading import Item

LINE = 120  # characters of dialogue kept
JOINS = frozenset(("and", "&", "和", "与", "跟", "と"))
ANIMALS = ("cat", "dog", "bird")
ATTRIBUTES = ("expression", "action", "hair_style", "clothes", "view")


@dataclass
class Casting:
    """Subjects in the order named, the chips that tell about them, and which items were used for it."""

    subjects: list[Subject] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # item index where each was named
    chips: list[Chip] = field(default_factory=list)
    off: frozenset[str] = frozenset()
    view: str = ""  # said for the whole shot

    def chip(self, slot: str, value: str, words: str) -> bool:
        """Note one thing understood; False when the person switched it off."""
        known = [chip for chip in self.chips if (chip.slot, chip.value) == (slot, value)]
        if not known:
            self.chips.append(Chip(slot, value, words))
        return f"{slot}:{value}" not in self.off

    def owner(self, items: list[Item], at: int, kinds: tuple[str, ...] = ()) -> int | None:
        """Whom an attribute belongs to: the next subject when nothing parts them, else the one before.
        ``kinds``: only these can have it (an empty tuple: anything)."""
        able = [i for i, subject in enumerate(self.subjects) if not kinds or subject.kind in kinds]
        ahead = [index for index in able if self.places[index] >= at]
        if ahead:
            between = items[at + 1 : self.places[ahead[0]]]
            if not any(item.is_break or item.kind == "comma" or item.says("break") for item in between):
                return ahead[0]
        before = [index for index in able if self.places[index] < at]
        persons = [index for index in before if self.subjects[index].kind in PEOPLE]
        if persons or before:
            return (persons or before)[-1]
        return ahead[0] if ahead else None

    def company(self, items: list[Item], index: int, kinds: tuple[str, ...] = PEOPLE) -> list[int]:
        """Who does the same because they were named in one breath ("a boy and a girl walk", 老人和狗在散步)."""
        out = [index]
        while out[-1] > 0 and self.subjects[out[-1] - 1].kind in kinds and self._in_one_breath(items, out[-1]):
            out.append(out[-1] - 1)
        last = index + 1
        while (
            last < len(self.subjects)
            and self.subjects[last].kind in kinds
            and self._in_one_breath(items, last, said=True)
        ):
            out.append(last)
            last += 1
        return out

    def _in_one_breath(self, items: list[Item], index: int, said: bool = False) -> bool:
        """Whether the subject at ``index`` is joined to the one before it; ``said``: a word must join them."""
        between = items[self.places[index - 1] + 1 : self.places[index]]
        if not between:
            return not said
        joined = any(item.text.lower() in JOINS for item in between)
        return joined and all(item.says("stop") or item.text.lower() in JOINS for item in between)

    def change(self, index: int, **changes: Any) -> None:
        self.subjects[index] = replace(self.subjects[index], **changes)


def cast(items: list[Item], off: frozenset[str], chance: int) -> Casting:
    """Everybody and everything the words put into the shot. ``chance`` decides who "someone" is."""
    casting = Casting(off=off)
    _name_subjects(items, casting, chance)
    for at, item in enumerate(items):
        _worn(items, at, casting)
        if item.negated:
            continue
        if item.says("make"):
            _make(item, casting)
        if item.says("colour"):
            _colour(items, at, casting)
        _hair(items, at, casting)
        for slot in ATTRIBUTES:
            _attribute(items, at, slot, casting)
        if item.says("named"):
            _name(items, at, casting)
    return casting


def _name_subjects(items: list[Item], casting: Casting, chance: int) -> None:
    plain = [at for at, item in enumerate(items) if not item.negated and kind_of(item, weak=False)]
    kinds = {kind_of(items[at], weak=False) for at in plain}
    has_person = bool(kinds & set(PEOPLE))
    for at in plain:
        kind = kind_of(items[at], weak=False)
        if kind is None or (kind == "someone" and has_person):
            continue
        _add(items, at, kind, casting, chance)
    _name_narrated(items, casting)
    for at, item in enumerate(items):
        kind = kind_of(item, weak=True)
        if not kind or item.negated or kind in {subject.kind for subject in casting.subjects}:
            continue
        is_person = kind in (*PEOPLE, "someone")
        if not is_person or not (_people_refused(items) or any(s.kind in PEOPLE for s in casting.subjects)):
            _add(items, at, kind, casting, chance)


def _name_narrated(items: list[Item], casting: Casting) -> None:
    """ "Mei stood in her uniform … a boy waited": a story's first person may be known by a pronoun alone."""
    people = [(at, s.kind) for at, s in zip(casting.places, casting.subjects, strict=True) if s.kind in PEOPLE]
    if not people or any(at == people[0][0] for at, _ in people[1:]):
        return
    for pronoun, may_be in (("girl", ("girl", "woman", "child", "elder")), ("boy", ("boy", "man", "child", "elder"))):
        said = next((at for at, item in enumerate(items) if kind_of(item, weak=True) == pronoun), None)
        if said is None or said > people[0][0] or any(kind in may_be for _, kind in people):
            continue
        if items[said].negated or not casting.chip("subject", pronoun, items[said].text):
            continue
        casting.subjects.insert(0, Subject(kind=pronoun))
        casting.places.insert(0, said)


def _people_refused(items: list[Item]) -> bool:
    return any((item.negated and item.says("subject", "someone")) or item.says("absent") for item in items)


def _add(items: list[Item], at: int, kind: str, casting: Casting, chance: int) -> None:
    count, words = count_of(items, at)
    if kind == "someone":
        kind, other = ("girl", "boy") if chance % 2 == 0 else ("boy", "girl")
        if count > 1:  # a couple, a crowd: of both
            _enter(items, at, other, count // 2, "", casting)
            count, words = count - count // 2, "" if count == 2 else words
    _enter(items, at, kind, count, words, casting)


def _enter(items: list[Item], at: int, kind: str, count: int, words: str, casting: Casting) -> None:
    if not casting.chip("subject", kind, items[at].text):
        return
    if count > 1 and words and not casting.chip("count", str(count), words):
        count = 1
    known = [index for index, subject in enumerate(casting.subjects) if subject.kind == kind]
    another = at and items[at - 1].says("another")
    if known and not another:
        casting.change(known[0], count=max(count, casting.subjects[known[0]].count))
        return
    casting.subjects.append(Subject(kind=kind, count=min(count, MOST)))
    casting.places.append(at)


def _colour(items: list[Item], at: int, casting: Casting) -> None:
    """A colour belongs to the hair, eyes, clothes or thing that follows; "in red" is about clothes."""
    colour = items[at].value("colour") or ""
    for ahead in range(at + 1, min(len(items), at + 5)):
        item = items[ahead]
        if item.is_break or item.kind in ("comma", "quote"):
            break
        part = item.value("part") or ("clothes" if item.says("clothes") and not item.says("subject") else None)
        if item.says("hair_style"):
            part = "hair"
        kind = kind_of(item, weak=False)
        if part or kind:
            _paint(items, at, ahead, part, colour, casting)
            return
        if item.is_content or item.says("colour") or (item.says("break") and item.text not in ("と",)):
            break
    if at and any(item.says("wearing") for item in items[max(0, at - 2) : at]):
        _paint(items, at, at, "clothes", colour, casting)


def _paint(items: list[Item], at: int, target: int, part: str | None, colour: str, casting: Casting) -> None:
    index = casting.owner(items, target, PEOPLE if part in ("clothes", "eyes") else ())
    if index is None:
        return
    kind = casting.subjects[index].kind
    if part is None:
        part = "hair" if kind in ("cat", "dog", "bird") or colour == "blonde" else "clothes"
    elif part == "hair" and kind not in PEOPLE and kind not in ("cat", "dog", "bird"):
        return
    words = " ".join(dict.fromkeys((items[at].text, items[target].text)))
    if items[at].kind == "cjk":
        words = items[at].text if at == target else items[at].text + items[target].text
    if casting.chip("colour", f"{part} {colour}", words):
        shade = table("colours")[part][colour]
        casting.change(index, **{{"hair": "hair_colour", "eyes": "eye_colour"}.get(part, "clothes_colour"): shade})


def _hair(items: list[Item], at: int, casting: Casting) -> None:
    """Words that are hair and colour in one ("blonde"), and lengths that belong to hair ("long black hair")."""
    item = items[at]
    colour, length = item.value("hair"), item.value("length")
    index = casting.owner(items, at, PEOPLE if length else ())
    if index is None:
        return
    if colour and casting.chip("colour", f"hair {colour}", item.text):
        casting.change(index, hair_colour=table("colours")["hair"][colour])
    if length:
        for ahead in range(at + 1, min(len(items), at + 4)):
            following = items[ahead]
            if following.says("part", "hair"):
                if casting.chip("hair", length, f"{item.text} {following.text}"):
                    casting.change(index, hair_style=length)
                return
            if not (following.says("colour") or following.says("stop")):
                return


def _attribute(items: list[Item], at: int, slot: str, casting: Casting) -> None:
    value = items[at].value(slot)
    if not value or (slot == "clothes" and items[at].says("subject") and not casting.subjects):
        return
    able = PEOPLE if slot in ("clothes", "hair_style") else (*PEOPLE, *ANIMALS)
    index = casting.owner(items, at, able)
    if slot == "view":
        if casting.chip("view", value, items[at].text):
            casting.view = casting.view or value
        return
    if index is None:
        return
    chip_slot = "hair" if slot == "hair_style" else slot
    animals = casting.subjects[index].kind not in PEOPLE
    if animals and slot in ("clothes", "hair_style"):
        return
    if casting.chip(chip_slot, value, items[at].text):
        kinds = {"action": (*PEOPLE, "cat", "dog"), "expression": PEOPLE}.get(slot, ())
        together = casting.company(items, index, kinds) if kinds else [index]
        for one in together:
            casting.change(one, **{slot: value})


def _worn(items: list[Item], at: int, casting: Casting) -> None:
    """Glasses and umbrellas; "without an umbrella" is heard too, because in the rain everybody has one."""
    value = items[at].value("worn")
    index = casting.owner(items, at, PEOPLE) if value else None
    if not value or index is None:
        return
    if items[at].negated:
        value = f"no_{value}" if f"without:{value}" not in casting.off else ""
    elif not casting.chip("worn", value, items[at].text):
        return
    for one in casting.company(items, index) if value else ():
        casting.change(one, wears=(*casting.subjects[one].wears, value))


def _make(item: Item, casting: Casting) -> None:
    """What kind of thing was named: a steam train."""
    for index, subject in enumerate(casting.subjects):
        if subject.kind == "train":
            casting.change(index, make=item.value("make") or "")


def _name(items: list[Item], at: int, casting: Casting) -> None:
    """ "a girl named Aki": the name keys her looks."""
    if at + 1 >= len(items) or items[at + 1].is_break:
        return
    words = [items[at + 1]]
    if words[0].kind == "cjk":
        for item in items[at + 2 : at + 4]:
            if item.kind != "cjk" or item.meanings or item.start != words[-1].end:
                break
            words.append(item)
    name = "".join(item.text for item in words)
    index = casting.owner(items, at)
    if index is not None and casting.chip("name", name, f"{items[at].text} {name}"):
        casting.change(index, name=name)
        for item in words:
            item.used = True


def speak(items: list[Item], casting: Casting) -> list[int]:
    """Give quoted lines to whoever stands nearest before them; answer with the items that found no speaker."""
    orphans = []
    for at, item in enumerate(items):
        if item.kind != "quote" or not item.text or item.used:
            continue
        index = _speaker(casting, at)
        if index is None:
            orphans.append(at)
        elif casting.chip("line", item.text[:LINE], item.text[:LINE]):
            said = casting.subjects[index].line
            casting.change(index, line=f"{said} {item.text}".strip()[:LINE])
    return orphans


def _speaker(casting: Casting, at: int) -> int | None:
    people = [index for index, subject in enumerate(casting.subjects) if subject.kind in PEOPLE]
    able = people or [i for i, s in enumerate(casting.subjects) if s.kind in ("cat", "dog", "bird")]
    before = [index for index in able if casting.places[index] < at]
    if before:
        return before[-1]
    return able[0] if able else None
