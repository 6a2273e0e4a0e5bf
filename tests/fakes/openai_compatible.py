"""Fake of a gateway with OpenAI's Videos API, from its documentation; checked with openai 3.57.0 (tests/oracles)."""

import base64
import time

from tests.fakes.multipart import parse_form
from tests.fakes.server import Fake, Reply, Request, Task

STATUSES = {"queued": "queued", "running": "in_progress", "succeeded": "completed"}
FIELDS = {
    "prompt", "model", "seconds", "size", "input_reference", "width", "height", "num_frames", "fps", "seed",
    "negative_prompt", "num_inference_steps", "guidance_scale", "flow_shift", "aspect_ratio", "extra_params",
}  # fmt: skip


class OpenAICompatibleFake(Fake):
    slug = "openai-compatible"
    routes = [
        ("POST", r"(?:/v1)?/videos", "submit"),
        ("GET", r"(?:/v1)?/videos", "list_tasks"),
        ("GET", r"(?:/v1)?/videos/([\w-]+)", "poll"),
        ("GET", r"(?:/v1)?/videos/([\w-]+)/content", "video"),
        ("DELETE", r"(?:/v1)?/videos/([\w-]+)", "delete"),
        ("GET", r"(?:/v1)?/models", "models"),
    ]
    has_prompts = True
    """Whether the list includes prompts."""

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*{
            "auth": (401, "invalid_api_key", "Incorrect API key provided"),
            "quota": (429, "insufficient_quota", "You exceeded your current quota"),
            "invalid": (400, "invalid_value", "Invalid value: seconds"),
            "moderation": (400, "moderation_blocked", "Your request was blocked by our moderation system"),
            "busy": (429, "rate_limit_exceeded", "Rate limit reached"),
            "broken": (500, "server_error", "The server had an error"),
        }[kind])  # fmt: skip

    def new_id(self) -> str:
        return f"video_{super().new_id()}"

    def submit(self, request: Request) -> Reply:
        if request.headers["content-type"].startswith("multipart/form-data; boundary="):
            parts = parse_form(request)
            body = {name: content.decode() for name, (file, content) in parts.items() if not file}
            picture = parts.get("input_reference", ("", b""))[1]
        else:
            body = request.json()
            uri = (body.get("input_reference") or {}).get("image_url", "")
            picture = base64.b64decode(uri.partition(",")[2])
        if error := _find_error(body):
            return _error(400, "invalid_value", error)
        task = self.create(body)
        task.notes |= {"picture": picture, "at": int(time.time())}
        return Reply(200, self.describe_video(task))

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "not_found", "Video not found")
        return Reply(200, self.describe_video(task))

    def list_tasks(self, request: Request) -> Reply:
        rows = sorted((task for task in self.created if not task.is_deleted), key=lambda task: -task.created_at)
        ids = [task.id for task in rows]
        first = ids.index(request.query["after"]) + 1 if request.query.get("after") in ids else 0
        page = rows[first : first + int(request.query.get("limit", 20))]
        videos = [self.describe_video(task) for task in page]
        more = first + len(page) < len(rows)
        ids_of_page = {"first_id": videos[0]["id"] if videos else None, "last_id": videos[-1]["id"] if videos else None}
        return Reply(200, {"object": "list", "data": videos, "has_more": more, **ids_of_page})

    def video(self, request: Request, name: str) -> Reply:
        if name in self.tasks and self.stage(self.tasks[name]) != "succeeded":
            return _error(404, "not_found", "Video is not ready")
        return super().video(request, name)

    def delete(self, request: Request, task_id: str) -> Reply:
        if (task := self.tasks.get(task_id)) is None or task.is_deleted:
            return _error(404, "not_found", "Video not found")
        task.is_deleted = True
        return Reply(200, {"id": task_id, "object": "video.deleted", "deleted": True})

    def models(self, request: Request) -> Reply:
        model = {"id": "wan-2.2", "object": "model", "created": 1_760_000_000, "owned_by": "us"}
        return Reply(200, {"object": "list", "data": [model]})

    def describe_video(self, task: Task) -> dict:
        stage, body = self.stage(task), task.request
        at = task.notes["at"]
        error = {"moderated": "moderation_blocked", "failed": "video_generation_failed"}.get(stage)
        return {
            "id": task.id,
            "object": "video",
            "model": body.get("model", "wan-2.2"),
            "status": STATUSES.get(stage, "failed"),
            "progress": {"queued": 0, "running": 40}.get(stage, 100),
            "created_at": at,
            "completed_at": at if stage == "succeeded" else None,
            "expires_at": at + 3600 if stage == "succeeded" else None,
            "prompt": body["prompt"] if self.has_prompts else None,
            "size": body.get("size", "720x1280"),
            "seconds": body.get("seconds", "4"),
            "remixed_from_video_id": None,
            "error": {"code": error, "message": "The video could not be generated."} if error else None,
        }

    def read_request(self, task: Task) -> dict:
        body = task.request
        width, height = (int(side) for side in body["size"].split("x"))
        data = {
            "prompt": body["prompt"],
            "pictures": [task.notes["picture"]] if task.notes["picture"] else [],
            "seconds": int(body["seconds"]),
            "size": (width, height),
        }
        if "seed" in body:
            data["seed"] = int(body["seed"])
        return data | {name: body[name] for name in ("negative_prompt",) if name in body}

    # --- odd responses ----------------------------------------------------------------------------------------------

    def fault_success_without_url(self, request, handle) -> Reply:
        return Reply(200, {**handle().body, "id": None, "status": "completed"})

    def fault_wrapped(self, request, handle) -> Reply:
        """Wrap the task as new-api does."""
        body = handle().body
        data = {"task_id": body["id"], "status": "IN_PROGRESS", "progress": "30%"}
        return Reply(200, {"code": "success", "message": "", "data": data})

    def fault_with_address(self, request, handle) -> Reply:
        body = handle().body
        url = self.video_url(request, self.tasks[body["id"]])
        return Reply(200, {**body, "metadata": {"url": url}})

    def fault_content_elsewhere(self, request, handle) -> Reply:
        url = self.video_url(request, self.created[0])
        return Reply(302, b"", {"Location": url})

    def fault_fastapi(self, request, handle) -> Reply:
        return Reply(422, {"detail": [{"loc": ["body", "size"], "msg": "bad size", "type": "value_error"}]})

    def fault_plain_text_error(self, request, handle) -> Reply:
        return Reply(400, {"error": "no such size"})


def _error(status: int, code: str, message: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply(status, {"error": error}, {"x-request-id": "req_1"})


def _find_error(body: dict) -> str:
    if unknown := set(body) - FIELDS:
        return f"Unknown parameter: {min(unknown)}"
    if not isinstance(body.get("prompt"), str) or not 1 <= len(body["prompt"]) <= 32_000:
        return "Invalid prompt"
    if any(not isinstance(body.get(name, ""), str) for name in ("seconds", "size", "model")):
        return "seconds, size and model are strings"
    return ""
