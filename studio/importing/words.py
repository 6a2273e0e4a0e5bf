"""Which language a text is in, and what its words say about time, camera and joins."""

import re
import tomllib
from pathlib import Path

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
KANA = re.compile(r"[\u3040-\u30ff]")


def _patterns(part: str) -> tuple:
    return tuple((name, re.compile("|".join(words), re.IGNORECASE)) for name, words in WORDS[part].items())


WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text())
TIMES, CAMERAS, JOINS = (_patterns(part) for part in ("times", "cameras", "joins"))
SHORT_TIMES = {word: name for name, words in WORDS["short_times"].items() for word in words}
COLUMNS = {word: column for column, words in WORDS["columns"].items() for word in words}
FOLK = {tongue: "|".join(words) for tongue, words in WORDS["folk"].items()}
AS_BEFORE = {"continuous", "later", "same", "same time", "moments later", "same day", "同前", "同上", "续", "同"}


def language(text: str) -> str:
    """en, zh or ja: by its letters alone."""
    cjk = len(CJK.findall(text))
    if cjk * 4 < len(re.findall(r"[^\W\d_]", text)):
        return "en"
    return "ja" if len(KANA.findall(text)) * 12 > cjk else "zh"


def _first(table, text: str) -> str:
    """Of what the text names, what it names first."""
    places = [(match.start(), name) for name, words in table if (match := words.search(text))]
    return min(places, default=(0, ""))[1]


def time_of(text: str) -> str:
    return _first(TIMES, text)


def camera_of(text: str) -> str:
    return _first(CAMERAS, text)


def join_of(text: str) -> str:
    return next((name for name, words in JOINS if words.search(text)), "")


def short_time(text: str) -> str | None:
    """The time that ends a scene heading; "" for one that says "as before", None where it is no time at all."""
    text = text.strip(" .。-–—()（）").casefold()
    if text in AS_BEFORE:
        return ""
    if text in SHORT_TIMES:
        return SHORT_TIMES[text]
    return time_of(text) or None if len(text) <= 24 else None


def manner(who: str, how: str) -> str:
    """Somebody and how they do it, as something to see."""
    if not how:
        return ""
    return f"{who}，{how}" if CJK.search(how) else f"{who}, {how}"


def bare(line: str) -> str:
    """A line without the quotation marks around it."""
    return re.sub(r"^[“\"「『]\s*|\s*[”\"」』]$", "", line.strip())


def seconds_for(action: str, line: str) -> int:
    """How long a shot needs: its line said in peace, or its action seen; 3 to 10 seconds."""
    said = _weight(line) / 14 + (1.2 if line else 0)
    seen = 1.5 + _weight(action) / 32
    return round(min(10, max(3, said, seen)))


def _weight(text: str) -> int:
    """Length in Latin letters: a Chinese or Japanese sign says as much as three of them."""
    return len(text) + 2 * len(CJK.findall(text))
