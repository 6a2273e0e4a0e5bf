"""The head of a figure seen from the side, looking right."""

from ...styles.colour import Colour, bgr, glow, mix, times
from ..brush import Brush
from ..ink import Points, Sheet, curve, ellipse
from ..look import Look
from .body import Body

# keep tables of points in rows
# fmt: off

FACE = [
    (-9, 10), (-12, 30), (0, 46), (12, 40), (14.2, 32), (14.6, 25.5), (13.8, 20.5), (15.4, 16.4), (17.4, 13.4),
    (15.0, 11.4), (14.9, 9.6), (15.3, 8.6), (14.2, 7.6), (14.8, 6.4), (13.7, 4.4), (13.4, 1.8), (10.8, -0.4),
    (6, 0.6), (0, 4.4), (-4, 6.4),
]
CAP = [
    (15.0, 29), (15.8, 36), (12.6, 44.6), (5.5, 50.6), (-4, 52.2), (-13.2, 49.4), (-19.2, 41.2), (-20.2, 30),
    (-17.2, 19.5),
]
SPIKES = [
    (15.4, 29), (19.5, 34), (16, 39.5), (20, 46.5), (12, 46), (10.5, 55), (3.5, 50.8), (-3.5, 58.5), (-8, 51),
    (-18, 55), (-16.4, 46.8), (-25.5, 46), (-20, 39), (-27, 33.5), (-20, 29), (-25, 21), (-17.2, 20),
]


# outlines of hair behind the head; for long hair, heights below 0 are shares of the distance to the waist
TAILS: dict[str, list[tuple[float, float]]] = {
    "long": [
        (2, 48), (-12, 48), (-20.4, 36), (-22, 16), (-25, -0.4), (-30, -0.8), (-34, -1), (-26, -0.86), (-22, -1.02),
        (-17, -0.84), (-12, -0.94), (-7, -0.5), (-2, 4), (0, 22),
    ],
    "ponytail": [
        (-13, 44), (-22, 49), (-30, 42), (-33, 24), (-32, 2), (-37, -20), (-27, -6), (-24, 14), (-21, 30), (-16, 36),
    ],
    "twintails": [
        (-4, 42), (-13, 46), (-22, 36), (-25, 12), (-24, -18), (-29, -36), (-18, -24), (-14, 0), (-11, 22), (-6, 34),
    ],
    "bob": [(0, 48), (-14, 47), (-21, 36), (-22, 18), (-21, 4), (-16, 0), (-12, 3), (-7, -1), (-2, 5), (1, 20)],
}


class Profile:
    """Draws head and hair in a plane where one head is 50 units, scaled to the body."""

    def __init__(self, brush: Brush, look: Look, body: Body, expression: str) -> None:
        self.brush, self.look, self.body = brush, look, body
        self.mood = "sad" if expression == "crying" else expression
        self.k = body.head / 51
        self.hair = brush.colour(look.hair)
        self.tip = brush.colour(look.tip)
        self.shade = brush.shade(self.hair)
        self.line = brush.line(self.hair)

    def at(self, points: Points) -> list[tuple[float, float]]:
        """Convert head units to figure units."""
        return [(x * self.k, self.body.chin + y * self.k) for x, y in points]

    def sheet(self, left: float, right: float, low: float, high: float) -> Sheet:
        k, c = self.k, self.body.chin
        return self.brush.sheet(left * k, right * k, c + low * k, c + high * k)

    def head(self, closed: bool = False) -> Sheet:
        """Draw face, ear, fringe and cap; ``closed`` draws the eye shut."""
        sheet = self.sheet(-32, 26, -18, 64)
        skin = self.brush.colour(self.look.skin)
        line = self.brush.line(skin)
        blush = mix(self.brush.shade(skin), mix(skin, self.brush.colour("#e08a7c"), 0.55), 0.6)
        path = sheet.fill(self.at(FACE), skin, line, 0.36)
        mask = sheet.mask(path, smooth=False)
        sheet.tint(self.at([(-12, 20), (-3, 15), (3, 6), (9, 1.8), (9, -4), (-12, -4)]), blush, 0.8, inside=mask)
        sheet.tint(self.at([(2, 24), (8, 24.5), (15, 25.5), (16, 34), (0, 36)]), blush, 0.7, inside=mask)
        sheet.tint(self.at(ellipse(8.4, 10.4, 3.2, 1.6)), self.brush.colour("#ff8f8a"), 0.4, False, mask, 0.5 * self.k)
        self._draw_eye(sheet, closed)
        mouth = {"smile": [(11.4, 8.2), (12.8, 7.2), (14.4, 7.6)], "sad": [(11.6, 6.4), (13, 7.2), (14.4, 7.2)]}.get(
            self.mood, [(11.8, 7.2), (14.4, 7.5)]
        )
        sheet.stroke(
            self.at(mouth), mix(line, self.brush.colour("#a03c46"), 0.4), 0.36, (0.3, 0.8), smooth=len(mouth) > 2
        )
        if self.look.kind == "elder":
            self._draw_wrinkles(sheet, blush)
        self._draw_cap(sheet)
        return sheet

    def open_mouth(self, height: float) -> Sheet:
        """Draw an open mouth over the closed one. ``height``: how far the lower lip is lowered, in head units."""
        sheet = self.sheet(4, 26, -18, 24)
        dark, skin = self.brush.colour("#8a2f3c"), self.brush.colour(self.look.skin)
        line = mix(self.brush.line(skin), self.brush.colour("#6a2430"), 0.6)
        lips = [(10.6, 7.4), (12.8, 8.3), (15.1, 8.5), (14.9, 8.0 - height * 0.8), (13.6, 7.2 - height), (11.4, 6.4)]
        sheet.fill(self.at(lips), dark, line, 0.3)
        tongue = [(12.0, 6.9 - height * 0.5), (14.0, 7.4 - height * 0.8)]
        sheet.stroke(self.at(tongue), self.brush.colour("#e8808a"), 0.5)
        return sheet

    def _draw_wrinkles(self, sheet: Sheet, shade: Colour) -> None:
        """Draw lines beside eye and mouth, and a beard for an old man."""
        for line in ([(5.6, 13.4), (8.2, 12.2), (10.6, 12.6)], [(9.8, 10.6), (10.6, 8.2), (10.2, 6.2)]):
            sheet.stroke(self.at(line), shade, 0.34)
        if self.look.female:
            return
        beard = [
            (-2.4, 13.6), (1.2, 6.4), (6.2, 5.6), (10.0, 6.0), (13.8, 6.2), (14.8, 2.0), (15.2, -6.0), (12.6, -14.0),
            (8.6, -7.0), (3.0, -1.6), (-1.6, 4.0),
        ]
        path = sheet.fill(self.at(beard), self.hair, self.line, 0.4)
        inside = sheet.mask(path, smooth=False)
        sheet.tint(self.at([(-3, 12), (4, 2), (9, -2), (12, -14), (4, -8), (-4, 2)]), self.shade, 0.7, inside=inside)
        lip = [(10.4, 9.8), (15.4, 9.8), (15.0, 8.0), (10.0, 7.4), (8.4, 8.4)]
        sheet.fill(self.at(lip), self.hair, self.line, 0.32)

    def _draw_eye(self, sheet: Sheet, closed: bool) -> None:
        lash = mix(times(self.hair, 0.3), bgr("#2a1420"), 0.55)
        h = {"girl": 1.0, "child": 1.0, "woman": 0.88}.get(self.look.kind, 0.74)
        if closed:
            sheet.stroke(self.at([(7.6, 15.8), (9.8, 14.8), (12.8, 15.6)]), lash, 0.62, (0.3, 0.4))
        else:
            y = 17.2
            white = [
                (7.6, y - 1), (8.8, y + 4.0 * h), (12.2, y + 4.4 * h), (12.9, y), (12.2, y - 3.8 * h), (9, y - 4 * h),
            ]
            path = sheet.fill(self.at(white), self.brush.bright("#fdfbfd"))
            mask = sheet.mask(path, smooth=False)
            iris = self.brush.colour(self.look.eyes)
            sheet.tint(self.at(ellipse(11.2, y + 0.2, 1.9, 4.2 * h)), iris, 1, False, mask, 0.03)
            sheet.tint(self.at(ellipse(11.2, y + 2.6, 1.9, 2.8 * h)), times(iris, 0.45), 0.9, False, mask, 0.06)
            sheet.tint(self.at(ellipse(11.8, y + 1.6, 0.75, 1.1)), self.brush.bright("#ffffff"), 1, False, mask, 0.03)
            sheet.stroke(
                self.at([(5.9, y + 0.2), (7.4, y + 1.8), (9.2, y + 4.5 * h), (12.6, y + 4.7 * h)]), lash, 0.7,
                (0.3, 0.7),
            )
        brow = {"angry": [(7, 27), (13.8, 23.6)], "sad": [(7, 23.8), (13.6, 27)]}.get(
            self.mood, [(7.2, 25.4), (10.4, 27), (13.8, 26)]
        )
        sheet.stroke(self.at(brow), times(self.hair, 0.6), 0.36, (0.2, 0.9), smooth=len(brow) > 2)

    def _draw_cap(self, sheet: Sheet) -> None:
        spiky = self.look.hair_style == "spiky"
        nape = [(-14.6, 10.5), (-11.6, 6.0), (-8.4, 11.0), (-5.8, 7.6), (-4.0, 13.6)]
        side = [
            (-1.6, 9.5), (1.6, 15.5), (4.2, 13.0), (5.0, 20.5), (7.6, 22.4), (9.8, 19.8), (11.4, 24.4), (14.4, 22.6),
        ]
        if not self.look.female:
            side = [(-1.2, 16), (0.4, 13.6), (2.6, 20.6), (6.4, 24.4), (9.2, 21.8), (11.2, 26.2), (14.6, 24)]
        top = [*SPIKES] if spiky else [tuple(p) for p in curve(CAP, 8, False)]
        path = sheet.fill(self.at([*top, *nape, *side]), self.hair, self.line, 0.42, smooth=False)
        mask = sheet.mask(path, smooth=False)
        sheet.tint(self.at([(-22, 34), (-10, 22), (-4, 15), (0, 8), (-24, 2)]), self.shade, 0.8, inside=mask)
        for a in (
            [(2, 48), (8, 38), (9.4, 24)], [(-2, 49), (3, 36), (4.4, 22)], [(-6, 48), (-4, 34), (-1, 17)],
            [(-10, 46), (-11, 30), (-8, 14)],
        ):
            sheet.stroke(self.at(a), self.shade, 0.34, (0.05, 0.1))
        light = mix(glow(self.hair), (250.0, 246.0, 255.0), 0.3)
        sheet.tint(
            self.at(
                [
                    (14, 38.5), (7, 42), (-2, 42.6), (-11, 40), (-8, 39), (-5, 40.2), (-2, 38.6), (1, 40.4), (4, 38),
                    (7, 39.6), (10, 37),
                ]
            ),
            light,
            0.8,
            False,
            mask,
            0.1,
        )

    def tail(self) -> Sheet | None:
        """Draw the hair behind the head: long hair, a tail or a bun. Returns None for short hair."""
        style = self.look.hair_style
        if style == "bun":
            sheet = self.sheet(-36, 0, 34, 66)
            sheet.fill(self.at(ellipse(-17, 49.5, 8.4, 7.8)), self.hair, self.line, 0.42, smooth=False)
            sheet.tint(self.at(ellipse(-18.5, 46.4, 7.4, 4.2)), self.shade, 0.8, False)
            return sheet
        if style not in TAILS:
            return None
        reach = (self.body.waist - self.body.chin) / self.k * 0.8  # long hair ends at the waist
        points = [(x, y * -reach if style == "long" and y < 0 else y) for x, y in TAILS[style]]
        sheet = self.sheet(-60, 16, min(y for _, y in points) - 4, 60)
        path = sheet.fill(
            self.at(points), self.hair if style != "long" else mix(self.hair, self.shade, 0.4), self.line, 0.42
        )
        mask = sheet.mask(path, smooth=False)
        middle = len(points) // 2
        for shift in (3.0, 6.5):
            sheet.stroke(self.at([(x + shift, y - 1) for x, y in points[1:middle]]), self.shade, 0.4, (0.05, 0.1))
        inner = [*points[middle:], points[0]]
        sheet.tint(self.at([*inner, *[(x - 3.6, y) for x, y in reversed(inner)]]), self.shade, 0.8, inside=mask)
        top = self.body.chin + 20 * self.k
        sheet.fade(top, self.body.chin + min(y for _, y in points) * self.k, self.tip, 0.6)
        return sheet
