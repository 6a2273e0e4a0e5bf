"""Words and pictures on their way to a provider: checked against what the model takes, never cut, never left out."""

import base64
import io
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image

from generation.providers.base import Capability, ClipRequest
from generation.providers.errors import Fault, RemoteError
from generation.providers.image_limits import KINDS, find_violation

QUALITY = 92  # of what is written anew, as of every picture that is kept (generation/media/picture_child.py)


def check_prompt(prompt: str, capability: Capability) -> str:
    """The whole prompt, style words and all; RemoteError INVALID when the model reads fewer characters."""
    if len(prompt) > capability.prompt_limit:
        detail = f"at most {capability.prompt_limit} characters with the style's words, these are {len(prompt)}"
        message = _("%(model)s accepts at most %(n)s characters; with the text of the style, this prompt has %(m)s.")
        names = {"model": capability.label, "n": capability.prompt_limit, "m": len(prompt)}
        raise invalid_input("prompt_too_long", detail, "prompt", message % names)
    return prompt


def check_length(request: ClipRequest, capability: Capability) -> None:
    """RemoteError INVALID for seconds that do not go with the rest of the request; the form says it before."""
    if message := capability.explain_length(request):
        raise invalid_input(
            "seconds", f"{request.seconds} seconds, {request.mode}, {request.resolution}p", "seconds", message
        )


def read_picture(path: Path, capability: Capability, *, field: str = "picture") -> tuple[str, bytes]:
    """Media type and bytes; RemoteError INVALID for what the model would not take. Nothing has been asked yet.

    Written anew is what is of a kind that the model does not take, and a frame of a film that is too heavy as PNG.
    """
    content = path.read_bytes()
    try:
        with Image.open(path) as opened:
            (width, height), kind = opened.size, Image.MIME[opened.format].removeprefix("image/")
            if (wanted := _kind_for(opened, kind, len(content), capability)) != kind:
                kind, content = wanted, encode_picture(opened, wanted)
    except (OSError, KeyError):
        raise unreadable_picture(field) from None
    if found := find_violation(capability, width=width, height=height, size=len(content)):
        raise invalid_input(found.code, found.detail, field, found.message)
    return f"image/{kind}", content


def _kind_for(opened: Image.Image, kind: str, size: int, capability: Capability) -> str:
    """In which kind it is sent: its own where that is taken, else the first one that is."""
    taken = capability.picture_kinds or KINDS
    if kind not in taken:
        return next(each for each in KINDS if each in taken)
    is_heavy_frame = kind == "png" and size > capability.picture_bytes and not opened.has_transparency_data
    return "jpeg" if is_heavy_frame and "jpeg" in taken else kind


def encode_picture(opened: Image.Image, kind: str) -> bytes:
    """The same pixels in another kind. JPEG has no transparent parts: what shows through there is white."""
    is_clear = opened.has_transparency_data and kind != "jpeg"
    pixels = opened.convert("RGBA") if is_clear else remove_transparency(opened)
    out = io.BytesIO()
    more = {"png": {"compress_level": 4}, "webp": {"quality": QUALITY}, "jpeg": {"quality": QUALITY, "subsampling": 0}}
    pixels.save(out, kind.upper(), **more[kind])
    return out.getvalue()


def remove_transparency(opened: Image.Image) -> Image.Image:
    """Without transparent parts, and without the colours that nobody ever saw there."""
    if not opened.has_transparency_data:
        return opened.convert("RGB")
    white = Image.new("RGBA", opened.size, "white")
    return Image.alpha_composite(white, opened.convert("RGBA")).convert("RGB")


def upload_name(path: Path, kind: str) -> str:
    """What an upload is called: with the ending of what is sent, which may be of another kind than the file."""
    return path.with_suffix(f".{kind.removeprefix('image/')}").name


def check_total_size(capability: Capability, size: int, limit: int) -> None:
    """RemoteError INVALID for more than fits into one request."""
    if size > limit:
        message = _("These images together are too large for one request to %(model)s. Use smaller files.")
        raise invalid_input("picture_too_large", f"{size} of {limit}", "picture", message % {"model": capability.label})


def unreadable_picture(field: str) -> RemoteError:
    message = _("The image is damaged and cannot be read. Save it again and try once more.")
    return invalid_input("picture_unreadable", "not a picture", field, message)


def unsupported_mode(request: ClipRequest, capability: Capability) -> RemoteError:
    message = _("%(model)s doesn’t support this input.") % {"model": capability.label}
    return invalid_input("mode", f"no call for {request.mode}", "mode", message)


def unsupported_negative_prompt(capability: Capability) -> RemoteError:
    message = _("%(model)s doesn’t support negative prompts.") % {"model": capability.label}
    return invalid_input("negative_prompt", "no word for what to leave out", "negative_prompt", message)


def unavailable_model(model: str) -> RemoteError:
    message = _("%(model)s is no longer available here. Choose another model.") % {"model": model}
    return invalid_input("model", f"{model} is not offered any more", "model", message)


def unsupported_size(request: ClipRequest, capability: Capability, *, field: str) -> RemoteError:
    names = {"model": capability.label, "ratio": request.ratio, "lines": request.resolution}
    message = _("%(model)s doesn’t support %(ratio)s at %(lines)sp.") % names
    return invalid_input("size", f"no size for {request.ratio} at {request.resolution}", field, message)


def invalid_input(code: str, detail: str, field: str, message: str) -> RemoteError:
    """What we know ourselves to be wrong: ``said`` is for the person, ``detail`` for the log."""
    return RemoteError(Fault.INVALID, code, detail, field=field, message=message)


def require_public_url(path: Path, request: ClipRequest, provider, *, field: str) -> str:
    """Where the provider may fetch the picture. RemoteError INVALID where it has no public address: never left out."""
    if found := request.addresses.get(path):
        return found
    message = _(
        "%(provider)s downloads images itself, and this one has no public address: the studio needs a public "
        "https address, and the last frame of another clip has none. Start from text or from an uploaded image."
    )
    raise invalid_input("no_public_address", "only by address", field, message % {"provider": provider})


def encode_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def build_data_uri(path: Path, capability: Capability, *, field: str = "picture") -> str:
    """The picture as ``data:image/png;base64,…``; refused like ``picture``."""
    kind, content = read_picture(path, capability, field=field)
    return f"data:{kind};base64,{encode_base64(content)}"
