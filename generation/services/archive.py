"""Download many clips as one ZIP file, written while it is sent."""

from collections.abc import AsyncIterator, Iterable

from asgiref.sync import sync_to_async
from zipstream import ZIP_STORED, ZipStream

from generation.media import storage
from generation.models import Clip, ClipFile
from generation.services import missing_files


class FilesMissing(Exception):
    """Storage has no file of these clips, so that the archive would be incomplete."""

    def __init__(self, clips: list[Clip]):
        super().__init__(len(clips))
        self.clips = clips


def find_video(clip: Clip) -> ClipFile | None:
    """Return the file that a download of the clip contains: as converted, or as delivered."""
    return clip.file(ClipFile.Kind.ORIGINAL if clip.is_degraded else ClipFile.Kind.MEZZANINE)


def build_archive(clips: Iterable[Clip]) -> ZipStream:
    """Return the ZIP file of the clips that have a video, newest first, with their titles as names.

    Videos do not shrink, so they are stored uncompressed. Reading happens when the archive is sent. Raises FilesMissing
    if storage lost one of the files.
    """
    videos = [(clip, file) for clip in clips if (file := find_video(clip))]
    if missing := [clip for clip, file in videos if not missing_files.is_in_storage(clip, file)]:
        raise FilesMissing(missing)
    archive = ZipStream(compress_type=ZIP_STORED)
    used: set[str] = set()
    for clip, file in videos:
        name = _choose_name(clip, storage.get_suffix(file.content_type), used)
        archive.add(storage.read_chunks(file.key), name)
    return archive


def _choose_name(clip: Clip, suffix: str, used: set[str]) -> str:
    """Return a file name that no other clip of the archive has, also where upper and lower case are the same."""
    stem = storage.clean_file_name(clip.title[:80]).strip(". ") or clip.pk.hex[:8]
    name, n = f"{stem}{suffix}", 1
    while name.casefold() in used:
        n += 1
        name = f"{stem} {n}{suffix}"
    used.add(name.casefold())
    return name


async def send(archive: ZipStream) -> AsyncIterator[bytes]:
    """Yield the bytes of the archive; files are read in a thread, so that other requests go on."""
    chunks = iter(archive)
    read_chunk = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
    while chunk := await read_chunk():
        yield chunk
