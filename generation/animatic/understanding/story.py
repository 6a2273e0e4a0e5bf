"""Who of a story is in the shot, and who says what in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..scene import PEOPLE, Subject
from .lexicon import LANGUAGES, Lexicon, Meaning, folding, lexicon
from .naming import fits
from .tokens import tokenise

LOOKS = ("hair_colour", "hair_style", "eye_colour", "clothes", "clothes_colour", "accent_colour", "variant")


@dataclass(frozen=True)
class Person:
    """Somebody of a story: a name and looks; ``is_told`` when a description says what they are."""

    looks: Subject
    is_told: bool = True


@dataclass(frozen=True)
class Story:
    """What is known beside the words of one shot."""

    people: tuple[Person, ...] = ()
    line: str = ""
    speaker: str = ""
    speaker_kind: str = "girl"  # where the words name a speaker who is not of the cast


def names_of(story: Story) -> Lexicon | None:
    """The names that the words may use: whole ones, and first names that mean nothing else."""
    known = {person.looks.name: person.looks.kind for person in story.people}
    if story.line and story.speaker and not any(_same(name, story.speaker) for name in known):
        known[story.speaker] = story.speaker_kind
    book = Lexicon("names")
    firsts = [name.split()[0] for name in known if len(name.split()) > 1]
    for name, kind in known.items():
        first = name.split()[0]
        is_free = first != name and first not in known and firsts.count(first) == 1 and not _means_something(first)
        for words in (name, first) if is_free else (name,):
            if tokenise(words, folding()):
                book.add(words, Meaning("subject", kind))
                book.add(words, Meaning("called", name))
    return book if book.phrases else None


def _means_something(word: str) -> bool:
    tokens = tokenise(word, folding())
    return len(word) < 3 or not tokens or any(lexicon(code).match(tokens, 0)[0] for code in LANGUAGES)


def gather(subjects: Sequence[Subject], story: Story) -> list[Subject]:
    """Everybody in the shot by name: those whom the words show, and the rest of the cast."""
    found = list(subjects)
    places = _places(found, story)
    for person in story.people:
        looks, at = person.looks, places.get(person.looks.name)
        if at is None:
            found.append(Subject(looks.kind, name=looks.name))
        else:
            found[at] = replace(found[at], name=looks.name, kind=looks.kind if person.is_told else found[at].kind)
    return _spoken(found, story)


def dressed(subjects: Sequence[Subject], story: Story) -> tuple[Subject, ...]:
    """Everybody with the looks that the story gives them; what the shot itself says wins."""
    known = {person.looks.name: person.looks for person in story.people}
    return tuple(_dressed(each, known[each.name]) if each.name in known else each for each in subjects)


def _dressed(there: Subject, looks: Subject) -> Subject:
    own = {slot: getattr(there, slot) or getattr(looks, slot) for slot in LOOKS}
    return replace(there, accessories=tuple(dict.fromkeys((*looks.accessories, *there.accessories))), **own)


def _places(subjects: list[Subject], story: Story) -> dict[str, int]:
    """Whom the words show: who is named goes first, then who is of the same kind, then anybody left: nobody takes
    another one's place."""
    places: dict[str, int] = {}
    for is_meant in (_is_named, _is_alike, _may_be):
        for person in story.people:
            free = (n for n in range(len(subjects)) if n not in places.values())
            found = next((n for n in free if is_meant(subjects[n], person)), None)
            if person.looks.name not in places and found is not None:
                places[person.looks.name] = found
    return places


def _is_named(there: Subject, person: Person) -> bool:
    return there.name == person.looks.name


def _is_alike(there: Subject, person: Person) -> bool:
    return not there.name and person.is_told and there.kind == person.looks.kind


def _may_be(there: Subject, person: Person) -> bool:
    """Another word for the same person."""
    if there.name or there.kind not in PEOPLE:
        return False
    return not person.is_told or fits(there.kind, person.looks.kind)


def _spoken(subjects: list[Subject], story: Story) -> list[Subject]:
    """The line goes to the one who says it, else to the first person whom no name makes somebody else."""
    people = [n for n, each in enumerate(subjects) if each.kind in PEOPLE]
    named = [n for n in people if story.speaker and _same(subjects[n].name, story.speaker)]
    others = [n for n in people if not (story.speaker and subjects[n].name)]
    for n in (named or others)[:1] if story.line else ():
        subjects[n] = replace(subjects[n], line=story.line)
    return subjects


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
