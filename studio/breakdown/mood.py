"""Choose the mood of a film's music from the words of its story."""

import re
from collections import defaultdict
from functools import cache

from studio.breakdown.grammar import load_grammar
from studio.parsing.vocabulary import detect_language

MOODS = ("tense", "mysterious", "playful", "hopeful")  # of as many words, the first mood wins
DEFAULT_MOOD = "gentle"


def choose_mood(text: str) -> str:
    """Return the mood of which the text has most different words; "gentle" if it has none."""
    language = detect_language(text)
    pattern, moods = _compile_words(language)
    found: dict[str, set[str]] = defaultdict(set)
    for match in pattern.finditer(text.casefold()):
        found[moods[int(match.lastgroup.removeprefix("w"))]].add(match.group())
    return max(MOODS, key=lambda mood: len(found[mood])) if any(found[mood] for mood in MOODS) else DEFAULT_MOOD


@cache
def _compile_words(language: str) -> tuple[re.Pattern[str], list[str]]:
    """Return a pattern of all words, the longest one first, and the mood of each; "none" for words of no mood."""
    grammar = load_grammar(language)
    rows = [(word, mood) for mood, words in grammar.table["moods"].items() for word in words]
    rows.sort(key=lambda row: -len(row[0]))
    edge = r"\b" if grammar.is_spaced else ""
    parts = [
        f"(?P<w{number}>{edge}{re.escape(word.removesuffix('*'))}{r'\w*' if word.endswith('*') else edge})"
        for number, (word, _mood) in enumerate(rows)
    ]
    return re.compile("|".join(parts)), [mood for _word, mood in rows]
