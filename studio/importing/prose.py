"""Prose: paragraphs become shots of a length that one can watch; whoever speaks gets a shot."""

import re
from bisect import bisect_left

from studio.importing import speech
from studio.importing.found import Shot
from studio.importing.words import CJK, bare, camera_of, manner, time_of

ENOUGH, ENOUGH_CJK = 170, 60  # characters of a shot's action after which a new sentence begins a new shot
TOO_LONG, TOO_LONG_CJK = 420, 150
# A run of dots is looked at once, from its first one on: a text of nothing but dots must not take minutes.
ENDS = re.compile(r"(?:(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s|$)|[。！？…]+[」』”’）]*)\s*")
SHORT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|No|vs|etc|Jr|Sr|[A-Z])\.$")
NEAR = 8  # characters before a dot in which SHORT is looked for
CLAUSES = re.compile(r"[;；]\s*|[,，、]\s*")
PLACES = (
    re.compile(
        r"^(?:In|At|On|Inside|Outside|Near|Under|Behind|Beside|By) (?:the|an?|her|his|their) "
        r"(?P<p>[a-z][a-z’' -]{2,30}?)(?=,|\s+(?:at|in the|on a|when|where)\b)"
    ),
    re.compile(r"^在(?P<p>[\u4e00-\u9fff]{2,10}?)(?:里|裡|上|中|前|边|旁|旁边|内|外|下)?[，,]"),
    re.compile(r"^(?P<p>[\u4e00-\u9fff\u30a0-\u30ff]{2,10})(?:の中)?(?:で|にて)、?"),
)  # fmt: skip
LABEL = re.compile(
    r"^\s*@?(?P<who>[A-Z][\w’'. -]{0,28}|[\u4e00-\u9fff\u3040-\u30ffー·]{1,8})"
    r"(?:\s*[（(](?P<how>[^()（）]{1,40})[)）])?\s*[:：]\s*(?P<line>\S.*)$"
)
NOT_WHO = re.compile(
    r"^(?:note|scene|place|time|title|act|chapter|synopsis|logline|idea|genre|style"
    r"|備考|备注|標題|标题|地点|時間|时间|场景|場景)$",
    re.IGNORECASE,
)


def sentences(paragraph: str) -> list[str]:
    """Sentences in order; a quotation is never cut, and neither is "Mr. Ito"."""
    inside = [match.span() for match in speech.quoted(paragraph)]
    found, start = [], 0
    for match in ENDS.finditer(paragraph):
        at = match.end()
        before = bisect_left(inside, (match.start(), 0)) - 1  # the last quotation that begins before it
        if before >= 0 and at < inside[before][1]:
            continue
        if SHORT.search(paragraph, max(start, match.start() - NEAR), match.start() + 1) or _is_told(paragraph, at):
            continue
        found.append(paragraph[start:at].strip())
        start = at
    found.append(paragraph[start:].strip())
    return [each for each in found if each]


def _is_told(paragraph: str, at: int) -> bool:
    """What follows says who spoke: the sentence goes on ("Go!" she said.)"""
    rest = paragraph[at : at + 80]
    return bool(
        re.match(
            rf"(?:{speech.SAY}|he|she|they|I)\b|(?:{speech.NAME})\s+(?:{speech.SAY})\b|{speech.NAME_ZH}{speech.SAY_ZH}(?=[，。：:,]|着|道)",
            rest,
        )
        or re.match(r"と(?:、|言|話|叫|答|つぶや|[\u4e00-\u9fff\u30a0-\u30ff])", rest)
    )


def shots_of(text: str, *, place: str = "", time: str = "") -> list[Shot]:
    """The shots of some paragraphs. Time goes on until another one is named, a place until its paragraph ends."""
    found: list[Shot] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        paragraph = " ".join(lines) if not CJK.search(paragraph) else _cjk_joined(lines)
        if label := _spoken(paragraph, lines):
            for who, how, line in label:
                _add_line(found, who, how, line, place, time)
            time = found[-1].time or time
            continue
        time = _paragraph(paragraph, found, place, time)
    return found


def _cjk_joined(lines: list[str]) -> str:
    return "".join(
        line if not found else line if CJK.match(line) or not line[0].isascii() else f" {line}"
        for found, line in enumerate(lines)
    )


def _spoken(paragraph: str, lines: list[str]) -> list[tuple[str, str, str]]:
    """(who, how, line) where every line is "Mika: Wait!" as in a script."""
    matches = [LABEL.match(line) for line in lines]
    if not lines or not all(matches) or any(_is_prose(match) for match in matches):
        return []
    return [(match["who"].strip(), (match["how"] or "").strip(), match["line"].strip()) for match in matches]


def _is_prose(label: re.Match) -> bool:
    """ "He smiled and said: “Go.” He left" looks like a label and is a sentence."""
    who, line = label["who"].strip(), label["line"]
    is_told = bool(NOT_WHO.match(who) or re.search(rf"(?:{speech.SAY_ZH}|\b(?:{speech.SAY}))$", who))
    return is_told or (line[0] in '“「『"' and line[-1] not in '”」』"')


def _add_line(found: list[Shot], who: str, how: str, line: str, place: str, time: str) -> None:
    line = bare(line)
    last = found[-1] if found else None
    if last and last.action and not last.line and not how:
        last.speaker, last.line = who, line
        return
    where = last.place if last else place
    found.append(Shot(manner(who, how), where or place, (last.time if last else time) or time, [who], who, line))


def _paragraph(paragraph: str, found: list[Shot], place: str, time: str) -> str:
    current: Shot | None = None
    for sentence in sentences(paragraph):
        for piece in _pieces(sentence):
            place = _place_of(piece) or place
            said = _said(piece)
            action = _seen(piece, said) if said else piece
            now = time_of(action) or time
            current = None if now != time and current and current.action else current
            time = now
            if current is None or not _fits(current, action, bool(said)):
                current = Shot(place=place, time=time, camera=camera_of(action))
                found.append(current)
            current.action = f"{current.action}{_gap(current.action, action)}{action}".strip()
            current.camera = current.camera or camera_of(action)
            if said:
                current.line, current.speaker = said
                current.who += [said[1]] if said[1] else []
    return time


def _said(piece: str) -> tuple[str, str] | None:
    """(line, speaker): quotations of one sentence are one line."""
    parts = [match for match in speech.quoted(piece) if speech.is_speech(piece, match)]
    if not parts:
        return None
    speakers = [speech.speaker_of(piece[: match.start()], piece[match.end() :], match[0][0]) for match in parts]
    gap = "" if CJK.search(piece) else " "
    line = re.sub(r",$", ".", gap.join(speech.words_of(match) for match in parts))
    return line[:500], next((who for who in speakers if who), "")


def _seen(piece: str, said: tuple[str, str]) -> str:
    """What is to be seen while somebody speaks; a name alone is nothing to see."""
    action = speech.without(piece)
    who = re.sub(r"^(?:(?:the|an?) |@)", "", action.strip(" .。"), flags=re.IGNORECASE)
    if said[1] and action.startswith(f"{said[1]} ") and re.match(r"[A-Z]", action[len(said[1]) + 1 :]):
        return action[len(said[1]) + 1 :]
    return "" if who == said[1] else action


def _fits(shot: Shot, action: str, speaks: bool) -> bool:
    if speaks and shot.line:
        return False
    is_cjk = bool(CJK.search(shot.action + action))
    enough = ENOUGH_CJK if is_cjk else ENOUGH
    if not shot.action or not action:
        return True
    return len(shot.action) + len(action) <= enough and not shot.line


def _pieces(sentence: str) -> list[str]:
    """A sentence that is far too long is cut at its commas."""
    most = TOO_LONG_CJK if CJK.search(sentence) else TOO_LONG
    if len(sentence) <= most or speech.quoted(sentence):
        return [sentence[start : start + 2000] for start in range(0, len(sentence), 2000)]
    pieces, start, last = [], 0, 0
    for match in CLAUSES.finditer(sentence):
        if match.end() - start > most // 2 and last > start:
            pieces.append(sentence[start:last].strip())
            start = last
        last = match.end()
    rest = sentence[start:].strip()
    return [*pieces, *(rest[at : at + 1000] for at in range(0, len(rest), 1000))]


def _place_of(piece: str) -> str:
    match = next((match for words in PLACES if (match := words.match(piece))), None)
    return match["p"].strip() if match and not time_of(match["p"]) else ""


def _gap(before: str, after: str) -> str:
    return "" if not before or not after or CJK.match(after) or before[-1] in "。！？」』" else " "
