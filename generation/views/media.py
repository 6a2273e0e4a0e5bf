"""Serve signed files on the media origin, with byte ranges and without cookies. Not used with S3."""

import re
from pathlib import Path

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import storages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from generation.media import storage

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
CHUNK = 256 * 1024


@require_safe
@login_not_required
def signed_file(request, signed):
    """Return 200 with the file, 206 with the requested range, 416 for an impossible range, 404 for an invalid link."""
    link = storage.verify_link(signed)
    if link is None:
        raise Http404
    return send_file(request, *link)


def send_file(request, key: str, download_as: str = "") -> HttpResponseBase:
    """Return a file of the local store, or the part of it that the request asks for. Raises Http404."""
    path = Path(storages["clips"].path(key))
    if not path.is_file():
        raise Http404
    size = path.stat().st_size
    part = _parse_range(request.headers.get("Range", ""), size)
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = _build_stream(request, path, part)
    for name, value in _build_headers(key, part, size, download_as).items():
        response.headers[name] = value
    response.status_code = 206 if len(part) < size else 200
    return response


def _build_headers(key: str, part: range, size: int, download_as: str) -> dict[str, str]:
    headers = {
        "Content-Type": storage.get_download_type(key, download_as),
        "Content-Length": str(len(part)),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex",
    }
    if len(part) < size:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    if download_as:
        headers["Content-Disposition"] = content_disposition_header(True, download_as)
    return headers


def _parse_range(header: str, size: int) -> range | None:
    """Return the bytes to send: all of them for a missing or malformed header; None for an impossible range."""
    match = RANGE.match(header)
    if not match or match.group() == "bytes=-":
        return range(size)
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size) if int(last) else None
    start, stop = int(first), min(int(last) + 1 if last else size, size)
    return range(start, stop) if start < stop else None


def _build_stream(request, path: Path, part: range):
    if request.method == "HEAD":
        return HttpResponse()
    if len(part) <= CHUNK:
        return HttpResponse(_read(path, part.start, len(part)))
    return StreamingHttpResponse(_read_chunks(path, part))


async def _read_chunks(path: Path, part: range):
    for start in range(part.start, part.stop, CHUNK):
        yield await sync_to_async(_read, thread_sensitive=False)(path, start, min(CHUNK, part.stop - start))


def _read(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)
