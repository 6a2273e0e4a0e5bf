"""Shared by things on wheels: tyres, turning, driving past, and queues."""

import math
from dataclasses import replace

from ..layers import Pose, Spot, Stage
from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Motion

# keep tables of points in rows
# fmt: off


def draw_tyre(
    brush: Brush, sheet: Sheet, centre: tuple[float, float], radius: float, rim: float, spokes: int, tread: float = 0.0
) -> None:
    """Draw a wheel. ``rim``: radius of the metal as a share; ``tread``: length of knobs on the tyre, in units."""
    x, y = centre
    tyre, metal = brush.colour("#34343f"), brush.colour("#ccd0da")
    if tread:
        for k in range(22):
            a = k * math.pi / 11
            sheet.fill(ellipse(x + math.cos(a) * radius, y + math.sin(a) * radius, tread, tread), tyre, smooth=False)
    sheet.fill(ellipse(x, y, radius, radius), tyre, brush.line(tyre), radius * 0.04, smooth=False)
    sheet.fill(ellipse(x, y, radius * rim, radius * rim), metal, brush.line(metal), radius * 0.03, smooth=False)
    hollow = mix(tyre, metal, 0.25)
    sheet.fill(ellipse(x, y, radius * rim * 0.84, radius * rim * 0.84), hollow, smooth=False)
    for k in range(spokes):
        a = 2 * math.pi * k / spokes + 0.3
        far = radius * rim * 0.86
        sheet.stroke([(x, y), (x + math.cos(a) * far, y + math.sin(a) * far)], metal, radius * 0.15, (1, 1), False)
    sheet.fill(ellipse(x, y, radius * 0.18, radius * 0.18), metal, brush.line(metal), radius * 0.03, smooth=False)


def turn_wheel(rate: float) -> Motion:
    """Return the motion of a wheel that turns ``rate`` radians per second, clockwise as seen."""
    return lambda t: Pose(turn=(rate * t) % (2 * math.pi))


def drive_past(stage: Stage, spot: Spot, speed: float, bounce: float) -> Motion:
    """Return the motion of a vehicle that reaches its spot in the middle of the shot, following the ground.

    ``speed``: pixels per second. ``bounce``: how far it shakes, in hundredths of its spot's height.
    """
    sign = -1 if spot.facing < 0 else 1

    def whole(t: float) -> Pose:
        dx = sign * speed * (t - stage.seconds / 2)
        slope = stage.ground_rise(spot.x, dx + 8) - stage.ground_rise(spot.x, dx - 8)
        shake = bounce * spot.height / 100 * math.sin(t * 11) * math.sin(t * 2.7)
        return Pose(dx=dx, dy=stage.ground_rise(spot.x, dx) + shake, turn=math.atan2(slope, 16))

    return whole


def place_queue(stage: Stage, spot: Spot, count: int, gap: float) -> list[Spot]:
    """Return spots for ``count`` vehicles one behind the other, in drawing order; they shrink if the frame is full.

    ``gap``: distance between two of them in heights of a person.
    """
    if count == 1:
        return [spot]
    size = min(1.0, stage.width * 0.92 / (spot.height * gap * count))
    size = max(0.34, size)
    step = min(spot.height * size * gap, stage.width * 0.9 / count)
    first = stage.width / 2 + spot.facing * step * (count - 1) / 2
    out = []
    for k in range(count):
        dx = first - spot.facing * step * k - spot.x
        back = 0.05 * spot.height * (k % 2)
        y = spot.y + stage.ground_rise(spot.x, dx) - back
        out.append(replace(spot, x=spot.x + dx, y=y, height=spot.height * size))
    return sorted(out, key=lambda place: place.y)
