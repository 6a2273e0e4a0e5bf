"""Cut texts and queries into tokens, the same way for every database and language.

A word of an alphabet is one token. Chinese, Japanese and Korean have no spaces: a run of their signs becomes its
overlapping pairs and its last sign, so that words of two signs are found inside a sentence, and single signs as the
beginning of a pair. Links (two neighbouring words, three neighbouring signs) are tokens too: by them the few documents
with a phrase are found among the many with all its words. The databases only store and compare the tokens; their own
parsers are not used.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

QUERY_LENGTH = 100  # characters
MAX_RUNS = 8  # words, or runs of signs, of a query
TOKEN_LENGTH = 40  # characters of a word
JOIN = "·"  # between the two words of a link: no letter, so that it is in no word, and outside ASCII for FTS5
SIGNS = (
    r"\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    r"\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(rf"(?P<signs>[{SIGNS}]+)|(?P<word>[^\W_{SIGNS}]+)")
ACCENTED = range(0xC0, 0x250)  # Latin letters


def _list_plain_letters() -> dict[int, str]:
    letters = {code: unicodedata.normalize("NFD", chr(code))[0] for code in ACCENTED}
    return {code: plain for code, plain in letters.items() if plain.isascii()}


PLAIN = _list_plain_letters()


def normalise(text: str) -> str:
    """Return the text without differences of case, width and accents, with single spaces."""
    return " ".join(normalise_part(text).split())


def normalise_part(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(PLAIN)


def split_text(normalised: str) -> list[str]:
    """Return the tokens of a normalised text, each once. Words of different lines are not linked."""
    found: dict[str, None] = {}
    for line in normalised.split("\n"):
        matches = list(RUN.finditer(line))
        for match in matches:
            if signs := match["signs"]:
                found |= dict.fromkeys([*_list_pairs(signs), signs[-1]])
            else:
                found[match["word"][:TOKEN_LENGTH]] = None
        found |= dict.fromkeys(_list_links(matches))
    return list(found)


def list_words(tokens: list[str]) -> list[str]:
    """Return the tokens that are words in which a typo can be forgiven: of five letters or more."""
    return [token for token in tokens if len(token) >= 5 and token.isalpha() and not RUN.match(token)["signs"]]  # type: ignore[index]


def _list_pairs(signs: str) -> list[str]:
    return [signs[n : n + 2] for n in range(len(signs) - 1)]


def _list_links(matches: list[re.Match]) -> list[str]:
    """Return the links of a text: of each run of signs its overlapping triples, and of each two neighbouring runs the
    word, or the nearest sign, of both."""
    triples = [signs[n : n + 3] for match in matches if (signs := match["signs"]) for n in range(len(signs) - 2)]
    return triples + [f"{_get_last(one)}{JOIN}{_get_first(other)}" for one, other in pairwise(matches)]


def _get_last(run: re.Match) -> str:
    return run["signs"][-1] if run["signs"] else run["word"][:TOKEN_LENGTH]


def _get_first(run: re.Match) -> str:
    return run["signs"][0] if run["signs"] else run["word"][:TOKEN_LENGTH]


@dataclass(frozen=True)
class Term:
    """A token that a document must have; with ``is_prefix``, one that begins so."""

    token: str
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """A typed query. ``phrase``: all of it, normalised. ``runs``: its words and runs of signs, to be marked. ``links``:
    the links of every text with the phrase.

    What was found with it in one index spares queries in the next: ``neighbours`` of its words and ``unknown`` words by
    scopes, and how its words are ``spelled``: "right" if they were found, or "wrong" if they were not.
    """

    phrase: str = ""
    runs: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    links: tuple[Term, ...] = ()
    neighbours: dict[tuple, dict[str, list[str]]] = field(default_factory=dict, compare=False, repr=False)
    unknown: dict[tuple, set[str]] = field(default_factory=dict, compare=False, repr=False)
    spelled: set[str] = field(default_factory=set, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.phrase)

    @property
    def needs_recheck(self) -> bool:
        """Return whether a document can have all terms without having the phrase."""
        return bool(self.links)


def parse_query(text: str) -> Query:
    """Return the query. It has no terms if the text has no letter, digit or sign: then nothing is found."""
    text = normalise_part(text[:QUERY_LENGTH].replace("\0", ""))[: 2 * QUERY_LENGTH]
    matches = list(RUN.finditer(text))[:MAX_RUNS]
    terms: dict[Term, None] = {}
    for match in matches:
        if signs := match["signs"]:
            terms |= dict.fromkeys([Term(pair) for pair in _list_pairs(signs)] or [Term(signs, is_prefix=True)])
        else:
            terms[Term(match["word"][:TOKEN_LENGTH], is_prefix=match.end() == len(text))] = None
    is_open = bool(matches) and not matches[-1]["signs"] and matches[-1].end() == len(text)  # the last word may go on
    links = [Term(link) for link in dict.fromkeys(_list_links(matches))]
    if is_open and len(matches) > 1:
        links[-1] = Term(links[-1].token, is_prefix=True)
    return Query(" ".join(text.split()), tuple(match[0] for match in matches), tuple(terms), tuple(links))
