"""Read the hour, the weather, the camera, how near the shot is and which way somebody looks."""

import re
from functools import cache

from .english_words import NOUN, read_as
from .tables import load_table

PAUSES = {"en": ",", "zh": "，", "ja": "、"}
SLOTS = ("hour", "weather", "camera", "framing", "facing")


@cache
def load_moments(language: str) -> dict[str, tuple[str, str]]:
    """Return word → slot and value."""
    table = load_table("moments")
    rows = [(slot, value, words) for slot in SLOTS for value, words in table[slot].items()]
    return {word: (slot, value) for slot, value, words in rows for word in words[language]}


@cache
def _build_pattern(language: str) -> re.Pattern[str]:
    words = sorted(load_moments(language), key=lambda word: (-len(word), word))
    edge = r"\b" if language == "en" else ""
    return re.compile(f"{edge}(?:{'|'.join(map(re.escape, words))}){edge}", re.IGNORECASE)


def read_moments(text: str, language: str) -> dict[str, str]:
    """Return slot → value for the hour, weather, camera, framing and facing that a text names first.

    Chinese and Japanese words are found here only if they cannot be a part of another word.
    """
    found: dict[str, str] = {}
    text = text.lower()
    for word in load_table("moments")["misleading"]["words"][language]:
        text = text.replace(word, PAUSES[language] * len(word))
    for match in _build_pattern(language).finditer(text):
        slot, value = load_moments(language)[match[0]]
        if language == "en" or len(match[0]) > 1 or not _is_inside_word(text, match.start(), match.end()):
            found.setdefault(slot, value)
    return found


def blank_directions(text: str, language: str) -> str:
    """Return a text of the same length with commas for the words to the camera, which are no part of a sentence."""

    def blank(match: re.Match[str]) -> str:
        slot, _ = load_moments(language)[match[0].lower()]
        return match[0] if slot in ("hour", "weather") else PAUSES[language] * len(match[0])

    return re.sub(_build_pattern(language), blank, _blank_request(text, language))


def _blank_request(text: str, language: str) -> str:
    """Return a text without the words that ask for a film, such as "make a clip where" and 帮我做一个…的视频."""
    table = load_table("moments")["request"]
    for pattern in table[language]:
        text = re.sub(pattern, lambda match: PAUSES[language] * len(match[0]), text, flags=re.IGNORECASE)
    return text


def _is_inside_word(text: str, start: int, end: int) -> bool:
    """Return whether a sign stands between others of its kind, as 雨 in 雨伞."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return _is_han(before) or _is_han(after)


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def is_moment(words: str, head: str, language: str) -> bool:
    """Return whether a noun names an hour, a weather or a camera, so that it takes part in no act."""
    known = load_moments(language)
    if language == "en":
        last = read_as(head.split()[-1], NOUN).base if head else ""
        return head in known or words.lower() in known or (last in known and known[last][0] != "facing")
    return words in known or head in known
