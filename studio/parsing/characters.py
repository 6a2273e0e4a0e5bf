"""Find the characters of a text: speakers, listed names, @mentions, and names that occur repeatedly."""

import re
from collections import Counter, defaultdict
from functools import lru_cache

from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.parsing.function_words import is_function_word
from studio.parsing.vocabulary import PERSON_WORDS

MENTION = re.compile(r"(?<![A-Za-z0-9_.])@([\w’'-]{1,40})(?=(.?))", re.DOTALL)
LATIN = re.compile(r"[^\u3040-\u30ff\u3400-\u9fff々]{2,}")
HAN = r"[\u3400-\u9fff々]"
TITLE = "(?:さん|くん|ちゃん|先生)"
JAPANESE = re.compile(  # a name ends before another script or a particle, or with a title
    rf"[ァ-ヶー・]{{2,}}{TITLE}?|{HAN}{{1,4}}(?:{TITLE}|(?=[がはをにとのもでへや]))|[ぁ-ん]{{2,5}}?(?:{TITLE}|(?=[がはを]))"
)
CHINESE = re.compile(  # a name ends before one of these verbs and adverbs
    rf"{HAN}{{2,3}}?(?=[在走跑坐站说說问問看拿推打抬把给給從从和跟与與的笑哭等喊转轉听聽蹲躺伸举舉抱冲沖抓跳慢突也都又已就对對向被没沒很])"
)
DELIMITERS = " \t\n\u3000、：:（(/"  # often follow a name, rarely a sentence
MAX_DELIMITED, MAX_UNDELIMITED = (
    4,
    3,
)  # characters of a name with and without a delimiter
CAPITALIZED = re.compile(r"(?<![.!?“\"「]\s)(?<!^)(?<![\w@])([A-Z][a-z’'-]{2,}(?: (?:of the )?[A-Z][a-z’'-]{2,})?)")
SENTENCE_SUBJECT = re.compile(r"(?:^|[.!?”\"]\s+)([A-Z][a-z’-]{2,})(?=\s+[a-z]+(?:ed|s|ing)\b)", re.MULTILINE)
FAMILIAR_NAME = re.compile(r"(?:小|阿|老)[\u4e00-\u9fff](?=[在走跑坐站说說问看拿推打抬把给從从和跟、，的笑哭])")
KATAKANA = re.compile(r"(?:^|[。、\s「])([ァ-ヶー]{2,8}|[\u4e00-\u9fff]{1,3}(?:さん|くん|ちゃん))(?=[はがもとに])")
COMMON_WORDS = set(  # capitalised words that are no names, besides function words
    "wind rain snow monday tuesday wednesday thursday friday saturday sunday january february march april may "  # noqa: SIM905
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
ADJECTIVES = (
    r"(?:tall|short|small|little|big|young|old|elderly|thin|slim|plump|quiet|shy|strange|lonely|blonde?"
    r"|\w{1,12}-\w{2,12}(?:-old)?)"
)
CLOTHES = r"(?:\s(?:with|in|wearing)\s(?!the\b)[^,.;:!?()\n]{2,70})?"
INTRODUCTIONS = (  # directly after a name: the kind of person, what they look like and wear
    re.compile(
        rf"(?:,\s\d{{1,3}}|\s\(\d{{1,3}}\))?,\s+"
        rf"(?P<who>an?\s(?:{ADJECTIVES},?\s){{0,3}}(?:{PERSON_WORDS['en']}){CLOTHES})(?=[,.;]|$)",
        re.MULTILINE,
    ),
    re.compile(
        rf"，(?P<who>一[个個位名只隻條条匹](?:[^，。；：！？、\s和与跟在向往]{{1,16}}的)?(?:{PERSON_WORDS['zh']}))(?=[，。；]|$)",
        re.MULTILINE,
    ),
    re.compile(rf"、(?P<who>(?!隣|となり|横|そば|近く)[^、。！？\s]{{1,16}}の(?:{PERSON_WORDS['ja']}))(?=、)"),
)
SOMEBODY = re.compile("|".join((rf"\b(?:{PERSON_WORDS['en']})s?\b", PERSON_WORDS["zh"], PERSON_WORDS["ja"])))
LETTER = r"[0-9A-Za-z_\u00c0-\u024f]"  # can continue a Latin name, unlike other characters ("Mika走进来")
MAX_CHARACTERS = 40
MAX_NAMES = 200  # names that are searched for in every scene


def find_mentioned(texts: list[str], known: list[str]) -> list[str]:
    """Return the names in @mentions, in order. ``known``: names that were found elsewhere in the text.

    Chinese and Japanese put no space after a name, so its end must be guessed: "@小美走进来" mentions 小美. A mention
    without a plausible name is ignored.
    """
    runs: dict[str, str] = dict(match.groups() for text in texts for match in MENTION.finditer(text))
    names = {run: _latin_name(run) for run in runs}
    sure = {name for name in known if len(name) > 1} | {run for run, sign in runs.items() if _is_delimited(run, sign)}
    names |= {run: _longest_prefix(run, sure) or _match_name(run) for run, name in names.items() if not name}
    sure |= {name for name in names.values() if len(name) > 1}
    rest = {run: _longest_prefix(run, sure) for run, name in names.items() if not name}
    common = _common_prefixes([run for run, name in rest.items() if not name])
    names |= {
        run: name or common.get(run[:2]) or (run if len(run) <= MAX_UNDELIMITED else "") for run, name in rest.items()
    }
    return list(dict.fromkeys(name for name in names.values() if name))


def _latin_name(run: str) -> str:
    found = LATIN.match(run)
    return re.sub(r"[’']s$", "", found[0]) if found else ""


def _is_delimited(run: str, sign: str) -> bool:
    return (
        bool(sign) and sign in DELIMITERS and len(run) <= MAX_DELIMITED and not (_latin_name(run) or _match_name(run))
    )


def _longest_prefix(run: str, names: set[str]) -> str:
    """Return the longest of ``names`` with which the text begins, "" if there is none."""
    return next((run[:size] for size in range(len(run), 1, -1) if run[:size] in names), "")


def _match_name(run: str) -> str:
    found = JAPANESE.match(run) or CHINESE.match(run)
    return found[0] if found else ""


def _common_prefixes(runs: list[str]) -> dict[str, str]:
    """Return {first two characters: common beginning} for texts that share their first two characters."""
    alike = defaultdict(list)
    for run in runs:
        alike[run[:2]].append(run)
    found = {first: _shared_prefix(min(group), max(group)) for first, group in alike.items() if len(group) > 1}
    return {first: name for first, name in found.items() if 1 < len(name) <= MAX_DELIMITED}


def _shared_prefix(one: str, other: str) -> str:
    size = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:size]


def find_characters(shots: list[SceneDraft], listed: list[CharacterDraft]) -> list[CharacterDraft]:
    """Return the characters, those in most scenes first, then the places. Also sets ``who`` of the scenes.

    ``listed``: characters that the text itself lists.
    """
    listed = listed[:MAX_NAMES]
    names = {person.name.casefold(): person for person in listed}
    for name in _find_names(shots)[:MAX_NAMES]:
        names.setdefault(name.casefold(), CharacterDraft(name))
    people = [name for name in names.values() if name.kind == "person"]
    for shot in shots:
        present = [character.name for character in people if _appears_in(character.name, shot)]
        shot.who = list(dict.fromkeys(present))
    for character in people:
        character.scenes = sum(character.name in shot.who for shot in shots)
        character.description = character.description or _find_description(character.name, shots)
    listed_names = {person.name for person in listed}
    people = [character for character in people if character.scenes or character.name in listed_names]
    return [*sorted(people, key=lambda character: -character.scenes)[:MAX_CHARACTERS], *_find_places(shots, listed)]


def _find_names(shots: list[SceneDraft]) -> list[str]:
    named = [name for shot in shots for name in [*shot.who, shot.speaker] if name]
    texts = [f"{shot.action}\n" for shot in shots]
    named += find_mentioned(texts, named)
    counts = Counter(
        name
        for text in texts
        for pattern in (CAPITALIZED, SENTENCE_SUBJECT, FAMILIAR_NAME, KATAKANA)
        for name in pattern.findall(text)
    )
    known = {name.casefold() for name in named}
    for name, times in counts.most_common(30):
        count = sum(len(re.findall(rf"(?<!\w){re.escape(name)}", text)) for text in texts) if name.isascii() else times
        is_common = is_function_word(name) or name.casefold() in COMMON_WORDS
        if (times > 1 or count > 1) and not is_common and name.casefold() not in known:
            named.append(name)
    cleaned = [re.sub(r"\s*[(（].*?[)）]$", "", name).strip() for name in named]
    return list(dict.fromkeys(name for name in cleaned if 0 < len(name) <= 40 and name.casefold() not in NOT_PEOPLE))


def _appears_in(name: str, shot: SceneDraft) -> bool:
    return name in (shot.speaker, *shot.who) or bool(_name_pattern(name).search(shot.action))


@lru_cache(MAX_NAMES)
def _name_pattern(name: str) -> re.Pattern:
    """Return a pattern for the name in text, as it is or in capitals, as scripts write its first occurrence."""
    if not name.isascii():
        return re.compile(re.escape(name))
    return re.compile(rf"(?<!{LETTER})(?:{re.escape(name)}|{re.escape(name.upper())})(?!{LETTER})")


def _find_description(name: str, shots: list[SceneDraft]) -> str:
    """Return how the text introduces somebody: "a girl with short hair" in "Mika, a girl with short hair, waits"."""
    for shot in shots:
        for place in _name_pattern(name).finditer(shot.action):
            for pattern in INTRODUCTIONS:
                match = pattern.match(shot.action, place.end())
                if match and len(SOMEBODY.findall(match["who"])) == 1:  # not a description that names two people
                    return match["who"].strip()
    return ""


def _find_places(shots: list[SceneDraft], listed: list[CharacterDraft]) -> list[CharacterDraft]:
    counts = Counter(shot.place for shot in shots if shot.place)
    described = {person.name: person.description for person in listed if person.kind == "place"}
    names = [*counts, *(name for name in described if name not in counts)]
    found = [CharacterDraft(name, "place", described.get(name, ""), counts[name]) for name in names]
    return [item for item in found if item.scenes > 1 or item.description][:20]
