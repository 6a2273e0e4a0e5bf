"""A train that runs through the shot, with lit windows when it is dark."""

import math
from dataclasses import replace

import cv2
import numpy as np

from ..layers import Layer, Pose, Spot, Stage
from ..scene import Subject
from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Motion
from .sprite import draw_halo, move_further
from .steam import CHIMNEY, build_smoke
from .steam import draw_cars as steam_cars
from .viaduct import build_viaduct

# keep tables of points in rows
# fmt: off

CAR = 88.0  # length of a car in units; the train is 24 units high
STRIPES = ("#d8455a", "#3f8f6a", "#3f7fc8", "#e0903f")


def build_train(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build a train, or a steam train if the prompt says so, on a low embankment behind the spot or on a bridge."""
    place = move_further(stage, spot, 0.3)
    high = min(max(place.height * 1.5, stage.unit * 13), stage.unit * 24)
    if stage.bridge_y is not None:
        place, high = replace(place, y=stage.bridge_y, depth=0.635), stage.unit * 16
    brush = Brush(stage, high / 24)
    stripe = subject.clothes_colour or STRIPES[int(stage.rng("train").integers(len(STRIPES)))]
    steams = subject.variant == "steam"
    cars, chimney = steam_cars(brush) if steams else (_draw_cars(brush, stripe, 3), 0.0)
    image = cars if place.facing > 0 else cars[:, ::-1].copy()
    h, w = image.shape[:2]
    y = place.y - h + 2 * brush.scale
    # the last car is still visible when the shot ends
    speed = min((stage.width * 0.6 + w * 0.55) / max(2.5, stage.seconds), stage.unit * 75)
    first = -w * 0.55 if place.facing > 0 else stage.width - w * 0.45

    def motion(t: float) -> Pose:
        return Pose(dx=place.facing * speed * t, dy=0.14 * brush.scale * math.sin(t * 17) * math.sin(t * 2.3))

    rails = _build_track if stage.bridge_y is None else build_viaduct
    layers = [rails(brush, stage, place, y + h)]
    if steams:
        stack = chimney * brush.scale if place.facing > 0 else w - chimney * brush.scale
        top = y + h - (CHIMNEY[1] + 4) * brush.scale
        layers += build_smoke(stage, brush, (first + stack, top), place.facing * speed, place.depth)
    layers.append(Layer("train", image, first, y, place.depth, None, motion))
    if stage.is_dark or stage.time in ("sunset", "dawn"):
        layers.append(_build_train_light(image, 2.4 * brush.scale, first, y, place.depth, motion))
    return layers


def _build_train_light(image: np.ndarray, blur: float, x: float, y: float, depth: float, motion: Motion) -> Layer:
    """Build the glow around the windows of a train whose image begins at (x, y)."""
    light = draw_halo(_keep_windows(image), blur, 0.5)
    pad = (light.shape[1] - image.shape[1]) / 2
    return Layer("train light", light, x - pad, y - pad, depth, None, motion, blend="add")


def _keep_windows(image: np.ndarray) -> np.ndarray:
    bright = (image[..., :3].min(2) > 90) & (image[..., 2].astype(int) - image[..., 0] > 28)
    keep = (bright * 255).astype(np.uint8)
    return cv2.bitwise_and(image, image, mask=keep)


def _draw_cars(brush: Brush, stripe: str, count: int) -> np.ndarray:
    images = []
    for k in range(count):
        sheet = brush.sheet(-1, CAR + 1.5, -4, 28)
        _draw_car(brush, sheet, stripe, nose=k == count - 1, power=k == 1)
        images.append(sheet.finished())
    return np.hstack(images)


def _draw_car(brush: Brush, sheet: Sheet, stripe: str, nose: bool, power: bool) -> None:
    body, under = brush.colour("#eef0f4"), brush.colour("#3a3c4c")
    line = brush.line(body)
    sheet.fill([(4, 4), (CAR - 4, 4), (CAR - 6, 0.5), (6, 0.5)], under, smooth=False)
    for x in (14, 24, CAR - 24, CAR - 14):
        sheet.fill(ellipse(x, 0, 2.7, 2.7), under, brush.line(under), 0.5, smooth=False)
        sheet.fill(ellipse(x, 0, 1.0, 1.0), mix(under, body, 0.5), smooth=False)
    sheet.fill([(-1, 6), (2, 6), (2, 20), (-1, 20)], under, smooth=False)
    front = [(CAR - 1.0, 3), (CAR + 0.8, 8), (CAR - 0.4, 14), (CAR - 4, 22.5)] if nose else [(CAR, 3), (CAR, 22.8)]
    path = sheet.fill(
        [(1, 3), *front, (CAR - 5 if nose else CAR - 1, 24), (3, 24), (1, 22.8)], body, line, 0.6, smooth=False
    )
    mask = sheet.mask(path, smooth=False)
    shade, colour = brush.shade(body), brush.colour(stripe)
    sheet.tint([(-2, 7.4), (CAR + 3, 7.4), (CAR + 3, 0), (-2, 0)], shade, 0.9, False, mask)
    sheet.tint([(-2, 9.6), (CAR + 3, 9.6), (CAR + 3, 7.2), (-2, 7.2)], colour, 1, False, mask)
    sheet.tint([(-2, 21.2), (CAR + 3, 21.2), (CAR + 3, 20.3), (-2, 20.3)], colour, 1, False, mask)
    sheet.tint([(-2, 24.5), (CAR + 3, 24.5), (CAR + 3, 22.8), (-2, 22.8)], shade, 0.7, False, mask)
    _draw_windows(brush, sheet, nose)
    roof = brush.colour("#9aa0b4")
    for x in (16, CAR - 32):
        sheet.fill([(x, 24), (x + 14, 24), (x + 13, 26.2), (x + 1, 26.2)], roof, brush.line(roof), 0.4, smooth=False)
    if power:
        sheet.stroke([(42, 24), (46, 26), (41, 27.4)], under, 0.5, (1, 1), smooth=False)
        sheet.stroke([(37, 27.5), (46, 27.5)], under, 0.5, (1, 1), smooth=False)
    if nose:
        sheet.fill(ellipse(CAR - 1.6, 6.2, 0.9, 0.9), brush.bright("#fff4c4"), smooth=False)


def _draw_windows(brush: Brush, sheet: Sheet, nose: bool) -> None:
    dark = brush.stage.is_dark or brush.stage.time in ("sunset", "dawn")
    glass = brush.bright(brush.stage.light.window) if dark else brush.colour("#7fa8c8")
    rim = brush.line(brush.colour("#aab0c0"))
    doors = (19.0, 42.0, 65.0)
    for x in doors:
        sheet.stroke([(x, 4), (x, 20)], rim, 0.32, (1, 1))
        sheet.stroke([(x + 6.5, 4), (x + 6.5, 20)], rim, 0.32, (1, 1))
        for dx in (0.9, 3.7):
            _draw_pane(sheet, x + dx, 2.0, 11.0, glass, rim, dark)
    for x in (6.0, 28.5, 51.5, 74.5):
        width = 10.5 if not (nose and x > 70) else 4.5
        _draw_pane(sheet, x, width, 11.6, glass, rim, dark)
    if nose:
        sheet.fill(
            [(CAR - 5.4, 12.2), (CAR - 1.0, 12.2), (CAR - 4.2, 19.4), (CAR - 5.4, 19.4)], glass, rim, 0.4, smooth=False
        )
    if dark:
        rng = brush.stage.rng("passengers")
        shape = mix(glass, brush.colour("#4a3a4a"), 0.7)
        for x in (7, 9.5, 14, 30, 35, 53, 58, 60.5, 77):
            if rng.random() < 0.6:
                sheet.tint(ellipse(x + 0.6, 15.0, 0.85, 1.0), shape, 1, smooth=False)
                sheet.tint(ellipse(x + 0.6, 12.6, 1.3, 1.7), shape, 1, smooth=False)


def _draw_pane(sheet: Sheet, x: float, width: float, low: float, glass: tuple, rim: tuple, dark: bool) -> None:
    sheet.fill([(x, low), (x + width, low), (x + width, 18.8), (x, 18.8)], glass, rim, 0.4, smooth=False)
    if not dark and width > 3:
        sheet.tint(
            [(x + width * 0.25, low), (x + width * 0.5, low), (x + width * 0.75, 18.8), (x + width * 0.5, 18.8)],
            (255.0, 250.0, 240.0), 0.45, False,
        )


def _build_track(brush: Brush, stage: Stage, place: Spot, bottom: float) -> Layer:
    """Build rail, sleepers and gravel, as wide as the frame and its margins."""
    s = brush.scale
    high = 7.0
    left, right = -stage.margin / s, (stage.width + stage.margin) / s
    sheet = brush.sheet(left, right, -high, 2)
    stone, steel = brush.colour("#7c7684"), brush.colour("#5a5c6c")
    stone = mix(stone, brush.colour(stage.light.near), 0.45)
    path = sheet.fill(
        [(left - 1, -1.2), (right + 1, -1.2), (right + 1, -high - 1), (left - 1, -high - 1)], stone, smooth=False
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(left - 1, -3.4), (right + 1, -3.4), (right + 1, -high - 1), (left - 1, -high - 1)], brush.shade(stone), 0.9,
        False, mask,
    )
    for x in np.arange(left, right, 4.5):
        sheet.fill([(x, -1.8), (x + 2.2, -1.8), (x + 2.2, -0.6), (x, -0.6)], brush.shade(steel), smooth=False)
    sheet.fill([(left - 1, -0.7), (right + 1, -0.7), (right + 1, 0.2), (left - 1, 0.2)], steel, smooth=False)
    image = sheet.finished()
    return Layer("track", image, left * s, bottom - 4 * s - 2 * s + 1.3 * s, place.depth)
