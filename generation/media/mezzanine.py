"""What a mezzanine is: the one form every clip is kept in, so that films are joined by copying packets.

All mezzanines of one format key carry the same H.264 parameter sets (SPS and PPS). A merge then copies every frame
outside a transition bit for bit and encodes the transition alone. Whoever writes a mezzanine (ffmpeg for files from
outside, `open_encoder` for pictures drawn by this studio) takes all its settings from here.
"""

import hashlib
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

MEZZANINE_FORMAT = 2  # raise it whenever a setting below changes: old files are then made anew before they are joined
MEZZANINE_FPS = 24
MEZZANINE_CRF = 20
MEZZANINE_PRESET = "veryfast"
MEZZANINE_PROFILE = "high"
MEZZANINE_LEVEL = "4.0"
# stitchable keeps the PPS independent of the quality factor; all that a preset could move in the SPS or PPS is pinned.
# A film has two or three key frames a clip where one encode of everything has none: ipratio (1.4 by default) makes them
# a third smaller, at SSIM -.0002 where there is grain and nothing elsewhere.
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

# A joined clip can be entered at a key frame only, and each costs two hundredths of a clip's bytes. These are where the
# offered transition ends (from the head), where one of any other length up to two seconds can go over to copying, and
# where the offered one starts (before the end), in seconds.
HEAD_KEY_FRAMES = (0.5, 2.0)
TAIL_KEY_FRAME = 0.5

_BT709 = 1
_LIMITED_RANGE = 1
_GLOBAL_HEADER = 0x400000  # parameter sets in the file header, not before every key frame


def x264_params(threads: int = 1) -> str:
    """The encoder settings with a thread count; threads change neither SPS nor PPS."""
    return f"{MEZZANINE_X264_PARAMS}:threads={threads}"


def format_key(width: int, height: int, fps: int = MEZZANINE_FPS) -> str:
    """Short name of a format: files with the same key can be joined by copying."""
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
    """The size a picture of width × height is kept at: its own ratio, even sides, at most the 1080p class.

    `width` and `height` are as displayed (rotation and pixel shape already applied), in pixels.
    """
    scale = min(1.0, MAX_LONG_SIDE / max(width, height), MAX_SHORT_SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def forced_key_frames(frames: int, fps: int = MEZZANINE_FPS) -> tuple[int, ...]:
    """Numbers of the frames that must be key frames in a clip of `frames` frames, in rising order, 0 included."""
    wanted = {
        0,
        *(round(seconds * fps) for seconds in HEAD_KEY_FRAMES),
        frames - round(TAIL_KEY_FRAME * fps),
    }
    return tuple(sorted(number for number in wanted if 0 <= number < frames))


def key_frames(frames: int, fps: int = MEZZANINE_FPS) -> tuple[int, ...]:
    """Numbers of all key frames: the forced ones, and one after every MEZZANINE_KEYINT frames without any."""
    forced = forced_key_frames(frames, fps)
    ends = (*forced[1:], frames)
    return tuple(
        number for start, end in zip(forced, ends, strict=True) for number in range(start, end, MEZZANINE_KEYINT)
    )


def forced_key_frame_times(frames: int, fps: int = MEZZANINE_FPS) -> str:
    """The same as ffmpeg's -force_key_frames wants it: seconds, a millisecond early because it takes the next frame."""
    return ",".join(f"{max(0.0, number / fps - 0.001):.4f}" for number in forced_key_frames(frames, fps))


def encoder_options(threads: int = 1, *, quick: bool = False) -> dict[str, str]:
    """The options libx264 is opened with through PyAV; see `open_encoder`."""
    return {
        "preset": QUICK_PRESET if quick else MEZZANINE_PRESET,
        "crf": str(QUICK_CRF if quick else MEZZANINE_CRF),
        "profile": MEZZANINE_PROFILE,
        "level": MEZZANINE_LEVEL,
        "x264-params": x264_params(threads) + (QUICK_X264_PARAMS if quick else ""),
    }


def open_encoder(
    width: int, height: int, fps: int = MEZZANINE_FPS, *, threads: int = 1, quick: bool = False
) -> VideoCodecContext:
    """An in-process H.264 encoder with mezzanine settings, fed with yuv420p frames in limited-range BT.709.

    Give frame number n the pts n, and pict_type I if n is in `forced_key_frames`, else NONE. `quick` is for the few
    frames of a join: half the time for the same likeness per byte, and the same SPS and PPS.
    """
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
