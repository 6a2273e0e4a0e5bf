"""Fake of Luma's newer interface, from its documentation; checked with luma-agents 0.5.0 (tests/oracles)."""

import uuid
from datetime import UTC, datetime

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

STATES = {"queued": "queued", "running": "processing", "succeeded": "completed"}
RATIOS = "3:1 2:1 21:9 16:9 4:3 3:2 1:1 3:4 2:3 9:16 1:2 1:3".split()  # noqa: SIM905
FIELDS = {"prompt", "model", "type", "aspect_ratio", "user_id", "video", "source", "image_ref"}
VIDEO_FIELDS = {"duration", "resolution", "start_frame", "end_frame", "loop"}
REFUSALS = {
    "auth": (401, {"detail": "Invalid API key"}),
    "quota": (402, {"detail": "Insufficient credits"}),
    "invalid": (422, {"detail": [{"loc": ["body", "video", "duration"], "msg": "Input should be '5s' or '10s'"}]}),
    "moderation": (400, {"detail": "prompt not allowed because of moderation"}),
    "busy": (429, {"detail": "Too many requests"}),
    "broken": (500, {"detail": "Internal server error"}),
}


class LumaFake(Fake):
    slug = "luma"
    key = "luma-api-0123456789abcdef0123456789"
    routes = [
        ("GET", "/v1/files", "files"),
        ("POST", "/v1/generations", "submit"),
        ("GET", "/v1/generations/([^/]+)", "poll"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return Reply(*REFUSALS[kind])

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def files(self, request: Request) -> Reply:
        return Reply(200, {"files": [], "has_more": False})

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if name := next((name for name, is_valid in self._checks(body).items() if not is_valid), ""):
            return Reply(422, {"detail": [{"loc": ["body", name], "msg": "Invalid value", "type": "value_error"}]})
        task = self.create(body)
        task.notes["created_at"] = datetime.now(UTC).isoformat()
        return Reply(201, self.generation(request, task))

    def _checks(self, body: dict) -> dict[str, bool]:
        video = body.get("video")
        video = video if isinstance(video, dict) else {}
        media = [video[name] for name in ("start_frame", "end_frame") if name in video] + body.get("image_ref", [])
        return {
            "prompt": isinstance(body.get("prompt"), str) and bool(body["prompt"]),
            "model": body.get("model") == "ray-3.2",
            "type": body.get("type") == "video",
            "aspect_ratio": body.get("aspect_ratio") in RATIOS,
            "duration": video.get("duration") in ("5s", "10s"),
            "resolution": video.get("resolution") in ("360p", "540p", "720p", "1080p"),
            "start_frame": all(map(self._is_media, media)),
            "body": body.keys() <= FIELDS and video.keys() <= VIDEO_FIELDS,
        }

    def _is_media(self, media: dict) -> bool:
        """Return whether this is a picture or a generation. The API also has ``file_id``, which we do not send."""
        if not isinstance(media, dict):
            return False
        if media.keys() == {"generation_id"}:
            return media["generation_id"] in self.tasks
        if media.keys() == {"url"}:
            return media["url"].startswith("https://")
        return media.keys() == {"data", "media_type"} and bool(self._read_media(media))

    def _read_media(self, media: dict) -> bytes:
        return self.read_picture(media.get("url") or f"data:{media['media_type']};base64,{media['data']}")

    def generation(self, request: Request, task: Task) -> dict:
        stage = self.stage(task)
        data = {
            "id": task.id, "created_at": task.notes["created_at"], "model": task.request["model"], "type": "video",
            "state": STATES.get(stage, "failed"), "output": [], "failure_code": None, "failure_reason": None,
        }  # fmt: skip
        if stage == "succeeded":
            data["output"] = [{"type": "video", "url": self.video_url(request, task)}]
        if data["state"] == "failed":
            is_moderated = stage == "moderated"
            data["failure_code"] = "content_moderated" if is_moderated else "generation_failed"
            data["failure_reason"] = "The result was refused." if is_moderated else "The generation failed."
        return data

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return Reply(404, {"detail": "Generation not found"})
        return Reply(200, self.generation(request, task))

    def read_request(self, task: Task) -> dict:
        body, video = task.request, task.request["video"]
        media = [video[name] for name in ("start_frame", "end_frame") if name in video] + body.get("image_ref", [])
        pictures = [item for item in media if "generation_id" not in item]
        return {
            "prompt": body["prompt"], "ratio": body["aspect_ratio"], "seconds": int(video["duration"].rstrip("s")),
            "pictures": [*map(self._read_media, pictures)], "lines": parse_resolution(video["resolution"]),
        }  # fmt: skip

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["output"] = []
        return reply
