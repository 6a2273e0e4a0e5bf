"""Characters of a story: who is in the shot and who speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..scene import PEOPLE, Subject
from .coreference import is_matching_kind
from .lexicon import LANGUAGES, Lexicon, Meaning, load_folding, load_lexicon
from .tokens import tokenise

LOOKS = ("hair_colour", "hair_style", "eye_colour", "clothes", "clothes_colour", "accent_colour", "variant")


@dataclass(frozen=True)
class Person:
    """A character: name and looks. ``is_kind_known``: whether a description or the name tells the kind."""

    looks: Subject
    is_kind_known: bool = True


@dataclass(frozen=True)
class Story:
    """Characters and spoken line of one shot, known besides its prompt."""

    people: tuple[Person, ...] = ()
    line: str = ""
    speaker: str = ""
    speaker_kind: str = "girl"  # kind of a speaker who is not in the cast


def build_name_lexicon(story: Story) -> Lexicon | None:
    """Build a lexicon of the names a prompt may use, full names and unambiguous first names; None without names."""
    known = {person.looks.name: person.looks.kind for person in story.people}
    if story.line and story.speaker and not any(_is_same_name(name, story.speaker) for name in known):
        known[story.speaker] = story.speaker_kind
    book = Lexicon("names")
    firsts = [name.split()[0] for name in known if len(name.split()) > 1]
    for name, kind in known.items():
        first = name.split()[0]
        is_free = first != name and first not in known and firsts.count(first) == 1 and not _is_known_word(first)
        for words in (name, first) if is_free else (name,):
            if tokenise(words, load_folding()):
                book.add(words, Meaning("subject", kind))
                book.add(words, Meaning("called", name))
    return book if book.phrases else None


def _is_known_word(word: str) -> bool:
    tokens = tokenise(word, load_folding())
    return len(word) < 3 or not tokens or any(load_lexicon(code).match(tokens, 0)[0] for code in LANGUAGES)


def add_cast(subjects: Sequence[Subject], story: Story) -> list[Subject]:
    """Return the subjects with their names, followed by the characters that the prompt does not mention."""
    found = _split_counted(subjects, story)
    places = _match_people(found, story)
    for person in story.people:
        looks, at = person.looks, places.get(person.looks.name)
        if at is None:
            found.append(Subject(looks.kind, name=looks.name))
        else:
            found[at] = replace(found[at], name=looks.name, kind=looks.kind if person.is_kind_known else found[at].kind)
    return _assign_line(found, story)


def _split_counted(subjects: Sequence[Subject], story: Story) -> list[Subject]:
    """Return the subjects with "two cats" as single ones if several characters are of that kind."""
    found: list[Subject] = []
    for subject in subjects:
        names = {known.name for known in subjects}
        same = [
            person
            for person in story.people
            if person.is_kind_known and person.looks.kind == subject.kind and person.looks.name not in names
        ]
        singles = min(subject.count, len(same)) if not subject.name else 0
        if singles < 2:
            found.append(subject)
            continue
        found += [replace(subject, count=1)] * singles
        found += [replace(subject, count=subject.count - singles)] if subject.count > singles else []
    return found


def apply_story_looks(subjects: Sequence[Subject], story: Story) -> tuple[Subject, ...]:
    """Give named subjects the looks of the story; attributes in the prompt win."""
    known = {person.looks.name: person.looks for person in story.people}
    return tuple(
        _apply_looks(subject, known[subject.name]) if subject.name in known else subject for subject in subjects
    )


def _apply_looks(subject: Subject, looks: Subject) -> Subject:
    merged = {slot: getattr(subject, slot) or getattr(looks, slot) for slot in LOOKS}
    return replace(subject, accessories=tuple(dict.fromkeys((*looks.accessories, *subject.accessories))), **merged)


def _match_people(subjects: list[Subject], story: Story) -> dict[str, int]:
    """Map names of characters to indices of subjects: matched by name, then equal kind, then any kind that fits."""
    places: dict[str, int] = {}
    for is_meant in (_is_named, _is_same_kind, _can_be_same):
        for person in story.people:
            free = (n for n in range(len(subjects)) if n not in places.values())
            found = next((n for n in free if is_meant(subjects[n], person)), None)
            if person.looks.name not in places and found is not None:
                places[person.looks.name] = found
    return places


def _is_named(subject: Subject, person: Person) -> bool:
    return subject.name == person.looks.name


def _is_same_kind(subject: Subject, person: Person) -> bool:
    return not subject.name and person.is_kind_known and subject.kind == person.looks.kind


def _can_be_same(subject: Subject, person: Person) -> bool:
    """Return whether a nameless person among the subjects may be the character."""
    if subject.name or subject.kind not in PEOPLE:
        return False
    return not person.is_kind_known or is_matching_kind(subject.kind, person.looks.kind)


def _assign_line(subjects: list[Subject], story: Story) -> list[Subject]:
    """Assign the line to its speaker, else to the first person who may be the speaker."""
    people = [n for n, subject in enumerate(subjects) if subject.kind in PEOPLE]
    named = [n for n in people if story.speaker and _is_same_name(subjects[n].name, story.speaker)]
    others = [n for n in people if not (story.speaker and subjects[n].name)]
    for n in (named or others)[:1] if story.line else ():
        subjects[n] = replace(subjects[n], line=story.line)
    return subjects


def _is_same_name(first: str, second: str) -> bool:
    return first.strip().casefold() == second.strip().casefold()
