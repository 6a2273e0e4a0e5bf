"""Subjects as they are cast, and which of them a word is about."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..scene import PEOPLE, Chip, Subject
from .reading import Item

WHOSE = ("her", "his", "their", "its", "my", "她", "他", "彼女", "彼")
JOINS = frozenset(("and", "&", "和", "与", "跟", "と"))


@dataclass
class Casting:
    """Subjects in the order named, the chips that tell about them, and which items were used for it."""

    subjects: list[Subject] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # item index where each was named
    chips: list[Chip] = field(default_factory=list)
    off: frozenset[str] = frozenset()
    view: str = ""  # said for the whole shot

    def chip(self, slot: str, value: str, words: str) -> bool:
        """Note one thing understood; False when the person switched it off."""
        known = [chip for chip in self.chips if (chip.slot, chip.value) == (slot, value)]
        if not known:
            self.chips.append(Chip(slot, value, words))
        return f"{slot}:{value}" not in self.off

    def owner(self, items: list[Item], at: int, kinds: tuple[str, ...] = ()) -> int | None:
        """Whom an attribute belongs to: the next subject when nothing parts them, else the one before.
        ``kinds``: only these can have it (an empty tuple: anything)."""
        able = [i for i, subject in enumerate(self.subjects) if not kinds or subject.kind in kinds]
        ahead = [index for index in able if self.places[index] >= at]
        if ahead:
            between = items[at + 1 : self.places[ahead[0]]]
            parted = any(item.is_break or item.kind == "comma" or item.says("break") for item in between)
            if not parted and not self._is_where(items[at], between, any(self.places[index] < at for index in able)):
                return ahead[0]
        beside = next((index for index in able if self.places[index] == at - 1), None)
        if beside is not None and any(subject.action for subject in self.subjects if subject.kind in PEOPLE):
            return beside  # "a girl waits, a dog sits": who was named right before it
        before = [index for index in able if self.places[index] < at]
        persons = [index for index in before if self.subjects[index].kind in PEOPLE]
        if persons or before:
            return (persons or before)[-1]
        return ahead[0] if ahead else None

    @staticmethod
    def _is_where(item: Item, between: list[Item], has_somebody: bool) -> bool:
        """男孩坐在女孩旁边: a deed that ends in 在 is of whoever stands before it, and what follows is where."""
        return has_somebody and item.text.endswith("在") and not any(each.text == "的" for each in between)

    def company(self, items: list[Item], index: int, kinds: tuple[str, ...] = PEOPLE) -> list[int]:
        """Who does the same because they were named in one breath ("a boy and a girl walk", 老人和狗在散步)."""
        out = [index]
        while out[-1] > 0 and self.subjects[out[-1] - 1].kind in kinds and self._in_one_breath(items, out[-1]):
            out.append(out[-1] - 1)
        last = index + 1
        while (
            last < len(self.subjects)
            and self.subjects[last].kind in kinds
            and self._in_one_breath(items, last, said=True)
        ):
            out.append(last)
            last += 1
        return out

    def _in_one_breath(self, items: list[Item], index: int, said: bool = False) -> bool:
        """Whether the subject at ``index`` is joined to the one before it; ``said``: a word must join them."""
        between = items[self.places[index - 1] + 1 : self.places[index]]
        if not between:
            return not said
        joined = any(item.text.lower() in JOINS for item in between)
        return joined and all(item.says("stop") or item.text.lower() in (*JOINS, *WHOSE) for item in between)

    def couple(self, index: int) -> list[int]:
        """Who was named by the very same word: a couple is two, and dresses alike."""
        return [i for i, at in enumerate(self.places) if at == self.places[index]]

    def change(self, index: int, **changes: Any) -> None:
        self.subjects[index] = replace(self.subjects[index], **changes)
