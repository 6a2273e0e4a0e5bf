"""What can go wrong at a provider, sorted once for all of them, and the words for people.

The classes are those of the shared notes; each adapter says which of them an answer is, the engine decides what
happens next, and nobody else has to know a provider's codes.
"""

import re
from enum import StrEnum

from django.utils.translation import gettext as _

from generation.providers import redact


class Fault(StrEnum):
    AUTH = "auth"  # key, region, access to the model
    QUOTA = "quota"  # money or plan used up at the provider
    INVALID = "invalid_input"  # this request can never work
    MODERATION = "moderation"  # words, picture or result refused
    TRANSIENT = "transient"  # rate, concurrency, overload: surely nothing was created
    FAILED = "provider_fault"  # accepted, then failed there
    UNKNOWN = "unknown_outcome"  # the request may have been accepted
    LOST = "lost"  # the task or its result is gone


NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # what JSON may spell and no database keeps
NO_MODEL = re.compile(
    r"(?i)model_?not_?found|models?(?:[\s/:]+\S{1,80})?\s+(?:(?:is|was|has been|does)\s+)?"
    r"(?:no longer|not found|not exist|retired|decommissioned)"
)
LOOKED_AT = 2_000  # characters of a text of unknown length
QUOTED = 160  # characters: what is said after it must find its room
ADDRESS = re.compile(r"(?i)\b(?:https?|wss?|ftp)://\S+|[\w.+-]+@[\w-]+\.[\w.-]+")
FOLDERS = re.compile(  # up to the name of the file
    r"""(?i)(?<![\w./\\…])(?:\b[a-z]:\\(?:[^"'“”:,;()\\/~]+\\)*|(?:\b[a-z]:|~)?/(?:[^\s"'“”:,;()/]+/)+)"""
)
INSIDE = re.compile(  # machines in somebody's own network, masked keys, and what a provider calls an account
    r"(?i)\b(?:[\w-]+(?:\.[\w-]+)+:\d{2,5}|localhost(?::\d{2,5})?|\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?)\b"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:internal|intranet|corp|local|lan|home)\b"
    r"|\b(?:org|proj|acct)[-_](?=\w*\d)\w{6,}|\bsk-[\w*-]+|\b\w[\w-]*\*{2,}[\w-]+"
)
SECRET = re.compile(
    r"(?i)(bearer|token|key)\s+[\w.\-/+=:]{8,}|(?:r8_|sk-|AIza|key-)[\w\-]{8,}|data:[\w/+.-]+;base64,[\w+/=]+"
    r"|https?://\S+\?\S+|(?:https?:\S{0,200})?(?:\\?/|%2f)webhooks(?:\\?/|%2f)[\w-]+(?:\\?/|%2f)[\w-]+"
)


def cleaned(text: str, limit: int = 300) -> str:
    """A provider's text without keys, signed addresses and pictures, fit for a log and for operators.

    Cut before it is searched: the pattern takes time with the square of a text that somebody made for it.
    """
    return " ".join(SECRET.sub("…", keepable(str(text)[:LOOKED_AT])).split())[:limit]


def quoted(detail: str) -> str:
    """The provider's words as a person may read them: no address, no page of HTML, no more than a sentence or two."""
    text = "".join(sign if sign.isprintable() else " " for sign in ADDRESS.sub("…", detail))
    text = " ".join(text.split()).strip(" .“”")
    if not text or text.startswith("<"):
        return ""
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1].rstrip()}…"


def quoted_to_all(detail: str) -> str:
    """The same for those who are not the account's owner as well: nor a place in a network or on a disk, nor what the
    account is called there. The names of files stay."""
    return quoted(INSIDE.sub("…", FOLDERS.sub("…/", ADDRESS.sub("…", detail))))


def keepable(text: str) -> str:
    """Without what no database keeps. Halves of one sign that came apart are put together again."""
    if not NO_TEXT.search(text):
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


class RemoteError(Exception):
    """A provider's refusal or failure. ``code`` and ``detail`` are the provider's own, cleaned; for operators.

    ``status`` is the HTTP status, ``request_id`` what the provider calls this exchange, ``retry_after`` seconds.
    ``field`` names the form field at fault where the provider tells. ``words`` are for the person, where the adapter
    can say better than ``words_for`` what to do next; translated already, and without a word about money.
    """

    def __init__(
        self, fault: Fault, code="", detail="", *, status=None, request_id="", retry_after=None, field="", words=""
    ):
        self.fault, self.code, self.detail = fault, cleaned(code, 80), cleaned(detail)
        self.status, self.request_id = status, cleaned(request_id, 100)
        self.retry_after, self.field = retry_after, field
        self.words = words
        super().__init__(self._line())

    def _line(self) -> str:
        return f"{self.fault}: {self.code} {self.detail}".strip()

    def strike(self, *written: str) -> None:
        """Take out what the person wrote, before anything of it is logged or kept: many providers quote it."""
        if texts := [each for each in written if each.strip()]:
            self.detail, self.words = (redact.without(str(each), texts) for each in (self.detail, self.words))
            self.code = redact.without(self.code, texts) if " " in self.code else self.code
            self.args = (self._line(),)

    @property
    def for_log(self) -> str:
        """With what the provider calls this exchange, where it does: whoever disputes a bill has it to quote."""
        return f"{self} (its request {self.request_id})" if self.request_id else str(self)

    @property
    def names_no_model(self) -> bool:
        """Of a refused submission: the model is gone. The path or the body named nothing else that could be missing."""
        is_missing = self.status in (404, 410) or NO_MODEL.search(f"{self.code} {self.detail}") is not None
        return self.fault == Fault.INVALID and is_missing


class NotSent(Exception):
    """Nothing can have reached the provider: no name, no connection, no TLS, or the address is not allowed."""


class NoAnswer(Exception):
    """The request went out and no usable answer came back: what it did is not known."""


def kind_of(trouble: Exception) -> str:
    """Its kind alone: requests quotes addresses, and some hold a key. A mere OSError is the system's word, or ours."""
    return f"OSError: {trouble}" if type(trouble) is OSError else type(trouble).__name__


def words_for(fault: Fault, provider: str) -> str:
    """What happened and what to do next, for the person who asked; money is said apart (``money_words``)."""
    return {
        Fault.AUTH: _("%(provider)s rejected the key of this connection. Check it under Connections."),
        Fault.QUOTA: _("The account at %(provider)s has no credit or quota left. Top it up there, then try again."),
        Fault.INVALID: _("%(provider)s cannot process this request. Change the setting it names and try again."),
        Fault.MODERATION: _(
            "%(provider)s rejected the prompt, the image or the result under its rules. Change the prompt or the image."
        ),
        Fault.TRANSIENT: _("%(provider)s is busy. The studio retries automatically."),
        Fault.FAILED: _("%(provider)s started and then failed. A retry is a new request there."),
        Fault.UNKNOWN: _("%(provider)s did not respond. The studio keeps checking."),
        Fault.LOST: _("%(provider)s no longer has the task or its video."),
    }[fault] % {"provider": provider}
