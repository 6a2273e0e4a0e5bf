"""Tell an idea in scenes: setting, want, obstacle, turn and an image to end on."""

import re
from collections import Counter
from dataclasses import dataclass
from zlib import crc32

from studio.breakdown.cast import Member, find_cast, join_references
from studio.breakdown.grammar import Beat, Grammar, load_grammar
from studio.breakdown.places import Place, find_place, write_heading
from studio.parsing import prose
from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.parsing.vocabulary import detect_language, find_camera, find_time

PLANS: dict[int, tuple[tuple[str, ...], ...]] = {
    4: (("setting", "want"), ("obstacle",), ("turn",), ("ending",)),
    5: (("setting",), ("want",), ("obstacle",), ("turn",), ("ending",)),
    8: (("setting",), ("arrival",), ("want",), ("try",), ("obstacle",), ("low",), ("turn",), ("ending",)),
    12: (
        ("setting",), ("arrival",), ("want",), ("closeup",), ("try",), ("obstacle",), ("reaction",), ("low",),
        ("search",), ("turn",), ("reunion",), ("ending",),
    ),
}  # fmt: skip
FIXED = frozenset({"setting", "arrival", "want", "ending"})  # beats that no sentence of the text replaces
MAX_MAIN = 3  # characters in every scene
AGREEMENT = re.compile(r"\[(?P<many>[^|\]]+)\|(?P<one>[^\]]+)\]")
MAX_TITLE = 60


@dataclass(frozen=True)
class Idea:
    """What an idea says. ``sentences``: (action, line, speaker) of each sentence, with names."""

    grammar: Grammar
    sentences: list[tuple[str, str, str]]
    members: list[Member]
    main: list[Member]
    place: Place
    time: str


def count_own_sentences(text: str) -> int:
    return len(prose.split_sentences(" ".join(text.split())))


def find_longest_idea(scenes: int) -> int:
    """Return how many sentences an idea can have if it is told in this number of scenes."""
    return 1 + sum(not FIXED & set(beats) for beats in PLANS[scenes])


def tell_idea(text: str, scenes: int = 5) -> tuple[str, list[SceneDraft], list[CharacterDraft]]:
    """Return the title, the scenes and the characters of an idea. ``scenes``: a key of PLANS."""
    idea = read_idea(" ".join(text.split()))
    own = iter(idea.sentences[1:])
    shots = []
    for beats in PLANS[scenes]:
        sentence = None if FIXED & set(beats) else next(own, None)
        shots.append(_write_own(idea, sentence) if sentence else _write_beats(idea, beats))
    people = [
        CharacterDraft(member.name, member.kind, member.description, colours=list(member.colours))
        for member in idea.members
    ]
    for person in people:
        person.scenes = sum(person.name in shot.who for shot in shots)
    return _make_title(text), shots, [*people, *_list_places(shots)]


def read_idea(text: str) -> Idea:
    grammar = load_grammar(detect_language(text))
    cast = find_cast(text, grammar)
    sentences = [prose.read_sentence(sentence) for sentence in prose.split_sentences(cast.text)]
    first = " ".join(sentences[0]) if sentences else ""
    main = [member for member in cast.members if _is_mentioned(member, first)] or cast.members
    return Idea(grammar, sentences, cast.members, main[:MAX_MAIN], find_place(text, grammar), find_time(text))


def _is_mentioned(member: Member, text: str) -> bool:
    text = text.casefold()
    return any(word and word.casefold() in text for word in (member.name, member.reference))


def _write_beats(idea: Idea, names: tuple[str, ...]) -> SceneDraft:
    """Write one scene that tells one or two beats."""
    beats = [idea.grammar.beats[name] for name in names]
    action = idea.grammar.text["gap"].join(_write_line(idea, beat) for beat in beats)
    first, line, speaker = beats[0], "", ""
    if "want" in names and idea.sentences:
        _action, line, speaker = idea.sentences[0]
    is_outside = first.is_outside and len(beats) == 1
    return SceneDraft(
        action,
        _heading(idea, is_outside=is_outside),
        first.time or idea.time or "day",
        _list_present(idea, action),
        speaker,
        line,
        first.camera,
    )


def _write_line(idea: Idea, beat: Beat) -> str:
    variants = beat.alone
    if idea.main:
        variants = beat.pair or beat.lines
        if len(idea.main) == 2 and beat.pair:
            variants = (*beat.pair, *beat.lines[:1]) if len(beat.pair) > 1 else beat.pair
        elif len(idea.main) != 2:
            variants = beat.lines
    text = " ".join(sentence[0] for sentence in idea.sentences[:1])
    chosen = variants[crc32(f"{beat.name} {text}".encode()) % len(variants)]
    return _fill(chosen, idea)


def _fill(template: str, idea: Idea) -> str:
    grammar, place = idea.grammar, idea.place
    references = [member.reference for member in idea.main]
    words = {
        "who": join_references(references, grammar),
        "intro": join_references([member.introduction for member in idea.main], grammar),
        "one": references[0] if references else "",
        "other": references[1] if len(references) > 1 else "",
        "place": place.name,
        "outer": place.outer_name,
        "outerat": place.outer_at,
        "over": f"over {place.outer_name}" if grammar.is_spaced else place.outer_name,
        "at": place.at,
        "front": place.front,
        "when": grammar.table["when"].get(idea.time, ""),
        "idea": _write_sentence(idea.sentences[0][0] if idea.sentences else "", idea),
    }
    words |= {name.capitalize(): _capitalize(word) for name, word in words.items()}
    agreed = AGREEMENT.sub(lambda match: match["many" if len(idea.main) > 1 else "one"], template)
    return agreed.format(**words).strip()


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _write_sentence(text: str, idea: Idea) -> str:
    """Return the text as a sentence with an initial capital and a full stop."""
    text = _capitalize(text.strip())
    if not text or text[-1] in ".!?…。！？":
        return text
    return f"{text.rstrip(',，、;；:：')}{idea.grammar.text['title_end'][0]}"


def _write_own(idea: Idea, sentence: tuple[str, str, str]) -> SceneDraft:
    """Write the scene of a sentence of the text, with the characters and the place that it leaves out."""
    action, line, speaker = sentence
    action = _replace_pronoun(action, idea) or idea.grammar.text["speaks"].format(who=speaker or _fill("{who}", idea))
    action = _write_sentence(action, idea)
    present = _list_present(idea, f"{action} {speaker}") or [member.name for member in idea.main]
    if idea.place.inner.casefold() not in action.casefold():
        action = _add_place(action, idea)
    return SceneDraft(
        action, _heading(idea), find_time(action) or idea.time or "day", present, speaker, line, find_camera(action)
    )


def _add_place(action: str, idea: Idea) -> str:
    if not idea.grammar.is_spaced:
        return _fill(idea.grammar.text["here"], idea) + action
    return f"{action.rstrip('.!?…')}, {idea.place.at}."


def _replace_pronoun(action: str, idea: Idea) -> str:
    """Replace a pronoun at the beginning by those it stands for."""
    if not idea.main:
        return action
    gap = r"\b" if idea.grammar.is_spaced else ""
    for pronoun in idea.grammar.text["pronouns"]:
        if re.match(rf"{pronoun}{gap}", action):
            is_many = len(pronoun) > 1 and pronoun not in ("He", "She", "It", "彼女")
            who = join_references([m.reference for m in idea.main], idea.grammar) if is_many else idea.main[0].reference
            return who + action[len(pronoun) :]
    return action


def _heading(idea: Idea, *, is_outside: bool = False) -> str:
    return write_heading(idea.place.outer if is_outside else idea.place.inner, idea.grammar)


def _list_present(idea: Idea, text: str) -> list[str]:
    return [member.name for member in idea.members if _is_mentioned(member, text)]


def _list_places(shots: list[SceneDraft]) -> list[CharacterDraft]:
    counts = Counter(shot.place for shot in shots if shot.place)
    return [CharacterDraft(name, "place", "", count) for name, count in counts.items() if count > 1]


def _make_title(text: str) -> str:
    sentence = _capitalize((prose.split_sentences(" ".join(text.split())) or [text])[0].rstrip(".。!！?？ "))
    if len(sentence) <= MAX_TITLE:
        return sentence
    beginning = sentence[:MAX_TITLE]
    return (beginning.rpartition(" ")[0] if " " in beginning else beginning).rstrip(" ,，、") + "…"
