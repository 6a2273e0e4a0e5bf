"""Who comes back: names that speak, are listed, are mentioned with an @, or stand in the words more than once."""

import re
from collections import Counter
from functools import lru_cache

from studio.importing.found import Person, Shot
from studio.importing.mentioned import mentioned
from studio.importing.words import FOLK

CAPITAL = re.compile(r"(?<![.!?“\"「]\s)(?<!^)(?<![\w@])([A-Z][a-z’'-]{2,}(?: (?:of the )?[A-Z][a-z’'-]{2,})?)")
OPENING = re.compile(r"(?:^|[.!?”\"]\s+)([A-Z][a-z’-]{2,})(?=\s+[a-z]+(?:ed|s|ing)\b)", re.MULTILINE)
FAMILIAR = re.compile(r"(?:小|阿|老)[\u4e00-\u9fff](?=[在走跑坐站说說问看拿推打抬把给從从和跟、，的笑哭])")
KATAKANA = re.compile(r"(?:^|[。、\s「])([ァ-ヶー]{2,8}|[\u4e00-\u9fff]{1,3}(?:さん|くん|ちゃん))(?=[はがもとに])")
COMMON = set(  # begin with a capital and are nobody
    "the and but then when while after before they she her his its you not now every some all one two this that "  # noqa: SIM905
    "there what who how why where with from into our their your nobody somebody everyone outside inside suddenly "
    "slowly wind rain snow monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december morning evening night day dawn dusk english chinese "
    "japanese close-up wide shot scene int ext god".split()
)
NOT_PEOPLE = {
    "all",
    "everyone",
    "crowd",
    "narrator",
    "n/a",
    "none",
    "-",
    "—",
    "无",
    "無",
    "旁白",
    "众人",
    "大家",
    "なし",
    "ナレーション",
}
SAID_OF = (
    r"(?:tall|short|small|little|big|young|old|elderly|thin|slim|plump|quiet|shy|strange|lonely|blonde?"
    r"|\w{1,12}-\w{2,12}(?:-old)?)"
)
WEARS = r"(?:\s(?:with|in|wearing)\s(?!the\b)[^,.;:!?()\n]{2,70})?"
INTRODUCED = (  # right behind a name: a kind of somebody, what they are like and what they wear; nobody else, no deed
    re.compile(
        rf"(?:,\s\d{{1,3}}|\s\(\d{{1,3}}\))?,\s+"
        rf"(?P<who>an?\s(?:{SAID_OF},?\s){{0,3}}(?:{FOLK['en']}){WEARS})(?=[,.;]|$)",
        re.MULTILINE,
    ),
    re.compile(
        rf"，(?P<who>一[个個位名只隻條条匹](?:[^，。；：！？、\s和与跟在向往]{{1,16}}的)?(?:{FOLK['zh']}))(?=[，。；]|$)",
        re.MULTILINE,
    ),
    re.compile(rf"、(?P<who>(?!隣|となり|横|そば|近く)[^、。！？\s]{{1,16}}の(?:{FOLK['ja']}))(?=、)"),
)
SOMEBODY = re.compile("|".join((rf"\b(?:{FOLK['en']})s?\b", FOLK["zh"], FOLK["ja"])))
LETTER = r"[0-9A-Za-z_\u00c0-\u024f]"  # that a Latin name goes on with: "Mika走进来" is Mika
MOST = 40
MOST_NAMES = 200  # that are looked for in every shot


def found_in(shots: list[Shot], listed: list[Person]) -> list[Person]:
    """People and places with how many shots they are in, most first; ``who`` of the shots is completed."""
    listed = listed[:MOST_NAMES]
    names = {each.name.casefold(): each for each in listed}
    for name in _names(shots)[:MOST_NAMES]:
        names.setdefault(name.casefold(), Person(name))
    people = [each for each in names.values() if each.kind == "person"]
    for shot in shots:
        present = [each.name for each in people if _is_in(each.name, shot)]
        shot.who = list(dict.fromkeys(present))
    for each in people:
        each.scenes = sum(each.name in shot.who for shot in shots)
        each.description = each.description or _introduction(each.name, shots)
    listed_names = {each.name for each in listed}
    people = [each for each in people if each.scenes or each.name in listed_names]
    return [*sorted(people, key=lambda each: -each.scenes)[:MOST], *_places(shots, listed)]


def _names(shots: list[Shot]) -> list[str]:
    named = [name for shot in shots for name in [*shot.who, shot.speaker] if name]
    words = [f"{shot.action}\n" for shot in shots]
    named += mentioned(words, named)
    counts = Counter(
        name for text in words for pattern in (CAPITAL, OPENING, FAMILIAR, KATAKANA) for name in pattern.findall(text)
    )
    known = {name.casefold() for name in named}
    for name, times in counts.most_common(30):
        whole = sum(len(re.findall(rf"(?<!\w){re.escape(name)}", text)) for text in words) if name.isascii() else times
        if (times > 1 or whole > 1) and name.casefold() not in COMMON and name.casefold() not in known:
            named.append(name)
    kept = [re.sub(r"\s*[(（].*?[)）]$", "", name).strip() for name in named]
    return list(dict.fromkeys(name for name in kept if 0 < len(name) <= 40 and name.casefold() not in NOT_PEOPLE))


def _is_in(name: str, shot: Shot) -> bool:
    return name in (shot.speaker, *shot.who) or bool(_spelt(name).search(shot.action))


@lru_cache(MOST_NAMES)
def _spelt(name: str) -> re.Pattern:
    """The name in running text; scripts write it in capitals where somebody is first seen."""
    if not name.isascii():
        return re.compile(re.escape(name))
    return re.compile(rf"(?<!{LETTER})(?:{re.escape(name)}|{re.escape(name.upper())})(?!{LETTER})")


def _introduction(name: str, shots: list[Shot]) -> str:
    """Who somebody is, in the text's own words: "Mika, a girl with short hair, waits"."""
    for shot in shots:
        for place in _spelt(name).finditer(shot.action):
            for words in INTRODUCED:
                told = words.match(shot.action, place.end())
                if told and len(SOMEBODY.findall(told["who"])) == 1:  # two are no description of one
                    return told["who"].strip()
    return ""


def _places(shots: list[Shot], listed: list[Person]) -> list[Person]:
    counts = Counter(shot.place for shot in shots if shot.place)
    described = {each.name: each.description for each in listed if each.kind == "place"}
    names = [*counts, *(name for name in described if name not in counts)]
    found = [Person(name, "place", described.get(name, ""), counts[name]) for name in names]
    return [each for each in found if each.scenes > 1 or each.description][:20]
