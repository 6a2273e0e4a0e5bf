"""Fake of Replicate, from its documentation; checked with the replicate SDK 1.0.7 (tests/oracles)."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime

from generation.providers.webhooks.standard_webhooks import compute_signature
from tests.fakes.replicate_models import SCHEMAS, find_error, read_picture
from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

STATUSES = {"queued": "starting", "running": "processing", "moderated": "failed", "cancelled": "canceled"}
REFUSALS = {
    "auth": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "quota": (402, "Insufficient credit", "You have insufficient credit to run this model."),
    "invalid": (422, "Input validation failed", "- input.duration: must be one of 5, 10"),
    "busy": (429, "Too Many Requests", "Request was throttled. Your rate limit resets in ~30s."),
    "broken": (500, "Internal server error", "Something went wrong"),
}
LOG = "Using seed: 7\n 10%|#         | 5/50 [00:01<00:09]\n 42%|####      | 21/50 [00:05<00:05]\n"


class ReplicateFake(Fake):
    slug = "replicate"
    key = "r8_0123456789abcdefghijABCDEFGHIJ"
    webhook_secret = "whsec_" + base64.b64encode(b"the secret of this account").decode()
    routes = [
        ("GET", "/v1/account", "account"),
        ("GET", "/v1/webhooks/default/secret", "secret"),
        ("POST", "/v1/files", "upload"),
        ("GET", "/v1/files/([^/]+)/content", "own_video"),
        ("GET", "/v1/models/([^/]+/[^/]+)", "schema"),
        ("POST", "/v1/models/([^/]+/[^/]+)/predictions", "submit"),
        ("POST", "/v1/predictions", "submit"),
        ("GET", "/v1/predictions", "list_tasks"),
        ("GET", "/v1/predictions/([^/]+)", "poll"),
        ("POST", "/v1/predictions/([^/]+)/cancel", "cancel"),
    ]
    page = 100

    def __init__(self, *args, **times):
        super().__init__(*args, **times)
        self.files: dict[str, bytes] = {}
        self.schemas = SCHEMAS
        self.echoes_webhook = True  # UNCERTAIN

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _problem(*REFUSALS[kind])

    def new_id(self) -> str:
        return uuid.uuid4().hex[:26]

    def account(self, request: Request) -> Reply:
        return Reply(200, {"type": "user", "username": "mika", "name": "Mika", "github_url": ""})

    def secret(self, request: Request) -> Reply:
        return Reply(200, {"key": self.webhook_secret})

    def upload(self, request: Request) -> Reply:
        found = _part(request, "content")
        if found is None:
            return _problem(400, "Bad request", "Missing content in request body")
        name = uuid.uuid4().hex
        url = f"{request.origin}/v1/files/{name}"
        self.files[url] = found
        facts = {
            "id": name,
            "name": "picture.png",
            "content_type": "image/png",
            "size": len(found),
            "etag": "e",
            "checksums": {},
        }
        return Reply(201, facts | {"metadata": {}, "created_at": _now(), "expires_at": _now(), "urls": {"get": url}})

    def schema(self, request: Request, model: str) -> Reply:
        if model not in self.schemas:
            return _problem(404, "Not found", "The requested resource could not be found.")
        owner, name = model.split("/")
        version = {"id": "f" * 64, "openapi_schema": {"components": {"schemas": self.schemas[model]}}}
        return Reply(200, {"owner": owner, "name": name, "url": "", "latest_version": version})

    def submit(self, request: Request, model: str = "") -> Reply:
        body = request.json()
        name = model or str(body.get("version", "")).partition(":")[0]
        if name not in self.schemas and len(name) != 64:
            return _problem(404, "Not found", "The requested resource could not be found.")
        if found := find_error(self.schemas.get(name), body.get("input"), set(self.files)):
            return _problem(422, "Input validation failed", f"- input.{found}")
        task = self.create(body, ref=body.get("webhook", ""))
        task.notes |= {"model": name, "created_at": _now()}
        return Reply(201, self.prediction(request, task))

    def prediction(self, request: Request, task: Task, stage: str = "") -> dict:
        stage = stage or self.stage(task)
        url = f"{request.origin}/v1/predictions/{task.id}"
        body = {
            "id": task.id, "model": task.notes["model"], "version": "hidden", "status": STATUSES.get(stage, stage),
            "input": task.request["input"], "output": None, "error": None, "logs": "", "data_removed": False,
            "created_at": task.notes["created_at"], "started_at": None, "completed_at": None, "metrics": {},
            "urls": {"get": url, "cancel": f"{url}/cancel"}, "source": "api",
        }  # fmt: skip
        if self.echoes_webhook and task.ref:
            body["webhook"] = task.ref
        if stage == "running":
            body["logs"] = LOG
        if stage == "succeeded":
            body |= {"output": self.video_url(request, task), "metrics": {"predict_time": 12.34}, "logs": LOG}
        if stage in ("failed", "moderated"):
            is_moderated = stage == "moderated"
            body["error"] = (
                "The input or output was flagged as sensitive. (E005)" if is_moderated else "CUDA out of memory"
            )
        return body

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _problem(404, "Not found", "The requested resource could not be found.")
        return Reply(200, self.prediction(request, task))

    def list_tasks(self, request: Request) -> Reply:
        """Return a page of the list, newest first."""
        start = int(request.query.get("cursor") or 0)
        after = request.query.get("created_after", "")
        tasks = [task for task in reversed(self.created) if not task.is_deleted]
        if after:
            since = datetime.fromisoformat(after)
            tasks = [task for task in tasks if datetime.fromisoformat(task.notes["created_at"]) > since]
        rows = [self.prediction(request, task) for task in tasks[start : start + self.page]]
        more = start + self.page < len(tasks)
        url = f"{request.origin}/v1/predictions?cursor={start + self.page}"
        return Reply(200, {"previous": None, "next": url if more else None, "results": rows})

    def cancel(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _problem(404, "Not found", "The requested resource could not be found.")
        stage = self.stage(task)
        if stage in ("queued", "running"):
            task.is_cancelled = True
        return Reply(200, self.prediction(request, task, stage))  # still the stage before the cancellation

    def own_video(self, request: Request, name: str) -> Reply:
        return self.video(request, name)

    def callback(self, task: Task, at: float | None = None) -> tuple[dict, bytes]:
        origin = Request("POST", "/", {}, {}, b"", "http://127.0.0.1/replicate")
        body = json.dumps(self.prediction(origin, task)).encode()
        name, moment = f"msg_{task.id}", str(int(time.time() if at is None else at))
        signature = compute_signature(self.webhook_secret, name, moment, body)
        signed = f"v1,{base64.b64encode(b'an older secret').decode()} v1,{signature}"
        return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": signed}, body

    # --- for tests --------------------------------------------------------------------------------------------------

    def read_request(self, task: Task) -> dict:
        body = task.request["input"]
        uris = [body[name] for name in ("image", "start_image", "first_frame_image") if name in body]
        uris += [body[name] for name in ("last_image", "end_image", "last_frame") if name in body]
        uris += body.get("reference_images", [])
        message = {"prompt": body["prompt"], "pictures": [self.files.get(item) or read_picture(item) for item in uris]}
        if "num_frames" in body:
            message["seconds"] = (body["num_frames"] - 1) // 16
        if "size" in body:
            message["size"] = tuple(int(part) for part in body["size"].split("*"))
        if lines := body.get("resolution") or body.get("quality"):
            message["lines"] = parse_resolution(lines)
        names = {"aspect_ratio": "ratio", "duration": "seconds", "seed": "seed", "negative_prompt": "negative_prompt"}
        names |= {"generate_audio": "audio"}
        return message | {name: body[key] for key, name in names.items() if key in body}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["output"] = []
        return reply

    def fault_data_removed(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body |= {"output": None, "data_removed": True, "input": {}}
        return reply


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _problem(status: int, title: str, detail: str) -> Reply:
    return Reply(status, {"title": title, "detail": detail, "status": status})


def _part(request: Request, name: str) -> bytes | None:
    """Return the file of that name in a multipart body."""
    _, _, mark = request.headers.get("content-type", "").partition("boundary=")
    for piece in request.body.split(f"--{mark}".encode()) if mark else ():
        head, _, content = piece.partition(b"\r\n\r\n")
        if f'name="{name}"'.encode() in head:
            return content.removesuffix(b"\r\n")
    return None
