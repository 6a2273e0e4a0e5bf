"""Read the subjects of a shot from items: kinds, counts and spoken lines."""

from dataclasses import replace

from ..scene import DEFAULT_MAX_COUNT, MAX_COUNTS, PEOPLE, VARIANTS, Subject
from .appearance import assign_attributes
from .cast import Cast
from .chips import parse_changes
from .coreference import find_referent, resolve_pronouns
from .counts import get_subject_kind, read_count
from .lexicon import grammar_words
from .parsing import Item

TRANSPARENT = frozenset((*grammar_words("indefinite_articles"), *grammar_words("copulas"), "as", "who"))
MAX_LINE_LENGTH = 120  # characters of dialogue kept


def read_subjects(items: list[Item], chips_off: frozenset[str], chance: int) -> Cast:
    """Return all subjects of the shot with their looks. Even or odd ``chance`` makes "someone" a girl or a boy."""
    cast = Cast(chips_off=chips_off, replacements=parse_changes(chips_off))
    _add_named_subjects(items, cast, chance)
    resolve_pronouns(items, cast)
    assign_attributes(items, cast)
    return cast


def _add_named_subjects(items: list[Item], cast: Cast, chance: int) -> None:
    plain = [at for at, item in enumerate(items) if not item.is_negated and get_subject_kind(item, weak=False)]
    kinds = {get_subject_kind(items[at], weak=False) for at in plain}
    has_person = bool(kinds & set(PEOPLE))
    for at in plain:
        kind = get_subject_kind(items[at], weak=False)
        if kind is None or (kind == "someone" and has_person and not _is_somebody_else(items, at)):
            continue
        _add_subjects(items, at, kind, cast, chance)
    _add_narrated_subject(items, cast)
    for at, item in enumerate(items):
        kind = get_subject_kind(item, weak=True)
        if not kind or item.is_negated or kind in {subject.kind for subject in cast.subjects}:
            continue
        is_person = kind in (*PEOPLE, "someone")
        if not is_person or not (_are_people_refused(items) or _has_being(cast)):
            _add_subjects(items, at, kind, cast, chance)


def _has_being(cast: Cast) -> bool:
    """Return whether somebody is in the shot whom "he" or "she" may mean: a person or a robot."""
    return any(subject.kind in (*PEOPLE, "robot") for subject in cast.subjects)


def _is_somebody_else(items: list[Item], at: int) -> bool:
    """Return whether a role is another person than those named beside it, as the clerk in "a clerk greets a girl".

    In "an astronaut girl" and "the girl is an astronaut" it is not.
    """
    if not items[at].means("role") or items[at].is_negated:
        return False
    before = at - 1
    while before >= 0 and (items[before].text.lower() in TRANSPARENT or items[before].kind == "comma"):
        before -= 1
    beside = [*items[max(before, 0) : at], *items[at + 1 : at + 2]]
    return not any(get_subject_kind(item, weak=False) in PEOPLE for item in beside)


def _add_narrated_subject(items: list[Item], cast: Cast) -> None:
    """Insert a person whom only a pronoun before all people mentions: "Mei stood in her uniform … a boy waited"."""
    people = [(at, s.kind) for at, s in zip(cast.positions, cast.subjects, strict=True) if s.kind in PEOPLE]
    if not people or any(at == people[0][0] for at, _ in people[1:]):
        return
    for pronoun, matching_kinds in (
        ("girl", ("girl", "woman", "child", "elder")),
        ("boy", ("boy", "man", "child", "elder")),
    ):
        at_pronoun = next((at for at, item in enumerate(items) if get_subject_kind(item, weak=True) == pronoun), None)
        if at_pronoun is None or at_pronoun > people[0][0] or any(kind in matching_kinds for _, kind in people):
            continue
        if items[at_pronoun].is_negated or not (kind := cast.add_chip("subject", pronoun, items[at_pronoun].text)):
            continue
        cast.subjects.insert(0, Subject(kind))
        cast.positions.insert(0, at_pronoun)
        cast.original_kinds.insert(0, pronoun)
        cast.later_mentions = [(at, index + 1) for at, index in cast.later_mentions]


def _are_people_refused(items: list[Item]) -> bool:
    return any((item.is_negated and item.means("subject", "someone")) or item.means("absent") for item in items)


def _add_subjects(items: list[Item], at: int, kind: str, cast: Cast, chance: int) -> None:
    count, words = (1, "") if items[at].means("called") else read_count(items, at)
    if kind != "someone":
        _add_or_merge(items, at, kind, _add_count_chip(count, words, cast), cast, chip=kind)
        return
    kind, other = ("girl", "boy") if _is_female(items, chance) else ("boy", "girl")
    is_plain = count == 2 and words == items[at].text  # "a couple": the count needs no chip
    count = count if is_plain else _add_count_chip(count, words, cast)
    if count > 1:  # couples and crowds are mixed
        _add_or_merge(items, at, other, count // 2, cast, chip="someone")
    _add_or_merge(items, at, kind, count - count // 2, cast, chip="someone")


def _is_female(items: list[Item], chance: int) -> bool:
    """Return whether "someone" is a girl: as the only pronoun of the prompt says ("a chef and her soup"), else by
    ``chance``."""
    pronouns = {get_subject_kind(item, weak=True) for item in items} & {"girl", "boy"}
    return "girl" in pronouns if len(pronouns) == 1 else chance % 2 == 0


def _add_count_chip(count: int, words: str, cast: Cast) -> int:
    return int(cast.add_chip("count", str(count), words) or 1) if count > 1 and words else count


def _add_or_merge(items: list[Item], at: int, kind: str, count: int, cast: Cast, chip: str) -> None:
    """Add a subject, or merge it into the one that the word at ``at`` refers to.

    ``chip``: the kind as the prompt names it ("someone"), so that a disabled chip works with every seed.
    """
    if not (chosen := cast.add_chip("subject", chip, items[at].text)):
        return
    count = min(count, MAX_COUNTS.get(kind if chosen == chip else chosen, DEFAULT_MAX_COUNT))
    subject = Subject(kind, count, name=items[at].value("called") or "", variant=items[at].value("variant") or "")
    subject = replace(subject, variant=subject.variant if subject.variant in VARIANTS.get(kind, ()) else "")
    referent = find_referent(items, at, subject, cast)
    if referent is not None and items[at].means("role"):
        first = items[cast.positions[referent]]
        if first.text != items[at].text and not first.means("number"):
            referent = None  # "students and a teacher", but not 三人の職人
    if referent is None:
        original_kind, kind = kind, kind if chosen == chip else chosen
        cast.add_subject(
            replace(subject, kind=kind, variant=subject.variant if kind == original_kind else ""), at, original_kind
        )
        return
    existing = cast.subjects[referent]
    cast.later_mentions.append((at, referent))
    merged = {slot: getattr(existing, slot) or getattr(subject, slot) for slot in ("name", "variant")}
    cast.update(referent, count=max(count, existing.count), **merged)


def assign_lines(items: list[Item], cast: Cast) -> list[int]:
    """Assign quoted lines to the nearest speaker before them. Returns the indices of quotes without a speaker."""
    unassigned = []
    for at, item in enumerate(items):
        if item.kind != "quote" or not item.text or item.is_used:
            continue
        index = _find_speaker(cast, at)
        if index is None:
            unassigned.append(at)
        elif cast.add_chip("line", item.text[:MAX_LINE_LENGTH], item.text[:MAX_LINE_LENGTH]):
            earlier_lines = cast.subjects[index].line
            cast.update(index, line=f"{earlier_lines} {item.text}".strip()[:MAX_LINE_LENGTH])
    return unassigned


def _find_speaker(cast: Cast, at: int) -> int | None:
    people = [index for index, subject in enumerate(cast.subjects) if subject.kind in PEOPLE]
    speakers = people or [i for i, s in enumerate(cast.subjects) if s.kind in ("cat", "dog", "bird")]
    before = [index for place, index in cast.list_mentions() if index in speakers and place < at]
    if before:
        return before[-1]
    return speakers[0] if speakers else None
