"""A mountain road: a bend around the mountainside above a deep valley, with a guard rail and a convex mirror."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..canvas import Sheet, colour, fbm, mix, shade, smooth
from ..layers import Layer, Spot, Stage
from ..scenery.built import mix_plaster, mix_steel
from ..scenery.land import build_haze, build_ridge, grass_tones
from ..scenery.plants import build_overhang, draw_bushes, draw_foliage, draw_pine, leaf_tones
from ..scenery.sky import build_sky
from ..scenery.torii import build_lamplight
from .school import choose_leaves

FAR = 9.0  # distance at which the road disappears behind the mountainside
HALF_WIDTH = 47.0  # of the road at distance 1, in units
RAIL = 20.0  # height of the guard rail at distance 1, in units


@dataclass(frozen=True)
class Bend:
    """A road in perspective that bends towards ``-side``: distance 1 is the lower edge of the frame."""

    stage: Stage
    side: int  # side of the valley: 1 is right
    vy: float  # y of the vanishing point

    def at(self, across: float, distance: float, up: float = 0.0) -> tuple[float, float]:
        """Return the pixel of a point ``across`` units from the middle line towards the valley, ``up`` units high."""
        u = self.stage.unit
        bend = -4.2 * (distance - 1) ** 2 + 9.0 * (distance - 1)
        x = self.stage.width * 0.5 + self.side * (across + bend) * u / distance
        return x, self.vy + (self.stage.height * 1.06 - self.vy - up * u) / distance

    def strip(self, left: float, right: float, near: float = 0.8, far: float = FAR, up: float = 0.0) -> np.ndarray:
        """Return the outline of a strip of the road between two distances from its middle line."""
        steps = near * (far / near) ** np.linspace(0, 1, 40)
        return np.array([self.at(left, d, up) for d in steps] + [self.at(right, d, up) for d in steps[::-1]])


def compose(stage: Stage) -> list[Layer]:
    """Build the bend; trees blossom or turn red if petals or leaves fly in the shot."""
    rng = stage.place_rng("mountain road")
    side = 1 if rng.random() < 0.5 else -1
    h, u = stage.height, stage.unit
    stage.horizon = h * rng.uniform(0.50, 0.58)
    bend = Bend(stage, side, h * 0.55)
    kind = choose_leaves(stage)
    layers = [*build_sky(stage), *_build_ranges(stage, rng)]
    layers += [_build_valley(stage, kind), _build_mountainside(stage, bend, kind)]
    layers.append(_build_road(stage, bend))
    layers += [_build_wall(stage, bend), *_build_rail(stage, bend, kind)]
    layers += build_overhang(stage, kind, -side, 1.15, 1.0)
    for across, distance, facing in ((4.0, 1.42, side), (-14.0, 1.34, side), (20.0, 1.36, -side)):
        x, y = bend.at(across, distance)
        stage.spots.append(Spot(x, y, 38 * u, 0.62, facing))
    return layers


def _build_ranges(stage: Stage, rng: np.random.Generator) -> list[Layer]:
    """Build three mountain ranges, the farthest one with snow on its peaks."""
    u, light, y = stage.unit, stage.light, stage.horizon
    far = build_ridge(stage, "peaks", 0.12, y + 2 * u, 30 * u, 42 * u, mix(light.far, light.sky[1], 0.25), 0.8)
    image = far.image
    line = np.argmax(image[..., 3] > 128, axis=0).astype(np.float32)
    slope = np.gradient(np.convolve(np.pad(line, 8, mode="edge"), np.ones(17) / 17, mode="valid"))
    face = smooth(-0.15, 0.2, slope * (1 if light.direction[0] > 0 else -1))
    below = np.arange(image.shape[0], dtype=np.float32)[:, None] - line[None]
    level = np.arange(image.shape[0], dtype=np.float32)[:, None] * np.ones_like(below)
    broken = fbm(image.shape[0], image.shape[1], 4 * u, 5, stage.place_rng("snow line"), 0.7) - 0.5
    snow = smooth(13 * u, 4 * u, level + broken * 16 * u) * (0.45 + 0.55 * face[None]) * (below >= 0) * 0.9
    snow *= image[..., 3].astype(np.float32) / 255
    white = mix(mix("#ffffff", light.ambient, 0.5), light.haze, 0.25)
    base = image[..., :3].astype(np.float32)
    image[..., :3] = base * (1 - snow[..., None]) + white * 255 * snow[..., None]
    green = mix(light.far, leaf_tones(stage)[1], 0.35)
    return [
        far,
        build_ridge(stage, "range", 0.18, y + 6 * u, 15 * u, 34 * u, mix(light.far, light.mid, 0.25), 0.75),
        build_haze(stage, 0.19, y + 8 * u, 7 * u, 0.4),
        build_ridge(stage, "near range", 0.25, y + 17 * u, 13 * u, 46 * u, green, 0.6),
        build_haze(stage, 0.26, y + 20 * u, 8 * u, 0.4),
    ]


def _build_valley(stage: Stage, kind: str) -> Layer:
    """Build the wooded slope below the road, with rows of trees that come nearer."""
    sheet, u, light = Sheet(stage), stage.unit, stage.light
    rng, tones = stage.place_rng("valley"), leaf_tones(stage, kind if kind == "autumn" else "green")
    y = stage.horizon + 20 * u
    sheet.rectangle(
        -stage.margin,
        y,
        stage.width + stage.margin,
        stage.height + stage.margin,
        mix(tones[0], light.haze, 0.2),
        1.0,
        tones[0],
    )
    for k in range(4):
        veil = [mix(tone, light.haze, 0.42 - 0.13 * k) for tone in tones]
        line = (y + (1 + 6.5 * k) * u + 2 * u * np.sin(sheet.columns() / (23 * u) + k)).astype(np.float32)
        draw_bushes(sheet, rng, line, (2.2 + 1.2 * k) * u, veil, 60 - 9 * k, 42)
        fill = mix(mix(light.near, light.grass, 0.25), light.haze, 0.36 - 0.11 * k)
        white = mix("#ffffff", light.grass, 0.4) if stage.weather == "snow" else None
        for x in rng.uniform(-stage.margin, stage.width + stage.margin, 9):
            draw_pine(sheet, rng, x, y + (3 + 6.5 * k) * u, rng.uniform(7, 11) * (1 + 0.35 * k) * u, fill, white)
    return sheet.layer("valley", 0.34)


def _build_mountainside(stage: Stage, bend: Bend, kind: str) -> Layer:
    """Build the wooded mountainside that the road bends around."""
    sheet, w, h, u, m = Sheet(stage), stage.width, stage.height, stage.unit, stage.margin
    rng, tones, light = stage.place_rng("mountainside"), leaf_tones(stage, kind), stage.light
    side, edge = bend.side, w / 2 - bend.side * (w / 2 + m)
    foot = bend.at(-HALF_WIDTH * 0.2, FAR)
    x = sheet.columns()
    t = np.clip((x - edge) / (foot[0] + side * 10 * u - edge), 0, 1)
    top = h * -0.02 + (foot[1] + 2 * u + h * 0.02) * t**1.7 + 3 * u * np.sin(x / (7 * u)) * (1 - t)
    earth = mix(mix("#6b5a4a", light.near, 0.5), tones[0], 0.5)
    inside = t < 1
    sheet.fill_below(np.where(inside, top, h + 2 * m).astype(np.float32), mix(earth, light.haze, 0.12), until=h + m)
    blobs, count = [], int(150 * max(1.0, h / w))
    for _ in range(count):
        share = rng.random()
        px = edge + (foot[0] - edge) * share
        py0 = float(np.interp(px, x, top))
        depth = rng.random()
        py = py0 + depth * max(6 * u, foot[1] + (1 - share) * 24 * u - py0)
        blobs.append((px, py, rng.uniform(3.4, 7.0) * u * (1.25 - 0.55 * share)))
    blobs.sort(key=lambda blob: blob[1])
    draw_foliage(sheet, rng, np.array(blobs), [mix(tone, light.haze, 0.1) for tone in tones], 0.8 * u, 70)
    _draw_slope_pines(stage, sheet, rng, (edge, foot[0]), top)
    return sheet.layer("mountainside", 0.42)


def _draw_slope_pines(
    stage: Stage, sheet: Sheet, rng: np.random.Generator, xs: tuple[float, float], top: np.ndarray
) -> None:
    """Draw pines on the outline ``top``, from the first x to near the second, where they are smaller."""
    light, u = stage.light, stage.unit
    fill = mix(light.near, light.grass, 0.2)
    white = mix("#ffffff", light.grass, 0.4) if stage.weather == "snow" else None
    for share in np.sort(rng.random(8)):
        px = xs[0] + (xs[1] - xs[0]) * share * 0.9
        y, high = float(np.interp(px, sheet.columns(), top)) + 8 * u, rng.uniform(16, 24) * u * (1.2 - 0.6 * share)
        draw_pine(sheet, rng, px, y, high, fill, white)


def _build_road(stage: Stage, bend: Bend) -> Layer:
    """Build the asphalt with its lines and the grass beside it."""
    sheet, snowy = Sheet(stage), stage.weather == "snow"
    tone = mix_plaster(stage, "#dfe7f0" if snowy else "#8b8a92")
    grass, light = grass_tones(stage), stage.light
    verge = bend.strip(-HALF_WIDTH - 16, HALF_WIDTH + 30)
    sheet.polygon(verge, mix(grass[1], light.haze, 0.25), 1.0, grass[2])
    sheet.polygon(bend.strip(-HALF_WIDTH - 5, HALF_WIDTH + 5), mix(tone, light.haze, 0.3), 1.0, shade(tone, 0.8))
    sheet.polygon(bend.strip(-HALF_WIDTH, HALF_WIDTH), mix(tone, light.haze, 0.2), 1.0, shade(tone, 0.68))
    rng = stage.place_rng("asphalt")
    for across, d, k in rng.random((260, 3)):
        x, y = bend.at((2 * across - 1) * HALF_WIDTH, 0.95 + 2.4 * d**2)
        sheet.ellipse(x, y, 0.7 * stage.unit, 0.22 * stage.unit, shade(tone, 0.55 + 0.4 * k), 0.35)
    paint = 0.35 if snowy else 0.92
    white, yellow = mix_plaster(stage, "#f7f4ea"), mix_plaster(stage, "#f0b93a")
    for across in (-HALF_WIDTH + 5, HALF_WIDTH - 5):
        sheet.polygon(bend.strip(across - 1.1, across + 1.1), white, paint)
    sheet.polygon(bend.strip(-1.2, 1.2), yellow, paint)
    return sheet.layer("road", 0.5)


def _build_wall(stage: Stage, bend: Bend) -> Layer:
    """Build the concrete wall that holds the mountainside, with moss and a gutter at its foot."""
    sheet, light = Sheet(stage), stage.light
    tone = mix_plaster(stage, "#b9b4aa")
    across, high = -HALF_WIDTH - 12, 46.0
    steps = 0.7 * (FAR / 0.7) ** np.linspace(0, 1, 40)
    face = [bend.at(across, d) for d in steps] + [bend.at(across - 6, d, high) for d in steps[::-1]]
    sheet.polygon(face, mix(tone, light.haze, 0.2), 1.0, shade(tone, 0.72))
    for d in 0.8 * 1.16 ** np.arange(16):
        sheet.line(
            [bend.at(across, d), bend.at(across - 6, d, high)], shade(tone, 0.6), max(0.6, 0.6 * stage.unit / d), 0.8
        )
    for up in (15.0, 30.0):
        sheet.line([bend.at(across - 6 * up / high, d, up) for d in steps], shade(tone, 0.66), 0.35 * stage.unit, 0.7)
    cap = [bend.at(across - 6, d, high) for d in steps] + [bend.at(across - 10, d, high + 2.5) for d in steps[::-1]]
    sheet.polygon(cap, mix(tone, light.rim, 0.35))
    rng, moss = stage.place_rng("moss"), leaf_tones(stage)
    blobs = []
    for _ in range(46):
        d = 0.85 + 5 * rng.random() ** 2
        x, y = bend.at(across - 8 + rng.uniform(-3, 2), d, high + rng.uniform(-9, 5))
        blobs.append((x, y, rng.uniform(2.5, 5.5) * stage.unit / d**0.7))
    draw_foliage(sheet, rng, np.array(blobs), moss, 0.6 * stage.unit, 46)
    return sheet.layer("wall", 0.54)


def _build_rail(stage: Stage, bend: Bend, kind: str) -> list[Layer]:
    """Build the guard rail above the valley, the convex mirror, and a lamp that is lit in the dark."""
    sheet, u, light = Sheet(stage), stage.unit, stage.light
    white, across = mix_plaster(stage, "#e9ebee"), HALF_WIDTH + 9
    for d in 1.0 * 1.22 ** np.arange(11):
        (x, y0), (_, y1) = bend.at(across, d), bend.at(across, d, RAIL + 1)
        wide = max(0.5, 1.5 * u / d)
        sheet.rectangle(x - wide, y1, x + wide, y0, shade(white, 0.62))
    for low, high, tint in ((9.0, 13.2, shade(white, 0.78)), (13.2, RAIL, white)):
        steps = 0.7 * (FAR / 0.7) ** np.linspace(0, 1, 50)
        band = [bend.at(across, d, low) for d in steps] + [bend.at(across, d, high) for d in steps[::-1]]
        sheet.polygon(band, mix(tint, light.rim, 0.12), 1.0, shade(tint, 0.86))
    blobs, rng = [], stage.place_rng("verge")
    for _ in range(40):
        d = 1.0 + 4 * rng.random() ** 2
        x, y = bend.at(across + rng.uniform(2, 16), d, rng.uniform(0, 6))
        blobs.append((x, y, rng.uniform(2.2, 5.0) * u / d**0.8))
    bushes = Sheet(stage)
    draw_foliage(bushes, rng, np.array(blobs), leaf_tones(stage, kind), 0.55 * u, 50)
    lamp = _draw_mirror_and_lamp(sheet, bend, across)
    return [bushes.layer("verge", 0.51), sheet.layer("rail", 0.55), *build_lamplight(stage, [lamp], 9 * u, 0.56)]


def _draw_mirror_and_lamp(sheet: Sheet, bend: Bend, across: float) -> tuple[float, float]:
    """Draw the orange convex mirror at the bend and a street lamp. Returns the position of its light."""
    stage, u, light = sheet.stage, sheet.stage.unit, sheet.stage.light
    orange, steel = mix_plaster(stage, "#ec7a2c"), mix_steel(stage, 0.1)
    d = 2.3
    (x, y0), (_, y1) = bend.at(across - 3, d), bend.at(across - 3, d, 62)
    sheet.rectangle(x - 1.1 * u / d, y1, x + 1.1 * u / d, y0, orange)
    r = 11 * u / d
    sheet.ellipse(x, y1, 1.14 * r, 1.14 * r, orange)
    sheet.ellipse(x, y1, 0.96 * r, 0.96 * r, mix(light.sky[2], light.sky[-1], 0.4))
    sheet.polygon(
        [
            (x - 0.8 * r, y1 + 0.35 * r),
            (x + 0.8 * r, y1 + 0.35 * r),
            (x + 0.5 * r, y1 + 0.8 * r),
            (x - 0.5 * r, y1 + 0.8 * r),
        ],
        mix(leaf_tones(stage)[1], light.haze, 0.2),
    )
    sheet.ellipse(x - 0.3 * r, y1 - 0.35 * r, 0.34 * r, 0.2 * r, "#ffffff", 0.55, -0.6)
    d = 4.4
    (x, y0), (_, y1) = bend.at(across + 2, d), bend.at(across + 2, d, 120)
    sheet.line([(x, y0), (x, y1), (x - bend.side * 18 * u / d, y1 - 6 * u / d)], steel, max(1.0, 2.2 * u / d))
    lamp = (x - bend.side * 20 * u / d, y1 - 5 * u / d)
    tint = colour(light.window) if stage.time != "day" else shade(steel, 1.3)
    sheet.ellipse(*lamp, 5.5 * u / d, 2.2 * u / d, tint)
    return lamp
