"""Copies of pictures in the workspace of whoever remixes something."""

import io
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import Workspace
from generation.media import storage
from generation.models import Picture
from generation.services.uploads import save_picture


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


def keep_frame(frame: Image.Image, *, workspace: Workspace, by) -> Picture:
    """Store a frame as a picture of the workspace, as if somebody had uploaded it."""
    data = io.BytesIO()
    frame.save(data, "PNG", compress_level=4)
    return save_picture(ContentFile(data.getvalue(), name="frame.png"), workspace=workspace, by=by)
