"""Fake of fal's queue, from its documentation; checked with fal-client 1.0.3 and litellm (tests/oracles)."""

import base64
import hashlib
import json
import time
import uuid
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.fal_models import MODELS, find_error
from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

REFUSALS = {
    "auth": (401, {"detail": "Cannot access application. Authentication is required to access this application."}),
    "quota": (403, {"detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard."}),
    "busy": (429, {"detail": "Too many requests"}),
    "broken": (500, {"detail": "Internal Server Error"}),
}
TOKEN = "a-token-for-uploads-alone"
APP = "/((?:workflows/|comfy/)?[^/]+/[^/]+)/requests/([^/]+)"


class FalFake(Fake):
    slug = "fal"
    key = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
    routes = [
        ("GET", "/[.]well-known/jwks[.]json", "jwks"),
        ("GET", f"{APP}/status", "poll"),
        ("GET", APP, "result"),
        ("PUT", f"{APP}/cancel", "cancel"),
        ("POST", "/storage/auth/token", "token"),
        ("POST", "/files/upload", "store_upload"),
        ("POST", "/(.+)", "submit"),
    ]
    signer = Ed25519PrivateKey.from_private_bytes(b"a signing key of fal, for tests!")
    pictures = ("image_url", "start_image_url", "first_frame_url", "end_image_url", "tail_image_url", "last_frame_url")

    def __init__(self, *args, **times):
        super().__init__(*args, **times)
        self.files: dict[str, bytes] = {}

    def is_authorised(self, request: Request) -> bool:
        if request.path == "/.well-known/jwks.json":
            return True
        expected = f"Bearer {TOKEN}" if request.path == "/files/upload" else f"Key {self.key}"
        return request.headers.get("authorization") == expected

    def refusal(self, kind: str) -> Reply:
        if kind == "moderation":
            return _invalid("prompt", "The content could not be processed.", "content_policy_violation")
        if kind == "invalid":
            return _invalid("prompt", "Field required", "missing")
        return Reply(*REFUSALS[kind])

    def submit(self, request: Request, path: str) -> Reply:
        if path not in MODELS:
            return Reply(404, {"detail": f'Application "{path}" not found'})
        body = request.json()
        if found := find_error(path, body, self.files):
            return _invalid(*found)
        task = self.create(body, ref=request.query.get("fal_webhook", ""))
        task.notes["app"] = "/".join(path.split("/")[:2])
        url = f"{request.origin}/{task.notes['app']}/requests/{task.id}"
        return Reply(200, {
            "status": "IN_QUEUE", "request_id": task.id, "response_url": url, "status_url": f"{url}/status",
            "cancel_url": f"{url}/cancel", "queue_position": 0,
        })  # fmt: skip

    def token(self, request: Request) -> Reply:
        expiry = datetime.now(UTC) + timedelta(hours=1)
        body = {"token": TOKEN, "token_type": "Bearer", "base_url": request.origin, "expires_at": expiry.isoformat()}
        return Reply(200, body) if request.query.get("storage_type") == "fal-cdn-v3" else Reply(422, {"detail": "type"})

    def store_upload(self, request: Request) -> Reply:
        address = f"{request.origin}/files/{uuid.uuid4().hex}"
        self.files[address] = request.body
        return Reply(200, {"access_url": address})

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def _task(self, app: str, task_id: str) -> Task | None:
        task = self.tasks.get(task_id)
        return None if task is None or task.is_deleted or task.notes["app"] != app else task

    def poll(self, request: Request, app: str, task_id: str) -> Reply:
        if (task := self._task(app, task_id)) is None:
            return Reply(404, {"detail": "Request not found"})
        stage, head = self.stage(task), {"request_id": task.id, "response_url": request.path.removesuffix("/status")}
        if stage == "queued":
            return Reply(202, head | {"status": "IN_QUEUE", "queue_position": 2})
        if stage == "running":
            return Reply(202, head | {"status": "IN_PROGRESS", "logs": None})
        finished = head | {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 12.5}}
        if stage == "cancelled":
            return Reply(200, finished | {"error": "Request cancelled", "error_type": "client_cancelled"})
        return Reply(200, finished)

    def result(self, request: Request, app: str, task_id: str) -> Reply:
        if (task := self._task(app, task_id)) is None:
            return Reply(404, {"detail": "Request not found"})
        stage = self.stage(task)
        if stage in ("queued", "running"):
            return Reply(400, {"detail": "Request is still in progress"})
        if stage == "moderated":
            return self.refusal("moderation")
        if stage in ("failed", "cancelled"):
            return Reply(500, {"detail": [{"loc": ["body"], "msg": "Internal", "type": "internal_server_error"}]})
        return Reply(200, self.output(request, task), {"x-fal-request-id": task.id})

    def output(self, request: Request, task: Task) -> dict:
        url = self.video_url(request, task)
        return {
            "video": {"url": url, "content_type": "video/mp4", "file_name": "x.mp4", "file_size": len(self.video_bytes)}
        }

    def cancel(self, request: Request, app: str, task_id: str) -> Reply:
        if (task := self._task(app, task_id)) is None:
            return Reply(404, {"status": "NOT_FOUND"})
        stage = self.stage(task)
        if stage not in ("queued", "running"):
            return Reply(400, {"status": "ALREADY_COMPLETED"})
        task.is_cancelled = True
        return Reply(200, {"status": "OK"}) if stage == "queued" else Reply(202, {"status": "CANCELLATION_REQUESTED"})

    # --- callbacks --------------------------------------------------------------------------------------------------

    def jwks(self, request: Request) -> Reply:
        raw = self.signer.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return Reply(200, {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": x}]})

    def callback(self, task: Task, at: float | None = None) -> tuple[dict, bytes]:
        message = {"request_id": task.id, "gateway_request_id": self.new_id(), "status": "OK", "payload": {"seed": 1}}
        body, moment = json.dumps(message).encode(), str(int(time.time() if at is None else at))
        signed = "\n".join([task.id, "user-1", moment, hashlib.sha256(body).hexdigest()])
        return {
            "X-Fal-Webhook-Request-Id": task.id, "X-Fal-Webhook-User-Id": "user-1",
            "X-Fal-Webhook-Timestamp": moment, "X-Fal-Webhook-Signature": self.signer.sign(signed.encode()).hex(),
        }, body  # fmt: skip

    # --- for tests --------------------------------------------------------------------------------------------------

    def read_request(self, task: Task) -> dict:
        body = task.request
        uris = [body[name] for name in self.pictures if name in body] + body.get("image_urls", [])
        pictures = [self.files.get(item) or base64.b64decode(item.partition(",")[2]) for item in uris]
        message = {"prompt": body["prompt"], "pictures": pictures}
        if "duration" in body:
            message["seconds"] = int(str(body["duration"]).removesuffix("s"))
        if "resolution" in body:
            message["lines"] = parse_resolution(body["resolution"])
        names = {"aspect_ratio": "ratio", "seed": "seed", "negative_prompt": "negative_prompt"}
        names |= dict.fromkeys(("generate_audio", "audio", "generate_audio_switch"), "audio")
        return message | {name: body[key] for key, name in names.items() if key in body}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        return Reply(200, {"seed": 7})

    def fault_infra(self, request: Request, handle) -> Reply:
        body = {"detail": "Request timed out", "error_type": "request_timeout"}
        return Reply(504, body, {"X-Fal-Error-Type": "request_timeout"})

    def fault_ended_in_error(self, request: Request, handle) -> Reply:
        data = {"status": "COMPLETED", "logs": None, "error": "Runner died", "error_type": "runner_server_error"}
        return Reply(200, data)


def _invalid(field: str, message: str, kind: str) -> Reply:
    error = {
        "loc": ["body", field], "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors#{kind}", "ctx": {},
        "input": {},
    }  # fmt: skip
    return Reply(422, {"detail": [error]})
