"""A steam train: a black engine with its tender and two wooden cars, and its trail of smoke."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from ..canvas import mix as tinted
from ..canvas import premultiply
from ..layers import Layer, Pose, Stage
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet, ellipse

# keep tables of points in rows
# fmt: off

CAR, TENDER, ENGINE = 74.0, 27.0, 66.0  # lengths in units; a car is 24 units high
CHIMNEY = (53.0, 30.0)  # distance from the engine's rear end and height, in units
PUFFS, LASTS = 26, 3.4  # number of smoke puffs in the air, and seconds that each is visible


def draw_cars(brush: Brush) -> tuple[np.ndarray, float]:
    """Draw the train, facing right. Returns the image and the distance from its left end to the chimney (units)."""
    images = [_draw_piece(brush, CAR, _draw_car) for _ in range(2)]
    images += [_draw_piece(brush, TENDER, _draw_tender), _draw_piece(brush, ENGINE, _draw_engine)]
    return np.hstack(images), 2 * CAR + TENDER + CHIMNEY[0] + 8


def build_smoke(
    stage: Stage, brush: Brush, start: tuple[float, float], speed: float, depth: float
) -> list[Layer]:
    """Build puffs of smoke along the path of the train.

    ``start``: position of the chimney at 0 s. ``speed``: of the train in pixels per second, negative to the left.
    """
    rng, s = stage.rng("smoke"), brush.scale
    drift = -0.12 * speed
    out = []
    for k in range(PUFFS):
        size = float(rng.uniform(5.5, 9.0)) * s
        puff, off = _draw_puff(stage, rng, size), float(rng.uniform(-1.2, 1.2)) * s
        spin = float(rng.uniform(-0.25, 0.25))

        def motion(t: float, k: int = k, off: float = off, spin: float = spin) -> Pose:
            age = (t + LASTS * k / PUFFS) % LASTS
            born = t - age
            grown = 0.45 + 1.35 * (1 - math.exp(-1.3 * age))
            alpha = min(1.0, age / 0.1) * max(0.0, 1 - age / LASTS) ** 0.8 * 0.9
            rise = (7.0 * (1 - math.exp(-2.2 * age)) + 3.2 * age) * s
            return Pose(speed * born + drift * age, off - rise, grown, spin * age, 0.0, alpha)

        at = (start[0] - puff.shape[1] / 2, start[1] - puff.shape[0] / 2)
        out.append(Layer("smoke", puff, *at, depth, None, motion))
    return out


def _draw_puff(stage: Stage, rng: np.random.Generator, size: float) -> np.ndarray:
    """Draw a round cloud of a few balls, lit from above."""
    n = max(10, int(size * 2.6))
    light, dark = (
        tinted(tinted(tone, stage.light.ambient, 0.45), stage.light.mid, 0.5 if stage.is_dark else 0.12)
        for tone in ("#f4f2f0", "#a8a6b4")
    )
    alpha, tone = np.zeros((n, n), np.float32), np.zeros((n, n), np.float32)
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32)
    for _ in range(7):
        a, d, r = rng.uniform(0, 6.28), rng.uniform(0, 0.2) * n, rng.uniform(0.16, 0.26) * n
        x, y = n / 2 + math.cos(a) * d, n / 2 + math.sin(a) * d * 0.8
        ball = np.clip((r - np.hypot(xx - x, yy - y)) / 1.6, 0, 1)
        tone = tone * (1 - ball) + ball * np.clip(0.62 - (yy - y) / r * 0.55, 0, 1)
        alpha = np.maximum(alpha, ball)
    bgr = dark * (1 - tone[..., None]) + light * tone[..., None]
    return cv2.GaussianBlur(premultiply(bgr, alpha), (0, 0), 0.6)


def _draw_piece(brush: Brush, length: float, draw: Callable[[Brush, Sheet], None]) -> np.ndarray:
    sheet = brush.sheet(-1, length + 2.5, -4, 36)
    draw(brush, sheet)
    return sheet.finished()


def _draw_wheel(brush: Brush, sheet: Sheet, x: float, radius: float) -> None:
    dark, red = brush.colour("#2c2a34"), brush.colour("#8a3a3a")
    sheet.fill(ellipse(x, radius - 2.6, radius, radius), dark, brush.line(dark), 0.4, smooth=False)
    sheet.fill(ellipse(x, radius - 2.6, radius * 0.74, radius * 0.74), red, smooth=False)
    for k in range(4):
        a = k * math.pi / 4
        dx, dy = math.cos(a) * radius * 0.72, math.sin(a) * radius * 0.72
        sheet.stroke([(x - dx, radius - 2.6 - dy), (x + dx, radius - 2.6 + dy)], dark, 0.5, (1, 1), smooth=False)
    sheet.fill(ellipse(x, radius - 2.6, radius * 0.2, radius * 0.2), dark, smooth=False)


def _draw_car(brush: Brush, sheet: Sheet) -> None:
    wood, dark = brush.colour("#7a4436"), brush.colour("#33313d")
    for x in (10, 19, CAR - 19, CAR - 10):
        _draw_wheel(brush, sheet, x, 2.9)
    sheet.fill([(-1, 4.4), (CAR + 2, 4.4), (CAR + 2, 2.6), (-1, 2.6)], dark, smooth=False)
    path = sheet.fill([(1, 4), (CAR, 4), (CAR, 21.5), (1, 21.5)], wood, brush.line(wood), 0.5, smooth=False)
    mask = sheet.mask(path, smooth=False)
    sheet.tint([(0, 9), (CAR, 9), (CAR, 3), (0, 3)], brush.shade(wood), 0.85, False, mask)
    roof = brush.colour("#5c5a66")
    sheet.fill([(-0.5, 21.2), (CAR + 1.5, 21.2), (CAR - 1, 24), (2, 24)], roof, brush.line(roof), 0.5, smooth=False)
    lit = brush.stage.is_dark or brush.stage.time in ("sunset", "dawn")
    glass = brush.bright(brush.stage.light.window) if lit else brush.colour("#8fb0c4")
    cream = brush.line(wood)
    for x in np.arange(5, CAR - 7, 7.4):
        pane = [(x, 11.4), (x + 4.8, 11.4), (x + 4.8, 18.8), (x, 18.8)]
        sheet.fill(pane, glass, cream, 0.45, smooth=False)
        sheet.stroke([(x, 15.6), (x + 4.8, 15.6)], cream, 0.35, (1, 1), smooth=False)
    sheet.stroke([(1, 10), (CAR, 10)], mix(wood, brush.colour("#e8c078"), 0.6), 0.5, (1, 1), smooth=False)


def _draw_tender(brush: Brush, sheet: Sheet) -> None:
    black = brush.colour("#34323e")
    for x in (6, 13.5, 21):
        _draw_wheel(brush, sheet, x, 3.0)
    path = sheet.fill(
        [(1, 3.4), (TENDER, 3.4), (TENDER, 17), (TENDER - 2, 18.5), (1, 17.5)], black, brush.line(black), 0.5,
        smooth=False,
    )
    sheet.tint([(0, 8), (TENDER, 8), (TENDER, 3), (0, 3)], brush.shade(black), 0.9, False, sheet.mask(path, False))
    coal = brush.colour("#201e28")
    sheet.fill([(2, 17.4), (6, 20.4), (12, 19.6), (17, 21.2), (22, 19.2), (25, 18)], coal, smooth=True)


def _draw_engine(brush: Brush, sheet: Sheet) -> None:
    black, brass, red = brush.colour("#34323e"), brush.colour("#d0a050"), brush.colour("#8a3a3a")
    line = brush.line(black)
    for x in (19, 30.5, 42):
        _draw_wheel(brush, sheet, x, 5.2)
    for x in (6, 54, 60):
        _draw_wheel(brush, sheet, x, 2.8)
    rod = brush.colour("#b8bcc8")
    sheet.stroke([(17, 1.6), (44, 1.6), (56, 4.4)], rod, 0.9, (1, 1), smooth=False)
    sheet.fill([(50, 3.2), (59, 3.2), (59, 7.2), (50, 7.2)], black, line, 0.4, smooth=False)  # cylinder
    sheet.fill([(0, 8.4), (65, 8.4), (65, 6.8), (0, 6.8)], red, line, 0.4, smooth=False)  # running board
    _draw_boiler(brush, sheet, black, brass)
    x, y = CHIMNEY
    flue = [(x - 2, 21), (x - 2.3, y - 2), (x - 3, y), (x + 3, y), (x + 2.3, y - 2), (x + 2, 21)]
    sheet.fill(flue, black, line, 0.5, smooth=False)
    for at, wide, high in ((41, 2.8, 25.6), (30, 3.2, 25.2)):  # domes
        half = [(wide, 21), (wide * 0.9, high - 1)]
        dome = [*[(at - x, y) for x, y in half], (at, high), *[(at + x, y) for x, y in reversed(half)]]
        sheet.fill(dome, black, line, 0.45)
    _draw_cab(brush, sheet, black)
    sheet.fill([(60, 2.4), (66.5, -1.4), (62, -1.6), (57, 2.4)], red, line, 0.4, smooth=False)  # cow catcher
    lamp = brush.bright("#fff4c4")
    sheet.fill(ellipse(61.6, 22.8, 1.9, 1.9), lamp, line, 0.5, smooth=False)


def _draw_boiler(brush: Brush, sheet: Sheet, black: Colour, brass: Colour) -> None:
    line, sheen = brush.line(black), mix(black, brush.colour("#c8d4e8"), 0.35)
    outline = [(14, 9), (60, 9), (61.5, 15.5), (60, 21.6), (14, 21.6)]
    mask = sheet.mask(sheet.fill(outline, black, line, 0.5, smooth=False), smooth=False)
    sheet.tint([(12, 12), (64, 12), (64, 8), (12, 8)], brush.shade(black), 0.9, False, mask)
    sheet.tint([(12, 20), (64, 20), (64, 18.2), (12, 18.2)], sheen, 0.8, False, mask)
    for x in (25, 36, 47):
        sheet.stroke([(x, 9), (x, 21.6)], brass, 0.55, (1, 1), smooth=False)


def _draw_cab(brush: Brush, sheet: Sheet, black: Colour) -> None:
    """Draw the driver's cab with its window and roof."""
    line = brush.line(black)
    cab = sheet.fill([(1, 8), (16, 8), (16, 25), (1, 25)], black, line, 0.5, smooth=False)
    sheet.tint([(0, 12), (18, 12), (18, 8), (0, 8)], brush.shade(black), 0.9, False, sheet.mask(cab, False))
    lit = brush.stage.is_dark or brush.stage.time in ("sunset", "dawn")
    glass = brush.bright("#ffc878") if lit else brush.colour("#7f94a8")
    sheet.fill([(5, 15), (13, 15), (13, 22.4), (5, 22.4)], glass, line, 0.45, smooth=False)
    sheet.fill([(-1, 24.6), (17.6, 24.6), (16, 26.6), (1, 26.6)], black, line, 0.45, smooth=False)
