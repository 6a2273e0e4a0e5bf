"""Camera moves, parallax, and the breathing and swaying of front-view figures."""

import numpy as np
import pytest

from generation.animatic.camera import camera_matrix, camera_view
from generation.animatic.compositor import Compositor
from generation.animatic.layers import Layer, Stage
from generation.animatic.render import build_parts
from generation.animatic.scene import CAMERAS, PLACES, Scene, Shot, Subject
from tests.generation.animatic.stages import draw_subject, find_layer, make_stage
from tests.matrix import deep_except

SECONDS = 4.0
MIDDLE = 0.62  # depth of people in a place


def measure_camera_path(camera: str) -> np.ndarray:
    """Return the path of the middle of a shot, frame by frame: zoom, x and y (pixels)."""
    stage = make_stage(seconds=SECONDS)
    moves = [camera_matrix(camera_view(camera, stage, k / 24), MIDDLE, stage) for k in range(round(SECONDS * 24) + 1)]
    middle = np.array([stage.width / 2, stage.height / 2, 1.0])
    return np.array([[np.hypot(m[0, 0], m[1, 0]), *((m @ middle)[:2] - middle[:2])] for m in moves])


EXPECTED_MOVES = {
    "push": lambda zoom, x, y: zoom > 1.05 and abs(y) < 8,
    "pull": lambda zoom, x, y: zoom < 0.96 and abs(y) < 8,
    "pan_left": lambda zoom, x, y: x > 15 and abs(y) < 1 and abs(zoom - 1) < 0.01,
    "pan_right": lambda zoom, x, y: x < -15 and abs(y) < 1 and abs(zoom - 1) < 0.01,
    "tilt_up": lambda zoom, x, y: y > 15 and abs(x) < 1,
    "tilt_down": lambda zoom, x, y: y < -15 and abs(x) < 1,
    "rise": lambda zoom, x, y: y > 10 and abs(x) < 1,
}


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_camera_move_goes_where_its_name_says(camera):
    """The picture moves against the camera: right when the camera turns left, down when it rises."""
    path = measure_camera_path(camera)
    steps = np.diff(path, axis=0)
    turns = (np.diff(np.sign(steps[:, 1:]), axis=0) != 0).sum(0)

    if camera == "still":
        assert np.abs(path[:, 1:]).max() < 1.0, "a still camera may breathe by a pixel"
        assert np.ptp(path[:, 0]) == 0
    elif camera == "handheld":
        assert (turns >= 4).all(), "a handheld camera trembles both ways"
        assert 1.0 < np.abs(path[:, 1:]).max() < 8
    else:
        assert EXPECTED_MOVES[camera](path[-1, 0] / path[0, 0], *(path[-1] - path[0])[1:])
        assert (turns <= 1).all(), "the move changes its direction"


def make_square(depth: float, colour: int, stage: Stage) -> Layer:
    """Return a layer with a small square of one colour in the middle of the stage."""
    image = np.zeros((20, 20, 4), np.uint8)
    image[..., colour] = image[..., 3] = 255
    return Layer(f"square {colour}", image, stage.width / 2 - 10, stage.height * (0.3 + 0.2 * colour), depth)


def measure_shifts(camera: str, *depths: float) -> list[float]:
    """Return how many pixels a square at each depth moves sideways in a shot."""
    stage = make_stage(seconds=SECONDS)
    squares = [make_square(depth, k, stage) for k, depth in enumerate(depths)]
    compositor = Compositor(stage, squares, lambda t: camera_view(camera, stage, t))
    columns = np.arange(stage.width)
    places = []
    for t in (0.0, SECONDS):
        light = compositor.frame(t)[..., : len(depths)].astype(float).sum(0)
        places.append((light * columns[:, None]).sum(0) / light.sum(0))
    return list(places[1] - places[0])


@pytest.mark.parametrize(("camera", "direction"), [("pan_left", 1), ("pan_right", -1)])
def test_a_pan_moves_near_layers_faster_than_far_ones(camera, direction):
    far, middle, near = (direction * shift for shift in measure_shifts(camera, 0.1, MIDDLE, 1.3))

    assert 5 < far < middle - 5 < near - 10
    assert abs(measure_shifts(camera, 0.0)[0]) < 0.01, "the sky moves"


@pytest.mark.parametrize("place", deep_except(PLACES, "hill", "street", "room"))
def test_every_place_has_layers_at_several_depths(place):
    _, parts = build_parts(Shot(Scene(place, "day"), 3, 128, 72, SECONDS))
    depths = sorted({round(part.depth, 2) for part in parts if isinstance(part, Layer) and part.depth > 0})

    assert len(depths) >= 3 and depths[-1] > depths[0] + 0.25, f"all layers move as one: {depths}"


def test_a_front_view_figure_breathes():
    _, layers = draw_subject(Subject("girl", view="front", name="Mika", hair_style="long"))
    times = np.linspace(0, SECONDS, 49)
    for name in ("body", "head"):
        heights = np.array([find_layer(layers, name).motion(t).dy for t in times])
        assert 0.4 < np.ptp(heights) < 12, f"the {name} stands still or jumps"
        assert (np.diff(np.sign(np.diff(heights))) != 0).sum() >= 2, f"the {name} does not go up and down"


def test_long_hair_sways():
    _, layers = draw_subject(Subject("girl", view="front", name="Mika", hair_style="long"))
    hair = find_layer(layers, "0 hair")
    early, late = (hair.redraw(t).astype(int) for t in (0.2, 1.4))
    height = len(early)
    root, tip = (np.abs(early - late)[rows].mean() for rows in (slice(0, height // 5), slice(height // 2, None)))

    assert tip > 1, "the hair hangs as if painted on"
    assert tip > 3 * root, "the roots move as much as the tips"
