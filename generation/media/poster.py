"""Still images of a clip: poster, large poster, line drawing, and the colours shown until they have loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from generation.media.frame import to_image
from generation.media.linework import create_line_drawing
from generation.media.review import ProxyFrame, fit_size

POSTER_WIDE, POSTER_TALL = 640, 800  # long side of a wide and of a tall clip's poster
POSTER_BYTES = 35_000
LARGE_SIDE, LARGE_BYTES = 1280, 160_000
GENGA_BYTES = 45_000
TILE_SIDE = 160
GRID = (4, 3)
_MAX_QUALITY, _MIN_QUALITY = 80, 2  # of WebP, 0 to 100
_METHOD = 2  # of the WebP encoder: half the time of the default for 5 % more bytes


@dataclass(frozen=True)
class Colours:
    """Placeholder colours of a poster: the mean, and 4 × 3 colours in reading order, as "#rrggbb"."""

    average: str
    grid: tuple[str, ...]


@dataclass(frozen=True)
class Strip:
    """A row of `tiles` small frames for scrubbing; tile sizes are in pixels."""

    tiles: int
    tile_width: int
    tile_height: int


def write_posters(picture: Image.Image, *, poster: Path, large: Path, genga: Path) -> Colours:
    """Write poster, large poster and line drawing of an RGB image as WebP. Returns its placeholder colours."""
    write_webp(_fit_picture(picture, LARGE_SIDE), large, max_bytes=LARGE_BYTES)
    small = _fit_picture(picture, POSTER_WIDE if picture.width >= picture.height else POSTER_TALL)
    write_webp(small, poster, max_bytes=POSTER_BYTES)
    write_webp(Image.fromarray(create_line_drawing(np.asarray(small))), genga, max_bytes=GENGA_BYTES)
    return compute_colours(small)


def write_sketch(frame: NDArray[np.uint8], *, sketch: Path, lines: Path) -> None:
    """Write a BGR frame, reduced to the size of a poster, and its line drawing as WebP."""
    picture = Image.fromarray(np.ascontiguousarray(frame[..., ::-1]))
    small = _fit_picture(picture, POSTER_WIDE if picture.width >= picture.height else POSTER_TALL)
    write_webp(small, sketch, max_bytes=POSTER_BYTES)
    write_webp(Image.fromarray(create_line_drawing(np.asarray(small))), lines, max_bytes=GENGA_BYTES)


def compute_colours(picture: Image.Image) -> Colours:
    """Return the mean colour and the colour grid of an RGB image."""
    mean = np.asarray(picture.resize((1, 1), Image.Resampling.BOX)).reshape(-1, 3)
    grid = np.asarray(picture.resize(GRID, Image.Resampling.BOX)).reshape(-1, 3)
    return Colours(_to_hex(mean[0]), tuple(_to_hex(colour) for colour in grid))


def write_strip(tiles: Sequence[ProxyFrame], out: Path) -> Strip:
    """Write I420 frames side by side as one WebP, reduced to tiles."""
    return write_picture_strip([to_image(VideoFrame.from_ndarray(tile, format="yuv420p")) for tile in tiles], out)


def write_picture_strip(pictures: Sequence[Image.Image], out: Path) -> Strip:
    """Write RGB images of one size side by side as one WebP, reduced to tiles."""
    size = fit_size(*pictures[0].size, TILE_SIDE)
    strip = Image.new("RGB", (size[0] * len(pictures), size[1]))
    for number, picture in enumerate(pictures):
        strip.paste(picture.resize(size, Image.Resampling.BOX), (number * size[0], 0))
    strip.save(out, "WEBP", quality=60, method=_METHOD)
    return Strip(len(pictures), *size)


def write_webp(picture: Image.Image, out: Path, *, max_bytes: int) -> None:
    """Write a WebP at the best quality within `max_bytes`, or at the lowest quality if none fits."""
    quality = _MAX_QUALITY
    while True:
        buffer = BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=_METHOD)
        if buffer.tell() <= max_bytes or quality == _MIN_QUALITY:
            break
        quality = max(_MIN_QUALITY, int(quality * min(0.8, max_bytes / buffer.tell())))
    out.write_bytes(buffer.getvalue())


def _fit_picture(picture: Image.Image, long_side: int) -> Image.Image:
    size = fit_size(picture.width, picture.height, long_side)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _to_hex(colour: Iterable[int] | NDArray[np.uint8]) -> str:
    red, green, blue = (int(part) for part in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"
