"""Pictures are checked against the declared limits of the model, and unsupported types are converted."""

import io
from dataclasses import replace

from PIL import Image

from generation.providers import catalogue, image_limits, input_files
from generation.providers.base import Capability, Mode
from tests.generation.providers.connected_fake import catch_error

MODEL = Capability(
    "one", "One", frozenset({Mode.PICTURE}), ("16:9",), (5,), (720,), picture_bytes=2_000_000, picture_least=300,
    picture_most=4000, picture_shape=2.5, picture_kinds=("jpeg", "png"),
)  # fmt: skip
NOISE = Image.effect_noise((300, 200), 90).convert("RGB")


def save(path, picture, kind):
    picture.save(path, kind)
    return path


def open_picture(content):
    return Image.open(io.BytesIO(content))


def test_picture_is_checked_against_every_limit_of_the_model(subtests):
    for facts, code, message in (
        ({"width": 750, "height": 300}, None, ""),
        ({"width": 300, "height": 750}, None, ""),
        ({"width": 751, "height": 300}, "picture_shape", "at most 2.5 times the shorter side"),
        ({"width": 300, "height": 751}, "picture_shape", "at most 2.5 times the shorter side"),
        ({"width": 4001, "height": 3000}, "picture_too_long", "at most 4000 pixels"),
        ({"width": 3000, "height": 4000}, None, ""),
        ({"width": 299, "height": 400}, "picture_too_small", "at least 300 pixels"),
        ({"width": 400, "height": 400, "size": 2_000_001}, "picture_too_large", "at most 2 MB"),
        ({"width": 400, "height": 400, "kind": "webp"}, "picture_kind", "only JPEG, PNG images"),
        ({"width": 400, "height": 400, "kind": "png"}, None, ""),
    ):
        with subtests.test(facts=facts, code=code, message=message):
            violation = image_limits.find_violation(MODEL, **facts)

            assert (violation and violation.code) == code
            assert message in (violation.message if violation else "")


def test_model_without_limits_accepts_every_picture():
    model = replace(MODEL, picture_least=0, picture_most=0, picture_shape=0, picture_kinds=())

    assert image_limits.find_violation(model, width=64, height=8192, kind="webp") is None
    assert image_limits.describe_limits(model) == []


def test_hint_names_every_limit():
    assert image_limits.describe_limits(MODEL) == [
        "shorter side at least 300 pixels", "longer side at most 4000 pixels", "from 1:2.5 to 2.5:1", "at most 2 MB",
    ]  # fmt: skip


def test_shape_of_the_file_is_checked_before_sending(tmp_path):
    path = save(tmp_path / "wide.png", Image.new("RGB", (900, 300)), "PNG")

    error = catch_error(lambda: input_files.read_picture(path, MODEL, field="last_frame"))

    assert (error.code, error.field) == ("picture_shape", "last_frame")


def test_picture_of_an_unsupported_type_is_converted(tmp_path, subtests):
    for kinds, file_kind, media in (
        (("jpeg", "png"), "WEBP", "image/jpeg"),
        (("jpeg",), "PNG", "image/jpeg"),
        (("png",), "JPEG", "image/png"),
        (("webp",), "PNG", "image/webp"),
        (("png", "webp"), "WEBP", "image/webp"),
        ((), "WEBP", "image/webp"),
    ):
        with subtests.test(kinds=kinds, file_kind=file_kind, media=media):
            path = save(tmp_path / "shot", Image.new("RGB", (400, 300), "teal"), file_kind)

            kind, content = input_files.read_picture(path, replace(MODEL, picture_kinds=kinds))

            assert kind == media and open_picture(content).get_format_mimetype() == media
            assert open_picture(content).size == (400, 300)
            assert all(
                abs(value - expected) < 6
                for value, expected in zip(
                    open_picture(content).convert("RGB").getpixel((9, 9)), (0, 128, 128), strict=True
                )
            )
            assert (content == path.read_bytes()) == (media == f"image/{file_kind.lower()}")


def test_transparent_areas_become_white_in_jpeg(tmp_path):
    path = save(tmp_path / "shot.png", Image.new("RGBA", (400, 300), (200, 0, 0, 0)), "PNG")

    _kind, content = input_files.read_picture(path, replace(MODEL, picture_kinds=("jpeg",)))

    assert open_picture(content).getpixel((5, 5)) == (255, 255, 255)


def test_large_png_frame_is_sent_as_jpeg(tmp_path):
    path = save(tmp_path / "frame.png", NOISE, "PNG")
    model = replace(MODEL, picture_least=0, picture_bytes=path.stat().st_size - 1)

    kind, content = input_files.read_picture(path, model)

    assert kind == "image/jpeg" and len(content) <= model.picture_bytes
    only_png = replace(model, picture_kinds=("png",))
    assert catch_error(lambda: input_files.read_picture(path, only_png)).code == "picture_too_large"


def test_models_declare_the_documented_picture_limits(db, subtests):
    for slug, shape, kinds, longest_side in (
        ("kling", 2.5, {"jpeg", "png"}, 0),
        ("minimax", 2.5, {"jpeg", "png", "webp"}, 0),
        ("vidu", 4, {"jpeg", "png", "webp"}, 0),
        ("zhipu", 0, {"jpeg", "png"}, 0),
        ("pixverse", 0, set(), 4000),
    ):
        with subtests.test(slug=slug, shape=shape, kinds=kinds, longest_side=longest_side):
            models = [model for model in catalogue.capabilities(slug) if model.modes - {Mode.WORDS, Mode.VIDEO}]

            assert models
            assert {(model.picture_shape, frozenset(model.picture_kinds), model.picture_most) for model in models} == {
                (shape, frozenset(kinds), longest_side)
            }
