"""Resize the picture of clips of another size to the film's, and cache the result. Sound is read from the clip."""

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from generation.media import ffmpeg, mezzanine
from generation.media.child_process import ChildLimits, private_directory
from generation.media.errors import FfmpegFailed, MediaRefused
from studio.render.cache import Cache, make_key
from studio.render.clip import Clip
from studio.render.decode_check import verify_decode
from studio.render.errors import FilmRefused
from studio.render.plan import Format

KIND, SUFFIX = "clips", ".mp4"  # of cache entries
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def resize_clip(
    clip: Clip,
    format: Format,
    fit: Literal["pad", "crop"],
    cache: Cache,
    *,
    tick: Callable[[float], None] = lambda share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Path, str]:
    """Render a clip, frame for frame, as a mezzanine in the film's format. Returns the file's path and digest.

    `tick` is called with the finished share, 0 to 1. Raises FilmRefused "undecodable" or "tool", or Cancelled.
    """

    def make(out: Path) -> None:
        try:
            _convert(clip, format, fit, out, tick, is_cancelled)
        except FilmRefused:  # the clip's file has changed
            raise
        except MediaRefused as killed:  # ffmpeg was killed for a limit, which does not mean that the clip is damaged
            raise FilmRefused("tool", "The tool that brings clips to a film's size was stopped.") from killed
        except FfmpegFailed as failure:
            verify_decode(clip, cache, is_cancelled=is_cancelled)  # raises if the clip itself is damaged
            raise FilmRefused("tool", "The tool that brings clips to a film's size broke.") from failure

    return make_once(_make_key(clip.sha256, format, fit), cache, make)


def find_resized(sha256: str, format: Format, fit: str, cache: Cache) -> str | None:
    """Return the digest of a clip's resized version if it is cached, otherwise None."""
    key = _make_key(sha256, format, fit)
    digest = cache.load(KIND, key)
    return digest.decode() if digest and cache.has(KIND, key, SUFFIX) else None


def _make_key(sha256: str, format: Format, fit: str) -> str:
    return make_key("conform", sha256, format.key, str(fit))


def make_once(key: str, cache: Cache, make: Callable[[Path], None], suffix: str = SUFFIX) -> tuple[Path, str]:
    """Return a cached file and its digest. `make(path)` writes the file if it is missing or damaged."""
    path, known = cache.get_path(KIND, key, suffix), cache.load(KIND, key)
    with contextlib.suppress(FileNotFoundError):
        if known and _compute_digest(path) == known.decode() and cache.has(KIND, key, suffix):
            return path, known.decode()
    with cache.create_file(suffix) as written:
        make(written)
        digest = _compute_digest(written)
        cache.move_in(written, path)
    cache.store(KIND, key, digest.encode())
    return path, digest


def _convert(
    clip: Clip, format: Format, fit: str, out: Path, tick: Callable[[float], None], is_cancelled: Callable[[], bool]
) -> None:
    with private_directory(out.parent) as directory:
        with (directory / "in").open("wb") as copy:  # from the open handle, since the path may have been replaced
            shutil.copyfileobj(clip.open_file(), copy, 1 << 20)
        ffmpeg.run(
            _build_arguments(clip, format, fit),
            directory=directory,
            limits=ChildLimits(),
            on_progress=lambda now: tick(min(1.0, now.frames / clip.frames)),
            is_cancelled=is_cancelled,
        )
        (directory / "out.mp4").replace(out)


def _build_arguments(clip: Clip, format: Format, fit: str) -> list[str]:
    matrices = "flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv"
    size = f"{format.width}:{format.height}"
    if fit == "crop":
        shape = f"scale={size}:force_original_aspect_ratio=increase:force_divisible_by=2:{matrices},crop={size}"
    else:
        shape = f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2:{matrices}"
        shape += f",pad={size}:(ow-iw)/2:(oh-ih)/2"
    arguments = ffmpeg.build_untrusted_input("in", "mov")
    arguments += ["-map", "0:v:0", "-an", "-map_metadata", "-1", "-vf", f"{shape},setsar=1,format=yuv420p,{_TAGS}"]
    arguments += ["-fps_mode", "passthrough", "-frames:v", str(clip.frames), "-fflags", "+bitexact"]
    arguments += ["-c:v", "libx264", "-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    arguments += ["-profile:v", mezzanine.MEZZANINE_PROFILE, "-level:v", mezzanine.MEZZANINE_LEVEL]
    arguments += ["-x264-params", mezzanine.x264_params()]
    arguments += ["-force_key_frames", mezzanine.forced_key_frame_times(clip.frames, format.fps)]
    arguments += ["-video_track_timescale", str(format.fps * 1000), "-movflags", "+faststart", "-f", "mp4"]
    return [*arguments, ffmpeg.build_output_name("out.mp4")]


def _compute_digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
