"""Load an image file as upright BGR pixels of limited size."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

MAX_SIDE = 2560  # pixels of the longer side: twice a 720p clip
MIN_SIDE = 8


class PictureUnreadable(Exception):
    """The file is not a readable image."""


@dataclass(frozen=True)
class Picture:
    """``bgr`` is uint8, height × width × 3; ``alpha`` is float 0..1 of the same size, or None for an opaque image."""

    bgr: np.ndarray
    alpha: np.ndarray | None

    @property
    def size(self) -> tuple[int, int]:
        return self.bgr.shape[1], self.bgr.shape[0]


def load_picture(path: Path, longest: int = MAX_SIDE) -> Picture:
    """Load an image, apply its EXIF orientation and limit its longer side to ``longest``. Raises PictureUnreadable."""
    try:
        with Image.open(path) as file:
            file.draft("RGB", (longest, longest))  # decodes JPEGs at reduced size
            image = ImageOps.exif_transpose(file)
            image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
            if min(image.size) < MIN_SIDE:  # OpenCV hangs when mirroring an image one pixel wide
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
