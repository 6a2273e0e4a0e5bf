"""Build a request to a model: its path, and its inputs with the names that models.toml has for the model."""

from typing import Any
from urllib.parse import quote

from generation.providers import catalogue, input_files, parsing
from generation.providers.base import Capability, ClipRequest

PREFIXES = ("workflows", "comfy")  # namespaces in front of owner and app


def build_body(slug: str, request: ClipRequest, capability: Capability) -> tuple[str, dict]:
    """Return the model's path below the queue's address, and its inputs."""
    facts = parsing.find_model_parameters(slug, request.model)
    path, names = _choose_path(slug, facts, request, capability), facts.get("inputs", {})
    body: dict[str, Any] = {"prompt": input_files.check_prompt(request.prompt, capability)}
    body |= _encode_pictures(request, capability, names)
    if names.get("ratio", True) and not (capability.ratio_follows_picture and request.start):
        body["aspect_ratio"] = request.ratio
    if example := names.get("resolution", "720p"):
        body["resolution"] = _format_resolution(request.resolution, example)
    if example := names.get("duration", "5"):
        body["duration"] = _format_duration(request.seconds, example)
    if capability.has_seed:
        body["seed"] = request.seed
    if request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if capability.has_audio:
        body[names.get("audio", "generate_audio")] = bool(request.options.get("audio"))
    return path, body | names.get("more", {})


def _choose_path(slug: str, facts: dict, request: ClipRequest, capability: Capability) -> str:
    """Return the path for the mode. For a model that an administrator added, its name is the path."""
    is_added = facts["model"] not in {row["model"] for row in catalogue.built_in_models(slug)}
    paths = facts.get("paths", {})
    if is_added and paths == catalogue.built_in_models(slug)[0].get("paths"):
        return quote_path(facts["model"])
    if request.mode not in paths:
        raise input_files.unsupported_mode(request, capability)
    return quote_path(paths[request.mode])


def _encode_pictures(request: ClipRequest, capability: Capability, names: dict) -> dict:
    body: dict[str, Any] = {}
    if request.start:
        field = "first" if request.last_frame and "first" in names else "start"
        body[names.get(field, "image_url")] = input_files.build_data_uri(request.start, capability)
    if request.last_frame:
        body[names.get("last", "end_image_url")] = input_files.build_data_uri(
            request.last_frame, capability, field="last_frame"
        )
    if request.references:
        name = names.get("references", "image_urls")
        body[name] = [input_files.build_data_uri(path, capability, field="references") for path in request.references]
    return body


def _format_resolution(lines: int, example: str) -> str:
    """Return a resolution in the spelling of ``example``, the model's word for 720 lines ("720p" or "720P")."""
    return f"{lines}{example[-1]}"


def _format_duration(seconds: int, example: str | int) -> str | int:
    """Return a duration in the spelling of ``example``, the model's word for five seconds ("5", "5s" or 5)."""
    if isinstance(example, int):
        return seconds
    return f"{seconds}s" if example.endswith("s") else str(seconds)


def get_app_path(path: str) -> str:
    """Return the path below which tasks are queried: owner and app, without the rest of the model's name."""
    parts = path.split("/")
    return "/".join(parts[: 3 if parts[0] in PREFIXES else 2])


def quote_path(text: str, safe: str = "/") -> str:
    return quote(text.strip("/"), safe=safe)
