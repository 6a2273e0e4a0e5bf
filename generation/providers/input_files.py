"""Prepare prompts and pictures for a provider: check limits and convert pictures. Nothing is cut or omitted."""

import base64
import io
from pathlib import Path

from PIL import Image

from common.messages import build_message
from generation.providers.base import Capability, ClipRequest
from generation.providers.errors import Fault, RemoteError
from generation.providers.image_limits import KINDS, find_violation

QUALITY = 92  # of converted pictures, like that of stored ones (generation/media/picture_child.py)


def check_prompt(prompt: str, capability: Capability) -> str:
    """Return the prompt, which includes the style's text, unchanged. Raises RemoteError INVALID if it is too long."""
    if len(prompt) > capability.prompt_limit:
        detail = f"at most {capability.prompt_limit} characters with the style's text, these are {len(prompt)}"
        values = {"model": capability.label, "n": capability.prompt_limit, "m": len(prompt)}
        raise invalid_input("prompt_too_long", detail, "prompt", build_message("prompt_too_long", **values))
    return prompt


def check_length(request: ClipRequest, capability: Capability) -> None:
    """Raise RemoteError INVALID if the model does not support the length in this mode and resolution."""
    if message := capability.explain_length(request):
        detail = f"{request.seconds} seconds, {request.mode}, {request.resolution}p"
        raise invalid_input("seconds", detail, "seconds", message)


def read_picture(path: Path, capability: Capability, *, field: str = "picture") -> tuple[str, bytes]:
    """Return the picture's media type and content. Raises RemoteError INVALID if the model does not accept the picture.

    A picture of a kind that the model does not accept, and a PNG frame with too many bytes, is converted.
    """
    content = path.read_bytes()
    try:
        with Image.open(path) as image:
            (width, height), kind = image.size, Image.MIME[image.format or ""].removeprefix("image/")
            if (target := _choose_kind(image, kind, len(content), capability)) != kind:
                kind, content = target, encode_picture(image, target)
    except (OSError, KeyError):
        raise unreadable_picture(field) from None
    if violation := find_violation(capability, width=width, height=height, size=len(content)):
        raise invalid_input(violation.code, violation.detail, field, violation.message)
    return f"image/{kind}", content


def _choose_kind(image: Image.Image, kind: str, size: int, capability: Capability) -> str:
    """Return the kind in which the picture is sent: its own if the model accepts that, otherwise the first accepted."""
    accepted = capability.picture_kinds or KINDS
    if kind not in accepted:
        return next(known for known in KINDS if known in accepted)
    is_large_frame = kind == "png" and size > capability.picture_bytes and not image.has_transparency_data
    return "jpeg" if is_large_frame and "jpeg" in accepted else kind


def encode_picture(image: Image.Image, kind: str) -> bytes:
    """Return the picture encoded as ``kind``. In a JPEG, transparent parts become white."""
    is_transparent = image.has_transparency_data and kind != "jpeg"
    pixels = image.convert("RGBA") if is_transparent else remove_transparency(image)
    out = io.BytesIO()
    options: dict[str, dict[str, int]] = {
        "png": {"compress_level": 4},
        "webp": {"quality": QUALITY},
        "jpeg": {"quality": QUALITY, "subsampling": 0},
    }
    pixels.save(out, kind.upper(), **options[kind])
    return out.getvalue()


def remove_transparency(image: Image.Image) -> Image.Image:
    """Return the picture in RGB on white. The invisible colours of transparent parts are lost."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def upload_name(path: Path, kind: str) -> str:
    """Return the file's name with the extension of the kind that is sent, which may differ from the file's own."""
    return path.with_suffix(f".{kind.removeprefix('image/')}").name


def check_total_size(capability: Capability, size: int, limit: int) -> None:
    """Raise RemoteError INVALID if the pictures together have more than ``limit`` bytes."""
    if size > limit:
        message = build_message("pictures_too_large", model=capability.label)
        raise invalid_input("picture_too_large", f"{size} of {limit}", "picture", message)


def unreadable_picture(field: str) -> RemoteError:
    return invalid_input("picture_unreadable", "not a picture", field, build_message("picture_unreadable"))


def unsupported_mode(request: ClipRequest, capability: Capability) -> RemoteError:
    message = build_message("mode_unsupported", model=capability.label)
    return invalid_input("mode", f"no call for {request.mode}", "mode", message)


def unsupported_negative_prompt(capability: Capability) -> RemoteError:
    message = build_message("negative_prompt_unsupported", model=capability.label)
    return invalid_input("negative_prompt", "no parameter for negative prompts", "negative_prompt", message)


def unavailable_model(model: str) -> RemoteError:
    message = build_message("model_unavailable", model=model)
    return invalid_input("model", f"{model} is not offered any more", "model", message)


def unsupported_size(request: ClipRequest, capability: Capability, *, field: str) -> RemoteError:
    values = {"model": capability.label, "ratio": request.ratio, "lines": request.resolution}
    message = build_message("size_unsupported", **values)
    return invalid_input("size", f"no size for {request.ratio} at {request.resolution}", field, message)


def invalid_input(code: str, detail: str, field: str, message: str) -> RemoteError:
    """Return the error of a request that the studio itself rejects: ``message`` for the user, ``detail`` to log."""
    return RemoteError(Fault.INVALID, code, detail, field=field, message=message)


def require_public_url(path: Path, request: ClipRequest, provider, *, field: str) -> str:
    """Return the URL from which the provider may download the picture. Raises RemoteError INVALID if there is none."""
    if url := request.addresses.get(path):
        return url
    message = build_message("no_public_address", provider=provider)
    raise invalid_input("no_public_address", "only by address", field, message)


def encode_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def build_data_uri(path: Path, capability: Capability, *, field: str = "picture") -> str:
    """Return the picture as ``data:image/png;base64,…``. Raises what ``read_picture`` raises."""
    kind, content = read_picture(path, capability, field=field)
    return f"data:{kind};base64,{encode_base64(content)}"
