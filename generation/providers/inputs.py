"""Pictures on their way to a provider: checked against what the model takes, then written into the request itself."""

import base64
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from generation.providers.base import Capability
from generation.providers.faults import Fault, RemoteError


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


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def data_uri(path: Path, capability: Capability, *, field: str = "picture") -> str:
    """The picture as ``data:image/png;base64,…``; refused like ``picture``."""
    kind, content = picture(path, capability, field=field)
    return f"data:{kind};base64,{base64_of(content)}"
