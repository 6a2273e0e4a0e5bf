"""A table with a row of column names, in English, Chinese or Japanese: one row is one scene."""

import csv
import io
import re

from studio.importing.found import LIMITS, Shot, Unreadable
from studio.importing.headings import is_sign, parted
from studio.importing.words import COLUMNS, bare, camera_of, join_of, short_time, time_of

CAMERA_NAMES = {"push", "pull", "pan_left", "pan_right", "tilt_up", "tilt_down", "rise", "still", "handheld"}
CAMERA_SIGNS = {"推": "push", "拉": "pull"}
SPLIT_WHO = re.compile(r"\s*(?:[,，、/;；&]|\band\b|和|与|と)\s*")

RULER = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\Z")


def column_of(name: str) -> str:
    """Which column a name means; empty for one that says nothing here."""
    if len(name) > 60:
        return ""
    name = re.sub(r"\s+", " ", name.strip(" \ufeff*_:：").casefold())
    return COLUMNS.get(name) or COLUMNS.get(re.sub(r"\s*[(（].*?[)）]\s*$", "", name), "")


def delimiter_of(line: str) -> str:
    """The one under which most of the first row's cells are names of columns; empty when that is not a header."""
    best, most = "", 0
    for sign in (",", "\t", ";", "|", "，"):
        cells = next(csv.reader([line], delimiter=sign), [])
        known = {column_of(cell) for cell in cells} - {""}
        if len(cells) > 1 and len(known) > most:
            best, most = sign, len(known)
    return best if most >= 2 else ""


def rows_of(text: str) -> list[list[str]]:
    first = next((line for line in text.split("\n") if line.strip()), "")
    sign = delimiter_of(first)
    if not sign:
        raise Unreadable("no_columns")
    try:
        rows = list(csv.reader(io.StringIO(text.strip("\n")), delimiter=sign, strict=False))
    except csv.Error:
        raise Unreadable("no_columns") from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def shots_of(rows: list[list[str]]) -> list[Shot]:
    """``rows`` begin with the names. Unreadable when no column says what happens or what is said."""
    columns = [column_of(name) for name in rows[0]]
    if not {"action", "line", "place"} & set(columns):
        raise Unreadable("no_columns")
    found, before = [], ""
    for row in rows[1:]:
        shot = Shot()
        for column, value in zip(columns, row, strict=False):
            if column and value.strip():
                put(shot, column, value.strip())
        shot.action = shot.action or ("" if shot.line else shot.place)
        if not shot.is_empty:
            shot.time = before if shot.time == "=" else shot.time
            before = shot.time
            found.append(shot)
    return found


def put(shot: Shot, column: str, value: str) -> Shot:
    if column in ("action", "line", "note", "speaker"):
        setattr(shot, column, (bare(value) if column == "line" else value)[: LIMITS[column]])
        if column == "speaker":
            shot.who.append(value[:80])
    elif column == "place":
        place, when = parted(value) if is_sign(value) or re.search(r"\s[-–—]\s", value) else (value, None)
        shot.place, shot.time = place[:80], shot.time or when or ""
    elif column == "number" and is_sign(value):
        put(shot, "place", value)
    elif column == "who":
        shot.who += [name[:80] for name in SPLIT_WHO.split(value) if name.strip()]
    elif column == "seconds":
        shot.seconds = _seconds(value)
    elif column in ("time", "camera", "join"):
        read = {"time": time, "camera": camera, "join": join_of}[column]
        setattr(shot, column, read(value))
    return shot


def time(value: str) -> str:
    found = short_time(value)
    return "=" if found == "" else found or time_of(value)


def camera(value: str) -> str:
    named = re.sub(r"[\s-]+", "_", value.strip().casefold())
    return named if named in CAMERA_NAMES else CAMERA_SIGNS.get(named) or camera_of(value)


def _seconds(value: str) -> int:
    """ "5", "5s", "4.5 秒", "0:08", "00:00:08": whole seconds from 1 to 60; 0 for what is no length."""
    if match := re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})(?:[.:]\d+)?", value):
        whole = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
    elif match := re.match(r"(\d{1,4}(?:\.\d+)?)", value):
        whole = round(float(match[1]))
    else:
        return 0
    return min(60, max(1, whole))


def pipes(lines: list[str], at: int = 0) -> int:
    """How many lines from line ``at`` on are a table of Markdown with names known here; 0 for none."""
    if len(lines) < at + 2 or "|" not in lines[at] or not RULER.match(lines[at + 1].strip()):
        return 0
    known = {column_of(cell) for cell in lines[at].split("|")} & {"action", "line", "place"}
    end = next((n for n in range(at, len(lines)) if "|" not in lines[n]), len(lines))
    return end - at if known else 0
