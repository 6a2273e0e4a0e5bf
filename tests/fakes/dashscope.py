"""Fake of DashScope, from its documentation; checked with the SDK dashscope 2.0.2 and litellm (tests/oracles)."""

import base64
import binascii
import uuid
from datetime import UTC, datetime, timedelta

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

API = "(?:/api/v1)?"
STATUSES = {"queued": "PENDING", "running": "RUNNING", "succeeded": "SUCCEEDED", "cancelled": "CANCELED"}
REFUSALS = {
    "auth": (401, "InvalidApiKey", "Invalid API-key provided."),
    "quota": (400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    "invalid": (400, "InvalidParameter", "parameters.duration must be one of 5, 10"),
    "moderation": (400, "DataInspectionFailed", "Input data may contain inappropriate content."),
    "busy": (429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
    "broken": (500, "InternalError", "An internal error has occured, please try again later."),
}
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4")
MEDIA = ("first_frame", "last_frame", "reference_image", "reference_video", "first_clip", "driving_audio", "video")
ZONE = timedelta(hours=8)  # times are of another zone and do not name it


class DashscopeFake(Fake):
    slug = "dashscope"
    key = "sk-fake0123456789abcdef"
    routes = [
        ("POST", f"{API}/services/aigc/(video-generation|image2video)/video-synthesis", "submit"),
        ("GET", f"{API}/tasks/?", "list_tasks"),
        ("GET", f"{API}/tasks/([^/]+)", "poll"),
        ("POST", f"{API}/tasks/([^/]+)/cancel", "cancel"),
    ]

    lists_created_at = True  # whether the list has gmt_create: UNCERTAIN

    accepts_media_data = True
    """UNCERTAIN for models with ``media``, from Wan 2.7 on."""

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        return _error(*REFUSALS[kind])

    def submit(self, request: Request, family: str) -> Reply:
        body = request.json()
        if request.headers.get("x-dashscope-async") != "enable":
            return _error(403, "AccessDenied", "current user api does not support synchronous calls")
        if error := self._find_error(family, body):
            return _error(400, "InvalidParameter", error)
        task = self.create(body)
        task.notes["submitted"] = datetime.now(UTC)
        return self._success({"output": {"task_id": task.id, "task_status": "PENDING"}})

    def _find_error(self, family: str, body: dict) -> str:
        model, inputs, parameters = body.get("model"), body.get("input"), body.get("parameters", {})
        if not isinstance(model, str) or not isinstance(inputs, dict):
            return "model and input are required"
        if ("kf2v" in model) != (family == "image2video"):
            return "url error, please check url"
        is_happy = "happyhorse" in model
        is_new = "2.7" in model or "wan3" in model or is_happy
        checks = {
            "input.prompt is required": bool(inputs.get("prompt")),
            "input.media is not for this model": is_new or "media" not in inputs,
            "input.img_url is required": is_new or "-i2v" not in model or _is_picture(inputs.get("img_url")),
            "input.first_frame_url is required": "kf2v" not in model or _is_picture(inputs.get("first_frame_url")),
            "parameters.size is not for this model": "size" not in parameters or not is_new,
            "parameters.size is required": is_new or "t2v" not in model or "*" in parameters.get("size", "1280*720"),
            "parameters.resolution": parameters.get("resolution", "720P") in ("480P", "720P", "1080P"),
            "parameters.ratio": parameters.get("ratio", "16:9") in (*RATIOS, *(["21:9"] if is_happy else [])),
            "parameters.watermark": not is_happy or parameters.get("watermark") is False,
            "parameters.duration must be a number": isinstance(parameters.get("duration", 5), int),
            "parameters.seed": 0 <= parameters.get("seed", 0) < 2**31,
            "input.media": all(
                item.get("type") in MEDIA and self._is_accepted(item.get("url")) for item in inputs.get("media", ())
            ),
        }
        return next((error for error, is_valid in checks.items() if not is_valid), "")

    def _is_accepted(self, url) -> bool:
        return _is_picture(url) and (self.accepts_media_data or not url.startswith("data:"))

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return self._success({"output": {"task_id": task_id, "task_status": "UNKNOWN"}})
        stage = self.stage(task)
        output = {
            "task_id": task.id,
            "task_status": STATUSES.get(stage, "FAILED"),
            "submit_time": _format_time(task.notes["submitted"]),
            "orig_prompt": task.request["input"]["prompt"],
        }
        if stage == "moderated":
            output |= {"code": "DataInspectionFailed", "message": "Output data may contain inappropriate content."}
        if stage == "failed":
            output |= {"code": "InternalError.Algo", "message": "The algorithm failed."}
        if stage != "succeeded":
            return self._success({"output": output})
        seconds = task.request.get("parameters", {}).get("duration", 5)
        output |= {"end_time": _format_time(datetime.now(UTC)), "video_url": self.video_url(request, task)}
        return self._success({"output": output, "usage": {"duration": seconds, "video_count": 1, "SR": 720}})

    def list_tasks(self, request: Request) -> Reply:
        page, size = int(request.query.get("page_no", 1)), int(request.query.get("page_size", 10))
        model = request.query.get("model_name")
        tasks = [
            task for task in reversed(self.created) if not task.is_deleted and model in (None, task.request["model"])
        ]
        data = [
            {
                "task_id": task.id,
                "status": STATUSES.get(self.stage(task), "FAILED"),
                "model_name": task.request["model"],
                **self._created_at(task),
            }
            for task in tasks
        ]
        shown = data[(page - 1) * size : page * size]
        return self._success({"total": len(data), "page_no": page, "page_size": size, "data": shown})

    def _created_at(self, task: Task) -> dict:
        return {"gmt_create": int(task.notes["submitted"].timestamp() * 1000)} if self.lists_created_at else {}

    def cancel(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or self.stage(task) != "queued":
            return _error(400, "UnsupportedOperation", "Failed to cancel the task, please confirm if it is PENDING.")
        task.is_cancelled = True
        return self._success({})

    def read_request(self, task: Task) -> dict:
        inputs, parameters = task.request["input"], task.request["parameters"]
        urls = [inputs.get("img_url"), inputs.get("first_frame_url"), inputs.get("last_frame_url")]
        urls += [item["url"] for item in inputs.get("media", ())]
        data = {
            "prompt": inputs["prompt"],
            "pictures": [self.public_files.get(url) or base64.b64decode(url.partition(",")[2]) for url in urls if url],
            "seconds": parameters["duration"],
            "seed": parameters["seed"],
            "negative_prompt": inputs.get("negative_prompt", ""),
        }
        if "size" in parameters:
            data["size"] = tuple(int(side) for side in parameters["size"].split("*"))
        if "resolution" in parameters:
            data["lines"] = parse_resolution(parameters["resolution"])
        return data | {name: parameters[name] for name in ("ratio", "audio") if name in parameters}

    def _success(self, body: dict) -> Reply:
        return Reply(200, {"request_id": str(uuid.uuid4()), **body})

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["output"] |= {"task_status": "SUCCEEDED", "video_url": ""}
        return reply

    def fault_allocation(self, request: Request, handle) -> Reply:
        """Refuse with a 429 that waiting does not end."""
        return _error(429, "Throttling.AllocationQuota", "Free allocated quota exceeded.")

    def fault_time_out_after_create(self, request: Request, handle) -> Reply:
        handle()
        return _error(408, "RequestTimeOut", "Request timed out, please try again later.")


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"code": code, "message": message, "request_id": str(uuid.uuid4())})


def _format_time(moment: datetime) -> str:
    return (moment + ZONE).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _is_picture(url) -> bool:
    if not isinstance(url, str):
        return False
    if not url.startswith("data:image/"):
        return url.startswith(("https://", "http://", "oss://"))
    head, _, content = url.partition(";base64,")
    try:
        return head in ("data:image/png", "data:image/jpeg") and len(base64.b64decode(content, validate=True)) > 0
    except binascii.Error:
        return False
