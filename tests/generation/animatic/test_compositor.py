"""Frames of the compositor equal the same layers drawn one by one in full, although it skips hidden tiles."""

import math

import cv2
import numpy as np
import pytest

from generation.animatic.camera import View, camera_matrix
from generation.animatic.canvas import blend_over, blend_screen
from generation.animatic.compositor import Compositor, DrawingFailed
from generation.animatic.layers import Effect, Layer, Pose

from .stages import HEIGHT, WIDTH, make_stage

MARGIN = 36


def make_layers() -> list[Layer]:
    """Return a backdrop, a hill, a wall with a window, a fence of thin bars, soft light and a mist that fades."""
    rng = np.random.default_rng(5)
    size = (HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN)
    back = np.dstack([cv2.resize(rng.integers(0, 255, (9, 9, 3), np.uint8), size[::-1]), np.full(size, 255, np.uint8)])
    hill, wall, bars, light, mist = (np.zeros((*size, 4), np.uint8) for _ in range(5))
    cv2.circle(hill, (200, 400), 260, (40, 120, 60, 255), -1, cv2.LINE_AA)
    cv2.rectangle(wall, (150, 40), (430, 300), (90, 90, 160, 255), -1)
    cv2.rectangle(wall, (220, 90), (330, 200), (0, 0, 0, 0), -1)
    for x in range(20, size[1], 70):
        cv2.line(bars, (x, 0), (x + 15, size[0]), (20, 30, 40, 255), 6, cv2.LINE_AA)
    cv2.circle(light, (400, 100), 70, (0, 90, 120, 255), -1)
    mist[200:280, 100:400] = 90
    return [
        Layer("back", back, -MARGIN, -MARGIN, 0.03),
        Layer("hill", hill, -MARGIN, -MARGIN, 0.3),
        Layer("light", light, -MARGIN, -MARGIN, 0.4, blend="screen"),
        Layer("wall", wall, -MARGIN, -MARGIN, 0.5),
        Layer("mist", mist, -MARGIN, -MARGIN, 0.7, motion=lambda _t: Pose(alpha=0.5)),
        Layer("bars", bars, -MARGIN, -MARGIN, 1.2),
    ]


def draw_in_full(layers: list[Layer], view: View) -> np.ndarray:
    stage = make_stage()
    out = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    for layer in layers:
        m = camera_matrix(view, layer.depth, stage) @ np.array([[1, 0, layer.x], [0, 1, layer.y], [0, 0, 1]])
        border = cv2.BORDER_REPLICATE if layer.name == "back" else cv2.BORDER_CONSTANT
        part = cv2.warpAffine(layer.image, m[:2], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=border)
        part = cv2.convertScaleAbs(part, alpha=layer.motion(0).alpha if layer.motion else 1)
        (blend_screen if layer.blend == "screen" else blend_over)(out, part)
    return out[..., :3]


@pytest.mark.parametrize(
    "view",
    [View(), View(x=2.3, turn_x=3.1, zoom=1.07), View(x=-1, y=2.2, zoom=1.04, roll=math.radians(1.5))],
    ids=["still", "panned", "rolled"],
)
def test_skipping_hidden_and_empty_tiles_does_not_change_the_frame(view):
    frame = Compositor(make_stage(), make_layers(), lambda _t: view).frame(0.0)[..., :3]
    wrong = np.abs(frame.astype(int) - draw_in_full(make_layers(), view)).max(-1)
    assert wrong.max() <= 3, "a tile was left out that can be seen"
    assert frame.std() > 20


def test_a_layer_behind_an_opaque_one_is_not_drawn():
    stage, planned = make_stage(), []
    wall = np.full((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN, 4), 255, np.uint8)
    behind = np.full((200, 200, 4), 120, np.uint8)
    layers = [Layer("behind", behind, 50, 50, 0.2), Layer("wall", wall, -MARGIN, -MARGIN, 0.8)]
    compositor = Compositor(stage, layers, lambda _t: View())
    hidden = np.zeros(compositor.grid.shape, bool)
    for part in reversed(compositor.parts):
        placed = compositor._plan_part(part, View(), 0.0, hidden)
        planned.append((part.layer.name, len(placed.opaque_boxes) + len(placed.blended_boxes)))
    assert planned == [("wall", 1), ("behind", 0)]


def test_a_crash_in_a_part_is_reported_with_its_name():
    def crash(_frame: np.ndarray, _t: float) -> None:
        raise ValueError("no ink")

    with pytest.raises(DrawingFailed, match="bad rain: ValueError: no ink"):
        Compositor(make_stage(), [Effect("bad rain", crash)], lambda _t: View()).frame(0.0)
