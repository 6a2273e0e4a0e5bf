"""Load the words of ``words/*.toml`` and match the longest known phrase in a text."""

import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .. import scene
from ..props import list_words, load_props
from ..props import load_table as load_prop_table
from .tokens import Token, fold, tokenise

WORDS = Path(__file__).parent / "words"
LANGUAGES = ("en", "zh", "ja")


@dataclass(frozen=True)
class Meaning:
    """One meaning of a word. ``weak`` meanings only fill slots that no explicit word filled."""

    slot: str
    value: str
    weak: bool = False


def build_meaning(slot: str, value: str, *, weak: bool = False) -> Meaning:
    """Build a meaning; a place, subject or action that nothing draws yet is ``undrawn`` ("subject:unicorn")."""
    drawn = {
        "place": scene.PLACES,
        "subject": (*scene.SUBJECTS, "someone"),
        "action": (*scene.ACTIONS, "cycle"),
    }
    is_drawn = value in drawn.get(slot, (value,)) or (slot == "subject" and value in load_props())
    return Meaning(slot, value, weak) if is_drawn else Meaning("undrawn", f"{slot}:{value}")


@dataclass
class Lexicon:
    """Phrases of one language.

    ``phrases`` maps first token → all tokens → meanings; ``longest`` maps a first token to the length of its longest
    phrase in tokens.
    """

    language: str
    phrases: dict[str, dict[tuple[str, ...], tuple[Meaning, ...]]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, word: str, meaning: Meaning) -> None:
        """Add a meaning to a phrase. Raises ValueError if the phrase has no letters."""
        key = tuple(token.text for token in tokenise(word, load_folding()))
        if not key:
            raise ValueError(f"“{word}” in {self.language}.toml has no letters to compare")
        known = self.phrases.setdefault(key[0], {})
        if meaning not in known.get(key, ()):
            known[key] = (*known.get(key, ()), meaning)
        self.longest[key[0]] = max(len(key), self.longest.get(key[0], 0))

    def add_prop(self, word: str, prop: Meaning, over: str = "") -> None:
        """Add a word for a prop, unless the phrase has a meaning that is drawn. An action that uses it stays.

        The prop replaces a meaning that nothing draws, and the subject ``over`` with its variants, which names the
        thing less exactly.
        """
        key = tuple(token.text for token in tokenise(word, load_folding()))
        known = self.phrases.get(key[0], {}).get(key, ())
        replaced = {Meaning("undrawn", "words"), Meaning("undrawn", f"subject:{over}"), Meaning("subject", over)}
        replaced |= {Meaning("variant", variant) for variant in scene.VARIANTS.get(over, ())}
        if all(meaning.weak or meaning.slot == "action" or meaning in replaced for meaning in known):
            kept = tuple(meaning for meaning in known if meaning.weak or meaning.slot == "action")
            self.add(word, prop)
            self.phrases[key[0]][key] = (prop, *kept)

    def match(self, tokens: list[Token], at: int, end: int | None = None) -> tuple[int, tuple[Meaning, ...]]:
        """Return the length in tokens and the meanings of the longest phrase at ``at``; (0, ()) for none.

        ``end``: index of the token before which the phrase must end, if not that of the last one.
        """
        best: tuple[int, tuple[Meaning, ...]] = (0, ())
        most = (len(tokens) if end is None else end) - at
        for first in _singular_forms(tokens[at]):
            for length in range(min(self.longest.get(first, 0), most), best[0], -1):
                found = self._phrase(first, tokens[at + 1 : at + length])
                if found:
                    best = (length, found)
                    break
        return best

    def _phrase(self, first: str, rest: list[Token]) -> tuple[Meaning, ...]:
        known = self.phrases[first]
        if not rest:
            return known.get((first,), ())
        middle = [token.text for token in rest[:-1]]
        return next((found for last in _singular_forms(rest[-1]) if (found := known.get((first, *middle, last)))), ())


def _singular_forms(token: Token) -> tuple[str, ...]:
    """Return a word and its singular: cats → cat, boxes → box, ponies → pony."""
    text = token.text
    if token.kind != "word":
        return (text,)
    forms = [text]
    if text.endswith("'s"):
        text = text[:-2]
        forms.append(text)
    if len(text) < 4 or not text.endswith("s") or text.endswith("ss"):
        return tuple(forms)
    forms.append(text[:-1])
    if text.endswith("ies"):
        forms.append(text[:-3] + "y")
    elif text.endswith("es"):
        forms.append(text[:-2])
    return tuple(forms)


@cache
def load_table(name: str) -> dict[str, Any]:
    """Load ``words/<name>.toml``."""
    with (WORDS / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def grammar_words(name: str) -> tuple[str, ...]:
    """Return one list of ``grammar.toml``."""
    return tuple(load_table("grammar")[name])


@cache
def load_folding() -> dict[int, str]:
    """Return the mapping from traditional to simplified characters for ``str.translate``."""
    pairs = load_table("fold")
    if len(pairs["from"]) != len(pairs["to"]):
        raise ValueError("fold.toml: “from” and “to” differ in length")
    return {ord(old): new for old, new in zip(pairs["from"], pairs["to"], strict=True)}


@lru_cache(4096)
def fold_text(text: str) -> str:
    """Return a text as words are compared: lower case, unaccented, simplified."""
    return fold(text, load_folding())


@cache
def load_tool_lexicon() -> Lexicon:
    """Load the words of ``tools.toml``, so that they are found in texts without spaces."""
    book = Lexicon("tools")
    for action, things in load_table("tools").items():
        for tool, words in things.items():
            for word in words:
                book.add(word, Meaning("tool", f"{action} {tool}"))
    return book


@cache
def load_lexicon(language: str) -> Lexicon:
    """Load the lexicon of a language (a code of ``LANGUAGES``) or of ``emoji``."""
    data = dict(load_table(language))
    book = Lexicon(language)
    book.suggestions = {slot: tuple(words) for slot, words in data.pop("suggest", {}).items()}
    for slot, values in data.pop("hint", {}).items():
        for value, words in values.items():
            meaning = build_meaning(slot, value, weak=True)
            for word in words if meaning.weak else ():  # what nothing draws yet cannot be hinted at
                book.add(word, meaning)
    for slot, values in data.items():
        for value, words in values.items():
            for word in words:
                book.add(word, build_meaning(slot, value))
    _add_props(book)
    return book


def _add_props(book: Lexicon) -> None:
    """Add the words of the props, and the phrases that only contain such words."""
    props = load_props()
    meanings = {kind: Meaning("subject", kind) for kind in props}
    if book.language == "emoji":
        for kind, prop in props.items():
            book.add_prop(prop.sign, meanings[kind], prop.over)
        return
    for slot in ("undrawn", "stop"):
        for word in load_prop_table()[slot][book.language]:
            tokens = tokenise(word, load_folding())
            if book.match(tokens, 0)[0] < len(tokens):
                book.add(word, Meaning(slot, "words"))
    for word, kind in list_words(book.language):
        book.add_prop(word, meanings[kind], props[kind].over)
