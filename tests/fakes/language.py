"""Fake of a language model with OpenAI's chat completions as a stream; checked with the openai SDK (tests/oracles)."""

import base64
import io
import json
import re
import time
from itertools import cycle, islice

from PIL import Image

from tests.fakes.server import Fake, Reply, Request

PICTURE = {
    "place": "umbrella shop",
    "hour": "dawn",
    "weather": "",
    "camera": "push",
    "who": [{"is": "fox", "count": 1, "does": "walk", "then": "", "holds": "envelope", "with": ""}],
    "things": [{"is": "lantern", "relation": "behind"}],
}
SHOTS = [
    {"place": "Harbour", "time": "dawn", "who": ["Fox"], "action": "A fox carries a letter.", "seconds": 4}
    | {"picture": PICTURE},
    {"place": "Harbour", "time": "dawn", "who": ["Fox"], "action": "It knocks.", "speaker": "Fox", "line": "Post!"},
]
ANSWERS = {
    "concept": {"title": "The last letter", "concept": "A fox brings the last letter of the winter."},
    "shots": {"shots": SHOTS},
    "prompts": {"prompts": ["Wide shot, a fox with a letter, slow push in", "Close-up, a paw knocks on a door"]},
}


MODEL = "small"
USAGE = {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}


class FakeLanguage(Fake):
    slug = "language-openai"
    routes = [("GET", "/models", "models"), ("POST", "/chat/completions", "chat")]

    def __init__(self):
        super().__init__()
        self.pause = 3.0  # seconds of silence
        self.texts: list[str] = []  # responses to send instead of the usual one, in order

    def models(self, request: Request) -> Reply:
        row = {"id": MODEL, "object": "model", "created": 1_760_000_000, "owned_by": "nobody"}
        return Reply(200, {"object": "list", "data": [row]})

    def chat(self, request: Request) -> Reply:
        """Return the answer as a stream if the request says so, otherwise whole."""
        if not request.json().get("stream"):
            return self._whole(request)
        return Reply(200, self._stream(request), {"Content-Type": "text/event-stream"})

    def read_requests(self) -> list[dict]:
        """Return the bodies of the requests so far."""
        return [call.json() for call in self.calls if call.method == "POST"]

    def _whole(self, request: Request) -> Reply:
        reply = {"role": "assistant", "content": self._text(request)}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": MODEL}
        return Reply(200, head | {"choices": [{"index": 0, "message": reply, "finish_reason": "stop"}], "usage": USAGE})

    def _text(self, request: Request) -> str:
        if self.texts:
            return self.texts.pop(0)
        message = self._read_parts(request.json()["messages"][-1]["content"])
        if found := re.search(r"<prompt>(.*)</prompt>", message, re.DOTALL):
            return json.dumps(
                {"prompt": f"{found[1] or 'A picture'}, seen from a low angle at dusk. Slow push-in."},
                ensure_ascii=False,
            )
        names = (name for name in ("prompts", "shots") if f'{{"{name}"' in message or f'"{name}": "' in message)
        step = next(names, "concept")
        return json.dumps(self._answer(step, message), ensure_ascii=False)

    def _read_parts(self, content: str | list[dict]) -> str:
        """Return the text of a message, whose other parts must be pictures."""
        if isinstance(content, str):
            return content
        for part in content:
            if part["type"] == "image_url":
                head, _comma, data = part["image_url"]["url"].partition(",")
                assert head in ("data:image/jpeg;base64", "data:image/png;base64"), head
                Image.open(io.BytesIO(base64.b64decode(data, validate=True))).verify()
        return "".join(part["text"] for part in content if part["type"] == "text")

    def _answer(self, step: str, message: str) -> dict:
        """Return the same story every time, with a prompt for each shot."""
        if step != "prompts":
            return ANSWERS[step]
        shots = json.loads(message.partition("(json):\n")[2] or "{}").get("shots") or ANSWERS["shots"]["shots"]
        return {"prompts": list(islice(cycle(ANSWERS["prompts"]["prompts"]), len(shots)))}

    def _stream(self, request: Request, *, ends=True, reason="stop") -> bytes:
        text, pieces = self._text(request), [": keep-alive", ""]
        for start in range(0, len(text), 20):
            pieces += [self._chunk({"content": text[start : start + 20]}, None), ""]
        if ends:
            pieces += [
                self._chunk({}, reason),
                "",
                self._format_event([], usage=USAGE),
                "",
                "data: [DONE]",
                "",
            ]
        return ("\n".join(pieces) + "\n").encode()

    def _chunk(self, delta: dict, reason) -> str:
        return self._format_event([{"index": 0, "delta": delta, "finish_reason": reason}])

    def _format_event(self, choices: list, **more) -> str:
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": MODEL}
        return "data: " + json.dumps(head | {"choices": choices} | more)

    def fault_cut_in_the_middle(self, request: Request, handle) -> Reply:
        return Reply(200, self._stream(request, ends=False)[:-30], {"Content-Type": "text/event-stream"})

    def fault_silent(self, request: Request, handle) -> Reply:
        """Wait before the first byte."""
        return Reply(200, self._stream(request), {"Content-Type": "text/event-stream"}, delay=self.pause)

    def fault_silent_in_the_middle(self, request: Request, handle) -> Reply:
        """Send one half, wait, and send the rest."""
        body = self._stream(request)

        def talk(line) -> None:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
            line.sendall(head + body[: len(body) // 2])
            time.sleep(self.pause)
            line.sendall(body[len(body) // 2 :])

        return Reply(write_raw=talk)

    def fault_too_long(self, request: Request, handle) -> Reply:
        return Reply(200, self._stream(request, reason="length"), {"Content-Type": "text/event-stream"})

    def fault_filtered(self, request: Request, handle) -> Reply:
        return Reply(200, self._stream(request, reason="content_filter"), {"Content-Type": "text/event-stream"})

    def fault_refusal(self, request: Request, handle) -> Reply:
        body = f"{self._chunk({'refusal': 'I cannot help with that.'}, None)}\n\ndata: [DONE]\n"
        return Reply(200, body.encode(), {"Content-Type": "text/event-stream"})

    def fault_error_in_the_middle(self, request: Request, handle) -> Reply:
        body = f'{self._chunk({"content": "{"}, None)}\n\ndata: {{"error": {{"message": "overloaded"}}}}\n\n'
        return Reply(200, body.encode(), {"Content-Type": "text/event-stream"})

    def fault_whole(self, request: Request, handle) -> Reply:
        """Answer whole although the request says stream, as some servers do."""
        return self._whole(request)

    def refusal(self, kind: str) -> Reply:
        code, status = {
            "auth": ("invalid_api_key", 401), "quota": ("insufficient_quota", 429), "invalid": ("model_not_found", 404),
            "moderation": ("content_policy_violation", 400), "busy": ("rate_limit_exceeded", 429),
            "broken": ("server_error", 500),
        }[kind]  # fmt: skip
        return Reply(status, {"error": {"message": f"it says {kind}", "type": code, "code": code}})
