"""Find the words of a prompt that have no effect on the shot, so that the page can list them."""

import unicodedata

from .parsing import Item

IGNORED_SIGNS = frozenset("♀♂★☆✓✔✕✖•●○■□▲△▼▽◆◇")  # decoration without a meaning


def find_unknown_words(
    items: list[Item],
    *,
    shown_texts: frozenset[str] = frozenset(),
    undone: frozenset[str] = frozenset(),
    hidden_kinds: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return content words and emoji without a meaning, and actions and looks that belong to nobody.

    Adjacent emoji and single Chinese or Japanese characters are joined; repeated words are listed once.
    ``shown_texts``: words of chips, which are drawn. ``undone``: values of ``doing`` words that nothing in the shot
    does, so that they are not drawn. ``hidden_kinds``: subjects that the place has no room for.
    """
    words: list[str] = []
    end = -1
    for item in items:
        if item.excess:
            words.append(item.excess)
            end = -1
            continue
        is_hidden = not item.is_negated and any(item.means("subject", kind) for kind in hidden_kinds)
        if not is_hidden and not _is_unknown(item, shown_texts, undone):
            continue
        is_joined = item.kind == "emoji" or (item.kind == "cjk" and len(item.text) == 1)
        if is_joined and words and item.start == end:
            words[-1] += item.text
        else:
            words.append(item.text)
        end = item.end if is_joined else -1
    return tuple(word[:40] for word in dict.fromkeys(words) if not word.isdigit() and not _is_trivial(word))


def _is_unknown(item: Item, shown_texts: frozenset[str], undone: frozenset[str]) -> bool:
    if item.is_used or item.is_negated or item.kind not in ("word", "cjk", "emoji"):
        return False
    if item.is_ownerless and item.text not in shown_texts:
        return True
    if item.kind == "emoji" and (unicodedata.category(item.text[0]) != "So" or item.text in IGNORED_SIGNS):
        return False  # arrows, skin tones
    is_unused_tool = all(meaning.slot == "tool" for meaning in item.meanings)
    return is_unused_tool or item.means("undrawn") or (item.value("doing") in undone)


def _is_trivial(word: str) -> bool:
    """Return whether a word is a single letter or at most two kana."""
    if len(word) < 3 and all("\u3041" <= character <= "\u309f" for character in word):
        return True
    return len(word) < 2 and not "\u3400" <= word <= "\u9fff" and unicodedata.category(word) != "So"
