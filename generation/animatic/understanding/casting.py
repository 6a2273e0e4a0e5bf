"""Items → who and what is in the shot: kinds and counts, and who says which line."""

from dataclasses import replace

from ..scene import DEFAULT_MAX_COUNT, MAX_COUNTS, PEOPLE, VARIANTS, Subject
from .changing import changes_in
from .company import Casting
from .counting import count_of, kind_of
from .looks import describe
from .naming import known_as, pronouns
from .reading import Item

LINE = 120  # characters of dialogue kept


def cast(items: list[Item], off: frozenset[str], chance: int) -> Casting:
    """Everybody and everything the words put into the shot. ``chance`` decides who "someone" is."""
    casting = Casting(off=off, changed=changes_in(off))
    _name_subjects(items, casting, chance)
    pronouns(items, casting)
    describe(items, casting)
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
        if items[said].negated or not (kind := casting.chip("subject", pronoun, items[said].text)):
            continue
        casting.subjects.insert(0, Subject(kind))
        casting.places.insert(0, said)
        casting.said.insert(0, pronoun)
        casting.again = [(at, index + 1) for at, index in casting.again]


def _people_refused(items: list[Item]) -> bool:
    return any((item.negated and item.says("subject", "someone")) or item.says("absent") for item in items)


def _add(items: list[Item], at: int, kind: str, casting: Casting, chance: int) -> None:
    count, words = (1, "") if items[at].says("called") else count_of(items, at)
    if kind != "someone":
        _enter(items, at, kind, _counted(count, words, casting), casting, chip=kind)
        return
    kind, other = ("girl", "boy") if chance % 2 == 0 else ("boy", "girl")
    is_plain = count == 2 and words == items[at].text  # a couple: that it is two goes without saying
    count = count if is_plain else _counted(count, words, casting)
    if count > 1:  # a couple, a crowd: of both
        _enter(items, at, other, count // 2, casting, chip="someone")
    _enter(items, at, kind, count - count // 2, casting, chip="someone")


def _counted(count: int, words: str, casting: Casting) -> int:
    return int(casting.chip("count", str(count), words) or 1) if count > 1 and words else count


def _enter(items: list[Item], at: int, kind: str, count: int, casting: Casting, chip: str) -> None:
    """``chip`` is what the words say, whoever the seed makes of it: what is switched off stays off in every clip."""
    if not (drawn := casting.chip("subject", chip, items[at].text)):
        return
    count = min(count, MAX_COUNTS.get(kind if drawn == chip else drawn, DEFAULT_MAX_COUNT))
    subject = Subject(kind, count, name=items[at].value("called") or "", variant=items[at].value("variant") or "")
    subject = replace(subject, variant=subject.variant if subject.variant in VARIANTS.get(kind, ()) else "")
    known = known_as(items, at, subject, casting)
    if known is None:
        said, kind = kind, kind if drawn == chip else drawn
        casting.enter(replace(subject, kind=kind, variant=subject.variant if kind == said else ""), at, said)
        return
    there = casting.subjects[known]
    casting.again.append((at, known))
    own = {slot: getattr(there, slot) or getattr(subject, slot) for slot in ("name", "variant")}
    casting.change(known, count=max(count, there.count), **own)


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
    before = [index for place, index in casting.named() if index in able and place < at]
    if before:
        return before[-1]
    return able[0] if able else None
