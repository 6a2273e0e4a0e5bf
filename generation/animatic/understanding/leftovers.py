"""Words that nothing in the shot comes from: they are named, so that nobody waits for them to appear."""

import unicodedata

from .reading import Item

SIGNS = frozenset("♀♂★☆✓✔✕✖•●○■□▲△▼▽◆◇")  # they stand among words and mean nothing alone


def leftovers(items: list[Item], *, shown: frozenset[str] = frozenset(), flies: bool = True) -> tuple[str, ...]:
    """Content words and pictographs that meant nothing, joined where they stood together, each once, in the order
    written; and deeds and looks that are nobody's.

    ``shown`` are words of which something else is drawn; ``flies``: something in the shot flies, so words of flight
    are drawn.
    """
    words: list[str] = []
    end = -1
    for item in items:
        if item.beyond:
            words.append(item.beyond)
            end = -1
            continue
        if not _is_left(item, shown, flies=flies):
            continue
        if item.kind in ("cjk", "emoji") and words and item.start == end:
            words[-1] += item.text
        else:
            words.append(item.text)
        end = item.end
    return tuple(word[:40] for word in dict.fromkeys(words) if not word.isdigit() and not _says_little(word))


def _is_left(item: Item, shown: frozenset[str], *, flies: bool) -> bool:
    if item.used or item.negated or item.kind not in ("word", "cjk", "emoji"):
        return False
    if item.ownerless and item.text not in shown:
        return True
    if item.kind == "emoji" and (unicodedata.category(item.text[0]) != "So" or item.text in SIGNS):
        return False  # arrows, shades of skin
    return not item.meanings or item.says("undrawn") or (not flies and item.says("flight"))


def _says_little(word: str) -> bool:
    """A single letter, or two kana: no content word by itself."""
    if len(word) < 3 and all("\u3041" <= character <= "\u309f" for character in word):
        return True
    return len(word) < 2 and not "\u3400" <= word <= "\u9fff" and unicodedata.category(word) != "So"
