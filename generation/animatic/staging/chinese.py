"""Read the events of a Chinese text: clause by clause, first its relative clauses, then what is left."""

from .chinese_chunks import Chunk, build_chunks
from .chinese_words import Word, split_chinese
from .draft import Draft, Event, Phrase
from .names import find_name
from .places import find_place
from .poses import STILL, find_pose
from .tables import invert, load_set

EXISTING = ("有", "是")


def read_chinese(text: str) -> Draft:
    """Return the events of a text."""
    return _Reader(split_chinese(text)).read()


def _is_place(phrase: Phrase) -> bool:
    return find_place(phrase, "zh") is not None and not find_name(phrase.full, "zh").is_actor


class _Reader:
    """Reads one clause after the other; a clause without a subject keeps the actors of the one before."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.draft = Draft(steps=len(words))
        self.actors: list[Phrase] = []
        self.turn = ""
        self.is_sentence_start = True

    def read(self) -> Draft:
        clause: list[Word] = []
        start = 0
        for word in [*self.words, Word("。", "break", 0)]:
            if word.tag not in ("break", "turn"):
                clause.append(word)
                continue
            if word.tag == "turn" and self._goes_on(clause):
                self.turn = self.turn or word.text  # 湖面突然结冰
                continue
            if clause:
                self._read_clause(clause, start)
            if word.tag == "turn":
                start = word.start if not self.turn else start
                self.turn = self.turn or word.text
            else:
                start = word.start + 1 if clause else start
                if word.text not in ("，", ",", "、"):
                    self.is_sentence_start, self.turn = True, ""
            clause = []
        return self.draft

    @staticmethod
    def _goes_on(clause: list[Word]) -> bool:
        """Return whether a turn word stands inside a clause, between its subject and its verb."""
        return bool(clause) and not any(word.tag in ("verb", "nobody") for word in clause)

    def _read_clause(self, words: list[Word], start: int) -> None:
        when = next((word for word in reversed(words[-2:]) if word.tag == "when"), None)
        if when is not None:
            self.turn = self.turn or when.text
        chunks = build_chunks([word for word in words if word.tag != "when"])
        nobody = next((word for word in words if word.tag == "nobody"), None)
        chunks = self._take_details(chunks, goes_on=not self.is_sentence_start or nobody is not None)
        clause = _Clause(self.draft, list(self.actors), self.turn, start)
        if nobody is not None:
            clause.subject = [Phrase("人", nobody.text, 0, start=nobody.start)]
        clause.is_negative = any(chunk.kind == "negative" for chunk in chunks)
        clause.read(chunks)
        self.actors = clause.get_actors() or self.actors
        if clause.is_finished:
            self.turn = ""
        self.is_sentence_start = False

    # relative clauses

    def _take_details(self, chunks: list[Chunk], *, goes_on: bool) -> list[Chunk]:
        """Return the chunks without relative clauses and owners, which are read on their own.

        ``goes_on``: the clause may take over its subject, so that its first verb may be the main one.
        """
        at = next((n for n, chunk in enumerate(chunks) if chunk.kind == "of"), -1)
        while at >= 0:
            head = next((n for n in range(at + 1, len(chunks)) if chunks[n].kind == "noun"), -1)
            if head < 0 or at == 0:
                chunks = chunks[:at] + chunks[at + 1 :]
            else:
                first = self._find_detail(chunks, at, head, goes_on=goes_on)
                chunks = self._cut_detail(chunks, first, at, head)
            at = next((n for n, chunk in enumerate(chunks) if chunk.kind == "of"), -1)
        return chunks

    def _find_detail(self, chunks: list[Chunk], of: int, head: int, *, goes_on: bool) -> int:
        """Return where the words begin that say more about the noun after 的; ``of`` itself if only a noun does."""
        verbs = [n for n in range(of) if chunks[n].kind == "verb"]
        if not verbs or (chunks[of - 1].relation and chunks[head].relation and chunks[of - 1].kind == "noun"):
            return of
        first = verbs[0]
        has_subject = any(
            chunk.kind == "noun" and not chunk.relation
            for chunk in chunks[:first]
            if not self._is_marked(chunks, chunk)
        )
        has_verb_behind = any(chunk.kind == "verb" for chunk in chunks[head:])
        leading = chunks[verbs[-1] - 1].kind if verbs[-1] else ""
        if leading in ("coverb", "and", "count") and verbs[-1] != of - 1:
            return verbs[-1]  # 与骑骆驼的客人
        if len(verbs) == 1:
            if first == of - 1:
                is_state = bool(chunks[head].relation) and has_verb_behind
                is_state = is_state and find_pose(chunks[first].text, "", "zh") == STILL
                return first if is_state else self._find_subject(chunks, first)  # 从着火的楼里
            if has_subject or (goes_on and not has_verb_behind):
                return of
            return 0
        if has_subject or (goes_on and not has_verb_behind):
            return self._find_inner_detail(chunks, of, verbs)
        return 0

    @staticmethod
    def _find_inner_detail(chunks: list[Chunk], of: int, verbs: list[int]) -> int:
        """Return where a relative clause begins behind the verbs of its sentence."""
        last = verbs[-1]
        if last - 1 in verbs:
            return last  # 骑着自行车穿过开满花的田野
        if chunks[last].relation and chunks[of - 1].kind == "noun" and last - 1 != verbs[0]:
            return of  # 骑电动车冲过积水的街口
        return verbs[0] + 1

    @staticmethod
    def _is_marked(chunks: list[Chunk], chunk: Chunk) -> bool:
        at = chunks.index(chunk)
        return at > 0 and chunks[at - 1].kind == "coverb"

    @staticmethod
    def _find_subject(chunks: list[Chunk], verb: int) -> int:
        """Return where a relative clause begins whose verb stands right before 的: 他画的马, 被大家忘记的男孩."""
        at = verb
        while at and chunks[at - 1].kind in ("negative", "noun", "coverb"):
            at -= 1
        return at

    def _cut_detail(self, chunks: list[Chunk], first: int, of: int, head: int) -> list[Chunk]:
        noun = chunks[head].phrase
        assert noun is not None
        counted = next((chunk.phrase for chunk in chunks[first:of] if chunk.kind == "count"), None)
        if counted is not None and noun.count == 1 and first == 0:
            noun.count = counted.count
        if first == of:  # an owner or a place: 农夫的面包, 柜台后面的纸箱
            left = chunks[of - 1]
            if left.kind != "noun" or left.phrase is None:
                return chunks[:of] + chunks[of + 1 :]
            if left.relation or _is_place(left.phrase):
                return self._keep_place(chunks, of, head)
            noun.owner = left.phrase.head
            return chunks[: of - 1] + chunks[of + 1 :]
        clause = _Clause(self.draft, [], "", chunks[first].start)
        clause.head = noun
        clause.read([chunk for chunk in chunks[first:of] if chunk.kind != "count"])
        return chunks[:first] + chunks[of + 1 :]

    def _keep_place(self, chunks: list[Chunk], of: int, head: int) -> list[Chunk]:
        """Return the chunks with the place before 的 as a place of its own."""
        left = chunks[of - 1]
        if chunks[head].relation and of > 1 and chunks[of - 2].kind == "coverb":
            return [*chunks[:of], chunks[of - 2], *chunks[of + 1 :]]
        if of > 1 and chunks[of - 2].kind == "verb" and not chunks[head].relation:
            if left.relation:  # 走向树下的女孩
                return chunks[: of - 1] + chunks[of + 1 :]
            left.relation = "in"  # 爬出城堡的窗户
            return [*chunks[: of - 2], left, chunks[of - 2], *chunks[of + 1 :]]
        left.relation = left.relation or "in"
        return chunks[:of] + chunks[of + 1 :]


class _Clause:
    """Reads the chunks of one clause. ``head``: whom a relative clause is about."""

    def __init__(self, draft: Draft, actors: list[Phrase], turn: str, start: int) -> None:
        self.draft = draft
        self.before = actors
        self.turn = turn
        self.start = start
        self.subject: list[Phrase] = []
        self.hold = Event()
        self.event: Event | None = None
        self.mark = self.mark_word = ""
        self.head: Phrase | None = None
        self.is_joined = self.is_negative = self.is_passive = self.is_finished = False
        self.shown: list[Phrase] = []
        self.is_after_spot = False
        self.pending: Phrase | None = None

    def get_actors(self) -> list[Phrase]:
        if self.shown:
            return self.shown
        if self.event is None:
            return self.subject
        if self.event.is_passive and self.event.object is not None:
            return [self.event.object]
        return self.event.actors

    def read(self, chunks: list[Chunk]) -> None:
        for at, chunk in enumerate(chunks):
            following = chunks[at + 1] if at + 1 < len(chunks) else None
            if chunk.kind == "verb":
                self._add_verb(chunk, following)
                self.is_after_spot = False
            elif chunk.kind == "coverb":
                self._add_mark(chunk)
            elif chunk.kind == "and":
                self.is_joined = True
            elif chunk.kind == "noun" and chunk.phrase is not None:
                self._add_noun(chunk, chunk.phrase, following)
        self._finish()

    def _add_mark(self, chunk: Chunk) -> None:
        mark = invert("zh", "coverbs")[chunk.text]
        if mark == "passive":
            self.is_passive = True
            for phrase in self.subject or ([self.head] if self.head else []):
                self.hold.put("object", phrase)
            self.subject = []
        self.mark, self.mark_word = mark, chunk.text

    def _add_verb(self, chunk: Chunk, following: Chunk | None) -> None:
        if self._completes(chunk, following):
            return
        event, self.hold = self.hold, Event()
        event.verb, event.words, event.turn = chunk.text, chunk.text, self.turn
        event.start, event.is_negative, event.is_passive = self.start, self.is_negative, self.is_passive
        event.has_subject = bool(self.subject or self.is_passive or self.head)
        event.is_detail = self.head is not None
        if self.event is not None:
            event.is_bound = True
            event.has_subject = True
        if self._is_there(chunk, following):
            event.spots += self._take_last_spot()
        elif not event.actors and not self.is_passive:
            event.actors = self._choose_actors(event)
        self.draft.events.append(event)
        self.event, self.subject, self.turn, self.is_finished = event, [], "", True
        self.mark = chunk.relation
        self.is_passive = self.is_joined = False

    def _is_there(self, chunk: Chunk, following: Chunk | None) -> bool:
        """Return whether a verb says that somebody is there, and its actor follows: 桥上站着一个人."""
        if self.subject or self.head or not chunk.has_aspect or chunk.relation or not self.is_after_spot:
            return False
        return following is not None and following.kind in ("noun", "count")

    def _take_last_spot(self) -> list[tuple[str, Phrase]]:
        return [self.event.spots.pop()] if self.event is not None and self.event.spots else []

    def _completes(self, chunk: Chunk, following: Chunk | None) -> bool:
        """Return whether a verb only completes the one before it (修好), or says that something is there (有)."""
        event = self.event
        is_empty = all(phrase.count == 0 for phrase in self.subject)
        if chunk.text in EXISTING and (is_empty or chunk.text == "是"):
            self.mark = "exist"
            return True
        is_right_after = event is not None and not (event.object or event.spots or event.receiver) and not self.mark
        if event is not None and is_right_after and not chunk.relation and len(event.verb) + len(chunk.text) <= 3:
            event.verb += chunk.text if len(event.verb) == 1 else ""
            event.words = event.verb
            return True
        return False

    def _choose_actors(self, event: Event) -> list[Phrase]:
        if self.subject:
            if self.head is not None:
                event.put("object", self.head)
            return self.subject
        if (
            self.event is not None
            and self.pending is not None
            and self.event.verb in load_set("zh", "lists", "causing")
        ):
            return [self.pending]
        if self.head is not None:
            return [self.head]
        if self.event is not None:
            return self.get_actors()
        return self.before

    def _add_noun(self, chunk: Chunk, phrase: Phrase, following: Chunk | None) -> None:
        mark, self.mark = self.mark, ""
        is_actor = find_name(phrase.full, "zh").is_actor
        if mark in ("object", "tool", "partner", "receiver", "toward"):
            is_before_verb = following is not None and following.kind == "verb" and self.mark_word != "给"
            target = self.hold if self.event is None or is_before_verb else self.event
            self._put_marked(mark, phrase, chunk, target, is_actor=is_actor)
        elif mark == "passive":
            self.hold.actors.append(phrase)
        elif mark == "exist":
            self._show(phrase, chunk)
        elif mark == "note":
            self.draft.unread.append(phrase.words)
        elif (
            mark in ("to", "out")
            and self.event is not None
            and not (chunk.relation or (is_actor and mark == "to") or find_place(phrase, "zh"))
        ):
            self.event.put("object", phrase)  # 捡到一朵花
        elif mark or chunk.relation:
            self.is_after_spot = True
            self._add_spot(mark, chunk, phrase)
        elif self.event is None:
            self._add_subject(phrase, is_actor=is_actor)
        else:
            self._add_object(phrase, is_actor=is_actor)
        self.is_joined = False

    def _add_subject(self, phrase: Phrase, *, is_actor: bool) -> None:
        """Add a noun before the verb. Of several that are not joined, a thing does not replace somebody."""
        if self.is_joined or not self.subject:
            self.subject = [*self.subject, phrase]
        elif any(find_name(one.full, "zh").is_actor for one in self.subject) and not is_actor:
            self.hold.things.append(phrase)
        else:
            self.hold.spots += [("in", one) for one in self.subject if _is_place(one)]
            self.subject = [phrase]

    def _put_marked(self, mark: str, phrase: Phrase, chunk: Chunk, target: Event, *, is_actor: bool) -> None:
        if mark == "toward":
            mark = "receiver" if is_actor else "to"
        if mark == "to":
            target.spots.append((chunk.relation or "to", phrase))
        elif mark in ("receiver", "partner") and not is_actor:
            target.put("object" if mark == "receiver" else "partner", phrase)
        else:
            target.put(mark, phrase)

    def _add_spot(self, mark: str, chunk: Chunk, phrase: Phrase) -> None:
        """Add a place: 在树下, 从箱子里, 穿过山谷. What 走过 and 从 say goes before 里 and 上."""
        relation = mark if mark in ("through", "from", "out") else chunk.relation or mark
        if mark == "to" and find_name(phrase.full, "zh").is_actor and not chunk.relation:
            relation = "to"
        if self.event is None:
            self.hold.spots.append((relation, phrase))
        else:
            self.event.spots.append((relation, phrase))

    def _show(self, phrase: Phrase, chunk: Chunk) -> None:
        """Add somebody or something that is there: 院子里有一只猫."""
        if chunk.relation:
            self.hold.spots.append((chunk.relation, phrase))
            return
        event = Event(actors=[phrase], spots=self.hold.spots, turn=self.turn, start=self.start)
        self.draft.events.append(event)
        self.hold, self.shown, self.turn, self.is_finished = Event(), [phrase], "", True
        self.subject, self.before = [], [phrase]

    def _add_object(self, phrase: Phrase, *, is_actor: bool) -> None:
        event = self.event
        assert event is not None
        is_there = not event.actors and event.spots and not event.object and not self.head  # 桥上站着一个人
        if is_there:
            event.actors.append(phrase)
        elif event.object is not None and event.verb[:1] in load_set("zh", "lists", "giving") and not self.is_joined:
            if event.receiver is None:
                event.receiver, event.object = event.object, phrase
            else:
                event.things.append(phrase)
        else:
            event.put("object", phrase)
        self.pending = phrase if is_actor else None

    def _raise_detail(self, rest: Event) -> bool:
        """Make the relative clause of a lone noun its act: 打瞌睡的上班族. Return whether there is one."""
        detail = self.draft.events[-1] if self.draft.events else None
        is_own = detail is not None and detail.is_detail and bool(self.subject) and detail.actors == self.subject
        if detail is None or not is_own or rest.list_phrases():
            return False
        detail.is_detail, detail.turn = False, self.turn
        detail.spots += rest.spots
        self.event, self.is_finished = detail, True
        return True

    def _finish(self) -> None:
        """Add what was named without a verb."""
        rest = self.hold
        if self.event is None and self.head is None:
            rest.spots += [("in", one) for one in self.subject if _is_place(one)]
            self.subject = [one for one in self.subject if not _is_place(one)]
        if self.event is not None:
            self.event.spots += rest.spots
            return
        if self.head is not None or self.shown:
            return
        if self._raise_detail(rest):
            return
        if not self.subject and not rest.list_phrases() and self.draft.events and rest.spots:
            self.draft.events[-1].spots += rest.spots
        elif self.subject or rest.spots:
            rest.actors, rest.turn, rest.start = self.subject, self.turn, self.start
            self.draft.events.append(rest)
            self.is_finished = any(
                find_name(one.full, "zh").is_actor or not find_place(one, "zh") for one in self.subject
            )
