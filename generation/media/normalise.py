"""Convert any uploaded or downloaded video to a mezzanine in one pass of ffmpeg."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from generation.media import ffmpeg, mezzanine
from generation.media.child_process import ChildLimits, add_input_file, private_directory
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.media.probe import Probe
from generation.media.review import Proxy

ENCODE_LIMITS = ChildLimits()
MAX_DAMAGED_SHARE = 0.05  # files with a larger share of undecodable frames are refused
_DAMAGE = re.compile(r"error while decoding|concealing|corrupt|Invalid NAL|Error submitting|Invalid data found")
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def encode_mezzanine(
    source: Path,
    out: Path,
    *,
    proxy_out: Path,
    probe: Probe,
    workdir: Path,
    fps: int = mezzanine.MEZZANINE_FPS,
    on_progress: Callable[[float], None] = lambda share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Write the mezzanine of an untrusted `source` to `out`, which appears only when complete.

    `proxy_out` receives the proxy as raw yuv420p (see `review`). `on_progress` receives the finished share, 0 to 1.
    Returns False if damaged parts of some frames were concealed. Raises MediaRefused, Cancelled, or OSError if the disk
    is full.
    """
    frames = count_frames(probe.seconds, fps)
    with private_directory(workdir) as directory:
        add_input_file(source, directory, "in")
        written, copied = directory / "out.mp4.tmp", directory / "small.yuv"
        try:
            complaints = ffmpeg.run(
                _build_arguments(probe, frames, fps, written.name, copied.name),
                directory=directory,
                limits=ENCODE_LIMITS,
                on_progress=lambda now: on_progress(min(1.0, now.frames / frames)),
                is_cancelled=is_cancelled,
            )
        except FfmpegFailed as failure:
            raise MediaRefused("damaged", "The video cannot be read to its end: it is damaged.") from failure
        copied.replace(proxy_out)
        publish_file(written, out)
    return not _DAMAGE.search(complaints)


def count_frames(seconds: float, fps: int = mezzanine.MEZZANINE_FPS) -> int:
    """Return how many frames a mezzanine of `seconds` has, at least one."""
    return max(1, round(seconds * fps))


def publish_file(written: Path, out: Path) -> None:
    """Sync a finished file to disk and rename it atomically. Both paths must be on one file system."""
    with written.open("rb") as handle:
        os.fsync(handle.fileno())
    written.replace(out)


def _build_arguments(probe: Probe, frames: int, fps: int, name: str, small: str) -> list[str]:
    seconds = frames / fps
    # Read slightly past the end, so that the last frame has a successor if the frame rates differ.
    arguments = ffmpeg.build_untrusted_input("in", probe.container, seconds=seconds + 0.5)
    if not probe.has_sound:
        silence = f"anullsrc=r={mezzanine.SOUND_RATE}:cl=stereo"
        arguments += ["-f", "lavfi", "-t", f"{seconds:.6f}", "-i", silence]
    arguments += ["-filter_complex", f"{_build_picture_filter(probe, fps)};{_build_sound_filter(probe)}"]
    arguments += ["-max_error_rate", str(MAX_DAMAGED_SHARE)]
    arguments += ["-map", "[v]", "-map", "[a]", "-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn"]
    arguments += ["-frames:v", str(frames), "-t", f"{seconds:.6f}", "-fflags", "+bitexact"]
    arguments += ["-c:v", "libx264", "-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    arguments += ["-profile:v", mezzanine.MEZZANINE_PROFILE, "-level:v", mezzanine.MEZZANINE_LEVEL]
    arguments += ["-x264-params", mezzanine.x264_params()]
    arguments += ["-force_key_frames", mezzanine.forced_key_frame_times(frames, fps)]
    arguments += ["-c:a", "aac", "-b:a", str(mezzanine.SOUND_BITRATE), "-flags:a", "+bitexact"]
    arguments += ["-video_track_timescale", str(fps * 1000), "-movflags", "+faststart", "-f", "mp4"]
    arguments += [ffmpeg.build_output_name(name), "-map", "[small]", "-f", "rawvideo", ffmpeg.build_output_name(small)]
    return arguments


def _build_picture_filter(probe: Probe, fps: int) -> str:
    """Return the filter that scales, converts and re-times the video and splits off its proxy.

    Colour tags are set on the frames, because ffmpeg prefers the frames' own (unset) tags to -color_* options.
    """
    width, height = mezzanine.fit_mezzanine_size(probe.width, probe.height)
    scale = f"scale={width}:{height}:flags=bicubic:in_color_matrix={probe.matrix}:out_color_matrix=bt709:out_range=tv"
    whole = f"{scale},setsar=1,fps={fps}:round=near:start_time=0,format=yuv420p,{_TAGS}"
    copy = Proxy.of(width, height, fps)
    small = f"framestep={copy.step},scale={copy.width}:{copy.height}:flags=area,format=yuv420p"
    return f"[0:v:0]{whole},split[v][w];[w]{small}[small]"


def _build_sound_filter(probe: Probe) -> str:
    """Return the filter for stereo sound that starts and ends with the video: silence fills both ends if needed."""
    if not probe.has_sound:
        return "[1:a]aformat=sample_fmts=fltp:channel_layouts=stereo[a]"
    resample = f"aresample={mezzanine.SOUND_RATE}:async=1:first_pts=0"
    return f"[0:a:0]{resample},aformat=sample_fmts=fltp:channel_layouts=stereo,apad[a]"
