"""Who is mentioned with an @. Chinese and Japanese put no blank behind a name: "@小美走进来" says 小美, no more."""

import re
from collections import defaultdict

MENTION = re.compile(r"(?<![A-Za-z0-9_.])@([\w’'-]{1,40})(?=(.?))", re.DOTALL)
LATIN = re.compile(r"[^\u3040-\u30ff\u3400-\u9fff々]{2,}")
HAN = r"[\u3400-\u9fff々]"
TITLE = "(?:さん|くん|ちゃん|先生)"
JAPANESE = re.compile(  # letters of another kind, a title or a particle end a name
    rf"[ァ-ヶー・]{{2,}}{TITLE}?|{HAN}{{1,4}}(?:{TITLE}|(?=[がはをにとのもでへや]))|[ぁ-ん]{{2,5}}?(?:{TITLE}|(?=[がはを]))"
)
CHINESE = re.compile(  # what somebody does, or how, begins with one of these far more often than a third sign of a name
    rf"{HAN}{{2,3}}?(?=[在走跑坐站说說问問看拿推打抬把给給從从和跟与與的笑哭等喊转轉听聽蹲躺伸举舉抱冲沖抓跳慢突也都又已就对對向被没沒很])"
)
APART = " \t\n\u3000、：:（(/"  # signs that people put behind a name, and hardly behind a sentence
LONGEST, SHORT = 4, 3  # signs of a name: where one of APART follows, and where nothing but its length speaks for it


def mentioned(texts: list[str], known: list[str]) -> list[str]:
    """Names in the order in which they come. ``known`` are those that the text names elsewhere. What may as well be
    half a sentence is nobody."""
    runs = dict(match.groups() for text in texts for match in MENTION.finditer(text))
    names = {run: _latin(run) for run in runs}
    sure = {name for name in known if len(name) > 1} | {run for run, sign in runs.items() if _stands_apart(run, sign)}
    names |= {run: _beginning(run, sure) or _cut(run) for run, name in names.items() if not name}
    sure |= {name for name in names.values() if len(name) > 1}
    rest = {run: _beginning(run, sure) for run, name in names.items() if not name}
    common = _common([run for run, name in rest.items() if not name])
    names |= {run: name or common.get(run[:2]) or (run if len(run) <= SHORT else "") for run, name in rest.items()}
    return list(dict.fromkeys(name for name in names.values() if name))


def _latin(run: str) -> str:
    found = LATIN.match(run)
    return re.sub(r"[’']s$", "", found[0]) if found else ""


def _stands_apart(run: str, sign: str) -> bool:
    return bool(sign) and sign in APART and len(run) <= LONGEST and not (_latin(run) or _cut(run))


def _beginning(run: str, names: set[str]) -> str:
    """The longest of ``names`` that it begins with."""
    return next((run[:size] for size in range(len(run), 1, -1) if run[:size] in names), "")


def _cut(run: str) -> str:
    found = JAPANESE.match(run) or CHINESE.match(run)
    return found[0] if found else ""


def _common(runs: list[str]) -> dict[str, str]:
    """First two signs → what all of several mentions that begin with them have in common."""
    alike = defaultdict(list)
    for run in runs:
        alike[run[:2]].append(run)
    found = {first: _shared(min(group), max(group)) for first, group in alike.items() if len(group) > 1}
    return {first: name for first, name in found.items() if 1 < len(name) <= LONGEST}


def _shared(one: str, other: str) -> str:
    size = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:size]
