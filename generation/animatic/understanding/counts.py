"""Read how many of a subject the prompt asks for."""

from .. import scene
from ..props import load_props
from .cast import CONJUNCTIONS
from .lexicon import grammar_words
from .parsing import Item

MAX_COUNT = max(scene.DEFAULT_MAX_COUNT, *scene.MAX_COUNTS.values())  # the largest count of any kind in a shot
PLURAL_COUNTS = {"lanterns": 12, "bird": 5, "food": 1}  # count of a bare plural: "lanterns" means more than two


def get_subject_kind(item: Item, weak: bool) -> str | None:
    """Return the subject kind that an item names, explicitly or as a hint (``weak``)."""
    return next((m.value for m in item.meanings if m.slot == "subject" and m.weak == weak), None)


def read_count(items: list[Item], at: int) -> tuple[int, str]:
    """Return how many of the subject at ``at`` are drawn, and the words of the prompt that say so: "" for a
    plural without a number, the maximum as a number if more were asked for.

    A count above the maximum is recorded as ``excess``, which the page shows among the unknown words.
    """
    kind = get_subject_kind(items[at], weak=False) or get_subject_kind(items[at], weak=True) or ""
    most = scene.MAX_COUNTS.get(kind, scene.DEFAULT_MAX_COUNT)
    count, words, where = _find_count(items, at, kind)
    if count <= most:
        return count, words
    if where == at:  # a plural without a number
        return most, ""
    if items[at].kind == "word":
        items[where].excess = f"{words} {items[at].text}"
    else:
        items[where].excess = "".join(item.text for item in items[where : at + 1]) or words + items[at].text
    return most, str(most)


def _find_count(items: list[Item], at: int, kind: str) -> tuple[int, str, int]:
    """Return the requested count, the words that say so and the index of their item."""
    own = items[at].value("number")
    for back in range(at - 1, max(-1, at - 6), -1):
        if _ends_count(items, back, at):
            break
        if number := _read_number(items, back):
            return _add_tens(items, back, number)
    after, words, where = _count_after(items, at)
    if after:
        return after, words, where
    if own:
        return int(own), items[at].text, at
    if kind in load_props() and load_props()[kind].is_plural:
        return 1, "", at
    if _is_plural(items[at]):
        return (PLURAL_COUNTS[kind], "", at) if kind in PLURAL_COUNTS else (2, items[at].text, at)
    # 灯笼 and 🏮 have no plural; several lanterns are likelier than one
    is_many = kind == "lanterns" and (items[at].kind != "word" or get_subject_kind(items[at], weak=False) is None)
    return (PLURAL_COUNTS[kind] if is_many else 1), "", at


def _ends_count(items: list[Item], back: int, at: int) -> bool:
    """Return whether a count at ``back`` or before cannot be that of the subject at ``at``."""
    item = items[back]
    if item.is_break or item.kind in ("comma", "quote") or item.text in CONJUNCTIONS:
        return True
    if item.kind == "word" and item.means("break"):
        return True
    if item.means("subject", "someone"):  # 二人の少女 are two girls; "a couple sharing noodles" shares one meal
        between = items[back + 1 : at]
        return item.kind == "word" or any(i.text not in grammar_words("possessive_particles") for i in between)
    return item.names("subject")


def _add_tens(items: list[Item], at: int, number: int) -> tuple[int, str, int]:
    """Return a count with the tens before it (twenty-five, 二十五), its words and the index of its first item."""
    tens = _read_number(items, at - 1) if at and number < 10 else 0
    if tens < 20 or tens % 10:
        return number, items[at].text, at
    gap = " " if items[at].kind == "word" else ""
    return tens + number, items[at - 1].text + gap + items[at].text, at - 1


def _count_after(items: list[Item], at: int) -> tuple[int, str, int]:
    """Return a count that follows its subject, as in Japanese, with its words and item index; (0, "", at) for none."""
    for ahead in range(at + 1, min(len(items) - 1, at + 3)):  # 猫が三匹
        if (
            _read_number(items, ahead)
            and items[ahead + 1].means("classifier")
            and not _counts_next_subject(items, ahead + 2)
        ):
            return _read_number(items, ahead), items[ahead].text + items[ahead + 1].text, ahead
    for ahead in range(at + 1, min(len(items), at + 3)):  # 少女が二人
        if items[ahead].kind == "cjk" and items[ahead].means("subject", "someone") and items[ahead].value("number"):
            return int(items[ahead].value("number") or 1), items[ahead].text, ahead
    return 0, "", at


def _counts_next_subject(items: list[Item], at: int) -> bool:
    """Return whether a count that ends before ``at`` counts the subject that follows: 女孩和两只猫."""
    following = next(
        (item for item in items[at : at + 2] if item.text not in grammar_words("possessive_particles")), None
    )
    return following is not None and get_subject_kind(following, weak=False) is not None


def _read_number(items: list[Item], at: int) -> int:
    """Return the number that the item at ``at`` names, or 0.

    A Chinese numeral counts only before a classifier or a subject.
    """
    item = items[at]
    value = item.value("number") or (item.text if item.text.isdigit() and len(item.text) < 4 else None)
    if value is None or (item.kind == "word" and item.text.lower() in grammar_words("vague_numbers")):
        return 0
    if item.kind == "cjk" and len(item.text) == 1 and item.text not in grammar_words("ambiguous_classifiers"):
        following = items[at + 1] if at + 1 < len(items) else None
        if following is None or not (following.means("classifier") or following.means("subject")):
            return 0
    return int(value)


def _is_plural(item: Item) -> bool:
    text = item.text.lower()
    if item.kind != "word":
        return text.endswith(grammar_words("plural_suffixes"))
    return text in grammar_words("irregular_plurals") or (text.endswith("s") and not text.endswith(("ss", "us", "is")))
