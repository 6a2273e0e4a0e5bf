"""Choose the sense of ambiguous words by their company: "Ken waves", but "waves crash".

``words/senses.toml`` lists the senses.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ..props import load_props
from ..scene import PEOPLE
from .lexicon import Meaning, build_meaning, fold_text, grammar_words, load_table
from .parsing import Item

ADVERBS = grammar_words("adverbs")
SUBJECT_PRONOUNS = grammar_words("subject_pronouns")
WIND_WORDS = grammar_words("wind_words")
CONDITIONS = ("before", "after", "led_by", "near")
MAX_DISTANCE = 4  # items between a word and the preposition that leads to it


@dataclass(frozen=True)
class Sense:
    """One sense: ``of`` these words, where all conditions hold. README.md in ``words/`` explains the terms."""

    of: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    led_by: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    has_actor: bool = False

    def fits(self, items: list[Item], at: int) -> bool:
        return (
            (not self.before or _is_beside(items, at, -1, self.before))
            and (not self.after or _is_beside(items, at, 1, self.after))
            and (not self.led_by or _is_led_by(items, at, self.led_by))
            and (not self.near or any(_is_any_of(item, self.near) for item in _list_company(items, at)))
            and (not self.has_actor or _has_actor(items, at))
        )


@cache
def load_senses() -> dict[str, tuple[Sense, ...]]:
    """Map each word, folded, and each ``@slot:value`` to its senses in the order of ``senses.toml``."""
    senses: dict[str, list[Sense]] = {}
    for row in load_table("senses")["senses"]:
        sense = _build_sense(row)
        for word in sense.of:
            senses.setdefault(word, []).append(sense)
    return {word: tuple(found) for word, found in senses.items()}


def _build_sense(row: dict[str, Any]) -> Sense:
    pairs = [meaning.split(":", 1) for meaning in row["means"]]
    meanings = tuple(build_meaning(slot, value) for slot, value in pairs) or (Meaning("stop", "words"),)
    company = {name: tuple(fold_text(term) for term in row.get(name, ())) for name in CONDITIONS}
    return Sense(
        tuple(fold_text(word) for word in row["of"]), meanings, has_actor=row.get("has_actor", False), **company
    )


def may_be_action(item: Item) -> bool:
    """Return whether the word is an action or, in the right company, may be one."""
    senses = load_senses().get(fold_text(item.text), ())
    return item.names("action") or any(
        meaning.slot == "action" for sense in senses if sense.has_actor for meaning in sense.meanings
    )


def resolve_senses(items: list[Item]) -> None:
    """Give every ambiguous word the meanings of its first sense that fits; without one it keeps its plain meanings."""
    senses = load_senses()
    for at, item in enumerate(items):
        found = next((s for s in senses.get(fold_text(item.text), ()) if s.fits(items, at)), None)
        if found:
            item.meanings = found.meanings
            continue
        for meaning in [m for m in item.meanings if not m.weak]:
            name = meaning.value if meaning.slot == "undrawn" else f"{meaning.slot}:{meaning.value}"
            found = next((s for s in senses.get(f"@{name}", ()) if s.fits(items, at)), None)
            if found:  # "the night train" becomes a place, but it stays night
                item.meanings = (*found.meanings, *(m for m in item.meanings if m != meaning and not m.weak))
                break


def _is_any_of(item: Item, terms: tuple[str, ...]) -> bool:
    """Return whether an item is one of the terms: a word, the start of one ("crash*"), a slot or a slot's value."""
    text = fold_text(item.text)
    for term in terms:
        if (term == "@person" and _is_actor(item)) or (term == "@animal" and _is_animal(item)):
            return True
        if term.startswith("@"):
            slot, _, value = term[1:].partition(":")
            if item.names(slot, value):
                return True
        elif text == term or (term.endswith("*") and text.startswith(term[:-1])):
            return True
    return False


def _is_animal(item: Item) -> bool:
    props = load_props()
    return any(m.slot == "subject" and m.value in props and props[m.value].group == "animals" for m in item.meanings)


def _is_beside(items: list[Item], at: int, step: int, terms: tuple[str, ...]) -> bool:
    """Return whether the next (``step`` 1) or the last (-1) item, beyond articles and the like, is one of the terms.

    The term "@end" is the end of the clause (with -1 its beginning).
    """
    index = at + step
    while 0 <= index < len(items) and not _ends_clause(items[index]):
        if _is_any_of(items[index], terms):
            return True
        if fold_text(items[index].text) not in grammar_words("modifiers"):
            return False
        index += step
    return "@end" in terms


def _is_led_by(items: list[Item], at: int, terms: tuple[str, ...]) -> bool:
    """Return whether one of the terms leads to the word, with nothing but adjectives between: "on the dusty moon"."""
    for item in reversed(items[max(0, at - MAX_DISTANCE) : at]):
        if _is_any_of(item, terms):
            return True
        if _ends_clause(item) or item.is_content or item.means("standing_at") or item.means("far"):
            return False
    return False


def _list_company(items: list[Item], at: int) -> list[Item]:
    """Return the other items of the sentence."""
    breaks = [index for index, item in enumerate(items) if item.is_break]
    start = max((index for index in breaks if index < at), default=-1) + 1
    end = min((index for index in breaks if index > at), default=len(items))
    return [*items[start:at], *items[at + 1 : end]]


def _ends_clause(item: Item) -> bool:
    return item.is_break or item.kind in ("comma", "quote")


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
    ends = [at for at, item in enumerate(items) if _ends_clause(item)]
    return items[ends[-1] + 1 if ends else 0 :]


def _is_actor(item: Item) -> bool:
    """Return whether an item names a person, or a robot, by a noun, a name or a pronoun."""
    if item.means("called") or item.text.lower() in SUBJECT_PRONOUNS:
        return True
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone", "robot") for m in item.meanings)
