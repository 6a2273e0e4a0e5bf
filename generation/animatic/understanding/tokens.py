"""Split text into tokens: a Latin word, one Chinese or Japanese character, one emoji, a quoted line or a break."""

import re
import unicodedata
from dataclasses import dataclass

MAX_PROMPT_LENGTH = 4000  # characters; a prompt has at most 2,000
MAX_QUOTE_LENGTH = 160  # characters of a line of dialogue

# combining marks: vowels of Hindi and Thai, points of Arabic, accents; and joiners
_MARKS = "".join(
    chr(code)
    for code in range(0x300, 0xFE00)
    if unicodedata.category(chr(code)).startswith("M") and not 0x3000 <= code < 0x3100 and not 0x20D0 <= code < 0x2100
)
_LETTER = rf"[^\W_](?:[{_MARKS}]|[\u200c\u200d](?=[^\W_]))*"
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_PARTS = re.compile(
    r"(?P<tag><[^<>]{0,200}>)"
    rf"|(?P<quote>“[^“”]{{1,{MAX_QUOTE_LENGTH}}}”|「[^「」]{{1,{MAX_QUOTE_LENGTH}}}」|『[^『』]{{1,{MAX_QUOTE_LENGTH}}}』|\"[^\"\n]{{1,{MAX_QUOTE_LENGTH}}}\""
    rf"|«[^«»]{{1,{MAX_QUOTE_LENGTH}}}»|《[^《》]{{1,{MAX_QUOTE_LENGTH}}}》)"
    r"|(?P<cjk>[\u3005\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff])"
    rf"|(?P<word>(?:{_LETTER})+(?:['’](?:{_LETTER})+)*)"
    r"|(?P<break>[.!?;:…。！？；：\n|]|(?<=\s)/(?=\s))|(?P<comma>[,、，])"
    r"|(?P<emoji>[\u2190-\u2bff\U0001f000-\U0001faff])"
)
_CJK = re.compile(r"[\u3005\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Token:
    """A token: ``text`` is folded for comparison; ``start`` and ``end`` are its position in the prompt."""

    text: str
    kind: str  # word, cjk, emoji, quote, break, comma
    start: int
    end: int


def fold_character(character: str, traditional: dict[int, str]) -> str:
    """Fold one character for comparison: narrow, lower case, unaccented, simplified. Always returns one character."""
    plain = unicodedata.normalize("NFKC", character)
    base = unicodedata.normalize("NFD", plain)[:1] if not _CJK.match(plain) else plain
    lower = (base or character).lower()
    return lower.translate(traditional) if len(lower) == 1 else character


def fold(text: str, traditional: dict[int, str]) -> str:
    return "".join(fold_character(character, traditional) for character in text)


def tokenise(text: str, traditional: dict[int, str]) -> list[Token]:
    """Return the tokens in order. Markup tags, variation selectors and stray signs are dropped."""
    folded = fold(text[:MAX_PROMPT_LENGTH], traditional)
    tokens: list[Token] = []
    for match in _PARTS.finditer(folded):
        kind = match.lastgroup or ""
        if kind == "word":
            tokens.extend(_split_scripts(match))
        elif kind == "quote":
            line = text[match.start() + 1 : match.end() - 1].strip()
            tokens.append(Token(line, "quote", match.start(), match.end()))
        elif kind != "tag":
            tokens.append(Token(match.group(), kind, match.start(), match.end()))
    return tokens


def _split_scripts(match: re.Match[str]) -> list[Token]:
    """Split a run of letters where Latin meets Chinese or Japanese ("3d动画", "t恤")."""
    out: list[Token] = []
    for part in re.finditer(rf"{_CJK.pattern}|(?:(?!{_CJK.pattern}).)+", match.group()):
        kind = "cjk" if _CJK.match(part.group()) else "word"
        start = match.start() + part.start()
        plain = _ACCENTS.sub("", part.group().replace("’", "'"))  # é may be one character or two
        out.append(Token(plain, kind, start, start + len(part.group())))
    return out
