"""A sailing ship that rides the swell."""

import math

from ..layers import Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet
from .puppet import Motion, Puppet, Sway
from .small_boat import draw_small_boat
from .sprite import horizon

# keep tables of points in rows
# fmt: off

AFLOAT = 0.35  # depth just in front of the water of a place
HULLS = ("#7a4a34", "#3f5a7a", "#e9e6e0", "#8a3f3f")


def build_ship(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build one ship near the horizon; a larger count adds smaller ships behind."""
    layers: list[Layer] = []
    rng = stage.rng("ship")
    first = 0.68 if spot.x > stage.width / 2 else 0.3
    for k in reversed(range(max(1, min(subject.count, DEFAULT_MAX_COUNT)))):
        near = 1.0 if k == 0 else float(rng.uniform(0.3, 0.5))
        brush = Brush(stage, stage.unit * 0.4 * near)
        base = horizon(stage) + (stage.height - horizon(stage)) * (0.1 if k == 0 else 0.025)
        x = first if k == 0 else _place_further_ship(first, (0.18 + 0.37 * k) % 1)
        afloat = AFLOAT + (0.01 if k == 0 else 0.0)
        puppet = Puppet(f"ship {k}", brush, x * stage.width, base, afloat, flip=spot.facing < 0)
        colour = subject.clothes_colour or HULLS[int(rng.integers(len(HULLS)))]
        if subject.variant == "boat":
            draw_small_boat(puppet, brush, colour)
            rock = lambda t: Pose(dx=0.7 * math.sin(t * 2.2))  # noqa: E731
            puppet.add("wake", _draw_wake(brush), pivot=(0, 0), motion=rock, rim=False)
        else:
            _draw_ship(puppet, brush, colour, near)
        layers += puppet.build_layers(_riding(stage, near, float(rng.uniform(0, 6)), spot.facing))
    return layers


def _place_further_ship(first: float, share: float) -> float:
    """Return the x of a distant ship as a fraction of the frame's width, neither behind the near ship nor at the edge.

    ``first``: x of the near ship. ``share``: random position, 0 to 1.
    """
    x = 0.06 + 0.6 * share
    return x if x < first - 0.14 else x + 0.28


def _riding(stage: Stage, near: float, phase: float, facing: int) -> Motion:
    swell = {"storm": 2.6, "rain": 1.5}.get(stage.weather, 1.0)

    def motion(t: float) -> Pose:
        return Pose(
            dx=facing * stage.unit * near * 1.5 * (t - stage.seconds / 2),
            dy=stage.unit * 0.28 * near * swell * math.sin(t * 1.5 + phase),
            turn=0.022 * swell * math.sin(t * 1.1 + phase),
        )

    return motion


def _draw_ship(puppet: Puppet, brush: Brush, colour: str, near: float) -> None:
    blow = 0.4 + brush.stage.wind(0)
    for k, (x, top) in enumerate(((-14, 66), (12, 76))):
        puppet.add(f"sails {k}", _draw_mast(brush, x, top), pivot=(x, 8), sway=None)
    flag = brush.sheet(10, 36, 70, 92)
    red = brush.colour("#d8455a")
    flag.fill([(12, 86), (20, 87), (27, 85), (26, 80), (19, 81.6), (12, 80)], red, brush.line(red), 0.5)
    puppet.add("flag", flag, pivot=(12, 83), motion=lambda t: Pose(shear=0.0, turn=0.1 * blow * math.sin(t * 7)))
    puppet.add("hull", _draw_hull(brush, colour), pivot=(0, 0))
    puppet.add(
        "wake", _draw_wake(brush), pivot=(0, 0), motion=lambda t: Pose(dx=0.7 * math.sin(t * 2.2), alpha=0.85),
        rim=False,
        sway=Sway(4, -6, 0.6 * near, seconds=1.5),
    )


def _draw_mast(brush: Brush, x: float, top: float) -> Sheet:
    sheet = brush.sheet(x - 30, x + 34, 4, top + 16)
    wood, cloth = brush.colour("#6a4a38"), brush.colour("#f8f0e0")
    line = brush.line(cloth)
    sheet.fill(
        [(x - 0.9, 4), (x + 0.9, 4), (x + 0.5, top + 14), (x - 0.5, top + 14)], wood, brush.line(wood), 0.4,
        smooth=False,
    )
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    for low, high, wide in ((16, top * 0.52, 19), (top * 0.54, top * 0.82, 15.5), (top * 0.84, top + 4, 11)):
        bulge = wide * 0.32
        sail = [
            (x - wide + 1, high), (x, high + 0.4), (x + wide - 1, high), (x + wide + bulge * 0.8, (low + high) / 2),
            (x + wide, low), (x + bulge, low + 2.6), (x - wide, low), (x - wide + bulge * 0.8, (low + high) / 2),
        ]
        path = sheet.fill(sail, cloth, line, 0.7)
        mask = sheet.mask(path, smooth=False)
        sheet.tint(
            [
                (x + dark * wide * 0.2, high + 2), (x + dark * wide * 0.5, (low + high) / 2),
                (x + dark * wide * 0.1, low - 2), (x + dark * wide * 2, low - 2), (x + dark * wide * 2, high + 2),
            ],
            brush.shade(cloth),
            0.85,
            inside=mask,
        )
        for f in (-0.5, 0.0, 0.5):
            sheet.stroke(
                [(x + wide * f, high), (x + wide * f + bulge, (low + high) / 2), (x + wide * f, low + 1)],
                mix(cloth, line, 0.3), 0.4,
            )
        sheet.stroke([(x - wide - 0.6, high + 0.6), (x + wide + 0.6, high + 0.6)], wood, 1.1, (0.7, 0.7))
    return sheet


def _draw_hull(brush: Brush, colour: str) -> Sheet:
    sheet = brush.sheet(-46, 58, -4, 24)
    hull = brush.colour(colour)
    line = brush.line(hull)
    wood = brush.colour("#6a4a38")
    sheet.stroke([(32, 13), (54, 22)], wood, 1.3, (1, 0.4))
    path = sheet.fill(
        [(-36, 18), (-34, 9), (-28, -2), (24, -2), (33, 6), (38, 14.6), (26, 11.2), (0, 9.4), (-20, 11), (-24, 17.4)],
        hull,
        line,
        0.9,
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint([(-40, 6.4), (0, 3.6), (40, 6.4), (40, -6), (-40, -6)], brush.shade(hull), 0.9, inside=mask)
    gold = brush.colour("#e0b060")
    sheet.stroke([(-34, 13.4), (-18, 8.6), (0, 7.2), (22, 8.6), (36, 12.6)], gold, 0.9, (0.6, 0.6))
    glass = (
        brush.bright(brush.stage.light.window)
        if brush.stage.is_dark or brush.stage.time != "day"
        else brush.colour("#3a4a60")
    )
    for x in (-30, -26, -14, -6, 2, 10, 18):
        y = 12.6 if x < -20 else 5.2
        sheet.tint(
            [(x - 1.1, y - 1), (x + 1.1, y - 1), (x + 1.1, y + 1), (x - 1.1, y + 1)], glass, 1, smooth=False,
            inside=mask,
        )
    return sheet


def _draw_wake(brush: Brush) -> Sheet:
    sheet = brush.sheet(-54, 50, -7, 4)
    foam = mix(brush.colour("#f4faff"), brush.colour(brush.stage.light.haze), 0.25)
    sheet.fill(
        [
            (-50, -2.6), (-34, -0.6), (-20, -1.8), (0, -0.8), (16, -1.8), (30, 0.6), (40, -1.4), (26, -3.6),
            (4, -3.2), (-16, -4.2), (-34, -3.2),
        ],
        foam,
    )
    return sheet
