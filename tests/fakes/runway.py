"""Fake of Runway, from its documentation; checked with runwayml 5.24.0 and strict validation (tests/oracles)."""

import uuid
from datetime import UTC, datetime

from tests.fakes.resolutions import parse_resolution
from tests.fakes.server import Fake, Reply, Request, Task

STATUSES = {
    "queued": "PENDING", "running": "RUNNING", "succeeded": "SUCCEEDED", "failed": "FAILED", "moderated": "FAILED",
    "cancelled": "CANCELLED",
}  # fmt: skip
REFUSALS = {
    "auth": (401, {"error": "The API key you used is not valid."}),
    "quota": (400, {"error": "You do not have enough credits to run this task."}),
    "moderation": (400, {"error": "The prompt was refused by our content moderation."}),
    "busy": (429, {"error": "You have reached your daily task limit for this model."}),
    "broken": (502, {"error": "Bad gateway"}),
}
RATIOS = {
    "gen4.5": "1280:720 720:1280 1104:832 960:960 832:1104 1584:672",
    "gen4_turbo": "1280:720 720:1280 1104:832 960:960 832:1104 1584:672",
    "veo3.1": "1280:720 720:1280 1080:1920 1920:1080",
    "veo3.1_fast": "1280:720 720:1280 1080:1920 1920:1080",
    "seedance2_5": "992:432 854:480 752:560 640:640 560:752 480:854 1470:630 1280:720 1112:834 960:960 834:1112"
    " 720:1280 2206:946 1920:1080 1664:1248 1440:1440 1248:1664 1080:1920",
    "seedance2": "992:432 864:496 752:560 640:640 560:752 496:864 1470:630 1280:720 1112:834 960:960 834:1112"
    " 720:1280 2206:946 1920:1080 1664:1248 1440:1440 1248:1664 1080:1920 3840:1646 3840:2160"
    " 3840:2880 3840:3840 2880:3840 2160:3840",
    "seedance2_fast": "992:432 864:496 752:560 640:640 560:752 496:864 1470:630 1280:720 1112:834 960:960 834:1112"
    " 720:1280",
    "seedance2_mini": "992:432 864:496 752:560 640:640 560:752 496:864 1470:630 1280:720 1112:834 960:960 834:1112"
    " 720:1280",
    "kling3.0_pro": "1920:1080 1080:1920 1440:1440",
    "kling3.0_standard": "1280:720 720:1280 960:960",
    "kling3.0_4k": "3840:2160 2160:3840 2880:2880",
    "klingO3_pro": "1920:1080 1080:1920 1440:1440",
    "klingO3_standard": "1280:720 720:1280 960:960",
    "klingO3_4k": "3840:2160 2160:3840 2880:2880",
    "kling_4": "1280:720 720:1280 940:940 1460:624 1920:1080 1080:1920 1440:1440 2200:940 auto_720p auto_1080p",
    "kling2.5_turbo_pro": "1920:1080 1440:1440 1080:1920 1280:720 720:720 720:1280",
    "hailuo3": "adaptive 21:9 16:9 4:3 1:1 3:4 9:16",
    "wan3": "832:480 720:544 624:624 544:720 480:832 1280:720 1104:832 960:960 832:1104 720:1280 1920:1080 1648:1248"
    " 1440:1440 1248:1648 1080:1920 auto_720p",
    "gemini_omni_flash": "1280:720 720:1280",
    "gemini_omni_flash_1.1": "640:360 360:640 1280:720 720:1280 1920:1080 1080:1920 3840:2160 2160:3840",
}
RATIOS["wan3_prime"] = RATIOS["wan3"]
VEO, SEEDANCE = {"veo3.1", "veo3.1_fast"}, {"seedance2_5", "seedance2", "seedance2_fast", "seedance2_mini"}
KLING = {"kling3.0_pro", "kling3.0_standard", "kling3.0_4k", "klingO3_pro", "klingO3_standard", "klingO3_4k"}
SEEDED = {"gen4.5", "gen4_turbo"} | VEO | SEEDANCE
SOUNDING = VEO | SEEDANCE | KLING | {"wan3", "wan3_prime"}
WITH_LAST = VEO | SEEDANCE | KLING | {"kling2.5_turbo_pro", "gemini_omni_flash_1.1"}
WITH_REFERENCES = SEEDANCE | {"hailuo3", "wan3", "wan3_prime", "kling_4", "gemini_omni_flash_1.1"}


class RunwayFake(Fake):
    slug = "runway"
    key = "key_0123456789abcdef0123456789abcdef"
    routes = [
        ("GET", "/v1/organization", "organization"),
        ("POST", "/v1/uploads", "upload"),
        ("POST", "/store/([^/]+)", "store"),
        ("POST", "/v1/(image_to_video|text_to_video)", "submit"),
        ("GET", "/v1/tasks/([^/]+)", "poll"),
        ("DELETE", "/v1/tasks/([^/]+)", "delete"),
    ]

    def __init__(self, *args, **times):
        super().__init__(*args, **times)
        self.files: dict[str, bytes] = {}

    def is_authorised(self, request: Request) -> bool:
        return request.path.startswith("/store/") or request.headers.get("authorization") == f"Bearer {self.key}"

    def respond(self, request: Request) -> Reply:
        if request.path.startswith("/v1/") and request.headers.get("x-runway-version") != "2024-11-06":
            self.calls.append(request)
            return Reply(400, {"error": "The X-Runway-Version header is required."})
        return super().respond(request)

    def refusal(self, kind: str) -> Reply:
        return _invalid("duration", "Invalid input") if kind == "invalid" else Reply(*REFUSALS[kind])

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def organization(self, request: Request) -> Reply:
        return Reply(200, {
            "creditBalance": 4200,
            "tier": {"maxMonthlyCreditSpend": 10000, "models": {
                "gen4.5": {"maxConcurrentGenerations": 2, "maxDailyGenerations": 200}}},
            "usage": {"models": {"gen4.5": {"dailyGenerations": 3}}},
        })  # fmt: skip

    def upload(self, request: Request) -> Reply:
        body = request.json()
        if body.get("type") != "ephemeral" or not body.get("filename"):
            return _invalid("filename", "Required")
        name = uuid.uuid4().hex
        store = request.origin.replace("127.0.0.1", "localhost")
        form = {"key": name, "policy": "signed-policy"}
        return Reply(200, {"uploadUrl": f"{store}/store/{name}", "fields": form, "runwayUri": f"runway://{name}"})

    def store(self, request: Request, name: str) -> Reply:
        _, _, mark = request.headers.get("content-type", "").partition("boundary=")
        parts = [piece.partition(b"\r\n\r\n") for piece in request.body.split(f"--{mark}".encode())]
        fields = {head.split(b'name="')[1].split(b'"')[0]: content.removesuffix(b"\r\n") for head, _, content in parts
                if b'name="' in head}  # fmt: skip
        if fields.get(b"policy") != b"signed-policy" or b"file" not in fields:
            return Reply(403, "<Error><Code>AccessDenied</Code></Error>")
        self.files[f"runway://{name}"] = fields[b"file"]
        return Reply(204, b"")

    def submit(self, request: Request, kind: str) -> Reply:
        body = request.json()
        for name, is_valid in self._checks(kind, body).items():
            if not is_valid:
                return _invalid(name, f"Invalid value: {str(body.get(name))[:40]}")
        task = self.create(body)
        task.notes |= {"kind": kind, "created_at": datetime.now(UTC).isoformat(), "credits": 12 * body["duration"]}
        return Reply(200, {"id": task.id, "estimatedCost": {"credits": task.notes["credits"]}})

    def _checks(self, kind: str, body: dict) -> dict[str, bool]:
        model, frames = body.get("model"), _read_frames(body)
        has_no_ratio = kind == "image_to_video" and model == "kling2.5_turbo_pro"
        return {
            "model": model in RATIOS and (kind == "image_to_video" or model != "gen4_turbo"),
            "promptText": isinstance(body.get("promptText"), str) and len(body["promptText"]) > 0,
            "ratio": "ratio" not in body if has_no_ratio else body.get("ratio") in RATIOS.get(model, "").split(),
            "duration": isinstance(body.get("duration"), int) and 2 <= body["duration"] <= 30,
            "seed": "seed" not in body or (model in SEEDED and 0 <= body["seed"] <= 4294967295),
            "audio": "audio" not in body or (model in SOUNDING and isinstance(body["audio"], bool)),
            "negativePrompt": "negativePrompt" not in body or str(model).startswith("veo"),
            "resolution": ("resolution" in body) == (model == "hailuo3") and body.get("resolution", "768p") == "768p",
            "references": "references" not in body
            or (
                kind == "text_to_video" and model in WITH_REFERENCES and all(map(self._is_picture, body["references"]))
            ),
            "promptImage": bool(frames) == (kind == "image_to_video")
            and [item.get("position") for item in frames] in ([], ["first"], ["first", "last"])
            and (len(frames) < 2 or model in WITH_LAST)
            and all(map(self._is_picture, frames)),
        }

    def _read_picture(self, image: dict) -> bytes:
        uri = str(image.get("uri", ""))
        return self.files.get(uri) or (self.read_picture(uri) if len(uri) <= 5_000_000 else b"")

    def _is_picture(self, image: dict) -> bool:
        """Return whether the picture is at a public address, uploaded or in the request."""
        return str(image.get("uri", "")).startswith("https://") or bool(self._read_picture(image))

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return Reply(404, {"error": "No task with that ID exists."})
        stage = self.stage(task)
        data = {"id": task.id, "createdAt": task.notes["created_at"], "status": STATUSES[stage]}
        price = {"credits": task.notes["credits"]}
        if stage in ("queued", "running"):
            return Reply(200, data | {"estimatedCost": price} | ({"progress": 0.42} if stage == "running" else {}))
        if stage == "succeeded":
            return Reply(200, data | {"output": [self.video_url(request, task)], "cost": price})
        data["cost"] = {"credits": 0}
        if stage == "cancelled":
            return Reply(200, data)
        code = "SAFETY.OUTPUT.VIDEO.X" if stage == "moderated" else "INTERNAL.BAD_OUTPUT.CODE01"
        return Reply(200, data | {"failure": "An unexpected error occurred.", "failureCode": code})

    def delete(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return Reply(404, {"error": "No task with that ID exists."})
        if self.stage(task) in ("queued", "running"):
            task.is_cancelled = True
        else:
            task.is_deleted = True
        return Reply(204, b"")

    def read_request(self, task: Task) -> dict:
        body = task.request
        images = _read_frames(body) + body.get("references", [])
        message = {
            "prompt": body["promptText"],
            "seconds": body["duration"],
            "pictures": [*map(self._read_picture, images)],
        }
        if "ratio" in body:
            message["size"] = tuple(int(part) for part in body["ratio"].split(":"))
        if "resolution" in body:
            message["lines"] = parse_resolution(body["resolution"])
        names = {"seed": "seed", "negativePrompt": "negative_prompt", "audio": "audio"}
        return message | {ours: body[theirs] for theirs, ours in names.items() if theirs in body}

    def fault_success_without_url(self, request: Request, handle) -> Reply:
        reply = handle()
        reply.body["output"] = []
        return reply


def _read_frames(body: dict) -> list[dict]:
    """Return the frames of promptImage: a list, or one address for the first frame (the SDK sends both)."""
    data = body.get("promptImage", [])
    return [{"uri": data, "position": "first"}] if isinstance(data, str) else data


def _invalid(field: str, message: str) -> Reply:
    issue = {"code": "invalid_value", "message": message, "path": [field]}
    return Reply(
        400, {"error": "Validation of body failed", "issues": [issue], "docUrl": "https://docs.dev.runwayml.com"}
    )
