"""Small mezzanines whose frames show their own number, and functions that read the numbers from films."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image

from generation.animatic.mezzanine_writer import MezzanineWriter
from generation.media.mezzanine import SOUND_RATE
from studio.render.loudness import decode_sound
from studio.render.merge import Film, merge
from studio.render.plan import Format, Join, JoinKind, Plan, Shot

WIDTH, HEIGHT, FPS = 256, 144, 24
SMALL = Format(WIDTH, HEIGHT)
BLOCK, BITS, CLIP_BITS = 16, 14, 5
MIDDLE, STRENGTH = 126, 90  # luma of the background, and the difference of a bit's block to it
SPF = SOUND_RATE // FPS

Painter = Callable[[int, np.ndarray], None]


def numbered_frames(clip: int) -> Painter:
    """Return a painter of clip and frame number as bright and dark blocks. Odd clips use other rows than even ones."""

    def paint(number: int, luma: np.ndarray) -> None:
        luma[:] = MIDDLE
        luma[112:, :] = 60 + 8 * clip  # moves, so that no two frames are equal
        luma[120:136, 4 * number % (WIDTH - 16) :][:, :16] = 200
        top = _row_of(clip)
        for bit, is_set in enumerate(_encode_bits(clip, number)):
            x, y = BLOCK * (bit % BITS), top + BLOCK * (bit // BITS)
            luma[y : y + BLOCK, x : x + BLOCK] = MIDDLE + (STRENGTH if is_set else -STRENGTH)

    return paint


def grey_frames(level: int) -> Painter:
    """Return a painter of one grey with a small moving block at the bottom."""

    def paint(number: int, luma: np.ndarray) -> None:
        luma[:] = level
        luma[132:140, 3 * number % (WIDTH - 8) :][:, :8] = 255 - level

    return paint


def make_mezzanine(
    path: Path,
    paint: Painter,
    frames: int,
    *,
    pcm: np.ndarray | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    title: str = "",
) -> Shot:
    """Write a clip. Returns the shot that plays all of it."""
    width, height = size
    packed = np.full((height * 3 // 2, width), 128, np.uint8)
    writer = MezzanineWriter(path, width, height, FPS, frames, pcm)
    for number in range(frames):
        paint(number, packed[:height])
        writer.write(packed)
    writer.finish()
    return Shot(path, hashlib.sha256(path.read_bytes()).hexdigest(), frames, title=title)


def tone(frames: int, amplitude: float, hertz: float = 440.0) -> np.ndarray:
    """Return a steady tone as long as a clip."""
    wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(frames * SPF) / SOUND_RATE)
    return np.repeat((wave * 32767).astype(np.int16)[:, None], 2, axis=1)


def build_plan(shots: Sequence, kind: JoinKind | str = "cut", frames: int = 12, **more) -> Plan:
    join = Join(JoinKind(kind), 0 if kind == "cut" else frames)
    return Plan(SMALL, tuple(shots), (join,) * (len(shots) - 1), **more)


def merge_plan(plan: Plan, folder: Path, **more) -> Film:
    return merge(plan, folder / "film.mp4", cache=folder / "cache", **more)


@dataclass(frozen=True)
class ShownNumbers:
    """The (clip, frame) numbers that a film frame shows, of an even and of an odd clip."""

    even: tuple[int, int] | None
    odd: tuple[int, int] | None

    @property
    def all(self) -> set[tuple[int, int]]:
        return {numbers for numbers in (self.even, self.odd) if numbers}


def read_lumas(path: Path) -> Iterator[np.ndarray]:
    """Decode the lumas of all frames of a film. Raises if a frame is damaged."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in container.decode(stream):
            yield frame.to_ndarray(format="yuv420p")[: frame.height].astype(np.int16)


def read_numbers(path: Path) -> list[ShownNumbers]:
    return [ShownNumbers(_decode_numbers(luma, 0), _decode_numbers(luma, 1)) for luma in read_lumas(path)]


def read_number(picture: bytes) -> int | None:
    """Return the frame number that a picture of an even clip shows, at any size."""
    luma = Image.open(io.BytesIO(picture)).convert("L").resize((WIDTH, HEIGHT))
    numbers = _decode_numbers(np.asarray(luma, dtype=np.int16), 0)
    return numbers and numbers[1]


def read_sound(path: Path) -> np.ndarray:
    """Return the samples that a player plays, without the encoder delay (−1 to 1)."""
    from studio.render.cache import Cache
    from studio.render.clip import Clip

    cache = Cache(path.parent / "reader")
    clip = Clip.open(path, hashlib.sha256(path.read_bytes()).hexdigest(), cache)
    try:
        return decode_sound(clip).astype(np.float64) / 32768
    finally:
        clip.close()


def _row_of(clip: int) -> int:
    return 0 if clip % 2 == 0 else 3 * BLOCK


def _encode_bits(clip: int, number: int) -> list[bool]:
    """Return the bits of both numbers, followed by their complements."""
    value = (clip << (BITS - CLIP_BITS)) | number
    plain = [bool(value >> bit & 1) for bit in range(BITS)]
    return [*plain, *(not bit for bit in plain)]


def _decode_numbers(luma: np.ndarray, parity: int) -> tuple[int, int] | None:
    top = _row_of(parity)
    area = luma[top : top + 2 * BLOCK, : BLOCK * BITS].reshape(2, BLOCK, BITS, BLOCK)
    plain, complement = area[:, 4:-4, :, 4:-4].mean(axis=(1, 3))
    difference = plain - complement
    if np.abs(difference).min() < 3:
        return None
    value = sum(1 << bit for bit in range(BITS) if difference[bit] > 0)
    return value >> (BITS - CLIP_BITS), value & ((1 << (BITS - CLIP_BITS)) - 1)
