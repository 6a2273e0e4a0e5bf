"""Rooms, shops, corridors, stages and arenas in rough perspective."""

from itertools import pairwise

import numpy as np

from ..lines import CREAM, Array, Point, Sketch, Stroke, Wash, box, corners, curve, loop, oval, poly, ruled
from ..tracing import Tracing, load_shapes
from .furniture import draw_furniture, list_goods
from .setting import Setting
from .underground import UNDERGROUND

WALL = (0.2, 0.14, 0.8, 0.64)  # the far wall: left, top, right, bottom
WITHOUT_WINDOW = (
    *("library", "classroom", "museum", "workshop", "castle", "temple", "attic", "gym", "tatami", "factory", "forge"),
    *("observatory", "prison", "aquarium", "church", "cellar", "tent", "dojo", "court", "police", "barn"),
)
SHELVES = (0.36, 0.66, 0.96)  # heights of shelves on the side walls


def draw_room(setting: Setting) -> list[Sketch]:
    sketches = [_draw_walls(setting)]
    if setting.variant not in WITHOUT_WINDOW:
        sketches.append(_draw_window(setting))
    if setting.variant == "library":
        sketches.append(_draw_shelves(setting))
    else:
        sketches.append(_draw_door(setting))
    return [*sketches, *draw_furniture(setting)]


def _draw_walls(setting: Setting) -> Sketch:
    w, h = setting.width, setting.height
    x0, y0 = setting.at(*WALL[:2])
    x1, y1 = setting.at(*WALL[2:])
    wall = Sketch([*box(x0, y0, x1, y1)], start=0.1, end=0.3)
    edges = (((0, -h * 0.1), (x0, y0)), ((w, -h * 0.1), (x1, y0)), ((0, h * 0.97), (x0, y1)), ((w, h * 0.97), (x1, y1)))
    wall.strokes += [ruled(a, b, 5) for a, b in edges]
    for t in np.linspace(0.08, 0.92, 9):
        wall.strokes.append(ruled((x0 + (x1 - x0) * t, y1), (w * (t * 2.2 - 0.6), h), 3, 0.5))
    ceiling = np.array([(0, 0), (w, 0), (x1, y0), (x0, y0)], np.float32)
    wall.shade([ceiling], 1)
    floor = np.array([(x0, y1), (x1, y1), (w * 0.72, h), (w * 0.2, h)], np.float32)
    wall.washes.append(Wash([floor], CREAM, 0.55))
    wall.shade([np.array([(x0, y0), (x0 + w * 0.1, y0), (x0 + w * 0.02, y1), (x0, y1)], np.float32)], 8, 17, 0.2)
    lamp = [
        (w / 2 - 70, h * 0.1),
        (w / 2 - 34, h * 0.05),
        (w / 2 + 34, h * 0.05),
        (w / 2 + 70, h * 0.1),
        (w / 2 - 70, h * 0.1),
    ]
    wall.line(lamp, 5)
    wall.rule((w / 2, -10), (w / 2, h * 0.05), 4)
    return wall


def _draw_window(setting: Setting) -> Sketch:
    w, h = setting.width, setting.height
    x0, x1, y0, y1 = w * 0.36, w * 0.64, h * 0.2, h * 0.46
    window = Sketch([*box(x0, y0, x1, y1), *box(x0 - 14, y0 - 14, x1 + 14, y1 + 14, 4)], start=0.2, end=0.36)
    window.rule((w / 2, y0), (w / 2, y1))
    window.rule((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2), 4)
    _draw_view(window, setting, (x0, y0, x1, y1))
    for side in (-1, 1):
        steps = (-26, 0, 30, 58)
        folds = [
            curve(
                [
                    (w / 2 + side * (w * 0.16 + d), y0 - 26),
                    (w / 2 + side * (w * 0.15 + d * 0.8), h * 0.36),
                    (w / 2 + side * (w * 0.165 + d * 0.9), h * 0.52),
                ]
            )
            for d in steps
        ]
        window.strokes += [Stroke(fold, 4.4, 0.75) for fold in folds]
        window.solid.append(np.concatenate([folds[0], folds[-1][::-1]]))
        window.shade([np.concatenate([folds[1], folds[2][::-1]])], side + 2, 11)
    window.rule((w * 0.3, y0 - 28), (w * 0.7, y0 - 28), 6)
    return window


def _draw_view(window: Sketch, setting: Setting, pane: tuple[float, float, float, float]) -> None:
    """Draw weather and hour behind the panes."""
    x0, y0, x1, y1 = pane
    rng = setting.rng
    for _ in range({"rain": 60, "storm": 60, "snow": 44}.get(setting.weather, 0)):
        x, y = rng.uniform(x0 + 16, x1 - 10), rng.uniform(y0 + 10, y1 - 34)
        is_snow = setting.weather == "snow"
        window.strokes.append(
            Stroke(loop(x, y, 5, 5), 3, 0.6) if is_snow else ruled((x, y), (x - 9, y + 30), 3, 0.55, over=0)
        )
    if setting.hour == "night":
        window.shade([corners(x0, y0, x1, y1)], gap=11, wash=0.45)
    elif setting.hour in ("dawn", "dusk"):
        window.washes.append(Wash([corners(x0, y0, x1, y1)], CREAM, 1.0))
    else:
        window.strokes += [ruled((x0 + d, y1 - 20), (x0 + d + 90, y0 + 20), 3, 0.4, "b") for d in (30, 60)]


def _draw_door(setting: Setting) -> Sketch:
    w, h = setting.width, setting.height
    x0, x1, y1 = w * WALL[0], w * WALL[2], h * WALL[3]
    dress = Sketch(start=0.2, end=0.45)
    door = [(w * 0.86, h * 0.75), (w * 0.86, h * 0.2), (w * 0.95, h * 0.12), (w * 0.95, h * 0.88)]
    dress.strokes += [Stroke(poly([*door, door[0]]), 5, 0.85), Stroke(loop(w * 0.875, h * 0.5, 8, 10), 4)]
    dress.shade([poly(door)], 6, 16, 0.2)
    skirting = (((x0, y1 - 22), (x1, y1 - 22)), ((0, h * 0.93), (x0, y1 - 22)), ((w, h * 0.93), (x1, y1 - 22)))
    dress.strokes += [ruled(a, b, 3, 0.5) for a, b in skirting]
    return dress


class Shelf:
    """Points on a side wall: ``t`` from the far wall to us, ``v`` from above downwards."""

    def __init__(self, setting: Setting, side: int) -> None:
        self.w, self.h, self.side = setting.width, setting.height, side

    def at(self, t: float, v: float) -> Point:
        x = self.w / 2 + self.side * (self.w * 0.3 + self.w * 0.2 * t)
        return x, self.h * 0.5 + (v - 0.5) * self.h * (0.5 + 0.62 * t)


def _draw_shelves(setting: Setting, has_books: bool = True) -> Sketch:
    """Return shelves on both side walls."""
    dress, rng = Sketch(start=0.2, end=0.45), setting.rng
    for side in (-1, 1):
        at = Shelf(setting, side).at
        for v in (0.06, *SHELVES):
            dress.strokes += [
                ruled(at(0.04, v), at(1, v), 5, 0.85),
                ruled(at(0.04, v + 0.025), at(1, v + 0.025), 3, 0.6),
            ]
        dress.strokes += [ruled(at(t, 0.04), at(t, 1), 5, 0.85) for t in (0.04, 0.34, 0.64, 1.0)]
        for v in SHELVES if has_books else ():
            for t in np.arange(0.08, 0.98, 0.052):
                tall, lean = rng.uniform(0.1, 0.24), rng.normal(0, 0.006)
                dress.strokes.append(ruled(at(t, v), at(t + lean, v - tall), 3.6, 0.75))
                dress.strokes.append(ruled(at(t, v - tall), at(t + 0.04, v - tall), 3.2, 0.7))
        dress.shade([poly([at(0.04, 0.04), at(1, 0.04), at(1, 0.36), at(0.04, 0.36)])], side + 2, 18)
    return dress


def draw_shop(setting: Setting) -> list[Sketch]:
    """Return a shop with its goods on shelves and above the counter."""
    w, h = setting.width, setting.height
    goods = list_goods(setting.variant)
    sketches = [_draw_walls(setting), _draw_shelves(setting, has_books=not goods)]
    board = Sketch(start=0.3, end=0.36)
    sign = corners(w * 0.37, h * 0.16, w * 0.63, h * 0.28)
    board.shape(poly(np.concatenate([sign, sign[:1]])), 5)
    sketches.append(board)
    if goods:
        sketches += [_put_goods(setting, goods), _put_sign(setting, goods[0])]
    return sketches


def _put_sign(setting: Setting, name: str) -> Sketch:
    sign = Sketch(start=0.32, end=0.38)
    Tracing(load_shapes(name), setting.at(0.5, 0.272), setting.height * 0.095).draw(sign)
    return sign


def _put_goods(setting: Setting, goods: list[str]) -> Sketch:
    """Return the goods on the shelves of both walls and in rows on the far wall."""
    shown, number = Sketch(start=0.3, end=0.48), 0
    for side in (-1, 1):
        shelf = Shelf(setting, side)
        for v in SHELVES:
            for t in (0.2, 0.5, 0.84):
                tall = setting.height * (0.1 + 0.06 * t)
                Tracing(load_shapes(goods[number % len(goods)]), shelf.at(t, v), tall, side < 0).draw(shown)
                number += 1
    for x in (0.27, 0.35, 0.65, 0.73):
        Tracing(load_shapes(goods[number % len(goods)]), setting.at(x, 0.5), setting.height * 0.14).draw(shown)
        number += 1
    shown.rule(setting.at(0.22, 0.5), setting.at(0.4, 0.5), 4)
    shown.rule(setting.at(0.6, 0.5), setting.at(0.78, 0.5), 4)
    return shown


def draw_corridor(setting: Setting) -> list[Sketch]:
    if setting.variant in UNDERGROUND:
        return UNDERGROUND[setting.variant](setting)
    w, h = setting.width, setting.height
    vx, vy = w / 2, h * 0.5
    out = Sketch([*box(vx - w * 0.09, vy - h * 0.13, vx + w * 0.09, vy + h * 0.12)], start=0.1, end=0.45)

    def at(side: float, near: float, v: float) -> Point:
        return vx + side * w * 0.09 * near, vy + h * 0.13 * near * v

    for side in (-1, 1):
        out.strokes += [ruled(at(side, 1, v), at(side, 5.6, v), 5.5) for v in (-1, 0.95)]
        for near in (1.25, 1.75, 2.7, 4.2):
            far = near * 1.2
            door = [at(side, near, 0.95), at(side, near, -0.4), at(side, far, -0.4), at(side, far, 0.95)]
            out.strokes += [ruled(a, b, 5) for a, b in pairwise(door)]
            if side == 1:
                out.shade([poly(door)], int(near))
    for near in (1.1, 1.5, 2.3, 3.7):
        out.strokes += [
            ruled(at(-0.3, near, -1), at(0.3, near, -1), 5, 0.8),
            ruled(at(-1, near, 0.95), at(1, near, 0.95), 3, 0.4),
        ]
        out.strokes.append(ruled(at(-0.34, near * 1.2, -1), at(0.34, near * 1.2, -1), 4, 0.7))
    carpet = poly([at(-0.6, 1, 0.95), at(0.6, 1, 0.95), at(0.5, 6, 0.95), at(-0.5, 6, 0.95)])
    out.washes.append(Wash([carpet], CREAM, 0.8))
    return [out]


def draw_stage(setting: Setting) -> list[Sketch]:
    """Return a stage with curtains and beams of light."""
    w, h = setting.width, setting.height
    out = _draw_hall(setting)
    out.strokes.append(Stroke(loop(w * 0.5, h * 0.8, w * 0.3, 110), 5, 0.7))
    curtains = Sketch(start=0.3, end=0.5)
    for side in (0, 1):
        rows = [(w * 0.17, -20), (w * 0.13, h * 0.3), (w * 0.07, h * 0.55), (w * 0.11, h * 0.9)]
        folds = [curve([(x * k if side == 0 else w - x * k, y) for x, y in rows]) for k in (1, 0.75, 0.5, 0.25)]
        curtains.strokes += [Stroke(fold, 6 - number, 0.85) for number, fold in enumerate(folds)]
        curtains.solid.append(np.concatenate([folds[0], [(side * w, h * 0.9), (side * w, -20)]]).astype(np.float32))
        curtains.shade([np.concatenate([folds[0], folds[1][::-1]])], side, 11)
    return [out, *draw_furniture(setting), curtains, *_draw_crowd(setting)]


def draw_arena(setting: Setting) -> list[Sketch]:
    """Return a ring before rows of spectators."""
    w, h = setting.width, setting.height
    out = _draw_hall(setting)
    out.strokes += [
        Stroke(loop(w * 0.5, h * 0.82, w * 0.34, 130), 7),
        Stroke(loop(w * 0.5, h * 0.82, w * 0.32, 118), 4, 0.6),
    ]
    for row in range(3):
        for x in np.arange(0.02, 1, 72 / w):
            out.strokes += _draw_spectator(w * x, h * (0.3 + 0.1 * row) + setting.rng.normal(0, 6), 0.7 + 0.1 * row)
    return [out]


def _draw_spectator(x: float, y: float, k: float) -> list[Stroke]:
    shoulders = curve(
        [
            (x - 36 * k, y + 66 * k),
            (x - 26 * k, y + 32 * k),
            (x, y + 24 * k),
            (x + 26 * k, y + 32 * k),
            (x + 36 * k, y + 66 * k),
        ]
    )
    return [Stroke(loop(x, y, 17 * k, 20 * k), 3, 0.6), Stroke(shoulders, 3, 0.55)]


def _draw_crowd(setting: Setting) -> list[Sketch]:
    """Return the backs of heads in front of a stage."""
    if setting.variant == "empty":
        return []
    w, h, rng = setting.width, setting.height, setting.rng
    front = Sketch(start=0.36, end=0.5)
    for number, x in enumerate(np.arange(0.03, 1, 130 / w)):
        y, r = h * (0.955 + rng.uniform(-0.015, 0.015)), 40.0
        body = curve(
            [
                (w * x - 80, h * 1.1),
                (w * x - 60, y + 50),
                (w * x - 20, y + 34),
                (w * x + 20, y + 34),
                (w * x + 60, y + 50),
                (w * x + 80, h * 1.1),
            ]
        )
        head = oval(w * x, y, r, r * 1.1)
        front.strokes += [Stroke(body, 5), Stroke(np.concatenate([head, head[:1]]), 5)]
        front.solid += [body, head]
        front.shade([head], number, 9, 0.3, 0.7)
    return [front]


def _draw_hall(setting: Setting) -> Sketch:
    """Return a dark hall with two beams of light and a lit floor."""
    w, h = setting.width, setting.height
    out = Sketch([ruled((0, h * 0.62), (w, h * 0.62), 5)], start=0.1, end=0.4)
    beams = [_shape_beam(setting, *ends) for ends in ((0.14, 0.37), (0.84, 0.63))]
    out.shade([corners(0, 0, w, h * 0.62), *beams], 3, 16, 0.34)
    out.washes.append(Wash([oval(w * 0.5, h * 0.8, w * 0.3, 110)], CREAM, 1.0))
    for beam in beams:
        out.strokes += [ruled(tuple(beam[a]), tuple(beam[b]), 3, 0.45) for a, b in ((1, 2), (0, 3))]
    return out


def _shape_beam(setting: Setting, top: float, foot: float) -> Array:
    """Return the part above the floor of a beam from a lamp above to the floor."""
    w, h = setting.width, setting.height
    t = 0.62 / 0.8
    left = w * top + (w * foot - 200 - w * top) * t
    right = w * (top + 0.02) + (w * foot + 200 - w * (top + 0.02)) * t
    return np.array([(w * top, 0), (w * (top + 0.02), 0), (right, h * 0.62), (left, h * 0.62)], np.float32)
