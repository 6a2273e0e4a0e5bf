"""The only safe way to call ffmpeg.

Untrusted files are decoded only here: in a child with hard limits, in a directory that holds only the job's files, with
the container forced, and with allow lists for protocols, containers and decoders. File names are chosen by this code
and relative to that directory; no user input reaches an argument.
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
PROGRESS_SECONDS = 0.25  # between two progress reports of ffmpeg
# Matches only ffmpeg's own lines: metadata of a file is printed indented and not trusted.
_NO_SPACE = re.compile(r"^\S.*[:(] ?No space left on device\)?\s*$", re.MULTILINE)
# The last pattern is x264 failing to start for lack of memory; its parameters are valid.
_NO_MEMORY = re.compile(
    r"Cannot allocate memory|malloc of size \d+ failed|Resource temporarily unavailable"
    r"|Error sending frames to consumers: Generic error in an external library"
)


@dataclass(frozen=True)
class Progress:
    """How many seconds and frames ffmpeg has written."""

    seconds: float
    frames: int


@functools.cache
def find_binary() -> str:
    """Return the absolute path of ffmpeg: that of IMAGEIO_FFMPEG_EXE, else of the locked wheel (docs/adr/0015).

    Raises FfmpegUnavailable if this binary cannot encode H.264; no other binary is tried.
    """
    named = imageio_ffmpeg.get_ffmpeg_exe()  # raises RuntimeError if the wheel has no binary
    path = os.path.realpath(shutil.which(named) or named)
    try:
        listing = subprocess.run(
            [path, "-hide_banner", "-encoders"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FfmpegUnavailable(f"{path} cannot be run.") from error
    if " libx264 " not in listing.stdout:
        raise FfmpegUnavailable(f"{path} cannot write H.264.")
    return path


def detect_container(path: Path) -> str:
    """Return the demuxer for a file by its first bytes: "mov" or "matroska". Raises MediaRefused for all others."""
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
    """Return the arguments that open `name` (in the job's directory) as an untrusted input of at most `seconds`."""
    cap = [] if seconds is None else ["-t", f"{seconds:.3f}"]
    return [
        *("-max_pixels", str(MAX_PIXELS), "-max_streams", str(MAX_STREAMS), "-threads", str(threads)),
        *("-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-codec_whitelist", DECODERS),
        *(*cap, "-f", container, "-i", f"file:{name}"),
    ]


def build_output_name(name: str) -> str:
    """Return an output argument that ffmpeg reads as a file name, whatever characters `name` contains."""
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
    """Run ffmpeg in `directory` and return its standard error.

    Pass `on_line` (see `run_child`) instead of `on_progress` if ffmpeg writes its result to standard output. The caller
    checks and renames the written files. Raises Cancelled, OSError (ENOSPC) if the disk is full, MediaRefused if a
    limit was hit, FfmpegUnavailable if the binary is missing, else FfmpegFailed.
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
    if not os.access(command[0], os.X_OK):  # the binary existed when this worker started
        raise FfmpegUnavailable(f"{command[0]} cannot be run.")
    raise FfmpegFailed(f"ffmpeg ended with code {outcome.code}.", outcome.errors[-4000:])


class _ProgressReader:
    """Parses the output of `-progress`. A line counts as progress only if seconds or frames increased."""

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
