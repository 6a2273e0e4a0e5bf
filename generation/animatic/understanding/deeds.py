"""Words that are a deed right behind whoever does it and something else anywhere: "Ken waves", "waves on the shore"."""

from ..scene import PEOPLE
from .lexicon import Meaning, small_words
from .reading import Item

BETWEEN = small_words("between")
DOERS = small_words("doers")
BLOWN = small_words("blown")


def settle(items: list[Item]) -> None:
    """Every such word becomes either the deed or what it means otherwise."""
    for at, item in enumerate(items):
        if (deed := item.value("deed")) is None:
            continue
        if _is_done(items, at):
            item.meanings = (Meaning("action", deed),)
        else:
            item.meanings = tuple(meaning for meaning in item.meanings if meaning.slot != "deed")


def _is_done(items: list[Item], at: int) -> bool:
    """Whether somebody does it: they stand right before, or what they wear does, or another deed of theirs."""
    clause = _clause(items[:at])
    while clause and (clause[-1].text.lower() in BETWEEN or clause[-1].text.endswith("ly")):
        clause.pop()
    if not clause:
        return False
    last, before = clause[-1], clause[:-1]
    if _does(last):
        return True
    if not any(_does(item) for item in before):
        return False
    if last.text.lower() in ("and", "&"):
        return any(before[-1].says(slot) for slot in ("action", "expression"))
    is_blown = any(item.text.lower() in BLOWN for item in items[at + 1 : at + 4])
    return not is_blown and any(last.says(slot) for slot in ("clothes", "worn"))


def _clause(items: list[Item]) -> list[Item]:
    """The items behind the last comma or full stop."""
    ends = [at for at, item in enumerate(items) if item.is_break or item.kind in ("comma", "quote")]
    return items[ends[-1] + 1 if ends else 0 :]


def _does(item: Item) -> bool:
    """Somebody who can do a thing: a person by a plain word, a name or a pronoun."""
    if item.says("called") or item.text.lower() in DOERS:
        return True
    return any(m.slot == "subject" and not m.weak and m.value in (*PEOPLE, "someone") for m in item.meanings)
