"""Parse Markdown: headings name places, list items and table rows are scenes, a list under "Characters" is the cast."""

import re

from studio.parsing import table
from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.parsing.headings import is_heading, split_heading
from studio.parsing.prose import parse_prose

HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
ITEM = re.compile(r"^(?P<in>\s*)(?:[-*+•]|\d{1,3}[.)、])\s+(?:\[[ xX]\]\s+)?(?P<text>.+)$")
PAIR = re.compile(r"^\s*(?P<key>[^:：]{1,20}?)\s*[:：]\s*(?P<value>.+)$")
CHARACTERS_HEADING = re.compile(
    r"^(?:the )?(?:characters?|cast|people|who|places|props)\b"
    r"|^(?:人物|角色|登場人物|キャラクター|出场人物|主要角色|地点|場所)",
    re.IGNORECASE,
)
SYNOPSIS_HEADING = re.compile(
    r"^(?:synopsis|summary|logline|notes?|about|overview)\b|^(?:简介|梗概|故事梗概|概要|あらすじ|备注|メモ)",
    re.IGNORECASE,
)
NAME_SEPARATOR = re.compile(r"\s*[:：]\s*|\s+[-–—]+\s*|——|\s*[，,]\s*|\s*[（(]")
MARKUP = (
    (re.compile(r"!\[[^\]]{0,200}\]\([^)]{0,400}\)"), ""),
    (re.compile(r"\[([^\]]{1,400})\]\([^)]{0,400}\)"), r"\1"),
    (re.compile(r"(\*\*\*|\*\*|\*|__|~~|`)(?=\S)(.{1,400}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"<!--.{0,2000}?-->", re.DOTALL), ""),
    (re.compile(r"</?[a-zA-Z][^<>]{0,80}>"), ""),
)


def strip_markup(text: str) -> str:
    for marks, instead in MARKUP:
        text = marks.sub(instead, text)
    return text.strip()


class MarkdownParser:
    def __init__(self):
        self.shots: list[SceneDraft] = []
        self.people: list[CharacterDraft] = []
        self.title = ""
        self.place = self.time = ""
        self.part = "scene"  # what the lines below the last heading are: "scene", "cast" or "about"
        self.kind = "person"
        self.paragraph: list[str] = []
        self.heading = ""

    def read(self, text: str) -> list[SceneDraft]:
        text = re.sub(r"\A---\n(.*?)\n---\n", self._read_front_matter, text, flags=re.DOTALL)
        text = re.sub(r"^(```|~~~).*$", "", text, flags=re.MULTILINE)
        lines = text.split("\n")
        at = 0
        while at < len(lines):
            rows = table.count_table_lines(lines, at)
            if rows:
                self._finish_paragraph()
                self._read_table(lines[at : at + rows])
            else:
                self._read_line(lines[at])
            at += rows or 1
        self._finish_scene()
        return self.shots

    def _read_front_matter(self, match) -> str:
        found = re.search(r"^title\s*:\s*[\"']?(.+?)[\"']?\s*$", match[1], re.MULTILINE | re.IGNORECASE)
        self.title = found[1] if found else ""
        return ""

    def _read_line(self, line: str) -> None:
        if heading := HEADING.match(line):
            return self._read_heading(len(heading[1]), strip_markup(heading[2]))
        if re.match(r"^\s*(?:[-*_]\s*){3,}$", line):
            return self._finish_paragraph()
        if item := ITEM.match(line):
            self._finish_paragraph()
            return self._read_item(strip_markup(item["text"]))
        if not line.strip():
            return self._finish_paragraph()
        self.paragraph.append(strip_markup(re.sub(r"^\s*>\s?", "", line)))
        return None

    def _read_heading(self, level: int, text: str) -> None:
        self._finish_scene()
        if level == 1 and not self.title and not is_heading(text):
            self.title, self.place = text[:120], ""
            return
        self.part = "cast" if CHARACTERS_HEADING.match(text) else "about" if SYNOPSIS_HEADING.match(text) else "scene"
        self.kind = "place" if re.match(r"places|地点|場所", text, re.IGNORECASE) else "person"
        if self.part == "scene":
            place, time = split_heading(text)
            self.place, self.time = place, self.time if time == "" else time or ""
            self.heading = place

    def _finish_scene(self) -> None:
        self._finish_paragraph()
        if self.heading:
            self.shots.append(SceneDraft(self.heading, self.place, self.time))
        self.heading = ""

    def _finish_paragraph(self) -> None:
        text, self.paragraph = "\n".join(self.paragraph), []
        if text.strip() and self.part == "scene":
            self._add_shots(parse_prose(text, place=self.place, time=self.time))
        elif text.strip() and self.part == "cast":
            self._add_character(text)

    def _read_item(self, text: str) -> None:
        if self.part == "cast":
            return self._add_character(text)
        if self.part == "about":
            return None
        pair = PAIR.match(text)
        column = table.find_column(pair["key"]) if pair else ""
        if column:
            return self._apply_field(column, pair["value"])
        return self._add_shots(parse_prose(text, place=self.place, time=self.time))

    def _apply_field(self, column: str, value: str) -> None:
        """Apply a list item like "- Place: the harbour" to the current scene."""
        if column == "place":
            self.place, time = split_heading(value)
            self.time, self.heading = time or self.time, self.heading and self.place
        elif column == "time":
            self.time = table.parse_time_value(value) or self.time
        elif column == "action":
            self._add_shots(parse_prose(value, place=self.place, time=self.time))
        elif self.shots and not self.heading:
            table.set_value(self.shots[-1], column, value)
        else:
            self._add_shots([table.set_value(SceneDraft(self.heading, self.place, self.time), column, value)])

    def _add_shots(self, shots: list[SceneDraft]) -> None:
        for shot in shots:
            shot.place = self.place or shot.place
        self.shots += shots
        self.heading = "" if shots else self.heading

    def _add_character(self, text: str) -> None:
        name, *rest = NAME_SEPARATOR.split(text, maxsplit=1)
        description = rest[0] if rest else ""
        if 0 < len(name.strip()) <= 40:
            self.people.append(CharacterDraft(name.strip(), self.kind, description.strip(" )）")[:1000]))

    def _read_table(self, lines: list[str]) -> None:
        rows = [[strip_markup(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
        self._add_shots(table.parse_rows([rows[0], *rows[2:]]))
