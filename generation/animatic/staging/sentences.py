"""Write the sentence of a shot from the words of the idea."""

import re

from .draft import Event, Phrase
from .tables import load_table

EDGE = " ,;:.!?…—()，；：。！？、"
ARTICLE = re.compile(r"^(?:a|an)\s+", re.IGNORECASE)
EVERY = re.compile(r"^(?:every|each|all)\s+(?:the\s+)?", re.IGNORECASE)


def cut_clause(text: str, shot: list[Event], events: list[Event], language: str) -> str:
    """Return the clauses of a shot as a sentence: without "until" or "and" in front, with the one who acts."""
    starts = sorted({event.start for event in events if not event.is_detail})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    spans: list[tuple[int, int]] = []
    for start in sorted({event.start for event in shot}):
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], ends[start])
        else:
            spans.append((start, ends[start]))
    parts = [_strip(text[start:end], language) for start, end in spans]
    sentence = _join([part for part in parts if part], language)
    first = min(shot, key=lambda event: event.start)
    if not first.has_subject and first.actors:
        sentence = _put_subject(first.actors, sentence, language)
    return _end(sentence, language)


def _strip(clause: str, language: str) -> str:
    """Return a clause without signs and connecting words at its beginning and its end."""
    leading, trailing = (load_table(language)["sentence"].get(name, []) for name in ("leading", "trailing"))
    clause = clause.strip(EDGE)
    changed = True
    while changed:
        changed = False
        for word in leading:
            if _starts_with(clause, word, language):
                clause, changed = clause[len(word) :].strip(EDGE), True
        for word in trailing:
            if len(clause) > len(word) and clause.endswith(word):
                clause, changed = clause[: -len(word)].strip(EDGE), True
    return clause.removesuffix(" and") if language == "en" else clause


def _starts_with(clause: str, word: str, language: str) -> bool:
    if language != "en":
        return clause.startswith(word) and len(clause) > len(word)
    return clause.lower().startswith(f"{word} ")


def _join(parts: list[str], language: str) -> str:
    return {"en": ", ", "zh": "，", "ja": "、"}[language].join(parts)


def _put_subject(actors: list[Phrase], sentence: str, language: str) -> str:
    if language == "en":
        names = [ARTICLE.sub("the ", actor.words or actor.head) for actor in actors]
        return f"{' and '.join(names)} {sentence}"
    joint, particle = {"zh": ("和", ""), "ja": ("と", "は")}[language]
    return joint.join(actor.words or actor.head for actor in actors) + particle + sentence


def _end(sentence: str, language: str) -> str:
    if not sentence:
        return ""
    if language == "en":
        return sentence[0].upper() + sentence[1:] + "."
    trailing = tuple(load_table(language)["sentence"].get("open_endings", []))
    return sentence + ("……" if trailing and sentence.endswith(trailing) else "。")


def write_opening(event: Event, place: Phrase, language: str) -> str:
    """Return who is where, such as "A grandmother on the hill". A way becomes a place: "through" it is "in" it."""
    who = [actor.words or actor.head for actor in event.actors]
    where = place.words or place.head
    if language == "en":
        side = load_table("en")["opening_sides"].get(place.side.lower(), place.side)
        return _end(f"{' and '.join(who)} {side} {where}", language)
    joint, pause = {"zh": ("和", "，"), "ja": ("と", "、")}[language]
    return _end(f"{where}{place.side}{pause}{joint.join(who)}", language)


def write_close(phrase: Phrase, language: str) -> str:
    return _end(EVERY.sub("", phrase.words or phrase.head), language)
