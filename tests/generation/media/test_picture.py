"""Rebuilding uploaded pictures: accepted formats, refusals, and removal of everything but pixels."""

import io
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from generation.media import child_process, picture
from generation.media.errors import Cancelled, PictureRefused
from generation.media.picture import REFUSALS, rebuild_picture
from generation.media.picture_children import Turns
from tests.matrix import deep_except

ORANGE = (255, 128, 0)
pillow_heif.register_heif_opener()


def encode(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def draw_orange(width=120, height=80, mode="RGB") -> Image.Image:
    return Image.new("RGB", (width, height), ORANGE).convert(mode)


def rebuild_refused(content: bytes, folder: Path, **options) -> str:
    """Return the code with which `content` is refused. Asserts that no file is left."""
    with pytest.raises(PictureRefused) as caught:
        rebuild_picture(content, folder, **options)
    assert str(caught.value) == REFUSALS[caught.value.code]
    assert not list(folder.iterdir())
    return caught.value.code


def has_colour(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int], by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(image.convert("RGB").getpixel(at), colour, strict=True))


NOT_PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<html><script>alert(1)</script></html>",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EOF",
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
    "psd": b"8BPS\x00\x01" + b"\x00" * 6 + b"\x00\x03\x00\x00\x00\x64\x00\x00\x00\x64\x00\x08\x00\x03" + b"\x00" * 20,
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "text": b"alert(1)//",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 40,
    "bmp": encode(draw_orange(), "BMP"),
    "ico": encode(draw_orange(), "ICO"),
    "ppm": encode(draw_orange(), "PPM"),
}


@pytest.mark.parametrize("kind", NOT_PICTURES)
def test_other_formats_are_refused_under_any_name(tmp_path, kind):
    assert rebuild_refused(NOT_PICTURES[kind], tmp_path) == "not_a_picture"


def test_an_empty_file_is_refused(tmp_path):
    assert rebuild_refused(b"", tmp_path) == "empty"


def test_a_small_file_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    bomb = encode(Image.new("1", (9000, 9000)), "PNG")
    assert len(bomb) < 12_000
    assert rebuild_refused(bomb, tmp_path) == "too_many_pixels"
    heic = encode(draw_orange(), "HEIF")
    huge = heic.replace((120).to_bytes(4) + (80).to_bytes(4), (9000).to_bytes(4) + (9000).to_bytes(4))
    assert rebuild_refused(huge, tmp_path) in ("too_many_pixels", "damaged")


def test_the_limits_on_bytes_and_sides_hold(tmp_path):
    assert rebuild_refused(encode(draw_orange(), "PNG") + b"\0" * picture.MAX_BYTES, tmp_path) == "too_many_bytes"
    assert rebuild_refused(encode(draw_orange(63, 200), "PNG"), tmp_path) == "too_small"
    assert rebuild_refused(encode(draw_orange(2200, 66), "JPEG"), tmp_path) == "too_narrow"
    assert rebuild_picture(encode(draw_orange(64, 64), "JPEG"), tmp_path).width == 64


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "GIF", "TIFF"])
def test_pictures_that_browsers_or_providers_cannot_read_become_jpeg(tmp_path, kind):
    rebuilt = rebuild_picture(encode(draw_orange(), kind), tmp_path)
    with Image.open(rebuilt.path) as image:
        assert (image.format, image.size) == ("JPEG", (120, 80)) and has_colour(image, (60, 40), ORANGE, by=12)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_truncated_file_is_refused(tmp_path, kind):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8))
    whole = encode(noise, kind)
    assert rebuild_refused(whole[: len(whole) // 2], tmp_path) in ("damaged", "not_a_picture")


def test_hidden_data_in_a_picture_is_removed(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)  # GPS
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x>SECRET xmp</x>")
    notes.add_text("Comment", "SECRET text")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sources = [
        encode(draw_orange(), "JPEG", exif=exif, comment=b"SECRET comment", icc_profile=profile, xmp=b"<x>SECRET</x>"),
        encode(
            draw_orange(), "JPEG", comment=b"SECRET comment"
        ),  # without a profile, no conversion creates a new image
        encode(draw_orange(), "PNG", pnginfo=notes, icc_profile=profile, exif=exif),
        encode(draw_orange(), "WEBP", exif=exif, xmp=b"<x>SECRET</x>", icc_profile=profile),
        encode(draw_orange(mode="RGBA"), "PNG", pnginfo=notes),
    ]
    for source in sources:
        rebuilt = rebuild_picture(source + b"PK\x03\x04 SECRET zip <script>SECRET</script>", tmp_path)
        data = rebuilt.path.read_bytes()
        with Image.open(rebuilt.path) as image:
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"SECRET" not in data and b"Exif" not in data and b"ICC" not in data and b"script" not in data


def test_the_new_file_has_a_generated_name(tmp_path):
    source = tmp_path / ("..%2f" + "名" * 40 + "\u202egpj.exe")
    source.write_bytes(encode(draw_orange(), "PNG"))
    rebuilt = rebuild_picture(source, tmp_path)
    assert rebuilt.path.parent == tmp_path and rebuilt.path.suffix == ".jpg"
    assert len(rebuilt.path.stem) == 32 and rebuilt.path.stem.isalnum()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, rebuilt.path.name])


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "MPO"])
def test_the_first_frame_of_an_animation_is_taken(tmp_path, kind):
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "lime", "blue")]
    rebuilt = rebuild_picture(encode(frames[0], kind, save_all=True, append_images=frames[1:]), tmp_path)
    with Image.open(rebuilt.path) as image:
        assert getattr(image, "n_frames", 1) == 1
        assert image.format == "JPEG" and has_colour(image, (50, 50), (255, 0, 0))


def test_a_rotated_phone_photo_is_turned_upright(tmp_path):
    photo = draw_orange(200, 100)
    photo.paste("blue", (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    rebuilt = rebuild_picture(encode(photo, "JPEG", exif=exif, quality=95), tmp_path)
    assert (rebuilt.width, rebuilt.height) == (100, 200)
    with Image.open(rebuilt.path) as image:
        assert has_colour(image, (50, 40), (0, 0, 255)) and has_colour(image, (50, 160), ORANGE)


MODES = {
    "grey": (encode(Image.new("L", (100, 80), 128), "PNG"), (128, 128, 128)),
    "1 bit": (encode(Image.new("1", (100, 80), 1), "PNG"), (255, 255, 255)),
    "palette": (encode(draw_orange().quantize(), "PNG"), ORANGE),
    "16 bit grey": (encode(Image.fromarray(np.full((80, 100), 0x8080, np.uint16)), "PNG"), (128, 128, 128)),
    "grey and alpha": (encode(Image.new("LA", (100, 80), (100, 255)), "PNG"), (100, 100, 100)),
    "CMYK": (encode(Image.new("CMYK", (100, 80), (0, 127, 255, 0)), "JPEG", quality=95), ORANGE),
    "progressive": (encode(draw_orange(), "JPEG", progressive=True), ORANGE),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_colour_mode_becomes_rgb(tmp_path, mode):
    source, colour = MODES[mode]
    rebuilt = rebuild_picture(source, tmp_path)
    with Image.open(rebuilt.path) as image:
        assert image.mode == "RGB" and has_colour(image, (40, 40), colour)


def test_a_profile_is_applied_and_a_broken_one_ignored(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for profile in (b"not a profile", lab):
        rebuilt = rebuild_picture(encode(draw_orange(), "JPEG", icc_profile=profile, quality=95), tmp_path)
        with Image.open(rebuilt.path) as image:
            assert image.mode == "RGB"
    wide = _swapped_red_and_green()
    rebuilt = rebuild_picture(encode(Image.new("RGB", (100, 80), (255, 0, 0)), "PNG", icc_profile=wide), tmp_path)
    with Image.open(rebuilt.path) as image:
        red, green, _blue = image.getpixel((50, 40))
        assert green > red + 60  # red in the file is green by its profile


def _swapped_red_and_green() -> bytes:
    """Return an sRGB profile with exchanged red and green primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.find(b"rXYZ", 128), profile.find(b"gXYZ", 128)
    profile[red : red + 4], profile[green : green + 4] = profile[green : green + 4], profile[red : red + 4]
    return bytes(profile)


def test_transparent_parts_stay_transparent_and_others_become_jpeg(tmp_path):
    glass = draw_orange(mode="RGBA")
    glass.putpixel((10, 10), (0, 0, 0, 0))
    rebuilt = rebuild_picture(encode(glass, "PNG"), tmp_path)
    assert rebuilt.path.suffix == ".png"
    with Image.open(rebuilt.path) as image:
        assert image.getpixel((10, 10))[3] == 0
    assert rebuild_picture(encode(draw_orange(mode="RGBA"), "PNG"), tmp_path).path.suffix == ".jpg"
    assert rebuilt.path.read_bytes()[:4] == b"\x89PNG"


def test_a_large_picture_is_kept_smaller_and_says_so(tmp_path):
    large = rebuild_picture(encode(draw_orange(4000, 2000), "JPEG"), tmp_path)
    assert (large.width, large.height, large.was_reduced) == (2048, 1024, True)
    panorama = rebuild_picture(encode(draw_orange(12_000, 1500), "JPEG"), tmp_path)
    assert (panorama.width, panorama.height, panorama.was_reduced) == (2048, 256, True)
    small = rebuild_picture(encode(draw_orange(2048, 100), "PNG"), tmp_path)
    assert (small.width, small.height, small.was_reduced) == (2048, 100, False)


def test_the_upright_picture_can_be_cropped(tmp_path):
    photo = draw_orange(400, 200)
    photo.paste("blue", (200, 0, 400, 200))
    rebuilt = rebuild_picture(encode(photo, "PNG"), tmp_path, crop=(0.5, 0.25, 0.5, 0.5))
    assert (rebuilt.width, rebuilt.height, rebuilt.colour) == (200, 100, "#0000ff")


@pytest.mark.parametrize(
    ("crop", "code"),
    [
        ((0.5, 0, 0.6, 1), "crop"),
        ((-0.1, 0, 0.5, 1), "crop"),
        ((0, 0, 0, 1), "crop"),
        ((float("nan"), 0, 0.5, 0.5), "crop"),
        ((0, 0, 0.1, 0.1), "crop_too_small"),
    ],
)
def test_an_impossible_crop_is_refused(tmp_path, crop, code):
    assert rebuild_refused(encode(draw_orange(400, 200), "PNG"), tmp_path, crop=crop) == code


def test_only_ordinary_files_are_read(tmp_path):
    target, folder = tmp_path / "target.png", tmp_path / "out"
    folder.mkdir()
    target.write_bytes(encode(draw_orange(), "PNG"))
    (tmp_path / "link.png").symlink_to(target)
    assert rebuild_refused(tmp_path / "link.png", folder) == "not_a_picture"


def test_a_hanging_or_crashing_decoder_refuses_the_picture(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    programs = {
        "import time; time.sleep(60)": "too_costly",
        "import os; os.abort()": "damaged",
        "b'x' * 10**10": "damaged",
        "while True: pass": "too_costly",
    }
    monkeypatch.setattr(picture, "CHILD", tmp_path / "child.py")
    for source, code in programs.items():
        seconds = 1 if code == "too_costly" else 60  # a busy machine may need some to start the child
        limits = {"cpu_seconds": seconds, "wall_seconds": seconds, "silent_seconds": seconds}
        monkeypatch.setattr(
            picture, "CHILD_LIMITS", child_process.ChildLimits(memory=2**29, file_bytes=10**6, **limits)
        )
        (tmp_path / "child.py").write_text(source)
        assert rebuild_refused(encode(draw_orange(), "PNG"), folder) == code


def test_a_compromised_decoder_cannot_choose_the_path(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "child.py").write_text('print(\'{"refused": "../../etc", "alpha": "/../x"}\')')
    monkeypatch.setattr(picture, "CHILD", tmp_path / "child.py")
    assert rebuild_refused(encode(draw_orange(), "PNG"), folder) == "damaged"


def test_rebuilding_can_be_cancelled(tmp_path):
    with pytest.raises(Cancelled):
        rebuild_picture(encode(draw_orange(), "PNG"), tmp_path, is_cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", deep_except(["JPEG", "PNG", "WEBP"], "JPEG"))
def test_flipped_bits_give_a_picture_or_a_refusal(tmp_path, kind):
    clean = encode(Image.radial_gradient("L").convert("RGB"), kind)
    rng = random.Random(kind)
    for _ in range(8):
        data = bytearray(clean)
        for _ in range(rng.choice((1, 10))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            rebuilt = rebuild_picture(bytes(data), tmp_path)
        except PictureRefused as refusal:
            assert refusal.code in REFUSALS
        else:
            assert rebuilt.path.stat().st_size


def test_only_a_few_images_are_read_at_once_and_more_wait(tmp_path, monkeypatch):
    running, most = [], []
    run = picture.run_child

    def run_slowly(*args, **options):
        running.append(1)
        most.append(len(running))
        try:
            time.sleep(0.05)
            return run(*args, **options)
        finally:
            running.pop()

    monkeypatch.setattr(picture, "run_child", run_slowly)
    with ThreadPoolExecutor(6) as pool:
        rebuilt = list(
            pool.map(lambda n: rebuild_picture(encode(draw_orange(), "PNG"), tmp_path, person=str(n)), range(6))
        )

    assert len(rebuilt) == 6
    assert max(most) == picture.MAX_CHILDREN


def test_waiting_too_long_for_a_turn_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(picture, "_turns", Turns(1))
    with picture._turns.take("mika", 1):
        assert rebuild_refused(encode(draw_orange(), "PNG"), tmp_path) == "busy"


LARGEST = {
    "PNG": ("RGBA", (8000, 6240), {"compress_level": 1}),
    "WEBP": ("RGBA", (6400, 6240), {"method": 0}),
    "TIFF": ("RGBA", (8000, 6240), {"compression": "tiff_lzw"}),
    "AVIF": ("RGB", (8000, 6240), {"speed": 10}),
    "HEIF": (
        "RGB",
        (8064, 6048),
        {"quality": 10, "enc_params": {"preset": "ultrafast"}},
    ),  # what a telephone of 48 megapixels saves
    "JPEG": ("RGB", (16_320, 12_240), {}),  # and one of 200
}


@pytest.mark.parametrize("kind", deep_except(LARGEST, "PNG"))
def test_largest_images_fit_into_the_memory_of_a_child(tmp_path, kind):
    mode, size, options = LARGEST[kind]
    largest = Image.new(mode, size, (*ORANGE, 128)[: len(mode)])

    rebuilt = rebuild_picture(encode(largest, kind, **options), tmp_path)

    assert (rebuilt.width, rebuilt.was_reduced) == (2048, True)
