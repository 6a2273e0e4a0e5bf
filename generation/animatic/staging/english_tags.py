"""Tag the words of an English sentence: closed lists, and one verb of each clause chosen by score."""

import re
from dataclasses import dataclass
from functools import cache

from .english_words import ADJECTIVE, ADVERB, NOUN, VERB, count_uses, is_participle, list_forms, read_as
from .tables import find_longest, invert, load_set

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[,.;:!?…—()\n]")
BREAKS = (".", "clause", "turn", "relative")
STARTS_NOUN = ("determiner", "possessive", "number", "pronoun")
LEADS_ON = ("preposition", "to", "adverb")
IMPOSSIBLE = -9.0
LIKELY = 1.5  # the score of a word that is a verb unless a better one is found
RARE = 0.08  # the share of verbs among the uses of a word that is hardly ever one


@dataclass(slots=True)
class Word:
    """A word of the text. ``tag``: a list of ``[tags]`` in en.toml, or noun, plural, adjective, adverb, verb, ".".

    ``base``: its base form. ``is_mended``: it is an -ed form or participle.
    """

    text: str
    start: int
    end: int
    tag: str = ""
    base: str = ""

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")


@cache
def load_tags() -> dict[str, str]:
    return invert("en", "tags")


def split_words(text: str) -> list[Word]:
    """Return the words and signs of a text; a phrase of a closed list ("next to") is one word."""
    plain = [Word(match[0], match.start(), match.end()) for match in WORD.finditer(text)]
    lowers = [word.lower for word in plain]
    words: list[Word] = []
    at = 0
    while at < len(plain):
        length = find_longest(lowers, load_tags(), at, 3, " ") or 1
        first, last = plain[at], plain[at + length - 1]
        word = Word(text[first.start : last.end], first.start, last.end)
        word.tag = _tag_closed(" ".join(lowers[at : at + length]))
        words.append(word)
        at += length
    return words


def _tag_closed(lower: str) -> str:
    """Return the tag of a word that needs no company to tell, "" for any other."""
    if not lower[0].isalnum():
        return "."
    if lower.isdigit():
        return "number"
    if lower.endswith("'s") or lower.endswith("s'"):
        return "possessive"
    return load_tags().get(lower, "")


def tag_words(text: str) -> list[Word]:
    """Return the words of a text, each with its tag and base form."""
    words = split_words(text)
    for at, word in enumerate(words):
        following = words[at + 1].tag if at + 1 < len(words) else "."
        if word.lower == "her" and following and following != "possessive":
            word.tag = "pronoun"
        elif word.lower == "that" and at:
            word.tag = _tag_that(words[at - 1].tag, following)
        elif word.tag == "preposition" and following in BREAKS:
            word.tag = "adverb"
        elif word.lower in ("before", "after", "as") and _starts_clause(words, at):
            word.tag = "clause"
    verbs: set[int] = set()
    for clause in _split_clauses(words):
        verbs |= _choose_verbs(words, clause)
    for at, word in enumerate(words):
        if not word.tag:
            _tag_open(words, at, verbs)
        word.base = word.base or word.lower
    return words


def _tag_that(before: str, following: str) -> str:
    if not before and following in ("be", "auxiliary", "determiner", "pronoun", "possessive", ""):
        return "relative"
    return "determiner" if not following else "pronoun"


def _starts_clause(words: list[Word], at: int) -> bool:
    """Return whether a verb with a subject follows before the next break: "before the sun rises"."""
    following = words[at + 1 : at + 7]
    for index, word in enumerate(following):
        if word.tag == ".":
            return False
        if index and not word.tag and read_as(word.lower, VERB).shape in ("s", "ed"):
            return not following[index - 1].tag
    return False


def _split_clauses(words: list[Word]) -> list[list[int]]:
    """Return the indices of the words of each clause; a clause begins with its break."""
    clauses: list[list[int]] = [[]]
    for at, word in enumerate(words):
        if word.tag in BREAKS:
            clauses.append([])
        clauses[-1].append(at)
    return [clause for clause in clauses if clause]


def _score_verb(words: list[Word], at: int, clause: list[int], before: float) -> float:
    """Return how likely an open word is the verb of its clause: above 0, it may be. ``before``: of the word before."""
    lower = words[at].lower
    reading = read_as(lower, VERB)
    if words[at].tag or (not reading.uses and reading.shape != "ed") or lower in load_set("en", "lists", "not_verbs"):
        return IMPOSSIBLE
    share = reading.uses / (reading.uses + read_as(lower, NOUN).uses + read_as(lower, ADJECTIVE).uses + 0.5)
    following = words[at + 1].tag if at + 1 < len(words) else "."
    score = 3 * share + {"s": 0.8, "ed": 0.8, "": 0.3, "ing": -0.5}[reading.shape]
    if following in STARTS_NOUN:  # no noun stands in front of "the"
        score += 2
    else:
        score += (0.7 if following in LEADS_ON else 0.3 if following in BREAKS else -1) - (2 if share < RARE else 0)
    if before > LIKELY and words[clause[0]].tag != "relative":
        return score - 2
    return score + _score_before(words, at, clause, reading.shape)


def _score_before(words: list[Word], at: int, clause: list[int], shape: str) -> float:
    """Return what the word before adds: a noun leads to a verb, an article does not."""
    tag = words[at - 1].tag if at > clause[0] else "."
    if tag in BREAKS and tag != "relative":  # there is no subject
        return -3 if shape == "" or tag == "clause" else 0
    scores = {
        "determiner": -3,
        "possessive": -3,
        "number": -3,
        "preposition": -3,
        "pronoun": 2,
        "relative": 2,
        "nobody": 2,
    }
    scores |= {"adverb": 1, "auxiliary": 1, "be": 1, "negative": 1}
    return scores.get(tag, 0) if tag else _score_subject(words, at, clause, shape)


def _score_subject(words: list[Word], at: int, clause: list[int], shape: str) -> float:
    """Return what the noun adds that a verb would have as its subject, and whether both agree in number."""
    before = words[at - 1]
    subject = _find_subject(words, at, clause)
    noun = read_as(words[subject].lower, NOUN)
    is_noun = noun.uses >= read_as(words[subject].lower, ADJECTIVE).uses and noun.uses > 0
    is_noun = is_noun and list_forms(words[subject].lower)[0][1] not in ("ed", "ing")
    score = (2.0 if subject == at - 1 else 1.2) if is_noun else 0.0
    if shape == "" and subject != at - 1 and words[at].lower in load_set("en", "lists", "place_ends"):
        score -= 6  # two cats in a ramen shop
    if shape == "s" and noun.shape == "s":
        score -= 1.5  # a plural subject has a verb without -s
    is_joined = any(words[index].tag == "and" for index in clause if index < at)
    if shape == "" and noun.shape == "" and not is_joined and before.lower not in load_set("en", "lists", "people"):
        score -= 6
    return score


def _find_subject(words: list[Word], at: int, clause: list[int]) -> int:
    """Return the index of the last noun before ``at`` that no preposition leads to: "the girl in the red coat runs"."""
    found, is_led, has_noun = at - 1, False, False
    for index in range(clause[0], at):
        tag = words[index].tag
        if tag in ("preposition", "to"):
            is_led, has_noun = True, False
        elif tag in STARTS_NOUN and has_noun:
            is_led, has_noun = False, False
        elif not tag:
            has_noun = True
            found = index if not is_led else found
    return found


def _choose_verbs(words: list[Word], clause: list[int]) -> set[int]:
    """Return the indices of the verbs of a clause: the best by score, and further ones."""
    scores: dict[int, float] = {}
    for at in clause:
        score = _score_verb(words, at, clause, scores.get(at - 1, IMPOSSIBLE))
        if score > IMPOSSIBLE:
            scores[at] = score
    if not scores:
        return set()
    best = max(scores, key=lambda at: (scores[at], -at))
    is_sure = False
    if after := _find_after_auxiliary(words, clause):
        best, is_sure = after, True
    follows_be = any(words[at].tag == "be" for at in clause if at < best)
    if not is_sure and scores[best] <= 0 and not follows_be and (plain := _find_plain_verb(words, clause)):
        best, is_sure = plain, True
    if not is_sure and (scores[best] <= 0 or follows_be):  # "the street is empty" tells a state, no action
        return set()
    further = {at for at in scores if at != best and _is_further_verb(words, at, best, clause, scores)}
    return {best} | further


def _find_plain_verb(words: list[Word], clause: list[int]) -> int:
    """Return the index of a word between two nouns that may be a verb, 0 for none: "a gardener waters roses"."""
    for at in clause[1:-1]:
        word, before = words[at], words[at - 1]
        is_singular = not before.tag and read_as(before.lower, NOUN).uses and read_as(before.lower, NOUN).shape == ""
        reading = read_as(word.lower, VERB)
        if is_singular and not word.tag and reading.uses and reading.shape == "s" and not words[at + 1].tag:
            return at
    return 0


def _find_after_auxiliary(words: list[Word], clause: list[int]) -> int:
    """Return the index of the verb after the last auxiliary, 0 for none: "is chased", "will sing"."""
    helpers = [at for at in clause if words[at].tag in ("be", "auxiliary")]
    if not helpers:
        return 0
    is_be = words[helpers[-1]].tag == "be"
    for at in range(helpers[-1] + 1, clause[-1] + 1):
        word = words[at]
        if word.tag in ("adverb", "negative"):
            continue
        shape = read_as(word.lower, VERB).shape
        can_follow = shape in ("ed", "ing") or is_participle(word.lower) if is_be else True
        return at if not word.tag and read_as(word.lower, VERB).uses and can_follow else 0
    return 0


def _is_further_verb(words: list[Word], at: int, best: int, clause: list[int], scores: dict[int, float]) -> bool:
    before = words[at - 1] if at else words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    leads_on = following is None or following.tag in (*STARTS_NOUN, *LEADS_ON, *BREAKS)
    as_verb, as_noun = read_as(words[at].lower, VERB), read_as(words[at].lower, NOUN)
    is_later = at > best
    if before.tag == "and" and is_later:
        return as_verb.uses > 0 and (leads_on or as_verb.uses > as_noun.uses)
    if before.tag == "to":
        return as_verb.shape == "" and (
            as_verb.uses > as_noun.uses or (leads_on and following is not None and following.tag != "preposition")
        )
    if words[clause[0]].tag == "relative" and all(
        words[k].tag in ("adverb", "negative") for k in clause[1 : clause.index(at)]
    ):
        return as_verb.uses > 0
    if words[clause[0]].tag == "relative" and not is_later and before.tag == "pronoun":
        return scores[at] > 1  # whom everyone forgot plants a tree
    if is_later and read_as(words[best].lower, VERB).shape == "ing" and not before.tag and as_verb.shape in ("s", "ed"):
        return scores[at] > 0  # a boy holding a kite runs
    if as_verb.shape == "ing":
        return not before.tag and scores[at] > 0.5 and read_as(words[at].lower, ADJECTIVE).uses < as_verb.uses
    if following is not None and following.tag == "and" and not is_later:
        return scores[at] > 1.2 and as_verb.shape in ("s", "ed")
    if words[clause[0]].tag == "relative":
        return is_later and scores[at] > 2.2
    is_after_and = any(words[k].tag == "and" for k in clause if best < k < at)
    return at > best + 1 and scores[at] > 2.2 and is_after_and


def _tag_open(words: list[Word], at: int, verbs: set[int]) -> None:
    """Tag a word of no closed list."""
    word = words[at]
    if at in verbs:
        word.tag, word.base = "verb", read_as(word.lower, VERB).base
        return
    noun, adjective = read_as(word.lower, NOUN), read_as(word.lower, ADJECTIVE)
    is_followed = at + 1 < len(words) and not words[at + 1].tag and at + 1 not in verbs
    adverb = count_uses(word.lower, ADVERB)
    is_adverb = adverb > max(noun.uses, adjective.uses) or (word.lower.endswith("ly") and adverb >= noun.uses)
    is_state = at - 1 in verbs and not is_followed and is_participle(word.lower)  # walk bent
    is_after_noun = at > 0 and words[at - 1].tag in ("noun", "plural") and not is_followed
    is_own_noun = noun.uses > 0 and noun.shape != "ed"
    is_participle_behind = (
        is_after_noun and not is_own_noun and read_as(word.lower, VERB).shape == "ed"
    )  # a whale stranded
    if is_adverb or is_state or is_participle_behind:
        word.tag = "adverb"
    elif is_followed and (adjective.uses >= max(1, noun.uses) or list_forms(word.lower)[0][1] in ("ed", "ing")):
        word.tag = "adjective"
    elif noun.uses or is_followed or not adjective.uses:
        word.tag, word.base = ("plural" if noun.shape == "s" else "noun"), noun.base
    else:
        word.tag = "adjective"
