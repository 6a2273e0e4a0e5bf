"""Fake of Zhipu's video API, from its documentation; checked with zai-sdk 0.2.3 (tests/oracles)."""

import random

from tests.fakes.server import Fake, Reply, Request, Task

FIELDS = {
    "model", "prompt", "image_url", "quality", "with_audio", "size", "fps", "duration", "style", "aspect_ratio",
    "movement_amplitude", "watermark_enabled", "off_peak", "request_id", "user_id", "sensitive_word_check",
}  # fmt: skip
SIZES = {"1280x720", "720x1280", "1024x1024", "1920x1080", "1080x1920", "2048x1080", "3840x2160"}
COG = ("cogvideox-3", "cogvideox-2", "cogvideox-flash")
VIDU = (
    "viduq1-text", "viduq1-image", "viduq1-start-end", "vidu2-image", "vidu2-start-end", "vidu2-reference",
)  # fmt: skip


class ZhipuFake(Fake):
    slug = "zhipu"
    key = "kid0123456789.secret0123456789"
    routes = [
        ("POST", r"(?:/api/paas/v4)?/videos/generations", "submit"),
        ("GET", r"(?:/api/paas/v4)?/async-result/([\w-]+)", "poll"),
    ]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*{
            "auth": (401, "1000", "Authentication failed"),
            "quota": (429, "1113", "Your account is in arrears, please recharge."),
            "invalid": (400, "1214", "The parameter duration is illegal."),
            "moderation": (400, "1301", "The input may contain unsafe or sensitive content."),
            "busy": (429, "1302", "High concurrency usage of this API."),
            "broken": (500, "1234", "Network error, please contact customer service."),
        }[kind])  # fmt: skip

    def new_id(self) -> str:
        return str(random.randrange(10**18, 10**19))

    def submit(self, request: Request) -> Reply:
        body = {name: value for name, value in request.json().items() if value is not None}
        if error := _find_error(body):
            return _error(400, *error)
        ref = body.get("request_id") or self.new_id()
        if any(task.ref == ref for task in self.created):
            return _error(400, "1231", f"You already have a request: {ref}")
        return Reply(200, self.row(request, self.create(body, ref), "PROCESSING"))

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(404, "1214", "The task does not exist.")
        status = {"queued": "PROCESSING", "running": "PROCESSING", "succeeded": "SUCCESS"}.get(self.stage(task), "FAIL")
        return Reply(200, self.row(request, task, status))

    def row(self, request: Request, task: Task, status: str) -> dict:
        data = {"id": task.id, "model": task.request["model"], "request_id": task.ref, "task_status": status}
        if status == "SUCCESS":
            url = self.video_url(request, task)
            data["video_result"] = [{"url": url, "cover_image_url": url.replace(".mp4", ".png")}]
        if status == "FAIL":
            is_refused = self.stage(task) == "moderated"
            data["error"] = {"code": "1301" if is_refused else "1234", "message": "The video could not be made."}
        return data

    def read_request(self, task: Task) -> dict:
        body = task.request
        images = body.get("image_url") or []
        images = [images] if isinstance(images, str) else images
        data = {
            "prompt": body["prompt"],
            "pictures": [self.read_picture(item) for item in images],
            "seconds": body["duration"],
        } | ({"audio": body["with_audio"]} if "with_audio" in body else {})
        if "size" in body:
            return data | {"size": tuple(int(side) for side in body["size"].split("x"))}
        return data | {"ratio": body["aspect_ratio"]}

    # --- odd responses ----------------------------------------------------------------------------------------------

    def fault_unknown_status(self, request, handle) -> Reply:
        return Reply(200, {**handle().body, "task_status": "POLISHING", "video_result": None})

    def fault_success_without_url(self, request, handle) -> Reply:
        return Reply(200, {**handle().body, "task_status": "SUCCESS", "video_result": []})

    def fault_vanished(self, request, handle) -> Reply:
        return _error(404, "1214", "The task does not exist.")

    def fault_error_in_200(self, request, handle) -> Reply:
        return Reply(200, {"error": {"code": "1113", "message": "Your account is in arrears."}})

    def fault_plan_limit(self, request, handle) -> Reply:
        return _error(429, "1308", "The limit of your plan is reached.")

    def fault_locked(self, request, handle) -> Reply:
        return _error(429, "1112", "Your account has been locked.")

    def fault_no_permission(self, request, handle) -> Reply:
        return Reply(434, {"error": {"code": "9999", "message": "No API permission."}})

    def fault_overload_503(self, request, handle) -> Reply:
        return _error(503, "1305", "The service is overloaded.")


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": message}})


def _find_error(body: dict) -> tuple[str, str] | None:
    model, images = body.get("model"), body.get("image_url")
    if unknown := set(body) - FIELDS:
        return "1210", f"The API call parameters are incorrect: {min(unknown)}"
    if model not in COG + VIDU:
        return "1211", "The model does not exist, please check the model code."
    if not body.get("prompt") and not images:
        return "1213", "The prompt parameter was not received properly."
    if len(body.get("prompt", "")) > 512:
        return "1214", "The parameter prompt is too long."
    if not 6 <= len(body.get("request_id", "job-01")) <= 64:
        return "1214", "The parameter request_id is illegal."
    if isinstance(images, list) and model in COG and (len(images) != 2 or body.get("quality") != "speed"):
        return "1214", "First and last frame: two pictures and quality speed."
    return _find_format_error(body, model)


def _find_format_error(body: dict, model: str) -> tuple[str, str] | None:
    allowed = {
        "quality": ("speed", "quality"),
        "fps": (30, 60),
        "size": SIZES,
        "duration": (4, 5) if model in VIDU else (5, 10),
        "with_audio": (True, False),
        "aspect_ratio": ("16:9", "9:16", "1:1"),
        "style": ("general", "anime"),
        "movement_amplitude": ("auto", "small", "medium", "large"),
    }
    for name, values in allowed.items():
        if name in body and body[name] not in values:
            return "1214", f"The parameter {name} is illegal."
    return None
