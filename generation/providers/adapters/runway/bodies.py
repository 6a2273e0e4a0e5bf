"""From a request to Runway's words. Shapes are pixels there, and every model has a list of its own (models.toml)."""

from collections.abc import Callable
from pathlib import Path

from generation.providers import input_files, parsing
from generation.providers.base import Capability, ClipRequest, Mode

Sent = Callable[[Path, str], str]


def body(slug: str, request: ClipRequest, capability: Capability, sent: Sent) -> tuple[str, dict]:
    """The call and what it is told. ``sent(path, field)`` gives a picture's address there."""
    facts = parsing.model_facts(slug, request.model)
    made = {"model": capability.model, "promptText": input_files.check_prompt(request.prompt, capability)}
    made["duration"] = request.seconds
    has_picture = request.start is not None
    if not (has_picture and facts.get("picture_has_no_ratio")):
        made["ratio"] = _ratio(facts, request, capability)
    if facts.get("has_resolution"):
        made["resolution"] = f"{request.resolution}p"
    if capability.has_seed:
        made["seed"] = request.seed
    if request.negative_prompt:
        made["negativePrompt"] = request.negative_prompt
    if capability.has_audio:
        made["audio"] = bool(request.options.get("audio"))
    if has_picture:
        return "image_to_video", made | {"promptImage": _frames(request, sent)}
    if request.mode == Mode.REFERENCES:
        made["references"] = [{"uri": sent(each, "references")} for each in request.references]
    return "text_to_video", made


def _frames(request: ClipRequest, sent: Sent) -> list[dict]:
    frames = [{"uri": sent(request.start, "picture"), "position": "first"}]
    if request.last_frame:
        frames.append({"uri": sent(request.last_frame, "last_frame"), "position": "last"})
    return frames


def _ratio(facts: dict, request: ClipRequest, capability: Capability) -> str:
    """The pixels of that shape and resolution, or the shape itself where a model is told so."""
    sizes = facts.get("sizes", {}).get(str(request.resolution), {})
    if not sizes:
        return request.ratio
    if request.ratio not in sizes:
        raise input_files.unsupported_size(request, capability, field="ratio")
    return sizes[request.ratio]
