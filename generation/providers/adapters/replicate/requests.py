"""Build the inputs of a model with the names in its schema."""

import re
from dataclasses import dataclass, field
from typing import Any

from common.messages import build_message
from generation.providers import input_files
from generation.providers.adapters.replicate.schemas import Inputs
from generation.providers.base import Capability, ClipRequest
from generation.providers.errors import RemoteError

START = ("image", "start_image", "first_frame_image", "first_frame", "image_url", "input_image")
LAST = ("end_image", "last_frame", "last_image", "last_frame_image", "tail_image", "end_image_url")
REFERENCES = ("reference_images", "references", "subject_references", "image_urls", "images")
VIDEO = ("video", "input_video", "video_url", "reference_video")
SECONDS = ("duration", "seconds", "duration_seconds", "video_length")
SIZE = re.compile(r"(\d{2,4})[*x](\d{2,4})")
RATIO_TOLERANCE = 0.06  # 832*480 counts as 16:9
AUDIO = ("generate_audio", "audio", "enable_audio")


@dataclass(frozen=True)
class InputFiles:
    """Source files of a request, as data URIs or URLs of uploads."""

    start: str | None = None
    last: str | None = None
    references: list[str] = field(default_factory=list)
    video: str | None = None


def build_body(request: ClipRequest, capability: Capability, schema: Inputs | None, files: InputFiles) -> dict:
    """Return the inputs. Raises RemoteError INVALID for a setting, other than the seed, that the model has no input
    for.
    """
    inputs = schema or _UsualInputs()
    values: dict[str, Any] = {"prompt": input_files.check_prompt(request.prompt, capability)}
    values |= _build_files(inputs, files)
    values |= _choose_length(inputs, request)
    values |= _choose_size(inputs, request, capability, bool(files.start or files.video))
    if request.negative_prompt:
        values[_require_input(inputs, "negative_prompt", "negative_prompt")] = request.negative_prompt
    if inputs.find_name("seed"):
        values["seed"] = request.seed
    if name := inputs.find_name(*AUDIO):
        values[name] = bool(request.options.get("audio"))
    elif request.options.get("audio"):
        _require_input(inputs, "audio", *AUDIO)
    return values


def _build_files(inputs, files: InputFiles) -> dict:
    values: dict[str, Any] = {}
    for file, names, form in (
        (files.start, START, "picture"),
        (files.last, LAST, "last_frame"),
        (files.video, VIDEO, "video"),
    ):
        if file:
            values[_require_input(inputs, form, *names)] = file
    if files.references:
        name = _require_input(inputs, "references", *REFERENCES)
        if not inputs.is_list(name) and len(files.references) > 1:
            message = build_message("replicate_one_reference")
            raise input_files.invalid_input("references", "one reference only", "references", message)
        values[name] = files.references if inputs.is_list(name) else files.references[0]
    return values


def _choose_length(inputs, request: ClipRequest) -> dict:
    if name := inputs.find_name(*SECONDS):
        seconds = request.seconds
        return {name: _choose_value(inputs, "seconds", name, seconds, str(seconds), f"{seconds}s", float(seconds))}
    if inputs.find_name("num_frames"):
        rate = int(inputs.get_default(inputs.find_name("frames_per_second", "fps"), 16))
        return {"num_frames": request.seconds * rate + 1}
    return {}


def _choose_size(inputs, request: ClipRequest, capability: Capability, has_picture: bool) -> dict:
    values, lines = {}, request.resolution
    if name := inputs.find_name("aspect_ratio", "ratio"):
        if not has_picture or inputs.find_allowed(name, request.ratio) is not None:
            values[name] = _choose_value(inputs, "ratio", name, request.ratio)
    elif inputs.find_name("width") and inputs.find_name("height"):
        values["width"], values["height"] = request.size
    elif name := inputs.find_name("size"):
        values[name] = _choose_nearest_size(inputs, name, *request.size)
    if name := inputs.find_name("resolution", "quality"):
        values[name] = _choose_value(inputs, "resolution", name, f"{lines}p", str(lines), f"{lines}P", lines)
    elif not values.keys() & {"width", "size"} and lines != capability.resolutions[0]:
        message = build_message("replicate_one_resolution", lines=capability.resolutions[0])
        raise input_files.invalid_input("no_input", "no input for resolution", "resolution", message)
    return values


def _choose_nearest_size(inputs, name: str, width: int, height: int) -> str:
    """Return the nearest size ("832*480") of the requested ratio that the model allows.

    Raises RemoteError INVALID if the model has no size of that ratio.
    """
    if not inputs.list_choices(name):
        return f"{width}*{height}"
    sizes = [
        (choice, *map(int, found.groups()))
        for choice in inputs.list_choices(name)
        if (found := SIZE.fullmatch(str(choice)))
    ]
    similar = [size for size in sizes if abs(size[1] / size[2] * height / width - 1) < RATIO_TOLERANCE]
    if not similar:
        raise _build_value_error(name, f"{width}*{height}", "ratio")
    return min(similar, key=lambda size: abs(size[1] * size[2] - width * height))[0]


def _require_input(inputs, form: str, *names: str) -> str:
    if name := inputs.find_name(*names):
        return name
    message = build_message("replicate_no_input", input=names[0])
    raise input_files.invalid_input("no_input", f"no input for {form}", form, message)


def _choose_value(inputs, form: str, name: str, *spellings):
    value = inputs.find_allowed(name, *spellings)
    if value is None:
        raise _build_value_error(name, spellings[0], form)
    return value


def _build_value_error(name: str, value, form: str) -> RemoteError:
    """Return the error for a value that the schema does not allow. ``name``: the input's, as on the model's page."""
    message = build_message("replicate_value", value=str(value), input=name)
    return input_files.invalid_input("not_allowed", f"{name} cannot be {value}", form, message)


class _UsualInputs:
    """Common names of inputs, used for a model without a readable schema."""

    NAMES = frozenset(
        {
            "image",
            "end_image",
            "reference_images",
            "video",
            "duration",
            "aspect_ratio",
            "resolution",
            "seed",
            "negative_prompt",
        }
    )

    def find_name(self, *names: str) -> str:
        return next((name for name in names if name in self.NAMES), "")

    def find_allowed(self, name: str, *spellings):
        return spellings[0]

    def list_choices(self, name: str) -> list:
        return []

    def is_list(self, name: str) -> bool:
        return name == "reference_images"

    def get_default(self, name: str, fallback):
        return fallback
