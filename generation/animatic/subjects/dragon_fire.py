"""The fire that a dragon breathes."""

import math

import numpy as np

from ..layers import Image, Layer, Pose
from .ink import Sheet
from .puppet import Motion, Puppet
from .sprite import draw_halo
from .swimming import carry, play_loop

# keep tables of points in rows
# fmt: off

IMAGES, LOOP_SECONDS = 8, 0.64
BREATH, PAUSE = 1.7, 1.1  # seconds
LONG = 52.0  # length of the flame in units


def build_fire(puppet: Puppet, mouth: tuple[float, float], whole: Motion) -> list[Layer]:
    """Build the flame and its glow; ``mouth``: its root in units of the dragon. It comes in breaths."""
    images = [_draw_flame(puppet, mouth, k / IMAGES) for k in range(IMAGES)]
    s, w = puppet.brush.scale, images[0].shape[1]
    left = puppet.x + (mouth[0] - 4) * s if not puppet.flip else puppet.x - (mouth[0] - 4) * s - w
    top, pivot = puppet.y - (mouth[1] + 16) * s, (4 * s if not puppet.flip else w - 4 * s, 16 * s)
    flame = Layer(f"{puppet.name} fire", images[0], left, top, puppet.depth + 0.002, pivot)
    halos = [draw_halo(image, 6 * s, 0.55) for image in images]
    pad = (halos[0].shape[1] - w) / 2
    glow = Layer(f"{puppet.name} fire glow", halos[0], left - pad, top - pad, puppet.depth + 0.001, blend="add")
    glow.pivot = (pivot[0] + pad, pivot[1] + pad)
    for layer, frames in ((glow, halos), (flame, images)):
        layer.redraw, layer.motion = play_loop(frames, LOOP_SECONDS), _breathe(carry(puppet, layer, whole))
    return [glow, flame]


def _breathe(whole: Motion) -> Motion:
    def motion(t: float) -> Pose:
        at = (t + 1.2) % (BREATH + PAUSE)
        grown = min(1.0, at / 0.35) * min(1.0, max(0.0, (BREATH - at) / 0.4))
        pose = whole(t)
        return Pose(pose.dx, pose.dy, pose.scale * (0.3 + 0.7 * grown), pose.turn, 0.0, min(1.0, grown * 1.6))

    return motion


def _draw_flame(puppet: Puppet, mouth: tuple[float, float], share: float) -> Image:
    brush, (x, y) = puppet.brush, mouth
    sheet = brush.sheet(x - 4, x + LONG + 6, y - 26, y + 16)
    for grow, tone in ((1.0, "#f2662a"), (0.74, "#ffae34"), (0.46, "#fff0a0")):
        _draw_tongue(sheet, x, y, grow, share, brush.bright(tone))
    image = sheet.finished()
    if brush.ink.texture:
        image = brush.ink.texture(image, brush.scale, brush.stage.rng("texture fire"))
    return np.ascontiguousarray(image[:, ::-1]) if puppet.flip else image


def _draw_tongue(sheet: Sheet, x: float, y: float, grow: float, share: float, tone: tuple) -> None:
    """Draw one colour of the flame: a cone whose edges lick, and drops of fire ahead of it."""
    along = np.linspace(0, 1, 12)
    half = (1.2 + 9.5 * along**0.8) * grow * np.where(along > 0.75, (1 - along) / 0.25 * 0.7 + 0.3, 1)
    drop = -8 * along**1.6
    angle = 2 * math.pi * (share - along * 1.6)
    upper = y + drop + half * (1 + 0.28 * np.sin(angle))
    lower = y + drop - half * (1 + 0.28 * np.sin(angle + 2.1))
    reach = x + along * LONG * (0.55 + 0.45 * grow) * (1 + 0.04 * math.sin(2 * math.pi * share))
    tip = [(reach[-1] + 4 * grow * (1 + 0.5 * math.sin(2 * math.pi * share + 1)), y - 8.5)]
    sheet.fill([*zip(reach, upper, strict=True), *tip, *zip(reach[::-1], lower[::-1], strict=True)], tone)
    for k in range(3):
        ahead = (share + k / 3) % 1
        size = 2.4 * grow * (1 - ahead)
        cx, cy = x + LONG * (0.7 + 0.32 * ahead), y - 6 + 9 * (k - 1) * (0.5 + 0.5 * ahead)
        sheet.fill([(cx - size, cy), (cx, cy + size), (cx + 1.8 * size, cy), (cx, cy - size)], tone)
