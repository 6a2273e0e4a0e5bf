"""Panels and the frames of a shot: sizes, determinism, the order of drawing, held drawings."""

import numpy as np
import pytest

from generation.animatic.storyboard.drawing import compose, draw_frames, draw_still
from generation.animatic.storyboard.page import get_area
from generation.animatic.storyboard.panel import CAMERAS, HOURS, MOODS, PLACES, WEATHERS, Figure, Panel, Thing
from generation.animatic.storyboard.signs import draw_sign

SIZE = (320, 180)
PANEL = Panel(
    "Wait.",
    "street",
    figures=(Figure("girl", "walk", (0.4, 0.9), height=0.5, then="wave"),),
    things=(Thing("bicycle", (0.7, 0.9), 0.3),),
)


@pytest.mark.parametrize("size", [(426, 240), (240, 426), (240, 240), (256, 320), (560, 240), (854, 480)])
def test_a_still_has_its_size_and_ink_in_every_ratio(size):
    still = draw_still(PANEL, size)

    assert still.shape == (size[1], size[0], 3)
    assert still.dtype == np.uint8
    left, top, right, bottom = get_area(size)
    assert still[top:bottom, left:right].min() < 100


def test_the_same_seed_draws_the_same_film_and_another_one_another():
    films = [list(draw_frames(PANEL, SIZE, 12, 1.0, seed)) for seed in (3, 3, 4)]

    assert all(np.array_equal(a, b) for a, b in zip(films[0], films[1], strict=True))
    assert not np.array_equal(films[0][-1], films[2][-1])


def test_a_film_has_the_frames_of_its_seconds_held_on_twos():
    frames = list(draw_frames(PANEL, SIZE, 24, 1.0))

    assert len(frames) == 24
    assert all(np.array_equal(a, b) for a, b in zip(frames[::2], frames[1::2], strict=True))
    assert not np.array_equal(frames[-1], frames[-3])  # lines live
    assert len(list(draw_frames(PANEL, SIZE, 24, 0.3))) == 7


def test_lines_come_one_after_another_and_the_turn_is_marked_in_red():
    frames = list(draw_frames(PANEL, SIZE, 12, 2.0))
    inked = [int((frame.min(2) < 150).sum()) for frame in frames]
    red = [int((frame[..., 0].astype(int) - frame[..., 2] > 90).sum()) for frame in frames]

    assert inked[0] < inked[4] < inked[10]
    assert red[-1] > red[14] + 50


@pytest.mark.parametrize(
    ("field", "values"),
    [("place", PLACES), ("hour", HOURS), ("weather", WEATHERS), ("camera", CAMERAS), ("mood", MOODS)],
)
def test_every_value_of_a_panel_draws_another_picture(field, values):
    stills = [draw_still(Panel(note="", **{"place": "field", field: value}), (213, 120)) for value in values]

    for number, still in enumerate(stills):
        assert not any(np.array_equal(still, other) for other in stills[:number]), values[number]


def test_a_sign_tells_what_somebody_does_and_only_once_for_several_who_do_it():
    singer = Figure("girl", "sing", (0.3, 0.9), height=0.5)

    assert draw_sign(singer, "sing", 1600, 900, 0.6) and not draw_sign(singer, "stand", 1600, 900, 0.6)
    alone, together = (
        compose(Panel(figures=(one, Figure("girl", pose, (0.7, 0.9), height=0.5))), 16 / 9)
        for one, pose in ((singer, "stand"), (singer, "sing"))
    )
    assert len(alone) == len(together)
