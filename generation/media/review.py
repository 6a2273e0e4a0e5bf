"""Review a clip: check that it moves and shows something, and choose its representative frames.

The review uses a proxy of the clip (long side 320 pixels, about twelve frames a second). For an untrusted file ffmpeg
writes the proxy while encoding; for a mezzanine every frame is decoded here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from generation.media.errors import Cancelled, MediaRefused
from generation.media.mezzanine import key_frames

ProxyFrame = NDArray[np.uint8]  # one I420 frame: height * 3 / 2 rows of width bytes

TILE_COUNT = 10
PROXY_SIDE, PROXY_FPS = 320, 12
PREVIEW_SECONDS = 3
_BLACK_LUMA = 32  # luma (16 is black) that a frame must exceed somewhere
_MIN_MEAN_CHANGE, _MIN_PEAK_CHANGE = 0.15, 8  # luma difference from the first frame
_MIN_FRAMES_FOR_MOTION = 4  # shorter clips may stand still


@dataclass(frozen=True)
class Proxy:
    """Format of the proxy of a clip: every `step`-th frame, `fps` frames a second."""

    width: int
    height: int
    step: int
    fps: float

    @classmethod
    def of(cls, width: int, height: int, fps: int) -> "Proxy":
        step = max(1, round(fps / PROXY_FPS))
        return cls(*fit_size(width, height, PROXY_SIDE), step, fps / step)


@dataclass(frozen=True)
class Review:
    """Representative frames of a clip: ten tiles, three seconds of preview, and the number of the best frame."""

    tiles: list[ProxyFrame]
    preview: list[ProxyFrame]
    best: int


def read_raw_frames(path: Path, proxy: Proxy) -> Sequence[ProxyFrame]:
    """Return the frames of a raw yuv420p file, mapped from disk."""
    rows = proxy.height * 3 // 2
    count = path.stat().st_size // (rows * proxy.width)
    if not count:
        return []
    return list(np.memmap(path, np.uint8, "r", shape=(count, rows, proxy.width)))


def decode_proxy_frames(
    path: Path, proxy: Proxy, *, is_cancelled: Callable[[], bool] = lambda: False
) -> Iterator[ProxyFrame]:
    """Decode every frame of a mezzanine and yield its proxy frames. Raises MediaRefused if a frame does not decode."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "AUTO", 2
            stream.codec_context.options = {"err_detect": "explode"}
            for number, frame in enumerate(container.decode(stream)):
                if is_cancelled():
                    raise Cancelled
                if number % proxy.step == 0:
                    small = frame.reformat(proxy.width, proxy.height, format="yuv420p").to_ndarray()
                    yield small.astype(np.uint8, copy=False)
    except av.FFmpegError as error:
        raise MediaRefused("undecodable", "Not every frame of the video can be decoded.") from error


def review_frames(
    proxy_frames: Iterator[ProxyFrame] | Sequence[ProxyFrame],
    proxy: Proxy,
    frames: int,
    *,
    reject_blank: bool = True,
    poster_from: int = 0,
) -> Review:
    """Check a clip of `frames` frames by its proxy frames and choose representative frames.

    `poster_from`: the best frame is not before this one, unless there is no later key frame. Raises MediaRefused if
    `reject_blank` and the clip is black or frozen.
    """
    count = -(-frames // proxy.step)
    tiles, preview = choose_tile_frames(count), choose_preview_frames(count, proxy.fps)
    key_frames = _list_key_frames(frames, proxy, poster_from)
    kept: dict[int, ProxyFrame] = {}
    scores: dict[int, float] = {}
    has_moved = is_visible = False
    first: NDArray[np.int16] | None = None
    for number, small in enumerate(proxy_frames):
        luma = small[: proxy.height : 2, ::2].astype(np.int16)
        first = luma if first is None else first
        is_visible = is_visible or bool(np.percentile(luma, 98) >= _BLACK_LUMA)
        has_moved = has_moved or _has_moved(luma, first)
        if number in tiles or number in preview:
            kept[number] = small
        if number in key_frames:
            scores[number] = _score_frame(luma)
    if reject_blank and not is_visible:
        raise MediaRefused("black", "The video is black from beginning to end.")
    if reject_blank and not has_moved and count >= _MIN_FRAMES_FOR_MOTION:
        raise MediaRefused("frozen", "Nothing moves in the video: every frame is the same.")
    best = key_frames[max(scores, key=lambda number: scores[number])]
    last = max(kept)
    return Review([kept[min(n, last)] for n in tiles], [kept[n] for n in preview if n in kept], best)


def choose_tile_frames(count: int) -> Sequence[int]:
    """Return the numbers of the proxy frames for the strip: the middles of ten equal parts of the clip."""
    return [int((tile + 0.5) * count / TILE_COUNT) for tile in range(TILE_COUNT)]


def choose_preview_frames(count: int, fps: float) -> range:
    """Return the numbers of the proxy frames for the hover preview: three seconds from the middle."""
    length = min(count, round(PREVIEW_SECONDS * fps))
    start = (count - length) // 2
    return range(start, start + length)


def fit_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Return width × height scaled down to at most `long_side` pixels for the longer side; both sides are even."""
    scale = min(1.0, long_side / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _list_key_frames(frames: int, proxy: Proxy, first: int) -> dict[int, int]:
    """Map proxy frames to the key frames of the clip that they show; a key frame is the cheapest poster to decode.

    Key frames before frame `first` are left out if there are later ones.
    """
    found = key_frames(frames, round(proxy.fps * proxy.step))
    later = [number for number in found if number >= first] or found[-1:]
    return {number // proxy.step: number for number in later}


def _has_moved(luma: NDArray[np.int16], first: NDArray[np.int16]) -> bool:
    change = np.abs(luma - first)
    return bool(change.mean() > _MIN_MEAN_CHANGE and change.max() > _MIN_PEAK_CHANGE)


def _score_frame(luma: NDArray[np.int16]) -> float:
    """Return the score of a frame: higher for detail and sharp edges, lower for darkness and glare."""
    sharpness = np.abs(np.diff(luma, axis=1)).mean() + np.abs(np.diff(luma, axis=0)).mean()
    balance = 1 - abs(float(luma.mean()) - 125) / 125
    return float((luma.std() + 2 * sharpness) * max(0.05, balance))
