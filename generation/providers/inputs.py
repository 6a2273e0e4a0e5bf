"""Words and pictures on their way to a provider: checked against what the model takes, never cut, never left out."""

import base64
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from generation.providers.base import Capability, ClipRequest
from generation.providers.faults import Fault, RemoteError


def words(prompt: str, capability: Capability) -> str:
    """The whole prompt, style words and all; RemoteError INVALID when the model reads fewer characters."""
    if len(prompt) > capability.prompt_limit:
        detail = f"at most {capability.prompt_limit} characters with the style's words, these are {len(prompt)}"
        raise RemoteError(Fault.INVALID, "prompt_too_long", detail, field="prompt")
    return prompt


def picture(path: Path, capability: Capability, *, field: str = "picture") -> tuple[str, bytes]:
    """Media type and bytes; RemoteError INVALID for what the model would not take. Nothing has been asked yet."""
    content = path.read_bytes()
    if len(content) > capability.picture_bytes:
        limit = f"{capability.picture_bytes // 1_000_000} MB"
        raise RemoteError(Fault.INVALID, "picture_too_large", f"a picture may have {limit}", field=field)
    try:
        with Image.open(path) as opened:
            shorter, kind = min(opened.size), Image.MIME[opened.format]
    except (UnidentifiedImageError, KeyError):
        raise RemoteError(Fault.INVALID, "picture_unreadable", "not a picture", field=field) from None
    if shorter < capability.picture_least:
        least = f"{capability.picture_least} pixels"
        raise RemoteError(Fault.INVALID, "picture_too_small", f"the shorter side needs {least}", field=field)
    return kind, content


def address(path: Path, request: ClipRequest, provider, *, field: str) -> str:
    """Where the provider may fetch the picture. RemoteError INVALID where it has no public address: never left out."""
    if found := request.addresses.get(path):
        return found
    said = _(
        "%(provider)s fetches pictures by itself, and this one has no public address: the studio needs one of its "
        "own (https), and the last frame of another clip has none. Begin with words or with an uploaded picture."
    )
    raise RemoteError(
        Fault.INVALID, "no_public_address", "only by address", field=field, words=said % {"provider": provider}
    )


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def data_uri(path: Path, capability: Capability, *, field: str = "picture") -> str:
    """The picture as ``data:image/png;base64,…``; refused like ``picture``."""
    kind, content = picture(path, capability, field=field)
    return f"data:{kind};base64,{base64_of(content)}"
