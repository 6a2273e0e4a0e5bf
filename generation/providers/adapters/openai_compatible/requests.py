"""Build requests in the format of the Videos API, with the fields that vLLM-Omni adds."""

import math
from pathlib import Path

from PIL import Image, ImageOps

from generation.providers.base import Capability, ClipRequest
from generation.providers.input_files import (
    check_prompt,
    encode_picture,
    read_picture,
    remove_transparency,
    unreadable_picture,
)

SIZES = {
    ("16:9", 720): (1280, 720),
    ("9:16", 720): (720, 1280),
    ("16:9", 1080): (1792, 1024),
    ("9:16", 1080): (1024, 1792),
}
STEP = 16


def build_fields(request: ClipRequest, capability: Capability, facts: dict, model: str) -> dict[str, str]:
    """Return the form fields, all as text."""
    width, height = choose_size(request, facts)
    body = {
        "prompt": check_prompt(request.prompt, capability),
        "seconds": str(request.seconds),
        "size": f"{width}x{height}",
    }
    if model:
        body["model"] = model
    if facts.get("shape") == "vllm":
        fps = int(facts.get("fps", 16))
        frames = math.ceil(fps * request.seconds / 4) * 4 + 1
        body |= {"width": str(width), "height": str(height), "fps": str(fps), "num_frames": str(frames)}
    if capability.has_seed:
        body["seed"] = str(request.seed)
    if request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    return body


def choose_size(request: ClipRequest, facts: dict) -> tuple[int, int]:
    if facts.get("shape") == "vllm":
        width, height = (max(STEP, side // STEP * STEP) for side in request.size)
        return width, height
    return SIZES.get((request.ratio, request.resolution)) or request.size


def read_first_frame(path: Path, capability: Capability, expected_size: tuple[int, int] | None) -> tuple[str, bytes]:
    """Return the picture's media type and content, cropped to ``expected_size`` (width, height in pixels) if given.

    Servers of the Videos API reject pictures of any other size than the video's.
    """
    kind, content = read_picture(path, capability)
    if expected_size is None:
        return kind, content
    with Image.open(path) as opened:
        if opened.size == expected_size:
            return kind, content
        try:
            fitted = ImageOps.fit(remove_transparency(opened), expected_size, Image.Resampling.LANCZOS)
        except OSError:
            raise unreadable_picture("picture") from None
    kind = "jpeg" if capability.picture_kinds and "png" not in capability.picture_kinds else "png"
    return f"image/{kind}", encode_picture(fitted, kind)
