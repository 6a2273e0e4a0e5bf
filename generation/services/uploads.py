"""Uploaded pictures: decoded and encoded again in a child process, never stored as they came."""

import hashlib
import tempfile
from pathlib import Path

from django.conf import settings

from common.database import connections
from generation.media import storage
from generation.media.errors import PictureRefused
from generation.media.picture import rebuild_picture
from generation.models import Picture
from generation.services.storage_use import check_storage

__all__ = ["PictureRefused", "convert_picture", "save_picture"]


def save_picture(upload, *, workspace, by, crop=None, is_layout: bool = False) -> Picture:
    """Rebuild and store an uploaded picture. Raises PictureRefused or LimitReached, and stores nothing, if it is
    refused.

    A picture that is uploaded twice is one row, so that a repeated form has the same fingerprint.
    """
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        rebuilt = _rebuild(upload, Path(folder), crop=crop, person=str(by.pk if by else workspace.pk))
        digest = hashlib.sha256(rebuilt.path.read_bytes()).hexdigest()
        if existing := Picture.objects.filter(workspace=workspace, sha256=digest).first():
            return existing
        check_storage(workspace, rebuilt.path.stat().st_size)
        picture = Picture(workspace=workspace, created_by=by, sha256=digest, is_layout=is_layout)
        picture.key = f"pictures/{picture.pk.hex[:2]}/{picture.pk}{rebuilt.path.suffix}"
        connections.release_connection()
        stored = storage.store_file(rebuilt.path, picture.key)
    picture.width, picture.height = rebuilt.width, rebuilt.height
    picture.bytes, picture.colour, picture.was_reduced = stored.bytes, rebuilt.colour, rebuilt.was_reduced
    picture.save(force_insert=True)
    return picture


def convert_picture(upload, *, by) -> tuple[bytes, str]:
    """Return an uploaded picture as a JPEG or PNG, and its content type. Stores nothing. Raises PictureRefused."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = _rebuild(upload, Path(folder), person=str(by.pk)).path
        return path.read_bytes(), storage.get_content_type(path.name)


def _rebuild(upload, folder: Path, *, person: str, crop=None):
    """Write the upload into the folder and rebuild it there, without holding a connection to the database."""
    source = folder / "upload"
    with source.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    connections.release_connection()
    return rebuild_picture(source, folder, crop=crop, person=person)
