"""Improve a prompt by rules: add the place, light, motion and camera that it leaves open."""

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generation.animatic.scene import INDOORS, WEATHERLESS
from generation.animatic.understanding import suggest_for_open_slots, understand

PHRASES = Path(__file__).parent / "improve.toml"
MAX_PROMPT = 2000
KANA, HAN = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\u3400-\u9fff]")
TOKEN = re.compile(r"\s+|[^\W\u3040-\u9fff]+|.", re.DOTALL)  # a word, a sign, or white space


@dataclass(frozen=True)
class Joins:
    """How a language joins what is added: within a sentence, between sentences, and at the end."""

    comma: str
    stop: str
    space: str


JOINS = {"en": Joins(", ", ".", " "), "zh": Joins("，", "。", ""), "ja": Joins("、", "。", "")}


@cache
def load_phrases() -> dict:
    return tomllib.loads(PHRASES.read_text(encoding="utf-8"))


def detect_language(prompt: str) -> str:
    """Return "ja", "zh" or "en" by the script of a prompt."""
    if KANA.search(prompt):
        return "ja"
    return "zh" if HAN.search(prompt) else "en"


def improve_by_rules(
    prompt: str,
    *,
    limit: int = MAX_PROMPT,
    over_picture: bool = False,
    chosen: frozenset[str] = frozenset(),
    variation: int = 0,
) -> str:
    """Return the prompt with what it leaves open, as far as ``limit`` characters allow; unchanged if nothing is open.

    ``over_picture``: place and light are those of the picture. ``chosen``: which of "place", "light" and "camera" other
    fields say. ``variation``: chooses other words.
    """
    prompt = prompt.strip()
    found = understand(prompt, over_picture=over_picture)
    language = detect_language(prompt)
    open_slots, phrases = suggest_for_open_slots(found), load_phrases()
    slots = {chip.slot for chip in found.chips}
    place, joins, text = found.scene.place, JOINS[language], prompt
    setting, sentences = [], []
    if not over_picture:
        if not (slots & {"place", "outside"} or "place" in chosen):
            setting.append(phrases["places"].get(place, {}).get(language, ""))
        if "light" in open_slots and "light" not in chosen and place not in WEATHERLESS:
            setting.append(phrases["lights"][found.scene.time][language])
    if "motion" in open_slots:
        sentences.append(_choose(_find_motions(place)[language], variation))
    if "camera" in open_slots and "camera" not in chosen:
        sentences.append(_choose(phrases["cameras"][language], variation))
    for words in filter(None, setting):
        text = _add(text, words, joins.comma, limit)
    for words in sentences:
        sentence = words[0].upper() + words[1:]
        text = _add(text, sentence + joins.stop, joins.stop + joins.space, limit)
    return text


def _find_motions(place: str) -> dict:
    motions = load_phrases()["motions"]
    return motions.get(place) or motions["indoors" if place in INDOORS else "other"]


def _choose(words: list[str], variation: int) -> str:
    return words[variation % len(words)]


def _add(text: str, words: str, join: str, limit: int) -> str:
    """Return the text with the words, or the text alone if both are too long. It may end with a stop already."""
    longer = text.rstrip(" .,;，、。；") + join + words if text else words
    return longer if len(longer) <= limit else text


def compare_words(before: str, after: str) -> list[tuple[str, str]]:
    """Return the parts of both texts in order, each as ("same", "deleted" or "added", words)."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", "".join(old[a:b])))
            continue
        parts += [("deleted", "".join(old[a:b]))] if b > a else []
        parts += [("added", "".join(new[c:d]))] if d > c else []
    return parts
