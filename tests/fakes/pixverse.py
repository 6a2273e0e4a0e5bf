"""Fake of PixVerse's platform API, from its documentation.

No official SDK exists; tests/oracles/schemas/pixverse checks this fake instead.
"""

import base64
import hmac
import itertools
import json
import re
import time
import uuid
from urllib.parse import quote, quote_plus, urlencode

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

MODELS = ("v3.5", "v4", "v4.5", "v5", "v5.5", "v5.6", "v6", "c1")
NEW = ("v5.5", "v5.6", "v6", "c1")
LONG = ("v6", "c1")
FIELDS = {
    "prompt", "model", "duration", "quality", "aspect_ratio", "seed", "style", "motion_mode", "camera_movement",
    "template_id", "negative_prompt", "water_mark", "generate_audio_switch", "generate_multi_clip_switch",
    "thinking_type",
}  # fmt: skip
PICTURES = {
    "text": set(),
    "img": {"img_id"},
    "transition": {"first_frame_img", "last_frame_img"},
    "fusion": {"image_references"},
}
FINAL = {"queued": 5, "running": 5, "succeeded": 1, "cancelled": 6, "moderated": 7, "failed": 8}


PART = re.compile(
    rb'name="image"; filename="[^"]+"\r\nContent-Type: image/(?:png|jpeg|webp)\r\n\r\n(.*)\r\n--[^\r]+--\r\n$',
    re.DOTALL,
)
ANCHORS = re.compile(r"(?: @ref\d+)+ $")


class PixverseFake(Fake):
    slug = "pixverse"
    webhook_secret = "a-secret-key-of-the-console"
    routes = [
        ("GET", r"/openapi/v2/account/balance", "balance"),
        ("POST", r"/openapi/v2/image/upload", "upload"),
        ("POST", r"/openapi/v2/video/(text|img|transition|fusion)/generate", "submit"),
        ("GET", r"/openapi/v2/video/result/(\d+)", "poll"),
    ]

    def __init__(self, *args, **times):
        super().__init__(*args, **times)
        self.pictures: dict[int, bytes] = {}
        self.traces: set[str] = set()
        self.ids = itertools.count(310_000_000_001)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("api-key") == self.key

    def refusal(self, kind: str) -> Reply:
        return _error(*{
            "auth": (10003, "API key is invalid"),
            "quota": (500090, "Insufficient balance. Unable to generate video. Please top up your credits."),
            "invalid": (400017, "Invalid parameter"),
            "moderation": (500054, "Content moderation failed"),
            "busy": (500044, "Reached the limit for concurrent generations."),
            "broken": (500100, "A database error"),
        }[kind])  # fmt: skip

    def new_id(self) -> str:
        return str(next(self.ids))

    def respond(self, request: Request) -> Reply:
        """Require a new UUID as trace id; the documentation calls reuse the most common mistake."""
        if request.path.startswith("/openapi/"):
            trace = request.headers.get("ai-trace-id", "")
            try:
                uuid.UUID(trace)
            except ValueError:
                return _error(400011, "Ai-trace-id is empty or no UUID")
            if trace in self.traces:
                return _error(400017, "Ai-trace-id was used before")
            self.traces.add(trace)
        return super().respond(request)

    def balance(self, request: Request) -> Reply:
        return _success({"account_id": 7, "credit_monthly": 800, "credit_package": 200})

    def upload(self, request: Request) -> Reply:
        part = PART.search(request.body)
        if not part or not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return _error(400013, "image is required")
        picture_id = int(self.new_id())
        self.pictures[picture_id] = part[1]
        return _success({"img_id": picture_id, "img_url": f"https://media.pixverse.ai/{picture_id}.png"})

    def submit(self, request: Request, kind: str) -> Reply:
        body = request.json()
        if error := self.find_error(body, kind):
            return _error(*error)
        task = self.create({**body, "kind": kind, "webhook": request.headers.get("webhook-id", "")})
        return _success({"video_id": int(task.id), "credits": 45})

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return _error(500008, "Requested data not found.")
        return _success(self.result(request, task))

    def result(self, request: Request, task: Task) -> dict:
        status = FINAL[self.stage(task)]
        return {
            "id": int(task.id), "status": status, "prompt": task.request["prompt"], "negative_prompt": "",
            "seed": task.request.get("seed", 0), "url": self.video_url(request, task) if status == 1 else "",
            "size": len(self.video_bytes), "style": "", "resolution_ratio": 0, "outputWidth": 1280, "outputHeight": 720,
            "has_audio": bool(task.request.get("generate_audio_switch")), "credits": 45 if status == 1 else 0,
            "create_time": "2026-11-24T12:00:00Z", "modify_time": "2026-11-24T12:00:30Z",
        }  # fmt: skip

    def find_error(self, body: dict, kind: str) -> tuple[int, str] | None:
        if missing := ({"prompt", "model", "duration", "quality"} | PICTURES[kind]) - set(body):
            return 400011, f"Empty parameter: {min(missing)}"
        if unknown := set(body) - FIELDS - PICTURES[kind]:
            return 400017, f"Invalid parameter: {min(unknown)}"
        if not isinstance(body["duration"], int) or not isinstance(body["prompt"], str):
            return 400013, "Invalid parameter type"
        if len(body["prompt"]) > 2048:
            return 400018, "Prompt is too long"
        return _find_format_error(body, kind) or self._find_picture_error(body, kind)

    def _find_picture_error(self, body: dict, kind: str) -> tuple[int, str] | None:
        ids = [body[name] for name in PICTURES[kind] if name != "image_references"]
        for row in body.get("image_references", ()):
            ids.append(row.get("img_id"))
            if row.get("type") not in ("subject", "background") or f"@{row.get('ref_name')} " not in body["prompt"]:
                return 400017, "Invalid parameter: image_references"
        return (400032, "Invalid image id") if any(item not in self.pictures for item in ids) else None

    def read_request(self, task: Task) -> dict:
        """Return the prompt without the reference names that the adapter appends."""
        body = task.request
        names = ("img_id", "first_frame_img", "last_frame_img")
        ids = [body[name] for name in names if name in body]
        ids += [row["img_id"] for row in body.get("image_references", ())]
        data = {
            "prompt": ANCHORS.sub("", body["prompt"]),
            "pictures": [self.pictures[item] for item in ids],
            "seconds": body["duration"],
            "seed": body["seed"],
            "negative_prompt": body.get("negative_prompt", ""),
            "lines": parse_resolution(body["quality"]),
        }
        if "generate_audio_switch" in body:
            data["audio"] = body["generate_audio_switch"]
        return data | ({"ratio": body["aspect_ratio"]} if "aspect_ratio" in body else {})

    # --- odd responses ----------------------------------------------------------------------------------------------

    def fault_unknown_status(self, request, handle) -> Reply:
        return _success({**handle().body["Resp"], "status": 99, "url": ""})

    def fault_success_without_url(self, request, handle) -> Reply:
        return _success({**handle().body["Resp"], "status": 1, "url": ""})

    def fault_vanished(self, request, handle) -> Reply:
        return _error(500008, "Requested data not found.")

    def fault_overloaded(self, request, handle) -> Reply:
        return Reply(503, "upstream connect error", {"Content-Type": "text/plain"})

    def fault_unknown_code(self, request, handle) -> Reply:
        return _error(599999, "An undocumented error")

    def callback(self, task: Task, *, at=None, is_sorted=True, escape=quote_plus) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a callback, signed independently of the adapter's code."""
        url = f"https://media.pixverse.ai/a video/{task.id}.mp4"
        data = {"id": task.id, "status": 1, "url": url, "size": 10.5, "has_audio": True, "credits": 100}
        moment, nonce = str(int(at or time.time())), "n" * 32
        rows = [(name, "true" if value is True else value) for name, value in data.items()]
        query = urlencode(sorted(rows) if is_sorted else rows, quote_via=escape)
        digest = hmac.digest(self.webhook_secret.encode(), f"{moment}\n{nonce}\n{query}".encode(), "sha256")
        signed = base64.b64encode(digest).decode()
        headers = {"Webhook-Timestamp": moment, "Webhook-Nonce": nonce, "Webhook-Signature": signed}
        return headers, json.dumps(data).encode()


SIGNATURE_FORMS = [(True, quote_plus), (True, quote), (False, quote_plus), (False, quote)]


def _success(resp) -> Reply:
    return Reply(200, {"ErrCode": 0, "ErrMsg": "success", "Resp": resp})


def _error(code: int, message: str) -> Reply:
    return Reply(200, {"ErrCode": code, "ErrMsg": message, "Resp": None})


def _find_format_error(body: dict, kind: str) -> tuple[int, str] | None:
    model = body["model"]
    if model not in MODELS or body["quality"] not in ("360p", "540p", "720p", "1080p"):
        return 400017, "Invalid parameter: model or quality"
    seconds = range(1, 16) if model in LONG else (5, 8, 10) if model in NEW else (5, 8)
    never = {"v5": (), "v5.5": (10,), "v5.6": (10,)}.get(model, () if model in LONG else (8,))  # at 1080p
    if body["duration"] not in seconds or (body["quality"] == "1080p" and body["duration"] in never):
        return 400017, "Invalid parameter: duration"
    ratios = ["16:9", "4:3", "1:1", "3:4", "9:16", *(["2:3", "3:2", "21:9"] if model in LONG else [])]
    if kind in ("text", "fusion") and body.get("aspect_ratio") not in ratios:
        return 400017, "Invalid parameter: aspect_ratio"
    if kind in ("img", "transition") and "aspect_ratio" in body:
        return 400017, "Invalid parameter: aspect_ratio"
    if not 0 <= body.get("seed", 0) < 2**31 or ("negative_prompt" in body and model in NEW):
        return 400017, "Invalid parameter: seed or negative_prompt"
    if "generate_audio_switch" in body and model not in NEW:
        return 400017, "Invalid parameter: generate_audio_switch"
    return None
