"""Arms and legs of a figure seen from the side: two pieces each, hinged at knee and elbow."""

import math

from ...layers import Pose
from ...styles.colour import Colour, mix
from ..ink import Sheet
from .side_view import SideView

# keep tables of points in rows
# fmt: off

LINE = 0.42
ANKLE = 3.0  # height of the ankle in units
SHOE = ((-1.9, 0), (-1.8, 2.6), (-1.1, 3.9), (1.2, 3.7), (2.4, 2.3), (4.2, 1.5), (4.5, 0), (1, -0.5))
FRONT_SHOE = ((-2.1, 0), (-1.9, 2.2), (-1.2, 4.1), (1.2, 4.1), (1.9, 2.2), (2.1, 0), (0, -1.0))
HAND = (((-1.1, 1.0), (-1.3, -1.6), (0.0, -3.6), (1.4, -2.2), (1.2, 1.0)),)
OPEN_HAND = (  # thumb, palm with fingers; heights below 0 grow with the width of the limbs
    ((0.6, -0.4), (2.5, -2.2), (2.6, -3.6), (1.9, -3.9), (0.6, -2.6)),
    ((-1.1, 1.0), (-1.6, -1.4), (-1.5, -3.2), (-0.9, -5.2), (0.5, -5.4), (1.3, -3.6), (1.4, -1.4), (1.2, 1.0)),
)
FIST = (((-1.3, 1.0), (-1.9, -1.0), (-1.6, -3.0), (0.4, -3.7), (1.9, -2.8), (2.0, -0.8), (1.3, 1.0)),)
COVERED = ("trousers", "hakama")  # legs that a bottom covers down to the shoes


class Limbs:
    """Draws the limbs of one figure and adds them to its puppet; far limbs are shaded.

    ``loose``: shoes are parts of their own, which turn about the ankle. ``front``: the figure faces the camera, so that
    no limb is far.
    """

    def __init__(self, view: SideView, loose: bool = False, front: bool = False, fists: bool = False) -> None:
        self.loose, self.front = loose, front
        self.hand = FIST if fists else OPEN_HAND if loose else HAND
        self.view, self.brush, self.body, self.outfit = view, view.brush, view.body, view.outfit

    def _dim(self, colour: Colour, far: bool) -> Colour:
        return mix(colour, self.brush.shade(colour), 0.8) if far and not self.front else colour

    def add_leg(self, far: bool) -> None:
        """Add one leg, hip to shoe."""
        b, view = self.body, self.view
        cloth = self.outfit.bottom in COVERED
        base = self.brush.colour(self.outfit.bottom_colour) if cloth else view.skin
        hip, knee, name = (0.0, b.hip), (0.2, b.knee), "far" if far else "near"
        if self.loose:
            self._add_shoe(far)
        view.puppet.add(
            f"{name} shin", self._draw_shin(base, cloth, far), pivot=knee, motion=view.shin(far),
            parent=view.thigh(far),
            parent_pivot=hip,
        )
        view.puppet.add(f"{name} thigh", self._draw_thigh(base, cloth, far), pivot=hip, motion=view.thigh(far))

    def _get_width(self, cloth: bool) -> float:
        """Return the factor of a leg's width: trousers are wider than bare legs, a hakama much wider."""
        return (1.75 if self.outfit.bottom == "hakama" else 1.25) if cloth else 1.0

    def _draw_thigh(self, base: Colour, cloth: bool, far: bool) -> Sheet:
        b, w, k = self.body, self.body.w, self._get_width(cloth)
        sheet = self.brush.sheet(-8 * w, 8 * w, b.knee - 4, b.hip + 6)
        path = sheet.limb(
            [(-2.8 * w * k, b.hip + 2), (-2.5 * w * k, b.hip * 0.8), (-1.6 * w * k, b.knee)],
            [(2.9 * w * k, b.hip + 2), (2.8 * w * k, b.hip * 0.8), (1.7 * w * k, b.knee)], self._dim(base, far),
            self.brush.line(base), LINE,
        )
        if self.outfit.bottom == "shorts":
            colour = self._dim(self.brush.colour(self.outfit.bottom_colour), far)
            leg = [(-9, b.hip + 8), (9, b.hip + 8), (9, b.hip * 0.74), (-9, b.hip * 0.76)]
            sheet.tint(leg, colour, 1, False, sheet.alpha(), 0)
            sheet.outline(path, self.brush.line(colour), LINE * 0.6)
        return sheet

    def _draw_shin(self, base: Colour, cloth: bool, far: bool) -> Sheet:
        b, o, w = self.body, self.outfit, self.body.w
        k, q = self._get_width(cloth), (2.9 if o.bottom == "hakama" else 1.4) if cloth else 1.0
        sheet = self.brush.sheet(-8 * w, 10 * w, -3, b.knee + 5)
        path = sheet.limb(
            [(-1.6 * w * k, b.knee), (-2.3 * w * k, b.knee * 0.72), (-1.1 * w * q, 4.6), (-1.0 * w * q, 2.4)],
            [(1.7 * w * k, b.knee), (1.6 * w * k, b.knee * 0.7), (1.15 * w * q, 4.6), (1.2 * w * q, 2.4)],
            self._dim(base, far), self.brush.line(base), LINE,
        )
        if not cloth and o.sock:
            top = b.knee * (0.9 if o.bottom != "shorts" else 0.45)
            sock = self.brush.colour(o.sock)
            inside = sheet.mask(path, smooth=False)
            sheet.tint([(-9, top), (9, top), (9, 0), (-9, 0)], self._dim(sock, far), 1, False, inside, 0)
            sheet.outline(path, self.brush.line(sock), LINE * 0.8)
        if not self.loose:
            self._draw_shoe(sheet, far)
        return sheet

    def _draw_shoe(self, sheet: Sheet, far: bool) -> None:
        shoe = [(x * self.body.w, y) for x, y in (FRONT_SHOE if self.front else SHOE)]
        self.view.draw_piece(sheet, shoe, self._dim(self.brush.colour(self.outfit.shoe), far))

    def _add_shoe(self, far: bool) -> None:
        """Add a shoe that turns about the ankle."""
        sheet, name = self.brush.sheet(-6 * self.body.w, 8 * self.body.w, -3, 7), "far" if far else "near"
        self._draw_shoe(sheet, far)
        self.view.puppet.add(f"{name} shoe", sheet, pivot=(0.0, ANKLE), motion=self.view.foot(far))

    def add_arm(self, far: bool) -> None:
        """Add one arm, shoulder to hand."""
        b, view = self.body, self.view
        top, half = b.neck - (b.neck - b.hip) * 0.09, (b.neck - b.hip) * 0.46
        bare = not self.outfit.sleeve
        base = view.skin if bare else self.brush.colour(self.outfit.sleeve)
        up, wrist = (1.5 * b.w, 1.1 * b.w) if bare else (2.0 * b.w, 1.6 * b.w)
        upper = self.brush.sheet(-7 * b.w, 7 * b.w, top - half - 4, top + 5)
        upper.limb(
            [(-up * 0.95, top - 0.6), (-up * 0.95, top - half * 0.5), (-up * 0.8, top - half)],
            [(up * 0.95, top - 0.6), (up * 1.0, top - half * 0.5), (up * 0.8, top - half)], self._dim(base, far),
            self.brush.line(base), LINE,
        )
        shoulder, elbow, name = (0.0, top), (0.0, top - half), "far" if far else "near"
        view.puppet.add(
            f"{name} forearm", self._draw_forearm(base, up, wrist, top - half, top - 2 * half, far), pivot=elbow,
            motion=view.lower(far), parent=view.upper(far), parent_pivot=shoulder,
        )
        view.puppet.add(f"{name} arm", upper, pivot=shoulder, motion=view.upper(far))

    def add_stick(self) -> None:
        """Add a walking stick in the near hand, set down with every second step."""
        b, view = self.body, self.view
        top, half = b.neck - (b.neck - b.hip) * 0.09, (b.neck - b.hip) * 0.46
        x, y = half * (math.sin(0.34) + math.sin(0.76)) + 1.2, top - half * (math.cos(0.34) + math.cos(0.76)) - 1.0
        sheet = self.brush.sheet(x - 9, x + 9, -2, y + 7)
        wood = self.brush.colour("#7a5238")
        handle = [(x - 2.6, y + 1.4), (x - 1.4, y + 3.0), (x + 0.6, y + 2.4), (x + 1.0, y)]
        for tone, width in ((self.brush.line(wood), 1.9), (wood, 1.2)):
            sheet.stroke([*handle, (x + 2.4, y * 0.5), (x + 3.6, 0.6)], tone, width, (1, 1), smooth=False)
        view.puppet.add("stick", sheet, pivot=(x, y), motion=lambda t: Pose(turn=0.1 * math.sin(view._cycle(t))))

    def _draw_forearm(self, base: Colour, up: float, wrist: float, elbow: float, end: float, far: bool) -> Sheet:
        w, colour = self.body.w, self._dim(base, far)
        sheet = self.brush.sheet(-10 * w, 10 * w, end - 10, elbow + 5)
        skin = self._dim(self.view.skin, far)
        for hand in self.hand:
            self.view.draw_piece(sheet, [(x * w, end + y * (w if y < 0 else 1)) for x, y in hand], skin, width=0.36)
        if self.outfit.bottom == "robe":
            sleeve = [
                (-up * 0.8, elbow + 0.6), (0, elbow + 1.8), (up * 0.85, elbow + 0.6), (wrist * 1.1, end),
                (0.4, end - 1), (-5.5, end - 7), (-7, end - 5), (-wrist, end + 6),
            ]
            self.view.draw_piece(sheet, sleeve, colour)
            return sheet
        line, mid = self.brush.line(base), (elbow + end) / 2
        sheet.limb(
            [(-up * 0.8, elbow), (-up * 0.75, mid), (-wrist * 0.95, end)],
            [(up * 0.8, elbow), (up * 0.75, mid), (wrist * 0.95, end)], colour, line, LINE,
        )
        sheet.stroke([(-wrist, end), (wrist, end)], line, 0.36, (1, 1), smooth=False)
        return sheet
