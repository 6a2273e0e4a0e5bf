"""The hair of a figure seen from behind, by style."""

from collections.abc import Callable

import numpy as np

from ...layers import Pose
from ...styles.colour import glow, hls, mix
from ..brush import Brush
from ..ink import Sheet, ellipse
from ..look import Look
from ..puppet import Puppet, Sway
from .body import Body

# keep tables of points in rows
# fmt: off

Fall = list[tuple[float, float]]


class _Hair:
    def __init__(self, brush: Brush, look: Look, body: Body) -> None:
        self.brush, self.look, self.body = brush, look, body
        self.base = brush.colour(look.hair)
        self.tip = brush.colour(look.tip)
        self.shade = hls(brush.shade(self.base), saturation=1.08)
        self.line = brush.line(self.base)
        self.light = mix(glow(self.base), (250.0, 246.0, 255.0), 0.3)
        self.dark = 1 if brush.stage.light.direction[0] < 0 else -1
        self.x, self.y, self.rx, self.ry = body.skull

    def draw_loose(self, length: float, wide: float) -> Sheet:
        """Draw loose hair from the crown down to height ``length``; ``wide`` is its half width at the tips."""
        y, rx, ry = self.y, self.rx, self.ry
        sheet = self.brush.sheet(-wide - rx - 4, wide + rx + 4, length - 4, self.body.total + 4)
        half: Fall = [
            (0, y + ry * 1.02), (rx * 0.62, y + ry * 0.86), (rx * 1.03, y + ry * 0.28), (rx * 1.08, y - ry * 0.4),
        ]
        far = y - ry * 0.4 - length
        if far > self.body.head * 0.5:
            half += [(rx * 1.02, y - ry * 0.4 - far * 0.35), (wide * 1.02, y - ry * 0.4 - far * 0.7)]
        step = min(self.body.head * 0.2, far * 0.5)
        tips = [
            (wide * 0.98, length + step), (wide * 0.72, length + step * 0.1), (wide * 0.52, length + step * 0.9),
            (wide * 0.22, length - step * 0.2), (0, length + step * 0.7),
        ]
        right = half + tips
        path = sheet.fill([*right, *[(-px, py) for px, py in reversed(right[1:-1])]], self.base, self.line, 0.44)
        inside = sheet.mask(path, smooth=False)
        k = self.dark
        edge = [(k * px * 0.45, py) for px, py in half[1:]] + [(k * wide * 0.4, length - 3)]
        sheet.tint([*edge, (k * wide * 3, length - 3), (k * rx * 2, y + ry)], self.shade, 0.8, inside=inside)
        for f in (-0.72, -0.42, -0.1, 0.24, 0.55, 0.8):
            bend = wide * f
            sheet.stroke(
                [(rx * f * 0.8, y + ry * 0.35), (rx * f * 1.05, y - ry * 0.5), (bend, length + step * 1.4)],
                self.shade if f * k < 0.2 else self.line, 0.4, (0.05, 0.1),
            )
        self.shine(sheet, inside)
        sheet.fade(y - ry, length, self.tip, 0.6)
        return sheet

    def shine(self, sheet: Sheet, inside: np.ndarray) -> None:
        """Draw the band of light around the head."""
        y, rx, ry, k = self.y, self.rx, self.ry, -self.dark
        band = [
            (-rx * 0.8, y + ry * 0.36), (-rx * 0.42, y + ry * 0.62), (rx * 0.1, y + ry * 0.68),
            (rx * 0.62, y + ry * 0.54), (rx * 0.84, y + ry * 0.34), (rx * 0.6, y + ry * 0.40),
            (rx * 0.4, y + ry * 0.34), (rx * 0.24, y + ry * 0.5), (0, y + ry * 0.38), (-rx * 0.2, y + ry * 0.5),
            (-rx * 0.44, y + ry * 0.34),
        ]
        sheet.tint([(px * k, py) for px, py in band], self.light, 0.75, smooth=False, inside=inside, soft=0.12)

    def draw_tail(self, x: float, y: float, length: float, wide: float, lean: float) -> Sheet:
        """Draw a bound tail from (x, y) down to height ``length``; ``lean``: shift of the tip to the right (units)."""
        sheet = self.brush.sheet(x - wide * 2 - 8, x + wide * 2 + 8, length - 4, y + wide * 2 + 4)
        d = y - length
        out = [
            (x - 0.6, y + 0.5), (x + wide * 0.8 + lean * 0.2, y + wide * 0.5), (x + wide + lean * 0.6, y - d * 0.35),
            (x + wide * 0.8 + lean, y - d * 0.75), (x + lean * 1.1, length),
            (x - wide * 0.5 + lean * 0.9, y - d * 0.78), (x - wide + lean * 0.5, y - d * 0.4),
            (x - wide * 0.6, y - d * 0.08),
        ]
        path = sheet.fill(out, self.base, self.line, 0.44)
        inside = sheet.mask(path, smooth=False)
        k = self.dark
        sheet.tint(
            [
                (x + k * 0.2, y), (x + lean * 0.5 + k * wide * 0.2, y - d * 0.4), (x + lean, length),
                (x + lean + k * wide * 3, length), (x + k * wide * 3, y),
            ],
            self.shade,
            0.85,
            inside=inside,
        )
        for f in (-0.5, 0.0, 0.5):
            sheet.stroke(
                [(x + f * wide * 0.5, y), (x + lean * 0.5 + f * wide, y - d * 0.4), (x + lean, y - d * 0.85)],
                self.shade, 0.4, (0.1, 0.1),
            )
        sheet.fade(y - d * 0.4, length, self.tip, 0.7)
        tie = self.brush.colour(self.look.accent)
        sheet.fill(ellipse(x, y + 0.2, wide * 0.42, wide * 0.3), tie, self.brush.line(tie), 0.34, smooth=False)
        return sheet

    def draw_bun(self, x: float, y: float, r: float) -> Sheet:
        sheet = self.brush.sheet(x - r - 3, x + r + 3, y - r - 3, y + r + 3)
        path = sheet.fill(ellipse(x, y, r, r * 0.92), self.base, self.line, 0.42, smooth=False)
        inside = sheet.mask(path, smooth=False)
        sheet.tint(
            [(x - r, y - r * 0.2), (x, y - r * 0.5), (x + r, y - r * 0.2), (x + r, y - r * 2), (x - r, y - r * 2)],
            self.shade, 0.85, inside=inside,
        )
        for q in (0.4, 0.75):
            sheet.stroke([(x - r * q, y - r * 0.2), (x, y + r * q), (x + r * q, y - r * 0.2)], self.shade, 0.36)
        return sheet

    def draw_spikes(self) -> Sheet:
        y, rx, ry = self.y, self.rx, self.ry
        sheet = self.brush.sheet(-rx * 2, rx * 2, self.body.chin - 2, self.body.total + 9)
        ring = [
            (1.0, -0.5), (1.4, -0.3), (1.12, -0.05), (1.52, 0.25), (1.14, 0.4), (1.4, 0.82), (0.92, 0.8), (0.9, 1.26),
            (0.5, 1.0), (0.24, 1.4), (-0.02, 1.04), (-0.42, 1.36), (-0.56, 0.98), (-1.02, 1.16), (-0.98, 0.72),
            (-1.44, 0.66), (-1.14, 0.32), (-1.5, 0.1), (-1.1, -0.1), (-1.36, -0.4), (-0.98, -0.5), (-0.78, -0.86),
            (-0.5, -0.66), (-0.24, -0.98), (0.02, -0.7), (0.3, -1.0), (0.52, -0.66), (0.8, -0.86),
        ]
        path = sheet.fill([(px * rx, y + py * ry) for px, py in ring], self.base, self.line, 0.46, smooth=False)
        inside = sheet.mask(path, smooth=False)
        k = self.dark
        sheet.tint(
            [
                (k * rx * 0.1, y + ry * 1.4), (k * rx * 0.5, y), (k * rx * 0.1, y - ry * 1.1), (k * rx * 3, y - ry),
                (k * rx * 3, y + ry * 1.4),
            ],
            self.shade,
            0.8,
            inside=inside,
        )
        for f in (-0.6, -0.2, 0.25, 0.6):
            sheet.stroke(
                [(rx * f * 0.4, y + ry * 0.5), (rx * f, y - ry * 0.2), (rx * f * 1.1, y - ry * 0.8)], self.shade, 0.4
            )
        self.shine(sheet, inside)
        return sheet


def add_hair(puppet: Puppet, brush: Brush, look: Look, body: Body, blow: float, nod: Callable[[float], Pose]) -> None:
    """Add the layers of the hair, in front of the head as seen from behind."""
    hair, head = _Hair(brush, look, body), body.head
    pivot = (0.0, body.chin)
    kit = {"pivot": pivot, "motion": nod}
    style = look.hair_style
    if style == "long":
        low = body.waist - head * 0.1
        sway = Sway(hair.y, low, 1.5 * blow, lean=5.0 * blow, lift=2.2 * blow, seconds=2.0, waves=0.75)
        puppet.add("hair", hair.draw_loose(low, hair.rx * 1.12), sway=sway, **kit)
    elif style == "spiky":
        puppet.add("hair", hair.draw_spikes(), sway=Sway(body.chin, body.total + 6, 0.25 * blow, seconds=1.5), **kit)
    elif style == "bob":
        low = body.chin - head * 0.05
        sway = Sway(hair.y, low, 0.4 * blow, lean=0.5 * blow, seconds=2.0)
        puppet.add("hair", hair.draw_loose(low, hair.rx * 1.06), sway=sway, **kit)
    else:
        low = body.chin + head * 0.1
        sway = Sway(hair.y, low, 0.15 * blow, seconds=2.0)
        puppet.add("hair", hair.draw_loose(low, hair.rx * 0.66), sway=sway, **kit)
    _add_extra(puppet, hair, blow, kit)


def _add_extra(puppet: Puppet, hair: _Hair, blow: float, kit: dict) -> None:
    body, style = hair.body, hair.look.hair_style
    head, y, rx, ry = body.head, hair.y, hair.rx, hair.ry
    if style == "ponytail":
        low = y - head * 1.55
        sway = Sway(y + ry * 0.4, low, 1.6 * blow, lean=4.5 * blow, lift=2.0 * blow, seconds=2.0, waves=0.8)
        puppet.add("tail", hair.draw_tail(0, y + ry * 0.55, low, head * 0.2, 0.0), sway=sway, **kit)
    elif style == "twintails":
        low = y - head * 1.75
        for k in (-1, 1):
            sway = Sway(
                y + ry * 0.4, low, 1.5 * blow, lean=3.6 * blow, lift=1.6 * blow, seconds=2.0, waves=0.8, phase=0.12 * k
            )
            puppet.add(
                f"tail {k}", hair.draw_tail(k * rx * 0.98, y + ry * 0.45, low, head * 0.19, k * head * 0.16), sway=sway,
                **kit,
            )
    elif style == "bun":
        small = hair.look.kind in ("girl", "child")
        for k in (-1, 1) if small else (0,):
            centre = (k * rx * 0.7, y + ry * 0.95) if small else (0.0, y + ry * 0.5)
            puppet.add(f"bun {k}", hair.draw_bun(*centre, head * (0.17 if small else 0.22)), **kit)
