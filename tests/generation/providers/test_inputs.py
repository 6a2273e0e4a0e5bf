"""Pictures and prompts are checked against the limits of the model before sending."""

from dataclasses import replace

import pytest
from PIL import Image

from generation.providers import input_files
from generation.providers.base import Capability, Mode
from generation.providers.errors import Fault
from tests.generation.providers.connected_fake import catch_error

MODEL = Capability(
    "one", "One", frozenset({Mode.PICTURE}), ("16:9",), (5,), (720,), prompt_limit=10, picture_bytes=20_000,
    picture_least=300,
)  # fmt: skip


@pytest.fixture
def picture(tmp_path):
    def create(name="shot.png", size=(640, 360), kind="PNG"):
        path = tmp_path / name
        Image.new("RGB", size, "teal").save(path, kind)
        return path

    return create


def test_picture_type_is_read_from_its_content(picture, subtests):
    for kind, media in (
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
    ):
        with subtests.test(kind=kind, media=media):
            path = picture("shot.bin", kind=kind)

            assert input_files.read_picture(path, MODEL) == (media, path.read_bytes())
            assert input_files.build_data_uri(path, MODEL).startswith(f"data:{media};base64,")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"picture_bytes": 100}, "picture_too_large"), ({"picture_least": 361}, "picture_too_small")],
)
def test_unsuitable_picture_is_refused_with_its_field(change, code, picture):
    error = catch_error(lambda: input_files.read_picture(picture(), replace(MODEL, **change), field="last_frame"))

    assert (error.fault, error.code, error.field) == (Fault.INVALID, code, "last_frame")


def test_file_that_is_no_picture_is_refused(tmp_path):
    path = tmp_path / "shot.png"
    path.write_bytes(b"not a picture")

    assert catch_error(lambda: input_files.read_picture(path, MODEL)).code == "picture_unreadable"


def test_prompt_above_the_limit_is_refused_not_cut():
    assert input_files.check_prompt("x" * 10, MODEL) == "x" * 10
    assert catch_error(lambda: input_files.check_prompt("x" * 11, MODEL)).field == "prompt"
