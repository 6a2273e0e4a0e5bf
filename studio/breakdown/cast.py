"""Find the characters of an idea, name them, and fix how they look."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from zlib import crc32

from generation.animatic.understanding.given_names import get_kind_of_name
from studio.breakdown import looks
from studio.breakdown.grammar import Grammar, join_words
from studio.parsing.function_words import is_function_word

MAX_TEXT = 20_000  # characters of a longer text that are searched
MAX_MEMBERS = 100  # of a text; who comes later is not a character
MAX_AFTER = 20  # characters after a word that are searched for what tells its meaning
MAX_NAMED = 3  # more of one kind are a group, which has no name
MAX_BEFORE = 40  # characters before a word that are searched for what belongs to it
MAX_LOOK = 3  # words before a noun: "a small black cat"
CAPITALIZED = re.compile(r"(?<![\w@])@?(?P<name>[A-Z][a-z'’]+(?: [A-Z][a-z'’]+)?)(?![\w])")
NO_LOOKS = re.compile(r"\b(?:last|first|only|same|other|next)\b\s*")
BEFORE_PLACE = re.compile(r"\b(?:in|at|on|to|from|of|near|over|the|a|an)\s+$", re.IGNORECASE)
NAMED_CJK = {
    "zh": re.compile(r"(?:名叫|叫做|名为|叫)(?P<name>[\u4e00-\u9fff]{2,3}?)(?=的|在|和|，|,|。|$)"),
    "ja": re.compile(r"(?P<name>[\u30a0-\u30ffー]{2,6})(?=という|と名|は|が|と)"),
}
GIVEN_NAME_CJK = re.compile(r"[\u4e00-\u9fff\u30a0-\u30ff]")


@dataclass
class Member:
    """A character. ``reference``: how sentences call it ("the fox", "Mochi"). ``animal``: the noun of
    an animal. ``is_known``: the text names only the name. ``colours``: list of ``#rrggbb``.
    """

    name: str
    kind: str
    noun: str = ""
    look: str = ""
    animal: str = ""
    reference: str = ""
    description: str = ""
    introduction: str = ""
    is_known: bool = False
    colours: list[str] = field(default_factory=list)


@dataclass
class Cast:
    """The characters of a text. ``text``: the text with the names of those that only a number named before."""

    members: list[Member]
    text: str


def find_cast(text: str, grammar: Grammar) -> Cast:
    """Return the characters of a text in the order in which it mentions them."""
    found: list[tuple[int, Member]] = []
    taken = {match["name"] for match in CAPITALIZED.finditer(text)}
    pieces, end = [], 0
    for match in noun_pattern(grammar).finditer(text):
        if len(found) >= MAX_MEMBERS:
            break
        if not _counts(match, text, grammar):
            continue
        members, words = _read_phrase(match, text, grammar, found, taken)
        found += [(match.start(), member) for member in members]
        if words:
            pieces += [text[end : match.start()], words]
            end = match.end()
    written = "".join([*pieces, text[end:]])
    found += _find_names(text, grammar, [member for _at, member in found])
    members = [member for _at, member in sorted(found, key=lambda pair: pair[0])]
    return Cast(_fix_looks(members, text, grammar), written)


@cache
def _noun_pattern(
    language: str, numbers: str, nouns: str, plurals: str, places: str, colours: str, animals: str, classifiers: str
) -> re.Pattern:
    if language == "en":
        look = rf"(?:(?!(?:{numbers}|{plurals}|and|or|of|with)\b)[a-z][\w'’-]*\s+){{0,{MAX_LOOK}}}?"
        return re.compile(
            rf"(?i:\b(?P<definite>(?:the|these|those)\s+(?=(?:{numbers})\s))?(?:(?P<number>{numbers})\s+(?P<look>{look}))?"
            rf"(?P<noun>(?:{plurals})\b|(?:{nouns})\b(?!\s+(?:{nouns}|{places})\b))(?![-'’])"
            rf"(?:\s+who\s+(?:is|was)\s+an?\s+(?P<being>{nouns})\b)?)"
            r"(?:\s+(?:named|called)\s+(?:The\s+)?(?P<name>[A-Z][\w’'-]*))?"
        )
    if language == "zh":
        look = rf"(?:[\u4e00-\u9fff]{{1,6}}的|(?:{colours})的?|[小大老])?"
        return re.compile(
            rf"(?:(?P<number>{numbers})(?:{classifiers})?(?P<look>{look})|(?P<colour>(?:{colours})的?|[小大老]))?"
            rf"(?P<being>{animals})?(?P<noun>{plurals}|{nouns})(?!{nouns}|{places}|[们上路头])"
        )
    look = rf"(?:(?:{colours})の?|[^、。はがをにのでと]{{1,5}}[なのい])?"
    return re.compile(
        rf"(?:(?P<number>{numbers})(?:{classifiers})?の(?P<look>{look})|(?P<colour>(?:{colours})の?))?"
        rf"(?:(?P<being>{animals})の)?(?P<noun>{plurals}|{nouns})(?!の(?:{nouns}))(?=[がはをにとのもで、。だへ]|たち|$)"
        rf"(?:(?:が|は)(?P<after>{numbers})(?:{classifiers}))?"
    )


def noun_pattern(grammar: Grammar) -> re.Pattern:
    """Return the pattern of a phrase that names characters: number, look, noun and name."""
    singular = dict.fromkeys(grammar.nouns.values())
    plurals = [form for form, noun in grammar.nouns.items() if form != noun]
    words: list[Iterable[str]] = [grammar.numbers, singular, plurals, grammar.places, grammar.colours, grammar.animals]
    words.append(grammar.table.get("classifiers", {}).get("words", ()))
    return _noun_pattern(grammar.language, *(join_words(part) for part in words))


def _group(match: re.Match, name: str) -> str:
    return (match.groupdict().get(name) or "").strip()


def _before(text: str, at: int) -> str:
    """Return the end of the text before a position."""
    return text[max(0, at - MAX_BEFORE) : at]


def _after(text: str, at: int) -> str:
    """Return the beginning of the text after a position."""
    return text[at : at + MAX_AFTER]


def _counts(match: re.Match, text: str, grammar: Grammar) -> bool:
    """Return whether a noun names somebody, not a verb as in "two cats cook"; one sign alone may be part of a word."""
    noun = match["noun"]
    if any(_group(match, part) for part in ("number", "after", "colour", "name")):
        return True
    singular = grammar.nouns[_lower(noun, grammar)]
    if not grammar.is_spaced:
        if grammar.language == "ja" and len(noun) == 1 and re.search(r"[\u4e00-\u9fff]$", _before(text, match.start())):
            return False  # 彼女
        return len(noun) > 1 or bool(re.match(r"[在和与跟的，。、！？はがをにとのもで]|$", _after(text, match.end())))
    starts = not _before(text, match.start()).strip() or _before(text, match.start()).rstrip()[-1] in '.!?:;“"'
    is_plural = _lower(noun, grammar) != singular
    return starts or (is_plural and singular not in grammar.table["verbs"]["words"])


def _lower(word: str, grammar: Grammar) -> str:
    return word.lower() if grammar.is_spaced else word


def _read_phrase(match, text, grammar, found, taken) -> tuple[list[Member], str]:
    """Return the new characters of a phrase, and the names that replace it, if a number named them."""
    form = _lower(match["noun"], grammar)
    noun, count = grammar.nouns[form], _read_count(match, form, grammar)
    look = NO_LOOKS.sub("", (_group(match, "look") or _group(match, "colour")).lower()).strip()
    animal = _find_animal(match, noun, look, grammar)
    kind = "animal" if animal else "person"
    known = [member for _at, member in found if member.noun == noun and (not look or member.look == look)]
    is_definite = bool(_group(match, "definite")) or _group(match, "number").lower() in (
        "the",
        "这",
        "那",
        "その",
        "あの",
        "この",
        "",
    )
    if known and (is_definite or count == 1) and not _group(match, "name"):
        return [], _join(known, grammar) if count > 1 and len(known) > 1 else ""
    if count > MAX_NAMED:
        return [], ""
    if count == 1:
        name = _group(match, "name") or _find_apposition(text, match.start(), grammar)
        taken.add(name)
        reference = name or _definite(noun, grammar)
        return [Member(name or _title(noun, grammar), kind, noun, look, animal, reference)], ""
    names = _choose_names(noun, kind, count, taken, grammar)
    members = [Member(name, kind, noun, look, animal, name) for name in names]
    return members, _join(members, grammar) + _tail(match)


def _tail(match: re.Match) -> str:
    """Return the particle between a noun and a number that follows it: 猫が二匹."""
    after = match.groupdict().get("after")
    return match[0][match.end("noun") - match.start()] if after else ""


def _read_count(match: re.Match, form: str, grammar: Grammar) -> int:
    words = (_group(match, "number") or _group(match, "after")).lower()
    is_plural = form != grammar.nouns[form]
    if words in grammar.numbers:
        count = grammar.numbers[words]
        return max(2, count) if is_plural else count
    return 2 if is_plural else 1


def _find_apposition(text: str, at: int, grammar: Grammar) -> str:
    """Return the name before a phrase, as in "Mika, a girl with short hair"; "" if there is none."""
    found = re.search(r"(?P<name>[A-Z][\w’'-]+),\s*$", _before(text, at)) if grammar.is_spaced else None
    return found["name"] if found else ""


def _choose_names(noun: str, kind: str, count: int, taken: set[str], grammar: Grammar) -> list[str]:
    lists = grammar.table["names"]
    listed = lists["animal"] if kind == "animal" else lists[grammar.people.get(noun, "person")]
    everything = [*listed, *lists["person"], *lists["girl"], *lists["boy"]]
    names = [name for name in dict.fromkeys(everything) if name not in taken][:count]
    taken.update(names)
    return names


def _title(noun: str, grammar: Grammar) -> str:
    return noun[0].upper() + noun[1:] if grammar.is_spaced else noun


def _definite(noun: str, grammar: Grammar) -> str:
    return f"the {noun}" if grammar.is_spaced else noun


def _find_animal(match: re.Match, noun: str, look: str, grammar: Grammar) -> str:
    """Return which animal a phrase names: "a cat", "a fox postman", "a postman who is a fox"; "" for a person."""
    being = _group(match, "being").lower()
    words = look.split() if grammar.is_spaced else []
    return next((word for word in (noun, being, *words) if word in grammar.animals), "")


def _join(members: list[Member], grammar: Grammar) -> str:
    return join_references([member.reference for member in members], grammar)


def join_references(references: list[str], grammar: Grammar) -> str:
    """Return "Mochi and Kuro" for two references, "Mochi, Kuro and Pippin" for three."""
    joiner = grammar.text["joiner"]
    if len(references) < 3 or grammar.language == "ja":
        return joiner.join(references)
    return (", " if grammar.is_spaced else "、").join(references[:-1]) + joiner + references[-1]


def mentions(text: str, member: Member) -> bool:
    """Return whether a text names the character, by name or by its noun, also in the plural."""
    words = [re.escape(word) for word in (member.name, member.noun) if word]
    pattern = rf"(?<!\w)(?:{'|'.join(words)})(?:s|es)?(?!\w)" if member.name.isascii() else "|".join(words)
    return bool(re.search(pattern, text, re.IGNORECASE))


def _find_names(text: str, grammar: Grammar, known: list[Member]) -> list[tuple[int, Member]]:
    """Return (position, character) of names that stand without a noun: "Mika waits"."""
    places = {member.name.casefold() for member in known}
    found: dict[str, int] = {}
    for at, name in _list_names(text, grammar):
        if len(found) >= MAX_MEMBERS:
            break
        is_part = any(name in other and name != other for other in found)
        if name.casefold() not in places and not is_part and not is_function_word(name):
            found.setdefault(name, at)
    return [
        (at, Member(name, "person", _kind_noun(name, grammar), reference=name, is_known=True))
        for name, at in found.items()
    ]


def _kind_noun(name: str, grammar: Grammar) -> str:
    kind = get_kind_of_name(name)
    return next((noun for noun, of in grammar.people.items() if of == kind), "") if kind else ""


def _list_names(text: str, grammar: Grammar):
    if grammar.is_spaced:
        for match in CAPITALIZED.finditer(text):
            if _is_name(match, text, grammar):
                yield match.start(), match["name"]
        return
    for match in NAMED_CJK[grammar.language].finditer(text):
        if not _is_word(match["name"], grammar):
            yield match.start("name"), match["name"]
    for match in GIVEN_NAME_CJK.finditer(text):
        for size in (2, 3, 4):
            name = text[match.start() : match.start() + size]
            if len(name) == size and get_kind_of_name(name) and GIVEN_NAME_CJK.match(name[-1]):
                yield match.start(), name
                break


def _is_word(name: str, grammar: Grammar) -> bool:
    return name in grammar.nouns or any(place in name for place in grammar.places)


def _is_name(match: re.Match, text: str, grammar: Grammar) -> bool:
    """Return whether a capitalized word is a name: a known one, or one inside a sentence that is no place."""
    name, before = match["name"], _before(text, match.start())
    if name.lower() in grammar.nouns or name.lower() in grammar.places or BEFORE_PLACE.search(before):
        return False
    is_inside = bool(before.strip()) and before.rstrip()[-1] not in '.!?:;“"—'
    after = _after(text, match.end())
    is_introduced = bool(re.match(r",? (?:a|an|the) |,? and @?[A-Z]|,? who ", after))
    return match[0].startswith("@") or bool(get_kind_of_name(name)) or is_inside or is_introduced


def _fix_looks(members: list[Member], text: str, grammar: Grammar) -> list[Member]:
    offset, people = crc32(text.encode()), 0
    coats: dict[str, list[str]] = {}
    for member in members:
        if member.kind == "animal":
            usual = grammar.animals[member.animal]
            _fix_coat(member, coats.setdefault(member.animal, looks.choose_coats(usual, len(members))), grammar)
        else:
            member.colours = looks.choose_person_colours(offset + people)
            people += 1
        _set_texts(member, grammar)
    return members


def _fix_coat(member: Member, free: list[str], grammar: Grammar) -> None:
    """Give an animal the colour of its look, or the next free one."""
    words = sorted(grammar.colours, key=len, reverse=True)
    named = next((grammar.colours[word] for word in words if word in member.look), "")
    colour = named or (free[0] if free else grammar.animals[member.animal])
    if colour in free:
        free.remove(colour)
    member.colours = [looks.get_colour(colour)]
    own = grammar.table["colour_adjectives"].get(colour, "") if not named else ""
    animal = "" if member.animal == member.noun or member.animal in member.look.split() else member.animal
    animal = f"{animal}の" if animal and grammar.language == "ja" else animal
    parts = [member.look, own, animal] if grammar.is_spaced else [own, member.look, animal]
    if grammar.is_spaced and animal == "" and member.animal != member.noun:
        parts = [own, member.look]
    member.look = grammar.text["gap"].join(part.strip() for part in parts if part.strip())


def _set_texts(member: Member, grammar: Grammar) -> None:
    """Set ``description`` ("a red fox") and ``introduction`` ("Mira the red fox") of a member."""
    gap = grammar.text["gap"] if member.look else ""
    words = {"look": f"{member.look}{gap}", "noun": member.noun, "name": member.name}
    words["a"] = "an" if f"{words['look']}{member.noun}"[:1] in "aeiou" else "a"
    member.description = grammar.text["description"][member.kind].format(**words) if member.noun else ""
    if member.is_known:
        member.introduction = member.name
    elif member.name != _title(member.noun, grammar):
        member.introduction = grammar.text["introduction"].format(**words)
    else:
        member.introduction = member.description
