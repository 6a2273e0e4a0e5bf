"""Detect the language of a text, and find words for time, camera and transitions in it."""

import re
import tomllib
from pathlib import Path

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
KANA = re.compile(r"[\u3040-\u30ff]")


def _compile_patterns(part: str) -> tuple:
    return tuple((name, re.compile("|".join(patterns), re.IGNORECASE)) for name, patterns in VOCABULARY[part].items())


VOCABULARY = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text())
TIMES, CAMERAS, JOINS = (_compile_patterns(part) for part in ("times", "cameras", "joins"))
SHORT_TIMES = {word: name for name, words in VOCABULARY["short_times"].items() for word in words}
COLUMNS = {word: column for column, words in VOCABULARY["columns"].items() for word in words}
PERSON_WORDS = {language: "|".join(words) for language, words in VOCABULARY["people"].items()}
UNCHANGED_TIMES = {"continuous", "later", "same", "same time", "moments later", "same day", "同前", "同上", "续", "同"}


def detect_language(text: str) -> str:
    """Return the language of a text, "en", "zh" or "ja", judged by its characters."""
    cjk = len(CJK.findall(text))
    if cjk * 4 < len(re.findall(r"[^\W\d_]", text)):
        return "en"
    return "ja" if len(KANA.findall(text)) * 12 > cjk else "zh"


def _first_match(table, text: str) -> str:
    """Return the name of the pattern whose match begins first in the text; "" if none matches."""
    places = [(match.start(), name) for name, pattern in table if (match := pattern.search(text))]
    return min(places, default=(0, ""))[1]


def find_time(text: str) -> str:
    return _first_match(TIMES, text)


def find_camera(text: str) -> str:
    return _first_match(CAMERAS, text)


def find_transition(text: str) -> str:
    return next((name for name, pattern in JOINS if pattern.search(text)), "")


def parse_time(text: str) -> str | None:
    """Return the time that a part of a heading means; "" if it means an unchanged time, None if it is no time."""
    text = text.strip(" .。-–—()（）").casefold()
    if text in UNCHANGED_TIMES:
        return ""
    if text in SHORT_TIMES:
        return SHORT_TIMES[text]
    return find_time(text) or None if len(text) <= 24 else None


def describe_manner(who: str, how: str) -> str:
    """Return the action of a speaker, such as "Mika, whispering"; "" if the text does not tell how they speak."""
    if not how:
        return ""
    return f"{who}，{how}" if CJK.search(how) else f"{who}, {how}"


def strip_quotes(line: str) -> str:
    """Return a line without the quotation marks around it."""
    return re.sub(r"^[“\"「『]\s*|\s*[”\"」』]$", "", line.strip())


def estimate_seconds(action: str, line: str) -> int:
    """Return how many seconds a scene needs for its line and action, from 3 to 10."""
    speaking = _reading_length(line) / 14 + (1.2 if line else 0)
    watching = 1.5 + _reading_length(action) / 32
    return round(min(10, max(3, speaking, watching)))


def _reading_length(text: str) -> int:
    """Return the length of a text in Latin letters; a Chinese or Japanese character counts as three."""
    return len(text) + 2 * len(CJK.findall(text))
