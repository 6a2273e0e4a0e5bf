"""Read one noun with all that belongs to it: "two old sailors", "a pack of wolves", "the bottom of the sea"."""

from .draft import Phrase
from .english_tags import Word
from .model import SEVERAL
from .names import find_name
from .places import find_place
from .tables import invert, load_set, load_table

NOUNS = ("noun", "plural")
GROUPS = ("family", "crowd", "band", "team", "gang", "army", "choir", "herd", "flock", "pack", "swarm", "troop")
INSIDE = ("number", "adjective", "noun", "plural")


def read_phrase(words: list[Word], at: int, text: str) -> tuple[Phrase | None, int, str]:
    """Return the noun at ``at``, the index after it, and the preposition that its side means, "" for none.

    "Bottom of the sea" is the sea, and "under". Without a noun: None.
    """
    if words[at].tag == "pronoun":
        return _read_pronoun(words[at]), at + 1, ""
    end = _find_end(words, at)
    nouns = [index for index in range(at, end) if words[index].tag in NOUNS]
    if not nouns and words[at].lower == "the" and words[end - 1].tag == "adjective":
        nouns = [end - 1]  # the younger
    if not nouns and words[end - 1].lower in ("couple", "pair", "twins"):
        nouns = [end - 1]  # "a couple dances": no number stands before what it counts
    if not nouns:
        return None, max(end, at + 1), ""
    phrase = _build_phrase(words, at, nouns[-1], text)
    if (
        end + 1 < len(words)
        and words[end].lower == "of"
        and words[end + 1].tag in (*INSIDE, "determiner", "possessive")
    ):
        return _read_of(words, end, phrase, text)
    return phrase, end, ""


def _read_pronoun(word: Word) -> Phrase | None:
    if word.lower in (
        "there",
        "here",
        "nothing",
        "each other",
        "one another",
        "herself",
        "himself",
        "itself",
        "themselves",
    ):
        return None
    count = SEVERAL if word.lower in ("they", "them", "we", "us", "everyone", "everybody") else 1
    return Phrase(word.lower, word.text, count, start=word.start)


def _find_end(words: list[Word], at: int) -> int:
    """Return the index after the noun group that begins at ``at``."""
    end, has_noun = at, False
    while end < len(words):
        tag = words[end].tag
        is_owner = tag == "possessive" and words[end].lower.endswith(("'s", "s'"))
        if tag in INSIDE or is_owner or (tag in ("determiner", "possessive") and not has_noun and end - at < 2):
            has_noun = has_noun or (tag in NOUNS and not is_owner)
            end += 1
        elif tag == "adverb" and not has_noun and end > at and words[end - 1].tag == "determiner":
            end += 1
        else:
            break
    return end


def _build_phrase(words: list[Word], at: int, head: int, text: str) -> Phrase:
    group = words[at : head + 1]
    owners = [index for index, word in enumerate(group) if word.lower.endswith(("'s", "s'"))]
    if owners and owners[-1] == len(group) - 1:  # the owner itself is meant
        words[head].base, owners = words[head].base.removesuffix("'s").removesuffix("'"), []
    inner = group[owners[-1] + 1 :] if owners else group
    before = " ".join(word.lower for word in inner[:-1] if word.tag in ("adjective", "noun", "plural"))
    owner = (
        " ".join(word.base.removesuffix("'s").removesuffix("'") for word in group[: owners[-1] + 1]) if owners else ""
    )
    if owners and words[head].base in load_set("en", "lists", "parts") and find_name(owner, "en").is_actor:
        return _build_phrase(words, at, at + owners[-1], text)  # her daughter's hair is the daughter
    owner = owner or next((word.lower for word in group if word.lower in ("his", "her", "its", "their")), "")
    first = inner if owners else group
    return Phrase(
        words[head].base,
        text[words[at].start : words[head].end],
        _read_count(first, words[head]),
        before,
        owner,
        words[at].start,
    )


def _read_count(group: list[Word], head: Word) -> int:
    numbers = load_table("en")["numbers"]
    if head.lower in ("couple", "pair"):
        return 2
    if head.base in GROUPS:
        return SEVERAL
    for word in group[:-1]:
        if word.lower in numbers and word.tag in ("number", "determiner"):
            is_one = head.base == head.lower and not any(other.lower in ("few", "hundred") for other in group)
            if word.lower in ("a", "an") and head.tag == "plural" and not is_one:  # "a fish" is one
                continue
            return numbers[word.lower]
        if word.lower.isdigit():
            return min(int(word.lower[:4]), 999)
        if word.lower in ("several", "many", "some", "few", "hundred", "thousand") and head.tag == "plural":
            return SEVERAL
        if word.lower in load_set("en", "lists", "empty") and head.tag == "noun":
            return 1
    return SEVERAL if head.tag == "plural" or head.lower in ("people", "everyone") else 1


def _read_of(words: list[Word], of: int, first: Phrase, text: str) -> tuple[Phrase | None, int, str]:
    """Return what "X of Y" means: several Y for a group, Y for its side, X for anything else."""
    is_group = first.head in load_set("en", "lists", "groups")
    side = invert("en", "sides").get(first.head, "")
    is_place = not is_group and not side and find_place(first, "en") is not None
    if not (is_group or side or is_place or first.head in load_set("en", "lists", "measures")):
        return first, of, ""
    second, end, _ = read_phrase(words, of + 1, text)
    if second is None:
        return first, of, ""
    if is_place:  # a field of red flowers is a flower field
        first.before = f"{second.full} {first.before}".strip()
        first.words = text[first.start : second.start + len(second.words)]
        return first, end, ""
    second.words, second.start = text[first.start : second.start + len(second.words)], first.start
    if is_group:
        second.count = 2 if first.head in ("pair", "couple") else 12 if first.head == "dozen" else SEVERAL
        return second, end, ""
    return second, end, {"in": "in", "on": "on", "under": "under", "beside": "beside"}.get(side, side) if side else ""
