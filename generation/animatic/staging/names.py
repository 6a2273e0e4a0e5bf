"""Look up the name of a role, an animal or a thing that the panel can draw."""

import re
from dataclasses import dataclass
from functools import cache

from ..storyboard.catalogue import load_animals, load_roles, load_sizes, load_thing_words
from .english_words import NOUN, get_noun_class, read_as
from .tables import load_set, load_table

SOMEONE = "someone"
OWN_SIZES = ("giant", "dwarf", "fairy")  # roles that have that size already
HONORIFIC = re.compile("^お|(?:さん|くん|ちゃん|さま|様)$")
JAPANESE_VERB = re.compile(r"[\u4e00-\u9fff][\u3041-\u3093]*[うくすつぬむるぐぶ]$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the tables in ``storyboard/``, "" for none. ``is_actor``: a role or an animal."""

    name: str = ""
    is_actor: bool = False


NONE = Name()


@cache
def load_names(language: str) -> dict[str, Name]:
    """Return word → name. The first of these tables that has a word keeps it: own words, roles, animals, things.

    A keyword of things counts only if a single thing has it.
    """
    rows = [(name, words[language], False) for name, words in load_table("names")["things"].items()]
    rows += [(name, role.words[language], True) for name, role in load_roles().items()]
    rows += [(name, animal.words[language], True) for name, animal in load_animals().items()]
    things = _list_things(language)
    rows += [(name, words[:1], False) for name, words in things]
    rows += [(name, (word,), False) for word, name in _list_keywords(things, language)]
    found: dict[str, Name] = {}
    for name, words, is_actor in rows:
        for word in words:
            found.setdefault(word.lower(), Name(name, is_actor))
    return found


def _list_things(language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the pictures that words may mean, each with its words."""
    sizes = load_sizes()
    return [
        (name, words) for name, words in load_thing_words(language).items() if name in sizes and sizes[name].is_named
    ]


def _list_keywords(things: list[tuple[str, tuple[str, ...]]], language: str) -> list[tuple[str, str]]:
    """Return the keywords that a single picture has. A single Chinese or Japanese sign means too much."""
    names: dict[str, list[str]] = {}
    for name, words in things:
        for word in words[1:]:
            names.setdefault(word.lower(), []).append(name)
    misleading = load_set("names", "misleading", language)
    return [
        (word, of[0])
        for word, of in names.items()
        if len(of) == 1
        and word not in misleading
        and (language == "en" or len(word) > 1)
        and not JAPANESE_VERB.search(word)
    ]


def find_name(words: str, language: str) -> Name:
    """Return the name that the words of a noun mean: the longest end of them that is known.

    "old sailor" is a sailor, but 木马 is no 马: of a Chinese word only a prefix that describes may go.
    """
    plain = words.lower().strip()
    find = {"en": _find_english, "zh": _find_chinese, "ja": _find_japanese}[language]
    return find(plain)


def _find_english(words: str) -> Name:
    names = load_names("en")
    parts = words.split()
    for start in range(len(parts)):
        for last in (parts[-1], read_as(parts[-1], NOUN).base):
            if found := names.get(" ".join([*parts[start:-1], last])):
                return _see_creature(found, parts[:start], last) if found.is_actor else found
        if start == len(parts) - 1:
            break
        if " ".join(parts[start:]) in load_set("names", "misleading", "en"):
            return NONE
    last = read_as(parts[-1], NOUN).base if parts else ""
    is_person = get_noun_class(last) == "p" or last in load_set("en", "lists", "people")
    is_group = last in load_set("en", "lists", "groups")
    return _see_creature(Name(SOMEONE, is_actor=True) if is_person else NONE, parts[:-1], last, is_group=is_group)


def _see_creature(found: Name, before: list[str], head: str = "", *, is_group: bool = False) -> Name:
    """Return what somebody is rather than what it does: a robot gardener is a robot, but a lion tamer a person."""
    if found.name in load_animals() or not (found.is_actor or is_group) or head in load_set("names", "of_others", "en"):
        return found
    for word in reversed(before):
        other = load_names("en").get(word, NONE)
        is_being = other.name in load_animals() or other.name in load_set("names", "beings", "names")
        if is_being or (is_group and other.is_actor):
            return other
    return found


def _find_chinese(word: str) -> Name:
    names = load_names("zh")
    start = 0
    while start < len(word):
        if found := names.get(word[start:]):
            return found
        prefix = next((p for p in load_table("zh")["lists"]["describing"] if word.startswith(p, start)), "")
        if not prefix:
            break
        start += len(prefix)
    endings = (names.get(word[start:], NONE) for start in range(1, len(word) - 1))
    return next((name for name in endings if name.is_actor and name.name in load_roles()), _find_person(word, "zh"))


def _find_japanese(word: str) -> Name:
    names = load_names("ja")
    if found := names.get(word) or names.get(HONORIFIC.sub("", word)):
        return found
    for start in range(1, len(word) - 1):
        found = names.get(word[start:])
        if found and (found.is_actor or word[:start] in load_set("ja", "lists", "describing")):
            return found
    return _find_person(word, "ja")


def _find_person(word: str, language: str) -> Name:
    """Return somebody for a word that ends like a word for people: 员, 師."""
    endings = tuple(load_table(language)["lists"]["people_endings"])
    is_ending = len(word) > 1 and word.endswith(endings)
    is_ending = is_ending and not word.endswith(tuple(load_table(language)["lists"]["not_people"]))
    is_person = word in load_set(language, "lists", "people") or is_ending
    return Name(SOMEONE, is_actor=True) if is_person else NONE


def read_size(words: str, name: str, language: str) -> float:
    """Return the height of something as a part of its usual one: 3 for "a giant crab", less for a toy."""
    row = load_table("names")["sizes"]
    plain = words.lower()
    parts = plain.split() if language == "en" else [plain]
    for share, known in ((3.0, row["giant"]), (0.5, row["tiny"]), (0.2, row["toy"])):
        if any(part == word or (language != "en" and word in part) for part in parts for word in known[language]):
            return share if name not in OWN_SIZES else 1.0
    return 1.0
