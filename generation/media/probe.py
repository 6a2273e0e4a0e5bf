"""Probe an untrusted video without decoding it in this process.

A pip-only installation has no ffprobe, so one ffmpeg child lists the streams (standard error) and copies the video
packets into a list of time stamps (standard output). Length and frame count come from this list; the length in the
header only serves as a check.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from generation.media import ffmpeg
from generation.media.child_process import ChildLimits, add_input_file, private_directory
from generation.media.errors import FfmpegFailed, MediaRefused

VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1"})
SOUND_CODECS = frozenset({"aac", "opus", "vorbis", "mp3", "ac3", "flac", "pcm_s16le", "pcm_s24le", "pcm_f32le"})
MAX_FPS = 240
MIN_COMPLETE_SHARE = 0.9  # files with a smaller share of their declared length were truncated
PROBE_LIMITS = ChildLimits(cpu_seconds=30, wall_seconds=60, silent_seconds=30, file_bytes=0)

_VIDEO = re.compile(r"^ +Stream #0:\d+.*?: Video: (\w+)(.*)$", re.M)
_SOUND = re.compile(r"^ +Stream #0:\d+.*?: Audio: (\w+)(.*)$", re.M)
_SIZE = re.compile(r", (\d+)x(\d+)(?: \[| ?,|$)")
_PIXEL_SHAPE = re.compile(r"SAR (\d+):(\d+)")
_ROTATION = re.compile(r"(?:displaymatrix|Display Matrix): rotation of (-?[\d.]+) degrees")  # before and since ffmpeg 8
_PIXELS = re.compile(r", (\w+)\(([^)]*)\), \d+x\d+")
_DURATION = re.compile(r"^ +Duration: (\d+):(\d+):([\d.]+)", re.M)
_FACTS_END = re.compile(r"^Stream mapping:", re.M)
_CUT_OFF = re.compile(r"partial file|File ended prematurely|moov atom not found")
_MATRICES = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "fcc": "fcc",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}


_last_probe: dict = {}  # (SHA-256, Limits) -> Probe of the last file


@dataclass(frozen=True)
class Limits:
    """Limits of an accepted video."""

    file_bytes: int = 500 * 1024 * 1024
    seconds: float = 120.0
    longest_side: int = 8192
    shortest_side: int = 16
    pixels: int = ffmpeg.MAX_PIXELS


@dataclass(frozen=True)
class Probe:
    """Facts about a video. Width and height are as displayed, with rotation and pixel aspect applied."""

    seconds: float
    width: int
    height: int
    fps: float
    frames: int
    has_sound: bool
    codec: str
    container: str
    matrix: str  # colour matrix of the pixels, named as in ffmpeg's scale filter


def probe(
    source: Path, *, workdir: Path, limits: Limits | None = None, is_cancelled: Callable[[], bool] = lambda: False
) -> Probe:
    """Probe an untrusted video file. Raises MediaRefused, FfmpegFailed or Cancelled.

    The last result is cached: the same worker often validates a download and ingests it right afterwards.
    """
    limits = limits or Limits()
    if source.stat().st_size > limits.file_bytes:
        raise MediaRefused("too_many_bytes", f"The video is larger than {limits.file_bytes // 1024**2} MB.")
    key = (_digest(source), limits)
    if facts := _last_probe.get(key):
        return facts
    facts = _probe_file(source, workdir, limits, is_cancelled)
    _last_probe.clear()
    _last_probe[key] = facts
    return facts


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _probe_file(source: Path, workdir: Path, limits: Limits, is_cancelled: Callable[[], bool]) -> Probe:
    container = ffmpeg.detect_container(source)
    packets = _PacketTimes()
    with private_directory(workdir) as directory:
        name = add_input_file(source, directory, "in").name
        # One frame more than allowed proves that there are too many.
        max_frames = int(limits.seconds * MAX_FPS) + 1
        arguments = [*ffmpeg.build_untrusted_input(name, container), "-map", "0:v:0", "-c", "copy"]
        arguments += ["-frames:v", str(max_frames), "-f", "framecrc", "pipe:1"]
        try:
            listing = ffmpeg.run(
                arguments,
                directory=directory,
                limits=PROBE_LIMITS,
                on_line=packets,
                is_cancelled=is_cancelled,
                loglevel="info",
            )
        except FfmpegFailed as failure:
            raise _create_refusal(failure.detail) from failure
    return _build_probe(listing, packets, container, limits)


def _create_refusal(detail: str) -> MediaRefused:
    if "not on whitelist" in detail:
        return MediaRefused("codec", "The video is in a format this studio does not read.")
    if _CUT_OFF.search(detail):
        return MediaRefused("cut_off", "The video is not complete: its end is missing.")
    if "matches no streams" in detail:
        return MediaRefused("no_picture", "There is no picture in this file.")
    return MediaRefused("damaged", "The video cannot be read: it is damaged, or it is not a video.")


def _build_probe(listing: str, packets: "_PacketTimes", container: str, limits: Limits) -> Probe:
    facts = _FACTS_END.split(listing)[0]
    video, sound = _VIDEO.search(facts), _SOUND.search(facts)
    if not video:
        raise MediaRefused("no_picture", "There is no picture in this file.")
    codec, rest = video[1], video[2]
    if codec not in VIDEO_CODECS or (sound and sound[1] not in SOUND_CODECS):
        raise MediaRefused("codec", "The video is in a format this studio does not read.")
    coded = _SIZE.search(rest)
    if not coded or not packets.count:
        raise MediaRefused("damaged", "The video cannot be read: it holds no frame.")
    size = int(coded[1]), int(coded[2])
    _check_size(*size, limits)
    seconds = packets.seconds
    _check_length(seconds, packets.count, listing, has_sound=bool(sound), limits=limits)
    width, height = _get_display_size(*size, facts)
    _check_size(width, height, limits)
    fps = packets.count / seconds
    return Probe(
        seconds, width, height, fps, packets.count, bool(sound), codec, container, _get_colour_matrix(rest, *size)
    )


def _check_size(width: int, height: int, limits: Limits) -> None:
    if max(width, height) > limits.longest_side or width * height > limits.pixels:
        raise MediaRefused("too_large", f"The picture of the video is too large: {width} × {height} pixels.")
    if min(width, height) < limits.shortest_side:
        raise MediaRefused("too_small", f"The picture of the video is too small: {width} × {height} pixels.")


def _check_length(seconds: float, frames: int, listing: str, *, has_sound: bool, limits: Limits) -> None:
    if seconds <= 0:
        raise MediaRefused("damaged", "The video cannot be read: its time does not advance.")
    if seconds > limits.seconds:
        raise MediaRefused("too_long", f"The video is longer than {limits.seconds:.0f} seconds.")
    if frames > limits.seconds * MAX_FPS or frames > seconds * MAX_FPS + 1:
        raise MediaRefused("too_many_frames", "The video has more frames than its length allows.")
    declared = _read_declared_seconds(listing)
    # With sound the declared length may be the sound's, so only ffmpeg's messages reveal a truncated file.
    if _CUT_OFF.search(listing) or (declared and not has_sound and seconds < MIN_COMPLETE_SHARE * declared):
        raise MediaRefused("cut_off", "The video is not complete: its end is missing.")


def _read_declared_seconds(listing: str) -> float | None:
    found = _DURATION.search(listing)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else None


def _get_display_size(width: int, height: int, facts: str) -> tuple[int, int]:
    """Return the displayed size: pixel aspect and rotation applied."""
    shape = _PIXEL_SHAPE.search(facts)
    if shape and int(shape[1]) and int(shape[2]):
        width = max(1, round(width * int(shape[1]) / int(shape[2])))
    rotation = _ROTATION.search(facts)
    turned = rotation and round(float(rotation[1]) / 90) % 2
    return (height, width) if turned else (width, height)


def _get_colour_matrix(rest: str, width: int, height: int) -> str:
    """Return the tagged colour matrix; without a tag, BT.709 for HD and BT.601 below (ffmpeg always assumes BT.601)."""
    pixels = _PIXELS.search(rest)
    tags = re.split(r"[,/ ]+", pixels[2]) if pixels else []
    tagged = next((_MATRICES[tag] for tag in tags if tag in _MATRICES), None)
    return tagged or ("bt709" if max(width, height) >= 700 else "bt601")


class _PacketTimes:
    """Parses ffmpeg's framecrc list: `stream, dts, pts, duration, size, checksum` after a header with the time base."""

    def __init__(self) -> None:
        self.time_base = Fraction(0)
        self.count = 0
        self.last = self.end = 0

    def __call__(self, line: str) -> bool:
        if line.startswith("#tb 0:"):
            self.time_base = Fraction(line.split(":")[1].strip())
        fields = line.split(",")
        if line.startswith("#") or len(fields) < 6:
            return False
        pts, duration = int(fields[2]), int(fields[3])
        self.count += 1
        self.last, self.end = max(self.last, pts), max(self.end, pts + duration)
        return True

    @property
    def seconds(self) -> float:
        """Return the seconds from the start of the file to the end of the last frame.

        A last frame without a duration counts as long as the mean of all frames.
        """
        end = self.end
        if end == self.last and self.count > 1:
            end += round(self.last / (self.count - 1))
        return float(end * self.time_base)
