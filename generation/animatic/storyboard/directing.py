"""Choose the camera and the mood of a shot, and write the director's note."""

import re
import unicodedata
from collections.abc import Iterable

from ..staging.model import Named, Staging
from .blocking import MOVING, Blocking
from .panel import CAMERAS, MAX_NOTE

CLOSE_POSES = (
    "hold",
    "give",
    "tend",
    "read",
    "write",
    "embrace",
    "kneel",
    "pray",
    "play",
    "reach",
    "bow",
    "cook",
    "paint",
    "talk",
    "listen",
    "sing",
    "eat",
    "blow",
    "work",
)
TENSE_POSES = ("fight", "run", "fall", "push", "pull", "throw", "kick", "crouch", "sneak")
SOFT_POSES = ("embrace", "sleep", "tend", "read", "sing", "pray")
PAUSE = re.compile(r"(?<=[,;:.!?，；：。！？、…])\s*")
NOTE_COLUMNS = 96  # two lines of the sheet; a Chinese or Japanese character takes two columns


def choose_camera(staging: Staging, blocking: Blocking) -> str:
    """Return the camera that the words ask for; else hold for a turn, pan for a journey, push for a close act."""
    if staging.camera in CAMERAS:
        return staging.camera
    if any(act.is_turn or act.then for act in staging.acts) or any(body.then for body in blocking.figures):
        return "hold"
    poses = {body.pose for body in blocking.figures}
    is_journey = bool(poses & set(MOVING)) and any(spot.relation in ("from", "to", "through") for spot in staging.spots)
    if is_journey or (poses and poses <= set(MOVING)):
        return "pan_left" if staging.facing == "left" else "pan_right"
    is_close = bool(poses & set(CLOSE_POSES)) or (0 < len(blocking.figures) <= 2 and not poses & set(MOVING))
    return "push" if is_close else "hold"


def choose_mood(staging: Staging, blocking: Blocking) -> str:
    poses = {body.pose for body in blocking.figures} | {body.then for body in blocking.figures}
    if staging.weather in ("storm", "sand") or poses & set(TENSE_POSES):
        return "tense"
    return "soft" if poses & set(SOFT_POSES) else "calm"


def write_note(staging: Staging) -> str:
    """Return the sentence, shortened at pauses to two lines. Clauses with something that is not drawn are kept."""
    text = " ".join(staging.text.split())
    clauses = [clause for clause in PAUSE.split(text) if clause.strip()]
    if _count_columns(text) <= NOTE_COLUMNS or len(clauses) < 2:
        return _cut(text)
    untold = [words.casefold() for words in list_untold(staging) if words]
    kept = [n for n, clause in enumerate(clauses) if any(words in clause.casefold() for words in untold)]
    for n in range(len(clauses)):
        columns = sum(_count_columns(clauses[at]) for at in {*kept, n})
        if n not in kept and columns <= NOTE_COLUMNS:
            kept.append(n)
    chosen = [clauses[n] for n in sorted(kept)] or clauses[:1]
    joint = " " if " " in text else ""
    return _cut(joint.join(chosen).rstrip(",;:，；：、 "))


def list_untold(staging: Staging) -> list[str]:
    """Return the words of the sentence that nothing in the picture shows."""
    shown = {spot.named.words for spot in staging.spots} if staging.place else set()  # the place itself
    nameless = [named.words for named in list_named(staging) if not named.name and named.words not in shown]
    details = [act.words for act in staging.details]
    return list(dict.fromkeys(words for words in (*staging.unread, *nameless, *details) if words))


def list_named(staging: Staging) -> Iterable[Named]:
    """Yield everybody and everything that a sentence names, in the order of its acts."""
    for act in staging.acts:
        yield from act.actors
        yield from (named for named in (act.object, act.tool, act.partner, act.receiver) if named is not None)
    yield from (spot.named for spot in staging.spots)
    yield from staging.things


def _count_columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str) -> str:
    """Return the text, cut at a pause or a space if it is longer than a note may be."""
    if len(text) <= MAX_NOTE:
        return text
    beginning = text[: MAX_NOTE - 1]
    pauses = [match.start() for match in PAUSE.finditer(beginning) if match.start() > MAX_NOTE // 2]
    end = pauses[-1] if pauses else beginning.rfind(" ") if " " in beginning[MAX_NOTE // 2 :] else len(beginning)
    return beginning[:end].rstrip(" ,;:，；：、") + "…"
