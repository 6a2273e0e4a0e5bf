"""A picture file → upright BGR pixels of a useful size, whatever the file is."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

MAX_SIDE = 2560  # pixels of the longer side that are kept: twice what a 720p clip shows
MIN_SIDE = 8


class PictureUnreadable(Exception):
    """The file is not a picture that can be read."""


@dataclass(frozen=True)
class Picture:
    """``bgr`` is uint8, height × width × 3; ``alpha`` is float 0..1 of the same size for a picture with holes."""

    bgr: np.ndarray
    alpha: np.ndarray | None

    @property
    def size(self) -> tuple[int, int]:
        return self.bgr.shape[1], self.bgr.shape[0]


def load_picture(path: Path, longest: int = MAX_SIDE) -> Picture:
    """Read, turn upright and make no larger than ``longest``. Raises PictureUnreadable."""
    try:
        with Image.open(path) as file:
            file.draft("RGB", (longest, longest))  # JPEGs are decoded small: a phone photo costs a fraction
            image = ImageOps.exif_transpose(file)
            image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
            if min(image.size) < MIN_SIDE:  # OpenCV never returns from mirroring a picture one pixel wide
                image = image.resize((max(MIN_SIDE, image.width), max(MIN_SIDE, image.height)))
            return _convert(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(f"The picture cannot be read: {error}") from error


def _convert(image: Image.Image) -> Picture:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, np.float32)
        top = max(float(values.max()), 1.0)
        return Picture(cv2.cvtColor((values / top * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), None)
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        pixels = np.asarray(image.convert("RGBA"))
        alpha = pixels[..., 3].astype(np.float32) / 255
        bgr = np.ascontiguousarray(pixels[..., 2::-1])
        return Picture(bgr, alpha if alpha.min() < 0.98 else None)
    return Picture(np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1]), None)
