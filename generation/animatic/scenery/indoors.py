"""Elements of rooms: the view outside, lit surfaces, windows, curtains, lamps, steam and beams of light."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..canvas import Sheet, colour, mix, shade
from ..layers import Layer, Pose, Stage
from ..light import is_disc_visible, light_for
from ..sprites import dot, glow
from ..styles import style_for
from .land import build_ridge
from .lunar import build_moon_view
from .plants import draw_bushes, leaf_tones
from .sky import build_sky, place_sun
from .town import build_far_city
from .water import build_lake

WINDOW_DEPTH = 0.35
LAMPLIGHT = "#ffd9a0"
LAMPS_IN_WEATHER = {"rain": 0.92, "storm": 0.86, "fog": 0.95, "snow": 0.86}  # light that bad weather leaves in a room


@dataclass(frozen=True)
class Plan:
    """A room seen straight on, measured in ``unit`` pixels from the point (``x``, ``floor``) where the first person
    stands; ``side`` is -1 for a mirrored room.
    """

    x: float
    floor: float
    unit: float
    side: int

    def at(self, across: float, up: float) -> tuple[float, float]:
        """Return the pixel of a point ``across`` units beside the first person and ``up`` units above the floor."""
        return self.x + self.side * across * self.unit, self.floor - up * self.unit

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """Return x0, y0, x1, y1 in pixels of a rectangle."""
        (xa, y0), (xb, y1) = self.at(left, top), self.at(right, bottom)
        return min(xa, xb), y0, max(xa, xb), y1


def plan_room(stage: Stage, person: float, floor: float, name: str, closeness: float = 1.0) -> Plan:
    """Return the plan of a room in which a person is ``person`` units high and stands at the y ``floor``.

    ``closeness`` enlarges the room; 1 makes its unit that of the stage in a wide frame.
    """
    side = 1 if stage.place_rng(name).random() < 0.5 else -1
    return Plan(stage.width / 2, floor, stage.enlarge(person * closeness * stage.unit) / person, side)


def build_outside(stage: Stage, horizon: float, middle: float | None = None) -> list[Layer]:
    """Build the view through a window, which is a town or ``stage.outside``, and set ``stage.horizon``.

    ``middle``: x where the moon shows the earth, for a window that is not in the middle of the frame.
    """
    if stage.outside == "moon":
        light = style_for(stage.style).adapt_light(light_for(stage.time, "clear", "moon"))
        at = stage.width / 2 + 20 * stage.unit if middle is None else middle  # beside a person
        layers = build_moon_view(replace(stage, light=light, weather="clear"), horizon, at)
        stage.horizon = horizon
        return layers
    return _build_sea_outside(stage, horizon) if stage.outside == "sea" else _build_town(stage, horizon)


def _build_sea_outside(stage: Stage, horizon: float) -> list[Layer]:
    stage.horizon, u = horizon, stage.unit
    sun = place_sun(stage, stage.rng("sky"))
    behind = build_sky(stage, sun)
    behind.append(build_ridge(stage, "islands", 0.14, horizon + u, 6 * u, 30 * u, stage.light.far, 0.7, until=horizon))
    blue = {"day": "#1f78bb", "dawn": "#6f7fb8", "sunset": "#5a3f7e", "night": "#10245c"}[stage.time]
    tint = mix(blue, stage.light.mid, 0.25)
    return [*behind, build_lake(stage, behind, horizon, stage.height + stage.margin, sun[0], 0.3, 0.5, 0.7, tint)]


def _build_town(stage: Stage, horizon: float) -> list[Layer]:
    stage.horizon = horizon
    u = stage.unit
    layers = build_sky(stage)
    layers.append(build_ridge(stage, "hills", 0.14, horizon, 12 * u, 32 * u, stage.light.far, 0.75))
    layers += build_far_city(stage, horizon + 5 * u, 17 * u)
    trees = Sheet(stage)
    draw_bushes(
        trees,
        stage.place_rng("garden"),
        np.full(trees.width, horizon + 14 * u, np.float32),
        6 * u,
        leaf_tones(stage),
        30,
        90,
    )
    trees.rectangle(
        -stage.margin, horizon + 14 * u, stage.width + stage.margin, stage.height + stage.margin, leaf_tones(stage)[0]
    )
    return [*layers, trees.layer("garden", 0.32)]


def light_indoors(stage: Stage, tint: str, lamp: float = 0.0) -> np.ndarray:
    """Return the colour of a surface in the light from the window.

    ``lamp`` (0 to 1) is the strength of the warm lamplight at night and in rain.
    """
    dim = {"day": 0.86, "dawn": 0.74, "sunset": 0.66, "night": 0.34}[stage.time] * (
        0.8 if stage.weather in ("rain", "storm", "fog") else 1
    )
    own = shade(colour(tint) * (0.45 + 0.55 * colour(stage.light.ambient)), dim)
    warm = 0.55 * lamp if stage.time == "night" or stage.weather in ("rain", "storm") else 0.0
    return mix(own, shade(colour(tint) * colour("#ffd9a0"), 0.85), warm)


def light_by_lamps(stage: Stage, tint: str) -> np.ndarray:
    """Return the colour of a surface under lamps that are always lit; by night they outshine the window."""
    share = {"day": 0.30, "dawn": 0.36, "sunset": 0.54, "night": 0.68}[stage.time]
    power = 0.94 if stage.time == "night" else 1.0
    if stage.weather != "clear":
        share, power = min(0.66, share + 0.06), power * LAMPS_IN_WEATHER[stage.weather]
    lamp = colour(LAMPLIGHT) * (0.7 + 0.3 * colour(stage.light.ambient))
    return mix(light_indoors(stage, tint), shade(colour(tint) * lamp, power), share)


def build_lamp_glows(stage: Stage, lamps: Sequence[tuple[float, float]], radius: float, depth: float) -> list[Layer]:
    """Build the warm light around lamps that are always lit, weaker by day. ``radius`` is in pixels."""
    power = {"day": 0.5, "dawn": 0.72, "sunset": 0.85, "night": 1.0}[stage.time]
    image, out = glow(radius, "#fff0cc", "#ffbe6b", heart=0), []
    for k, (x, y) in enumerate(lamps):
        flicker = lambda t, k=k: Pose(alpha=power * (0.93 + 0.05 * math.sin(t * 1.9 + k * 1.7)))  # noqa: E731
        half = image.shape[0] / 2
        out.append(Layer("lamplight", image, x - half, y - half, depth, motion=flicker, blend="screen"))
    return out


def build_garlands(stage: Stage, plan: Plan, heights: Sequence[float], depth: float) -> list[Layer]:
    """Build strings of small lamps below the ceiling, which fill the upper part of a tall frame."""
    sheet, s = Sheet(stage), plan.unit
    halo, wire = dot(2.6 * s, colour("#ffcf86"), 0.55, 1.0), shade(light_by_lamps(stage, "#4a3a32"), 0.7)
    for k, up in enumerate(heights):
        for start in np.arange(-126.0 + 21.0 * (k % 2), 126.0, 42.0):
            t = np.linspace(0, 1, 13)
            points = np.array([plan.at(start + 42.0 * share, up - 26.0 * share * (1 - share)) for share in t])
            sheet.line(points, wire, 0.3 * s)
            for x, y in points[::2]:
                sheet.stamp(halo, x - halo.shape[1] / 2, y + s - halo.shape[0] / 2)
                sheet.ellipse(x, y + s, 0.8 * s, 1.0 * s, "#fff2cf")
    return [sheet.layer("garlands", depth)]


def build_steam(stage: Stage, sources: Sequence[tuple[float, float]], size: float, depth: float) -> list[Layer]:
    """Build puffs of steam that rise from ``sources`` and fade. ``size``: radius of a puff in pixels."""
    tint = mix("#ffffff", stage.light.ambient, 0.3)
    image, out, puffs, seconds = dot(size, tint, 0.42, 1.0), [], 4, 3.2
    half = image.shape[0] / 2
    for k, (x, y) in enumerate(sources):
        for puff in range(puffs):

            def rise(t: float, k: int = k, puff: int = puff) -> Pose:
                at = (t / seconds + puff / puffs + 0.37 * k) % 1.0
                drift = 0.5 * size * math.sin(t * 0.9 + puff * 2 + k)
                return Pose(drift * at, -3.6 * size * at, 0.6 + 0.9 * at, alpha=0.75 * math.sin(math.pi * at) ** 1.4)

            out.append(Layer("steam", image, x - half, y - half, depth, motion=rise))
    return out


def draw_pendant(sheet: Sheet, x: float, y: float, top: float, size: float, tint: np.ndarray) -> None:
    """Draw a lit lamp on a cord from ``top``; the rim of its shade, 2 ``size`` pixels wide, is at (x, y)."""
    cord = shade(tint, 0.35)
    sheet.line([(x, top), (x, y - 1.1 * size)], cord, 0.12 * size)
    sheet.ellipse(x, y, 0.55 * size, 0.42 * size, "#fff4d2")
    hood: list[tuple[float, float]] = [
        (x - size, y),
        (x - 0.62 * size, y - 0.72 * size),
        (x - 0.2 * size, y - 1.05 * size),
    ]
    hood += [(2 * x - px, py) for px, py in reversed(hood)]
    sheet.polygon(hood, mix(tint, sheet.stage.light.rim, 0.12), 1.0, shade(tint, 0.8))
    sheet.polygon([hood[0], hood[1], (x - 0.3 * size, y - 0.72 * size), (x - 0.55 * size, y)], "#ffffff", 0.14)
    sheet.ellipse(x, y, size, 0.16 * size, mix("#fff0c4", tint, 0.15))


def cut_window(
    sheet: Sheet, x0: float, y0: float, x1: float, y1: float, frame: np.ndarray, panes: tuple[int, int], bar: float
) -> None:
    """Cut a window into a wall and draw its frame. ``panes``: columns and rows; ``bar``: width of a bar in pixels."""
    m = sheet.margin
    (left, right), (top, bottom) = ([max(0, round(v + m)) for v in pair] for pair in ((x0, x1), (y0, y1)))
    sheet.image[top:bottom, left:right] = 0
    glass = mix(sheet.stage.light.sky[-1], "#ffffff", 0.3)
    for k in range(2):  # a slanting reflection on the glass
        gx = x0 + (x1 - x0) * (0.12 + 0.42 * k)
        sheet.polygon(
            [(gx, y0), (gx + (x1 - x0) * 0.10, y0), (gx - (x1 - x0) * 0.10, y1), (gx - (x1 - x0) * 0.2, y1)],
            glass,
            0.10,
        )
    lit = mix(frame, sheet.stage.light.rim, 0.3)
    for k in range(panes[0] + 1):
        x = x0 + (x1 - x0) * k / panes[0]
        w = bar * (1.6 if k in (0, panes[0]) else 1)
        sheet.rectangle(x - w / 2, y0, x + w / 2, y1, frame)
        sheet.rectangle(x - w / 2, y0, x - w / 4, y1, lit, 0.7)
    for k in range(panes[1] + 1):
        y = y0 + (y1 - y0) * k / panes[1]
        w = bar * (1.6 if k in (0, panes[1]) else 1)
        sheet.rectangle(x0 - bar, y - w / 2, x1 + bar, y + w / 2, frame)
        sheet.rectangle(x0 - bar, y - w / 2, x1 + bar, y - w / 4, lit, 0.6)


def build_curtain(
    stage: Stage, x0: float, x1: float, top: float, bottom: float, tint: np.ndarray, depth: float, inner: int
) -> Layer:
    """Build a curtain that moves in the draught. ``inner``: side of its free edge, 1 right, -1 left."""
    sheet, folds = Sheet(stage), 7
    xs = np.linspace(x0, x1, folds * 2 + 1)
    for k in range(folds * 2):
        tone = (0.80, 1.0, 1.1, 0.9)[k % 4]
        foot = bottom + stage.unit * 0.8 * math.sin(k * 1.3)
        sheet.polygon(
            [
                (xs[k], top),
                (xs[k + 1] + 0.4, top),
                (xs[k + 1] + 0.4 + inner * stage.unit * 0.4, foot),
                (xs[k] + inner * stage.unit * 0.4, foot),
            ],
            shade(tint, tone * 1.04),
            0.94,
            shade(tint, tone * 0.86),
        )
    layer = sheet.layer("curtain", depth)
    edge = layer.image.shape[1] if inner < 0 else 0
    layer.pivot = (edge, 0.0)
    # shear counts the height above the pivot, but a curtain hangs below its pivot: hence the minus
    layer.motion = lambda t: Pose(shear=-inner * 0.035 * stage.wind(t) * (0.6 + 0.4 * math.sin(t * 1.7 + x0)))
    return layer


def build_beams(stage: Stage, x0: float, y0: float, x1: float, y1: float, floor: float) -> list[Layer]:
    """Build the light that falls through a window onto the ``floor``, a y; none on a night without a moon."""
    if stage.time == "night" and not is_disc_visible(stage.weather):
        return []
    power = {"day": 0.20, "dawn": 0.24, "sunset": 0.30, "night": 0.10}[stage.time] * (
        1 if stage.weather in ("clear", "snow") else 0.3
    )
    sheet = Sheet(stage)
    slant = -1 if stage.light.direction[0] > 0 else 1
    shift = slant * (floor - y1) * 1.1
    tint = mix(stage.light.sun, stage.light.rim, 0.4) * power
    sheet.polygon([(x0, y0), (x1, y0), (x1 + shift * 1.3, floor), (x0 + shift * 1.3, floor)], tint, 1.0, tint * 0.15)
    sheet.blur(1.6 * stage.unit)
    sheet.image[..., 3] = 255
    layer = sheet.layer("beam", 0.85, blend="screen")
    layer.motion = lambda t: Pose(alpha=0.86 + 0.14 * math.sin(t * 0.9))
    return [layer]
