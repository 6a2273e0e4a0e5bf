"""Copies of pictures in the workspace of whoever remixes something."""

import hashlib
import tempfile
from pathlib import Path

from django.conf import settings
from PIL import Image

from accounts.models import Workspace
from generation.media import storage
from generation.models import Picture


def copy_picture(picture: Picture, *, workspace: Workspace, by) -> Picture:
    """Return a copy of another workspace's picture with a file of its own; an equal picture is kept once."""
    if picture.workspace_id == workspace.pk:
        return picture
    if existing := Picture.objects.filter(workspace=workspace, sha256=picture.sha256).first():
        return existing
    copy = Picture(workspace=workspace, created_by=by, sha256=picture.sha256)
    copy.key = f"pictures/{copy.pk.hex[:2]}/{copy.pk}{Path(picture.key).suffix}"
    for name in ("width", "height", "bytes", "colour", "was_reduced"):
        setattr(copy, name, getattr(picture, name))
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = storage.download(picture.key, Path(folder) / "picture")
        storage.store_file(path, copy.key)
    copy.save(force_insert=True)
    return copy


def copy_poster(key: str, *, workspace: Workspace, by) -> Picture | None:
    """Return a copy of a stored poster, a WebP file, as a picture; None if the store has no such picture."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        try:
            path = storage.download(key, Path(folder) / "poster.webp")
            with Image.open(path) as image:
                width, height = image.size
        except OSError:  # not in the storage, or no picture
            return None
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if existing := Picture.objects.filter(workspace=workspace, sha256=digest).first():
            return existing
        picture = Picture(workspace=workspace, created_by=by, sha256=digest, width=width, height=height)
        picture.key = f"pictures/{picture.pk.hex[:2]}/{picture.pk}.webp"
        picture.bytes = storage.store_file(path, picture.key).bytes
    picture.save(force_insert=True)
    return picture
