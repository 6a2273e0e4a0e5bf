"""Fake of Luma's older interface, from its documentation; checked with lumaai 1.21.0 (tests/oracles)."""

import uuid
from datetime import UTC, datetime

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

STATES = {"queued": "queued", "running": "dreaming", "succeeded": "completed"}
RATIOS = {"1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"}
FIELDS = {
    "prompt", "model", "aspect_ratio", "duration", "resolution", "loop", "keyframes", "concepts", "callback_url",
}  # fmt: skip
REFUSALS = {
    "auth": (401, {"detail": "Not authenticated"}),
    "quota": (400, {"detail": "Insufficient credits"}),
    "invalid": (422, {"detail": [{"loc": ["body", "duration"], "msg": "Input should be '5s' or '9s'"}]}),
    "moderation": (400, {"detail": "prompt not allowed because advanced moderation failed"}),
    "busy": (429, {"detail": "Too many concurrent generations"}),
    "broken": (500, {"detail": "Internal server error"}),
}


class LumaDreamMachineFake(Fake):
    slug = "luma-dream-machine"
    key = "luma-0123456789abcdef0123456789"
    routes = [
        ("GET", "/credits", "credits"),
        ("POST", "/generations/video", "submit"),
        ("GET", "/generations", "list_tasks"),
        ("GET", "/generations/([^/]+)", "poll"),
        ("DELETE", "/generations/([^/]+)", "delete"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return Reply(*REFUSALS[kind])

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def credits(self, request: Request) -> Reply:
        return Reply(200, {"credit_balance": 1234.0})

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if name := next((name for name, is_valid in self._checks(body).items() if not is_valid), ""):
            return Reply(422, {"detail": [{"loc": ["body", name], "msg": "Invalid value", "type": "value_error"}]})
        task = self.create(body)
        task.notes["created_at"] = datetime.now(UTC).isoformat()
        return Reply(201, self.generation(request, task))

    def _checks(self, body: dict) -> dict[str, bool]:
        frames = body.get("keyframes", {})
        return {
            "prompt": isinstance(body.get("prompt"), str) and bool(body["prompt"]),
            "model": body.get("model") in ("ray-2", "ray-flash-2"),
            "aspect_ratio": body.get("aspect_ratio") in RATIOS,
            "duration": body.get("duration") in ("5s", "9s"),
            "resolution": body.get("resolution") in ("540p", "720p", "1080p", "4k"),
            "keyframes": frames.keys() <= {"frame0", "frame1"} and all(map(self._is_keyframe, frames.values())),
            "callback_url": str(body.get("callback_url", "https://")).startswith("https://"),
            "body": body.keys() <= FIELDS,
        }

    def _is_keyframe(self, frame: dict) -> bool:
        """Return whether the frame is a picture at a public address or a generation; data URIs are not supported."""
        if frame.get("type") == "generation":
            return frame.keys() == {"type", "id"} and frame["id"] in self.tasks
        return frame.keys() == {"type", "url"} and frame["type"] == "image" and frame["url"].startswith("https://")

    def generation(self, request: Request, task: Task) -> dict:
        stage = self.stage(task)
        reasons = {"moderated": "The result was refused by moderation.", "failed": "The generation failed."}
        video = self.video_url(request, task) if stage == "succeeded" else None
        return {
            "id": task.id, "generation_type": "video", "state": STATES.get(stage, "failed"),
            "failure_reason": reasons.get(stage), "created_at": task.notes["created_at"],
            "model": task.request["model"],
            "assets": {"video": video} if video else None,
            "request": {"generation_type": "video", **task.request},
        }  # fmt: skip

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted or task.is_cancelled:
            return Reply(404, {"detail": "Generation not found"})
        return Reply(200, self.generation(request, task))

    def list_tasks(self, request: Request) -> Reply:
        limit, offset = int(request.query.get("limit", 10)), int(request.query.get("offset", 0))
        rows = [task for task in reversed(self.created) if not (task.is_deleted or task.is_cancelled)]
        page = [self.generation(request, task) for task in rows[offset : offset + limit]]
        has_more = len(rows) > offset + limit
        data = {"generations": page, "has_more": has_more, "count": len(rows), "limit": limit, "offset": offset}
        return Reply(200, data)

    def delete(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_cancelled:
            return Reply(404, {"detail": "Generation not found"})
        task.is_cancelled = True
        return Reply(204, b"")

    def read_request(self, task: Task) -> dict:
        body, frames = task.request, task.request.get("keyframes", {})
        pictures = [frames[name] for name in ("frame0", "frame1") if name in frames and "url" in frames[name]]
        return {
            "prompt": body["prompt"], "ratio": body["aspect_ratio"], "seconds": int(body["duration"].rstrip("s")),
            "pictures": [self.read_picture(frame["url"]) for frame in pictures],
            "lines": parse_resolution(body["resolution"]),
        }  # fmt: skip

    def callback(self, task: Task, state: str = "completed") -> dict:
        return {"id": task.id, "generation_type": "video", "state": state, "request": task.request}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["assets"] = {}
        return reply
