"""Storage of files by key, and signed links for browsers.

Local disk and S3 behave alike: a link names one object, expires soon, and answers byte ranges.
"""

import hashlib
import os
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.utils.http import content_disposition_header

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".zip": "application/zip",
    ".s16": "application/octet-stream",  # samples of a music track
    ".sound": "application/octet-stream",  # uploaded music
}
NO_RESPONSE, WRONG_CLOCK, REFUSED = "no_response", "wrong_clock", "refused"  # reasons of transient errors
MAX_LINKS = 5000  # that a process remembers
LINK_SALT = "generation.media.storage.create_link"
UNPRINTABLE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}  # control characters, surrogates, line separators


@dataclass(frozen=True)
class StoredFile:
    key: str
    sha256: str
    bytes: int
    content_type: str


class StoredObject(NamedTuple):
    key: str
    changed_at: datetime
    bytes: int


def get_content_type(key: str) -> str:
    return CONTENT_TYPES[Path(key).suffix]


def clean_file_name(name: str) -> str:
    """Replace path separators and unprintable characters by dashes."""
    return "".join(
        "-" if character in "/\\" or unicodedata.category(character) in UNPRINTABLE_CATEGORIES else character
        for character in name
    )


def get_download_type(key: str, download_as: str) -> str:
    """Return the content type for the suffix of `download_as`, or for that of `key` if the former is unknown."""
    return CONTENT_TYPES.get(Path(download_as).suffix) or get_content_type(key)


def get_suffix(content_type: str) -> str:
    """Return the file suffix of a content type."""
    return next(suffix for suffix, known_type in CONTENT_TYPES.items() if known_type == content_type)


def store_file(path: Path, key: str) -> StoredFile:
    """Store a file under ``key``, replacing a file from an earlier attempt. Raises OSError or botocore errors."""
    stored = describe_file(path, key)
    with path.open("rb") as file:
        storages["clips"].save(key, File(file, name=Path(key).name))
    _sync(key)
    return stored


def _sync(key: str) -> None:
    """Sync a stored file to disk before a row refers to it. Object stores do so before they respond."""
    if not isinstance(storages["clips"], FileSystemStorage):
        return
    path = Path(storages["clips"].path(key))
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def find_transient_reason(error: Exception) -> str:
    """Return why the object store failed if a later attempt may succeed: NO_RESPONSE (also for a busy store or a
    server error), WRONG_CLOCK or REFUSED. Returns an empty string for other errors.

    Errors of the client (botocore) are recognised by their module's name: local storage does not import the module.
    """
    if type(error).__module__.partition(".")[0] != "botocore":
        return ""
    response = getattr(error, "response", None)
    if response is None:
        return NO_RESPONSE
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == HTTPStatus.FORBIDDEN:
        is_clock = response.get("Error", {}).get("Code") == "RequestTimeTooSkewed"
        return WRONG_CLOCK if is_clock else REFUSED
    return NO_RESPONSE if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500 else ""


def describe_file(path: Path, key: str) -> StoredFile:
    """Return the facts of the object under ``key``; ``path`` is a copy of it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return StoredFile(key, digest, path.stat().st_size, get_content_type(key))


@contextmanager
def delete_on_error(key: str) -> Iterator[None]:
    """Delete the object under ``key`` if the block fails, because no row would refer to it."""
    try:
        yield
    except Exception:
        delete(key)
        raise


def read_chunks(key: str) -> Iterator[bytes]:
    """Yield the bytes of the object under ``key`` in chunks of one megabyte. Raises FileNotFoundError."""
    with storages["clips"].open(key, "rb") as source:
        yield from source.chunks(1 << 20)


def compute_sha256(key: str) -> str:
    """Return the digest of the object under ``key``. Raises FileNotFoundError."""
    digest = hashlib.sha256()
    for chunk in read_chunks(key):
        digest.update(chunk)
    return digest.hexdigest()


def download(key: str, path: Path) -> Path:
    """Copy the object under ``key`` to a local path and return the path."""
    with path.open("wb") as target:
        for chunk in read_chunks(key):
            target.write(chunk)
    return path


def get_size(key: str) -> int | None:
    """Return the size of the object under ``key`` in bytes; None if it does not exist."""
    try:
        return storages["clips"].size(key) if storages["clips"].exists(key) else None
    except FileNotFoundError:
        return None


def list_objects(folder: str) -> Iterator[StoredObject]:
    """Yield every object below ``folder``."""
    store: Any = storages["clips"]
    if hasattr(store, "bucket_name"):
        for row in store.bucket.objects.filter(Prefix=f"{folder}/"):
            yield StoredObject(row.key, row.last_modified, row.size)
        return
    root = Path(store.location)
    for path in (root / folder).rglob("*"):
        if path.is_file():
            facts = path.stat()
            yield StoredObject(str(path.relative_to(root)), datetime.fromtimestamp(facts.st_mtime, UTC), facts.st_size)


def delete(key: str) -> None:
    storages["clips"].delete(key)


def delete_after_commit(keys: Iterable[str]) -> None:
    """Delete objects once the open transaction has committed, so that no lock waits for the storage.

    An error of the storage is then logged: what remains belongs to no row, and the daily check names it. Outside a
    transaction the objects are deleted at once, and errors are raised.
    """

    def delete_all() -> None:
        for key in keys:
            delete(key)

    transaction.on_commit(delete_all, robust=transaction.get_connection().in_atomic_block)


def create_link(key: str, *, seconds: int = 300, download_as: str = "") -> str:
    """Create a signed link that works for at least ``seconds`` and at most twice as long.

    With ``download_as`` the browser saves the file under that name and with the type of its suffix. Pages rendered
    within a period of ``seconds`` have the same URL, so that browsers can cache the file.
    """
    download_as = clean_file_name(download_as) if download_as else ""
    store, period = storages["clips"], int(time.time()) // seconds
    if hasattr(store, "bucket_name"):
        return _s3_link(store, key, seconds, download_as, period)
    return f"{settings.MEDIA_URL}{_sign(settings.SECRET_KEY, key, (period + 2) * seconds, download_as)}/"


@lru_cache(maxsize=MAX_LINKS)
def _sign(secret: str, key: str, ends: int, download_as: str) -> str:
    """Return the token of a link. Signer adds no timestamp, which would change the URL with every rendering."""
    return signing.Signer(key=secret, salt=LINK_SALT).sign_object([key, ends, download_as], compress=True)


@lru_cache(maxsize=MAX_LINKS)
def _s3_link(store, key: str, seconds: int, download_as: str, period: int) -> str:
    """Return a link of the store, the same for a ``period``: signing one takes half a millisecond."""
    params = {"Bucket": store.bucket_name, "Key": key, "ResponseContentType": get_download_type(key, download_as)}
    if download_as:
        params["ResponseContentDisposition"] = content_disposition_header(True, download_as)
    return _public_client().generate_presigned_url("get_object", Params=params, ExpiresIn=seconds * 2)


def _public_client():
    """Return an S3 client for the host that browsers reach, which may differ from the host that workers use."""
    store: Any = storages["clips"]
    if settings.S3_PUBLIC_ENDPOINT in ("", store.endpoint_url):
        return store.connection.meta.client
    if not hasattr(store, "_public_client"):
        store._public_client = store._create_session().client(
            "s3",
            region_name=store.region_name,
            endpoint_url=settings.S3_PUBLIC_ENDPOINT,
            config=store.client_config,
        )
    return store._public_client


def verify_link(token: str) -> tuple[str, str] | None:
    """Return key and download name of a valid signed link; None for an expired or invalid token."""
    try:
        key, ends, download_as = signing.Signer(salt=LINK_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return (key, download_as) if time.time() < ends else None
