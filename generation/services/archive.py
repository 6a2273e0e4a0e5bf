"""Download many clips and films as one ZIP file, written while it is sent."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import PurePath

from asgiref.sync import sync_to_async
from zipstream import ZIP_STORED, ZipStream

from generation.media import storage
from generation.models import Clip
from generation.services import missing_files


@dataclass(frozen=True)
class ArchiveFile:
    """A file to download. ``title``: its name in the archive, without the suffix. ``is_stored``: storage has it."""

    title: str
    key: str
    suffix: str
    is_stored: bool


class FilesMissing(Exception):
    """Storage does not have the files with these titles, so that the archive would be incomplete."""

    def __init__(self, titles: list[str]):
        super().__init__(len(titles))
        self.titles = titles


def list_clip_files(clips: Iterable[Clip]) -> list[ArchiveFile]:
    """Return the videos of the clips that have one."""
    return [
        ArchiveFile(
            clip.title, file.key, storage.get_suffix(file.content_type), missing_files.is_in_storage(clip, file)
        )
        for clip in clips
        if (file := clip.download_file)
    ]


def build_archive(files: Iterable[ArchiveFile]) -> ZipStream:
    """Return the ZIP file of the files, named by their titles.

    Videos do not shrink, so they are stored uncompressed. Reading happens when the archive is sent. Raises FilesMissing
    if storage lost one of the files.
    """
    files = list(files)
    if missing := [file.title for file in files if not file.is_stored]:
        raise FilesMissing(missing)
    archive = ZipStream(compress_type=ZIP_STORED)
    used: set[str] = set()
    for file in files:
        archive.add(storage.read_chunks(file.key), _choose_name(file, used))
    return archive


def _choose_name(file: ArchiveFile, used: set[str]) -> str:
    """Return a file name that no other file of the archive has, also where upper and lower case are the same."""
    stem = storage.clean_file_name(file.title[:80]).strip(". ") or PurePath(file.key).stem[:8]
    name, n = f"{stem}{file.suffix}", 1
    while name.casefold() in used:
        n += 1
        name = f"{stem} {n}{file.suffix}"
    used.add(name.casefold())
    return name


async def send(archive: ZipStream) -> AsyncIterator[bytes]:
    """Yield the bytes of the archive; files are read in a thread, so that other requests go on."""
    chunks = iter(archive)
    read_chunk = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
    while chunk := await read_chunk():
        yield chunk
