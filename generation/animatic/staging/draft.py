"""What a reader of one language found in a sentence, before words become names, poses and places."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Phrase:
    """A noun with its count. ``head``: the word that is looked up; ``words``: all of it, as in the sentence.

    ``before``: the words before the head that may belong to its name, such as the goods of a shop. ``owner``: whose it
    is. ``side``: the words that tell where it places something ("at", 上). ``start``: where it begins in the text.
    """

    head: str
    words: str = ""
    count: int = 1
    before: str = ""
    owner: str = ""
    start: int = 0
    side: str = ""

    @property
    def full(self) -> str:
        return f"{self.before} {self.head}" if self.before else self.head


@dataclass(slots=True)
class Event:
    """One verb and its phrases. ``verb``: the form that is looked up, "" for a sentence without one.

    ``pose``: the pose that its place asks for instead of that of the verb: who rides a train sits in it.
    ``things``: phrases in no other slot. ``turn``: the word that leads to it, such as "until". ``start``: where its
    clause begins in the text. ``is_detail``: a relative clause. ``is_bound``: it goes on with the event before.
    ``has_subject``: its clause names who acts, and does not take them over from the one before.
    """

    verb: str = ""
    words: str = ""
    pose: str = ""
    actors: list[Phrase] = field(default_factory=list)
    object: Phrase | None = None
    tool: Phrase | None = None
    partner: Phrase | None = None
    receiver: Phrase | None = None
    spots: list[tuple[str, Phrase]] = field(default_factory=list)
    things: list[Phrase] = field(default_factory=list)
    turn: str = ""
    start: int = 0
    is_detail: bool = False
    is_bound: bool = False
    is_negative: bool = False
    is_passive: bool = False
    has_subject: bool = True

    def put(self, slot: str, phrase: Phrase) -> None:
        """Put a phrase into a slot; if the slot is taken, among the things."""
        if getattr(self, slot) is None:
            setattr(self, slot, phrase)
        else:
            self.things.append(phrase)

    def list_phrases(self) -> list[Phrase]:
        """Return the phrases of all slots except actors and spots."""
        slots = (self.object, self.tool, self.partner, self.receiver)
        return [phrase for phrase in slots if phrase is not None] + self.things


@dataclass(slots=True)
class Draft:
    """The events of a text in its order, and the phrases that no rule could place. ``steps``: words looked at."""

    events: list[Event] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    steps: int = 0
