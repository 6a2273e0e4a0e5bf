"""Coreference: decide whether a word introduces a new subject or refers to an existing one."""

from dataclasses import replace

from ..scene import PEOPLE, Subject
from .cast import CONJUNCTIONS, Cast
from .counts import get_subject_kind
from .lexicon import grammar_words
from .parsing import Item

MATCHING_KINDS = (
    {"girl", "woman"},
    {"boy", "man"},
    {"girl", "child"},
    {"boy", "child"},
    {"woman", "elder"},
    {"man", "elder"},
)
PRONOUNS = {"girl": grammar_words("she"), "boy": grammar_words("he")}


def is_matching_kind(first: str, second: str) -> bool:
    """Return whether two kinds may name the same person, as "girl" and "woman", but not "girl" and "boy"."""
    return first == second or {first, second} in MATCHING_KINDS


def find_referent(items: list[Item], at: int, subject: Subject, cast: Cast) -> int | None:
    """Return the index of the subject that the word at ``at`` refers to; None if the word introduces ``subject``."""
    if subject.name:
        same = (index for index, known in enumerate(cast.subjects) if known.name == subject.name)
        if (found := next(same, None)) is not None:
            return found
        if (found := _find_introduced(items, at, subject, cast)) is not None:
            return found
    for place, index in reversed(cast.list_mentions()):
        if (
            place < at
            and _can_be_same(subject, _get_original(cast, index))
            and not _is_new_subject(items, place, at, cast, index)
        ):
            return index
    return None


def _get_original(cast: Cast, index: int) -> Subject:
    """Return a subject with the kind that the prompt names, before the user changed it."""
    return replace(cast.subjects[index], kind=cast.original_kinds[index])


def _can_be_same(subject: Subject, existing: Subject) -> bool:
    """Return whether two subjects can be the same: not if both have names, or if sexes or kinds differ."""
    if subject.name and existing.name:
        return False
    if {subject.variant, existing.variant} == {"male", "female"}:
        return False
    named = subject.name or existing.name
    return subject.kind == existing.kind or bool(
        named and subject.kind in PEOPLE and is_matching_kind(subject.kind, existing.kind)
    )


def _find_introduced(items: list[Item], at: int, subject: Subject, cast: Cast) -> int | None:
    """Return the index of the subject directly before a name: "The old man, Kenji, waits", "a girl named Aki"."""
    before = at - 1
    while before >= 0 and (items[before].kind == "comma" or items[before].means("named")):
        before -= 1
    return next(
        (i for place, i in cast.list_mentions() if place == before and _can_be_same(subject, _get_original(cast, i))),
        None,
    )


def _is_new_subject(items: list[Item], before: int, at: int, cast: Cast, index: int) -> bool:
    """Return whether the mention at ``at`` is a new subject, not subject ``index``, which is mentioned at ``before``.

    "A boy and another boy" are two, "a girl … the girl" is one.
    """
    between = items[before + 1 : at]
    phrase = _get_noun_phrase(between)
    if any(item.means("another") for item in phrase):
        return True
    if any(item.is_break for item in between) or cast.subjects[index].count > 1:
        return False
    is_joined = any(item.text.lower() in CONJUNCTIONS for item in between[-len(phrase) - 1 :]) if between else False
    if is_joined:
        return not any(item.text.lower() in grammar_words("definite_articles") for item in phrase) or len(between) <= 2
    return _is_indefinite(phrase) and _is_indefinite(_get_noun_phrase(items[max(0, before - 6) : before]))


def _get_noun_phrase(items: list[Item]) -> list[Item]:
    """Return the words that lead up to a noun, back to a conjunction, a subject or the end of a clause."""
    start = len(items)
    while start and not _ends_phrase(items[start - 1]):
        start -= 1
    return items[start:]


def _ends_phrase(item: Item) -> bool:
    is_other = get_subject_kind(item, weak=False) is not None
    return item.is_break or item.kind in ("comma", "quote") or item.text.lower() in CONJUNCTIONS or is_other


def _is_indefinite(phrase: list[Item]) -> bool:
    return any(
        item.text.lower() in (*grammar_words("indefinite_articles"), *grammar_words("number_one"))
        or item.text.startswith(grammar_words("number_one_prefixes"))
        for item in phrase
    )


def resolve_pronouns(items: list[Item], cast: Cast) -> None:
    """Resolve pronouns to the last matching subject: "Mika sees Ken. She waves"."""
    for at, item in enumerate(items):
        pronoun = next((kind for kind, words in PRONOUNS.items() if item.text.lower() in words), "")
        if not pronoun or item.is_negated:
            continue
        earlier = [
            index
            for place, index in cast.list_mentions()
            if place < at and _matches_pronoun(pronoun, _get_original(cast, index))
        ]
        if earlier:
            cast.later_mentions.append((at, earlier[-1]))


def _matches_pronoun(pronoun: str, subject: Subject) -> bool:
    if subject.count > 1:
        return False
    makes = {"girl": "male", "boy": "female"}
    return (subject.kind in ("child", "elder") and subject.variant != makes[pronoun]) or is_matching_kind(
        pronoun, subject.kind
    )
