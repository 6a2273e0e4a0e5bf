"""Messages for users as codes with values, so that each reader gets them in their own language."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from common.hooks import SiteHooks

log = logging.getLogger("common.messages")
VERBATIM, PROVIDER_MESSAGE = "verbatim", "provider_message"
FULL_WIDTH_STOPS = ("。", "！", "？")  # after which Chinese has no space
SENTENCES = {PROVIDER_MESSAGE: _("The provider’s message: “%(words)s”.")}


class Label(str):
    """A label in English, such as a provider's, that is translated for each reader."""


class Message(str):
    """A text in the language that was active when the object was built, with its ``sentences``: (code, values).

    Codes are keys of ``SiteHooks.sentences``. ``details`` is what the provider itself said, which is not part of the
    text.
    """

    sentences: tuple[tuple[str, dict], ...]
    details: str

    def __new__(cls, sentences: Iterable[tuple[str, dict]]):
        rows = tuple((code, values) for code, values in sentences)
        message = super().__new__(cls, _join(rows, is_detail=False))
        message.sentences, message.details = rows, _join(rows, is_detail=True)
        return message

    def __getnewargs__(self):
        """Return the arguments of ``__new__``, with which copies are made."""
        return (self.sentences,)


def build_message(code: str, **values: Any) -> Message:
    """Return a message of one sentence.

    ``values``: texts, numbers, other messages, labels (Label, or lazily translated), which follow the reader, and
    ``{kind: content}`` of SiteHooks.message_values.
    """
    return Message([(code, {name: _encode(value) for name, value in values.items()})])


def join_messages(*parts: str) -> Message:
    """Return a message of the sentences of all parts. A part that is plain text stays in its language."""
    sentences: list[tuple[str, dict]] = []
    for part in parts:
        if isinstance(part, Message):
            sentences += part.sentences
        elif part:
            sentences.append((VERBATIM, {"text": _encode(part)}))
    return Message(sentences)


def map_texts(text: str, change: Callable[[str], str]) -> Message:
    """Return the message with ``change(text)`` applied to each text among its values. Plain text is one such text."""
    rows = join_messages(text).sentences
    return Message((code, {name: _map(value, change) for name, value in row.items()}) for code, row in rows)


def to_json(text: str) -> list | None:
    """Return the message, or a plain text, as JSON values; None if it is empty."""
    return [[code, values] for code, values in join_messages(text).sentences] or None


def from_json(value: list | None) -> Message:
    """Return a stored message in the active language."""
    return Message((code, values) for code, values in value or ())


def get_code(value: list | None) -> str:
    """Return the code of the first sentence of a stored message, or ""."""
    return value[0][0] if value else ""


def find_sentence(code: str):
    """Return the lazily translated sentence of a code, or None."""
    return next((known[code] for known in (SENTENCES, *SiteHooks.values_of("sentences")) if code in known), None)


def _encode(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": to_json(value)}
    if isinstance(value, Label):
        return {"translate": str(value)}
    if isinstance(value, Promise):
        with override("en"):
            return {"translate": str(value)}
    return value


def _join(sentences: Iterable[tuple[str, dict]], *, is_detail: bool) -> str:
    chosen = [(code, values) for code, values in sentences if (code == PROVIDER_MESSAGE) == is_detail]
    text = ""
    for code, values in chosen:
        if words := _word(code, values):
            text += words if not text or text.endswith(FULL_WIDTH_STOPS) else f" {words}"
    return text


def _word(code: str, values: dict) -> str:
    """Return the sentence in the active language; the code if a later version of the studio wrote it."""
    if code == VERBATIM:
        return str(_decode(values["text"]))
    known = find_sentence(code)
    if known is None:
        log.warning("no sentence for the code %r", code)
        return code
    try:
        return str(known % {name: _decode(value) for name, value in values.items()})
    except (KeyError, TypeError, ValueError):
        log.exception("the values of %r do not fit", code)
        return code


def _decode(value: Any) -> Any:
    """Return a stored value in the active language: see ``_encode``."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "message":
        return from_json(content)
    if kind == "translate":
        return gettext(content) if content else ""
    return SiteHooks.merged("message_values")[kind](content)


def _map(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict) and "message" in value:
        return {"message": to_json(map_texts(from_json(value["message"]), change))}
    return change(value) if isinstance(value, str) else value
