"""Read the events of a Japanese text: nouns wait with their particles until a verb comes."""

import re

from ..storyboard.measures import list_seats
from .draft import Draft, Event, Phrase
from .japanese_words import Piece, cut_japanese
from .model import SEVERAL
from .names import find_name
from .places import find_place, find_shop
from .poses import STILL, find_pose
from .tables import invert, load_set

PASSIVE = re.compile(r"られ|[かがさざただなばまわ]れ(?:る|た|て|、|$)")
NEGATIVE = re.compile(r"ない|なかった|ません|ずに?$")
KANA_ONLY = re.compile("[\u3041-\u3093]+")
SURU = re.compile("(?:し(?!ゃ)|する)")
RIDING = ("乗", "またが", "跨")
CONTINUES = ("noun", "count", "adjective")


def read_japanese(text: str) -> Draft:
    """Return the events of a text."""
    return _Reader(cut_japanese(text)).read()


class _Reader:
    """Reads one piece after the other. ``topic``: who は leads to, who also acts in later clauses."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.draft = Draft(steps=len(pieces))
        self.at = 0
        self.start = 0
        self.turn = ""
        self.count = 0
        self.topic: list[Phrase] = []
        self.new_topic = False
        self.head_of: Event | None = None
        self.begin()

    def begin(self) -> None:
        """Start to collect the nouns of the next verb."""
        self.event = Event()
        self.joined: list[Phrase] = []
        self.goals: list[Phrase] = []
        self.owner = ""
        self.owner_phrase: Phrase | None = None

    def read(self) -> Draft:
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.kind == "noun":
                self._read_noun(piece)
            elif piece.kind == "nobody":
                self._read_nobody(piece)
            elif piece.kind == "verb":
                self._read_verb(piece)
            elif piece.kind == "count":
                self._read_count(piece)
            elif piece.kind == "adverb" and piece.text in load_set("ja", "tags", "turn"):
                self.turn = piece.text
            elif piece.kind == "break":
                self._name_owner()
                if "。" in piece.text:
                    self._finish()
        self._finish()
        return self.draft

    def _peek(self, ahead: int = 0) -> Piece:
        index = self.at + ahead
        return self.pieces[index] if index < len(self.pieces) else Piece("break", "。", 0)

    def _skip(self, particle: str) -> None:
        if self._peek().kind == "particle" and self._peek().text == particle:
            self.at += 1

    def _read_count(self, piece: Piece) -> None:
        """Read a number: of the next noun, or of the people before の (軽音部の五人が)."""
        if self.owner and self._peek().text in ("が", "は", "も") and find_name(self.owner, "ja").is_actor:
            phrase = Phrase(self.owner, piece.text, piece.count, start=piece.start)
            self.owner = ""
            self.at += 1
            self._place(phrase, self.pieces[self.at - 1].text)
            return
        if piece.text.endswith(("人", "り")) and self._peek().text in ("が", "は", "も", "で"):  # 浴衣の二人が
            self.owner = ""
            self._skip("で")
            self._place(Phrase("人", piece.text, piece.count, start=piece.start), self._take_particle("が"))
            return
        self.count = piece.count
        self._skip("の")

    def _take_particle(self, default: str) -> str:
        """Return the particle that comes next and step over it; ``default`` if there is none."""
        if self._peek().kind != "particle":
            return default
        self.at += 1
        return self.pieces[self.at - 1].text

    # nouns

    def _build_phrase(self, piece: Piece) -> Phrase:
        """Return the noun of a piece: without たち, with its number before or after it."""
        head, count, start = piece.text, self.count, piece.start
        if self._peek().kind == "plural":
            self.at += 1
            count = count or SEVERAL
        if head in ("みんな", "皆", "人々", "彼ら"):
            count = SEVERAL
        if self._peek().kind == "count" and self._peek(1).kind == "particle":
            count = self._peek().count
            self.at += 1
        self.count = 0
        count = count or (2 if head in load_set("ja", "lists", "pairs") else 1)
        phrase = Phrase(head, piece.text, count, owner=self.owner, start=start)
        self.owner = ""
        return phrase

    def _read_noun(self, piece: Piece) -> None:
        phrase = self._build_phrase(piece)
        self._set_head(phrase)
        following = self._peek()
        if following.kind == "particle":
            self.at += 1
            self._place(phrase, following.text)
        elif following.kind in ("break", "adverb"):
            self._name(phrase)

    def _set_head(self, phrase: Phrase) -> None:
        """Give the relative clause before a noun its noun: 傘をなくした少女."""
        event, self.head_of = self.head_of, None
        if event is None:
            return
        if not event.actors and not event.is_passive:
            event.actors.append(phrase)
            for before in reversed(self.draft.events[:-1]):  # 泣きながら手紙を読む少女
                if before.actors or before.is_passive:
                    break
                before.actors = [phrase]
        elif event.object is None and not find_place(phrase, "ja"):
            event.object = phrase

    def _name_owner(self) -> None:
        """Keep the noun before a の that leads to nothing: 手紙を読む少女のアップ."""
        phrase, self.owner_phrase = self.owner_phrase, None
        if phrase is not None and self.owner == phrase.head:
            self.owner = ""
            self._name(phrase)

    def _name(self, phrase: Phrase) -> None:
        """Keep a noun without a particle: 侍と鬼、"""
        if find_place(phrase, "ja") and not find_name(phrase.full, "ja").is_actor:
            self.event.spots.append(("in", phrase))
        elif not self.event.actors or find_name(phrase.full, "ja").is_actor:
            beings = [one for one in self.event.actors if find_name(one.full, "ja").is_actor]
            self.event.things += [one for one in self.event.actors if one not in beings]  # 桜、少女
            self.event.actors = [*beings, *self.joined, phrase]
            self.joined = []
        else:
            self.event.things.append(phrase)

    def _place(self, phrase: Phrase, particle: str) -> None:
        """Put a noun with its particle into its slot."""
        plain = particle[:-1] if len(particle) > 1 and particle[-1] in "はも" else particle
        kind = invert("ja", "particles").get(plain, "")
        if kind == "of":
            self._place_of(phrase)
        elif kind == "actor":
            self._add_actor(phrase, plain)
        elif kind == "list" or (kind == "with" and self._joins()):
            self.joined.append(phrase)
        elif kind == "with":
            self.event.put("partner", phrase)
        elif kind == "object":
            self._add_object(phrase)
        elif kind in ("from", "to"):
            phrase.side = plain
            self.event.spots.append((kind, phrase))
        elif plain == "で":
            self._add_means(phrase)
        elif plain == "に":
            self.goals.append(phrase)

    def _joins(self) -> bool:
        """Return whether the noun after と acts or suffers the same."""
        ahead = 0
        while self._peek(ahead).kind in ("count", "adjective") or self._peek(ahead).text == "の":
            ahead += 1
        return self._peek(ahead).kind == "noun" and self._peek(ahead + 1).text in (
            "が",
            "は",
            "も",
            "を",
            "と",
            "、",
            "の",
        )

    def _place_of(self, phrase: Phrase) -> None:
        """Read a noun before の: its side (の上に), or what the next noun belongs to."""
        side = self._peek()
        if side.text == "ため":
            self.at += 1
            self._skip("に")
            self.event.put("partner", phrase)
            return
        if self._count_of(phrase, side):
            return
        is_place = find_place(phrase, "ja") or find_shop(phrase, "ja")
        if find_name(side.text, "ja").is_actor and is_place:
            self.event.spots.append(("in", phrase))  # 海の底の人魚
        relation = invert("ja", "relations").get(side.text, "") if side.kind == "noun" else ""
        after = self._peek(1)
        if relation and (
            after.kind == "break" or after.text in ("に", "で", "へ", "を", "から", "まで", "の", "には", "では", "は")
        ):
            self.at += 1 if after.kind == "break" else 2
            phrase.side = f"の{side.text}"
            if after.text in ("から", "まで", "へ") and relation not in ("on", "in"):
                relation = invert("ja", "particles")[after.text]
            self.event.spots.append((relation, phrase))
            return
        if self._leads_to_thing(phrase):
            self.event.spots.append(("in", phrase))  # 図書館の高い棚
        self.owner, self.owner_phrase = phrase.head, phrase

    def _count_of(self, phrase: Phrase, side: Piece) -> bool:
        """Read アヒルの親子, 狼の群れ: the animal and how many there are. Return whether that is meant."""
        pairs = load_set("ja", "lists", "pairs")
        if side.text not in pairs | load_set("ja", "lists", "groups") or self._peek(1).kind != "particle":
            return False
        if phrase.count == 1:
            phrase.count = 2 if side.text in pairs else SEVERAL
        self.at += 2
        self._place(phrase, self.pieces[self.at - 1].text)
        return True

    def _leads_to_thing(self, phrase: Phrase) -> bool:
        """Return whether a place before の holds the next noun, which is no place itself."""
        if find_place(phrase, "ja") is None or find_name(phrase.full, "ja").is_actor:
            return False
        ahead = next((piece for piece in self.pieces[self.at : self.at + 3] if piece.kind != "adjective"), None)
        if ahead is None or ahead.kind != "noun" or ahead.text in invert("ja", "relations"):
            return False
        noun = Phrase(ahead.text, ahead.text)
        name = find_name(ahead.text, "ja")
        return bool(name.name) and not name.is_actor and find_place(noun, "ja") is None

    def _add_actor(self, phrase: Phrase, particle: str) -> None:
        actors = [*self.joined, phrase]
        self.joined = []
        if particle == "は":
            self.topic, self.new_topic = actors, True
        else:
            self.event.actors += actors

    def _add_object(self, phrase: Phrase) -> None:
        verb = next((piece.text for piece in self.pieces[self.at :] if piece.kind == "verb"), "")
        is_path = verb.startswith(tuple(load_set("ja", "lists", "motion"))) and find_place(phrase, "ja") is not None
        if is_path:
            phrase.side = "を"
            self.event.spots.append(("through", phrase))
            return
        for one in (*self.joined, phrase):
            self.event.put("object", one)
        self.joined = []

    def _add_means(self, phrase: Phrase) -> None:
        phrase.side = "で"
        name = find_name(phrase.full, "ja")
        if find_shop(phrase, "ja") or (find_place(phrase, "ja") and not name.is_actor):
            self.event.spots.append(("in", phrase))
        elif name.name in list_seats():
            self.event.spots.append(("on", phrase))  # ベンチで
        else:
            self.event.put("tool", phrase)

    def _read_nobody(self, piece: Piece) -> None:
        if self._peek().kind == "particle":
            self.at += 1
        self.event.actors = [Phrase("誰", piece.text, 0, start=piece.start)]

    # verbs

    def _read_verb(self, piece: Piece) -> None:
        if self._helps(piece) or self._says_nothing(piece):
            return
        event = self.event
        event.verb = event.words = piece.text
        event.start, event.turn = self.start, self.turn
        event.is_passive = bool(PASSIVE.search(piece.text))
        event.is_negative = bool(NEGATIVE.search(piece.text)) and not any(actor.count == 0 for actor in event.actors)
        if piece.text in load_set("ja", "lists", "existing"):
            event.verb = ""
        self._read_done(event)
        self._place_goals(event)
        self.turn = ""
        if self._is_detail(piece):
            self._add_detail(event)
        else:
            self._add_event(event, piece)

    @staticmethod
    def _read_done(event: Event) -> None:
        """Take the noun before する as the verb: あくびをしている, 釣りをする."""
        done = event.object
        if done is not None and SURU.match(event.verb) and not find_name(done.full, "ja").is_actor:
            event.verb = event.words = done.head
            event.object = event.things.pop(0) if event.things else None

    def _helps(self, piece: Piece) -> bool:
        """Return whether a verb only helps the one before it: 降りて来る."""
        before = self.pieces[self.at - 2] if self.at > 1 else piece
        is_helper = piece.text.startswith(tuple(load_set("ja", "lists", "helpers")))
        return before.kind == "verb" and before.text.endswith(("て", "で")) and not before.link and is_helper

    def _says_nothing(self, piece: Piece) -> bool:
        """Return whether kana without a noun are no known verb, but a mood: のどか."""
        is_alone = not (self.event.actors or self.event.spots or self.event.list_phrases() or self.goals)
        return is_alone and bool(KANA_ONLY.fullmatch(piece.text)) and find_pose(piece.text, "", "ja") == STILL

    def _place_goals(self, event: Event) -> None:
        """Put the nouns with に into their slots, which the verb decides."""
        for phrase in self.goals:
            if phrase.head in invert("ja", "relations"):
                continue  # 隣に止まる
            is_actor = find_name(phrase.full, "ja").is_actor
            if event.is_passive and not event.list_phrases():
                event.actors, suffering = [phrase], event.actors or self.topic or self._get_last_actors()
                for one in suffering:
                    event.put("object", one)
            elif is_actor and event.verb.startswith(RIDING):
                event.put("object", phrase)
            elif event.words.startswith(tuple(load_set("ja", "lists", "giving"))):
                event.put("receiver", phrase)
            else:
                phrase.side = "に"
                event.spots.append((self._choose_relation(event, phrase, is_actor=is_actor), phrase))

    @staticmethod
    def _choose_relation(event: Event, phrase: Phrase, *, is_actor: bool) -> str:
        if event.verb.startswith(tuple(load_set("ja", "lists", "onto"))):
            return "on"
        return "in" if find_place(phrase, "ja") and not is_actor else "to"

    def _is_detail(self, piece: Piece) -> bool:
        following = self._peek()
        if piece.link or piece.text.endswith(("て", "で", "ながら")) or following.kind not in CONTINUES:
            return False
        return following.text not in ("時", "とき", "間", "頃", "瞬間", "前", "後")

    def _add_detail(self, event: Event) -> None:
        event.is_detail = True
        event.start = self.start
        actors = event.actors
        self.draft.events.append(event)
        self.head_of = event
        self.begin()
        if actors and not self.new_topic and actors[0].count and not event.is_passive and not self._has_actor_ahead():
            self.event.actors, event.actors = actors, []  # 少年が泣いている少女を見つける

    def _has_actor_ahead(self) -> bool:
        """Return whether somebody else acts before the next verb."""
        for piece in self.pieces[self.at :]:
            if piece.kind in ("verb", "break"):
                return False
            if piece.text in ("が", "は", "も"):
                return True
        return False

    def _add_event(self, event: Event, piece: Piece) -> None:
        event.has_subject = bool(event.actors or self.new_topic)
        if not event.actors:
            event.actors = list(self._get_last_actors() if not event.is_passive else [])
        elif self.new_topic and self.topic[0].count and not event.is_passive:
            event.things += self.topic if event.verb else []
        self.draft.events.append(event)
        link = piece.link
        if self._peek().text in ("間", "時", "とき", "頃", "瞬間"):
            self.at += 1
            self._skip("に")
        if link == "まで":
            event.turn = "まで"
        elif link in ("と", "が", "けど", "けれど", "のに"):
            self.turn = link
        elif re.search("たら$|ば$", piece.text):
            self.turn = "たら"
        self.begin()
        self.new_topic = False
        self._advance()

    def _advance(self) -> None:
        """Set where the next clause begins: after the signs that end this one."""
        following = self._peek()
        self.start = following.start + len(following.text) if following.kind == "break" else following.start

    def _get_last_actors(self) -> list[Phrase]:
        if self.new_topic:
            return self.topic
        last = next((one for one in reversed(self.draft.events) if not one.is_detail), None)
        if last is None:
            return self.topic
        return [last.object] if last.is_passive and last.object is not None else last.actors

    def _raise_detail(self, event: Event) -> bool:
        """Make the relative clause of the last noun its act (ギターを弾く女子高生). Return whether there is one."""
        detail = self.draft.events[-1] if self.draft.events else None
        if detail is None or not detail.is_detail or not event.actors or detail.actors != event.actors:
            return False
        detail.is_detail = False
        detail.spots += event.spots
        return not event.list_phrases()

    def _finish(self) -> None:
        """Add what was named without a verb, and start a new sentence."""
        self._name_owner()
        event = self.event
        event.actors = event.actors or (self.topic if self.new_topic else [])
        event.spots += [("in", phrase) for phrase in self.goals]
        if self._raise_detail(event):
            pass
        elif event.actors or event.spots or event.list_phrases():
            event.start, event.turn = self.start, self.turn
            if not event.actors and self.draft.events and not event.list_phrases():
                self.draft.events[-1].spots += event.spots
            else:
                self.draft.events.append(event)
        self.begin()
        self.new_topic, self.turn = False, ""
        self._advance()
