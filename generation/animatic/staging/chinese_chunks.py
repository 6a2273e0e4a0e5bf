"""Join the words of a Chinese clause: nouns with their numbers and sides, verbs with what completes them."""

from dataclasses import dataclass

from .chinese_words import Word, is_noun
from .draft import Phrase
from .model import SEVERAL
from .names import find_name
from .tables import invert, load_set, load_table

DESCRIBES = ("number", "several", "measure", "describing")
NOUNS = ("noun", "pronoun")


@dataclass(slots=True)
class Chunk:
    """A noun with all that counts and describes it, a verb, or another word. ``kind``: "noun", or the tag of the word.

    ``relation``: what the word after a noun (上, 里) or the last sign of a verb (走进) says. ``has_aspect``: 了 or 着
    follows.
    """

    kind: str
    text: str
    start: int
    phrase: Phrase | None = None
    relation: str = ""
    has_aspect: bool = False


def build_chunks(words: list[Word]) -> list[Chunk]:
    """Return the chunks of a clause."""
    chunks: list[Chunk] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word.tag in (*DESCRIBES, *NOUNS):
            at = _add_noun(chunks, words, at)
        elif word.tag == "verb":
            at = _add_verb(chunks, words, at)
        elif word.tag in ("of", "and", "coverb", "negative", "when"):
            chunks.append(Chunk(word.tag, word.text, word.start))
            at += 1
        elif word.tag == "side" and chunks and chunks[-1].kind == "noun" and word.text in invert("zh", "relations"):
            chunks[-1].relation = chunks[-1].relation or invert("zh", "relations")[word.text]
            if (phrase := chunks[-1].phrase) is not None:
                phrase.side = phrase.side or word.text
            at += 1
        else:  # adverbs, moments, aspects
            at += 1
    return _join_coverbs(chunks)


def _add_noun(chunks: list[Chunk], words: list[Word], at: int) -> int:
    """Add the noun group at ``at``; returns the index after it. A group without a noun counts the next noun."""
    start = at
    at, count = _read_describing(words, at)
    nouns: list[Word] = []
    while at < len(words) and words[at].tag in NOUNS and _continues(nouns, words[at]):
        nouns.append(words[at])
        at += 1
    if not nouns:
        if count:
            chunks.append(Chunk("count", "", words[start].start, Phrase("", "", count, start=words[start].start)))
        return at
    if at < len(words) and words[at].tag == "plural":
        count = 2 if words[at].text == "俩" else count or SEVERAL
        at += 1
    head, before = _choose_head([noun.text for noun in nouns])
    if invert("zh", "pronouns").get(head) == "several":
        count = SEVERAL
    text = "".join(word.text for word in words[start:at])
    count = count or (2 if head in load_set("zh", "lists", "pairs") else 1)
    begin = words[start].start
    chunks.append(Chunk("noun", head, begin, Phrase(head, text, count, before, start=begin)))
    return at


def _read_describing(words: list[Word], at: int) -> tuple[int, int]:
    """Return the index after numbers, measure words and adjectives, and the number, 0 for none."""
    count = 0
    while at < len(words) and words[at].tag in DESCRIBES:
        word = words[at]
        if word.tag in ("number", "several"):
            count = _read_number(word)
        elif word.tag == "measure" and word.text in ("群", "排", "队", "堆", "些"):
            count = SEVERAL
        elif word.tag == "measure" and word.text in ("对", "双"):
            count = count if count > 1 else 2
        at += 1
        is_led_by_of = at + 1 < len(words) and words[at].tag == "of" and words[at + 1].tag in (*DESCRIBES, *NOUNS)
        at += 1 if is_led_by_of and word.tag in ("describing", "several") else 0  # 高高的塔, 所有的伞
    return at, count


def _choose_head(nouns: list[str]) -> tuple[str, str]:
    """Return the noun that is meant, and the ones before it."""
    head, before = nouns[-1], "".join(nouns[:-1])
    if before and head in load_set("zh", "lists", "parts"):
        return before, ""
    if before and (is_noun(before + head) or not find_name(head, "zh").name):
        return before + head, ""
    return head, before


def _continues(nouns: list[Word], word: Word) -> bool:
    """Return whether a noun belongs to the nouns before it: 书店柜台, but not 农夫面包 or 她的."""
    if not nouns:
        return True
    if nouns[-1].tag == "pronoun" or word.tag == "pronoun":
        return False
    first, second = find_name(nouns[-1].text, "zh"), find_name(word.text, "zh")
    return not (first.is_actor and second.name)


def _read_number(word: Word) -> int:
    numbers = load_table("zh")["lists"]["numbers"]
    values = dict(zip(numbers, (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
    if word.tag == "several":
        return 2 if word.text == "一对" else SEVERAL
    if word.text.isdecimal():
        return min(int(word.text[:4]), 999)
    total = 0
    for sign in word.text:
        value = values.get(sign, 0)
        total = total * 10 if value == 10 and total else total + value
    return total or 1


def _add_verb(chunks: list[Chunk], words: list[Word], at: int) -> int:
    """Add the verb at ``at`` with its aspect and direction; returns the index after them."""
    word = words[at]
    paths = invert("zh", "paths")
    relation = paths.get(word.text[-1], "") if len(word.text) > 1 else ""
    if word.text in load_set("zh", "lists", "plain_verbs") and not word.text.endswith("给"):
        relation = ""
    chunk = Chunk("verb", word.text, word.start, relation=relation)
    at += 1
    while at < len(words) and words[at].tag in ("aspect", "direction"):
        chunk.has_aspect = True
        if words[at].text in paths and words[at].tag != "of" and words[at].text not in ("来", "去"):
            chunk.relation = chunk.relation or paths[words[at].text]
        at += 1
    chunks.append(chunk)
    return at


def _join_coverbs(chunks: list[Chunk]) -> list[Chunk]:
    """Return the chunks without coverbs that lead to no noun, and with 在 and 给 after a verb as its relation."""
    out: list[Chunk] = []
    for at, chunk in enumerate(chunks):
        following = chunks[at + 1].kind if at + 1 < len(chunks) else ""
        if chunk.kind == "coverb" and following not in ("noun", "count") and chunk.text != "被":
            if chunk.text in ("给", "跟", "到", "往", "拿", "陪", "对着"):
                out.append(Chunk("verb", chunk.text, chunk.start))
            continue
        out.append(chunk)
    return out
