"""A style redraws an uploaded picture instead of only tinting the finished frame."""

import cv2
import numpy as np
import pytest

from generation.animatic.picture import build_picture_parts
from generation.animatic.scene import STYLES, Scene, Shot
from generation.animatic.styles import style_for

from . import photos
from .stages import make_stage

SIZE = (320, 180)


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    """The picture layer in every style, before the finishing pass."""
    path = photos.save_picture(photos.draw_portrait(), tmp_path_factory.mktemp("pictures") / "portrait.png")
    return {style: _subject_of(Shot(Scene(camera="still", style=style), 3, *SIZE, 2, picture=path, paint=False))
            for style in STYLES}  # fmt: skip


def _subject_of(shot):
    _, parts = build_picture_parts(shot)
    (subject,) = [part for part in parts if part.name == "subject"]
    return subject.image[..., :3], subject.image[..., 3] == 255


def find_edges(image):
    return cv2.Laplacian(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.CV_32F)


def test_every_style_changes_the_picture_itself(subjects):
    unchanged = [
        style
        for style, (image, inside) in subjects.items()
        if style != STYLES[0] and np.abs(image.astype(int) - subjects["cel"][0])[inside].mean() <= 2.5
    ]

    assert unchanged == []


@pytest.mark.parametrize("style", ["shonen", "ink_wash", "hand_drawn"])
def test_line_styles_draw_along_the_edges_of_a_photo(style):
    """A pale wall against a paler sky once had no line."""
    photo = np.full((*SIZE[::-1], 4), 255, np.uint8)
    photo[:, : SIZE[0] // 2, :3], photo[:, SIZE[0] // 2 :, :3] = (140, 140, 140), (215, 215, 215)
    photo[..., :3] = photos.add_grain(photo[..., :3], strength=3)
    drawn = style_for(style).adapt_picture(photo, make_stage(style=style))[..., :3].max(-1).astype(float).mean(0)
    at = SIZE[0] // 2

    assert drawn[at - 5 : at + 5].min() < np.median(drawn[20:140]) - 6
    assert drawn[20:140].std() < 16, "no lines where there is no edge"


def test_ink_wash_keeps_only_red(subjects):
    image, inside = subjects["ink_wash"]
    pixels = image[inside].astype(int)
    coloured = pixels.max(-1) - pixels.min(-1) > 40

    assert coloured.mean() < 0.05
    assert (pixels[coloured].argmax(-1) == 2).all()


def test_watercolour_is_lighter_and_softer(subjects):
    plain, inside = subjects["cel"]
    washed, _ = subjects["watercolour"]

    assert washed[inside].mean() > plain[inside].mean() + 8
    assert np.abs(find_edges(washed))[inside].mean() < np.abs(find_edges(plain))[inside].mean()


def test_the_default_style_keeps_an_unpainted_picture_unchanged(subjects, tmp_path):
    path = photos.save_picture(photos.draw_landscape(), tmp_path / "land.png")
    _, parts = build_picture_parts(Shot(Scene(camera="still"), 3, *SIZE, 2, picture=path, paint=False))
    frame = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    next(part for part in parts if hasattr(part, "covers") and part.covers).paint(frame, 0.0)

    assert np.abs(frame[..., :3].mean((0, 1)) - photos.draw_landscape().mean((0, 1))).max() < 25
