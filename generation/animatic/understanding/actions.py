"""Words that are a deed right behind whoever does it and something else anywhere: "Ken waves", "waves on the shore"."""

from ..scene import PEOPLE
from .lexicon import Meaning, grammar_words
from .parsing import Item

ADVERBS = grammar_words("adverbs")
SUBJECT_PRONOUNS = grammar_words("subject_pronouns")
WIND_WORDS = grammar_words("wind_words")


def resolve_actions(items: list[Item]) -> None:
    """Every such word becomes either the deed or what it means otherwise."""
    for at, item in enumerate(items):
        if (action := item.value("contextual_action")) is None:
            continue
        if _has_actor(items, at):
            item.meanings = (Meaning("action", action),)
        else:
            item.meanings = tuple(meaning for meaning in item.meanings if meaning.slot != "contextual_action")


def _has_actor(items: list[Item], at: int) -> bool:
    """Whether somebody does it: they stand right before, or what they wear does, or another deed of theirs."""
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
    """The items behind the last comma or full stop."""
    ends = [at for at, item in enumerate(items) if item.is_break or item.kind in ("comma", "quote")]
    return items[ends[-1] + 1 if ends else 0 :]


def _is_actor(item: Item) -> bool:
    """Somebody who can do a thing: a person by a plain word, a name or a pronoun."""
    if item.means("called") or item.text.lower() in SUBJECT_PRONOUNS:
        return True
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone") for m in item.meanings)
