"""Parse prose: group its sentences into scenes of a watchable length, with at most one line of dialogue each."""

import re
from bisect import bisect_left

from studio.parsing import speech
from studio.parsing.drafts import SceneDraft
from studio.parsing.vocabulary import CJK, describe_manner, find_camera, find_time, strip_quotes

TARGET_LENGTH, TARGET_LENGTH_CJK = 170, 60  # maximum characters of a scene's action, if it has several sentences
MAX_SENTENCE, MAX_SENTENCE_CJK = 420, 150
# Possessive quantifiers, so that a text of nothing but dots does not take minutes.
SENTENCE_END = re.compile(r"(?:(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s|$)|[。！？…]+[」』”’）]*)\s*")
ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|No|vs|etc|Jr|Sr|[A-Z])\.$")
ABBREVIATION_LENGTH = 8  # how many characters before a dot are searched for an abbreviation
CLAUSES = re.compile(r"[;；]\s*|[,，、]\s*")
PLACES = (
    re.compile(
        r"^(?:In|At|On|Inside|Outside|Near|Under|Behind|Beside|By) (?:the|an?|her|his|their) "
        r"(?P<p>[a-z][a-z’' -]{2,30}?)(?=,|\s+(?:at|in the|on a|when|where)\b)"
    ),
    re.compile(r"^在(?P<p>[\u4e00-\u9fff]{2,10}?)(?:里|裡|上|中|前|边|旁|旁边|内|外|下)?[，,]"),
    re.compile(r"^(?P<p>[\u4e00-\u9fff\u30a0-\u30ff]{2,10})(?:の中)?(?:で|にて)、?"),
)
LABEL = re.compile(
    r"^\s*@?(?P<who>[A-Z][\w’'. -]{0,28}|[\u4e00-\u9fff\u3040-\u30ffー·]{1,8})"
    r"(?:\s*[（(](?P<how>[^()（）]{1,40})[)）])?\s*[:：]\s*(?P<line>\S.*)$"
)
NOT_SPEAKERS = re.compile(
    r"^(?:note|scene|place|time|title|act|chapter|synopsis|logline|idea|genre|style"
    r"|備考|备注|標題|标题|地点|時間|时间|场景|場景)$",
    re.IGNORECASE,
)


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph. Quotations, and names like "Mr. Ito", are not split."""
    inside = [match.span() for match in speech.find_quotes(paragraph)]
    found, start = [], 0
    for match in SENTENCE_END.finditer(paragraph):
        at = match.end()
        before = bisect_left(inside, (match.start(), 0)) - 1  # the last quotation that begins before the match
        if before >= 0 and at < inside[before][1]:
            continue
        if ABBREVIATION.search(
            paragraph, max(start, match.start() - ABBREVIATION_LENGTH), match.start() + 1
        ) or _is_attribution(paragraph, at):
            continue
        found.append(paragraph[start:at].strip())
        start = at
    found.append(paragraph[start:].strip())
    return [item for item in found if item]


def _is_attribution(paragraph: str, at: int) -> bool:
    """Return whether position ``at`` is followed by who spoke, as in "“Go!” she said", so that the sentence goes on."""
    rest = paragraph[at : at + 80]
    return bool(
        re.match(
            rf"(?:{speech.SAY}|he|she|they|I)\b|(?:{speech.NAME})\s+(?:{speech.SAY})\b|{speech.NAME_ZH}{speech.SAY_ZH}(?=[，。：:,]|着|道)",
            rest,
        )
        or re.match(r"と(?:、|言|話|叫|答|つぶや|[\u4e00-\u9fff\u30a0-\u30ff])", rest)
    )


def parse_prose(text: str, *, place: str = "", time: str = "") -> list[SceneDraft]:
    """Return the scenes of a text. ``place`` and ``time`` apply until the text names others.

    A time is kept until the text names another one, a place until its paragraph ends.
    """
    found: list[SceneDraft] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        paragraph = " ".join(lines) if not CJK.search(paragraph) else _join_cjk_lines(lines)
        if label := _parse_dialogue(paragraph, lines):
            for who, how, line in label:
                _add_line(found, who, how, line, place, time)
            time = found[-1].time or time
            continue
        time = _parse_paragraph(paragraph, found, place, time)
    return found


def _join_cjk_lines(lines: list[str]) -> str:
    return "".join(
        line if not found else line if CJK.match(line) or not line[0].isascii() else f" {line}"
        for found, line in enumerate(lines)
    )


def _parse_dialogue(paragraph: str, lines: list[str]) -> list[tuple[str, str, str]]:
    """Return (who, how, line) of every line if all of them have the form "Mika (softly): Wait!"; otherwise []."""
    matches = [LABEL.match(line) for line in lines]
    if not lines or not all(matches) or any(_is_sentence(match) for match in matches):
        return []
    return [(match["who"].strip(), (match["how"] or "").strip(), match["line"].strip()) for match in matches]


def _is_sentence(label: re.Match) -> bool:
    """Return whether a match of LABEL is an ordinary sentence, such as "He smiled and said: “Go.”"."""
    who, line = label["who"].strip(), label["line"]
    is_attributed = bool(NOT_SPEAKERS.match(who) or re.search(rf"(?:{speech.SAY_ZH}|\b(?:{speech.SAY}))$", who))
    return is_attributed or (line[0] in '“「『"' and line[-1] not in '”」』"')


def _add_line(found: list[SceneDraft], who: str, how: str, line: str, place: str, time: str) -> None:
    line = strip_quotes(line)
    last = found[-1] if found else None
    if last and last.action and not last.line and not how:
        last.speaker, last.line = who, line
        return
    where = last.place if last else place
    found.append(
        SceneDraft(describe_manner(who, how), where or place, (last.time if last else time) or time, [who], who, line)
    )


def _parse_paragraph(paragraph: str, found: list[SceneDraft], place: str, time: str) -> str:
    current: SceneDraft | None = None
    for sentence in split_sentences(paragraph):
        for piece in _split_long(sentence):
            place = _find_place(piece) or place
            spoken = _parse_speech(piece)
            action = _get_action(piece, spoken[1]) if spoken else piece
            now = find_time(action) or time
            current = None if now != time and current and current.action else current
            time = now
            if current is None or not _fits_scene(current, action, bool(spoken)):
                current = SceneDraft(place=place, time=time, camera=find_camera(action))
                found.append(current)
            current.action = f"{current.action}{_get_separator(current.action, action)}{action}".strip()
            current.camera = current.camera or find_camera(action)
            if spoken:
                current.line, current.speaker = spoken
                current.who += [spoken[1]] if spoken[1] else []
    return time


def read_sentence(sentence: str) -> tuple[str, str, str]:
    """Return (action, line, speaker) of a sentence: what is seen, what is said, and by whom."""
    spoken = _parse_speech(sentence)
    return (_get_action(sentence, spoken[1]), *spoken) if spoken else (sentence, "", "")


def _parse_speech(piece: str) -> tuple[str, str] | None:
    """Return (line, speaker) of the speech in a sentence, with all its quotations as one line; None without speech."""
    parts = [match for match in speech.find_quotes(piece) if speech.is_speech(piece, match)]
    if not parts:
        return None
    speakers = [speech.find_speaker(piece[: match.start()], piece[match.end() :], match[0][0]) for match in parts]
    gap = "" if CJK.search(piece) else " "
    line = re.sub(r",$", ".", gap.join(speech.get_quoted_text(match) for match in parts))
    return line[:500], next((who for who in speakers if who), "")


def _get_action(piece: str, speaker: str) -> str:
    """Return the sentence without its speech; "" if only the speaker's name remains."""
    action = speech.remove_speech(piece)
    name = re.sub(r"^(?:(?:the|an?) |@)", "", action.strip(" .。"), flags=re.IGNORECASE)
    rest = action.removeprefix(f"{speaker} ")
    if speaker and rest != action and re.match(r"[A-Z]", rest):
        return rest
    return "" if name == speaker else action


def _fits_scene(shot: SceneDraft, action: str, speaks: bool) -> bool:
    if speaks and shot.line:
        return False
    is_cjk = bool(CJK.search(shot.action + action))
    enough = TARGET_LENGTH_CJK if is_cjk else TARGET_LENGTH
    if not shot.action or not action:
        return True
    return len(shot.action) + len(action) <= enough and not shot.line


def _split_long(sentence: str) -> list[str]:
    """Split a very long sentence at its commas and semicolons."""
    limit = MAX_SENTENCE_CJK if CJK.search(sentence) else MAX_SENTENCE
    if len(sentence) <= limit or speech.find_quotes(sentence):
        return [sentence[start : start + 2000] for start in range(0, len(sentence), 2000)]
    pieces, start, last = [], 0, 0
    for match in CLAUSES.finditer(sentence):
        if match.end() - start > limit // 2 and last > start:
            pieces.append(sentence[start:last].strip())
            start = last
        last = match.end()
    rest = sentence[start:].strip()
    return [*pieces, *(rest[at : at + 1000] for at in range(0, len(rest), 1000))]


def _find_place(piece: str) -> str:
    match = next((match for pattern in PLACES if (match := pattern.match(piece))), None)
    return match["p"].strip() if match and not find_time(match["p"]) else ""


def _get_separator(before: str, after: str) -> str:
    return "" if not before or not after or CJK.match(after) or before[-1] in "。！？」』" else " "
