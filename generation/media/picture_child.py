"""Decode the image file `in`, write only its pixels to `out` and print JSON. `picture.py` runs this file as a process:

    python -I picture_child.py '{"pixels": {"other": …}, "shortest": …, "longest_shape": …, "kept": …,
        "memory": …, "crop": null}'

Standard output is {"refused": code} or {"width", "height", "colour", "reduced", "alpha"}.
"""

import contextlib
import json
import sys
import warnings
from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, Image, ImageCms, ImageFile, ImageOps, JpegImagePlugin, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF")  # and HEIF, by pillow-heif
JPEG_SCALES = (1, 2, 4, 8)  # libjpeg can decode every nth pixel only
JPEG_QUALITY = 92
REDUCING_GAP = 1.5  # an image is reduced to this many times the wanted size before it is resampled
# Bytes of memory for each pixel that is decoded, and for libraries, as measured with Pillow 12 and pillow-heif 1.
PIXEL_BYTES = {"PNG": 8, "TIFF": 8, "GIF": 8, "WEBP": 16, "AVIF": 10, "HEIF": 6, "JPEG": 10, "MPO": 10}
LIBRARY_BYTES = {"HEIF": 208 * 1024**2, "other": 48 * 1024**2}
STRIP_ROWS = 128  # rows of the reduced image
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
)  # raised by Pillow and pillow-heif


class Refused(Exception):
    """The image is refused; the message is a code of `picture.REFUSALS`."""


def rebuild(limits: dict[str, Any]) -> dict[str, object]:
    """Write `out` from `in` and return the facts to print. Raises Refused."""
    picture = open_checked(limits)
    size = picture.size
    if picture.format in ("JPEG", "MPO"):
        draft_jpeg(picture, limits)
    if estimate_memory(picture, size) > limits["memory"]:
        raise Refused("too_much_memory")
    decode(picture)
    zoom = size[0] / picture.width  # pixels of the original for each pixel that was decoded
    apply_orientation(picture)
    part = crop_picture(picture, limits["crop"], limits["shortest"] / zoom)
    reduced = zoom > 1 or max(part.size) > limits["kept"]
    colours = convert_in_strips(part, int(max(part.size) / limits["kept"] / REDUCING_GAP))
    colours.thumbnail((limits["kept"], limits["kept"]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if max(colours.size) > min(colours.size) * limits["longest_shape"]:
        raise Refused("too_narrow")
    alpha = colours.mode == "RGBA" and colours.getchannel("A").histogram()[255] < colours.width * colours.height
    if not alpha:
        colours = colours.convert("RGB")
    final = Image.frombytes(colours.mode, colours.size, colours.tobytes())  # drops all metadata
    if alpha:
        final.save("out", "PNG", compress_level=6)
    else:
        final.save("out", "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return {
        "width": final.width,
        "height": final.height,
        "colour": "#" + final.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes().hex(),
        "reduced": reduced,
        "alpha": alpha,
    }


def open_checked(limits: dict[str, Any]) -> Image.Image:
    """Open `in` and check its header before any pixel is decoded. Raises Refused."""
    try:
        picture = open_image()
    except UnidentifiedImageError as error:
        raise Refused("not_a_picture") from error
    except DECODE_ERRORS as error:
        raise Refused("damaged") from error
    width, height = picture.size
    most = limits["pixels"]
    if width * height > most.get(picture.format, most["other"]):
        raise Refused("too_many_pixels")
    if min(width, height) < limits["shortest"]:
        raise Refused("too_small")
    return picture


def open_image() -> Image.Image:
    """Open `in` without decoding it. pillow-heif is imported only for files that Pillow does not know."""
    try:
        return Image.open("in", formats=FORMATS)
    except UnidentifiedImageError:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
        return Image.open("in", formats=("HEIF",))


def draft_jpeg(picture: Image.Image, limits: dict[str, Any]) -> None:
    """Decode a large JPEG at reduced size: no smaller than is wanted, unless it would exceed the pixels of others."""
    width, height = picture.size
    wanted = 1 / wanted_scale(picture.size, limits)
    smaller = [scale for scale in JPEG_SCALES if scale <= wanted]
    fitting = (scale for scale in JPEG_SCALES if width * height <= limits["pixels"]["other"] * scale * scale)
    scale = max(smaller[-1], next(fitting, JPEG_SCALES[-1]))
    picture.draft(None, (width // scale, height // scale))


def estimate_memory(picture: Image.Image, size: tuple[int, int]) -> int:
    """Return how many bytes decoding takes at most, judged by the header. ``size``: of the image in the file.

    A progressive JPEG keeps two bytes for each coefficient of the whole image, at whatever size it is decoded.
    """
    kind = picture.format or ""
    decoded = picture.width * picture.height
    needed = decoded * PIXEL_BYTES[kind]
    if isinstance(picture, JpegImagePlugin.JpegImageFile) and picture.info.get("progressive"):
        layers = [across * down for _name, across, down, _table in picture.layer]
        coefficients = size[0] * size[1] * sum(layers) // max(layers)
        needed = max(needed, 2 * coefficients + 4 * decoded)
    return needed + LIBRARY_BYTES.get(kind, LIBRARY_BYTES["other"])


def wanted_scale(size: tuple[int, int], limits: dict[str, Any]) -> float:
    """Return the scale (at most 1) at which the longer side of the cropped part has `kept` pixels.

    The orientation is not known yet, so the larger of the scales for upright and rotated images is returned.
    """
    _, _, width, height = limits["crop"] or (0, 0, 1, 1)
    upright, rotated = (max(width * across, height * down) for across, down in (size, size[::-1]))
    return min(1.0, limits["kept"] / min(upright, rotated))


def decode(picture: Image.Image) -> None:
    """Decode the first frame of an image. Raises Refused if the image is damaged."""
    try:
        picture.load()
    except DECODE_ERRORS as error:
        raise Refused("damaged") from error


def convert_in_strips(picture: Image.Image, factor: int) -> Image.Image:
    """Convert an image to sRGB and reduce it by a whole factor, a strip at a time, to save memory."""
    if factor < 2:
        return convert_to_srgb(picture)
    strips = []
    for top in range(0, picture.height, STRIP_ROWS * factor):
        strip = picture.crop((0, top, picture.width, min(picture.height, top + STRIP_ROWS * factor)))
        strips.append(convert_to_srgb(strip).reduce(factor))
    reduced = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for number, strip in enumerate(strips):
        reduced.paste(strip, (0, number * STRIP_ROWS))
    return reduced


def apply_orientation(picture: Image.Image) -> None:
    """Apply the EXIF orientation; unreadable EXIF is ignored."""
    with contextlib.suppress(*DECODE_ERRORS):
        ImageOps.exif_transpose(picture, in_place=True)


def crop_picture(picture: Image.Image, crop: list[float] | None, shortest: float) -> Image.Image:
    """Crop the upright image; `crop` is x, y, width, height as fractions.

    Raises Refused if a side of the part has fewer than `shortest` pixels.
    """
    if not crop:
        return picture
    x, y, width, height = crop
    box = (
        round(x * picture.width),
        round(y * picture.height),
        min(picture.width, round((x + width) * picture.width)),
        min(picture.height, round((y + height) * picture.height)),
    )
    if box[2] - box[0] < shortest or box[3] - box[1] < shortest:
        raise Refused("crop_too_small")
    return picture.crop(box)


def convert_to_srgb(picture: Image.Image) -> Image.Image:
    """Convert any mode that Pillow decodes these formats to into 8-bit RGB or RGBA in sRGB."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        colours = apply_profile(picture.convert("RGB"), profile)
        colours.putalpha(picture.getchannel("A"))
        return colours
    if picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    return apply_profile(picture, profile)


def apply_profile(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an image from its ICC profile to sRGB. A broken or unsuitable profile is ignored, as in browsers."""
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, *DECODE_ERRORS):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return picture.convert("RGB")


def main() -> None:
    warnings.simplefilter("ignore")  # keep standard output clean
    Image.MAX_IMAGE_PIXELS = None  # our limits by format are checked before a picture is decoded
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # threads would count against the memory of this process
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        answer = rebuild(json.loads(sys.argv[1]))
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "too_much_memory"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
