"""Scene headings: INT. KITCHEN - NIGHT, 外景 车站 夜, and headings of a plainer kind."""

import re

from studio.importing.words import short_time, time_of

SIGNS = re.compile(
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
ROUND = re.compile(r"^[○〇●■◆]\s*\S.{0,30}$")
FORCED = re.compile(r"^\.[A-Z\u3400-\u9fff]{2}")
CUTS = re.compile(r"\s+[-–—]+\s+|\s*[—–]{1,2}\s*|\s*[|｜]\s*")
LOOSE = re.compile(r"\s*[,，、/／]\s*|\s+")


def is_sign(line: str) -> bool:
    return bool(SIGNS.match(line.strip()) or ROUND.match(line.strip()) or FORCED.match(line.strip()))


def parted(heading: str) -> tuple[str, str | None]:
    """(place, time) of a scene heading. None for a time that is not said, "" where it is as before."""
    heading = re.sub(r"\s*#[\w.\-]{1,8}#\s*$", "", heading.strip())
    match = SIGNS.match(heading)
    rest, sign = (match["rest"], match["sign"]) if match else (NUMBERED.sub("", heading.lstrip("○〇●■◆. ")), "")
    place, time = _cut(rest.strip(" .．:：-–—"))
    if time is None and sign and sign[0] in "日夜晨昏":
        time = short_time(sign[0])
    return place[:80], time


def _cut(rest: str) -> tuple[str, str | None]:
    """The time stands at the end, behind a dash, a comma or a blank, or in brackets."""
    bracket = re.search(r"[（(]([^（()）]{1,20})[)）]\s*$", rest)
    if bracket and (time := short_time(bracket[1])) is not None:
        return tidy(rest[: bracket.start()]), time
    for gaps in (CUTS, LOOSE):
        parts = [part for part in gaps.split(rest) if part]
        if len(parts) > 1 and (time := short_time(parts[-1])) is not None:
            at = rest.rindex(parts[-1])
            return tidy(rest[:at]), time
        if len(parts) > 1 and (time := short_time(parts[0])) is not None and gaps is LOOSE:
            return tidy(rest[len(parts[0]) :]), time
    return tidy(rest), short_time(rest) or time_of(rest) or None


def tidy(place: str) -> str:
    place = place.strip(" .。．,，、/／-–—:：|｜()（）")
    place = re.sub(r"[\s,]+(?:at|in|by|on|the)$", "", place, flags=re.IGNORECASE)
    return named(place)


def named(words: str) -> str:
    """SHOUTED WORDS as a name: The Old Harbour."""
    if words.isupper() and re.search(r"[A-Z]{2}", words):
        return re.sub(r"[A-Za-z]+('[A-Za-z]+)?", lambda match: match[0].capitalize(), words)
    return words
