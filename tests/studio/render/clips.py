"""Small mezzanines whose frames show their own number, and a reader for films made of them."""

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
MIDDLE, STRENGTH = 126, 90  # luma of a block's rest, and by how much a bit is brighter or darker
SPF = SOUND_RATE // FPS

Painter = Callable[[int, np.ndarray], None]


def numbered(clip: int) -> Painter:
    """Draws clip and frame number as bright and dark blocks; odd clips write into other rows than even ones."""

    def paint(number: int, luma: np.ndarray) -> None:
        luma[:] = MIDDLE
        luma[112:, :] = 60 + 8 * clip  # something that moves, so that no frame is like another
        luma[120:136, 4 * number % (WIDTH - 16) :][:, :16] = 200
        top = _row_of(clip)
        for bit, is_set in enumerate(_bits(clip, number)):
            x, y = BLOCK * (bit % BITS), top + BLOCK * (bit // BITS)
            luma[y : y + BLOCK, x : x + BLOCK] = MIDDLE + (STRENGTH if is_set else -STRENGTH)

    return paint


def flat(level: int) -> Painter:
    """Draw one grey with a small thing that moves at the bottom."""

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


def plan_of(shots: Sequence, kind: JoinKind | str = "cut", frames: int = 12, **more) -> Plan:
    join = Join(JoinKind(kind), 0 if kind == "cut" else frames)
    return Plan(SMALL, tuple(shots), (join,) * (len(shots) - 1), **more)


def merged(plan: Plan, folder: Path, **more) -> Film:
    return merge(plan, folder / "film.mp4", cache=folder / "cache", **more)


@dataclass(frozen=True)
class Seen:
    """The (clip, frame) numbers that a film frame shows, of an even and of an odd clip."""

    even: tuple[int, int] | None
    odd: tuple[int, int] | None

    @property
    def all(self) -> set[tuple[int, int]]:
        return {found for found in (self.even, self.odd) if found}


def lumas(path: Path) -> Iterator[np.ndarray]:
    """Decode all frames of a film strictly."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in container.decode(stream):
            yield frame.to_ndarray(format="yuv420p")[: frame.height].astype(np.int16)


def seen_in(path: Path) -> list[Seen]:
    return [Seen(_read(luma, 0), _read(luma, 1)) for luma in lumas(path)]


def number_on(picture: bytes) -> int | None:
    """Return the frame number on a picture of an even clip, at any size."""
    luma = Image.open(io.BytesIO(picture)).convert("L").resize((WIDTH, HEIGHT))
    found = _read(np.asarray(luma, dtype=np.int16), 0)
    return found and found[1]


def pcm_of(path: Path) -> np.ndarray:
    """Return the sound of a film as a player gives it, without what precedes the first picture."""
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


def _bits(clip: int, number: int) -> list[bool]:
    """Return the bits of both numbers, followed by their complements."""
    value = (clip << (BITS - CLIP_BITS)) | number
    plain = [bool(value >> bit & 1) for bit in range(BITS)]
    return [*plain, *(not bit for bit in plain)]


def _read(luma: np.ndarray, parity: int) -> tuple[int, int] | None:
    top = _row_of(parity)
    area = luma[top : top + 2 * BLOCK, : BLOCK * BITS].reshape(2, BLOCK, BITS, BLOCK)
    plain, turned = area[:, 4:-4, :, 4:-4].mean(axis=(1, 3))
    apart = plain - turned
    if np.abs(apart).min() < 3:
        return None
    value = sum(1 << bit for bit in range(BITS) if apart[bit] > 0)
    return value >> (BITS - CLIP_BITS), value & ((1 << (BITS - CLIP_BITS)) - 1)
