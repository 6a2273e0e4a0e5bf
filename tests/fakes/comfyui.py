"""Fake of ComfyUI, from its documentation: one worker, a queue in memory, the classic API of the core server.

A proxy in front requires a header. Checked with comfy-sdk through comfy-api-proxy (tests/oracles).
"""

import base64
import hashlib
import json
import re
import time
import uuid

from tests.fakes.multipart import parse_form
from tests.fakes.server import Fake, Reply, Request, Task

MODELS = {
    "unet_name": [
        "wan2.1_t2v_1.3B_fp16.safetensors",
        "wan2.2_ti2v_5B_fp16.safetensors",
        *(
            f"wan2.2_{kind}_{noise}_noise_14B_fp8_scaled.safetensors"
            for kind in ("t2v", "i2v")
            for noise in ("high", "low")
        ),
    ],
    "clip_name": ["umt5_xxl_fp8_e4m3fn_scaled.safetensors"],
    "vae_name": ["wan_2.1_vae.safetensors", "wan2.2_vae.safetensors"],
}
SAMPLING = ("model", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative", "latent_image")
VIDEO_INPUTS = ("positive", "negative", "vae", "width", "height", "length", "batch_size")
REQUIRED = {
    "UNETLoader": ("unet_name", "weight_dtype"),
    "CLIPLoader": ("clip_name", "type"),
    "VAELoader": ("vae_name",),
    "CLIPTextEncode": ("text", "clip"),
    "EmptyHunyuanLatentVideo": ("width", "height", "length", "batch_size"),
    "ModelSamplingSD3": ("model", "shift"),
    "KSampler": (*SAMPLING, "seed", "denoise"),
    "KSamplerAdvanced": (*SAMPLING, "noise_seed", "add_noise", "start_at_step", "end_at_step"),
    "WanImageToVideo": VIDEO_INPUTS,
    "WanFirstLastFrameToVideo": VIDEO_INPUTS,
    "Wan22ImageToVideoLatent": ("vae", "width", "height", "length", "batch_size"),
    "VAEDecode": ("samples", "vae"),
    "VAEEncode": ("pixels", "vae"),
    "CreateVideo": ("images", "fps"),
    "SaveVideo": ("video", "filename_prefix", "format", "codec"),
    "LoadImage": ("image",),
    "LoadVideo": ("file",),
    "GetVideoComponents": ("video",),
    "ImageFromBatch": ("image", "batch_index", "length"),
    "ImageScale": ("image", "upscale_method", "width", "height", "crop"),
}
OUTPUTS = {"SaveVideo"}
STEPS = {"width": 16, "height": 16, "length": 4}


class ComfyUIFake(Fake):
    slug = "comfyui"
    routes = [
        ("POST", r"(?:/api)?/prompt", "submit"),
        ("GET", r"(?:/api)?/history/([^/]+)", "poll"),
        ("GET", r"(?:/api)?/queue", "queue"),
        ("POST", r"(?:/api)?/queue", "change_queue"),
        ("POST", r"(?:/api)?/interrupt", "interrupt"),
        ("POST", r"/api/jobs/([^/]+)/cancel", "cancel"),
        ("POST", r"(?:/api)?/upload/image", "upload"),
        ("GET", r"(?:/api)?/view", "video"),
        ("GET", r"(?:/api)?/ws", "open_websocket"),
        ("GET", r"(?:/api)?/system_stats", "stats"),
    ]

    def __init__(self, video: bytes | None = None, **times):
        super().__init__(video, **times)
        self.files: dict[str, bytes] = {}
        self.socket_messages: list[dict] = []
        """Messages of the next WebSocket after the greeting."""

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def refusal(self, kind: str) -> Reply:
        if kind == "invalid":
            return _refused("prompt_no_outputs", "Prompt has no outputs")
        return Reply({"auth": 401, "busy": 429, "broken": 500}[kind], f"<h1>{kind}</h1>", {"Content-Type": "text/html"})

    # --- routes -----------------------------------------------------------------------------------------------------

    def submit(self, request: Request) -> Reply:
        body = request.json()
        if "prompt" not in body:
            return _refused("no_prompt", "No prompt provided")
        if refused := self._find_error(body["prompt"]):
            return refused
        task_id = str(body.get("prompt_id") or uuid.uuid4())
        try:
            uuid.UUID(task_id)
        except ValueError:
            return _refused("invalid_prompt_id", "prompt_id must be a UUID")
        task = self.create(body["prompt"], str(body.get("client_id", "")), task_id)
        return Reply(200, {"prompt_id": task.id, "number": float(len(self.tasks)), "node_errors": {}})

    def _find_error(self, graph: dict) -> Reply | None:
        for key, node in graph.items():
            if node.get("class_type") not in REQUIRED:
                message = f"Cannot execute because node {node.get('class_type')} does not exist."
                return _refused("invalid_prompt", message, details=f"Node ID '#{key}'")
        if not any(node["class_type"] in OUTPUTS for node in graph.values()):
            return _refused("prompt_no_outputs", "Prompt has no outputs")
        errors = {key: found for key, node in graph.items() if (found := list(self._validate(graph, node)))}
        if not errors:
            return None
        data = {
            key: {"errors": found, "dependent_outputs": ["11"], "class_type": graph[key]["class_type"]}
            for key, found in errors.items()
        }
        details = "\n".join(item["message"] for found in errors.values() for item in found)
        return _refused("prompt_outputs_failed_validation", "Prompt outputs failed validation", details, data)

    def _validate(self, graph: dict, node: dict):
        inputs = node["inputs"]
        for name in REQUIRED[node["class_type"]]:
            if name not in inputs:
                yield _node_error("required_input_missing", "Required input is missing", name, None, name)
        for name, value in inputs.items():
            if isinstance(value, list) and value[0] not in graph:
                yield _node_error("bad_linked_input", "Bad linked input", name, value, name)
            if name in MODELS and value not in MODELS[name]:
                yield _node_error(
                    "value_not_in_list", "Value not in list", name, value, f"{name}: '{value}' not in [...]"
                )
            if name in STEPS and isinstance(value, int) and value % STEPS[name] not in (0, 1):
                yield _node_error("invalid_input_type", "Not a step", name, value, name)
        name = {"LoadImage": "image", "LoadVideo": "file"}.get(node["class_type"])
        if name and inputs[name] not in self.files:
            text = f"{name} - Invalid file: {inputs[name]}"
            yield _node_error("custom_validation_failed", "Custom validation failed for node", name, inputs[name], text)

    def poll(self, request: Request, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted or task.notes.get("deleted") or self.stage(task) in ("queued", "running"):
            return Reply(200, {})
        return Reply(200, {task.id: self.entry(task)})

    def entry(self, task: Task) -> dict:
        stage, base = self.stage(task), {"prompt_id": task.id, "timestamp": int(time.time() * 1000)}
        last = {
            "succeeded": ("execution_success", base),
            "cancelled": ("execution_interrupted", {**base, "node_id": "8", "node_type": "KSampler", "executed": []}),
        }.get(stage) or ("execution_error", {**base, **BROKEN, **task.notes.get("error", {})})
        is_success = stage == "succeeded"
        name = {"filename": f"{task.id}_00001_.mp4", "subfolder": "tapwari", "type": "output"}
        return {
            "prompt": [1.0, task.id, task.request, {}, ["11"]],
            "outputs": {"11": {"images": [name], "animated": [True]}} if is_success else {},
            "meta": {},
            "status": {
                "status_str": "success" if is_success else "error",
                "completed": is_success,
                "messages": [["execution_start", base], ["execution_cached", {**base, "nodes": []}], list(last)],
            },
        }

    def queue(self, request: Request) -> Reply:
        rows = {"queued": [], "running": []}
        for number, task in enumerate(self.tasks.values()):
            stage = self.stage(task)
            if stage in rows and not task.is_deleted and not task.notes.get("deleted"):
                rows[stage].append([float(number), task.id, task.request, {}, ["11"]])
        return Reply(200, {"queue_running": rows["running"], "queue_pending": rows["queued"][::-1]})

    def change_queue(self, request: Request) -> Reply:
        for task_id in request.json().get("delete", ()):
            if (task := self.tasks.get(task_id)) and self.stage(task) == "queued":
                task.notes["deleted"] = True  # not in the history either
        return Reply(200)

    def interrupt(self, request: Request) -> Reply:
        task = self.tasks.get((json.loads(request.body or b"{}")).get("prompt_id"))
        if task and self.stage(task) == "running":
            task.is_cancelled = True
        return Reply(200)

    def cancel(self, request: Request, task_id: str) -> Reply:
        if (task := self.tasks.get(task_id)) is None:
            return Reply(404, {"error": "Job not found"})
        if self.stage(task) == "queued":
            task.notes["deleted"] = True
        elif self.stage(task) == "running":
            task.is_cancelled = True
        return Reply(200, {})

    def upload(self, request: Request) -> Reply:
        parts = parse_form(request)
        if "image" not in parts:
            return Reply(400)
        name, content = parts["image"]
        folder = parts.get("subfolder", ("", b""))[1].decode()
        self.files[f"{folder}/{name}" if folder else name] = content
        return Reply(200, {"name": name, "subfolder": folder, "type": "input"})

    def video(self, request: Request, name: str = "") -> Reply:
        found = re.fullmatch(r"([\w-]+)_00001_\.mp4", request.query.get("filename", ""))
        if not found or found[1] not in self.tasks or request.query.get("subfolder") != "tapwari":
            return Reply(404)
        return super().video(request, name)

    def stats(self, request: Request) -> Reply:
        devices = [{"name": "cuda:0", "type": "cuda", "vram_total": 24 << 30, "vram_free": 20 << 30}]
        return Reply(200, {"system": {"os": "linux", "comfyui_version": "0.8.0"}, "devices": devices})

    def open_websocket(self, request: Request) -> Reply:
        """Open a WebSocket that sends a greeting and the messages of the test, then nothing."""
        key = request.headers.get("sec-websocket-key", "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
        status = {"status": {"exec_info": {"queue_remaining": 1}}, "sid": request.query["clientId"]}
        greeting = {"type": "status", "data": status}
        names = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}

        def speak(connection):
            head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
            head = f"HTTP/1.1 101 Switching Protocols\r\n{head}\r\n"
            connection.sendall(head.encode())
            connection.sendall(_frame(b"\x00\x00\x00\x01\x00\x00\x00\x01a preview", 2))
            for event in [greeting, *self.socket_messages]:
                connection.sendall(_frame(json.dumps(event).encode(), 1))
            connection.settimeout(60)
            try:
                connection.recv(64)  # the close frame
            except OSError:
                return

        return Reply(101, write_raw=speak)

    # --- for tests --------------------------------------------------------------------------------------------------

    def read_request(self, task: Task) -> dict:
        titled = {node.get("_meta", {}).get("title"): node["inputs"] for node in task.request.values()}
        numbers = _find_numbers(task.request)
        frames = [titled[title]["image"] for title in ("FIRST_FRAME", "LAST_FRAME") if title in titled]
        data = {"pictures": [self.files[name] for name in frames]}
        for name, title in (("prompt", "PROMPT"), ("negative_prompt", "NEGATIVE")):
            data |= {name: titled[title]["text"]} if title in titled else {}
        if "SEED" in titled:
            data["seed"] = titled["SEED"].get("seed", titled["SEED"].get("noise_seed"))
        if {"length", "fps"} <= numbers.keys():
            data["seconds"] = (numbers["length"] - 1) // numbers["fps"]
        if {"width", "height"} <= numbers.keys():  # otherwise the size is that of the picture
            data["size"] = (numbers["width"], numbers["height"])
        return data | ({"video": self.files[titled["VIDEO"]["file"]]} if "VIDEO" in titled else {})

    # --- odd responses ----------------------------------------------------------------------------------------------

    def fault_success_without_url(self, request, handle) -> Reply:
        reply = handle()
        for entry in reply.body.values():
            entry["outputs"] = {"12": {"text": ["done"]}, "9": {"images": [{"filename": "x.png", "type": "temp"}]}}
        return reply

    def fault_server_restarted(self, request, handle) -> Reply:
        self.tasks.clear()
        return handle()

    def fault_proxy_504_after_create(self, request, handle) -> Reply:
        handle()
        return Reply(504, "<h1>504</h1>", {"Content-Type": "text/html"})


BROKEN = {
    "node_id": "8",
    "node_type": "KSampler",
    "exception_type": "RuntimeError",
    "exception_message": "The size of tensor a must match the size of tensor b",
    "traceback": [],
    "current_inputs": {},
    "executed": ["1", "2"],
}


def _find_numbers(graph: dict) -> dict:
    """Return width, height, length and fps as far as nodes have them as numbers, each from the first such node."""
    names = ("width", "height", "length", "fps")
    inputs = [(name, node["inputs"].get(name)) for node in reversed(graph.values()) for name in names]
    return {name: value for name, value in inputs if isinstance(value, int | float)}


def _refused(kind: str, message: str, details: str = "", errors: dict | None = None) -> Reply:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return Reply(400, {"error": error, "node_errors": errors or {}})


def _node_error(kind: str, message: str, name: str, value, details: str) -> dict:
    extra = {"input_name": name} | ({"received_value": value} if value is not None else {})
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def _frame(content: bytes, opcode: int) -> bytes:
    size = bytes([len(content)]) if len(content) < 126 else b"\x7e" + len(content).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + content
