"""Cut Japanese without a dictionary: known nouns, changes of script, particles and the kana that end a verb."""

import re
from dataclasses import dataclass
from functools import cache

from .model import SEVERAL
from .moments import load_moments
from .names import load_names
from .places import load_places
from .poses import load_verbs
from .tables import invert, load_set, load_table

KANJI = "\u4e00-\u9fff\u3005\u3006\u30f6"
KATAKANA = "\u30a1-\u30f4\u30fc"
KANA = "\u3041-\u3093"
BREAK = re.compile(r"[、。！？!?,.;:…「」『』（）()\s—・]+")
PARTICLE = re.compile(r"からは|までは|には|では|とは|へは|にも|でも|から|まで|より|が|を|に|で|と|は|も|の|へ|や")
# what may follow a noun
AFTER_NOUN = re.compile(
    rf"(?:{PARTICLE.pattern}|たち|達|さん|くん|ちゃん|さま|だけ|だ|です|、|。|！|[{KANJI}{KATAKANA}]|$)"
)
# kana that look like a particle and belong to a verb: 落とす, 撫でる, 上がる, 燃やす, 積もる
VERB_KANA = re.compile(r"と[すしせさ]|で[るらりてた]|が[るりっらすしせさ]|や[すしせさ]|も[るりっらす]|の[くけ]")
RUN = re.compile(rf"[{KANJI}{KATAKANA}]+")
VERB = re.compile(
    rf"[おご]?[{KANJI}{KATAKANA}]+[{KANA}]*?(?=[、。！？]|(?:と|が|まで|けど|のに)、|[{KANJI}{KATAKANA}]|$)|[{KANA}]+?(?=[、。！？]|(?:と|が|まで|けど|のに)、|[{KANJI}{KATAKANA}]|$)"
)
COMPOUND = re.compile(
    rf"[{KANJI}]+(?!{PARTICLE.pattern})[{KANA}]+?(?=[、。！？]|(?:と|が|まで)、|[{KANJI}{KATAKANA}]|$)"
)
TE_NOUN = re.compile(rf"[{KANJI}][いきしちにみりびぎて]")  # may be the first part of a noun
STEM_ENDING = re.compile("(?<!な)[いきしちにひみりぎじびえけせねめれげべ]$")
ADJECTIVE = re.compile(rf"[{KANJI}]+[{KANA}]{{0,3}}?[いな]")
CONNECTOR = re.compile(
    r"(?<=[うくすつぬむるただぐぶ])(?:と|まで|けど|けれど|のに|ので|ため|ために|から|たび|間|ほど|が)$"
)
KANA_NOUN = re.compile(rf"[{KANA}]{{2,6}}?(?=[がをは])")
HONORIFIC = re.compile("さん|くん|君|ちゃん|さま|様")
PLURAL = re.compile("たち|達|ども")
COPULA = re.compile("だけだ|だけ|でした|です|だった|だ(?=[。、]|$)")
COUNTED = re.compile(r"[一二三四五六七八九十]+[人匹羽頭本枚台軒隻冊個体名艘]$")
VERB_ENDING = re.compile(r"[うくすつぬむるたてでだ]$")
MAX_KNOWN = 10  # signs of the longest known noun


@dataclass(slots=True)
class Piece:
    """A part of a sentence. ``kind``: noun, particle, verb, adjective, adverb, count, nobody, moment or break."""

    kind: str
    text: str
    start: int
    count: int = 1
    link: str = ""  # what joins a verb to the next clause: と, まで, が


@cache
def load_nouns() -> frozenset[str]:
    return (
        frozenset(load_names("ja"))
        | frozenset(load_places("ja"))
        | load_set("ja", "lists", "nouns")
        | load_set("ja", "lists", "people")
        | frozenset(invert("ja", "relations"))
    )


@cache
def _build_count() -> re.Pattern[str]:
    digits = [sign for name, signs in load_table("ja")["numbers"].items() if name != "several" for sign in signs]
    several = sorted(load_table("ja")["numbers"]["several"], key=len, reverse=True)
    counters = sorted(load_table("ja")["lists"]["counters"], key=len, reverse=True)
    join = lambda words: "|".join(map(re.escape, words))  # noqa: E731
    return re.compile(
        rf"(?:(?P<digits>(?:{join(digits)}|\d)+)(?P<counter>{join(counters)})|(?P<several>{join(several)})(?:{join(counters)})?)(?=の|が|は|を|も|で|、|[{KANJI}{KATAKANA}])"
    )


@cache
def _build_adverb() -> re.Pattern[str]:
    words = sorted(load_table("ja")["tags"]["adverb"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def cut_japanese(text: str) -> list[Piece]:
    """Return the pieces of a text in order."""
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        piece, at = _cut_next(text, at, pieces)
        if piece is not None:
            pieces.append(piece)
    return pieces


def _cut_next(text: str, at: int, pieces: list[Piece]) -> tuple[Piece | None, int]:
    """Return the piece at ``at`` and where the next one begins."""
    if match := BREAK.match(text, at):
        return Piece("break", match[0], at), match.end()
    last = pieces[-1].kind if pieces else "break"
    if last in ("break", "particle", "verb", "adverb") and (match := _build_adverb().match(text, at)):
        return Piece("adverb", match[0], at), match.end()
    nobody = next((word for word in load_table("ja")["tags"]["nobody"] if text.startswith(word, at)), "")
    if nobody:
        return Piece("nobody", nobody, at, 0), at + len(nobody)
    if match := _build_count().match(text, at):
        return Piece("count", match[0], at, _read_number(match)), match.end()
    if last in ("noun", "count", "nobody", "plural") and (match := PARTICLE.match(text, at)):
        return Piece("particle", match[0], at), match.end()
    if last == "noun" and (match := PLURAL.match(text, at)):
        return Piece("plural", match[0], at), match.end()
    if last == "noun" and (match := HONORIFIC.match(text, at)):
        return None, match.end()
    if last in ("noun", "plural") and (match := COPULA.match(text, at)):
        return Piece("adverb", match[0], at), match.end()
    if found := _find_moment(text, at):
        return Piece("moment", text[at:found], at), found
    return _cut_noun_or_verb(text, at, last)


def _cut_noun_or_verb(text: str, at: int, last: str) -> tuple[Piece | None, int]:
    if end := _find_known(text, at) or _find_run(text, at):
        return Piece("noun", text[at:end], at), end
    match = PARTICLE.match(text, at)
    if match and (last != "particle" or len(match[0]) > 1):
        return Piece("particle", match[0], at), match.end()
    if last != "noun" and (match := KANA_NOUN.match(text, at)) and not VERB_ENDING.search(match[0]):
        return Piece("noun", match[0], at), match.end()
    if (match := ADJECTIVE.match(text, at)) and _is_adjective(match[0], text, match.end()):
        return Piece("adjective", match[0], at), match.end()
    if match := VERB.match(text, at):
        return _cut_verb(text, at, match.end())
    return None, at + 1


def _read_number(match: re.Match[str]) -> int:
    if match["several"]:
        return SEVERAL
    names = list(load_table("ja")["numbers"])
    signs = invert("ja", "numbers")
    digits = match["digits"]
    if digits.isdecimal():
        return min(int(digits[:4]), 999)
    total = 0
    for sign in re.findall("ひと|ふた|.", digits):
        value = names.index(signs[sign]) + 1 if sign in signs else 0
        total = total * 10 if value == 10 and total else total + value
    return total or 1


def _find_known(text: str, at: int) -> int:
    """Return the end of the longest known noun at ``at``, with the rest of its run of signs; 0 for none."""
    for end in range(min(len(text), at + MAX_KNOWN), at, -1):
        if text[at:end] in load_nouns() and _may_be_noun(text, at, end):
            is_short_kana = end - at < 4 and re.fullmatch(f"[{KANA}]+", text[at:end])
            if is_short_kana and not (
                end == len(text) or re.match("[がをにでとはものへや、。]|たち|から|まで", text[end:])
            ):
                continue
            longer = RUN.match(text, end)
            if longer and not _is_noun_end(text, longer.end()):
                return end if end - at > 1 else 0
            return _cut_count(text, at, longer.end()) if longer else end
    return 0


def _may_be_noun(text: str, at: int, end: int) -> bool:
    """Return whether a known noun may stand here: 上 in の上に, but not in 上がる."""
    if not AFTER_NOUN.match(text, end) or (end - at == 1 and VERB_KANA.match(text, end)):
        return False
    word = text[at:end]
    is_side = word in invert("ja", "relations") and word not in load_places("ja")
    return not is_side or text[at - 1 : at] == "の"


def _cut_count(text: str, at: int, end: int) -> int:
    """Return the end of a run of signs without a number at its end: 力士二人."""
    counted = COUNTED.search(text, at, end)
    return counted.start() if counted and counted.start() > at else end


def _is_noun_end(text: str, end: int) -> bool:
    return AFTER_NOUN.match(text, end) is not None and VERB_KANA.match(text, end) is None


def _find_run(text: str, at: int) -> int:
    """Return the end of a run of kanji and katakana that is a noun, 0 for a verb or none."""
    run = RUN.match(text, at)
    if run is None or not _is_noun_end(text, run.end()):
        return 0
    return _cut_count(text, at, run.end())


def _find_moment(text: str, at: int) -> int:
    """Return the end of an hour or weather that does nothing itself: 夜、 but not 嵐が; 0 for none."""
    for end in range(min(len(text), at + 6), at, -1):
        slot = load_moments("ja").get(text[at:end], ("", ""))[0]
        if slot not in ("hour", "weather"):
            continue
        inside = re.match(r"の中[をにで]?|の(?!中)|に|は、|で|、|$", text[end:])
        if inside:
            return end + (inside.end() if inside[0] != "、" else 0)
    return 0


def _cut_verb(text: str, at: int, end: int) -> tuple[Piece, int]:
    """Return a verb with its second part (引き上げる), or an adjective."""
    while STEM_ENDING.search(text[at:end]) and (more := COMPOUND.match(text, end)):
        end = more.end()
    word = text[at:end]
    if TE_NOUN.fullmatch(word) and (known := _find_known(text, end)):
        return Piece("noun", text[at:known], at), known  # 捨て猫
    link = ""
    if match := CONNECTOR.search(word):
        link, word = match[0], word[: match.start()]
    elif match := re.match("(?:と|が|まで|けど|のに)(?=、)", text[end:]):
        link = match[0]
        return Piece("verb", word, at, link=link), end + len(link)
    if _is_adjective(word, text, end) and not link:
        return Piece("adjective", word, at), end
    return Piece("verb", word, at, link=link), end


def _is_adjective(word: str, text: str, end: int) -> bool:
    """Return whether a word describes the noun after it: 小さな, 古い, 老いた."""
    is_before_noun = RUN.match(text, end) is not None or _find_known(text, end) > 0
    if not is_before_noun:
        return False
    if word.startswith(tuple(load_set("ja", "lists", "states"))) and word.endswith(("た", "だ")):
        return True
    if word.endswith(("たての", "かけの", "まみれの", "だらけの", "がちの")):
        return True
    if not word.endswith(("い", "な")) or word.endswith(("ない", "ている", "てい", "らない")):
        return False
    return not word.endswith("い") or not any(word[:n] in load_verbs("ja") for n in range(1, len(word)))
