"""Expressions: positions of brows, eyelids and mouth, and how a mouth speaks a line."""

import zlib
from dataclasses import dataclass

from ...styles.colour import mix, times
from ..brush import Brush
from ..ink import Sheet, curve
from ..look import Look
from .shape import EYE_X, Shape

# keep tables of points in rows
# fmt: off

MOUTH_Y = 6.4


@dataclass(frozen=True)
class Expression:
    """Measures of an expression.

    ``inner``, ``outer``: lift of the ends of the brows (units). ``lid``: opening of the eyes, 1 is normal. ``iris``:
    factor of its size. ``blush``: opacity, 0 to 1. ``mouth``: points of the closed mouth; empty draws an open one.
    """

    inner: float
    outer: float
    lid: float
    iris: float
    blush: float
    mouth: tuple[tuple[float, float], ...]
    tears: bool = False
    frown: float = 0.0  # lowers the inner ends of the lids, draws strong brows and a crease between them


EXPRESSIONS = {
    "calm": Expression(0, 0, 1.0, 1.0, 0.3, ((-2.3, 0.25), (-1.1, -0.15), (0, -0.25), (1.1, -0.15), (2.3, 0.25))),
    "smile": Expression(0.5, 0.2, 0.97, 1.0, 0.5, ((-3.5, 1.2), (-2.0, 0.1), (0, -0.35), (2.0, 0.1), (3.5, 1.2))),
    "sad": Expression(1.9, -1.3, 0.86, 1.02, 0.3, ((-2.2, -0.7), (-1, 0.1), (0, 0.3), (1, 0.1), (2.2, -0.7))),
    "crying": Expression(
        2.5, -1.6, 0.74, 1.06, 0.75, ((-2.4, -1.0), (-1.2, 0.1), (0, 0.45), (1.2, 0.1), (2.4, -1.0)), tears=True
    ),
    "angry": Expression(
        -5.2, 1.6, 0.86, 0.86, 0.25, ((-2.8, -1.0), (-1.1, 0.2), (0, 0.35), (1.1, 0.2), (2.8, -1.0)), frown=1.0
    ),
    "surprised": Expression(2.0, 1.9, 1.16, 0.84, 0.35, ()),
    "sleepy": Expression(0.6, -0.5, 0.42, 1.0, 0.3, ((-1.8, 0.2), (-0.9, -0.2), (0, 0.1), (0.9, -0.2), (1.8, 0.2))),
}


def draw_brows(brush: Brush, look: Look, shape: Shape, mood: Expression) -> Sheet:
    """Draw both brows on one sheet; they show through the hair, as is common in anime."""
    sheet = brush.sheet(-20, 20, 20, 36)
    old = look.kind == "elder"
    colour = times(brush.colour(look.hair), 0.78 if old else 0.62)
    drop = (1 - shape.eye_h) * 4.2
    for side in (-1, 1):
        points = [(-4.4, 10.2 + mood.inner), (-0.4, 10.9 + (mood.inner + mood.outer) / 2), (5.3, 8.9 + mood.outer)]
        placed = shape.feature([(side * (EYE_X + x), 18.2 + y - drop) for x, y in points])
        path = curve(placed, 12, False)
        width = shape.brow * (1.15 if look.female else 2.4 if old else 1.5) * (1 + 0.45 * mood.frown)
        sheet.stroke(path, mix(colour, times(colour, 0.55), mood.frown), width, (0.75, 0.05), smooth=False)
        if mood.frown:
            crease = shape.feature([(side * 1.3, 18.2 + 5.4 - drop), (side * 1.0, 18.2 + 7.6 - drop)])
            sheet.stroke(crease, times(colour, 0.7), 0.42, (0.2, 0.5))
    return sheet


def draw_closed_mouth(brush: Brush, look: Look, shape: Shape, mood: Expression) -> Sheet:
    """Draw the mouth at rest."""
    if not mood.mouth:
        return draw_open_mouth(brush, shape, 1.5, 2.4)
    sheet = brush.sheet(-9, 9, 0, 12)
    ink = mix(brush.line(brush.colour(look.skin)), brush.colour("#a03c46"), 0.45)
    y = MOUTH_Y + shape.chin * 0.55
    sheet.stroke(shape.feature([(px, y + py) for px, py in mood.mouth]), ink, 0.52, (0.45, 0.45))
    lip = mix(brush.colour(look.skin), brush.colour("#c86a66"), 0.32)
    sheet.stroke(shape.feature([(-1.2, y - 1.9), (0, y - 2.15), (1.2, y - 1.9)]), lip, 0.42, (0.1, 0.1))
    return sheet


def draw_open_mouth(brush: Brush, shape: Shape, half: float, height: float) -> Sheet:
    """Draw an open mouth: dark inside, teeth above, tongue below. ``half``: half its width (units)."""
    sheet = brush.sheet(-9, 9, 0, 12)
    y = MOUTH_Y + shape.chin * 0.55 + 0.5
    rim = [
        (-half, 0.1), (-half * 0.5, 0.35), (0, 0.25), (half * 0.5, 0.35), (half, 0.1), (half * 0.75, -height * 0.62),
        (0, -height), (-half * 0.75, -height * 0.62),
    ]
    path = curve(shape.feature([(px, y + py) for px, py in rim]))
    dark, tongue = brush.colour("#8a2f3c"), brush.colour("#e8808a")
    sheet.fill(path, dark, smooth=False)
    inside = sheet.mask(path, smooth=False)
    low = [
        (-half, -height * 0.55), (0, -height * 0.42), (half, -height * 0.55), (half, -height * 1.3),
        (-half, -height * 1.3),
    ]
    sheet.tint(shape.feature([(px, y + py) for px, py in low]), tongue, 1, inside=inside, soft=0.1)
    teeth = [(-half, 1), (half, 1), (half * 0.8, -height * 0.16), (-half * 0.8, -height * 0.16)]
    sheet.tint(
        shape.feature([(px, y + py) for px, py in teeth]), brush.bright("#fff8f6"), 0.95, False, inside, soft=0.05
    )
    sheet.outline(path, brush.colour("#6a2430"), 0.36)
    return sheet


def speaking_seconds(line: str) -> float:
    """Return about how long a line takes to speak (seconds); a syllable is one CJK character or about three letters."""
    wide = sum(1 for c in line if ord(c) > 0x2E80)
    return 0.25 + wide * 0.17 + (len(line) - wide) * 0.065


def mouth_at(line: str, t: float, seconds: float) -> int:
    """Return the mouth shown at ``t``: 0 at rest (always, without a line), 1 a little open, 2 open."""
    start = 0.35 if seconds > 1.2 else 0.1
    length = min(speaking_seconds(line), seconds - start - 0.15) if line.strip() else 0.0
    if not start <= t < start + length:
        return 0
    beat = int((t - start) * 12)
    return (2, 1, 0, 1, 2, 1, 2, 0)[(beat // 2 + zlib.crc32(line.encode()) + (beat // 2) * (beat // 2 + 3) // 2) % 8]
