"""Parse Fountain (https://fountain.io/syntax), with headings in Chinese and Japanese besides INT. and EXT."""

import re

from studio.parsing.drafts import SceneDraft
from studio.parsing.headings import is_heading, normalize_case, split_heading
from studio.parsing.prose import parse_prose
from studio.parsing.vocabulary import CJK, describe_manner, find_transition

NOTES = re.compile(r"\[\[((?:[^\[\]]|\[(?!\[)|\](?!\]))*+)\]\]")  # no backtracking
ACT = re.compile(r"(?:act|part|chapter|episode|sequence)\b|第.{1,4}[幕章部回集話话]", re.IGNORECASE)
EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.{1,400}?)(?<=\S)\1")
KEY = re.compile(
    r"^(?P<key>title|credit|authors?|source|draft date|date|contact|copyright|notes?|revision|format"
    r"|标题|標題|片名|作者|编剧|タイトル|作)\s*[:：]\s*(?P<value>.*)$",
    re.IGNORECASE,
)
TRANSITION = re.compile(
    r"^(?:[A-Z][A-Z .]+ TO:|FADE (?:IN|OUT)[.:]?|(?:FADE|DISSOLVE|CUT) TO [A-Z ]+[.:]?"
    r"|(?:切至|切到|叠化|疊化|淡出|淡入|渐黑|暗転|カット|フェードアウト|フェードイン)[：:。.]?)$"
)
CHARACTER_CUE = re.compile(
    r"^(?P<name>@.+?|[A-Z0-9][^a-z(（]{0,38}[A-Z][^a-z(（]{0,38}?|[A-Z])(?:\s*[(（](?P<how>[^()（）]*)[)）])?\s*\^?$"
)


def split_title_page(text: str) -> tuple[str, str]:
    """Return the title and the text after the title page; "" and the whole text if there is no title page."""
    lines = text.split("\n")
    if not lines or not KEY.match(lines[0].strip()):
        return "", text
    title, at = "", 0
    for at, line in enumerate(lines):
        match = KEY.match(line.strip())
        if not line.strip():
            break
        if match and match["key"].casefold() in ("title", "标题", "標題", "片名", "タイトル"):
            title = match["value"].strip() or next((line.strip() for line in lines[at + 1 :] if line.strip()), "")
    else:
        at = len(lines)
    return strip_markup(title)[:120], "\n".join(lines[at:])


def strip_markup(text: str) -> str:
    """Return the text without Fountain's marks of emphasis and escapes."""
    for _ in range(3):
        text = EMPHASIS.sub(r"\2", text)
    return re.sub(r"\\([*_])", r"\1", text).strip()


def remove_boneyards(text: str) -> str:
    """Return the text without what stands between ``/*`` and ``*/``. A ``/*`` that is never closed is kept."""
    kept, start = [], 0
    while (opened := text.find("/*", start)) >= 0 and (closed := text.find("*/", opened + 2)) >= 0:
        kept.append(text[start:opened])
        start = closed + 2
    return "".join([*kept, text[start:]])


def add_brackets(text: str) -> str:
    return f"（{text}）" if CJK.search(text) else f" ({text})"


class FountainParser:
    """Parser that reads a script block by block and collects scene drafts."""

    def __init__(self):
        self.shots: list[SceneDraft] = []
        self.place = self.time = self.note = ""
        self.has_new = False  # whether the last heading has no scene yet
        self.acts: list[str] = []  # titles of top-level sections, "" for a section that has scenes before it

    @property
    def title(self) -> str:
        """Return the title of the only section if it contains the whole text; otherwise ""."""
        return self.acts[0][:120] if len(self.acts) == 1 and not ACT.match(self.acts[0]) else ""

    def read(self, body: str) -> list[SceneDraft]:
        body = remove_boneyards(body.replace("\r", ""))
        blocks = [block for block in re.split(r"\n[ \t]*\n", body) if block.strip()]
        for block in blocks:
            self._read_block([line.rstrip() for line in block.strip("\n").split("\n")])
        self._finish_scene()
        return self.shots

    def _read_block(self, lines: list[str]) -> None:
        while lines and self._read_special_line(lines[0].strip(), is_alone=len(lines) == 1):
            lines = lines[1:]
        if not lines:
            return
        cue = CHARACTER_CUE.match(lines[0].strip()) if len(lines) > 1 and not lines[0].startswith("!") else None
        if cue:
            return self._read_dialogue(normalize_case(cue["name"].lstrip("@").strip()), lines[1:])
        return self._read_action("\n".join(line.lstrip("!") for line in lines))

    def _read_special_line(self, line: str, *, is_alone: bool) -> bool:
        """Read a heading, transition, section, synopsis, page break or centred text. Returns False for other lines."""
        is_forced = line.startswith(".") and len(line) > 1 and line[1] not in ". "
        if is_heading(line) or is_forced:
            self._read_heading(line.lstrip(".") if is_forced else line)
        elif re.match(r"^={3,}$", line):
            pass
        elif line.startswith("#") and not is_heading(line.lstrip("# ")):
            self._read_section(line)
        elif line.startswith("="):
            self.note = strip_markup(line[1:])[:1000]
        elif line.startswith(">") and line.endswith("<"):
            self._read_action(line[1:-1].strip())
        elif (line.startswith(">") and is_alone) or (is_alone and TRANSITION.match(line)):
            self._read_transition(line.lstrip("> "))
        elif is_heading(line.lstrip("# ")):
            self._read_heading(line.lstrip("# "))
        else:
            return False
        return True

    def _read_section(self, line: str) -> None:
        if re.match(r"#[^#]", line):
            self.acts.append("" if self.shots or self.has_new else strip_markup(NOTES.sub("", line.strip("# "))))

    def _read_heading(self, line: str) -> None:
        self._finish_scene()
        place, time = split_heading(strip_markup(line))
        self.place = place
        self.time = self.time if time == "" else time or ""
        self.has_new = True

    def _finish_scene(self) -> None:
        """If the last heading has no scene, add a scene that shows its place."""
        if self.has_new and self.place:
            self.shots.append(self._make_shot(action=self.place))
        self.has_new = False

    def _make_shot(self, **fields) -> SceneDraft:
        note, self.note = self.note, ""
        return SceneDraft(place=self.place, time=self.time, note=note, **fields)

    def _read_action(self, text: str) -> None:
        notes = [note.strip() for note in NOTES.findall(text)]
        text = strip_markup(NOTES.sub("", re.sub(r"^~\s*", "", text, flags=re.MULTILINE)))
        if notes:
            self.note = " ".join([self.note, *notes]).strip()[:1000]
        for shot in parse_prose(text, place=self.place, time=self.time):
            shot.place, shot.note = self.place or shot.place, self._make_shot().note
            self.shots.append(shot)
            self.has_new = False

    def _read_dialogue(self, who: str, lines: list[str]) -> None:
        """Add dialogue to the last scene or as a new one. Parentheses tell how it is said or what happens meanwhile."""
        spoken: list[str] = []
        how: list[str] = []
        for line in lines:
            line = strip_markup(NOTES.sub("", line)).lstrip("~ ")
            aside = re.match(r"^[(（](.*)[)）]$", line)
            (how if aside else spoken).append(aside[1] if aside else line)
        line = (" " if re.search(r"[A-Za-z]", "".join(spoken)) else "").join(spoken).strip()
        if not line and not how:
            return
        last = self.shots[-1] if self.shots and not self.has_new else None
        if last and last.action and not last.line and last.place == self.place:
            last.speaker, last.line = who, line[:500]
            last.action = f"{last.action}{add_brackets('; '.join(how))}" if how else last.action
        else:
            last = self._make_shot(action=describe_manner(who, "; ".join(how)), speaker=who, line=line[:500])
            self.shots.append(last)
        last.who.append(who)
        self.has_new = False

    def _read_transition(self, line: str) -> None:
        if self.shots and not self.has_new and not re.match(r"fade in|淡入|フェードイン", line, re.IGNORECASE):
            self.shots[-1].join = find_transition(line)
