"""Classify failures of providers into eight faults, and word them for users.

Each adapter maps its provider's error codes to a fault; the worker decides by the fault what happens next.
"""

import re
from enum import StrEnum

from django.utils.functional import Promise

from common.messages import Message, build_message, map_texts
from generation.providers import redact


class Fault(StrEnum):
    AUTH = "auth"  # wrong key or region, or no access to the model
    QUOTA = "quota"  # credit or plan used up at the provider
    INVALID = "invalid_input"  # this request can never work
    MODERATION = "moderation"  # prompt, picture or result refused
    TRANSIENT = "transient"  # rate limit, concurrency limit or overload: nothing was created
    FAILED = "provider_fault"  # accepted, then failed at the provider
    UNKNOWN = "unknown_outcome"  # the request may have been accepted
    LOST = "lost"  # the task or its result is gone


NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # valid in JSON, refused by databases
NO_MODEL = re.compile(
    r"(?i)model_?not_?found|models?(?:[\s/:]+\S{1,80})?\s+(?:(?:is|was|has been|does)\s+)?"
    r"(?:no longer|not found|not exist|retired|decommissioned)"
)
MAX_SEARCHED = 2_000  # characters
MAX_QUOTED = 160  # characters
ADDRESS = re.compile(r"(?i)\b(?:https?|wss?|ftp)://\S+|[\w.+-]+@[\w-]+\.[\w.-]+")
FOLDERS = re.compile(  # up to the name of the file
    r"""(?i)(?<![\w./\\…])(?:\b[a-z]:\\(?:[^"'“”:,;()\\/~]+\\)*|(?:\b[a-z]:|~)?/(?:[^\s"'“”:,;()/]+/)+)"""
)
INSIDE = re.compile(  # private hosts, masked keys, account ids
    r"(?i)\b(?:[\w-]+(?:\.[\w-]+)+:\d{2,5}|localhost(?::\d{2,5})?|\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?)\b"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:internal|intranet|corp|local|lan|home)\b"
    r"|\b(?:org|proj|acct)[-_](?=\w*\d)\w{6,}|\bsk-[\w*-]+|\b\w[\w-]*\*{2,}[\w-]+"
)
SECRET = re.compile(
    r"(?i)(bearer|token|key)\s+[\w.\-/+=:]{8,}|(?:r8_|sk-|AIza|key-)[\w\-]{8,}|data:[\w/+.-]+;base64,[\w+/=]+"
    r"|https?://\S+\?\S+|(?:https?:\S{0,200})?(?:\\?/|%2f)webhooks(?:\\?/|%2f)[\w-]+(?:\\?/|%2f)[\w-]+"
)


def redact_secrets(text: str, limit: int = 300) -> str:
    """Return a provider's text without keys, signed URLs and pictures, for logs and administrators.

    The text is cut first, since a long crafted text would take quadratic time to search.
    """
    return " ".join(SECRET.sub("…", make_storable(str(text)[:MAX_SEARCHED])).split())[:limit]


def quote(detail: str) -> str:
    """Return the provider's message for the user: shortened, without addresses, and "" instead of an HTML page."""
    text = "".join(sign if sign.isprintable() else " " for sign in ADDRESS.sub("…", detail))
    text = " ".join(text.split()).strip(" .“”")
    if not text or text.startswith("<"):
        return ""
    return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1].rstrip()}…"


def quote_for_everybody(detail: str) -> str:
    """Return ``quote(detail)`` without hosts, folders and account ids, for users who do not own the connection."""
    return quote(INSIDE.sub("…", FOLDERS.sub("…/", ADDRESS.sub("…", detail))))


def make_storable(text: str) -> str:
    """Return the text without characters that a database refuses. Split surrogate pairs are joined."""
    if not NO_TEXT.search(text):
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


class RemoteError(Exception):
    """A provider's refusal or failure.

    ``code`` and ``detail``: the provider's own, with secrets redacted, for administrators. ``status``: HTTP status.
    ``request_id``: the provider's id of the request. ``retry_after``: seconds to wait. ``field``: the form field at
    fault, if known. ``message``: a common.messages.Message for the user, if the adapter has a better one than
    ``message_for``; like those, it does not mention money.
    """

    def __init__(
        self, fault: Fault, code="", detail="", *, status=None, request_id="", retry_after=None, field="", message=""
    ):
        self.fault, self.code, self.detail = fault, redact_secrets(code, 80), redact_secrets(detail)
        self.status, self.request_id = status, redact_secrets(request_id, 100)
        self.retry_after, self.field = retry_after, field
        self.message = message
        super().__init__(self._line())

    def _line(self) -> str:
        return f"{self.fault}: {self.code} {self.detail}".strip()

    def redact(self, *written: str) -> None:
        """Remove quotations of the user's texts from the error, before it is logged or stored."""
        if texts := [text for text in written if text.strip()]:
            self.detail = redact.redact(self.detail, texts)
            self.message = map_texts(self.message, lambda text: redact.redact(text, texts))
            self.code = redact.redact(self.code, texts) if " " in self.code else self.code
            self.args = (self._line(),)

    @property
    def for_log(self) -> str:
        """Return the error with the provider's request id, which users need when they dispute a bill."""
        return f"{self} (its request {self.request_id})" if self.request_id else str(self)

    @property
    def is_model_missing(self) -> bool:
        """Return whether a submission was refused because the model does not exist.

        A 404 means that too, since a submission names nothing else that could be missing.
        """
        is_missing = self.status in (404, 410) or NO_MODEL.search(f"{self.code} {self.detail}") is not None
        return self.fault == Fault.INVALID and is_missing


class NotSent(Exception):
    """Nothing was sent to the provider: DNS, connection or TLS failed, or the address is not allowed."""


class NoAnswer(Exception):
    """The request was sent but got no usable response, so its effect is unknown."""


def exception_name(error: Exception) -> str:
    """Return the class name of the error, without its message, which may quote a URL that contains a key."""
    return f"OSError: {error}" if type(error) is OSError else type(error).__name__


def message_for(fault: Fault, provider: str | Promise) -> Message:
    """Return what happened and what to do next, for the user. A separate sentence says what was charged."""
    return build_message(f"fault_{fault.value}", provider=provider)
