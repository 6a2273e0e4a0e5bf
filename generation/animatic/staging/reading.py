"""Read the staging of a sentence in English, Chinese or Japanese."""

import re
from collections.abc import Callable

from .building import build_staging
from .chinese import read_chinese
from .draft import Draft
from .english import read_english
from .japanese import read_japanese
from .model import Staging
from .moments import blank_directions
from .references import resolve_references

MAX_LENGTH = 4000  # characters that are read; what comes after them is told by the note
KANA = re.compile(r"[\u3041-\u30fa]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
JAPANESE_HAN = re.compile(
    "[桜剣戦駅鉄図広読売気帰黒歩絵楽駆験険渋済続弾単栄薬観覚軽経継児収縄焼嬢浄説歳残桟歯実釈巣騒総増"
    "蔵滝沢団遅聴塩縁応殴仮悪圧囲転伝徳悩脳廃髪発抜仏払変豊満黙様頼竜猟霊歴労亀暁恵鶏込峠畑辻働匂枠]"
)
LATIN = re.compile(r"[A-Za-z]+")
READERS: dict[str, Callable[[str], Draft]] = {"en": read_english, "zh": read_chinese, "ja": read_japanese}


def read_staging(text: str, language: str | None = None) -> Staging:
    """Return what a sentence says about one shot. Text in no language that is read gives an empty staging."""
    plain = " ".join(text.split())
    draft, language = read_draft(plain, language)
    return build_staging(plain, draft.events, draft.unread, language)


def read_draft(text: str, language: str | None = None) -> tuple[Draft, str]:
    """Return the events of a text, with nouns for pronouns, and the language it was read in."""
    wanted = language[:2].lower() if language else ""
    known = wanted if wanted in READERS and _has_letters(text, wanted) else detect_language(text)
    draft = READERS[known](blank_directions(text[:MAX_LENGTH], known))
    resolve_references(draft.events, known)
    return draft, known


def _has_letters(text: str, language: str) -> bool:
    """Return whether a text has letters of a language, so that it can be read in it."""
    return bool(LATIN.search(text) if language == "en" else HAN.search(text) or KANA.search(text))


def detect_language(text: str) -> str:
    """Return the language that has most of a text: a Chinese or Japanese sign counts as much as a Latin word.

    A list of nouns may be Japanese without kana (桜並木、剣士); signs that only Japanese writes so then tell it.
    """
    kana, han, latin = (len(pattern.findall(text)) for pattern in (KANA, HAN, LATIN))
    if kana + han <= latin:
        return "en"
    return "ja" if kana * 10 >= han or (not kana and JAPANESE_HAN.search(text)) else "zh"
