"""A railway bridge across a street, above everybody's heads."""

import numpy as np

from ..layers import Layer, Spot, Stage
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Sheet

# keep tables of points in rows
# fmt: off

DECK, PANEL = 9.0, 9.0  # height of the girder and width of one of its panels, in units


def build_viaduct(brush: Brush, stage: Stage, place: Spot, bottom: float) -> Layer:
    """Build girder, railing and two piers, as wide as the frame and its margins.

    ``bottom``: y of the lower edge of the train's image, in pixels.
    """
    s = brush.scale
    left, right = -stage.margin / s, (stage.width + stage.margin) / s
    top = bottom - 4.7 * s  # y of the rails in pixels
    foot = -(stage.height * 0.84 - top) / s
    sheet = brush.sheet(left, right, foot, 5)
    steel = mix(brush.colour("#7c9c96"), brush.colour(stage.light.near), 0.3)
    stone = mix(brush.colour("#9a95a0"), brush.colour(stage.light.near), 0.4)
    for x in (stage.width * 0.035 / s, stage.width * 0.965 / s):
        _draw_pier(brush, sheet, x, foot, stone)
    _draw_girder(brush, sheet, left, right, steel)
    return Layer("bridge", sheet.finished(), left * s, top - 5 * s, place.depth)


def _draw_pier(brush: Brush, sheet: Sheet, x: float, foot: float, stone: Colour) -> None:
    half = [(6.5, -DECK), (4.5, -DECK - 6), (4.5, foot)]
    outline = [*[(x + dx, y) for dx, y in half], *[(x - dx, y) for dx, y in reversed(half)]]
    path = sheet.fill(outline, stone, brush.line(stone), 0.5, smooth=False)
    mask, dark = sheet.mask(path, smooth=False), 1 if brush.stage.light.direction[0] < 0 else -1
    shade = brush.shade(stone)
    sheet.tint([(x + dark, 0), (x + dark * 9, 0), (x + dark * 9, foot), (x + dark, foot)], shade, 0.85, False, mask)
    sheet.tint([(x - 9, -DECK), (x + 9, -DECK), (x + 9, -DECK - 3), (x - 9, -DECK - 3)], shade, 0.9, False, mask)


def _draw_girder(brush: Brush, sheet: Sheet, left: float, right: float, steel: Colour) -> None:
    line, shade = brush.line(steel), brush.shade(steel)
    path = sheet.fill(
        [(left - 1, 0), (right + 1, 0), (right + 1, -DECK), (left - 1, -DECK)], steel, line, 0.5, smooth=False
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(left - 1, -DECK * 0.62), (right + 1, -DECK * 0.62), (right + 1, -DECK - 1), (left - 1, -DECK - 1)], shade,
        0.9, False, mask,
    )
    rim = mix(steel, brush.colour(brush.stage.light.rim), 0.55)
    sheet.tint([(left - 1, 0), (right + 1, 0), (right + 1, -1.1), (left - 1, -1.1)], rim, 0.9, False, mask)
    for x in np.arange(left, right, PANEL):
        sheet.stroke([(x, -1.2), (x, -DECK)], line, 0.45, (1, 1), smooth=False)
        sheet.stroke([(x + PANEL / 2, 0), (x + PANEL / 2, 3.4)], line, 0.34, (1, 1), smooth=False)
    for y, width in ((3.4, 0.5), (1.8, 0.3), (-DECK + 0.9, 0.5)):
        sheet.stroke([(left - 1, y), (right + 1, y)], line, width, (1, 1), smooth=False)
