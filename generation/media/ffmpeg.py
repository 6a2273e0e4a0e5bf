"""The one safe way to call ffmpeg.

Files from outside are decoded only here: in a child with hard limits, in a directory that holds nothing but the job's
own files, with the container forced, and with white lists for protocols, containers and decoders. Names given to
ffmpeg are ours and relative to that directory; nothing a person typed ever reaches an argument.
"""

import errno
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from generation.media.child_process import ChildLimits, run_child
from generation.media.errors import FfmpegFailed, FfmpegUnavailable, MediaRefused

MAX_PIXELS = 33_177_600  # 7680 × 4320
MAX_STREAMS = 8
FORMATS = "mov,mp4,matroska,webm"
DECODERS = "h264,hevc,vp8,vp9,av1,libdav1d,aac,opus,libopus,vorbis,mp3,mp3float,ac3,flac,pcm_s16le,pcm_s24le,pcm_f32le"
SNIFFED_BYTES = 12
PROGRESS_SECONDS = 0.25  # between two words of ffmpeg about how far it is
# At the end of a line of ffmpeg's own: what a file says of itself is printed indented, and is not believed.
_NO_SPACE = re.compile(r"^\S.*[:(] ?No space left on device\)?\s*$", re.MULTILINE)
# The last is x264 that did not start, with parameters that are ours and start everywhere else.
_NO_MEMORY = re.compile(
    r"Cannot allocate memory|malloc of size \d+ failed|Resource temporarily unavailable"
    r"|Error sending frames to consumers: Generic error in an external library"
)


@dataclass(frozen=True)
class Progress:
    """How far ffmpeg has come in what it writes."""

    seconds: float
    frames: int


@functools.cache
def find_binary() -> str:
    """Absolute path of ffmpeg: the one that the lock pins, or the one that IMAGEIO_FFMPEG_EXE names (docs/adr/0015).

    Raises NoTool where that cannot write H.264, as some systems' cannot: no other takes its place in silence.
    """
    named = imageio_ffmpeg.get_ffmpeg_exe()  # a RuntimeError of its own where the wheel holds none
    path = os.path.realpath(shutil.which(named) or named)
    try:
        listing = subprocess.run(
            [path, "-hide_banner", "-encoders"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise FfmpegUnavailable(f"{path} cannot be run.") from trouble
    if " libx264 " not in listing.stdout:
        raise FfmpegUnavailable(f"{path} cannot write H.264.")
    return path


def detect_container(path: Path) -> str:
    """The demuxer for a file, decided by its first bytes and by nothing else: "mov" or "matroska"."""
    with path.open("rb") as handle:
        head = handle.read(SNIFFED_BYTES)
    if not head:
        raise MediaRefused("empty", "The file is empty.")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    raise MediaRefused("not_a_video", "This is not an MP4 or WebM video.")


def build_untrusted_input(name: str, container: str, *, threads: int = 2, seconds: float | None = None) -> list[str]:
    """The arguments that open `name` (in the job's directory) as an input nobody vouches for."""
    cap = [] if seconds is None else ["-t", f"{seconds:.3f}"]
    return [
        *("-max_pixels", str(MAX_PIXELS), "-max_streams", str(MAX_STREAMS), "-threads", str(threads)),
        *("-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-codec_whitelist", DECODERS),
        *(*cap, "-f", container, "-i", f"file:{name}"),
    ]


def build_output_name(name: str) -> str:
    """How a file to be written is named to ffmpeg: as a file, whatever characters are in it."""
    return f"file:{name}"


def run(
    arguments: Sequence[str],
    *,
    directory: Path,
    limits: ChildLimits,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    on_line: Callable[[str], bool] | None = None,
    loglevel: str = "error",
) -> str:
    """Run ffmpeg in `directory` and return what it wrote to standard error.

    `on_line` takes the place of `on_progress` where the output itself goes to standard output (see `run_child`).
    Raises Cancelled, OSError (ENOSPC) when the disk is full, as Python's own writing does, MediaRefused when a limit
    was hit (the file asks for too much), NoTool where there is no ffmpeg to run (any more), FfmpegFailed otherwise.
    The written files are the caller's to check and to rename.
    """
    command = [find_binary(), "-nostdin", "-hide_banner", "-y", "-v", loglevel, "-nostats"]
    if on_line is None:
        on_line = _ProgressReader(on_progress)
        command += ["-progress", "pipe:1", "-stats_period", str(PROGRESS_SECONDS)]
    command += arguments
    outcome = run_child(command, directory=directory, limits=limits, on_line=on_line, is_cancelled=is_cancelled)
    if outcome.ended == "done":
        return outcome.errors
    if outcome.ended in ("slow", "stalled", "killed") or _NO_MEMORY.search(outcome.errors):
        raise MediaRefused("too_costly", "The video asks for more time, memory or space than one video may use.")
    if _NO_SPACE.search(outcome.errors):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if not os.access(command[0], os.X_OK):  # it was there when this worker began
        raise FfmpegUnavailable(f"{command[0]} cannot be run.")
    raise FfmpegFailed(f"ffmpeg ended with code {outcome.code}.", outcome.errors[-4000:])


class _ProgressReader:
    """Understands `-progress`. A line counts as a sign of life only if time or frames went up."""

    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self.on_progress = on_progress
        self.now = self.reported = Progress(0.0, 0)

    def __call__(self, line: str) -> bool:
        key, _, value = line.partition("=")
        number = int(value) if value.strip().lstrip("-").isdigit() else None
        if key == "frame" and number is not None:
            self.now = Progress(self.now.seconds, number)
        elif key == "out_time_us" and number is not None:
            self.now = Progress(max(self.now.seconds, number / 1_000_000), self.now.frames)
        if key != "progress" or self.now == self.reported:
            return False
        self.reported = self.now
        self.on_progress(self.now)
        return True
