"""Look up the pose in which a verb is drawn."""

from functools import cache

from ..storyboard.catalogue import load_poses
from .tables import load_table

STILL = "stand"
SUDDEN = ("fall", "jump", "run", "fight")  # what one does from one moment to the next


@cache
def load_verbs(language: str) -> dict[str, str]:
    """Return verb → pose; a Japanese verb without the ending that its forms do not share."""
    found: dict[str, str] = dict.fromkeys(load_table("verbs")["hidden"]["words"][language], STILL)
    for pose, words in load_table("verbs")["poses"].items():
        found = dict.fromkeys(words[language], pose) | found
    for pose, row in load_poses().items():
        for word in row.words[language]:
            found.setdefault(_cut_ending(word) if language == "ja" else word, pose)
    return found


def _cut_ending(verb: str) -> str:
    if verb.endswith("する") and len(verb) > 2:
        return verb[:-2]
    return verb[:-1] if len(verb) > 1 else verb


def is_absent(verb: str, language: str) -> bool:
    """Return whether what a verb acts upon is not there: "loses his sticks"."""
    return _is_listed("absent", verb, language)


def is_keeping(verb: str, language: str) -> bool:
    """Return whether who does this to a shop keeps it: "run a ramen shop"."""
    return _is_listed("keeping", verb, language)


def _is_listed(table: str, verb: str, language: str) -> bool:
    words = load_table("verbs")[table]["words"][language]
    return verb.startswith(tuple(words)) if language == "ja" else verb in words


def find_phrase_pose(thing: str, verb: str, language: str) -> str:
    """Return the pose of a noun and its verb that are known as one (水をやる, 打麻将), "" if they are not."""
    poses = load_verbs(language)
    if language != "ja":
        return poses.get(verb + thing, "") if language == "zh" else ""
    words = f"{thing}を{verb}"
    known = [known for known in poses if "を" in known and words.startswith(known)]
    return poses[max(known, key=len)] if known else ""


def find_pose(verb: str, words: str, language: str) -> str:
    """Return the pose of a verb; one that nobody can draw is told by the note, and its actor stands.

    ``verb``: as the reader gives it; ``words``: as in the sentence, which may hold a particle ("look up").
    """
    return _find_verb(load_verbs(language), verb, words, language) or STILL


def find_tool(verb: str, words: str, language: str) -> str:
    """Return the thing that a verb needs in the hands: a broom for "sweep"; "" for none."""
    return _find_verb(_load_tools(language), verb, words, language)


@cache
def _load_tools(language: str) -> dict[str, str]:
    return {verb: tool for tool, verbs in load_table("verbs")["tools"].items() for verb in verbs[language]}


def _find_verb(known: dict[str, str], verb: str, words: str, language: str) -> str:
    """Return what a table holds for the longest known part of a verb, "" for nothing."""
    if language == "en":
        particle = words.lower().split()[1:]
        return known.get(" ".join([verb, *particle]), known.get(verb, ""))
    longest = max(map(len, known))
    starts = range(len(verb)) if language == "zh" else range(1)
    for start in starts:  # a Chinese verb may have an adverb in front: 偷跑
        for end in range(min(len(verb), start + longest), start, -1):
            if verb[start:end] in known:
                return known[verb[start:end]]
    return ""
