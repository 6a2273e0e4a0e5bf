"""Parse a text: detect its format, find its scenes and characters, and estimate the scenes' lengths."""

import re
import unicodedata

from studio.breakdown.beats import tell_idea
from studio.parsing import characters, fountain, prose, table
from studio.parsing.drafts import MAX_LENGTHS, MAX_SCENES, MAX_TEXT, ParsedText, SceneDraft, Unreadable
from studio.parsing.headings import is_heading
from studio.parsing.markdown import HEADING, ITEM, MarkdownParser
from studio.parsing.vocabulary import detect_language, estimate_seconds

FORMATS = ("fountain", "markdown", "csv", "prose", "idea")
FORMATS_BY_SUFFIX = {
    "fountain": "fountain",
    "spmd": "fountain",
    "md": "markdown",
    "markdown": "markdown",
    "csv": "csv",
    "tsv": "csv",
}
SPEAKER_ACTIONS = {"en": "{who} speaks.", "zh": "{who}在说话。", "ja": "{who}が話す。"}
UNKNOWN_SPEAKER = {"en": "Somebody speaks.", "zh": "有人在说话。", "ja": "誰かが話す。"}
MAX_IDEA = 400  # characters; a longer text without headings is prose
MAX_CHOSEN_IDEA = 2000  # characters, where the user chose the format "idea"
LONG_GAP = re.compile(r"[^\S\n]{60,}")  # longer than any indent; such gaps would slow down other patterns


def parse_text(text: str, *, name: str = "", as_format: str = "") -> ParsedText:
    """Return the scenes and characters of a text. ``name``: the file's name. ``as_format``: one of FORMATS, or "".

    Raises Unreadable if no scenes are found. The same text always gives the same scenes.
    """
    text = normalize_text(text)
    kind = as_format or detect_format(text, name)
    if kind == "idea" and len(text) > MAX_CHOSEN_IDEA:
        raise Unreadable("long_idea")
    title, shots, listed = PARSERS[kind](text)
    shots = [shot for shot in shots if not shot.is_empty]
    if not shots:
        raise Unreadable("no_scenes")
    left_out = max(0, len(shots) - MAX_SCENES)
    shots = shots[:MAX_SCENES]
    title = title or _make_title(shots)
    people = listed if kind == "idea" else characters.find_characters(shots, listed)
    return ParsedText(kind, complete_scenes(shots, detect_language(text)), title, people, left_out)


def normalize_text(text: str) -> str:
    """Return the text with normalized line ends, spaces and Unicode, without control characters. Raises Unreadable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    if len(text) > MAX_TEXT:  # before the text is read
        raise Unreadable("too_long")
    if "\x00" in text:
        raise Unreadable("not_text")
    text = unicodedata.normalize("NFC", text)
    text = "".join(
        char
        for char in text
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co") or char == "\u200d"
    )
    text = text.replace("\u3000", " ").replace("\xa0", " ")
    text = LONG_GAP.sub(" ", text)
    if not text.strip():
        raise Unreadable("empty")
    if not re.search(r"\w", text):
        raise Unreadable("no_scenes")
    return text


def detect_format(text: str, name: str = "") -> str:
    """Return the format of a text, by the suffix of the file's name if that is known, otherwise by the text."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    if ending in FORMATS_BY_SUFFIX:
        return FORMATS_BY_SUFFIX[ending]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    marks = sum(bool(HEADING.match(line)) for line in lines)
    if re.match(r"---\n.*?\n---\n", text, re.DOTALL):
        return "markdown"
    if any(is_heading(line) for line in lines) or (fountain.KEY.match(lines[0]) and not marks):
        return "fountain"
    if table.detect_delimiter(lines[0]) and len(lines) > 1 and not table.count_table_lines(lines):
        return "csv"
    items = sum(bool(ITEM.match(line)) for line in lines)
    if marks or items >= 2 or any(table.count_table_lines(lines, at) for at in range(len(lines) - 1)):
        return "markdown"
    is_idea = len(lines) == 1 and len(text) <= MAX_IDEA and len(prose.split_sentences(lines[0])) == 1
    return "idea" if is_idea and not prose.speech.find_quotes(text) else "prose"


def _parse_fountain(text: str):
    title, body = fountain.split_title_page(text)
    parser = fountain.FountainParser()
    shots = parser.read(body)
    return title or parser.title, shots, []


def _parse_markdown(text: str):
    parser = MarkdownParser()
    shots = parser.read(text)
    return parser.title, shots, parser.people


def _parse_csv(text: str):
    return "", table.parse_rows(table.read_rows(text)), []


def _parse_prose(text: str):
    return "", prose.parse_prose(text), []


PARSERS = {
    "fountain": _parse_fountain,
    "markdown": _parse_markdown,
    "csv": _parse_csv,
    "prose": _parse_prose,
    "idea": tell_idea,
}


def complete_scenes(shots: list[SceneDraft], language: str) -> list[SceneDraft]:
    """Return the scenes with an action and a length each."""
    for shot in shots:
        _complete_scene(shot, language)
    return shots


def _complete_scene(shot: SceneDraft, language: str) -> None:
    """Complete a scene's action and length, and cut its texts to their maximum lengths."""
    if not re.search(r"\w", shot.action):
        who = shot.speaker or (shot.who[0] if shot.who else "")
        shot.action = (
            SPEAKER_ACTIONS[language].format(who=who[0].upper() + who[1:]) if who else UNKNOWN_SPEAKER[language]
        )
    for name, limit in MAX_LENGTHS.items():
        setattr(shot, name, getattr(shot, name).strip()[:limit])
    shot.seconds = shot.seconds or estimate_seconds(shot.action, shot.line)


def _make_title(shots: list[SceneDraft]) -> str:
    """Return a title made from the first sentence, at most 61 characters."""
    first = (shots[0].action or shots[0].line).partition("\n")[0].replace("@", "")
    sentence = next(iter(prose.split_sentences(first)), "").rstrip(".。!！?？ ")
    if len(sentence) <= 60:
        return sentence
    beginning = sentence[:60]
    return (beginning.rpartition(" ")[0] if " " in beginning else beginning).rstrip(" ,，、") + "…"
