"""One text in, scenes out: which format it is, what it holds, and how long each shot is."""

import re
import unicodedata

from studio.importing import fountain, people, prose, table
from studio.importing.found import LIMITS, MOST_SCENES, MOST_TEXT, Found, Shot, Unreadable
from studio.importing.headings import is_sign
from studio.importing.markdown import HEADING, ITEM, Paper
from studio.importing.words import language, seconds_for

FORMATS = ("fountain", "markdown", "csv", "prose", "idea")
ENDINGS = {
    "fountain": "fountain",
    "spmd": "fountain",
    "md": "markdown",
    "markdown": "markdown",
    "csv": "csv",
    "tsv": "csv",
}
SPEAKS = {"en": "{who} speaks.", "zh": "{who}在说话。", "ja": "{who}が話す。"}
SOMEBODY = {"en": "Somebody speaks.", "zh": "有人在说话。", "ja": "誰かが話す。"}
IDEA = {
    "en": ("Wide view, nothing happened yet: {idea}", "{idea}", "Close up: {idea}", "At the end, from afar: {idea}"),
    "zh": ("远景，一切开始之前：{idea}", "{idea}", "特写：{idea}", "结尾，从远处看：{idea}"),
    "ja": ("遠景、まだ何も起きていない：{idea}", "{idea}", "クローズアップ：{idea}", "終わり、遠くから：{idea}"),
}  # fmt: skip
IDEA_CAMERAS = ("still", "", "push", "pull")
SHORT_IDEA = 300
GAP = re.compile(r"[^\S\n]{60,}")  # nobody indents so far, and patterns would look at such a gap over and over


def break_down(text: str, *, name: str = "", as_format: str = "") -> Found:
    """The scenes of a text; ``name`` is the file's, ``as_format`` one of FORMATS where a person says so.

    Raises Unreadable with a code. The same text gives the same scenes each time.
    """
    text = cleaned(text)
    kind = as_format or format_of(text, name)
    title, shots, listed = READERS[kind](text)
    shots = [shot for shot in shots if not shot.is_empty]
    if not shots:
        raise Unreadable("no_scenes")
    left_out = max(0, len(shots) - MOST_SCENES)
    shots = shots[:MOST_SCENES]
    title = title or _title(shots)
    found = Found(kind, shots, title, people.found_in(shots, listed), left_out)
    tongue = language(text)
    for shot in shots:
        _finish(shot, tongue)
    return found


def cleaned(text: str) -> str:
    """One kind of line end, no control characters, composed letters."""
    if "\x00" in text:
        raise Unreadable("not_text")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", ""))
    text = "".join(
        sign
        for sign in text
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co") or sign == "\u200d"
    )
    text = text.replace("\u3000", " ").replace("\xa0", " ")
    text = GAP.sub(" ", text)
    if not text.strip():
        raise Unreadable("empty")
    if len(text) > MOST_TEXT:
        raise Unreadable("too_long")
    if not re.search(r"\w", text):
        raise Unreadable("no_scenes")
    return text


def format_of(text: str, name: str = "") -> str:
    """By the file's ending, else by what it looks like."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    if ending in ENDINGS:
        return ENDINGS[ending]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    marks = sum(bool(HEADING.match(line)) for line in lines)
    if re.match(r"---\n.*?\n---\n", text, re.DOTALL):
        return "markdown"
    if any(is_sign(line) for line in lines) or (fountain.KEY.match(lines[0]) and not marks):
        return "fountain"
    if table.delimiter_of(lines[0]) and len(lines) > 1 and not table.pipes(lines):
        return "csv"
    items = sum(bool(ITEM.match(line)) for line in lines)
    if marks or items >= 2 or any(table.pipes(lines, at) for at in range(len(lines) - 1)):
        return "markdown"
    is_idea = len(lines) == 1 and len(text) <= SHORT_IDEA and len(prose.sentences(lines[0])) == 1
    return "idea" if is_idea and not prose.speech.quoted(text) else "prose"


def _fountain(text: str):
    title, body = fountain.title_and_body(text)
    script = fountain.Script()
    shots = script.read(body)
    return title or script.title, shots, []


def _markdown(text: str):
    paper = Paper()
    shots = paper.read(text)
    return paper.title, shots, paper.people


def _csv(text: str):
    return "", table.shots_of(table.rows_of(text)), []


def _prose(text: str):
    return "", prose.shots_of(text), []


def _idea(text: str):
    """One thing, seen four ways: that is a film already, and easily changed."""
    idea = " ".join(text.split())
    views = IDEA[language(text)]
    first = prose.shots_of(idea)
    time, place = (first[0].time, first[0].place) if first else ("", "")
    shots = [
        Shot(view.format(idea=idea), place, time, camera=camera)
        for view, camera in zip(views, IDEA_CAMERAS, strict=True)
    ]
    return idea.rstrip(".。")[:60], shots, []


READERS = {"fountain": _fountain, "markdown": _markdown, "csv": _csv, "prose": _prose, "idea": _idea}


def _finish(shot: Shot, tongue: str) -> None:
    """A scene always has something to draw, and fits its columns."""
    if not re.search(r"\w", shot.action):
        who = shot.speaker or (shot.who[0] if shot.who else "")
        shot.action = SPEAKS[tongue].format(who=who[0].upper() + who[1:]) if who else SOMEBODY[tongue]
    for name, most in LIMITS.items():
        setattr(shot, name, getattr(shot, name).strip()[:most])
    shot.seconds = shot.seconds or seconds_for(shot.action, shot.line)


def _title(shots: list[Shot]) -> str:
    """The first sentence; nothing where that holds only signs that a title leaves out."""
    first = (shots[0].action or shots[0].line).partition("\n")[0].replace("@", "")
    words = next(iter(prose.sentences(first)), "").rstrip(".。!！?？ ")
    if len(words) <= 60:
        return words
    cut = words[:60]
    return (cut.rpartition(" ")[0] if " " in cut else cut).rstrip(" ,，、") + "…"
