"""Given names in a prompt ("Hana runs") that name a person.

A name counts only if no other word of the prompt names a person and if an action or a place follows it: half of all
names also name places, artists, pets and effects ("Ken Burns zoom", "Alice Springs", "a cat named Felix").
"""

from functools import cache

from ..scene import PEOPLE
from .actions import ADVERBS
from .cast import CONJUNCTIONS
from .lexicon import Lexicon, Meaning, grammar_words, load_folding, load_table
from .parsing import Item
from .tokens import tokenise

ACTION_SLOTS = ("action", "expression", "contextual_action")


@cache
def load_given_names() -> Lexicon:
    """Return the lexicon of ``words/given_names.toml``."""
    names = Lexicon("given")
    for kind, listed in load_table("given_names").items():
        for name in listed:
            names.add(name, Meaning("given", kind))
    return names


def get_kind_of_name(name: str) -> str:
    """Return "girl" or "boy" for a name by its first word, or an empty string if the name is not listed."""
    _length, meanings = load_given_names().match(tokenise(name, load_folding()), 0)
    return next((meaning.value for meaning in meanings), "")


def resolve_given_names(items: list[Item]) -> None:
    """Turn every given name into a subject or into a word without meaning.

    In a prompt with a person ("a girl") no name is a subject.
    """
    has_person = any(_is_plain_person(item) or item.means("absent") or item.means("called") for item in items)
    actors = (
        [] if has_person else [at for at, item in enumerate(items) if item.means("given") and _has_action(items, at)]
    )
    for at, item in enumerate(items):
        if not (kind := item.value("given")):
            continue
        item.meanings = (Meaning("subject", kind), Meaning("called", item.text)) if at in actors else ()


def _is_plain_person(item: Item) -> bool:
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone") for m in item.meanings)


def _has_action(items: list[Item], at: int) -> bool:
    """Return whether an action or a place follows the name at ``at``, which must not belong to the word before it."""
    first = at
    while first >= 2 and items[first - 1].text.lower() in CONJUNCTIONS and items[first - 2].value("given"):
        first -= 2
    before = items[first - 1] if first else None
    starts = before is None or before.is_break or before.kind in ("comma", "quote")
    if before is not None and not starts and _belongs_to_previous(before):
        return False
    at += 1
    while at < len(items) and (items[at].text.lower() in ADVERBS or items[at].text.endswith("ly")):
        at += 1
    if at >= len(items):
        return False
    word = items[at].text.lower()
    if word in CONJUNCTIONS:
        return at + 1 < len(items) and items[at + 1].means("given") and _has_action(items, at + 1)
    if any(items[at].means(slot) for slot in ACTION_SLOTS):
        return True
    return (starts and word in grammar_words("location_words")) or (
        word in grammar_words("copulas") and _leads_to_action(items[at + 1 :])
    )


def _leads_to_action(items: list[Item]) -> bool:
    """Return whether an action follows within the clause: 在雨中奔跑, 海辺を歩く, "is slowly walking"."""
    for item in items:
        if item.is_break or item.kind in ("comma", "quote") or item.means("subject") or item.means("given"):
            return False
        if any(item.means(slot) for slot in ACTION_SLOTS):
            return True
    return False


def _belongs_to_previous(before: Item) -> bool:
    """Return whether a name belongs to the word before it: "the dog Oscar", 猫の太郎, "Union Jack"."""
    is_unread = not before.meanings and before.text[:1].isupper()
    return (
        is_unread
        or before.means("subject")
        or before.means("named")
        or before.text in grammar_words("possessive_particles")
    )
