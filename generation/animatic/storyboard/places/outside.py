"""Places before buildings: alleys, the front of a shop, a roof of tiles, and the platform of a railway."""

import numpy as np

from ..lines import CREAM, Sketch, Stroke, Wash, corners, curve, loop, poly, ruled
from ..tracing import Tracing, load_shapes
from .furniture import draw_furniture, list_goods
from .land import draw_field, draw_open_sky, draw_shore, draw_tufts, draw_water
from .setting import Setting
from .skies import draw_sky
from .underground import draw_track

FRONT = "front"  # variant of a street: "front fish" is the front of a shop for fish


def draw_alley(setting: Setting) -> list[Sketch]:
    """Return two near walls with doors and small windows, tiles on top, and a strip of sky."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.12, end=0.42)

    def at(side: float, near: float, v: float) -> tuple[float, float]:
        return w * (0.5 + side * 0.07 * near), h * (0.5 + v * 0.075 * near)

    for side in (-1, 1):
        wall = poly([at(side, 1, 1), at(side, 1, -1.5), at(side, 7.4, -1.5), at(side, 7.4, 1)])
        out.shape(wall, 5.5)
        out.strokes += [ruled(at(side, 1, v), at(side, 7.4, v), 4) for v in (-1.3, -1.42)]
        for near in np.geomspace(1.05, 7, 26).tolist():
            out.strokes.append(ruled(at(side, near, -1.5), at(side, near, -1.3), 3, 0.6))
        for near, far in ((1.5, 1.8), (3.0, 3.7)):
            door = poly([at(side, near, 1), at(side, near, -0.4), at(side, far, -0.4), at(side, far, 1)])
            out.shape(np.concatenate([door, door[:1]]), 5)
            out.shade([door], side + 2, 11)
            middle = (near + far) / 2
            out.strokes.append(ruled(at(side, middle, 1), at(side, middle, -0.4), 3.4))
        for near, far in ((2.1, 2.6), (4.3, 5.2)):
            pane = poly([at(side, near, 0.1), at(side, near, -0.7), at(side, far, -0.7), at(side, far, 0.1)])
            out.strokes.append(Stroke(np.concatenate([pane, pane[:1]]), 4))
            out.washes.append(Wash([pane], CREAM, 1.0 if setting.hour in ("night", "dusk") else 0.4))
        for near in np.geomspace(1.2, 6.6, 9).tolist():
            out.strokes.append(ruled(at(side, near, 0.55), at(side, near * 1.09, 0.55), 3, 0.5))
        if side == 1:
            out.shade([wall], 4, 17, 0.2)
    out.strokes += [ruled(at(0, near, 1), at(0.6, near, 1), 3, 0.5) for near in (1.4, 2.2, 3.4, 5.0)]
    return [draw_sky(setting, h * 0.57), out]


def draw_front(setting: Setting) -> list[Sketch]:
    """Return the front of a shop with its goods in the window, an awning, and its sign."""
    w, h = setting.width, setting.height
    goods = list_goods(setting.variant.removeprefix(FRONT).strip())
    front = Sketch(start=0.12, end=0.4)
    front.shape(corners(w * 0.1, h * 0.04, w * 0.9, h * 0.74), 6)
    front.strokes += [ruled((0, h * y), (w, h * y), 4, 0.6) for y in (0.74, 0.78)]
    front.shade([corners(0, h * 0.1, w * 0.1, h * 0.74), corners(w * 0.9, h * 0.1, w, h * 0.74)], 3, 17)
    front.strokes += [
        ruled((w * (0.5 + 0.3 * x), h * 0.78), (w * (0.5 + 0.5 * x), h), 3, 0.4) for x in (-1.4, -0.6, 0.6, 1.4)
    ]
    sign = corners(w * 0.3, h * 0.07, w * 0.7, h * 0.2)
    front.shape(poly(np.concatenate([sign, sign[:1]])), 5)
    front.washes.append(Wash([sign], CREAM, 0.7))
    _draw_window(front, setting)
    shown = Sketch(start=0.3, end=0.46)
    for number, x in enumerate((0.2, 0.28, 0.36, 0.44, 0.52, 0.58)):
        for y in (0.505, 0.635) if goods else ():
            Tracing(load_shapes(goods[number % len(goods)]), setting.at(x, y), h * 0.1).draw(shown)
    if goods:
        Tracing(load_shapes(goods[0]), setting.at(0.5, 0.19), h * 0.11).draw(shown)
    return [draw_sky(setting, h * 0.3), front, shown]


def _draw_window(front: Sketch, setting: Setting) -> None:
    """Add the window and the door of a shop, with the awning above them."""
    w, h = setting.width, setting.height
    top, foot = np.linspace(0.14, 0.86, 13), np.linspace(0.09, 0.91, 13)
    awning = poly([(w * 0.14, h * 0.23), (w * 0.86, h * 0.23), (w * 0.91, h * 0.33), (w * 0.09, h * 0.33)])
    glass = corners(w * 0.15, h * 0.36, w * 0.62, h * 0.66)
    door = corners(w * 0.68, h * 0.36, w * 0.84, h * 0.74)
    for outline in (glass, door, corners(w * 0.7, h * 0.4, w * 0.82, h * 0.6)):
        front.strokes.append(Stroke(poly(np.concatenate([outline, outline[:1]])), 5))
    front.strokes += [ruled((w * 0.15, h * y), (w * 0.62, h * y), 4) for y in (0.51, 0.64)]
    front.washes.append(Wash([glass, corners(w * 0.7, h * 0.4, w * 0.82, h * 0.6)], CREAM, 0.6))
    front.shape(np.concatenate([awning, awning[:1]]), 5)
    for number in range(12):
        strip = poly(
            [
                (w * top[number], h * 0.23),
                (w * top[number + 1], h * 0.23),
                (w * foot[number + 1], h * 0.33),
                (w * foot[number], h * 0.33),
            ]
        )
        front.strokes.append(Stroke(strip, 3, 0.6))
        if number % 2:
            front.shade([strip], number, 10)


def draw_awnings(setting: Setting) -> Sketch:
    """Return awnings and hanging signs on both sides of a street, which make it one of shops."""
    w, h = setting.width, setting.height
    out = Sketch(start=0.3, end=0.46)
    for side in (-1, 1):
        for near, far in ((0.24, 0.4), (0.44, 0.72), (0.78, 1.1)):
            x0, x1, inner = (w * (0.5 + side * 0.5 * k) for k in (far, near, near * 0.86))
            y0, y1 = h * (0.52 - 0.1 * far), h * (0.52 - 0.1 * near)
            edge = w * (0.5 + side * 0.5 * far * 0.8)
            cloth = poly([(x1, y1), (x0, y0), (edge, y0 + h * 0.12 * far), (inner, y1 + h * 0.12 * near), (x1, y1)])
            out.shape(cloth, 5)
            out.shade([cloth], side + 4, 12)
            sign = corners(
                inner - w * 0.02 * near, h * (0.52 - 0.44 * near), inner + w * 0.03 * near, h * (0.52 - 0.16 * near)
            )
            out.shape(poly(np.concatenate([sign, sign[:1]])), 4.4)
            middle = float(sign[:, 0].mean())
            out.strokes += [
                ruled((middle - 9, y), (middle + 9, y), 4, 0.7) for y in np.linspace(sign[0, 1], sign[2, 1], 5)[1:4]
            ]
    return out


def draw_tiles(setting: Setting) -> list[Sketch]:
    """Return the slope of a roof with its ridge, above other roofs."""
    w, h, rng = setting.width, setting.height, setting.rng
    far = Sketch(start=0.14, end=0.36)
    x = -40.0
    while x < w:
        wide, top = rng.uniform(150, 260), h * rng.uniform(0.4, 0.5)
        gable = poly([(x, h * 0.66), (x + wide * 0.2, top), (x + wide * 0.8, top), (x + wide, h * 0.66)])
        far.shape(gable, 4.4)
        far.shade([gable], int(x), 15, 0.2)
        x += wide * 0.8
    roof = Sketch(start=0.24, end=0.5)
    slope = poly(
        [
            (-20, h * 0.72),
            (w * 0.06, h * 0.66),
            (w * 0.94, h * 0.66),
            (w + 20, h * 0.72),
            (w + 20, h * 1.05),
            (-20, h * 1.05),
        ]
    )
    roof.shape(slope, 6)
    roof.strokes += [ruled((w * 0.04, h * y), (w * 0.96, h * y), 7) for y in (0.66, 0.685)]
    rows = np.linspace(0.72, 1.0, 6)
    for number, y in enumerate(rows):
        half = w * 0.03 * (1 + number * 0.25)
        for x in np.arange(-half * (number % 2), w + half, 2 * half):
            roof.line([(x - half, h * y), (x, h * y + half * 0.7), (x + half, h * y)], 3.6, 0.7)
    roof.shade([poly([(w * 0.6, h * 0.69), (w * 0.94, h * 0.69), (w, h), (w * 0.72, h)])], 5, 14)
    return [draw_sky(setting, h * 0.6), far, roof]


def draw_platform(setting: Setting) -> list[Sketch]:
    """Return a platform under the sky: the track at the right, a roof on posts at the left, and land behind."""
    w, h = setting.width, setting.height
    view = (
        draw_shore(setting.change(variant=""))
        if setting.variant == "sea_platform"
        else draw_field(setting.change(variant=""))
    )
    slab = Sketch(start=0.24, end=0.44)
    slab.shape(
        poly([(-20, h * 0.6), (w * 0.57, h * 0.59), (w * 1.02, h * 0.59), (w * 1.02, h * 1.05), (-20, h * 1.05)]), 5.5
    )
    slab.strokes += [ruled((0, h * y), (w * x, h * y), 3, 0.4) for x, y in ((0.58, 0.64), (0.62, 0.72), (0.68, 0.84))]
    roof = Sketch(start=0.28, end=0.46)
    roof.shape(poly([(-20, h * 0.03), (w * 0.3, h * 0.2), (w * 0.5, h * 0.34), (w * 0.4, h * 0.36), (-20, h * 0.3)]), 6)
    roof.shade([poly([(-20, h * 0.2), (w * 0.4, h * 0.34), (w * 0.4, h * 0.36), (-20, h * 0.3)])], 2, 12)
    roof.strokes += [
        ruled((w * x, h * top), (w * x, h * foot), 7)
        for x, top, foot in ((0.06, 0.3, 0.94), (0.22, 0.33, 0.74), (0.36, 0.35, 0.64))
    ]
    return [*view, slab, draw_track(setting), roof]


def draw_hot_spring(setting: Setting) -> list[Sketch]:
    """Return the water of a spring with steam above it; the rocks around it are its furniture."""
    w, h, rng = setting.width, setting.height, setting.rng
    steam = Sketch(start=0.34, end=0.5)
    for x in np.linspace(0.1, 0.9, 9):
        y, rise = h * rng.uniform(0.56, 0.8), h * rng.uniform(0.16, 0.26)
        steam.line([(w * x + 26 * np.sin(k * 1.6 + x * 9), y - rise * k / 5) for k in range(6)], 4, 0.55)
    return [*draw_water(setting.change(variant="")), *draw_furniture(setting), steam]


def draw_lake(setting: Setting) -> list[Sketch]:
    """Return a lake with trees on its other side."""
    return [*draw_water(setting.change(variant="")), _draw_far_bank(setting, 0.53), _draw_reeds(setting)]


def draw_river(setting: Setting) -> list[Sketch]:
    """Return a river between two banks."""
    w, h = setting.width, setting.height
    near = Sketch(start=0.26, end=0.46)
    edge = curve([(w * t, h * (0.9 + 0.02 * np.sin(t * 7))) for t in np.linspace(-0.02, 1.02, 7)])
    near.solid.append(np.concatenate([edge, [(w, h * 1.02), (0, h * 1.02)]]).astype(np.float32))
    near.strokes.append(Stroke(edge, 5.5))
    for x in setting.rng.uniform(0, w, 16):
        near.strokes.append(Stroke(loop(x, h * setting.rng.uniform(0.92, 0.99), 16, 8), 3.4, 0.6))
    return [*draw_water(setting.change(variant="")), _draw_far_bank(setting, 0.6), near]


def _draw_far_bank(setting: Setting, foot: float) -> Sketch:
    w, h, rng = setting.width, setting.height, setting.rng
    out = Sketch(start=0.2, end=0.44)
    edge = curve([(w * t, h * foot + 8 * np.sin(t * 9)) for t in np.linspace(-0.02, 1.02, 8)])
    out.solid.append(np.concatenate([edge, [(w, h * 0.45), (0, h * 0.45)]]).astype(np.float32))
    out.strokes.append(Stroke(edge, 5))
    for x in np.arange(0.02, 1, 0.075):
        tall, low = h * rng.uniform(0.06, 0.12), h * (foot - 0.02)
        bush = curve([(w * x - 60, low), (w * x - 36, low - tall), (w * x + 14, low - tall * 1.2), (w * x + 60, low)])
        out.shape(np.concatenate([bush, bush[:1]]), 4)
        out.shade([bush], int(x * 30), 13)
    return out


def _draw_reeds(setting: Setting) -> Sketch:
    reeds = Sketch(start=0.3, end=0.48)
    for left in (0.0, 0.86):
        area = (setting.width * left, setting.height * 0.92, setting.width * (left + 0.14), setting.height * 1.02)
        draw_tufts(reeds, area, 9, 120, setting.rng)
    return reeds


def draw_pool(setting: Setting) -> list[Sketch]:
    """Return a swimming pool with lanes."""
    w, h = setting.width, setting.height
    edge = Sketch(start=0.2, end=0.44)
    basin = [
        (w * 0.24, h * 0.56),
        (w * 0.76, h * 0.56),
        (w * 1.04, h * 0.94),
        (w * -0.04, h * 0.94),
        (w * 0.24, h * 0.56),
    ]
    rim = poly([(0, h * 0.5), (w, h * 0.5), (w, h * 1.02), (0, h * 1.02)])
    edge.solid.append(np.concatenate([rim, rim[:1], poly(basin), rim[:1]]).astype(np.float32))
    edge.strokes += [Stroke(poly(basin), 6), ruled((0, h * 0.5), (w, h * 0.5), 5)]
    edge.strokes += [
        ruled((w * (0.5 + 0.52 * x), h * 0.56), (w * (0.5 + 1.08 * x), h * 0.94), 5, 0.8) for x in (-0.25, 0, 0.25)
    ]
    edge.strokes += [ruled((w * x, h * 0.96), (w * x, h * 1.0), 3, 0.5) for x in np.linspace(0.02, 0.98, 18)]
    return [*draw_water(setting.change(variant="")), edge]


def draw_open_ground(setting: Setting) -> list[Sketch]:
    """Return open ground with a way, for a village or a square that its furniture tells."""
    return [*draw_field(setting.change(variant="road")), *draw_furniture(setting)]


def draw_sky_above_town(setting: Setting) -> list[Sketch]:
    """Return the sky with roofs far below, between two banks of clouds."""
    w, h, rng = setting.width, setting.height, setting.rng
    town = Sketch(start=0.2, end=0.44)
    for row, y in enumerate((0.82, 0.9, 1.0)):
        x = -30.0 - 40 * row
        while x < w:
            wide, tall = rng.uniform(60, 100) * (1 + 0.3 * row), h * rng.uniform(0.04, 0.08)
            gable = [
                (x, h * y + 40),
                (x, h * y),
                (x + wide / 2, h * y - tall),
                (x + wide, h * y),
                (x + wide, h * y + 40),
            ]
            town.shape(poly([*gable, gable[0]]), 4)
            town.shade([poly(gable[1:4])], int(x), 12)
            x += wide * 1.1
    first, *rest = draw_open_sky(setting.change(variant=""))
    return [first, town, *rest[::3]]


OPEN = ("village", "playground", "funfair", "ruins", "gas")  # streets without rows of houses
VARIANTS = {
    ("street", "alley"): draw_alley,
    ("rooftop", "tiles"): draw_tiles,
    ("field", "platform"): draw_platform,
    ("field", "sea_platform"): draw_platform,
    ("water", "hot_spring"): draw_hot_spring,
    ("water", "lake"): draw_lake,
    ("water", "river"): draw_river,
    ("water", "pool"): draw_pool,
    ("sky", "town"): draw_sky_above_town,
    **{("street", variant): draw_open_ground for variant in OPEN},
}
