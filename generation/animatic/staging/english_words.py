"""English words without a model: their base forms and how often each is a noun, a verb, an adjective or an adverb."""

import gzip
from dataclasses import dataclass
from functools import cache, lru_cache

from .tables import WORDS, load_set, load_table

NOUN, VERB, ADJECTIVE, ADVERB = range(4)
NEVER = (0, 0, 0, 0)
# ending, its shape, what may stand in its place in the base form
ENDINGS = (
    ("ies", "s", ("y",)),
    ("es", "s", ("", "e")),
    ("s", "s", ("",)),
    ("ied", "ed", ("y",)),
    ("ed", "ed", ("", "e")),
    ("ing", "ing", ("", "e")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A word as a part of speech. ``shape``: its ending, "" for the base form. ``uses``: counted in WordNet."""

    base: str
    shape: str
    uses: int


@cache
def load_words() -> dict[str, tuple[tuple[int, ...], str]]:
    """Return word → its uses as noun, verb, adjective and adverb, and the class of the noun (p, a, t, l or "")."""
    lines = gzip.decompress((WORDS / "english_words.tsv.gz").read_bytes()).decode().splitlines()
    rows = (line.split("\t") for line in lines)
    return {word: (tuple(map(int, counts)), kind) for word, *counts, kind in rows}


@cache
def load_irregular_verbs() -> dict[str, str]:
    pairs = load_table("en")["irregular_verbs"]["words"].split()
    return dict(pair.split(":") for pair in pairs)


def count_uses(word: str, part: int) -> int:
    return load_words().get(word, (NEVER, ""))[0][part]


@lru_cache(2048)
def list_forms(word: str) -> tuple[tuple[str, str], ...]:
    """Return what a word may be a form of, each as base form and shape."""
    found: list[tuple[str, str]] = []
    known = load_words()
    nouns, verbs = load_table("en")["irregular_nouns"], load_irregular_verbs()
    if word in verbs:
        found.append((verbs[word], "s" if word.endswith("es") else "ing" if word.endswith("ing") else "ed"))
    if word in nouns:
        found.append((nouns[word], "s"))
    if word.endswith("men") and word[:-2] + "an" in known:
        found.append((word[:-2] + "an", "s"))
    if word in known:
        found.append((word, ""))
    for ending, shape, others in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith("ss"):
            found += [(base, shape) for base in _list_bases(word[: -len(ending)], shape, others) if base in known]
    return tuple(found) or ((word, ""),)


def _list_bases(stem: str, shape: str, others: tuple[str, ...]) -> list[str]:
    doubled = shape in ("ed", "ing") and len(stem) > 2 and stem[-1] == stem[-2]
    return [stem + other for other in others] + ([stem[:-1]] if doubled else [])


@lru_cache(2048)
def read_as(word: str, part: int) -> Reading:
    """Return the commonest reading of a word as a part of speech; without one, the word with no uses."""
    best = Reading(word, "", 0)
    for base, shape in list_forms(word):
        if part == NOUN and _is_no_noun(word, base, shape):
            continue
        uses = count_uses(base, part)
        if uses > best.uses:
            best = Reading(base, shape, uses)
    return best


def _is_no_noun(word: str, base: str, shape: str) -> bool:
    if shape in ("ed", "ing") and word not in load_words():
        return True
    return load_irregular_verbs().get(word) == base and word not in load_table("en")["irregular_nouns"]


def is_participle(word: str) -> bool:
    return word.endswith("ed") or word in load_set("en", "irregular_verbs", "participles")


def get_noun_class(word: str) -> str:
    """Return p for a person, a for an animal, t for a thing, l for a place, "" for others and unknown words."""
    return load_words().get(word, (NEVER, ""))[1]
