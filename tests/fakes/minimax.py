"""Fake of the first MiniMax API, from its documentation: HTTP 200 for nearly everything, two requests for a video.

No official SDK exists; tests/oracles/schemas/minimax checks this fake instead.
"""

import base64
import binascii
import time
import uuid

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

REFUSALS = {
    "auth": (1004, "login fail: Please carry the API secret key in the 'Authorization' field"),
    "quota": (1008, "insufficient balance"),
    "invalid": (2013, "invalid params, duration"),
    "moderation": (1026, "input new_sensitive"),
    "busy": (1002, "rate limit"),
    "broken": (1000, "unknown error"),
}
MODELS = ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Fast", "MiniMax-Hailuo-02", "S2V-01")
STATUSES = {"queued": "Queueing", "running": "Processing", "succeeded": "Success"}


class MinimaxFake(Fake):
    slug = "minimax"
    routes = [
        ("POST", "/v1/video_generation", "submit"),
        ("GET", "/v1/query/video_generation", "poll"),
        ("GET", "/v1/files/retrieve", "retrieve"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        """Return HTTP 200 with an empty id and the error in base_resp."""
        return Reply(200, {"task_id": "", "base_resp": _base(*REFUSALS[kind])})

    def new_id(self) -> str:
        return str(uuid.uuid4().int)[:15]

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if error := self._find_error(body):
            return Reply(200, {"task_id": "", "base_resp": _base(2013, f"invalid params, {error}")})
        task = self.create(body)
        task.notes["file_id"] = int(self.new_id())
        return Reply(200, {"task_id": task.id, "base_resp": _base()})

    def _find_error(self, body: dict) -> str:
        model = body.get("model")
        subjects = body.get("subject_reference", [])
        images = [body[name] for name in ("first_frame_image", "last_frame_image") if name in body]
        images += [image for item in subjects for image in item.get("image", [None])]
        checks = {
            "model": model in MODELS,
            "prompt": isinstance(body.get("prompt", ""), str) and len(body.get("prompt", "")) <= 2000,
            "prompt or first_frame_image": bool(body.get("prompt")) or bool(images),
            "first_frame_image": model != "MiniMax-Hailuo-2.3-Fast" or "first_frame_image" in body,
            "last_frame_image": "last_frame_image" not in body or model == "MiniMax-Hailuo-02",
            "subject_reference": (model == "S2V-01") == bool(subjects),
            "image": all(is_picture(image) for image in images),
            "duration": body.get("duration", 6) in (6, 10),
            "resolution": body.get("resolution", "768P") in ("512P", "720P", "768P", "1080P"),
            "duration with resolution": (body.get("duration"), body.get("resolution")) != (10, "1080P"),
            "unknown field": not body.keys() & {"seed", "ratio", "aspect_ratio", "negative_prompt"},
        }
        return next((name for name, is_valid in checks.items() if not is_valid), "")

    def poll(self, request: Request) -> Reply:
        task = self.tasks.get(request.query.get("task_id", ""))
        if task is None or task.is_deleted:
            return Reply(200, {"task_id": "", "status": "", "base_resp": _base(2013, "invalid params, task_id")})
        stage = self.stage(task)
        data = {"task_id": task.id, "status": STATUSES.get(stage, "Fail"), "file_id": "", "base_resp": _base()}
        if stage == "succeeded":
            data |= {"file_id": str(task.notes["file_id"]), "video_width": 1920, "video_height": 1080}
        if stage == "moderated":
            data["base_resp"] = _base(1027, "output new_sensitive")
        if stage == "failed":
            data["base_resp"] = _base(1000, "unknown error")
        return Reply(200, data)

    def retrieve(self, request: Request) -> Reply:
        task = next((t for t in self.created if str(t.notes["file_id"]) == request.query.get("file_id")), None)
        if task is None or task.is_deleted:
            return Reply(200, {"base_resp": _base(2013, "invalid params, file not found")})
        file = {
            "file_id": task.notes["file_id"],
            "bytes": len(self.video_bytes),
            "created_at": int(time.time()),
            "filename": "output.mp4",
            "purpose": "video_generation",
            "download_url": self.video_url(request, task),
        }
        return Reply(200, {"file": file, "base_resp": _base()})

    def read_request(self, task: Task) -> dict:
        sent = task.request
        images = [sent[name] for name in ("first_frame_image", "last_frame_image") if name in sent]
        images += [image for item in sent.get("subject_reference", ()) for image in item["image"]]
        data = {
            "prompt": sent["prompt"],
            "pictures": [base64.b64decode(url.partition(",")[2]) for url in images],
        }
        if "resolution" in sent:
            data["lines"] = parse_resolution(sent["resolution"])
        return data | ({"seconds": sent["duration"]} if "duration" in sent else {})

    def callback(self, task: Task, status: str = "success") -> dict:
        """Return the body posted to callback_url, unsigned; the status is in lower case."""
        return {"task_id": task.id, "status": status, "file_id": str(task.notes["file_id"]), "base_resp": _base()}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body |= {"file": {"file_id": 1, "download_url": ""}}
        return reply

    def fault_success_without_file(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body |= {"status": "Success", "file_id": ""}
        return reply


def _base(code: int = 0, message: str = "success") -> dict:
    return {"status_code": code, "status_msg": message}


def is_picture(url) -> bool:
    if not isinstance(url, str):
        return False
    if not url.startswith("data:image/"):
        return url.startswith(("https://", "http://"))
    try:
        return len(base64.b64decode(url.partition(";base64,")[2], validate=True)) > 0
    except binascii.Error:
        return False
