"""Fake of Kling, from its documentation: error codes in the body, three meanings of 429, our reference in each task.

No official SDK exists; tests/oracles/schemas/kling checks this fake instead.
"""

import base64
import binascii
import hmac
import json
import time
import uuid

from tests.fakes.server import Fake, Reply, Request, Task

KINDS = "(text2video|image2video|multi-image2video|omni-video)"
STATUSES = {"queued": "submitted", "running": "processing", "succeeded": "succeed"}
REFUSALS = {
    "auth": (401, 1002, "Authorization is invalid"),
    "quota": (429, 1102, "Resource pack depleted or expired"),
    "invalid": (400, 1201, "Invalid parameter: duration"),
    "moderation": (400, 1301, "Triggered the content security policy of the platform"),
    "busy": (429, 1303, "parallel task over resource pack limit"),
    "broken": (500, 5000, "Server internal error"),
}


class KlingFake(Fake):
    slug = "kling"
    access_key, secret_key = "AK-fake-0123456789", "SK-fake-0123456789abcdef"
    routes = [
        ("GET", "/account/costs", "costs"),
        ("POST", f"/v1/videos/{KINDS}", "submit"),
        ("GET", f"/v1/videos/{KINDS}", "list"),
        ("GET", f"/v1/videos/{KINDS}/([^/]+)", "poll"),
    ]
    clock = 0.0  # seconds that this provider's clock is ahead
    accepts_ref_in_path = True  # UNCERTAIN

    def is_authorised(self, request: Request) -> bool:
        return self._find_key_error(request) == 0

    def respond(self, request: Request) -> Reply:
        error = self._find_key_error(request)
        if error in (1003, 1004) and not request.path.startswith("/outputs/"):
            self.calls.append(request)
            return self._error(401, error, "Authorization is not yet valid" if error == 1003 else "expired")
        return super().respond(request)

    def _find_key_error(self, request: Request) -> int:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return 1001
        if token == self.key:
            return 0
        return self._find_token_error(token)

    def _find_token_error(self, token: str) -> int:
        try:
            unsigned, _, signature = token.rpartition(".")
            header, claims = (json.loads(_decode(item)) for item in unsigned.split("."))
            is_ours = hmac.compare_digest(
                hmac.digest(self.secret_key.encode(), unsigned.encode(), "sha256"), _decode(signature)
            )
        except (ValueError, binascii.Error):
            return 1002
        if not is_ours or header != {"alg": "HS256", "typ": "JWT"} or claims.get("iss") != self.access_key:
            return 1002
        now = time.time() + self.clock
        return 1003 if claims["nbf"] > now else 1004 if claims["exp"] < now else 0

    def refusal(self, kind: str) -> Reply:
        return self._error(*REFUSALS[kind])

    def _error(self, status: int, code: int, message: str) -> Reply:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + self.clock))
        body = {"code": code, "message": message, "request_id": uuid.uuid4().hex}
        return Reply(status, body, {"Date": date})

    def new_id(self) -> str:
        return str(uuid.uuid4().int)[:18]

    def costs(self, request: Request) -> Reply:
        if not {"start_time", "end_time"} <= request.query.keys():
            return self._error(400, 1201, "start_time and end_time are required")
        return self._success({"resource_pack_subscribe_infos": []})

    def submit(self, request: Request, kind: str) -> Reply:
        body = request.json()
        if error := self._find_error(kind, body):
            return self._error(400, 1201, f"Invalid parameter: {error}")
        ref = body.get("external_task_id", "")
        if ref and any(task.ref == ref for task in self.created):
            return self._error(400, 1201, "external_task_id already exists")
        task = self.create(body, ref)
        task.notes |= {"kind": kind, "created_at": int(time.time() * 1000)}
        return self._success(self._task(request, task, at_once=True))

    def _find_error(self, kind: str, body: dict) -> str:
        """Return the first invalid field, or nothing."""
        checks = {
            "model_name": isinstance(body.get("model_name"), str),
            "prompt": len(body.get("prompt", "")) <= 2500 and (kind != "text2video" or bool(body.get("prompt"))),
            "negative_prompt": len(body.get("negative_prompt", "")) <= 2500,
            "mode": body.get("mode", "std") in ("std", "pro", "4k"),
            "duration": body.get("duration", "5") in [str(n) for n in range(3, 16)],
            "aspect_ratio": body.get("aspect_ratio", "16:9") in ("16:9", "9:16", "1:1"),
            "sound": body.get("sound", "off") in ("on", "off"),
            "image": kind != "image2video" or _is_picture(body.get("image")),
            "image_tail": "image_tail" not in body
            or (_is_picture(body["image_tail"]) and body.get("mode") in ("pro", "4k")),
            "image_list": kind != "multi-image2video"
            or (bool(body.get("image_list")) and all(_is_picture(item.get("image")) for item in body["image_list"])),
            "image_url": kind != "omni-video" or _is_image_list(body),
        }
        return next((name for name, is_valid in checks.items() if not is_valid), "")

    def poll(self, request: Request, kind: str, name: str) -> Reply:
        task = self.tasks.get(name) or next((item for item in self.created if item.ref == name), None)
        is_hidden = task is None or task.is_deleted or task.notes["kind"] != kind
        if is_hidden or (name == task.ref and not self.accepts_ref_in_path):
            return self._error(404, 1203, "The requested resource does not exist")
        return self._success(self._task(request, task))

    def list(self, request: Request, kind: str) -> Reply:
        page, size = int(request.query.get("pageNum", 1)), int(request.query.get("pageSize", 30))
        if not (1 <= page <= 1000 and 1 <= size <= 500):
            return self._error(400, 1201, "Invalid parameter: pageNum")
        tasks = [task for task in reversed(self.created) if task.notes["kind"] == kind and not task.is_deleted]
        return self._success([self._task(request, task) for task in tasks[(page - 1) * size : page * size]])

    def _success(self, data) -> Reply:
        return Reply(200, {"code": 0, "message": "SUCCEED", "request_id": uuid.uuid4().hex, "data": data})

    def _task(self, request: Request, task: Task, *, at_once: bool = False) -> dict:
        stage = "queued" if at_once else self.stage(task)
        data = {
            "task_id": task.id,
            "task_status": STATUSES.get(stage, "failed"),
            "task_info": {"external_task_id": task.ref} if task.ref else {},
            "created_at": task.notes["created_at"],
            "updated_at": int(time.time() * 1000),
        }
        if at_once:
            return data
        data |= {"task_status_msg": "", "watermark_info": {"enabled": False}}
        if stage == "succeeded":
            seconds = task.request.get("duration", "5")
            video = {"id": uuid.uuid4().hex, "url": self.video_url(request, task), "duration": f"{seconds}.1"}
            data |= {"task_result": {"videos": [video]}, "final_unit_deduction": "3"}
        if stage == "moderated":
            data["task_status_msg"] = "Failure to pass the risk control system"
        if stage == "failed":
            data["task_status_msg"] = "Service busy, generation failed"
        return data

    def read_request(self, task: Task) -> dict:
        sent = task.request
        listed = [item.get("image") or item["image_url"] for item in sent.get("image_list", ())]
        images = [sent.get("image"), sent.get("image_tail"), *listed]
        data = {
            "prompt": sent["prompt"],
            "pictures": [base64.b64decode(item) for item in images if item],
            "seconds": int(sent["duration"]),
            "negative_prompt": sent.get("negative_prompt", ""),
            "lines": {"std": 720, "pro": 1080, "4k": 2160}[sent["mode"]],
        }
        if "sound" in sent:
            data["audio"] = {"on": True, "off": False}[sent["sound"]]
        return data | ({"ratio": sent["aspect_ratio"]} if "aspect_ratio" in sent else {})

    def callback(self, task: Task, status: str = "succeed") -> dict:
        """Return the body that Kling posts to callback_url: the task's fields at the top level, unsigned."""
        return {
            "task_id": task.id,
            "task_status": status,
            "task_status_msg": "",
            "task_info": {"external_task_id": task.ref},
            "created_at": task.notes["created_at"],
            "updated_at": int(time.time() * 1000),
        }

    def fault_error_in_200(self, request: Request, handle) -> Reply:
        """Send an error code with HTTP status 200."""
        return Reply(200, self.refusal("moderation").body)

    def fault_unknown_status(self, request: Request, handle) -> Reply:
        return self._change(handle, task_status="rendering")

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        return self._change(handle, task_status="succeed", task_result={"videos": [{"id": "1", "url": ""}]})

    def fault_own_outage(self, request: Request, handle) -> Reply:
        return self._error(503, 5001, "Service temporarily unavailable")

    def fault_duplicate(self, request: Request, handle) -> Reply:
        handle()
        return handle()

    def _change(self, handle, **facts) -> Reply:
        reply = handle()
        reply.body["data"] |= facts
        return reply


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_image_list(body: dict) -> bool:
    """Return whether an omni model accepts the pictures. A first frame decides the ratio; without one, it is needed."""
    images, types = body.get("image_list", []), [item.get("type") for item in body.get("image_list", [])]
    is_framed = "first_frame" in types
    has_frames_in_order = types in ([], ["first_frame"], ["first_frame", "end_frame"]) or not any(types)
    has_ratio = is_framed != ("aspect_ratio" in body)
    return has_frames_in_order and has_ratio and all(_is_picture(item.get("image_url")) for item in images)


def _is_picture(value) -> bool:
    """Return whether the value is a URL, or base64 without a prefix."""
    if not isinstance(value, str) or value.startswith("data:"):
        return False
    if value.startswith(("https://", "http://")):
        return True
    try:
        return len(base64.b64decode(value, validate=True)) > 0
    except binascii.Error:
        return False
