"""Solid shapes of things: filled, shaded on the side away from the light, and outlined."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..layers import Stage
from ..names import hash_name
from ..scene import Subject
from ..styles.colour import Colour, mix
from .brush import Brush
from .ink import Points, Sheet, ellipse

# keep tables of points in rows
# fmt: off

WHITE = (255.0, 253.0, 250.0)


def choose_paint(stage: Stage, subject: Subject, paints: Sequence[str], index: int = 0) -> str:
    """Return the requested colour (``#rrggbb``) of the ``index``-th thing of a subject, else one of ``paints``.

    Its name decides which, so that it stays the same in every shot of a story; without a name, the seed does.
    """
    if asked := subject.clothes_colour or subject.hair_colour:
        return asked
    seeded = int(stage.rng(subject.kind).integers(len(paints)))
    first = hash_name(subject.name) if subject.name else seeded
    return paints[(first + index + subject.ordinal) % len(paints)]


class Solid:
    """Draws the shapes of one thing; ``flip``: the finished thing is mirrored, so the light comes from the other side.
    """

    def __init__(self, brush: Brush, flip: bool = False) -> None:
        self.brush = brush
        x, y, _ = brush.stage.light.direction
        self.towards = (-x if flip else x, min(y, -0.25))  # light from below would look wrong on a thing

    def fill(
        self, sheet: Sheet, points: Points, colour: Colour, depth: float = 5.0, width: float = 0.8, smooth: bool = True,
    ) -> np.ndarray:
        """Draw a shape whose shadow is about ``depth`` units wide. Returns its coverage of the sheet."""
        path = sheet.fill(points, colour, smooth=smooth)
        mask = sheet.mask(path, smooth=False)
        if depth:
            sheet.tint_mask(self._find_shadow(sheet, mask, depth), self.brush.shade(colour), 0.9)
        sheet.outline(path, self.brush.line(colour), width)
        return mask

    def ball(
        self, sheet: Sheet, x: float, y: float, radius: float, colour: Colour, width: float = 0.7, gleam: bool = False
    ) -> None:
        """Draw a ball with its shadow and, for a shiny one, a spot of light."""
        self.fill(sheet, ellipse(x, y, radius, radius), colour, radius * 0.5, width, smooth=False)
        if gleam:
            dx, dy = self.towards[0] * radius * 0.45, -self.towards[1] * radius * 0.5
            sheet.tint(ellipse(x + dx, y + dy, radius * 0.24, radius * 0.2), WHITE, 0.8, smooth=False)

    def tube(self, sheet: Sheet, points: Points, half: float, colour: Colour, width: float = 0.7) -> None:
        """Draw a tube ``half`` units to each side of a line, shaded along its lower edge."""
        line, shade = self.brush.line(colour), self.brush.shade(colour)
        sheet.stroke(points, line, 2 * half + 2 * width, (1, 1))
        sheet.stroke(points, shade, 2 * half, (1, 1))
        lit = np.array([self.towards[0] * half * 0.45, -self.towards[1] * half * 0.55])
        sheet.stroke(np.asarray(points, np.float64) + lit, colour, 1.15 * half, (1, 1))

    def gleam(self, sheet: Sheet, points: Points, inside: np.ndarray, strength: float = 0.45) -> None:
        """Paint a reflection of the sky on something shiny."""
        sheet.tint(points, WHITE, strength, inside=inside, soft=0.4)

    def _find_shadow(self, sheet: Sheet, mask: np.ndarray, depth: float) -> np.ndarray:
        x, y, w, h = cv2.boundingRect(mask)
        part, reach = mask[y : y + h, x : x + w], depth * sheet.k
        shift = np.array([[1, 0, self.towards[0] * reach], [0, 1, self.towards[1] * reach]], np.float32)
        dark = cv2.subtract(part, cv2.warpAffine(part, shift, (w, h)))
        if sheet.soft:
            blur = max(0.6, 1.5 * sheet.soft * sheet.k)
            dark = cv2.multiply(cv2.GaussianBlur(dark, (0, 0), blur), part, scale=1 / 255)
        out = np.zeros_like(mask)
        out[y : y + h, x : x + w] = dark
        return out


def draw_ground_shadow(brush: Brush, left: float, right: float, high: float = 5.0) -> Sheet:
    """Draw the soft shadow of a thing on level ground, from x ``left`` to ``right`` (units)."""
    stage = brush.stage
    sheet = brush.sheet(left - 8, right + 8, -high - 4, high + 4)
    dark = mix(brush.colour(stage.light.near), (24.0, 12.0, 16.0), 0.45)
    middle, half = (left + right) / 2, (right - left) / 2
    sheet.fill(ellipse(middle, 0, half, high), dark, smooth=False)
    strength = 0.34 if stage.is_dark or stage.weather != "clear" else 0.46
    blurred = cv2.GaussianBlur(sheet.pixels, (0, 0), max(0.8, high * 0.4 * sheet.k))
    sheet.pixels[:] = cv2.convertScaleAbs(blurred, alpha=strength)
    return sheet
