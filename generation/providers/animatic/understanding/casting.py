"""Items → who and what is in the shot: kinds, counts, colours, clothes, what they do and say."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..scene import PEOPLE, Chip, Subject
from .lexicon import table
from .reading import Item

MOST = 12  # of one kind in a shot
LINE = 120  # characters of dialogue kept
JOINS = frozenset(("and", "&", "和", "与", "跟", "と"))
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

    def owner(self, items: list[Item], at: int, of_people: bool = False) -> int | None:
        """Whom an attribute belongs to: the next subject when nothing parts them, else the one before.
        ``of_people``: only a person can have it."""
        able = [i for i, subject in enumerate(self.subjects) if not of_people or subject.kind in PEOPLE]
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

    def company(self, items: list[Item], index: int) -> list[int]:
        """The person and whoever was named in one breath before ("a boy and a girl walk")."""
        out = [index]
        while out[-1] > 0 and self.subjects[out[-1] - 1].kind in PEOPLE:
            between = items[self.places[out[-1] - 1] + 1 : self.places[out[-1]]]
            joined = any(item.text.lower() in JOINS for item in between)
            if between and not (joined and all(item.says("stop") or item.text.lower() in JOINS for item in between)):
                break
            out.append(out[-1] - 1)
        return out

    def change(self, index: int, **changes: Any) -> None:
        self.subjects[index] = replace(self.subjects[index], **changes)


def cast(items: list[Item], off: frozenset[str], chance: int) -> Casting:
    """Everybody and everything the words put into the shot. ``chance`` decides who "someone" is."""
    casting = Casting(off=off)
    _name_subjects(items, casting, chance)
    for at, item in enumerate(items):
        if item.negated:
            continue
        if item.says("colour"):
            _colour(items, at, casting)
        _hair(items, at, casting)
        for slot in ATTRIBUTES:
            _attribute(items, at, slot, casting)
        if item.says("named"):
            _name(items, at, casting)
    return casting


def _name_subjects(items: list[Item], casting: Casting, chance: int) -> None:
    plain = [at for at, item in enumerate(items) if not item.negated and _kind(item, weak=False)]
    kinds = {_kind(items[at], weak=False) for at in plain}
    has_person = bool(kinds & set(PEOPLE))
    for at in plain:
        kind = _kind(items[at], weak=False)
        if kind is None or (kind == "someone" and has_person):
            continue
        _add(items, at, kind, casting, chance)
    for at, item in enumerate(items):
        kind = _kind(item, weak=True)
        if not kind or item.negated or kind in {subject.kind for subject in casting.subjects}:
            continue
        is_person = kind in (*PEOPLE, "someone")
        if not is_person or not (_people_refused(items) or any(s.kind in PEOPLE for s in casting.subjects)):
            _add(items, at, kind, casting, chance)


def _people_refused(items: list[Item]) -> bool:
    return any((item.negated and item.says("subject", "someone")) or item.says("absent") for item in items)


def _kind(item: Item, weak: bool) -> str | None:
    return next((m.value for m in item.meanings if m.slot == "subject" and m.weak == weak), None)


def _add(items: list[Item], at: int, kind: str, casting: Casting, chance: int) -> None:
    count, words = _count(items, at)
    if kind == "someone":
        kind = ("girl", "boy")[chance % 2]
        if count == 2:
            count = 1
            _enter(items, at, "boy" if kind == "girl" else "girl", 1, "", casting)
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


def _count(items: list[Item], at: int) -> tuple[int, str]:
    """How many of the subject at ``at``, and the words that say so."""
    own = items[at].value("number")
    for back in range(at - 1, max(-1, at - 6), -1):
        item = items[back]
        if item.is_break or item.kind in ("comma", "quote") or _kind(item, weak=False) not in (None, "someone"):
            break
        number = _number(items, back)
        if number:
            return number, item.text
        if item.kind == "word" and item.says("break"):
            break
    for ahead in range(at + 1, min(len(items) - 1, at + 3)):  # 猫が三匹
        if _number(items, ahead) and items[ahead + 1].says("classifier"):
            return _number(items, ahead), items[ahead].text + items[ahead + 1].text
    for ahead in range(at + 1, min(len(items), at + 3)):  # 少女が二人
        if items[ahead].says("subject", "someone") and items[ahead].value("number"):
            return int(items[ahead].value("number") or 1), items[ahead].text
    if own:
        return int(own), items[at].text
    return (2, items[at].text) if _is_plural(items[at]) else (1, "")


def _number(items: list[Item], at: int) -> int:
    """The number an item says; a Chinese numeral counts only before a classifier or alone as a word of number."""
    item = items[at]
    value = item.value("number") or (item.text if item.text.isdigit() and len(item.text) < 4 else None)
    if value is None or (item.kind == "word" and item.text.lower() in ("some", "both")):
        return 0
    if item.kind == "cjk" and len(item.text) == 1 and item.text != "双":
        following = items[at + 1] if at + 1 < len(items) else None
        if following is None or not (following.says("classifier") or following.says("subject")):
            return 0
    return min(int(value), MOST)


def _is_plural(item: Item) -> bool:
    text = item.text.lower()
    if item.kind != "word":
        return text.endswith(("们", "們", "たち", "達"))
    return text in ("women", "men", "children", "people") or (text.endswith("s") and not text.endswith("ss"))


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
        kind = _kind(item, weak=False)
        if part or kind:
            _paint(items, at, ahead, part, colour, casting)
            return
        if item.is_content or item.says("colour") or (item.says("break") and item.text not in ("と",)):
            break
    if at and any(item.says("wearing") for item in items[max(0, at - 2) : at]):
        _paint(items, at, at, "clothes", colour, casting)


def _paint(items: list[Item], at: int, target: int, part: str | None, colour: str, casting: Casting) -> None:
    index = casting.owner(items, target, of_people=part in ("clothes", "eyes"))
    if index is None:
        return
    kind = casting.subjects[index].kind
    if part is None:
        part = "hair" if kind in ("cat", "dog", "bird") else "clothes"
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
    index = casting.owner(items, at, of_people=bool(length))
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
    index = casting.owner(items, at, of_people=slot in ("clothes", "hair_style"))
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
        together = casting.company(items, index) if slot in ("action", "expression") else [index]
        for one in together:
            casting.change(one, **{slot: value})


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
