"""Fake of the second MiniMax API, from its documentation; checked with litellm (tests/oracles)."""

import base64
import time
import uuid

from tests.fakes.minimax import is_picture
from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

CREATE, QUERY = "/v2/video_generation", "/v2/query/video_generation"
REFUSALS = {
    "auth": (401, "authentication_error", "invalid api key"),
    "quota": (402, "insufficient_balance_error", "insufficient balance"),
    "invalid": (400, "invalid_request_error", "invalid params, duration"),
    "moderation": (400, "invalid_request_error", "input new_sensitive"),
    "busy": (429, "rate_limit_error", "rate limit"),
    "broken": (500, "api_error", "unknown error"),
}
ROLES = {"first_frame", "last_frame", "reference_image"}


class MinimaxV2Fake(Fake):
    slug = "minimax-v2"
    cancels_running = False  # UNCERTAIN
    routes = [
        ("POST", CREATE, "submit"),
        ("GET", QUERY, "list_tasks"),
        ("GET", f"{QUERY}/([^/]+)", "poll"),
        ("DELETE", f"{CREATE}/([^/]+)", "delete"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*REFUSALS[kind])

    def new_id(self) -> str:
        return str(uuid.uuid4().int)[:18]

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if error := self._find_error(body):
            return _error(400, "invalid_request_error", f"invalid params, {error}")
        task = self.create(body)
        task.notes["created_at"] = int(time.time())
        return Reply(200, {"task_id": task.id})

    def _find_error(self, body: dict) -> str:
        parts = body.get("content") or []
        images = [part for part in parts if part.get("type") == "image_url"]
        roles = [part.get("role") for part in images]
        has_frames = "first_frame" in roles or "last_frame" in roles
        checks = {
            "model": body.get("model") in ("MiniMax-H3", "MiniMax-H3-Max"),
            "content": bool(parts) and all(part.get("type") in ("text", "image_url") for part in parts),
            "role": set(roles) <= ROLES and not (has_frames and "reference_image" in roles),
            "last_frame": "last_frame" not in roles or "first_frame" in roles,
            "image_url": all(is_picture((part.get("image_url") or {}).get("url")) for part in images),
            "reference_image": roles.count("reference_image") <= 9,
            "resolution": body.get("resolution", "768P") in ("480P", "768P", "2K"),
            "duration": isinstance(body.get("duration", 5), int) and 4 <= body.get("duration", 5) <= 15,
            "ratio": body.get("ratio", "16:9") in ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
            or (body["ratio"] == "adaptive" and bool(images)),
        }
        return next((name for name, is_valid in checks.items() if not is_valid), "")

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(500, "api_error", "get task failed: record not found")
        return Reply(200, {"task": self._task(request, task)})

    def list_tasks(self, request: Request) -> Reply:
        page, size = int(request.query.get("page_num", 1)), int(request.query.get("page_size", 10))
        tasks = [self._task(request, task) for task in reversed(self.created) if not task.is_deleted]
        return Reply(200, {"items": tasks[(page - 1) * size : page * size], "total": len(tasks)})

    def delete(self, request: Request, task_id: str) -> Reply:
        """Cancel queued tasks, delete finished ones with their video, refuse running ones (UNCERTAIN)."""
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(500, "api_error", "get task failed: record not found")
        stage = self.stage(task)
        if stage == "running" and not self.cancels_running:
            return _error(400, "invalid_request_error", "task is running")
        task.is_cancelled = stage in ("queued", "running")
        task.is_deleted = not task.is_cancelled
        return Reply(200, {"task_id": task.id, "status": "cancelled" if task.is_cancelled else "deleted"})

    def _task(self, request: Request, task: Task) -> dict:
        stage, settings = self.stage(task), task.request
        body = {
            "id": task.id,
            "task_type": "video_generation",
            "model": settings["model"],
            "status": "failed" if stage == "moderated" else stage,
            "content": {"prompt": self.prompt(task)},
            "resolution": settings.get("resolution", "768P"),
            "duration": settings.get("duration", 5),
            "ratio": settings.get("ratio", "16:9"),
            "created_at": task.notes["created_at"],
            "updated_at": int(time.time()),
        }
        if stage == "succeeded":
            body["content"]["url"] = self.video_url(request, task)
            body["usage"] = {"total_seconds": body["duration"], "input_seconds": 0, "output_seconds": body["duration"]}
        if stage == "moderated":
            body["error"] = {"code": "1027", "message": "output new_sensitive"}
        if stage == "failed":
            body["error"] = {"code": "1000", "message": "unknown error"}
        return body

    def prompt(self, task: Task) -> str:
        return next((item["text"] for item in task.request["content"] if item["type"] == "text"), "")

    def read_request(self, task: Task) -> dict:
        sent = task.request
        images = [item["image_url"]["url"] for item in sent["content"] if item["type"] == "image_url"]
        data = {
            "prompt": self.prompt(task),
            "pictures": [base64.b64decode(url.partition(",")[2]) for url in images],
            "seconds": sent["duration"],
            "lines": parse_resolution(sent["resolution"]),
        }
        return data if sent["ratio"] == "adaptive" else data | {"ratio": sent["ratio"]}

    def callback(self, task: Task, status: str = "succeeded") -> dict:
        """Return the body posted to callback_url, unsigned; its exact format is UNCERTAIN."""
        return {"task_id": task.id, "status": status}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["task"] |= {"status": "succeeded", "content": {"prompt": ""}}
        return reply


def _error(status: int, kind: str, message: str) -> Reply:
    error = {"type": kind, "message": message, "http_code": str(status)}
    return Reply(status, {"type": "error", "error": error, "request_id": uuid.uuid4().hex})
