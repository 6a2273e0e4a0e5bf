"""Streets, rooftops, and vehicles from inside."""

import numpy as np

from ..lines import CREAM, Array, Point, Sketch, Stroke, Wash, corners, curve, loop, poly, ruled
from .far_away import draw_space
from .furniture import draw_furniture
from .land import draw_field, draw_water
from .outside import draw_awnings
from .setting import Setting
from .skies import draw_sky

ROWS = ((0.14, 0.22), (0.23, 0.4), (0.42, 0.74), (0.77, 1.3))  # houses of a side: where they start and end
PANES = {  # left, top, right, bottom of the windows of a vehicle, and how round they are in units
    "": (((0.06, 0.16, 0.34, 0.56), (0.38, 0.16, 0.66, 0.56), (0.7, 0.16, 0.98, 0.56)), 40.0),
    "bus": (((0.03, 0.14, 0.46, 0.58), (0.5, 0.14, 0.97, 0.58)), 24.0),
    "car": (((0.08, 0.1, 0.92, 0.56),), 110.0),
    "plane": (
        ((0.1, 0.26, 0.22, 0.52), (0.36, 0.26, 0.48, 0.52), (0.62, 0.26, 0.74, 0.52), (0.86, 0.26, 0.98, 0.52)),
        70.0,
    ),
    "ship": (((0.1, 0.2, 0.3, 0.5), (0.4, 0.2, 0.6, 0.5), (0.7, 0.2, 0.9, 0.5)), 140.0),
    "submarine": (((0.1, 0.2, 0.3, 0.5), (0.4, 0.2, 0.6, 0.5), (0.7, 0.2, 0.9, 0.5)), 140.0),
    "spaceship": (((0.14, 0.1, 0.86, 0.52),), 60.0),
    "lift": ((), 0.0),
}


def draw_street(setting: Setting) -> list[Sketch]:
    w, h = setting.width, setting.height
    horizon, vx = h * 0.52, w * 0.5
    houses = [_draw_house(setting, side, row) for row in ROWS for side in (-1, 1)]
    road = Sketch(start=0.12, end=0.3)
    road.rule((vx - 26, horizon), (w * 0.06, h * 1.02), 5.5)
    road.rule((vx + 26, horizon), (w * 0.94, h * 1.02), 5.5)
    road.rule((0, horizon), (w, horizon), 4, 0.6)
    for t in (0.1, 0.2, 0.34, 0.54, 0.8):
        y, d = horizon + (h - horizon) * t, (h - horizon) * t * 0.28
        road.rule((vx - 14 * t - 3, y), (vx - 18 * t - 3, y + d), 4, 0.7)
        road.rule((vx + 14 * t + 3, y), (vx + 18 * t + 3, y + d), 4, 0.7)
    road.shade([poly([(vx - 26, horizon), (w * 0.06, h), (w * 0.3, h), (vx, horizon)])], 5, 18)
    side = draw_awnings(setting) if setting.variant == "shops" else _draw_pole(setting, horizon)
    return [draw_sky(setting, horizon), *houses, road, side, *draw_furniture(setting)]


def _draw_house(setting: Setting, side: int, row: tuple[float, float]) -> Sketch:
    w, h = setting.width, setting.height
    near, far = row[1], row[0]
    tall = setting.rng.uniform(0.75, 1.15)

    def at(k: float, v: float) -> Point:
        return w * 0.5 + side * w * 0.5 * k, h * 0.52 - h * 0.62 * k * v * tall + (1 - v) * h * 0.42 * k

    house = Sketch(start=0.14, end=0.42, solid=[poly([at(far, 0), at(far, 1), at(near, 1), at(near, 0)])])
    inner = w * 0.5 + side * w * 0.5 * far * 0.9
    house.strokes += [ruled(at(far, 0), at(far, 1)), ruled(at(far, 1), at(near, 1)), ruled(at(near, 1), at(near, 0), 4)]
    house.strokes += [ruled(at(far, 0), at(near, 0), 4), ruled(at(far, 0.36), at(near, 0.36), 5)]
    house.strokes += [
        ruled(at(far, 0.36), (inner, at(far, 0.28)[1]), 4),
        ruled((inner, at(far, 0.28)[1]), at(near, 0.27), 4),
    ]
    wide = near - far
    for a in np.linspace(0.16, 0.76, 2 if near < 0.3 else 3):
        for v in (0.5, 0.74):
            pane = [
                at(far + wide * a, v),
                at(far + wide * (a + 0.15), v),
                at(far + wide * (a + 0.15), v + 0.14),
                at(far + wide * a, v + 0.14),
            ]
            house.strokes.append(Stroke(poly([*pane, pane[0]]), 3.6, 0.75))
            if setting.hour == "night":
                house.washes.append(Wash([np.array(pane, np.float32)], CREAM, 1.0))
    if side == 1 or setting.hour == "night":
        house.shade(
            [poly([at(far, 0), at(far, 1), at(far + wide * 0.9, 1), at(near, 0.36), at(near, 0)])], int(far * 40), 16
        )
    return house


def _draw_pole(setting: Setting, horizon: float) -> Sketch:
    w, h = setting.width, setting.height
    pole, x = Sketch(start=0.3, end=0.45), w * 0.2
    pole.rule((x, h * 0.9), (x, h * 0.06), 10, 0.9)
    pole.rule((x - 60, h * 0.13), (x + 60, h * 0.13), 7)
    pole.rule((x - 46, h * 0.19), (x + 46, h * 0.19), 7)
    for d in (-50, 50):
        pole.line([(x + d, h * 0.13), (w * 0.5 - 120, h * 0.36), (w * 0.5, horizon - 60)], 3, 0.6)
    return pole


def draw_rooftop(setting: Setting) -> list[Sketch]:
    """Return a roof high above a town."""
    w, h = setting.width, setting.height
    horizon = h * 0.56
    town, rng = Sketch(start=0.14, end=0.4), setting.rng
    x = -20.0
    while x < w:
        wide, top = rng.uniform(70, 150), horizon - rng.uniform(30, 210)
        tower = corners(x, top, x + wide, horizon + 60)
        town.shape(poly(np.concatenate([tower, tower[:1]])), 4.4)
        town.strokes += [ruled((x + wide * a, top + 24), (x + wide * a, horizon), 3, 0.4) for a in (0.3, 0.6)]
        if setting.hour == "night":
            town.washes.append(Wash([corners(x + wide * 0.2, top + 20, x + wide * 0.5, top + 50)], CREAM, 1.0))
        town.shade([corners(x + wide * 0.7, top, x + wide, horizon)], int(x), 14)
        x += wide + rng.uniform(-10, 26)
    roof = Sketch(start=0.26, end=0.5)
    roof.shape(poly([(-20, h * 0.66), (w + 20, h * 0.66), (w + 20, h * 1.05), (-20, h * 1.05), (-20, h * 0.66)]), 6)
    roof.strokes += [ruled((w * a, h * 0.66), (w * (a * 1.8 - 0.4), h), 3, 0.5) for a in np.linspace(0.06, 0.94, 8)]
    roof.rule((0, h * 0.5), (w, h * 0.5), 5)
    roof.strokes += [
        ruled((w * a, h * 0.5), (w * a, h * 0.66), 4) for a in np.linspace(0.02, 0.98, max(5, int(w / 120)))
    ]
    tank = curve(
        [(w * 0.1, h * 0.66), (w * 0.1, h * 0.4), (w * 0.15, h * 0.36), (w * 0.2, h * 0.4), (w * 0.2, h * 0.66)]
    )
    roof.shape(np.concatenate([tank, tank[:1]]), 5)
    roof.shade([poly([(w * 0.16, h * 0.4), (w * 0.2, h * 0.42), (w * 0.2, h * 0.66), (w * 0.16, h * 0.66)])], 1, 12)
    return [draw_sky(setting, horizon), town, roof]


def draw_vehicle(setting: Setting) -> list[Sketch]:
    """Return the inside of a vehicle with what its windows show."""
    w, h = setting.width, setting.height
    rows, roundness = PANES.get(setting.variant, PANES[""])
    panes = [_shape_pane(w * x0, h * y0, w * x1, h * y1, roundness) for x0, y0, x1, y1 in rows]
    frame = Sketch(start=0.1, end=0.4)
    for pane in panes:
        rim = (pane - pane.mean(0)) * (1.05, 1.08) + pane.mean(0)
        frame.strokes += [Stroke(pane, 6), Stroke(rim.astype(np.float32), 3.6, 0.6)]
    outer = corners(0, 0, w, h)
    holes = [np.concatenate([pane, pane[:1], outer[:1]]) for pane in panes]
    frame.solid.append(np.concatenate([outer, outer[:1], *holes]).astype(np.float32))
    _furnish(frame, setting)
    draw_view = {"ship": draw_water, "submarine": draw_water, "spaceship": draw_space}.get(setting.variant, draw_field)
    view = draw_view(setting.change(variant=""))
    for sketch in view:  # seen through the panes only
        sketch.strokes = [stroke for stroke in sketch.strokes if stroke.points[:, 1].min() < h * 0.6]
    return [*(view if panes else []), frame]


def _shape_pane(x0: float, y0: float, x1: float, y1: float, r: float) -> Array:
    r = min(r, (x1 - x0) * 0.48, (y1 - y0) * 0.48)
    q = r * 0.2
    points = [(x0 + r, y0), (x1 - r, y0), (x1 - q, y0 + q), (x1, y0 + r), (x1, y1 - r), (x1 - q, y1 - q)]
    points += [(x1 - r, y1), (x0 + r, y1), (x0 + q, y1 - q), (x0, y1 - r), (x0, y0 + r), (x0 + q, y0 + q)]
    return curve(points, True)


def _furnish(frame: Sketch, setting: Setting) -> None:
    """Add what tells the vehicle: straps and a bench, rows of seats, a wheel, or the doors of a lift."""
    w, h = setting.width, setting.height
    if setting.variant == "lift":
        frame.strokes += [ruled((w * x, h * 0.06), (w * x, h * 0.86), 6) for x in (0.26, 0.5, 0.74)]
        frame.rule((w * 0.26, h * 0.06), (w * 0.74, h * 0.06), 6)
        frame.rule((0, h * 0.86), (w, h * 0.86), 6)
        frame.strokes += [Stroke(loop(w * 0.82, h * y, 14, 14), 4) for y in (0.4, 0.46, 0.52)]
        frame.shade([corners(w * 0.27, h * 0.07, w * 0.49, h * 0.85)], 3, 18)
        return
    if setting.variant == "car":
        frame.line([(0, h * 0.64), (w * 0.3, h * 0.6), (w * 0.7, h * 0.6), (w, h * 0.64)], 6)
        frame.strokes += [
            Stroke(loop(w * 0.3, h * 0.8, h * 0.17, h * 0.15), 8),
            Stroke(loop(w * 0.3, h * 0.8, 40, 34), 5),
        ]
        return
    frame.rule((0, h * 0.09), (w, h * 0.09))
    frame.rule((0, h * 0.62), (w, h * 0.62), 4)
    frame.rule((0, h * 0.92), (w, h * 0.92))
    if setting.variant in ("", "train", "bus"):
        for x in np.arange(0.12, 1, 0.16):
            frame.rule((w * x, h * 0.09), (w * x, h * 0.2), 4)
            frame.strokes.append(Stroke(loop(w * x, h * 0.24, 26, 30), 5))
    frame.rule((0, h * 0.7), (w, h * 0.7), 6)
    frame.rule((0, h * 0.82), (w, h * 0.82), 6)
    frame.shade([corners(0, h * 0.7, w, h * 0.82)], 3, 14)
