"""Any server that speaks OpenAI's chat completions: OpenAI, DeepSeek, OpenRouter, Ollama, vLLM, LM Studio and more.

Facts: the shared note on OpenAI-compatible servers of 2026-11-24, section 1. One POST a question and no second try:
the answer may have been charged though it never came.
"""

import json
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import safe_json
from generation.providers import parsing
from generation.providers.adapters.language.streaming import hear
from generation.providers.errors import Fault, NoAnswer, RemoteError, make_storable
from generation.providers.http.client import Answer
from generation.providers.remote import KeyField, OpenConnection, ProviderTraits, RemoteProvider

SECONDS = 300  # one answer, from the question to its last word
MOST = 60_000  # characters of an answer


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
            self._refused(answer)
        models = parsing.required_rows(answer.json(), "data")
        words = ngettext(
            "The server responded and offers %(n)d model.", "The server responded and offers %(n)d models.", len(models)
        )
        words %= {"n": len(models)}
        wanted = model_of(connection)
        if wanted and models and wanted not in [each.get("id") for each in models]:
            words += " " + _("“%(model)s” is not one of them.") % {"model": wanted[:80]}
        return words

    def converse(
        self,
        connection: OpenConnection,
        messages: list[dict],
        *,
        heard: Callable[[str], None],
        waiting: Callable[[], None],
    ) -> str:
        """The whole answer, within ``patience`` seconds; ``heard`` gets all of it so far, as it comes, ``waiting`` is
        called every second in which nothing does. Exactly one POST.

        Raises NotSent, NoAnswer (also for an answer that was cut), or RemoteError; and what the two raise.
        """
        body = {"model": model_of(connection), "messages": messages, "stream": True}
        text, ended = "", ""
        answer = hear(self.client(connection), "chat/completions", seconds=self.patience, json=body, on_silence=waiting)
        for event in answer:
            if isinstance(event, Answer):
                return self._whole(event)
            more, why = _piece(event)
            text, ended = text + more, ended or why
            if len(text) > MOST:
                raise _too_long("the answer does not end")
            if more:
                heard(text)
            if why == "done":
                break
        return _finished(text, ended)

    def _whole(self, answer: Answer) -> str:
        if not answer.is_ok:
            self._refused(answer)
        choice = next(iter(parsing.rows(answer.json(), "choices")), None)
        if choice is None:
            raise NoAnswer("an answer without words")
        message = parsing.child(choice, "message")
        if message.get("refusal"):
            raise RemoteError(Fault.MODERATION, "refusal", message["refusal"])
        return _finished(_text(message.get("content"))[:MOST], str(choice.get("finish_reason") or "done"))

    def _refused(self, answer: Answer):
        body = answer.json()
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {"message": error} if error else {}
        code = str(error.get("code") or error.get("type") or "")
        fault = {"insufficient_quota": Fault.QUOTA}.get(code)
        if code in ("content_policy_violation", "moderation_blocked", "data_inspection_failed"):
            fault = Fault.MODERATION
        self.raise_refusal(answer, is_submit=True, code=code, detail=str(error.get("message") or ""), fault=fault)

    def prepare(self, connection, request, ref):
        raise NotImplementedError("a language model draws nothing")

    submit = poll = prepare


def model_of(connection: OpenConnection) -> str:
    return str(connection.extras.get("model") or "")


def _text(value) -> str:
    return value if isinstance(value, str) else ""


def _piece(line: str) -> tuple[str, str]:
    """(more of the answer, why it ended) of one line of the stream; comments and thoughts say nothing."""
    if not line.startswith("data:"):
        return "", ""
    reported = line[5:].strip()
    if reported == "[DONE]":
        return "", "done"
    try:
        chunk = safe_json.parse(reported)
    except ValueError:
        return "", ""
    if isinstance(chunk, dict) and chunk.get("error"):
        raise RemoteError(Fault.FAILED, "stream", json.dumps(chunk["error"])[:300])
    choice = next(iter(parsing.rows(chunk, "choices")), {})
    delta = parsing.child(choice, "delta")
    if delta.get("refusal"):
        raise RemoteError(Fault.MODERATION, "refusal", str(delta["refusal"]))
    return _text(delta.get("content")), str(choice.get("finish_reason") or "")


def _finished(text: str, ended: str) -> str:
    if not ended:
        raise NoAnswer("the answer was cut")
    if ended == "content_filter":
        raise RemoteError(Fault.MODERATION, ended)
    if ended == "length":
        raise _too_long("it ended by its limit of words")
    return make_storable(text)


def _too_long(detail: str) -> RemoteError:
    words = _("The response was longer than allowed.")
    return RemoteError(Fault.FAILED, "too_long", detail, message=words)
