"""Fake of Gemini's Interactions API, from its documentation; checked with google-genai 3.6.1 (tests/oracles)."""

import base64
import binascii
import json
import re
import time
from functools import cache

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from generation.providers.webhooks.standard_webhooks import compute_signature
from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

FIELDS = {
    "model", "background", "store", "stream", "input", "generation_config", "response_format", "labels",
    "webhook_config", "service_tier", "previous_interaction_id", "system_instruction", "safety_settings",
}  # fmt: skip
TASKS = {"text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"}
LABEL = re.compile(r"[a-z0-9_-]{0,63}")
VERSION = r"/(?:v1|v1beta)"
JWKS = "/.well-known/jwks.json"


@cache
def signing_key(kid: str) -> rsa.RSAPrivateKey:
    """Return Google's signing key of that name, created on first use."""
    return rsa.generate_private_key(65537, 2048)


class GeminiFake(Fake):
    slug = "gemini"
    key = "AIzaSyFake-0123456789abcdef"
    webhook_secret = "whsec_" + base64.b64encode(b"a secret of a static webhook").decode()
    models = ("gemini-omni-1.2-flash", "gemini-omni-1.1-flash")
    supports_background = True
    """UNCERTAIN for each model. If False, background requests are refused."""
    supports_webhooks = True
    """UNCERTAIN for each API version. If False, the field is unknown."""
    echoes_metadata = True
    """In callbacks according to one source; not in Google's documentation."""
    kid = "a-key-of-google-1"
    routes = [
        ("GET", re.escape(JWKS), "jwks"),
        ("GET", rf"{VERSION}/models", "list_models"),
        ("POST", rf"{VERSION}/interactions", "submit"),
        ("GET", rf"{VERSION}/interactions/([\w-]+)", "poll"),
        ("DELETE", rf"{VERSION}/interactions/([\w-]+)", "delete"),
        ("POST", rf"{VERSION}/interactions/([\w-]+)/cancel", "cancel"),
        ("GET", rf"{VERSION}/files/([\w-]+):download", "download"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.path == JWKS or request.headers.get("x-goog-api-key") == self.key

    def refusal(self, kind: str) -> Reply:
        status, name, message = {
            "auth": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
            "quota": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan."),
            "invalid": (400, "INVALID_ARGUMENT", "Invalid value at 'response_format.duration'."),
            "moderation": (400, "INVALID_ARGUMENT", "The prompt was blocked by our safety filters."),
            "busy": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check rate)."),
            "broken": (500, "INTERNAL", "An internal error has occurred."),
        }[kind]
        return _error(status, name, message)

    def list_models(self, request: Request) -> Reply:
        return Reply(200, {"models": [{"name": f"models/{name}"} for name in self.models]})

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if "webhook_config" in body and not self.supports_webhooks:
            return _error(400, "INVALID_ARGUMENT", 'Unknown name "webhook_config": Cannot find field.')
        if error := _find_error(body):
            return _error(400, "INVALID_ARGUMENT", error)
        if body["model"] not in self.models:
            return _error(404, "NOT_FOUND", f"This model models/{body['model']} is no longer available.")
        if body.get("background") and not self.supports_background:
            return _error(400, "INVALID_ARGUMENT", "background is not supported for this model.")
        task = self.create(body, ref=(body.get("labels") or {}).get("job", ""))
        if not body.get("background"):
            time.sleep(self.queued + self.running)
        return Reply(200, self.interaction(request, task))

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        return Reply(200, self.interaction(request, task))

    def cancel(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if self.stage(task) not in ("queued", "running", "cancelled"):
            return _error(400, "FAILED_PRECONDITION", "The interaction has already finished.")
        task.is_cancelled = True
        return Reply(200, self.interaction(request, task))

    def delete(self, request: Request, task_id: str) -> Reply:
        self.tasks[task_id].is_deleted = True
        return Reply(200, {})

    def download(self, request: Request, file_id: str) -> Reply:
        """Redirect to the video on another host; the key must not be sent there."""
        task = self.tasks.get(file_id)
        if task is None or request.query.get("alt") != "media":
            return _error(404, "NOT_FOUND", "File not found.")
        return Reply(302, b"", {"Location": self.video_url(request, task)})

    def interaction(self, request: Request, task: Task) -> dict:
        stage = self.stage(task)
        status = {
            "queued": "queued", "running": "in_progress", "succeeded": "completed", "cancelled": "cancelled",
            "failed": "failed", "moderated": "completed",
        }[stage]  # fmt: skip
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        interaction = {
            "id": task.id, "object": "interaction", "model": task.request["model"], "status": status,
            "created": now, "updated": now, "steps": [], "labels": task.request.get("labels") or {},
        }  # fmt: skip
        if stage == "succeeded":
            uri = f"{request.origin}/v1beta/files/{task.id}:download?alt=media"
            interaction["steps"] = [_output({"type": "video", "mime_type": "video/mp4", "uri": uri})]
            interaction["usage"] = {"total_output_tokens": 40000, "total_tokens": 40040}
        if stage == "moderated":
            interaction["steps"] = [_output({"type": "text", "text": "I can't make that video."})]
        if stage == "failed":
            interaction["errors"] = [{"code": "internal", "message": "The video could not be generated."}]
        return interaction

    def read_request(self, task: Task) -> dict:
        body = task.request
        parts = [part for step in body["input"] for part in step["content"]]
        form = body["response_format"]
        return {
            "prompt": "".join(part["text"] for part in parts if part["type"] == "text"),
            "pictures": [base64.b64decode(part["data"]) for part in parts if part["type"] == "image"],
            "seconds": int(form["duration"].removesuffix("s")),
            "ratio": form["aspect_ratio"],
            "lines": parse_resolution(form["resolution"]),
            "seed": body["generation_config"]["seed"],
        }

    # --- odd responses ----------------------------------------------------------------------------------------------

    def fault_unknown_status(self, request, handle) -> Reply:
        return _changed(handle(), status="simmering", steps=[])

    def fault_success_without_url(self, request, handle) -> Reply:
        return _changed(handle(), status="completed", steps=[_output({"type": "video", "mime_type": "video/mp4"})])

    def fault_incomplete(self, request, handle) -> Reply:
        return _changed(handle(), status="incomplete", steps=[])

    def fault_budget_exceeded(self, request, handle) -> Reply:
        return _changed(handle(), status="budget_exceeded", steps=[])

    def fault_refused_in_a_step(self, request, handle) -> Reply:
        error = {"code": 3, "message": "Blocked by the responsible AI policy (rai)."}
        return _changed(handle(), status="completed", steps=[{"type": "model_output", "error": error}])

    def fault_inline(self, request, handle) -> Reply:
        video = {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(self.video_bytes).decode()}
        return _changed(handle(), status="completed", steps=[_output(video)])

    def fault_vanished(self, request, handle) -> Reply:
        return _error(404, "NOT_FOUND", "Requested entity was not found.")

    def fault_wrong_version(self, request, handle) -> Reply:
        return Reply(404, "<html><title>Error 404 (Not Found)</title></html>", {"Content-Type": "text/html"})

    def fault_bad_key_400(self, request, handle) -> Reply:
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        return _error(400, "INVALID_ARGUMENT", "Please pass a valid one.", [reason])

    def fault_overloaded(self, request, handle) -> Reply:
        return _error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")

    def fault_wait_twelve(self, request, handle) -> Reply:
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12s"}
        return _error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted.", [retry])

    # --- callbacks --------------------------------------------------------------------------------------------------

    def jwks(self, request: Request) -> Reply:
        numbers = signing_key(self.kid).public_key().public_numbers()
        n, e = (_b64(item.to_bytes((item.bit_length() + 7) // 8)) for item in (numbers.n, numbers.e))
        return Reply(200, {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid, "n": n, "e": e}]})

    def callback(
        self, task: Task, *, at: float | None = None, kind="interaction.completed"
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a callback, to the address in the request or to a static webhook."""
        config = task.request.get("webhook_config") or {}
        data = {"id": task.id} | ({"user_metadata": config.get("user_metadata")} if self.echoes_metadata else {})
        body = json.dumps({"type": kind, "version": "v1", "data": data}).encode()
        name, moment = f"evt_{task.id}", str(int(at or time.time()))
        if config.get("uris"):
            signed = self.token(iat=int(moment), exp=int(moment) + 300)
        else:
            signed = f"v1,{compute_signature(self.webhook_secret, name, moment, body)}"
        return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": signed}, body

    def token(self, head=None, **claims) -> str:
        """Return a token signed with the current key. ``head`` overrides fields of its header."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.kid} | (head or {})
        signed = ".".join(_b64(json.dumps(item).encode()) for item in (head, claims))
        return f"{signed}.{_b64(signing_key(self.kid).sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _output(part: dict) -> dict:
    return {"type": "model_output", "content": [part]}


def _changed(reply: Reply, **facts) -> Reply:
    return Reply(200, {**reply.body, **facts})


def _error(status: int, name: str, message: str, details=()) -> Reply:
    return Reply(status, {"error": {"code": status, "message": message, "status": name, "details": list(details)}})


def _find_error(body) -> str:
    """Return the first error that Google finds in a request, or an empty string."""
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return "model is required"
    if unknown := set(body) - FIELDS:
        return f'Unknown name "{min(unknown)}": Cannot find field.'
    if any(not LABEL.fullmatch(str(value)) for value in (body.get("labels") or {}).values()):
        return "labels: lowercase letters, numeric characters, underscores and dashes only"
    uris = (body.get("webhook_config") or {}).get("uris", [])
    if not isinstance(uris, list) or not all(str(item).startswith("https://") for item in uris):
        return "webhook_config.uris: https addresses are required"
    if body.get("background") and body.get("store") is False:
        return "background needs store"
    return _find_input_error(body.get("input")) or _find_format_error(body)


def _find_input_error(inputs) -> str:
    if isinstance(inputs, str) and inputs:
        return ""
    if not isinstance(inputs, list) or not inputs:
        return "input is required"
    parts = [part for step in inputs for part in (step.get("content") or [])]
    for part in parts:
        if part.get("type") == "text" and not part.get("text"):
            return "text is empty"
        if part.get("type") == "image":
            try:
                base64.b64decode(part["data"], validate=True)
            except (KeyError, binascii.Error):
                return "image: data is not base64"
            if not str(part.get("mime_type")).startswith("image/"):
                return "image: mime_type is required"
    return "" if any(part.get("type") == "text" for part in parts) else "input has no text"


def _find_format_error(body) -> str:
    form = body.get("response_format") or {}
    task = ((body.get("generation_config") or {}).get("video_config") or {}).get("task", "text_to_video")
    if form.get("type", "video") != "video" or task not in TASKS:
        return f"Invalid value at response_format.type or video_config.task: {task}"
    if form.get("aspect_ratio", "16:9") not in ("16:9", "9:16"):
        return "Invalid value at 'response_format.aspect_ratio'"
    if form.get("resolution", "720p") not in ("360p", "720p", "1080p", "4k"):
        return "Invalid value at 'response_format.resolution'"
    seconds = re.fullmatch(r"(\d+)s", form.get("duration", "8s"))
    if not seconds or not 3 <= int(seconds[1]) <= 15:
        return "Invalid value at 'response_format.duration'"
    return ""
