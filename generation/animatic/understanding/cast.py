"""Collect the subjects of a prompt and find the one that a word describes."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..scene import PEOPLE, Chip, Subject
from .lexicon import grammar_words
from .parsing import Item

Mention = tuple[int, int]  # index of the item that names somebody, index of the subject
POSSESSIVES = grammar_words("possessives")
CONJUNCTIONS = frozenset(grammar_words("conjunctions"))
DESCRIPTIVE_SLOTS = ("stop", "another", "number", "classifier", "colour", "part", "length", "hair", "hair_style")


def _is_descriptive(item: Item) -> bool:
    """Return whether a word only describes a subject, so that it may stand between two subjects that share an action,
    as in "a girl and another girl run".
    """
    return any(item.means(slot) for slot in DESCRIPTIVE_SLOTS)


@dataclass
class Cast:
    """Subjects in the order named, the chips that describe them, and where they are mentioned."""

    subjects: list[Subject] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # item index of each first mention
    later_mentions: list[Mention] = field(default_factory=list)  # mentions after the first
    chips: list[Chip] = field(default_factory=list)
    chips_off: frozenset[str] = frozenset()
    replacements: dict[str, str] = field(default_factory=dict)  # chip key → new value
    original_kinds: list[str] = field(default_factory=list)  # kinds before the user's changes
    view: str = ""  # requested view of the whole shot

    def add_chip(self, slot: str, value: str, words: str) -> str:
        """List a chip once. Returns its value (the user may have changed it), or an empty string if it is disabled."""
        value = " ".join(value.split())
        if not any((chip.slot, chip.value) == (slot, value) for chip in self.chips):
            self.chips.append(Chip(slot, value, words))
        key = f"{slot}:{value}"
        return "" if key in self.chips_off else self.replacements.get(key, value)

    def find_owner(self, items: list[Item], at: int, kinds: tuple[str, ...] = ()) -> int | None:
        """Return the index of the subject that the word at ``at`` describes, among ``kinds`` (all if empty)."""
        found = self.find_mention(items, at, kinds)
        return found[1] if found else None

    def find_mention(self, items: list[Item], at: int, kinds: tuple[str, ...] = ()) -> Mention | None:
        """Return the mention of a subject that the word at ``at`` describes: the next one if no comma or break lies
        between, else the last one before.
        """
        allowed = {i for i, subject in enumerate(self.subjects) if not kinds or subject.kind in kinds}
        mentions = [(place, index) for place, index in self.list_mentions() if index in allowed]
        before = [(place, index) for place, index in mentions if place < at]
        ahead = next(((place, index) for place, index in mentions if place >= at), None)
        if before and before[-1][0] == at - 1 and items[at].kind == "word" and items[at].means("action"):
            return before[-1]  # "five kids racing after a dog": an English action follows its actor
        if ahead:
            between = items[at + 1 : ahead[0]]
            is_separated = any(item.is_break or item.kind == "comma" or item.means("break") for item in between)
            if not is_separated and not self._is_where(items[at], between, bool(before)):
                return ahead
        adjacent = next((mention for mention in before if mention[0] == at - 1), None)
        if adjacent is not None and any(subject.action for subject in self.subjects if subject.kind in PEOPLE):
            return adjacent  # "a girl waits, a dog sits": the subject right before it
        people = [mention for mention in before if self.subjects[mention[1]].kind in PEOPLE]
        return (people or before)[-1] if before else ahead

    def list_mentions(self) -> list[Mention]:
        """Return all mentions in the order of the words."""
        return sorted([*((at, index) for index, at in enumerate(self.positions)), *self.later_mentions])

    def add_subject(self, subject: Subject, at: int, original_kind: str) -> None:
        self.subjects.append(subject)
        self.positions.append(at)
        self.original_kinds.append(original_kind)

    @staticmethod
    def _is_where(item: Item, between: list[Item], has_somebody: bool) -> bool:
        """Return whether an action ends in 在, so that the subject behind it only tells where: 男孩坐在女孩旁边."""
        return (
            has_somebody
            and item.text.endswith(grammar_words("location_suffixes"))
            and not any(item.text in grammar_words("possessive_particles") for item in between)
        )

    def find_joined(self, items: list[Item], mention: Mention, kinds: tuple[str, ...] = PEOPLE) -> list[int]:
        """Return the indices of subjects that share an action with the mentioned one: 老人和狗在散步."""
        named = self.list_mentions()
        first = last = named.index(mention)
        while first and self._are_joined(items, named[first - 1], named[first], kinds):
            first -= 1
        while last + 1 < len(named) and self._are_joined(items, named[last], named[last + 1], kinds, needs_word=True):
            last += 1
        return list(dict.fromkeys((mention[1], *(index for _, index in named[first : last + 1]))))

    def _are_joined(
        self, items: list[Item], first: Mention, second: Mention, kinds: tuple[str, ...], needs_word: bool = False
    ) -> bool:
        """Return whether two mentions are joined; ``needs_word`` requires a conjunction."""
        if any(self.subjects[index].kind not in kinds for _, index in (first, second)):
            return False
        between = items[first[0] + 1 : second[0]]
        if not between:
            return not needs_word
        has_conjunction = any(item.text.lower() in CONJUNCTIONS for item in between)
        return has_conjunction and all(
            item.text.lower() in (*CONJUNCTIONS, *POSSESSIVES) or _is_descriptive(item) for item in between
        )

    def find_same_word(self, index: int) -> list[int]:
        """Return the indices of subjects from the same word as subject ``index``: "couple" names two people."""
        return [i for i, at in enumerate(self.positions) if at == self.positions[index]]

    def update(self, index: int, **changes: Any) -> None:
        self.subjects[index] = replace(self.subjects[index], **changes)
