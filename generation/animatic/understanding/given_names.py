"""Given names in a prompt ("Hana runs") that name a person.

A name counts only if an action, a place or a companion follows it, and if other words that name a person come later and
mean somebody else: half of all names also name places, artists, pets and effects ("Ken Burns zoom", "Alice Springs", "a
cat named Felix").
"""

from functools import cache

from ..scene import PEOPLE
from .cast import CONJUNCTIONS, POSSESSIVES
from .lexicon import Lexicon, Meaning, grammar_words, load_folding, load_table
from .parsing import Item
from .senses import ADVERBS, may_be_action
from .tokens import tokenise


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
    """Turn every given name into a subject or into a word without meaning."""
    people = [at for at, item in enumerate(items) if _is_plain_person(item) or item.means("called")]
    is_open = not any(item.means("absent") for item in items)
    actors = [
        at
        for at, item in enumerate(items)
        if item.means("given") and is_open and _are_others(items, at, people) and _has_action(items, at)
    ]
    for at, item in enumerate(items):
        if not (kind := item.value("given")):
            continue
        item.meanings = (Meaning("subject", kind), Meaning("called", item.text)) if at in actors else ()


def _are_others(items: list[Item], at: int, people: list[int]) -> bool:
    """Return whether the people of a prompt are others than the name at ``at``, as in "Mia and her mother".

    "A girl, Mia" and "Mia, a girl" are one person.
    """
    if not people or people[0] < at:
        return not people
    phrase = [item.text.lower() for item in items[at + 1 : people[0]]]
    if any(word in POSSESSIVES for word in phrase[-3:]):
        return True
    has_comma = any(item.kind == "comma" for item in items[at + 1 : people[0]])
    is_introduced = any(word in grammar_words("indefinite_articles") for word in phrase[-3:])
    return is_introduced and not has_comma and phrase[0] not in grammar_words("copulas")


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
        if at + 1 < len(items) and items[at + 1].text.lower() in POSSESSIVES:
            return True  # "Mia and her dog"
        return at + 1 < len(items) and items[at + 1].means("given") and _has_action(items, at + 1)
    if _is_behaviour(items[at]):
        return True
    return (starts and word in grammar_words("location_words")) or (
        word in grammar_words("copulas") and _leads_to_action(items[at + 1 :])
    )


def _is_behaviour(item: Item) -> bool:
    return item.means("expression") or may_be_action(item)


def _leads_to_action(items: list[Item]) -> bool:
    """Return whether an action follows within the clause: 在雨中奔跑, 海辺を歩く, "is slowly walking"."""
    for item in items:
        if item.is_break or item.kind in ("comma", "quote") or item.means("subject") or item.means("given"):
            return False
        if _is_behaviour(item):
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
