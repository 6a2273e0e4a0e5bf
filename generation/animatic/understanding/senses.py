"""Decide whether an ambiguous word is an action: in "Ken waves" it is, in "waves on the shore" it is not."""

from ..scene import PEOPLE
from .lexicon import Meaning, grammar_words
from .parsing import Item

ADVERBS = grammar_words("adverbs")
SUBJECT_PRONOUNS = grammar_words("subject_pronouns")
WIND_WORDS = grammar_words("wind_words")


def resolve_actions(items: list[Item]) -> None:
    """Keep one reading of every ambiguous word: the action if somebody performs it, else the other meaning."""
    for at, item in enumerate(items):
        if (action := item.value("contextual_action")) is None:
            continue
        if _has_actor(items, at):
            item.meanings = (Meaning("action", action),)
        else:
            item.meanings = tuple(meaning for meaning in item.meanings if meaning.slot != "contextual_action")


def _has_actor(items: list[Item], at: int) -> bool:
    """Return whether a person, or a person's clothes or other action, precedes the word at ``at`` in its clause."""
    clause = _current_clause(items[:at])
    while clause and (clause[-1].text.lower() in ADVERBS or clause[-1].text.endswith("ly")):
        clause.pop()
    if not clause:
        return False
    last, before = clause[-1], clause[:-1]
    if _is_actor(last):
        return True
    if not any(_is_actor(item) for item in before):
        return False
    if last.text.lower() in ("and", "&"):
        return any(before[-1].means(slot) for slot in ("action", "expression"))
    is_blown = any(item.text.lower() in WIND_WORDS for item in items[at + 1 : at + 4])
    return not is_blown and any(last.means(slot) for slot in ("clothes", "worn"))


def _current_clause(items: list[Item]) -> list[Item]:
    """Return the items after the last comma or full stop."""
    ends = [at for at, item in enumerate(items) if item.is_break or item.kind in ("comma", "quote")]
    return items[ends[-1] + 1 if ends else 0 :]


def _is_actor(item: Item) -> bool:
    """Return whether an item names a person by a noun, a name or a pronoun."""
    if item.means("called") or item.text.lower() in SUBJECT_PRONOUNS:
        return True
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone") for m in item.meanings)
