"""Find quoted speech in prose: what is said, by whom, and the rest of the sentence."""

import re
from dataclasses import dataclass

from studio.parsing.vocabulary import CJK

QUOTES = re.compile(
    r"“([^“”]{1,800})”|「([^「」]{1,800})」|『([^『』]{1,800})』|(?<![\w\"])\"([^\"\n]{1,800})\"(?!\w)|«([^«»]{1,800})»"
)
SAY = (
    r"said|says|say|asked|asks|whispered|whispers|shouted|shouts|cried|cries|replied|replies|answered|answers|called"
    r"|calls|murmured|murmurs|muttered|mutters|yelled|yells|added|adds|sighed|sighs|laughed|laughs|exclaimed|exclaims"
    r"|screamed|screams"
)
NAME = r"@?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?|(?:the|an?|The|An?) [a-z]+(?: [a-z]+)?"
AFTER_EN = re.compile(
    rf"^[\s,]*(?:(?:{SAY})\s+(?P<a>{NAME})|(?P<b>{NAME}|[Hh]e|[Ss]he|[Tt]hey|I)\s+(?:{SAY})\b)(?P<tail>[^.!?]*)"
)
BEFORE_EN = re.compile(rf"(?P<a>{NAME}|[Hh]e|[Ss]he|[Tt]hey|I)\s+(?:{SAY})\b[^.!?]*[,:]?\s*$")
COLON_EN = re.compile(r"^\s*(?P<a>@?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?)\s*:\s*$")
MANNER_ZH = (
    r"轻声|輕聲|大声|大聲|低声|低聲|小声|小聲|笑着|笑著|哭着|哭著|微笑着|悄悄|慢慢|急忙|忽然|突然|又|也|再|这才|连忙"
)
SAY_ZH = (
    rf"(?:{MANNER_ZH})*地?"
    r"(?:说道|說道|问道|問道|喊道|叫道|答道|回答道?|说|說|问|問|喊|叫|道|答)"
)
NAME_ZH = r"@?[\u4e00-\u9fff·]{1,6}?"
BEFORE_ZH = re.compile(
    rf"(?:^|[，。！？；、\s]|(?=@))(?P<a>{NAME_ZH}){SAY_ZH}(?:着|著|了)?[^，。！？；]{{0,6}}[：:，,]?\s*$"
)
AFTER_ZH = re.compile(rf"^[，,]?\s*(?P<a>{NAME_ZH}){SAY_ZH}")
COLON_CJK = re.compile(r"(?:^|[。！？\s]|(?=@))(?P<a>@?[\u4e00-\u9fff\u3040-\u30ffー·A-Za-z]{1,8})\s*[：:]\s*$")
NAME_JA = r"@?[\u4e00-\u9fff\u30a0-\u30ffー]{1,8}(?:さん|くん|ちゃん|先生)?"
BEFORE_JA = re.compile(
    rf"(?:^|[。！？、\s]|(?=@))(?P<a>{NAME_JA})(?:は|が|も)[^。！？「『]{{0,12}}、?\s*$|(?:^|[。！？\s]|(?=@))(?P<b>{NAME_JA})\s*$"
)
AFTER_JA = re.compile(
    rf"^\s*、?\s*(?:と、?)?(?P<a>{NAME_JA})(?:は|が|も)[^。]{{0,12}}(?:言|話|叫|聞|つぶや|呟|答|尋|笑)"
)
PRONOUNS = set(
    "he|she|they|i|他|她|它|我|你|他们|她们|我们|彼|彼女|私|僕|俺|有人|这|那|两人|大家|誰か|二人".split("|")  # noqa: SIM905
)
REST_EN = re.compile(
    rf"^[\s,]*(?:(?:{SAY})\s+(?P<a>{NAME})|(?P<b>{NAME})\s+(?:{SAY})|(?:[Hh]e|[Ss]he|[Tt]hey|I)\s+(?:{SAY}))"
    r"(?P<c>\s*(?:,?\s*and\s+|,\s*))?"
)
REST_ZH = re.compile(rf"^[，,]?\s*{NAME_ZH}{SAY_ZH}(?:着|著|了)?[，,]?\s*")
REST_JA = re.compile(
    rf"^\s*、?\s*(?:と、?)?(?:{NAME_JA}(?:は|が|も))?[^。、]{{0,8}}?(?:言っ|話し|叫ん|つぶやい|呟い|聞い|答え|尋ね)(?:て|た|で|だ)?(?:いた|いる)?、?。?"
)
SAYING_VERB_AT_END = re.compile(rf"[,，:：]\s*$|\s*\b(?:{SAY})[,:]?$|(?<=\w){SAY_ZH}[：:，,]?$")
JAPANESE = (AFTER_JA, BEFORE_JA)
MAX_DISTANCE = 160  # how many characters around a quotation are searched for its speaker


@dataclass(frozen=True)
class QuotedSpeech:
    line: str
    speaker: str
    action: str  # the sentence without the speech


def find_quotes(text: str) -> list[re.Match]:
    return list(QUOTES.finditer(text))


def get_quoted_text(match: re.Match) -> str:
    return next(group for group in match.groups() if group is not None).strip()


def is_speech(text: str, match: re.Match) -> bool:
    """Return whether a quotation is speech, since it ends like a sentence, has a speaker, or stands alone."""
    quoted = get_quoted_text(match)
    before, after = text[max(0, match.start() - MAX_DISTANCE) : match.start()], text[match.end() :][:MAX_DISTANCE]
    if re.search(r"[.!?,…。！？，—–-][”\"]?$", quoted) or find_speaker(before, after, match[0][0]):
        return True
    return not (before.strip() or after.strip(" 。.!！?？"))


def find_speaker(before: str, after: str, sign: str = "「") -> str:
    """Return the speaker that is named before or after a quotation; "" if none is. ``sign``: its opening mark."""
    before, after = before[-MAX_DISTANCE:], after[:MAX_DISTANCE]
    tries = (
        AFTER_EN.match(after),
        BEFORE_EN.search(before),
        COLON_EN.match(before),
        AFTER_JA.match(after),
        BEFORE_ZH.search(before),
        AFTER_ZH.match(after),
        COLON_CJK.search(before),
        BEFORE_JA.search(before),
    )
    found = next((match for match in tries if match and (sign in "「『" or match.re not in JAPANESE)), None)
    if not found:
        return ""
    return _clean_speaker(next((group for key, group in found.groupdict().items() if key in "ab" and group), ""))


def _clean_speaker(name: str) -> str:
    name = re.sub(rf"(?:{MANNER_ZH}|回头|转身|抬头|對|对|向|朝).*$", "", name.strip().removeprefix("@"))
    if name.casefold() in PRONOUNS:
        return ""
    return re.sub(r"^(?:the|an?) ", "", name, flags=re.IGNORECASE).strip()


def remove_speech(text: str) -> str:
    """Return the text without its speech and words like "said Mika"; "" if nothing else remains."""
    for match in reversed(find_quotes(text)):
        if is_speech(text, match):
            before, after = _strip_before(text[: match.start()]), _strip_after(text[match.end() :])
            gap = "" if CJK.search(text) else " "
            text = f"{before}{gap}{after}" if before and after else before or after
    text = re.sub(r"\s+([.,。，])", r"\1", text).strip(" ,，、:：")
    return text if re.search(r"\w", text) else ""


def _strip_before(text: str) -> str:
    """Return the text before a quotation without "said"."""
    text = text.rstrip()
    at = max(0, len(text) - MAX_DISTANCE)
    return text[:at] + SAYING_VERB_AT_END.sub("", text[at:])


def _strip_after(text: str) -> str:
    """Return the text after a quotation without "said Mika", but with what Mika does meanwhile."""
    if rest := REST_EN.match(text):
        who, tail = rest["a"] or rest["b"], text[rest.end() :].strip()
        if not re.search(r"\w", tail):
            return ""
        return f"{who[0].upper()}{who[1:]} {tail}" if who and rest["c"] else tail
    for pattern in (REST_JA, REST_ZH):
        if rest := pattern.match(text[:MAX_DISTANCE]):
            text = text[rest.end() :]
            break
    return text.strip() if re.search(r"\w", text) else ""
