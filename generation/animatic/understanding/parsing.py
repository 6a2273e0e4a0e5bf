"""Group the tokens of a prompt into items: phrases with their meanings, negated or not."""

from dataclasses import dataclass, field

from ..props import load_props
from ..scene import PEOPLE
from .lexicon import Lexicon, Meaning, grammar_words, load_folding, load_lexicon, load_tool_lexicon
from .segmentation import Words, find_dictionary_words
from .tokens import Token, tokenise

# Slots that guide parsing and never reach the scene by themselves.
GRAMMAR_SLOTS = frozenset(
    (
        "negate",
        "another",
        "break",
        "wearing",
        "standing_at",
        "far",
        "stop",
        "classifier",
        "length",
        "part",
        "number",
        "colour",
        "named",
        "called",
        "card",
        "doing",
        "parked",
        "variant",
        "setting",
        "asleep",
        "role",
        "tool",
    )
)
# Words that end a list of unwanted things once it has an item.
LIST_ENDERS = frozenset(grammar_words("list_enders"))


@dataclass
class Item:
    """One phrase of the prompt. ``meanings`` is empty for a word that is not in the lexicon."""

    start: int
    end: int
    text: str
    kind: str
    meanings: tuple[Meaning, ...] = ()
    is_negated: bool = False
    is_used: bool = False
    excess: str = ""  # more than can be drawn, as written: "100 girls"
    is_ownerless: bool = False  # an action or look that belongs to nobody

    def value(self, slot: str) -> str | None:
        """Return the value for ``slot``, from an explicit meaning before a hint; None if the item has neither."""
        for weak in (False, True):
            for meaning in self.meanings:
                if meaning.slot == slot and meaning.weak == weak:
                    return meaning.value
        return None

    def means(self, slot: str, value: str | None = None) -> bool:
        return any(m.slot == slot and (value is None or m.value == value) for m in self.meanings)

    def names(self, slot: str, value: str = "") -> bool:
        """Return whether the phrase names a value (any of the slot if empty) outright, drawn or not.

        A prop is also what it names more exactly: a penguin is a bird.
        """
        return any(
            (not m.weak and m.slot == slot and value in ("", m.value, _get_over(m)))
            or (m.slot == "undrawn" and (m.value == f"{slot}:{value}" if value else m.value.startswith(f"{slot}:")))
            for m in self.meanings
        )

    @property
    def is_break(self) -> bool:
        return self.kind == "break"

    @property
    def is_content(self) -> bool:
        """Return whether the phrase describes the scene rather than only guiding the parser."""
        return any(meaning.slot not in GRAMMAR_SLOTS for meaning in self.meanings)


def _get_over(meaning: Meaning) -> str:
    prop = load_props().get(meaning.value) if meaning.slot == "subject" else None
    return prop.over if prop else ""


def parse_prompt(text: str, names: Lexicon | None = None) -> list[Item]:
    """Parse a prompt into items and mark the negated ones. ``names``: names that the prompt may contain."""
    tokens = tokenise(text, load_folding())
    items = _match_items(text, tokens, names)
    for index, item in enumerate(items):
        if item.means("negate", "before"):
            _negate_after(items, index)
        if item.means("negate", "after"):
            _negate_before(items, index)
    if any(_names_person(item) for item in items):  # "an empty street, a girl": a named person is present all the same
        for item in items:
            if item.means("absent"):
                item.meanings = (Meaning("stop", "words"),)
    return items


def _names_person(item: Item) -> bool:
    return not item.is_negated and any(m.slot == "subject" and not m.weak and m.value in PEOPLE for m in item.meanings)


def _match_items(text: str, tokens: list[Token], names: Lexicon | None) -> list[Item]:
    """Match the tokens against the lexicons. Chinese that the lexicons leave open is read with a dictionary."""
    is_japanese = any("\u3041" <= character <= "\u30ff" for character in text)
    order = ("ja", "zh", "en", "emoji") if is_japanese else ("en", "zh", "ja", "emoji")
    books = [*(load_lexicon(code) for code in order), load_tool_lexicon()]
    matcher = _Matcher(text, tokens, names, books, is_japanese)
    items = matcher.list_items()
    if not is_japanese and any(item.kind == "cjk" and not item.meanings for item in items):
        matcher.words = find_dictionary_words(tokens)
        items = matcher.list_items()
    return items


@dataclass
class _Matcher:
    """The phrases of the lexicons in a text. ``words``: dictionary words, which phrases do not tear apart."""

    text: str
    tokens: list[Token]
    names: Lexicon | None
    books: list[Lexicon]
    is_japanese: bool
    words: Words = field(default_factory=dict)

    def list_items(self) -> list[Item]:
        """Return one item for each phrase of the lexicons, and for each other token."""
        items: list[Item] = []
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            length: int = 0
            meanings: tuple[Meaning, ...] = ()
            if token.kind not in ("quote", "break", "comma") and not _is_inside_katakana(self.tokens, at, items):
                length, meanings = self._match_phrase_or_word(at)
            end = self.tokens[at + max(length, 1) - 1].end
            shown = token.text if token.kind == "quote" else self.text[token.start : end]
            items.append(Item(token.start, end, shown, token.kind, meanings))
            at += max(length, 1)
        return items

    def _match(self, at: int, end: int | None = None) -> tuple[int, tuple[Meaning, ...]]:
        """Return the length and the meanings of the longest phrase at ``at`` that ends before ``end``."""
        if self.names and _may_be_name(self.text, self.tokens, at):
            length, meanings = self.names.match(self.tokens, at, end)
            if length:
                return length, meanings
        best: tuple[int, tuple[Meaning, ...]] = (0, ())
        for book in self.books:
            found = book.match(self.tokens, at, end)
            is_stray = self._is_stray(at, found, book.language)
            if found[0] > best[0] and not is_stray:
                best = found
        return best

    def _is_stray(self, at: int, found: tuple[int, tuple[Meaning, ...]], language: str) -> bool:
        """Tell whether a phrase may be part of a word only: 湯 of 湯気, 马 of 马上, バラ of バランス."""
        length, meanings = found
        if length == 1 and self.is_japanese and language == "zh":
            return True
        if not any(m.slot == "subject" and m.value in load_props() for m in meanings):
            return False
        last, after = self.tokens[at + length - 1], self.tokens[at + length : at + length + 1]
        is_joined = bool(after) and after[0].start == last.end and after[0].kind == last.kind == "cjk"
        if _is_katakana(last.text):
            return is_joined and _is_katakana(after[0].text)
        if length > 1:
            return False
        if not self.is_japanese:
            return language == "ja"
        return is_joined and "\u3400" <= after[0].text <= "\u9fff" and not self.books[0].match(self.tokens, at + 1)[0]

    def _match_phrase_or_word(self, at: int) -> tuple[int, tuple[Meaning, ...]]:
        """Return the longest phrase at ``at``, or a whole dictionary word.

        A word that consists of phrases is read as those ("红裙"). Any other ("河马") has no meaning but that of the
        phrase it ends with, if that is no single character: "国家图书馆" is a library.
        """
        length, meanings = self._match(at)
        if any(meaning.slot == "number" for meaning in meanings):
            return length, meanings
        if self.words.get(at, 0) > at + length and not self._is_covered(at, self.words[at]):
            return self.words[at] - at, self._match_ending(at, self.words[at])
        for start in range(at + 1, at + length):
            end = self.words.get(start, 0)
            if end > at + length and not self._is_covered(at + length, end):
                shorter = self._match(at, start)
                return shorter if shorter[0] else (length, meanings)
        return length, meanings

    def _match_ending(self, at: int, end: int) -> tuple[Meaning, ...]:
        """Return the meanings of the longest phrase of two or more tokens that ends a word; () for none."""
        for start in range(at + 1, end - 1):
            length, meanings = self._match(start, end)
            if start + length == end:
                return meanings
        return ()

    def _is_covered(self, at: int, end: int) -> bool:
        """Return whether phrases cover all tokens from ``at`` to ``end``."""
        while at < end:
            length = self._match(at, end)[0]
            if not length:
                return False
            at += length
        return True


def _may_be_name(text: str, tokens: list[Token], at: int) -> bool:
    """Return whether a token can be a name: in scripts with capitals, a name starts with a capital ("Rose waits
    among roses")."""
    first = text[tokens[at].start]
    return tokens[at].kind != "word" or not first.islower() or text[: tokens[at].start].endswith("@")


def _is_inside_katakana(tokens: list[Token], at: int, items: list[Item]) -> bool:
    """Return whether a token continues an unknown loan word: レイン means nothing inside トレイン."""
    if not at or not items or items[-1].meanings or items[-1].end != tokens[at].start:
        return False
    return _is_katakana(tokens[at].text) and _is_katakana(items[-1].text)


def _is_katakana(text: str) -> bool:
    return all("\u30a1" <= character <= "\u30ff" for character in text)


def _negate_after(items: list[Item], at: int) -> None:
    """Negate the list behind the word at ``at``: "no people or cars"."""
    hit = False
    for index in range(at + 1, min(len(items), at + 12)):
        item = items[index]
        if _is_list_end(items, index, hit):
            return
        is_unknown = not item.meanings and item.kind in ("word", "cjk", "emoji")
        if item.is_content or item.means("part") or item.means("colour") or is_unknown:
            item.is_negated = hit = True  # an unknown word that is unwanted is not reported


def _is_list_end(items: list[Item], index: int, hit: bool) -> bool:
    """Return whether the list of unwanted things ends before ``index``. ``hit``: the list has an item already."""
    item = items[index]
    if item.is_break or item.kind == "quote" or item.means("negate", "before"):
        return True
    if item.kind == "comma":
        return not hit or not _does_list_continue(items, index)
    if not hit or item.is_content or item.means("part") or item.means("colour"):
        return False
    if item.means("negate", "through"):
        return item.text.lower() in LIST_ENDERS
    return True


def _does_list_continue(items: list[Item], comma: int) -> bool:
    """Return whether a list continues after a comma: "no rain, snow or people", but not "no rain, a girl runs"."""
    rest = [item for item in items[comma + 1 : comma + 4] if not item.is_break]
    return bool(rest) and (
        items[comma].text == "、" or (rest[0].is_content and len(rest) > 1 and _is_list_joint(rest[1]))
    )


def _is_list_joint(item: Item) -> bool:
    return item.text.lower() in grammar_words("list_conjunctions") or item.kind == "comma"


def _is_list_item(items: list[Item], at: int) -> bool:
    """Return whether 、 joins items of the same kind: yes in 「犬や猫、人はいない」, no in 「猫だけ、人はいない」."""
    if items[at - 1].text != "、":
        return True
    before = items[at - 2] if at > 1 else None
    return before is not None and any(before.means(m.slot) for m in items[at].meanings if m.slot not in GRAMMAR_SLOTS)


def _negate_before(items: list[Item], at: int) -> None:
    """Negate the word or list directly before ``at``: 人のいない."""
    for index in range(at - 1, max(-1, at - 4), -1):
        item = items[index]
        if item.is_content:
            item.is_negated = True
            corrects = items[at].text.startswith(
                grammar_words("correction_prefixes")
            )  # 「水彩ではなく」 negates one word, no list
            if (
                index
                and items[index - 1].text in grammar_words("list_particles")
                and not corrects
                and _is_list_item(items, index)
            ):
                _negate_before(items, index - 1)
            return
        if not item.means("stop") and not item.means("break"):
            return
