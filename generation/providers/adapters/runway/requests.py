"""Build Runway's requests. Runway's ratios are sizes in pixels, which models.toml lists for each model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generation.providers import input_files, parsing
from generation.providers.base import Capability, ClipRequest, Mode

EncodePicture = Callable[[Path, str], str]


def build_body(slug: str, request: ClipRequest, capability: Capability, encode: EncodePicture) -> tuple[str, dict]:
    """Return the endpoint and the body. ``encode(path, field)`` returns a picture as data URI or URI of an upload."""
    facts = parsing.find_model_parameters(slug, request.model)
    body: dict[str, Any] = {
        "model": capability.model,
        "promptText": input_files.check_prompt(request.prompt, capability),
    }
    body["duration"] = request.seconds
    has_picture = request.start is not None
    if not (has_picture and facts.get("picture_has_no_ratio")):
        body["ratio"] = _choose_ratio(facts, request, capability)
    if facts.get("has_resolution"):
        body["resolution"] = f"{request.resolution}p"
    if capability.has_seed:
        body["seed"] = request.seed
    if request.negative_prompt:
        body["negativePrompt"] = request.negative_prompt
    if capability.has_audio:
        body["audio"] = bool(request.options.get("audio"))
    if has_picture:
        return "image_to_video", body | {"promptImage": _encode_frames(request, encode)}
    if request.mode == Mode.REFERENCES:
        body["references"] = [{"uri": encode(path, "references")} for path in request.references]
    return "text_to_video", body


def _encode_frames(request: ClipRequest, encode: EncodePicture) -> list[dict]:
    assert request.start
    frames = [{"uri": encode(request.start, "picture"), "position": "first"}]
    if request.last_frame:
        frames.append({"uri": encode(request.last_frame, "last_frame"), "position": "last"})
    return frames


def _choose_ratio(facts: dict, request: ClipRequest, capability: Capability) -> str:
    """Return the size in pixels ("1280:720"), or the ratio itself for a model without a list of sizes."""
    sizes = facts.get("sizes", {}).get(str(request.resolution), {})
    if not sizes:
        return request.ratio
    if request.ratio not in sizes:
        raise input_files.unsupported_size(request, capability, field="ratio")
    return sizes[request.ratio]
