"""Build requests for Wan. Each generation of models has its own format (``shape`` in models.toml)."""

from common.messages import build_message
from generation.providers import parsing
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import RemoteError
from generation.providers.input_files import (
    build_data_uri,
    check_prompt,
    invalid_input,
    unsupported_mode,
    unsupported_size,
)

SEED_LIMIT = 2**31
NEGATIVE_LIMIT = 500
SIZES = {
    (480, "16:9"): "832*480", (480, "9:16"): "480*832", (480, "1:1"): "624*624",
    (720, "16:9"): "1280*720", (720, "9:16"): "720*1280", (720, "1:1"): "960*960",
    (720, "4:3"): "1088*832", (720, "3:4"): "832*1088",
    (1080, "16:9"): "1920*1080", (1080, "9:16"): "1080*1920", (1080, "1:1"): "1440*1440",
    (1080, "4:3"): "1632*1248", (1080, "3:4"): "1248*1632",
}  # fmt: skip
ONLY = {"size": Mode.WORDS, "picture": Mode.PICTURE, "frames": Mode.FIRST_LAST}  # shape → its only mode
ROOT = "services/aigc/video-generation/video-synthesis"
FRAMES_ROOT = "services/aigc/image2video/video-synthesis"


def choose_path(shape: str) -> str:
    return FRAMES_ROOT if shape == "frames" else ROOT


def build_body(request: ClipRequest, capability: Capability, facts: dict) -> dict:
    shape = facts.get("shape", "media")
    if ONLY.get(shape, request.mode) != request.mode:
        raise unsupported_mode(request, capability)
    inputs = {"prompt": check_prompt(request.prompt, capability)}
    if request.negative_prompt:
        if len(request.negative_prompt) > NEGATIVE_LIMIT:
            raise _build_length_error(capability)
        inputs["negative_prompt"] = request.negative_prompt
    parameters = {"duration": request.seconds, "seed": request.seed % SEED_LIMIT} | facts.get("more", {})
    if capability.has_audio:
        parameters["audio"] = bool(request.options.get("audio"))
    return {
        "model": capability.model,
        "input": inputs | _encode_pictures(request, capability, shape),
        "parameters": parameters | _build_size_parameters(request, capability, facts, shape),
    }


def _build_length_error(capability: Capability) -> RemoteError:
    message = build_message("negative_prompt_limit", model=capability.label, n=NEGATIVE_LIMIT)
    return invalid_input("negative_prompt", f"at most {NEGATIVE_LIMIT}", "negative_prompt", message)


def _encode_pictures(request: ClipRequest, capability: Capability, shape: str) -> dict:
    def encode(path, field="picture"):
        return build_data_uri(path, capability, field=field)

    if shape == "size":
        return {}
    if shape == "picture":
        return {"img_url": encode(request.start)}
    if shape == "frames":
        return {"first_frame_url": encode(request.start), "last_frame_url": encode(request.last_frame, "last_picture")}
    media = []
    if request.mode in (Mode.PICTURE, Mode.FIRST_LAST):
        media.append({"type": "first_frame", "url": encode(request.start)})
    if request.mode == Mode.FIRST_LAST:
        media.append({"type": "last_frame", "url": encode(request.last_frame, "last_picture")})
    media += [{"type": "reference_image", "url": encode(path, "references")} for path in request.references]
    return {"media": media} if media else {}


def _build_size_parameters(request: ClipRequest, capability: Capability, facts: dict, shape: str) -> dict:
    """Return ``size`` in pixels for the shape "size", otherwise the resolution and, for some modes, the ratio."""
    if shape == "size":
        size = SIZES.get((request.resolution, request.ratio))
        if size is None:
            raise unsupported_size(request, capability, field="resolution")
        return {"size": size}
    parameters = {"resolution": f"{request.resolution}P"}
    return parameters | {"ratio": request.ratio} if request.mode in facts.get("ratio_modes", ()) else parameters


def read_parameters(model: str) -> dict:
    return parsing.find_model_parameters("dashscope", model)
