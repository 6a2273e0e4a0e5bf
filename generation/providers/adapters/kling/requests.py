"""Build Kling's requests: pictures as plain base64, durations as text, and ``mode`` depending on the resolution."""

from pathlib import Path
from typing import Any

from generation.providers import parsing
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.input_files import check_prompt, encode_base64, read_picture

KINDS = {
    Mode.WORDS: "text2video",
    Mode.PICTURE: "image2video",
    Mode.FIRST_LAST: "image2video",
    Mode.REFERENCES: "multi-image2video",
}
OMNI = "omni-video"  # the endpoint of the models with ``endpoint`` in models.toml, for all modes
LARGE = 2160


def choose_kind(request: ClipRequest, capability: Capability) -> str:
    """Return the endpoint of a task, which is also where it is queried."""
    return str(parsing.find_model_parameters("kling", capability.model).get("endpoint") or KINDS[request.mode])


def build_body(request: ClipRequest, capability: Capability, ref: str, webhook: str) -> dict:
    """Return the body. ``ref`` becomes ``external_task_id``, by which a lost submission is found."""
    body = {
        "model_name": capability.model,
        "prompt": check_prompt(request.prompt, capability),
        "mode": choose_mode(request, capability),
        "duration": str(request.seconds),
        "external_task_id": ref,
    }
    if request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if capability.has_audio:
        body["sound"] = "on" if request.options.get("audio") else "off"
    if webhook:
        body["callback_url"] = webhook  # without a query: callbacks echo ``external_task_id``
    encode_pictures = _encode_image_list if choose_kind(request, capability) == OMNI else _encode_pictures
    return body | encode_pictures(request, capability)


def choose_mode(request: ClipRequest, capability: Capability) -> str:
    """Return Kling's ``mode``: ``pro`` for 1080 lines and for features that the model has only in pro, else ``std``.

    Prices in models.toml follow the same rule. The name of the 4K mode is UNCERTAIN, so models.toml may set it.
    """
    facts = parsing.find_model_parameters("kling", capability.model)
    if request.resolution >= LARGE:
        return str(facts.get("mode_4k") or "4k")
    only_pro = facts.get("pro_for", ())
    needs_pro_sound = "audio" in only_pro and bool(request.options.get("audio"))
    return "pro" if request.resolution >= 1080 or str(request.mode) in only_pro or needs_pro_sound else "std"


def _encode(path: Path, capability: Capability, field: str) -> str:
    return encode_base64(read_picture(path, capability, field=field)[1])


def _encode_pictures(request: ClipRequest, capability: Capability) -> dict:
    if request.mode == Mode.REFERENCES:
        images = [{"image": _encode(path, capability, "references")} for path in request.references]
        return {"image_list": images, "aspect_ratio": request.ratio}
    if request.start is None:
        return {"aspect_ratio": request.ratio}
    body = {"image": _encode(request.start, capability, "picture")}
    if request.last_frame:
        body["image_tail"] = _encode(request.last_frame, capability, "last_picture")
    return body


def _encode_image_list(request: ClipRequest, capability: Capability) -> dict:
    """Return the pictures of an omni model: frames have a type, references none. A frame decides the ratio."""
    rows = [(request.start, "picture", "first_frame"), (request.last_frame, "last_picture", "end_frame")]
    images = [{"image_url": _encode(path, capability, field), "type": kind} for path, field, kind in rows if path]
    images += [{"image_url": _encode(path, capability, "references")} for path in request.references]
    body: dict[str, Any] = {} if request.start else {"aspect_ratio": request.ratio}
    return body | ({"image_list": images} if images else {})
