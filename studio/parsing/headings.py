"""Recognise scene headings such as "INT. KITCHEN - NIGHT" and "外景 车站 夜", and split them into place and time."""

import re

from studio.parsing.vocabulary import find_time, parse_time

SCENE_PREFIX = re.compile(
    r"^\s*[○〇●■□◆◇◎*]?\s*(?:(?:scene|第)?\s*[\d一二三四五六七八九十百]{1,4}\s*[场場幕]?\s*[.、:：\s]\s*)?"
    r"(?P<sign>(?:INT\.?\s*/\s*EXT|EXT\.?\s*/\s*INT|I\s*/\s*E|INT|EXT|EST)(?=[.\s])\.?|内外景|內外景|[内內外][景/／.．]|[内內外]\s*[/／]\s*[外内內]景?"
    r"|(?:[日夜晨昏]\s*[/／.．\s]?\s*[内內外](?:景)?(?=[\s,，.．：:])))\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
NUMBERED = re.compile(
    r"^\s*(?:scene|shot|act|part|chapter|场景|場景|场|場|镜头|鏡頭|镜|シーン|カット|第)\s*"
    r"[\dIVXivx一二三四五六七八九十百]{1,5}\s*(?:场|場|幕|镜|鏡|章|话|話|回)?\s*[.:：、\-–—]*\s*",
    re.IGNORECASE,
)
BULLETED = re.compile(r"^[○〇●■◆]\s*\S.{0,30}$")
FORCED = re.compile(r"^\.[A-Z\u3400-\u9fff]{2}")
STRONG_SEPARATORS = re.compile(r"\s+[-–—]+\s+|\s*[—–]{1,2}\s*|\s*[|｜]\s*")
WEAK_SEPARATORS = re.compile(r"\s*[,，、/／]\s*|\s+")


def is_heading(line: str) -> bool:
    return bool(SCENE_PREFIX.match(line.strip()) or BULLETED.match(line.strip()) or FORCED.match(line.strip()))


def split_heading(heading: str) -> tuple[str, str | None]:
    """Return (place, time). The time is None if the heading has none, and "" if it says that the time is unchanged."""
    heading = re.sub(r"\s*#[\w.\-]{1,8}#\s*$", "", heading.strip())
    match = SCENE_PREFIX.match(heading)
    rest, sign = (match["rest"], match["sign"]) if match else (NUMBERED.sub("", heading.lstrip("○〇●■◆. ")), "")
    place, time = _split_time(rest.strip(" .．:：-–—"))
    if time is None and sign and sign[0] in "日夜晨昏":
        time = parse_time(sign[0])
    return place[:80], time


def _split_time(rest: str) -> tuple[str, str | None]:
    """Split a heading into place and time, which are separated by a dash, comma, space or brackets."""
    bracket = re.search(r"[（(]([^（()）]{1,20})[)）]\s*$", rest)
    if bracket and (time := parse_time(bracket[1])) is not None:
        return clean_place(rest[: bracket.start()]), time
    for gaps in (STRONG_SEPARATORS, WEAK_SEPARATORS):
        parts = [part for part in gaps.split(rest) if part]
        if len(parts) > 1 and (time := parse_time(parts[-1])) is not None:
            at = rest.rindex(parts[-1])
            return clean_place(rest[:at]), time
        if len(parts) > 1 and (time := parse_time(parts[0])) is not None and gaps is WEAK_SEPARATORS:
            return clean_place(rest[len(parts[0]) :]), time
    return clean_place(rest), parse_time(rest) or find_time(rest) or None


def clean_place(place: str) -> str:
    place = place.strip(" .。．,，、/／-–—:：|｜()（）")
    place = re.sub(r"[\s,]+(?:at|in|by|on|the)$", "", place, flags=re.IGNORECASE)
    return normalize_case(place)


def normalize_case(text: str) -> str:
    """Return a text in capitals with only initial capitals ("The Old Harbour"), and any other text unchanged."""
    if text.isupper() and re.search(r"[A-Z]{2}", text):
        return re.sub(r"[A-Za-z]+('[A-Za-z]+)?", lambda match: match[0].capitalize(), text)
    return text
