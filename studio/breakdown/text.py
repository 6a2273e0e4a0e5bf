"""Break any text down into scenes and characters: an idea by beats, a longer text by its sentences or headings."""

from studio.breakdown import looks, parser
from studio.breakdown.beats import count_own_sentences, find_longest_idea, tell_idea
from studio.breakdown.cast import MAX_TEXT, Member, find_cast, mentions
from studio.breakdown.grammar import load_grammar
from studio.breakdown.mood import choose_mood
from studio.breakdown.places import name_place
from studio.parsing.drafts import CharacterDraft, ParsedText
from studio.parsing.vocabulary import detect_language


def break_down(text: str, *, scenes: int = 5, seconds: int = 0) -> ParsedText:
    """Return the scenes, characters and mood of a text. ``scenes``: how many an idea gets (a key of PLANS).
    ``seconds``: the length of each scene of an idea, 0 to estimate them.

    Raises Unreadable if the text has no scenes.
    """
    text = parser.normalize_text(text)
    kind = parser.detect_format(text)
    if kind not in ("idea", "prose") or not _is_idea(text, scenes):
        found = fix_looks(_find_places(parser.parse_text(text), text), text)
        found.mood = choose_mood(text)
        return found
    title, shots, people = tell_idea(text, scenes)
    for shot in shots:
        shot.seconds = seconds
    shots = parser.complete_scenes(shots, detect_language(text))
    return ParsedText("idea", shots, title, people, mood=choose_mood(text))


def _is_idea(text: str, scenes: int) -> bool:
    is_short = len(text) <= parser.MAX_IDEA and "\n\n" not in text.strip()
    return is_short and count_own_sentences(text) <= find_longest_idea(scenes)


def _find_places(found: ParsedText, text: str) -> ParsedText:
    """Give each scene of a prose text the place that its sentences name, or that of the scene before."""
    if found.format != "prose":
        return found
    grammar, place = load_grammar(detect_language(text)), ""
    for shot in found.shots:
        shot.place = place = shot.place or name_place(shot.action, grammar) or place
    return found


def fix_looks(found: ParsedText, text: str) -> ParsedText:
    """Give the characters of a text their kind and colours, and add those without a name who come back."""
    cast = find_cast(text[:MAX_TEXT], load_grammar(detect_language(text))).members
    known = {member.name.casefold(): member for member in cast}
    for number, person in enumerate(draft for draft in found.people if draft.kind == "person"):
        member = known.get(person.name.casefold()) or _find_member(person.description, text)
        if member and member.kind == "animal":
            person.kind, person.colours = "animal", list(member.colours)
            person.description = person.description or member.description
        else:
            person.colours = person.colours or looks.choose_person_colours(number)
    found.people = [*_find_unnamed(found, cast), *found.people]
    return found


def _find_member(description: str, text: str) -> Member | None:
    """Return the animal that a description names, such as "a fox with a red scarf"."""
    members = find_cast(description, load_grammar(detect_language(description or text))).members if description else []
    return next((member for member in members if member.kind == "animal"), None)


def _find_unnamed(found: ParsedText, cast: list[Member]) -> list[CharacterDraft]:
    """Return those whom the text calls only "the girl" or "the cat" in at least two scenes, and add them there."""
    names = {draft.name.casefold() for draft in found.people}
    drafts = []
    for member in cast:
        has_description = any(member.noun and member.noun in draft.description for draft in found.people)
        if member.is_known or member.name.casefold() in names or has_description:
            continue
        shots = [shot for shot in found.shots if mentions(f"{shot.action} {shot.speaker}", member)]
        if len(shots) > 1:
            drafts.append(CharacterDraft(member.name, member.kind, member.description, len(shots), member.colours))
            for shot in shots:
                shot.who = [*shot.who, member.name]
    return drafts
