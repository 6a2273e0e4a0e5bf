"""Put the noun in the place of "it", "she", 它, 彼女: the last thing, the last one who acted."""

from dataclasses import replace

from ..storyboard.catalogue import load_animals
from .draft import Event, Phrase
from .names import find_name
from .tables import invert


def resolve_references(events: list[Event], language: str) -> None:
    """Put nouns in the place of pronouns, in the order of the text. Without a noun before it, a pronoun stays."""
    memory = _Memory(language)
    for event in events:
        event.actors = [memory.resolve(phrase, event, acts=True) for phrase in event.actors]
        for slot in ("object", "tool", "partner", "receiver"):
            if (phrase := getattr(event, slot)) is not None:
                setattr(event, slot, memory.resolve(phrase, event))
        event.spots = [(relation, memory.resolve(phrase, event)) for relation, phrase in event.spots]
        memory.note(event)


class _Memory:
    """The last thing, the last one who acted or was met, and the last animal."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.kinds = invert(language, "pronouns")
        self.last: dict[str, Phrase] = {}

    def resolve(self, phrase: Phrase, event: Event, *, acts: bool = False) -> Phrase:
        kind = self.kinds.get(phrase.head, "")
        if not kind:
            return phrase
        order = {
            "thing": ("animal", "thing", "person") if acts else ("thing", "animal"),
            "person": ("person", "animal"),
        }
        candidates = (self.last.get(name) for name in order.get(kind, ("person", "animal", "thing")))
        taken = [] if acts else [actor.head for actor in event.actors]
        found = next((one for one in candidates if one is not None and one.head not in taken), None)
        return replace(found, words=found.words, start=phrase.start) if found else phrase

    def note(self, event: Event) -> None:
        """Remember the phrases of an event; who acts goes before whom it is done to."""
        spots = [phrase for _, phrase in event.spots]
        for phrase in [*spots, *event.list_phrases(), *event.actors]:
            if phrase.head in self.kinds or phrase.count == 0:
                continue
            name = find_name(phrase.full, self.language)
            if not name.is_actor and phrase in spots and "thing" in self.last:
                continue
            self.last[self._get_kind(name.name, is_actor=name.is_actor)] = phrase

    @staticmethod
    def _get_kind(name: str, *, is_actor: bool) -> str:
        if not is_actor:
            return "thing"
        return "animal" if name in load_animals() else "person"
