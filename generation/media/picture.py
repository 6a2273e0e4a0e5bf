"""Rebuild an uploaded image as a new file with the same pixels and nothing else.

Accepted: JPEG, PNG, WebP, GIF, AVIF, TIFF and HEIC of at most MAX_BYTES and as many pixels as MAX_PIXELS says; each
side has at least 64 pixels; only the first frame is used. The file is decoded in a child process with hard limits
(`picture_child.py`), rotated upright and converted to sRGB; only its pixels are written to the new file.
"""

import json
import math
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generation.media.child_process import MIB, ChildLimits, add_input_file, private_directory, run_child
from generation.media.errors import MediaRefused, PictureRefused
from generation.media.picture_children import Turns, size_children

MAX_BYTES = 20 * MIB
# The most pixels that 700 MiB allow to decode, by Pillow's name of the format. A JPEG is decoded at a fraction of
# its size; the decoder of WebP keeps three copies.
MAX_PIXELS = {"JPEG": 220_000_000, "MPO": 220_000_000, "WEBP": 40_000_000, "other": 50_000_000}
SHORTEST_SIDE = 64
MAX_KEPT_SIDE = 2048  # larger images are reduced: no clip needs more
MAX_SHAPE = MAX_KEPT_SIDE // SHORTEST_SIDE  # longest side of the kept image, in shortest sides
# x, y, width, height in shares (0 to 1) of the upright image, from the top left corner.
Crop = tuple[float, float, float, float]
# What the file inputs of pages accept: types, and extensions of formats that some systems know no type of.
ACCEPT = (
    "image/jpeg,image/png,image/webp,image/gif,image/avif,image/heic,image/heif,image/tiff,"
    ".heic,.heif,.hif,.avif,.tif,.tiff"
)
CHILD = Path(__file__).with_name("picture_child.py")
CROP_TOLERANCE = 0.001  # how far a crop from a browser may exceed the image
MAX_CHILDREN, CHILD_MEMORY = size_children()
WAIT_SECONDS = 20.0  # longest wait for a free child
CHILD_LIMITS = ChildLimits(
    memory=CHILD_MEMORY,
    cpu_seconds=20,
    file_bytes=64 * MIB,
    wall_seconds=20,
    silent_seconds=20,
)
_turns = Turns(MAX_CHILDREN)

# English sentences; the form layer translates them by code.
REFUSALS = {
    "empty": "The file is empty.",
    "too_many_bytes": "The picture is larger than 20 MB.",
    "not_a_picture": "This is no picture in a format that can be read.",
    "too_many_pixels": "The picture has too many pixels.",
    "too_small": "The picture is too small: each side needs at least 64 pixels.",
    "too_narrow": "The picture is too narrow: a side may be at most 32 times as long as the other.",
    "damaged": "The picture is damaged and cannot be read.",
    "busy": "Too many pictures are being read right now.",
    "too_costly": "The picture takes too much time to read.",
    "too_much_memory": "The picture takes more memory to read than there is.",
    "crop": "The chosen part lies outside the picture.",
    "crop_too_small": "The chosen part is too small: each side needs at least 64 pixels.",
}


@dataclass(frozen=True)
class Picture:
    """A rebuilt image. `colour`: its mean, "#rrggbb". `was_reduced`: whether a side exceeded MAX_KEPT_SIDE."""

    path: Path
    width: int
    height: int
    colour: str
    was_reduced: bool


def rebuild_picture(
    source: Path | bytes,
    out_dir: Path,
    *,
    crop: Crop | None = None,
    person: str = "",
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Picture:
    """Rebuild `source` under a new random name in `out_dir`: JPEG, or PNG if it has transparent parts.

    At most MAX_CHILDREN images are decoded at once by this process, and one of each `person`; further calls wait up to
    WAIT_SECONDS. Raises PictureRefused with a code of REFUSALS, or Cancelled.
    """
    if crop and not _is_crop_inside(crop):
        raise create_refusal("crop")
    with private_directory(out_dir) as directory:
        _add_source(source, directory)
        limits = {
            "pixels": MAX_PIXELS,
            "memory": CHILD_LIMITS.memory,
            "shortest": SHORTEST_SIDE,
            "longest_shape": MAX_SHAPE,
            "kept": MAX_KEPT_SIDE,
            "crop": crop,
        }
        # -I: no environment, no user site and no current directory on the import path.
        command = [sys.executable, "-I", str(CHILD), json.dumps(limits)]
        with _turns.take(person, WAIT_SECONDS) as has_turn:
            if not has_turn:
                raise create_refusal("busy")
            outcome = run_child(command, directory=directory, limits=CHILD_LIMITS, is_cancelled=is_cancelled)
        if outcome.ended in ("slow", "stalled", "killed"):
            raise create_refusal("too_costly")
        answer = _parse_answer(outcome.output)
        if "refused" in answer or outcome.ended != "done":
            code = str(answer.get("refused"))
            raise create_refusal(code if code in REFUSALS else "damaged")  # without a code the decoder crashed
        return _publish(answer, directory, out_dir)


def create_refusal(code: str) -> PictureRefused:
    """Create the exception for a code of REFUSALS."""
    return PictureRefused(code, REFUSALS[code])


def _is_crop_inside(crop: Crop) -> bool:
    x, y, width, height = crop
    shares = all(math.isfinite(part) and 0 <= part <= 1 for part in crop) and width and height
    return bool(shares and x + width <= 1 + CROP_TOLERANCE and y + height <= 1 + CROP_TOLERANCE)


def _add_source(source: Path | bytes, directory: Path) -> None:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if not size:
        raise create_refusal("empty")
    if size > MAX_BYTES:
        raise create_refusal("too_many_bytes")
    if isinstance(source, bytes):
        (directory / "in").write_bytes(source)
        return
    try:
        add_input_file(source, directory, "in")
    except MediaRefused as error:
        raise create_refusal("not_a_picture") from error


def _parse_answer(output: str) -> dict[str, object]:
    try:
        answer = json.loads(output)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _publish(answer: dict[str, object], directory: Path, out_dir: Path) -> Picture:
    suffix = "png" if answer.get("alpha") else "jpg"
    out = out_dir / f"{uuid.uuid4().hex}.{suffix}"
    width, height = int(str(answer["width"])), int(str(answer["height"]))
    (directory / "out").replace(out)
    return Picture(out, width, height, str(answer["colour"]), bool(answer["reduced"]))
