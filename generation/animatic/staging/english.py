"""Read the events of an English text: its nouns, verbs and prepositions, one after the other."""

from ..storyboard.catalogue import load_sizes
from .draft import Draft, Event, Phrase
from .english_nouns import read_phrase
from .english_tags import Word, tag_words
from .english_words import VERB, is_participle, read_as
from .moments import is_moment
from .names import find_name
from .places import find_place
from .poses import load_verbs
from .tables import invert, load_set

STARTS_PHRASE = ("determiner", "possessive", "number", "adjective", "noun", "plural", "pronoun")
SMALL_METRES = 0.8  # nobody is on or in a smaller thing
LEFT_TO_NOTE = ("of", "about", "like", "as", "without", "during", "instead of", "via", "beyond")
TOGETHER = ("with", "together with", "along with", "using")


def read_english(text: str) -> Draft:
    """Return the events of a text."""
    return _Reader(text).read()


class _Reader:
    """Reads one word after the other. ``mark``: the preposition before the next noun; ``head``: whom a relative clause
    is about, ``outer``: the subject whose verb comes after that clause.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tag_words(text)
        self.at = 0
        self.draft = Draft(steps=len(self.words))
        self.event: Event | None = None
        self.last: Phrase | None = None
        self.subject: list[Phrase] = []
        self.held: list[tuple[str, Phrase]] = []
        self.held_tool: Phrase | None = None
        self.head: Phrase | None = None
        self.outer: list[Phrase] = []
        self.mark, self.turn, self.slot = "", "", ""
        self.begin = 0
        self.has_begun = False
        self.is_joined = self.is_list = self.is_passive = self.is_negative = False

    def read(self) -> Draft:
        handlers = {
            ".": self._end_clause,
            "turn": self._start_clause,
            "clause": self._start_clause,
            "relative": self._start_relative,
            "verb": self._add_verb,
            "be": self._note_passive,
            "negative": self._note_negative,
            "preposition": self._note_mark,
            "to": self._note_mark,
            "and": self._note_joint,
            "nobody": self._add_nobody,
        } | dict.fromkeys(STARTS_PHRASE, self._add_phrase)
        while self.at < len(self.words):
            word = self.words[self.at]
            if not self.has_begun:
                self.begin, self.has_begun = word.start, True
            handler = handlers.get(word.tag)
            self.at += 1
            if handler:
                handler(word)
        self._finish_sentence()
        return self.draft

    # what ends and starts clauses

    def _end_clause(self, word: Word) -> None:
        if word.lower in (",", "(", ")", "—"):
            self.is_list = bool(self.subject) and self.event is None
            if self.event is not None or not self.subject:
                self.has_begun = self.has_begun and self.event is None
                self._leave_event()
            self.mark = ""
            return
        self._finish_sentence()
        self.turn, self.has_begun = "", False

    def _start_clause(self, word: Word) -> None:
        is_adverb = word.lower == "suddenly"
        if not is_adverb or self.event is not None:
            self._add_verbless()
            self._leave_event()
            self.begin, self.has_begun = word.start, True
        if not self.turn or not is_adverb:
            self.turn = word.lower if word.tag == "turn" else ""

    def _leave_event(self) -> None:
        """End the clause of the last verb. The subject of a relative clause waits for its own verb."""
        if self.head is not None and not self.outer:
            self.head = None
        self.event, self.mark, self.is_joined = None, "", False
        self.is_passive = self.is_negative = False

    def _finish_sentence(self) -> None:
        self._add_verbless()
        if self.held and self.draft.events:
            self.draft.events[-1].spots += self.held
        elif self.held:
            self.draft.events.append(Event(spots=self.held, start=self.begin))
        self.held, self.held_tool, self.outer, self.head = [], None, [], None
        self._leave_event()
        self.is_list = False

    def _add_verbless(self) -> None:
        """Add what was named without a verb: "a hedgehog's umbrella shop"."""
        if self.subject and self.event is None:
            event = Event(actors=self.subject, spots=self.held, tool=self.held_tool, turn=self.turn, start=self.begin)
            self.draft.events.append(event)
            self.held, self.held_tool, self.turn = [], None, ""
        elif self.outer and self.event is not None and self.event.is_detail and not self.subject:
            self.draft.events.append(Event(actors=self.outer, start=self.begin))
        self.subject, self.outer = [], []

    def _start_relative(self, word: Word) -> None:
        if self.last is None:
            return
        self.head = self.last
        if self.event is None:
            self.outer = self.subject
        self.subject, self.event, self.mark, self.is_list = [], None, "", False

    # signs for the next word

    def _note_passive(self, word: Word) -> None:
        self.is_passive = True

    def _note_negative(self, word: Word) -> None:
        self.is_negative = True

    def _note_mark(self, word: Word) -> None:
        following = self.words[self.at] if self.at < len(self.words) else None
        is_infinitive = word.tag == "to" and following is not None and following.tag == "verb"
        self.mark = "" if is_infinitive or self._is_particle(word) else word.lower

    def _is_particle(self, word: Word) -> bool:
        """Return whether a preposition right after a verb belongs to it: "dig up a chest"."""
        before = self.words[self.at - 2] if self.at > 1 else word
        following = self.words[self.at].tag if self.at < len(self.words) else "."
        known = f"{before.base} {word.lower}" in load_verbs("en")
        return before.tag == "verb" and known and following in STARTS_PHRASE

    def _note_joint(self, word: Word) -> None:
        self.is_joined = True

    def _add_nobody(self, word: Word) -> None:
        phrase = Phrase("nobody", word.text, 0, start=word.start)
        self.last = phrase
        if self.event is None:
            self.subject = [phrase]

    # verbs

    def _add_verb(self, word: Word) -> None:
        before = self.words[self.at - 2] if self.at > 1 else word
        shape = read_as(word.lower, VERB).shape
        event = Event(word.base, self._read_verb(word), start=self.begin, turn=self.turn, is_negative=self.is_negative)
        event.is_bound = before.tag == "to" or (shape == "ing" and self.event is not None)
        if self.is_joined and self.event is not None:
            event.start = word.start
        self._set_actors(event, word, before, shape)
        event.spots, self.held = self.held, []
        if self.held_tool is not None:
            event.put("tool", self.held_tool)
        self.draft.events.append(event)
        self.event, self.subject, self.held_tool, self.turn, self.slot = event, [], None, "", ""
        self.mark, self.is_joined, self.is_passive, self.is_negative, self.is_list = "", False, False, False, False
        self.begin = event.start

    def _read_verb(self, word: Word) -> str:
        """Return a verb with its particle: "wake up"."""
        following = self.words[self.at] if self.at < len(self.words) else word
        return f"{word.text} {following.text}" if following.lower in load_set("en", "lists", "particles") else word.text

    def _set_actors(self, event: Event, word: Word, before: Word, shape: str) -> None:
        event.has_subject = bool(self.subject or self.outer or self.head)
        actors = self._choose_actors(event, before, shape)
        is_past = shape == "ed" or is_participle(word.lower)
        if self.is_passive and is_past:
            event.is_passive = True
            if actors:
                event.put("object", actors[0])
        else:
            event.actors = list(actors)

    def _choose_actors(self, event: Event, before: Word, shape: str) -> list[Phrase]:
        """Return who does what the verb says."""
        if self.head is not None and (self.event is None or not self.event.is_detail):
            event.is_detail = True
            if self.subject:
                event.put("object", self.head)
            return self.subject or [self.head]
        if self.subject:
            return self.subject
        if self.outer:
            actors, self.outer, self.head = self.outer, [], None
            return actors
        if self.event is not None and shape == "ing" and self.event.object is not None and before.tag != ".":
            event.is_bound = True
            if self.event.object is self.last and find_name(self.last.full, "en").is_actor:
                return [self.last]
        if self.event is not None and self.event.is_detail:
            event.is_detail = True
        return self._get_last_actors()

    def _get_last_actors(self) -> list[Phrase]:
        event = self.event or next((one for one in reversed(self.draft.events) if not one.is_detail), None)
        if event is None:
            return []
        if event.is_passive and event.object is not None:
            return [event.object]
        return event.actors

    # nouns

    def _add_phrase(self, word: Word) -> None:
        phrase, self.at, side = read_phrase(self.words, self.at - 1, self.text)
        if phrase is None:
            return
        mark, self.mark = (side or self.mark), ""
        if is_moment(phrase.words, phrase.full, "en") and not self._does_something(mark):
            return
        if self.event is not None and self._starts_subject(mark):
            self._leave_event()
            self.begin, self.subject = phrase.start, [phrase]
        elif mark:
            self._place_marked(mark, phrase)
        elif self.event is None and self.subject and self.is_passive:  # the boy is a prince
            self.draft.unread.append(phrase.words)
        elif self.event is None:
            self.subject = [*self.subject, phrase] if self.is_joined or self.is_list else [phrase]
        else:
            self._add_object(phrase)
        self.last, self.is_joined = phrase, False

    def _does_something(self, mark: str) -> bool:
        """Return whether a verb follows a noun without a preposition: "the storm tears"."""
        return not mark and self.at < len(self.words) and self.words[self.at].tag == "verb"

    def _starts_subject(self, mark: str) -> bool:
        """Return whether the noun before ``at`` has a verb of its own: "and a woman steps out"."""
        following = [word.tag for word in self.words[self.at : self.at + 3]]
        if mark or not following or self.event is None:
            return False
        while following and following[0] == "adverb":
            following.pop(0)
        leads_to_verb = following[:1] in (["be"], ["auxiliary"]) or (
            following[:1] == ["verb"] and not self._is_gerund()
        )
        has_slots = self.event.object is not None or self.event.spots or self.event.is_detail
        return leads_to_verb and bool(self.is_joined or has_slots) and not self._is_outer_verb()

    def _is_gerund(self) -> bool:
        return read_as(self.words[self.at].lower, VERB).shape == "ing"

    def _is_outer_verb(self) -> bool:
        """Return whether the next verb is that of the subject before a relative clause: "the girl who lost X runs"."""
        return bool(self.outer) and not self.is_joined

    def _add_object(self, phrase: Phrase) -> None:
        event = self.event
        assert event is not None
        if self.is_joined and self.slot.startswith("spot "):
            event.spots.append((self.slot.removeprefix("spot "), phrase))
        elif event.object is not None and event.verb in load_set("en", "lists", "giving") and not self.is_joined:
            if event.receiver is None:
                event.receiver = event.object
                event.object = phrase
            else:
                event.things.append(phrase)
        else:
            event.put("object", phrase)
        self.slot = self.slot if self.is_joined else "object"

    def _place_marked(self, mark: str, phrase: Phrase) -> None:
        """Put a noun with a preposition into its slot."""
        event = self.event
        is_actor = find_name(phrase.full, "en").is_actor
        if mark == "by" and event is not None and event.is_passive:
            event.actors.append(phrase)
        elif mark == "of" and not is_actor and find_place(phrase, "en") is not None:
            self._add_spot("in", phrase)  # the window of a museum
        elif mark in LEFT_TO_NOTE:
            self.draft.unread.append(f"{mark} {phrase.words}")
        elif mark in TOGETHER:
            self._add_company(phrase, is_actor)
        elif mark == "for":
            self._add_purpose(phrase, is_actor)
        elif event is not None and mark == "to" and (self._is_giving(event) or (is_actor and event.object is not None)):
            event.put("receiver" if is_actor else "object", phrase)
        elif event is not None and mark == "at" and self._is_aimed(event, phrase):
            event.put("receiver" if is_actor and event.object is not None else "object", phrase)
        else:
            self._add_spot(mark, phrase)

    @staticmethod
    def _is_aimed(event: Event, phrase: Phrase) -> bool:
        """Return whether "at" leads to what somebody looks at, and not to a place."""
        if phrase.head in load_set("en", "lists", "heavenly"):
            return True
        is_looking = event.verb in load_set("en", "lists", "looking") and event.verb not in ("wait", "fish", "call")
        return is_looking or not find_place(phrase, "en")

    @staticmethod
    def _is_giving(event: Event) -> bool:
        return event.verb in load_set("en", "lists", "giving")

    def _add_company(self, phrase: Phrase, is_actor: bool) -> None:
        if phrase.head in load_set("en", "lists", "parts") | load_set("en", "lists", "worn"):
            self.draft.unread.append(phrase.words)
        elif self.event is not None:
            self.event.put("partner" if is_actor else "tool", phrase)
        elif is_actor:
            self.subject.append(phrase)
        else:
            self.held_tool = phrase

    def _add_purpose(self, phrase: Phrase, is_actor: bool) -> None:
        if self.event is None or phrase.head in load_set("en", "lists", "parts"):
            self.draft.unread.append(phrase.words)
        elif is_actor and self.event.verb not in load_set("en", "lists", "looking"):
            self.event.put("partner", phrase)
        else:
            self.event.put("object", phrase)

    @staticmethod
    def _holds_thing(relation: str, phrase: Phrase) -> bool:
        """Return whether something small carries what is handled: "the candles on his cake"."""
        size = load_sizes().get(find_name(phrase.full, "en").name)
        is_small = size is not None and size.kind in ("hand", "table") and size.metres < SMALL_METRES
        return is_small and relation in ("on", "in", "under", "beside") and find_place(phrase, "en") is None

    def _add_spot(self, mark: str, phrase: Phrase) -> None:
        phrase.side = mark
        relation = invert("en", "relations").get(mark, "")
        is_part = phrase.head in load_set("en", "lists", "parts") | load_set("en", "lists", "worn")
        if not relation or (is_part and not phrase.owner) or phrase.head in ("us", "me", "you"):
            self.draft.unread.append(f"{mark} {phrase.words}")
            return
        if mark == "on" and phrase.full == "fire":  # a house on fire
            self.draft.events.append(Event(things=[phrase], start=phrase.start)) if self.event is None else (
                self.event.things.append(phrase)
            )
            return
        if self.event is None:
            self.held.append((relation, phrase))
            return
        if self.event.object is self.last and self._holds_thing(relation, phrase):
            self.event.things.append(phrase)
            return
        is_moving = self.event.verb in load_set("en", "lists", "path_verbs")
        if mark == "into" and self.event.object is not None and not is_moving:
            relation = "to"  # what is handled goes there, not who does it
        if mark in ("over", "above") and is_moving:
            relation = "through"
        self.event.spots.append((relation, phrase))
        self.slot = f"spot {relation}"
