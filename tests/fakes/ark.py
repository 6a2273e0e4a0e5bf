"""Fake of ModelArk, from its documentation; checked with byteplus-python-sdk-v2 and litellm (tests/oracles)."""

import base64
import binascii
import time
import uuid

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

TASKS = "(?:/api/v3)?/contents/generations/tasks"
REFUSALS = {
    "auth": (401, "AuthenticationError", "The API key or AK/SK in the request is missing or invalid."),
    "quota": (403, "AccountOverdueError", "The request failed because your account has an overdue balance."),
    "invalid": (400, "InvalidParameter", "The parameter `duration` specified in the request is not valid."),
    "moderation": (400, "InputTextSensitiveContentDetected", "The input text may contain sensitive information."),
    "busy": (429, "RateLimitExceeded.EndpointRPMExceeded", "The Requests Per Minute limit has been exceeded."),
    "broken": (500, "InternalServiceError", "The service encountered an unexpected internal error."),
}
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive")
ROLES = ("first_frame", "last_frame", "reference_image", None)


class ArkFake(Fake):
    slug = "ark"
    routes = [
        ("POST", TASKS, "submit"),
        ("GET", TASKS, "list_tasks"),
        ("GET", f"{TASKS}/([^/]+)", "poll"),
        ("DELETE", f"{TASKS}/([^/]+)", "delete"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*REFUSALS[kind])

    def new_id(self) -> str:
        return f"cgt-20261124{uuid.uuid4().hex[:12]}"

    def submit(self, request: Request) -> Reply:
        body = {name: value for name, value in request.json().items() if value is not None}
        if not body.get("model") or not body.get("content"):
            return _error(400, "MissingParameter", "The request is missing `model` or `content`.")
        if error := self._find_error(body):
            return _error(400, "InvalidParameter", f"The parameter `{error}` specified in the request is not valid.")
        task = self.create(body)
        task.notes["created_at"] = int(time.time())
        return Reply(200, {"id": task.id})

    def _find_error(self, body: dict) -> str:
        images = [item for item in body["content"] if item.get("type") == "image_url"]
        roles = [item.get("role") for item in images]
        checks = {
            "content": all(item.get("type") in ("text", "image_url") for item in body["content"]),
            "content.text": any(item.get("text") for item in body["content"]) or bool(images),
            "content.role": set(roles) <= set(ROLES) and ("last_frame" not in roles or "first_frame" in roles),
            "content.image_url": all(_is_picture(item.get("image_url")) for item in images),
            "resolution": body.get("resolution", "720p") in ("480p", "720p", "1080p", "4k"),
            "ratio": body.get("ratio", "adaptive") in RATIOS,
            "duration": isinstance(body.get("duration", 5), int) and 2 <= body.get("duration", 5) <= 30,
            "seed": isinstance(body.get("seed", -1), int) and -1 <= body.get("seed", -1) < 2**32,
            "generate_audio": isinstance(body.get("generate_audio", True), bool),
        }
        return next((name for name, is_valid in checks.items() if not is_valid), "")

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "NotFound", "The specified task is not found.")
        return Reply(200, self._task(request, task))

    def list_tasks(self, request: Request) -> Reply:
        page, size = int(request.query.get("page_num", 1)), int(request.query.get("page_size", 10))
        tasks = [self._task(request, task) for task in reversed(self.created) if not task.is_deleted]
        for name in ("status", "model"):
            if value := request.query.get(f"filter.{name}"):
                tasks = [task for task in tasks if task[name] == value]
        return Reply(200, {"total": len(tasks), "items": tasks[(page - 1) * size : page * size]})

    def delete(self, request: Request, task_id: str) -> Reply:
        """Cancel queued tasks, refuse running ones, delete finished ones with their video."""
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "NotFound", "The specified task is not found.")
        stage = self.stage(task)
        if stage == "running":
            return _error(409, "InvalidAction.RunningTaskDeletion", "The task is running and cannot be deleted.")
        task.is_cancelled, task.is_deleted = stage == "queued", stage != "queued"
        return Reply(200, {})

    def _task(self, request: Request, task: Task) -> dict:
        stage, settings = self.stage(task), task.request
        data = {
            "id": task.id,
            "model": settings["model"],
            "status": "failed" if stage == "moderated" else stage,
            "error": None,
            "created_at": task.notes["created_at"],
            "updated_at": int(time.time()),
            "seed": settings.get("seed", 1234),
            "resolution": settings.get("resolution", "720p"),
            "ratio": settings.get("ratio", "16:9"),
            "duration": settings.get("duration", 5),
            "framespersecond": 24,
            "service_tier": "default",
            "execution_expires_after": 172800,
        }
        if stage == "succeeded":
            data["content"] = {"video_url": self.video_url(request, task)}
            data["usage"] = {"completion_tokens": 108900, "total_tokens": 108900}
        if stage == "moderated":
            message = "The output video may contain sensitive information."
            data["error"] = {"code": "OutputVideoSensitiveContentDetected", "message": message}
        if stage == "failed":
            data["error"] = {"code": "InternalServiceError", "message": "The service encountered an error."}
        return data

    def read_request(self, task: Task) -> dict:
        sent = task.request
        images = [item["image_url"]["url"] for item in sent["content"] if item["type"] == "image_url"]
        return {
            "prompt": next(item["text"] for item in sent["content"] if item["type"] == "text"),
            "pictures": [base64.b64decode(url.partition(",")[2]) for url in images],
            "seconds": sent["duration"],
            "seed": sent["seed"],
            "lines": parse_resolution(sent["resolution"]),
            **({} if sent["ratio"] == "adaptive" else {"ratio": sent["ratio"]}),
            **({"audio": sent["generate_audio"]} if "generate_audio" in sent else {}),
        }

    def callback(self, task: Task, status: str = "succeeded") -> dict:
        """Return the body that Ark posts to callback_url: the same as for GET, unsigned."""
        return {"id": task.id, "model": task.request["model"], "status": status, "created_at": task.notes["created_at"]}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body |= {"status": "succeeded", "content": {}}
        return reply


def _error(status: int, code: str, message: str) -> Reply:
    data = {"code": code, "message": f"{message} Request id: {uuid.uuid4().hex}", "param": "", "type": "BadRequest"}
    return Reply(status, {"error": data})


def _is_picture(holder) -> bool:
    url = holder.get("url") if isinstance(holder, dict) else None
    if not isinstance(url, str):
        return False
    if not url.startswith("data:image/"):
        return url.startswith(("https://", "http://", "asset://"))
    try:
        return len(base64.b64decode(url.partition(";base64,")[2], validate=True)) > 0
    except binascii.Error:
        return False
