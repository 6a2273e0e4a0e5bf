"""Definition of a mezzanine, the one format in which every clip is stored, so that films are joined by copying packets.

All mezzanines with the same format key have the same H.264 parameter sets (SPS and PPS). A merge copies every frame
outside a transition bit for bit and encodes only the transition. Both writers (ffmpeg for uploads, `open_encoder` for
frames drawn here) take all settings from this module.
"""

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

MEZZANINE_FORMAT = 2  # raise whenever a setting below changes: older files are then re-encoded before joining
MEZZANINE_FPS = 24
MEZZANINE_CRF = 20
MEZZANINE_PRESET = "veryfast"
MEZZANINE_PROFILE = "high"
MEZZANINE_LEVEL = "4.0"
# stitchable keeps the PPS independent of the quality factor; everything a preset could change in SPS or PPS is pinned.
# A film has two or three key frames per clip where a single encode has none. ipratio 1.1 (default 1.4) makes key frames
# a third smaller, which costs .0002 SSIM with grain and nothing without.
MEZZANINE_KEYINT = 96
MEZZANINE_X264_PARAMS = (
    f"keyint={MEZZANINE_KEYINT}:min-keyint=1:scenecut=0:open-gop=0:bframes=2:b-adapt=1:b-pyramid=none:"
    "ref=2:weightp=1:8x8dct=1:stitchable=1:ipratio=1.1"
)
# Presets from superfast to faster share one SPS and PPS, whatever b-adapt is. Measured over seven crossfades: SSIM
# .9843 and 472 kB each in 0.13 CPU s, where the settings above give .9846 and 455 kB in 0.29 CPU s.
QUICK_PRESET = "superfast"
QUICK_CRF = 21
QUICK_X264_PARAMS = ":b-adapt=0"
SOUND_RATE = 48_000
SOUND_BITRATE = 160_000
MAX_LONG_SIDE = 1920
MAX_SHORT_SIDE = 1080

# Packets can be copied only from a key frame on, and each key frame costs 2 % of a clip's bytes. HEAD_KEY_FRAMES, in
# seconds after the start: where the default transition ends, and where transitions of up to two seconds have ended.
# TAIL_KEY_FRAME, in seconds before the end: where the default transition starts.
HEAD_KEY_FRAMES = (0.5, 2.0)
TAIL_KEY_FRAME = 0.5

_BT709 = 1
_LIMITED_RANGE = 1
_GLOBAL_HEADER = 0x400000  # parameter sets in the file header, not before every key frame


def x264_params(threads: int = 1) -> str:
    """Return the x264 settings with a thread count; threads change neither SPS nor PPS."""
    return f"{MEZZANINE_X264_PARAMS}:threads={threads}"


def format_key(width: int, height: int, fps: int = MEZZANINE_FPS) -> str:
    """Return the key of a format. Files with the same key can be joined by copying packets."""
    settings = (
        MEZZANINE_FORMAT,
        width,
        height,
        fps,
        MEZZANINE_X264_PARAMS,
        MEZZANINE_PROFILE,
        MEZZANINE_LEVEL,
    )
    digest = hashlib.sha256(repr(settings).encode()).hexdigest()[:8]
    return f"{MEZZANINE_FORMAT}-{width}x{height}-{fps}-{digest}"


def fit_mezzanine_size(width: int, height: int) -> tuple[int, int]:
    """Return the stored size of a width × height picture: same aspect ratio, even sides, at most 1080p.

    `width` and `height` are as displayed (rotation and pixel aspect applied), in pixels.
    """
    scale = min(1.0, MAX_LONG_SIDE / max(width, height), MAX_SHORT_SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def forced_key_frames(frames: int, fps: int = MEZZANINE_FPS) -> tuple[int, ...]:
    """Return the numbers of the forced key frames of a clip of `frames` frames, ascending."""
    wanted = {
        0,
        *(round(seconds * fps) for seconds in HEAD_KEY_FRAMES),
        frames - round(TAIL_KEY_FRAME * fps),
    }
    return tuple(sorted(number for number in wanted if 0 <= number < frames))


def key_frames(frames: int, fps: int = MEZZANINE_FPS) -> tuple[int, ...]:
    """Return the numbers of all key frames: the forced ones, and one after each MEZZANINE_KEYINT frames without one."""
    forced = forced_key_frames(frames, fps)
    ends = (*forced[1:], frames)
    return tuple(
        number for start, end in zip(forced, ends, strict=True) for number in range(start, end, MEZZANINE_KEYINT)
    )


def forced_key_frame_times(frames: int, fps: int = MEZZANINE_FPS) -> str:
    """Format the forced key frames for ffmpeg's -force_key_frames: seconds, a millisecond early because ffmpeg takes
    the next frame."""
    return ",".join(f"{max(0.0, number / fps - 0.001):.4f}" for number in forced_key_frames(frames, fps))


def encoder_options(threads: int = 1, *, quick: bool = False) -> dict[str, str]:
    """Return the libx264 options for PyAV; see `open_encoder`."""
    return {
        "preset": QUICK_PRESET if quick else MEZZANINE_PRESET,
        "crf": str(QUICK_CRF if quick else MEZZANINE_CRF),
        "profile": MEZZANINE_PROFILE,
        "level": MEZZANINE_LEVEL,
        "x264-params": x264_params(threads) + (QUICK_X264_PARAMS if quick else ""),
    }


def open_encoder(
    width: int, height: int, fps: int = MEZZANINE_FPS, *, threads: int = 1, quick: bool = False
) -> "VideoCodecContext":
    """Open an H.264 encoder with mezzanine settings, for yuv420p frames in limited-range BT.709.

    Frame number n must have pts n, and pict_type I if n is in `forced_key_frames`, else NONE. `quick` halves the time
    for the few frames of a transition, at equal quality per byte and with the same SPS and PPS.
    """
    import av  # web server and dispatcher need only the settings above
    from av.video.codeccontext import VideoCodecContext

    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps, 1)
    encoder.sample_aspect_ratio = Fraction(1, 1)
    encoder.color_primaries = encoder.color_trc = encoder.colorspace = _BT709
    encoder.color_range = _LIMITED_RANGE
    encoder.flags |= _GLOBAL_HEADER
    encoder.options = encoder_options(threads, quick=quick)
    encoder.open()
    return encoder
