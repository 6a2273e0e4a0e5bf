"""Fake of Vidu, from its documentation: Token instead of Bearer, callbacks signed with the API key.

No official SDK exists; tests/oracles/schemas/vidu checks this fake instead.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import urlsplit

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

KINDS = "(text2video|img2video|start-end2video|reference2video)"
STATES = {"queued": "queueing", "running": "processing", "succeeded": "success"}
REFUSALS = {
    "auth": (401, "Unauthorized", "the token is invalid"),
    "quota": (400, "CreditInsufficient", "credit is insufficient"),
    "invalid": (400, "FieldInvalid", "duration is invalid"),
    "moderation": (400, "TaskPromptPolicyViolation", "the prompt violates the policy"),
    "busy": (429, "QuotaExceeded", "too many tasks at once"),
    "broken": (500, "InternalServiceFailure", "internal service failure"),
}
MODELS = (
    "viduq4-preview",
    "viduq3-pro",
    "viduq3-pro-fast",
    "viduq3-turbo",
    "viduq3",
    "viduq2",
    "viduq2-pro",
    "viduq2-turbo",
    "viduq1",
)
COUNTS = {"text2video": range(1), "img2video": (1,), "start-end2video": (2,), "reference2video": range(1, 16)}


class ViduFake(Fake):
    slug = "vidu"
    routes = [
        ("POST", f"/ent/v2/{KINDS}", "submit"),
        ("GET", "/ent/v2/tasks", "list_tasks"),
        ("GET", "/ent/v2/tasks/([^/]+)/creations", "poll"),
        ("POST", "/ent/v2/tasks/([^/]+)/cancel", "cancel"),
    ]
    lists_payload = True  # UNCERTAIN
    paging = "pager"  # or "paper": UNCERTAIN

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Token {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*REFUSALS[kind])

    def new_id(self) -> str:
        return str(uuid.uuid4().int)[:18]

    def submit(self, request: Request, kind: str) -> Reply:
        body = request.json()
        if error := self._find_error(kind, body):
            return _error(400, "FieldInvalid", f"{error} is invalid")
        task = self.create(body, body.get("payload", ""))
        task.notes["created_at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        echo = {name: value for name, value in body.items() if name != "callback_url"}
        return Reply(200, echo | self._facts(task) | {"task_id": task.id, "state": "created"})

    def _find_error(self, kind: str, body: dict) -> str:
        images = body.get("images", [])
        checks = {
            "model": body.get("model") in MODELS,
            "prompt": len(body.get("prompt", "")) <= 5000 and (bool(body.get("prompt")) or kind == "img2video"),
            "images": len(images) in COUNTS[kind] and all(_is_picture(image) for image in images),
            "duration": isinstance(body.get("duration", 5), int) and 1 <= body.get("duration", 5) <= 16,
            "resolution": body.get("resolution", "720p") in ("360p", "540p", "720p", "1080p"),
            "aspect_ratio": body.get("aspect_ratio", "16:9") in ("16:9", "9:16", "1:1", "4:3", "3:4"),
            "seed": isinstance(body.get("seed", 0), int),
            "style": body.get("style", "general") in ("general", "anime"),
            "audio": isinstance(body.get("audio", True), bool),
            "payload": isinstance(body.get("payload", ""), str),
        }
        return next((name for name, is_valid in checks.items() if not is_valid), "")

    def _facts(self, task: Task) -> dict:
        return {"credits": 4, "payload": task.ref, "created_at": task.notes["created_at"]}

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "TaskNotFound", "the task is not found")
        stage = self.stage(task)
        data = {
            "id": task.id,
            "state": STATES.get(stage, "failed"),
            "err_code": {"moderated": "CreationPolicyViolation", "failed": "InternalServiceFailure"}.get(stage, ""),
            "credits": 4,
            "payload": task.ref,
            "creations": [],
        }
        if stage == "cancelled":
            data["err_code"] = "UserCancelled"
        if stage == "running":
            data["progress"] = 40
        if stage == "succeeded":
            url = self.video_url(request, task)
            data["creations"] = [{"id": uuid.uuid4().hex, "url": url, "cover_url": url.replace(".mp4", ".jpg")}]
        return Reply(200, data)

    def list_tasks(self, request: Request) -> Reply:
        size, token = int(request.query.get("pager.pagesz", 10)), request.query.get(f"{self.paging}.page_token", "0")
        if not token.isdecimal():
            return _error(400, "InvalidPageToken", "page_token")
        if not 1 <= size <= 100:
            return _error(400, "PageSizeOutOfRange", "pagesz")
        since = request.query.get("created_at.from", "")
        start = int(token)
        tasks = [task for task in reversed(self.created) if not task.is_deleted and task.notes["created_at"] >= since]
        shown = [self._list_row(task) for task in tasks[start : start + size]]
        has_more = start + size < len(tasks)
        next_token = str(start + size) if has_more else ""
        return Reply(200, {"next_page_token": next_token, "tasks": shown})

    def _list_row(self, task: Task) -> dict:
        sent = task.request
        data = {
            "id": task.id,
            "model": sent["model"],
            "prompt": sent.get("prompt", ""),
            "duration": sent.get("duration", 5),
            "resolution": sent.get("resolution", "720p"),
            "aspect_ratio": sent.get("aspect_ratio", ""),
            "state": STATES.get(self.stage(task), "failed"),
            "creations": [],
            "created_at": task.notes["created_at"],
        }
        return data | {"payload": task.ref} if self.lists_payload else data

    def cancel(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted or request.json().get("id") != task_id:
            return _error(404, "TaskNotFound", "the task is not found")
        if self.stage(task) != "queued":
            return _error(400, "BadRequest", "task state is scheduled, can not cancel")
        task.is_cancelled = True
        return Reply(200, {})

    def read_request(self, task: Task) -> dict:
        sent = task.request
        data = {
            "prompt": sent["prompt"],
            "pictures": [base64.b64decode(url.partition(",")[2]) for url in sent.get("images", ())],
            "seconds": sent["duration"],
            "seed": sent["seed"],
            "lines": parse_resolution(sent["resolution"]),
        } | ({"audio": sent["audio"]} if "audio" in sent else {})
        return data | ({"ratio": sent["aspect_ratio"]} if "aspect_ratio" in sent else {})

    def callback(self, task: Task, at: float | None = None, nonce: str = "") -> tuple[dict, bytes]:
        """Return headers and body of the callback that Vidu sends to the task's callback_url."""
        date = formatdate(time.time() if at is None else at, usegmt=True)
        nonce = nonce or uuid.uuid4().hex
        headers = {
            "Date": date,
            "x-request-nonce": nonce,
            "X-HMAC-SIGNED-HEADERS": "Date;x-request-nonce",
            "X-HMAC-ALGORITHM": "hmac-sha256",
            "X-HMAC-ACCESS-KEY": "vidu",
            "X-HMAC-SIGNATURE": self.signature(task, date, nonce),
        }
        body = {"id": task.id, "state": "success", "err_code": "", "credits": 4, "payload": task.ref, "creations": []}
        return headers, json.dumps(body).encode()

    def signature(self, task: Task, date: str, nonce: str) -> str:
        """Return the documented signature, computed independently of the adapter."""
        path = urlsplit(task.request["callback_url"]).path
        signed = f"POST\n{path}\n\nvidu\n{date}\nDate:{date}\nx-request-nonce:{nonce}\n"
        return base64.b64encode(hmac.new(self.key.encode(), signed.encode(), hashlib.sha256).digest()).decode()

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body |= {"state": "success", "creations": []}
        return reply

    def fault_canceled_after_create(self, request: Request, handle) -> Reply:
        handle()
        return _error(499, "Canceled", "the request was canceled")

    def fault_conflict_after_create(self, request: Request, handle) -> Reply:
        handle()
        return _error(409, "Conflict", "conflict")


def _error(status: int, reason: str, message: str) -> Reply:
    body = {"code": status, "reason": reason, "message": message, "metadata": {"trace_id": uuid.uuid4().hex}}
    return Reply(status, body)


def _is_picture(url) -> bool:
    if not isinstance(url, str):
        return False
    if not url.startswith("data:image/"):
        return url.startswith(("https://", "http://"))
    try:
        return len(base64.b64decode(url.partition(";base64,")[2], validate=True)) > 0
    except binascii.Error:
        return False
