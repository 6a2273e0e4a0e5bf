"""Adapter of language models with OpenAI's chat API: OpenAI, DeepSeek, OpenRouter, Ollama, vLLM, LM Studio.

Source: our notes on OpenAI-compatible servers of 2026-11-24, section 1. Each message is one POST, which is never
repeated, since a lost response may have been charged.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import safe_json
from common.messages import build_message
from generation.providers import parsing
from generation.providers.adapters.language.streaming import stream_lines
from generation.providers.base import ClipRequest
from generation.providers.errors import Fault, NoAnswer, RemoteError, make_storable
from generation.providers.http.client import Answer
from generation.providers.remote import FLAG_ON, KeyField, OpenConnection, ProviderTraits, RemoteProvider

PICTURE_MODELS = Path(__file__).parent / "picture_models.toml"
READS_PICTURES = "reads_pictures"  # fact of a connection: its model reads pictures, although its name is not known
SECONDS = 300  # maximum time of a whole response
MAX_CHARACTERS = 60_000  # of a response


class LanguageProvider(RemoteProvider):
    slug = "language-openai"
    label = gettext_lazy("Language model (OpenAI-compatible)")
    byline = gettext_lazy("writes with the model at your own address")
    base_url = ""
    doc_url = "https://platform.openai.com/docs/api-reference/chat"
    key_fields = (
        KeyField(
            "api_key", gettext_lazy("API key"), is_required=False, hint=gettext_lazy("Only if the server requires one.")
        ),
        KeyField(
            "model",
            gettext_lazy("Model"),
            is_secret=False,
            hint=gettext_lazy("The server’s own name for it: gpt-…, qwen…"),
        ),
        KeyField(
            READS_PICTURES,
            gettext_lazy("This model can read images"),
            is_secret=False,
            is_required=False,
            is_flag=True,
            hint=gettext_lazy("Only for a model whose name the studio does not know."),
        ),
    )
    declared = ProviderTraits(is_busy_refusal=True)
    patience = SECONDS

    def capabilities(self) -> tuple:
        return ()

    def auth(self, connection: OpenConnection) -> dict[str, str]:
        key = connection.keys.get("api_key", "")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def check(self, connection: OpenConnection) -> str:
        answer = self.client(connection).get("models")
        if not answer.is_ok:
            self._refuse(answer)
        models = parsing.require_rows(answer.json(), "data")
        message = ngettext(
            "The server responded and offers %(n)d model.", "The server responded and offers %(n)d models.", len(models)
        )
        message %= {"n": len(models)}
        model = read_model(connection)
        if model and models and model not in [row.get("id") for row in models]:
            message += " " + _("“%(model)s” is not one of them.") % {"model": model[:80]}
        return message

    def reads_pictures(self, facts: Mapping) -> bool:
        """Return whether the model of a connection with these facts reads pictures: by its name, or as its owner says.

        Every value but FLAG_ON counts as no, also in the environment.
        """
        return facts.get(READS_PICTURES) == FLAG_ON or is_picture_model(str(facts.get("model") or ""))

    def converse(
        self,
        connection: OpenConnection,
        messages: list[dict],
        *,
        on_text: Callable[[str], None],
        on_silence: Callable[[], None],
    ) -> str:
        """Send one POST and return the whole text of the response, within ``patience`` seconds.

        ``on_text`` is called with all text so far whenever more arrives, ``on_silence`` every second without data.
        Raises NotSent, NoAnswer (also for a truncated response), RemoteError, and the exceptions of both functions.
        """
        body = {"model": read_model(connection), "messages": messages, "stream": True}
        text, ended = "", ""
        events = stream_lines(
            self.client(connection), "chat/completions", seconds=self.patience, json=body, on_silence=on_silence
        )
        for event in events:
            if isinstance(event, Answer):
                return self._read_whole(event)
            more, finish_reason = _read_chunk(event)
            text, ended = text + more, ended or finish_reason
            if len(text) > MAX_CHARACTERS:
                raise _build_length_error("the response does not end")
            if more:
                on_text(text)
            if finish_reason == "done":
                break
        return _finish(text, ended)

    def _read_whole(self, answer: Answer) -> str:
        if not answer.is_ok:
            self._refuse(answer)
        choice = next(iter(parsing.get_rows(answer.json(), "choices")), None)
        if choice is None:
            raise NoAnswer("the response has no choices")
        message = parsing.get_object(choice, "message")
        if message.get("refusal"):
            raise RemoteError(Fault.MODERATION, "refusal", message["refusal"])
        return _finish(_as_text(message.get("content"))[:MAX_CHARACTERS], str(choice.get("finish_reason") or "done"))

    def _refuse(self, answer: Answer):
        body = answer.json()
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {"message": error} if error else {}
        code = str(error.get("code") or error.get("type") or "")
        fault = {"insufficient_quota": Fault.QUOTA}.get(code)
        if code in ("content_policy_violation", "moderation_blocked", "data_inspection_failed"):
            fault = Fault.MODERATION
        self.raise_refusal(answer, is_submit=True, code=code, detail=str(error.get("message") or ""), fault=fault)

    def prepare(self, connection, request: ClipRequest, ref):
        raise NotImplementedError("language models make no clips")

    def submit(self, connection, prepared, ref):
        raise NotImplementedError("language models make no clips")

    def poll(self, connection, handle):
        raise NotImplementedError("language models make no clips")


@cache
def _load_patterns() -> dict[str, list[str]]:
    return tomllib.loads(PICTURE_MODELS.read_text(encoding="utf-8"))


def is_picture_model(name: str) -> bool:
    """Return whether a model of this name, such as "openai/gpt-4o", is known to read pictures."""
    name, patterns = name.lower().rpartition("/")[2], _load_patterns()
    is_exception = any(fnmatchcase(name, pattern) for pattern in patterns["exceptions"])
    return not is_exception and any(fnmatchcase(name, pattern) for pattern in patterns["patterns"])


def read_model(connection: OpenConnection) -> str:
    return str(connection.extras.get("model") or "")


def _as_text(value) -> str:
    return value if isinstance(value, str) else ""


def _read_chunk(line: str) -> tuple[str, str]:
    """Return the text and finish reason in one line of the stream, both "" for comments and reasoning."""
    if not line.startswith("data:"):
        return "", ""
    data = line[5:].strip()
    if data == "[DONE]":
        return "", "done"
    try:
        chunk = safe_json.parse(data)
    except ValueError:
        return "", ""
    if isinstance(chunk, dict) and chunk.get("error"):
        raise RemoteError(Fault.FAILED, "stream", json.dumps(chunk["error"])[:300])
    choice = next(iter(parsing.get_rows(chunk, "choices")), {})
    delta = parsing.get_object(choice, "delta")
    if delta.get("refusal"):
        raise RemoteError(Fault.MODERATION, "refusal", str(delta["refusal"]))
    return _as_text(delta.get("content")), str(choice.get("finish_reason") or "")


def _finish(text: str, ended: str) -> str:
    if not ended:
        raise NoAnswer("the response was truncated")
    if ended == "content_filter":
        raise RemoteError(Fault.MODERATION, ended)
    if ended == "length":
        raise _build_length_error("the model's limit ended the response")
    return make_storable(text)


def _build_length_error(detail: str) -> RemoteError:
    return RemoteError(Fault.FAILED, "too_long", detail, message=build_message("response_too_long"))
