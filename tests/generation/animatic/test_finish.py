"""The light pass gives the same result on pictures and on the planes of the encoder."""

import cv2
import numpy as np
import pytest

from generation.animatic.mezzanine_writer import YuvPlanes
from generation.animatic.render import ShotRenderer, render_still
from generation.animatic.scene import Scene, Shot, Subject
from tests.matrix import deep_except

SHOTS = [
    Shot(Scene("hill", "sunset", subjects=(Subject("girl"),)), 3, 640, 360, 2),
    Shot(Scene("street", "night", "rain"), 3, 360, 640, 2),
    Shot(Scene("sea", "day"), 3, 854, 366, 2),
]


@pytest.mark.parametrize("shot", deep_except(SHOTS, SHOTS[0]), ids=lambda shot: shot.scene.place)
def test_encoded_frames_have_the_same_light_as_stills(shot):
    film, wanted, drawn = ShotRenderer(shot), YuvPlanes(shot.width, shot.height), YuvPlanes(shot.width, shot.height)
    unlit = YuvPlanes(shot.width, shot.height)
    unlit.convert(film.compositor.frame(1.0))
    wanted.convert(cv2.cvtColor(render_still(shot, 1.0), cv2.COLOR_BGR2BGRA))
    film.post_processor.add_grain(wanted.luma, 24)
    film.draw_frame(drawn, 24)

    assert _difference(wanted, drawn) < 0.6  # rounding
    assert _difference(wanted, unlit) > 2
    assert abs(wanted.packed.mean() - drawn.packed.mean()) < 0.15


def test_the_vignette_darkens_corners_and_leaves_the_middle():
    shot = SHOTS[2]
    finish, planes = ShotRenderer(shot).post_processor, YuvPlanes(shot.width, shot.height)
    planes.convert(np.full((shot.height, shot.width, 4), (60, 100, 140, 255), np.uint8))
    before = planes.packed.copy()
    finish.apply_to_planes(planes)

    luma = before[: shot.height].astype(int) - planes.luma
    assert luma[0, 0] > 10 and luma[-1, -1] > 10
    assert np.all(luma[shot.height // 2 - 20 : shot.height // 2 + 20, 380:470] == 0)
    for plane in planes.chroma:
        assert abs(int(plane[0, 0]) - 128) < abs(int(plane[90, 210]) - 128)


def _difference(one: YuvPlanes, other: YuvPlanes) -> float:
    return float(np.abs(one.packed.astype(int) - other.packed).mean())
