"""Profile pictures: rebuilt like other uploads, and cropped to a square."""

import tempfile
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from accounts.avatars import AvatarRefused
from common.database import connections
from generation.errors import picture_message, picture_status
from generation.media.errors import PictureRefused
from generation.media.picture import rebuild_picture

SIDE = 256


def rebuild_avatar(upload, *, by) -> bytes:
    """Return a square WebP of SIDE pixels of a user's upload. Raises AvatarRefused with a message for the user."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source = Path(folder) / "upload"
        with source.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        connections.release_connection()
        try:
            rebuilt = rebuild_picture(source, Path(folder), person=str(by.pk))
        except PictureRefused as refusal:
            raise AvatarRefused(picture_message(refusal), picture_status(refusal)) from refusal
        with Image.open(rebuilt.path) as picture:
            square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE))
    out = BytesIO()
    square.save(out, "WEBP", quality=85)
    return out.getvalue()
