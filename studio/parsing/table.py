"""Parse a table with column names in English, Chinese or Japanese, whose rows are scenes."""

import csv
import io
import re

from studio.parsing.drafts import MAX_LENGTHS, SceneDraft, Unreadable
from studio.parsing.headings import is_heading, split_heading
from studio.parsing.vocabulary import COLUMNS, find_camera, find_time, find_transition, parse_time, strip_quotes

CAMERA_NAMES = {"push", "pull", "pan_left", "pan_right", "tilt_up", "tilt_down", "rise", "still", "handheld"}
CAMERA_CHARACTERS = {"推": "push", "拉": "pull"}
NAME_SEPARATOR = re.compile(r"\s*(?:[,，、/;；&]|\band\b|和|与|と)\s*")

RULER = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\Z")


def find_column(name: str) -> str:
    """Return the column (a value in COLUMNS) that a heading means; "" if it is unknown."""
    if len(name) > 60:
        return ""
    name = re.sub(r"\s+", " ", name.strip(" \ufeff*_:：").casefold())
    return COLUMNS.get(name) or COLUMNS.get(re.sub(r"\s*[(（].*?[)）]\s*$", "", name), "")


def detect_delimiter(line: str) -> str:
    """Return the delimiter that gives the most known column names; "" if the line is not the header of a table."""
    best, most = "", 0
    for delimiter in (",", "\t", ";", "|", "，"):
        cells = next(csv.reader([line], delimiter=delimiter), [])
        known = {find_column(cell) for cell in cells} - {""}
        if len(cells) > 1 and len(known) > most:
            best, most = delimiter, len(known)
    return best if most >= 2 else ""


def read_rows(text: str) -> list[list[str]]:
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = detect_delimiter(first)
    if not delimiter:
        raise Unreadable("no_columns")
    try:
        rows = list(csv.reader(io.StringIO(text.strip("\n")), delimiter=delimiter, strict=False))
    except csv.Error:
        raise Unreadable("no_columns") from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def parse_rows(rows: list[list[str]]) -> list[SceneDraft]:
    """Return the scenes of a table whose first row has the column names.

    Raises Unreadable if it has no column for action, line or place.
    """
    columns = [find_column(name) for name in rows[0]]
    if not {"action", "line", "place"} & set(columns):
        raise Unreadable("no_columns")
    found, before = [], ""
    for row in rows[1:]:
        shot = SceneDraft()
        for column, value in zip(columns, row, strict=False):
            if column and value.strip():
                set_value(shot, column, value.strip())
        shot.action = shot.action or ("" if shot.line else shot.place)
        if not shot.is_empty:
            shot.time = before if shot.time == "=" else shot.time
            before = shot.time
            found.append(shot)
    return found


def set_value(shot: SceneDraft, column: str, value: str) -> SceneDraft:
    if column in ("action", "line", "note", "speaker"):
        setattr(shot, column, (strip_quotes(value) if column == "line" else value)[: MAX_LENGTHS[column]])
        if column == "speaker":
            shot.who.append(value[:80])
    elif column == "place":
        place, when = split_heading(value) if is_heading(value) or re.search(r"\s[-–—]\s", value) else (value, None)
        shot.place, shot.time = place[:80], shot.time or when or ""
    elif column == "number" and is_heading(value):
        set_value(shot, "place", value)
    elif column == "who":
        shot.who += [name[:80] for name in NAME_SEPARATOR.split(value) if name.strip()]
    elif column == "seconds":
        shot.seconds = _parse_seconds(value)
    elif column in ("time", "camera", "join"):
        read = {"time": parse_time_value, "camera": parse_camera, "join": find_transition}[column]
        setattr(shot, column, read(value))
    return shot


def parse_time_value(value: str) -> str:
    found = parse_time(value)
    return "=" if found == "" else found or find_time(value)


def parse_camera(value: str) -> str:
    named = re.sub(r"[\s-]+", "_", value.strip().casefold())
    return named if named in CAMERA_NAMES else CAMERA_CHARACTERS.get(named) or find_camera(value)


def _parse_seconds(value: str) -> int:
    """Return a length such as "5", "5s", "4.5 秒", "0:08" or "00:00:08" in seconds, from 1 to 60; 0 if it is none."""
    if match := re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})(?:[.:]\d+)?", value):
        seconds = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
    elif match := re.match(r"(\d{1,4}(?:\.\d+)?)", value):
        seconds = round(float(match[1]))
    else:
        return 0
    return min(60, max(1, seconds))


def count_table_lines(lines: list[str], at: int = 0) -> int:
    """Return how many lines, starting with line ``at``, are a Markdown table with known columns; 0 if none are."""
    if len(lines) < at + 2 or "|" not in lines[at] or not RULER.match(lines[at + 1].strip()):
        return 0
    if not {find_column(cell) for cell in lines[at].split("|")} & {"action", "line", "place"}:
        return 0
    end = next((n for n in range(at, len(lines)) if "|" not in lines[n]), len(lines))
    return end - at
