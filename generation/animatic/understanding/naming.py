"""Whether a word names somebody new or somebody who is in the shot already."""

from dataclasses import replace

from ..scene import PEOPLE, Subject
from .company import JOINS, Casting
from .counting import kind_of
from .lexicon import small_words
from .reading import Item

ALIKE = ({"girl", "woman"}, {"boy", "man"}, {"girl", "child"}, {"boy", "child"}, {"woman", "elder"}, {"man", "elder"})
PRONOUNS = {"girl": small_words("she"), "boy": small_words("he")}


def fits(one: str, other: str) -> bool:
    """Two words for the same person: a girl may be called a woman, and is no boy and nobody old."""
    return one == other or {one, other} in ALIKE


def known_as(items: list[Item], at: int, subject: Subject, casting: Casting) -> int | None:
    """Who in the shot is meant by the word at ``at``; None for somebody new."""
    if subject.name:
        same = (index for index, each in enumerate(casting.subjects) if each.name == subject.name)
        if (found := next(same, None)) is not None:
            return found
        if (found := _introduced(items, at, subject, casting)) is not None:
            return found
    for place, index in reversed(casting.named()):
        if place < at and _may_be(subject, _as_said(casting, index)) and not _is_new(items, place, at, casting, index):
            return index
    return None


def _as_said(casting: Casting, index: int) -> Subject:
    """What the words call somebody, whatever the person made of it."""
    return replace(casting.subjects[index], kind=casting.said[index])


def _may_be(subject: Subject, there: Subject) -> bool:
    """An elder or a child of one sex is not one of the other, and nobody is two people with names."""
    if subject.name and there.name:
        return False
    if {subject.variant, there.variant} == {"male", "female"}:
        return False
    named = subject.name or there.name
    return subject.kind == there.kind or bool(named and subject.kind in PEOPLE and fits(subject.kind, there.kind))


def _introduced(items: list[Item], at: int, subject: Subject, casting: Casting) -> int | None:
    """ "The old man, Kenji, waits", "a girl named Aki": a name right behind what its bearer is."""
    before = at - 1
    while before >= 0 and (items[before].kind == "comma" or items[before].says("named")):
        before -= 1
    return next((i for place, i in casting.named() if place == before and _may_be(subject, _as_said(casting, i))), None)


def _is_new(items: list[Item], before: int, at: int, casting: Casting, index: int) -> bool:
    """ "a red-haired girl and a blue-haired girl", "a boy and another boy" are two; "a girl … the girl" is one."""
    between = items[before + 1 : at]
    phrase = _phrase(between)
    if any(item.says("another") for item in phrase):
        return True
    if any(item.is_break for item in between) or casting.subjects[index].count > 1:
        return False
    is_joined = any(item.text.lower() in JOINS for item in between[-len(phrase) - 1 :]) if between else False
    if is_joined:
        return not any(item.text.lower() in small_words("the") for item in phrase) or len(between) <= 2
    return _is_indefinite(phrase) and _is_indefinite(_phrase(items[max(0, before - 6) : before]))


def _phrase(items: list[Item]) -> list[Item]:
    """The words that lead up to a noun: back to what joins them to the rest, or ends a part of the sentence."""
    start = len(items)
    while start and not _ends(items[start - 1]):
        start -= 1
    return items[start:]


def _ends(item: Item) -> bool:
    is_other = kind_of(item, weak=False) is not None
    return item.is_break or item.kind in ("comma", "quote") or item.text.lower() in JOINS or is_other


def _is_indefinite(phrase: list[Item]) -> bool:
    return any(
        item.text.lower() in (*small_words("a"), *small_words("one")) or item.text.startswith(small_words("begins_one"))
        for item in phrase
    )


def pronouns(items: list[Item], casting: Casting) -> None:
    """ "Mika sees Ken. She waves": who does it is the last one named whom the word can mean."""
    for at, item in enumerate(items):
        said = next((kind for kind, words in PRONOUNS.items() if item.text.lower() in words), "")
        if not said or item.negated:
            continue
        earlier = [
            index for place, index in casting.named() if place < at and _is_meant(said, _as_said(casting, index))
        ]
        if earlier:
            casting.again.append((at, earlier[-1]))


def _is_meant(pronoun: str, subject: Subject) -> bool:
    if subject.count > 1:
        return False
    makes = {"girl": "male", "boy": "female"}
    return (subject.kind in ("child", "elder") and subject.variant != makes[pronoun]) or fits(pronoun, subject.kind)
