"""Given names that anybody may bear: "Hana runs", whoever Hana is.

They fill in only where no plain word says who is there, and only where somebody of that name does something: half of
all names are places, artists, dogs and effects as well ("Ken Burns zoom", "Alice Springs", "a cat named Felix").
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
    """The names of ``words/given_names.toml``; whoever they name is decided by ``settle``."""
    names = Lexicon("given")
    for kind, listed in load_table("given_names").items():
        for name in listed:
            names.add(name, Meaning("given", kind))
    return names


def get_kind_of_name(name: str) -> str:
    """girl, boy, or nothing where the name says neither: of a whole name, its first word."""
    _length, meanings = load_given_names().match(tokenise(name, load_folding()), 0)
    return next((meaning.value for meaning in meanings), "")


def resolve_given_names(items: list[Item]) -> None:
    """Every such name becomes somebody, or a word that says nothing."""
    is_told = any(_is_plain_person(item) or item.means("absent") or item.means("called") for item in items)
    doers = [] if is_told else [at for at, item in enumerate(items) if item.means("given") and _has_action(items, at)]
    for at, item in enumerate(items):
        if not (kind := item.value("given")):
            continue
        item.meanings = (Meaning("subject", kind), Meaning("called", item.text)) if at in doers else ()


def _is_plain_person(item: Item) -> bool:
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone") for m in item.meanings)


def _has_action(items: list[Item], at: int) -> bool:
    """Whether a deed, or where they are, stands right behind the name, and nothing before it makes it another's."""
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
    """Past where and when, up to the end of the clause: 在雨中奔跑, 海辺を歩く, "is slowly walking"."""
    for item in items:
        if item.is_break or item.kind in ("comma", "quote") or item.means("subject") or item.means("given"):
            return False
        if any(item.means(slot) for slot in ACTION_SLOTS):
            return True
    return False


def _belongs_to_previous(before: Item) -> bool:
    """ "the dog Oscar", 猫の太郎, and names of more than one word: "Union Jack"."""
    is_unread = not before.meanings and before.text[:1].isupper()
    return (
        is_unread
        or before.means("subject")
        or before.means("named")
        or before.text in grammar_words("possessive_particles")
    )
