"""Cut Chinese into words with tags: the dictionary of jieba, mended by closed lists.

The dictionary glues what belongs apart (放风筝, 坐在, 街上, 三只), and tags many verbs of one sign as something else.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..understanding.lexicon import load_folding
from ..understanding.tokens import fold
from .moments import load_moments
from .names import load_names
from .places import load_places
from .poses import load_verbs
from .tables import invert, load_set, load_table

NOUN_TAGS = ("n", "s", "j", "vn", "an", "x", "nz", "eng")
DIRECTIONS = ("进", "入", "过", "上", "出", "回", "下")
RESULTS = ("走", "掉", "住")  # after a verb of one sign, whatever it is
LETTERS = re.compile(r"[\w]")


@dataclass(slots=True)
class Word:
    """A word. ``tag``: a list of ``[tags]`` in zh.toml, or noun, verb, coverb, number, several, measure, side,
    describing, moment.
    """

    text: str
    tag: str
    start: int


@cache
def _build_fixed() -> re.Pattern[str]:
    """Return a pattern of the phrases that are cut out before the dictionary sees a text."""
    table = load_table("zh")
    phrases = [*table["tags"]["nobody"], *table["tags"]["turn"], "的时候", *load_moments("zh")]
    longer = sorted((phrase for phrase in phrases if len(phrase) > 1), key=lambda phrase: (-len(phrase), phrase))
    return re.compile("|".join(map(re.escape, longer)))


@cache
def load_tags() -> dict[str, str]:
    """Return word → tag, for all words whose tag does not depend on their company."""
    tags = invert("zh", "tags") | dict.fromkeys(invert("zh", "coverbs"), "coverb")
    return tags | dict.fromkeys(load_set("zh", "lists", "several"), "several")


@cache
def is_noun(word: str) -> bool:
    return word in load_names("zh") or word in load_places("zh")


@cache
def is_verb(word: str) -> bool:
    return word in load_verbs("zh") or word in load_set("zh", "lists", "plain_verbs")


@cache
def _load_dictionary() -> Any:
    """Return the dictionary of jieba, which takes 34 MB, so that only the first Chinese text loads it."""
    import rjieba

    return rjieba.Jieba()


def split_chinese(text: str) -> list[Word]:
    """Return the words of a text. Traditional characters are read as simplified ones."""
    plain = fold(text, load_folding())
    words: list[Word] = []
    at = 0
    for match in _build_fixed().finditer(plain):
        words += _cut(plain, at, match.start())
        words.append(Word(match[0], _tag_fixed(match[0]), match.start()))
        at = match.end()
    words += _cut(plain, at, len(plain))
    return _drop_moments(_mend_by_company(words))


def _drop_moments(words: list[Word]) -> list[Word]:
    """Return the words without hours and weather, and without the 的 or 中 after them."""
    kept = [word for at, word in enumerate(words) if not _belongs_to_moment(words, at)]
    return [word for word in kept if word.tag != "moment"]


def _belongs_to_moment(words: list[Word], at: int) -> bool:
    return at > 0 and words[at - 1].tag == "moment" and words[at].tag in ("of", "side")


def _tag_fixed(phrase: str) -> str:
    return "when" if phrase == "的时候" else load_tags().get(phrase, "moment")


def _cut(text: str, start: int, end: int) -> list[Word]:
    words: list[Word] = []
    at = start
    for word, tag in _join_known(_load_dictionary().tag(text[start:end], False)) if start < end else ():
        is_counted = bool(words) and words[-1].tag in ("number", "several")
        words += _mend_counted(word, tag, at) if is_counted else _mend(word, tag, at)
        at += len(word)
    return words


def _join_known(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the words of the dictionary, where two together are a word of the tables as one: 人 and 鱼."""
    joined: list[tuple[str, str]] = []
    for word, tag in parts:
        whole = joined[-1][0] + word if joined else ""
        if whole in load_names("zh") and joined[-1][0] not in load_tags():
            joined[-1] = (whole, "n")
        elif whole in load_set("zh", "lists", "plain_verbs") or (len(whole) > 2 and whole in load_verbs("zh")):
            joined[-1] = (whole, "v")
        elif whole in invert("zh", "coverbs") and len(whole) > 1:
            joined[-1] = (whole, "p")
        else:
            joined.append((word, tag))
    return joined


def _mend_counted(word: str, tag: str, at: int) -> list[Word]:
    """Return a word after a number: 本书 after 一 is a measure word and a book."""
    is_glued = len(word) > 1 and word[0] in load_set("zh", "lists", "classifiers") and not is_noun(word)
    if is_glued and (is_noun(word[1:]) or _load_dictionary().has_word(word[1:])):
        return _place([(word[0], "measure"), (word[1:], "noun")], at)
    return _mend(word, tag, at)


def _mend(word: str, tag: str, at: int) -> list[Word]:
    """Return one word of the dictionary as the words it holds."""
    if not LETTERS.match(word):
        return [Word(word, load_tags().get(word, "break"), at)]
    if word in load_tags():
        return [Word(word, load_tags()[word], at)]
    is_colour = len(word) > 1 and word.endswith("色") and not is_noun(word)
    if is_colour or word in load_set("zh", "lists", "describing"):
        return [Word(word, "describing", at)]
    if parts := _split_number(word) or _split_glued(word, tag):
        return _place(parts, at)
    return [Word(word, _tag(word, tag), at)]


def _place(parts: list[tuple[str, str]], at: int) -> list[Word]:
    words = []
    for part, tag in parts:
        words.append(Word(part, tag, at))
        at += len(part)
    return words


def _split_number(word: str) -> list[tuple[str, str]]:
    """Return 三只狗 as a number, a measure word and a noun; [] for any other word."""
    numbers, measures = load_set("zh", "lists", "numbers"), load_set("zh", "lists", "classifiers")
    digits = 0
    while digits < len(word) and (word[digits] in numbers or word[digits].isdigit() or word[digits] == "几"):
        digits += 1
    if not digits or is_noun(word):
        return []
    tag = "several" if word[0] == "几" else "number"
    if digits == len(word):
        return [(word, tag)]
    if word[digits] not in measures or word == "一起":
        return []
    rest = word[digits + 1 :]
    return [(word[:digits], tag), (word[digits], "measure"), *([(rest, "noun")] if rest else [])]


def _split_glued(word: str, tag: str) -> list[tuple[str, str]]:
    """Return a verb with its aspect, a verb with its object, a noun with its side or plural; [] for a whole word."""
    head, last = word[:-1], word[-1]
    side = next((s for s in _list_sides() if word.endswith(s) and len(word) > len(s)), "")
    if side and word not in load_names("zh") and _is_beside(word, word[: -len(side)], tag):
        return [(word[: -len(side)], "noun"), (side, "side")]
    if object_at := _find_object(word):
        return [(word[:object_at], "verb"), (word[object_at:], "noun")]
    if is_noun(word) or is_verb(word) or len(word) < 2:
        return []
    if last in ("们", "俩"):
        return [(head, "noun"), (last, "plural")]
    if last == "了" and len(word) > 2 and is_verb(word[-2]):  # 灯亮了
        return [(word[:-2], "noun"), (word[-2], "verb"), (last, "aspect")]
    return _split_verb(word, tag)


def _split_verb(word: str, tag: str) -> list[tuple[str, str]]:
    """Return a verb with its aspect, its coverb (坐在) or its path (走进), or with its object; [] for a whole word."""
    head, last = word[:-1], word[-1]
    if last in "着了" and (is_verb(head) or tag[0] == "v"):
        return [(head, "verb"), (last, "aspect")]
    if last in "在给到向往" and is_verb(head):
        return [(head, "verb"), (last, "coverb")]
    if last in "进入过上出到回下" and is_verb(head):
        return [(word, "verb")]
    for cut in range(len(word) - 1, 0, -1):
        if tag[0] in "vil" and is_verb(word[:cut]) and len(word) > 2 and _load_dictionary().has_word(word[cut:]):
            return [(word[:cut], "verb"), (word[cut:], load_tags().get(word[cut:], "noun"))]
    return []


def _find_object(word: str) -> int:
    """Return where the object begins in a verb with its object (放风筝, 弹琴), 0 for any other word."""
    if word in load_names("zh") or word in load_set("zh", "lists", "plain_verbs") or len(word) < 2:
        return 0
    cuts = (cut for cut in range(len(word) - 1, 0, -1) if is_verb(word[:cut]) and word[cut:] in load_names("zh"))
    return next((cut for cut in cuts if not load_names("zh")[word[cut:]].is_actor or len(word) > 2), 0)


def _is_beside(word: str, head: str, tag: str) -> bool:
    """Return whether a word is a noun with its side (街上), and not a place of another kind (湖边, 海底)."""
    places = load_places("zh")
    if word in places:
        return head in places and places[head][0] == places[word][0]
    return is_noun(head) or (tag in ("s", "f") and word not in invert("zh", "relations"))


@cache
def _list_sides() -> tuple[str, ...]:
    return tuple(sorted(invert("zh", "relations"), key=len, reverse=True))


def _tag(word: str, tag: str) -> str:
    """Return the tag of a whole word."""
    if word in load_set("zh", "lists", "classifiers") and tag[0] == "q":
        return "measure"
    if word in invert("zh", "relations") and (tag[0] in "fs" or len(word) > 1):
        return "side"
    if is_noun(word) and not _may_be_verb(word, tag):
        return "noun"
    if word in load_set("zh", "lists", "no_verbs"):
        return "noun"
    if is_verb(word) and (len(word) > 1 or tag[0] == "v" or word in load_set("zh", "lists", "lone_verbs")):
        return "verb"
    if tag.startswith(NOUN_TAGS):
        return "noun"
    kinds = {
        "v": "verb",
        "m": "number",
        "q": "measure",
        "f": "side",
        "a": "describing",
        "b": "describing",
        "z": "describing",
    }
    kinds |= {"d": "adverb", "p": "adverb", "c": "adverb", "r": "adverb", "t": "moment", "u": "aspect", "y": "aspect"}
    if tag in ("i", "l"):
        return "verb" if is_verb(word[0]) or is_verb(word[:2]) else "adverb"
    if tag in ("g", "zg", "ng", "ag"):
        return "noun"
    return kinds.get(tag[0], "adverb")


def _may_be_verb(word: str, tag: str) -> bool:
    """Return whether a word that is a keyword of a thing is a verb: 扫地 for a broom."""
    name = load_names("zh").get(word)
    if name is not None and name.is_actor:
        return False
    return is_verb(word) or (tag[0] == "v" and is_verb(word[0]))


def _mend_by_company(words: list[Word]) -> list[Word]:
    """Change tags that depend on the words around."""
    for at, word in enumerate(words):
        before = words[at - 1].tag if at else "break"
        following = words[at + 1] if at + 1 < len(words) else Word("", "break", 0)
        word.tag = _choose_tag(word, before, following)
    return words


def _choose_tag(word: Word, before: str, following: Word) -> str:
    if word.text in load_set("zh", "lists", "ambiguous"):
        return _choose_ambiguous(word, before, following)
    if word.text == "拿" and following.tag == "aspect" and before in ("break", "measure", "number"):
        return "verb"  # 拿着灯笼的女孩
    if word.text == "在":
        return "adverb" if following.tag in ("verb", "adverb") else "coverb"
    if before == "verb" and word.text in DIRECTIONS and word.tag == "verb":
        return "direction"  # 冲进
    if word.text in invert("zh", "relations") and len(word.text) == 1 and before == "noun" and word.tag != "noun":
        return "side"
    choose = {"moment": _retag_moment, "aspect": _retag_aspect, "side": _retag_side}.get(word.tag, _retag_open)
    return choose(word, before, following)


def _retag_moment(word: Word, before: str, following: Word) -> str:
    """Return "noun" for weather that does something: 暴风雨把它撕碎."""
    does_something = before != "coverb" and (following.text in ("把", "将", "被") or following.tag == "verb")
    is_weather = load_moments("zh").get(word.text, ("", ""))[0] == "weather"
    return "noun" if does_something and is_weather else "moment"


def _retag_side(word: Word, before: str, following: Word) -> str:
    return "noun" if before not in ("noun", "pronoun", "plural") and is_noun(word.text) else "side"  # 门口


def _retag_open(word: Word, before: str, following: Word) -> str:
    if word.tag in ("describing", "noun") and following.text == "了" and not is_noun(word.text):
        return "verb"  # 灯亮了
    is_word = word.tag in ("noun", "number", "describing") and len(word.text) == 1
    if is_word and following.text in RESULTS and before != "number" and not is_noun(word.text):
        return "verb"  # 叼走, 卷走
    if word.tag == "verb" and before in ("of", "measure", "describing") and not is_verb(word.text):
        return "noun"  # 旧怀表
    if word.tag == "describing" and following.tag in ("break", "and") and is_noun(word.text):
        return "noun"
    return word.tag


def _retag_aspect(word: Word, before: str, following: Word) -> str:
    """Return the tag of a sign that is an aspect only after a verb: 走 in 他走."""
    if before in ("verb", "aspect"):
        return "aspect"
    if word.text == "过" and before == "noun":
        return "verb"
    if word.text in ("了", "着", "过", "地", "得", "吧", "呢", "啊", "吗"):
        return "aspect"
    if before in ("number", "of", "measure"):
        return "noun"
    return "verb" if is_verb(word.text) else "aspect"


def _choose_ambiguous(word: Word, before: str, following: Word) -> str:
    """Return whether a sign like 画 is a noun, a verb, a side, a measure word or a coverb here."""
    if before in ("number", "several") and word.text in load_set("zh", "lists", "classifiers"):
        return "measure"
    if before in ("of", "measure", "describing") and word.text not in ("给", "把", "对", "将"):
        return "noun"
    if before == "noun" and word.text in invert("zh", "relations"):
        return "side"
    if word.text in invert("zh", "coverbs"):
        return "coverb" if following.tag != "aspect" else "verb"
    if before == "verb" and word.text in ("上", "下", "开"):
        return "direction"
    is_before_object = following.tag in ("number", "several", "aspect", "measure", "noun", "pronoun", "describing")
    return "verb" if is_before_object or before in ("adverb", "negative") else "noun"
