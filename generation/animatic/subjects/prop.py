"""Props: things, animals and plants drawn from the pictures of a set, standing, hanging, floating or flying."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..layers import Holder, Layer, Pose, Spot, Stage
from ..props import Prop, load_props
from ..scene import Subject
from .brush import Brush
from .ink import Bounds
from .prop_drawing import draw_prop
from .puppet import Motion, Puppet, Sway
from .solid import draw_ground_shadow
from .sprite import PACE, limit_speed
from .wild_beast import build_wild_beast

# keep tables of points in rows
# fmt: off

TURNED_GROUPS = ("animals", "vehicles")  # groups whose pictures face left and may be mirrored
FACING_RIGHT = ("airplane", "rocket")
WOOD = "#a9744c"


@dataclass(frozen=True)
class PropSpot:
    """Where a prop is: its foot at (``x``, ``y``), ``height`` pixels high. ``person``: height of an adult there."""

    x: float
    y: float
    height: float
    person: float
    depth: float
    facing: int = 1
    index: int = 0  # number of the prop among all of the shot


def build_prop(stage: Stage, subject: Subject, spot: PropSpot) -> list[Layer]:
    """Build one prop with its movement, and the shadow below it if it stands."""
    prop = load_props()[subject.kind]
    if prop.drawn == "beast":
        beast_spot = Spot(spot.x, spot.y, spot.height, spot.depth, spot.facing)
        return build_wild_beast(stage, subject, beast_spot, spot.index)
    puppet, motion = _draw_puppet(stage, subject, spot), _move(stage, prop, subject, spot)
    layers = puppet.build_layers(motion)
    if prop.moves == "flutters":
        layers = [_flap(layer) for layer in layers]
    if prop.moves in ("swims", "floats"):
        layers = [_dip(layer, spot) for layer in layers]
    if prop.stands in ("sky", "wall", "water"):
        return layers
    return [*_build_shadow(stage, layers[0], spot, motion), *layers]


def _draw_puppet(stage: Stage, subject: Subject, spot: PropSpot) -> Puppet:
    prop = load_props()[subject.kind]
    brush = Brush(stage, max(spot.person / 100, spot.height / 130))  # lines stay finer than the thing
    height = spot.height / brush.scale
    flip = prop.group in TURNED_GROUPS and (spot.facing > 0) != (subject.kind in FACING_RIGHT)
    sheet = draw_prop(brush, subject.kind, height, subject.clothes_colour or subject.hair_colour, flip)
    puppet = Puppet(f"{subject.kind} {spot.index}", brush, spot.x, spot.y, spot.depth)
    blow = 0.4 + stage.wind(0)
    phase = float(stage.rng(f"{subject.kind} {spot.index}").uniform(0, 1))
    sway = Sway(0, height, height * 0.018 * blow, 0.006 * height * blow, seconds=2.4, phase=phase)
    top = 0.0
    if prop.moves == "hangs":
        ceiling = (spot.y + stage.margin) / brush.scale  # beyond the upper edge of the frame
        thread = brush.sheet(-2, 2, height * 0.96, ceiling)
        grey = brush.line(brush.colour("#b8b0a8"))
        thread.stroke([(0, height * 0.97), (0, ceiling)], grey, 0.4, (1, 1), smooth=False)
        puppet.add("thread", thread, pivot=(0, ceiling), rim=False)
        top = ceiling
    puppet.add("prop", sheet, pivot=(0, top), sway=sway if prop.moves == "sways" else None)
    return puppet


def _move(stage: Stage, prop: Prop, subject: Subject, spot: PropSpot) -> Motion | None:
    """Return the motion of a prop in pixels."""
    phase = float(stage.rng(f"move {subject.kind} {spot.index}").uniform(0, 6.28))
    middle, sign, high = stage.seconds / 2, spot.facing, spot.height
    if subject.action in ("walk", "run", "ride") and prop.stands == "ground":
        speed = sign * limit_speed(stage, spot.x, spot.person * PACE[subject.action])
        rate = 9.0 if subject.action == "run" else 6.0
        return lambda t: Pose(
            dx=speed * (t - middle), turn=0.05 * math.sin(t * rate + phase),
            dy=stage.ground_rise(spot.x, speed * (t - middle)) - abs(math.sin(t * rate + phase)) * 0.05 * high,
        )
    if prop.moves == "drives":
        speed = sign * limit_speed(stage, spot.x, spot.person * 0.3)
        return lambda t: Pose(
            dx=speed * (t - middle), turn=0.004 * math.sin(t * 11 + phase),
            dy=stage.ground_rise(spot.x, speed * (t - middle)) - 0.004 * high * abs(math.sin(t * 13)),
        )
    if prop.moves in ("flies", "tugs", "flutters"):
        flutters = prop.moves == "flutters"
        speed = sign * limit_speed(stage, spot.x, stage.unit * (2.4 if flutters else 5.0))
        wide = 0.8 if flutters else 0.05
        return lambda t: Pose(
            dx=speed * (t - middle), dy=wide * high * math.sin(t * 1.7 + phase), turn=0.03 * math.sin(t * 1.3 + phase),
        )
    return _stay(prop, high, phase, 0.4 + stage.wind(0))


def _stay(prop: Prop, high: float, phase: float, blow: float) -> Motion | None:
    """Return the motion of a prop that keeps its place."""
    if prop.moves == "hops":
        return lambda t: Pose(
            dy=-0.09 * high * max(0.0, math.sin(t * 3.2 + phase)) ** 2, turn=0.035 * math.sin(t * 1.6 + phase),
        )
    if prop.moves in ("swims", "floats"):
        return lambda t: Pose(dy=0.05 * high * math.sin(t * 1.6 + phase), turn=0.05 * math.sin(t * 1.1 + phase))
    if prop.moves == "hangs":
        return lambda t: Pose(turn=0.03 * blow * math.sin(t * 1.4 + phase))
    if prop.group == "animals":
        return lambda t: Pose(scale=1 + 0.008 * math.sin(t * 2.2 + phase))
    return None


def _flap(layer: Layer) -> Layer:
    """Return a layer that grows narrower and wider, like wings seen from above."""
    h, w = layer.image.shape[:2]
    frames = []
    for k in range(8):
        share = 0.62 + 0.38 * math.cos(2 * math.pi * k / 8)
        matrix = np.array([[share, 0, w / 2 * (1 - share)], [0, 1, 0]], np.float32)
        frames.append(cv2.warpAffine(layer.image, matrix, (w, h)))
    return replace(layer, redraw=lambda t: frames[int(t * 14) % 8])


def _dip(layer: Layer, spot: PropSpot) -> Layer:
    """Return a layer whose lower part is under water: the image fades out at the surface."""
    h = layer.image.shape[0]
    surface = h * 0.72
    rows = np.clip((surface - np.arange(h, dtype=np.float32)) / max(2.0, h * 0.05), 0, 1)[:, None, None]
    image = (layer.image.astype(np.float32) * rows + 0.5).astype(np.uint8)
    return replace(layer, image=image, y=layer.y + (h - surface) * 0.9)


def _build_shadow(stage: Stage, layer: Layer, spot: PropSpot, motion: Motion | None) -> list[Layer]:
    """Build the soft shadow on the ground, which follows the prop sideways."""
    brush = Brush(stage, stage.unit)
    half = layer.image.shape[1] * 0.47 / stage.unit
    shift = layer.x + layer.image.shape[1] / 2 - spot.x - stage.light.direction[0] * 0.4 * stage.unit
    puppet = Puppet(f"{layer.name} shadow", brush, spot.x + shift, spot.y, spot.depth)
    puppet.add("shadow", draw_ground_shadow(brush, -half, half, min(0.13 * half, 1.6)), rim=False)
    if motion is None:
        return puppet.build_layers()
    return puppet.build_layers(lambda t: Pose(dx=motion(t).dx, dy=stage.ground_rise(spot.x, motion(t).dx)))


def build_tethered_prop(stage: Stage, subject: Subject, spot: PropSpot, holder: Holder) -> list[Layer]:
    """Build a prop in the sky on a string, which a person holds."""
    puppet = _draw_puppet(stage, subject, replace(spot, depth=holder.depth - 0.005))
    brush, side = puppet.brush, -1 if holder.flip else 1
    x = (holder.x + side * holder.hand[0] * holder.scale - spot.x) / brush.scale
    y = (spot.y - holder.y + holder.hand[1] * holder.scale) / brush.scale
    top = spot.height / brush.scale * 0.5
    string = brush.sheet(min(x, 0) - 4, max(x, 0) + 4, min(y, top) - 8, max(y, top) + 4)
    sag = [(x * (1 - t), y + (top - y) * t - 14 * t * (1 - t)) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    string.stroke(sag, brush.line(brush.colour("#e8e2d8")), 0.34, (1, 1))
    tug = lambda t: Pose(turn=0.035 * math.sin(t * 1.1) + 0.012 * math.sin(t * 2.9))  # noqa: E731
    puppet.parts[0].pivot, puppet.parts[0].motion = (x, y), tug
    puppet.add("string", string, pivot=(x, y), motion=tug, rim=False)
    puppet.parts.reverse()  # the string behind the kite
    return puppet.build_layers(holder.whole)


def build_held_prop(stage: Stage, subject: Subject, holder: Holder, height: float) -> list[Layer]:
    """Build a prop in the hand of a person, ``height`` units of the figure high."""
    brush = Brush(stage, holder.scale)
    x, y = holder.hand
    sheet = draw_prop(brush, subject.kind, height, subject.clothes_colour or subject.hair_colour)
    foot = y - height * (0.12 if load_props()[subject.kind].cm < 40 else 0.4)
    bounds = sheet.bounds
    sheet.bounds = Bounds(bounds.left + x, bounds.right + x, bounds.bottom + foot, bounds.top + foot)
    puppet = Puppet(f"held {subject.kind}", brush, holder.x, holder.y, holder.depth + 0.004, flip=holder.flip)
    puppet.add("prop", sheet, pivot=(x, y), motion=lambda t: Pose(turn=0.02 * math.sin(t * 2.0)))
    return puppet.build_layers(holder.whole)


def build_stool(stage: Stage, x: float, y: float, width: float, height: float, depth: float) -> list[Layer]:
    """Build a small wooden table (pixels) that stands on the ground at (``x``, ``y``)."""
    scale = max(height, 1.0) / 42
    brush = Brush(stage, scale)
    half = width / scale / 2
    sheet = brush.sheet(-half - 2, half + 2, -2, 46)
    wood = brush.colour(WOOD)
    line, dark = brush.line(wood), brush.shade(wood)
    for side in (-1, 1):
        leg = [(side * (half - 3), 39), (side * (half - 6.5), 39), (side * (half - 4.4), 0), (side * (half - 2.2), 0)]
        sheet.fill(leg, dark, line, 0.5, smooth=False)
    sheet.fill([(-half, 42), (half, 42), (half, 38.2), (-half, 38.2)], wood, line, 0.5, smooth=False)
    sheet.tint([(-half, 39.6), (half, 39.6), (half, 38.2), (-half, 38.2)], dark, 0.9, smooth=False)
    puppet = Puppet("stool", brush, x, y, depth)
    puppet.add("table", sheet)
    layers = puppet.build_layers()
    return [*_build_shadow(stage, layers[0], PropSpot(x, y, height, height, depth), None), *layers]
