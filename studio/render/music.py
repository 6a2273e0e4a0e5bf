"""Import uploaded music: decode it in a restricted child process into a music bed of raw samples."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generation.media import ffmpeg
from generation.media.child_process import GIB, ChildLimits, add_input_file, private_directory
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.media.mezzanine import SOUND_RATE
from studio.render.music_loop import SAMPLE_BYTES

SUFFIX = ".s16"  # raw samples: 16 bit, little endian, stereo, 48 kHz
MAX_SECONDS = 900  # of a music track; the rest is dropped
_DECODERS = "aac,mp3,mp3float,opus,libopus,vorbis,flac,alac,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_s16be,pcm_u8"
_LIMITS = ChildLimits(
    memory=GIB, cpu_seconds=120, wall_seconds=300, file_bytes=SOUND_RATE * SAMPLE_BYTES * (MAX_SECONDS + 1)
)
_HEADS = {b"RIFF": "wav", b"fLaC": "flac", b"OggS": "ogg", b"\x1a\x45\xdf\xa3": "matroska", b"ID3": "mp3"}


@dataclass(frozen=True)
class MusicBed:
    """A file of raw samples that `plan.Music` refers to."""

    path: Path
    sha256: str
    seconds: float


def import_music(
    source: Path, out: Path, *, workdir: Path, is_cancelled: Callable[[], bool] = lambda: False
) -> MusicBed:
    """Decode the sound of an uploaded file (MP3, AAC, Ogg, FLAC, WAV or a video) into `out`.

    Only the first 15 minutes are kept. `out` is created only when it is complete. Raises MediaRefused, Cancelled, or
    OSError if the disk is full.
    """
    kind = _detect_container(source)
    lists = ["-protocol_whitelist", "file", "-format_whitelist", f"{kind},mov,mp4", "-codec_whitelist", _DECODERS]
    with private_directory(workdir) as directory:
        add_input_file(source, directory, "in")
        arguments = ["-max_streams", "8", *lists, "-t", str(MAX_SECONDS), "-f", kind, "-i", "file:in", "-map", "0:a:0"]
        arguments += ["-vn", "-sn", "-dn", "-map_metadata", "-1", "-ac", "2", "-ar", str(SOUND_RATE)]
        arguments += ["-f", "s16le", "-c:a", "pcm_s16le", ffmpeg.build_output_name("out")]
        try:
            ffmpeg.run(arguments, directory=directory, limits=_LIMITS, is_cancelled=is_cancelled)
        except FfmpegFailed as failure:
            raise MediaRefused("music", "This file holds no sound that can be read.") from failure
        written = directory / "out"
        seconds = written.stat().st_size / (SOUND_RATE * SAMPLE_BYTES)
        if seconds < 1:
            raise MediaRefused("music", "This piece of music is shorter than a second.")
        with written.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        written.replace(out)
    return MusicBed(out, digest, seconds)


def _detect_container(source: Path) -> str:
    """Return ffmpeg's name of the file's container, judged by its first bytes. Raises MediaRefused if unknown."""
    with source.open("rb") as file:
        head = file.read(12)
    for mark, kind in _HEADS.items():
        if head.startswith(mark):
            return kind
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    raise MediaRefused("music", "This is not a sound file that can be read: use MP3, M4A, Ogg, FLAC or WAV.")
