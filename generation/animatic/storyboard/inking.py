"""Turn the parts of a body into lines, hatching and the shadow on the side away from the light."""

import cv2
import numpy as np

from .body import Body
from .face import Face
from .head import load_marks
from .holding import draw_held
from .lines import (
    BLUE,
    CREAM,
    GRAPHITE,
    Array,
    Bytes,
    Point,
    Points,
    Sketch,
    Stroke,
    Wash,
    hatch,
    loop,
    oval,
    poly,
)
from .panel import Figure
from .people import Person, build_person

FIRM = ("head", "hair", "hem", "trunk")
ROUNDED = ("hem", "hairback", "bag", "scarf_end", "wings", "cape", "leg", "pack")
CLOSE_UP = 1.1  # height in pictures from which no shadow lies on the ground
ASLEEP = ("sleep", "lie", "pray")


def draw_person(
    figure: Figure,
    pose_name: str,
    height: float,
    at: tuple[float, float],
    times: tuple[float, float],
    legs: str = "",
) -> list[Sketch]:
    """Return somebody, back to front. ``height``: of the standing body, ``at``: the feet, in units."""
    person, body = build_person(figure, pose_name, height, at, legs)
    return Inking(person, body, times).draw()


class Inking:
    """Draws one person."""

    def __init__(self, person: Person, body: Body, times: tuple[float, float]) -> None:
        self.person, self.body, self.times = person, body, times
        self.mirror = -1 if person.figure.facing == "left" else 1
        self.size = float(np.clip(person.height / 420, 0.62, 1.6))
        self.union = body.merge()

    @property
    def face(self) -> Point:
        """The middle of the face in units."""
        x, y = self.person.to_units(self.person.head.place([(0.3 * (not self.person.head.is_flat), 0.3)]))[0]
        return float(x), float(y)

    def draw(self) -> list[Sketch]:
        """Return the sketches of the person, back to front."""
        start, end = self.times
        inked: list[Sketch] = []  # front to back
        covered = np.zeros(self.body.size, np.uint8)
        for number, (name, mask) in enumerate(self.body.parts):
            if name == "held":
                inked += self._draw_held((start + (end - start) * 0.6, end))[::-1]
                continue
            sketch = Sketch(start=start + (end - start) * 0.25, end=end)
            visible = cv2.bitwise_and(mask, cv2.bitwise_not(covered))
            covered |= mask
            self._draw_part(sketch, name, mask, visible, number)
            inked.append(sketch)
        return [*self._draw_shadow(), *inked[::-1], self._draw_guides()]

    def _draw_part(self, sketch: Sketch, name: str, mask: Bytes, visible: Bytes, number: int) -> None:
        outlines = self._trace(mask)
        width = (6.2 if name in FIRM else 5.6) * self.size
        sketch.solid += outlines
        sketch.strokes += [Stroke(outline, width, 0.92) for outline in outlines]
        shadow = self._trace(self._find_shadow(name, mask, visible))
        if shadow:
            sketch.washes.append(Wash(shadow, BLUE, 0.3))
            sketch.strokes += hatch(shadow, 10 * self.size + 2, dark=0.6, width=3.2 * self.size, seed=number)
        self._tone_part(sketch, name, visible, number)
        for line in self.person.seams.get(name, ()):
            sketch.strokes.append(Stroke(self._place_line(line), 4.2 * self.size, 0.8))
        if name == "head" and self.person.figure.facing != "back":
            is_asleep = self.person.pose_name in ASLEEP
            sketch.face = self.face
            face = Face(sketch, self.person.head, self.person.to_units, self.person.height)
            face.draw(self.person.character.marks, is_asleep)
        if name == "robothead":
            self._draw_robot_face(sketch)

    def _draw_held(self, times: tuple[float, float]) -> list[Sketch]:
        """Return what the hands hold, back to front."""
        person = self.person
        if person.held is None:
            return []
        x, y = (float(v) for v in person.to_units(person.held.at[None])[0])
        grown_up = person.height / person.role.tall
        return draw_held(person.held, (x, y), grown_up, person.figure.facing, times)

    def _trace(self, mask: Bytes) -> list[Array]:
        return [self.person.to_units(outline) for outline in self.body.trace(mask)]

    def _place_line(self, line: Points) -> Array:
        return poly(self.person.to_units(line), 6)

    def _find_shadow(self, name: str, mask: Bytes, visible: Bytes) -> Bytes:
        """Return the part of what is seen that the light from above and before does not reach."""
        if name == "leg" and self.person.role.clothes in ("trousers", "coat", "armour"):
            return visible
        if name in ROUNDED:
            return cv2.bitwise_and(visible, cv2.bitwise_not(self.body.shift(mask, -0.05 * self.mirror)))
        lit = self.body.shift(self.union, -0.03 * self.mirror, 0.012)
        return cv2.bitwise_and(visible, cv2.bitwise_not(lit))

    def _tone_part(self, sketch: Sketch, name: str, visible: Bytes, number: int) -> None:
        """Hatch hair, hats and patterned clothes by their tone."""
        tone = self._get_tone(name)
        if tone == "none" or not (areas := self._trace(visible)):
            return
        if tone == "cream":
            sketch.washes.append(Wash(areas, CREAM, 0.95))
        elif tone == "red":
            sketch.strokes += hatch(areas, 5 * self.size, 45, "r", 0.8, 4 * self.size, number)
        elif tone in ("hair", "fair"):
            gap, dark = (7.5, 0.62) if tone == "hair" else (17.0, 0.4)
            angle = 62 if self.mirror > 0 else 118
            sketch.strokes += hatch(areas, gap * self.size + 1.5, angle, GRAPHITE, dark, 3.8 * self.size, number)
        elif tone in ("stripes", "band"):
            gap = 26 if tone == "stripes" else 60
            sketch.strokes += hatch(areas, gap * self.size, 4, GRAPHITE, 0.6, 7 * self.size, number)
        elif tone == "dots":
            sketch.strokes += self._draw_dots(areas)
        else:
            gap = 9 if tone == "dark" else 13
            sketch.strokes += hatch(areas, gap * self.size + 2, -60, GRAPHITE, 0.45, 3 * self.size, number)

    def _get_tone(self, name: str) -> str:
        person = self.person
        if name in ("hair", "hairback"):
            return {"dark": "hair", "light": "fair", "fair": "none"}[person.character.tone]
        rows = load_marks()
        for table in ("head", "body"):
            if name in rows[table]:
                return str(rows[table][name]["tone"])
        if name == "trunk" and person.role.clothes not in ("mawashi", "tail", "bones", "armour", "ghost", "robot"):
            pattern = person.character.pattern
            return pattern if pattern in ("stripes", "dots", "band") else "none"
        if name == "shoe" or (name == "hem" and person.role.clothes in ("mawashi", "skirt", "robe", "kimono")):
            return "light"
        return "none"

    def _draw_dots(self, areas: list[Array]) -> list[Stroke]:
        """Return a row of dots along every third line of hatching."""
        lines = hatch(areas, 30 * self.size, 20, GRAPHITE, 0.8, 7 * self.size, 5)
        dots = []
        for line in lines:
            a, b = line.points
            for t in np.arange(0.1, 1, 26 * self.size / max(26 * self.size, float(np.hypot(*(b - a))))):
                p = a + (b - a) * t
                dots.append(Stroke(np.stack([p, p + (3, 1)]).astype(np.float32), line.width, 0.8))
        return dots

    def _draw_robot_face(self, sketch: Sketch) -> None:
        at, height = self.person.head.at, self.person.height
        for x in (-0.05, 0.6):
            eye = self.person.to_units(np.array([at + np.array((x, -0.1)) * self.person.head.radius]))[0]
            ring = loop(float(eye[0]), float(eye[1]), height * 0.017, height * 0.019, 2.1)
            sketch.strokes.append(Stroke(ring, 5 * self.size, 0.95))
        mouth = np.array(
            [at + np.array(p) * self.person.head.radius for p in ((-0.1, 0.5), (0.8, 0.5), (0.8, 0.66), (-0.1, 0.66))]
        )
        sketch.strokes.append(Stroke(self._place_line(np.concatenate([mouth, mouth[:1]])), 4 * self.size))

    def _draw_guides(self) -> Sketch:
        """Return the pose as a few light lines, drawn before anything else, and a glass helmet."""
        person, bones, start = self.person, self.person.bones, self.times[0]
        guide = Sketch(start=max(0.02, start * 0.3 - 0.05), end=max(0.06, start * 0.3))
        x, y = (float(v) for v in person.to_units(bones.head[None])[0])
        if person.figure.height < CLOSE_UP and not person.figure.rides:
            ring = loop(x, y, person.height * 0.085, person.height * 0.092, 1.5)
            guide.strokes.append(Stroke(ring, 2.6, 0.45, BLUE, is_free=True))
            limbs = [bones.near_arm, bones.far_arm]
            limbs += [bones.near_leg, bones.far_leg] if person.role.clothes not in ("tail", "ghost") else []
            gestures = [np.array([joint[:2] for joint in limb]) for limb in limbs]
            gestures.append(np.array([bones.head, bones.neck, bones.hip]))
            for line in gestures:
                guide.strokes.append(Stroke(self._place_line(line), 2.6, 0.42, BLUE, is_free=True))
        if "bubble" in person.role.marks:
            glass = loop(x, y + person.height * 0.01, person.height * 0.125, person.height * 0.125)
            guide.strokes.append(Stroke(glass, 6 * self.size, 0.9, is_free=True))
        return guide

    def _draw_shadow(self) -> list[Sketch]:
        """Return the shadow on the ground below somebody who stands, sits or jumps."""
        person, end = self.person, self.times[1]
        is_aloft = person.pose.rests == "air" and person.pose_name != "jump"
        if (
            is_aloft
            or person.figure.rides
            or person.role.clothes in ("tail", "ghost")
            or person.figure.height > CLOSE_UP
        ):
            return []
        x, y = person.at
        wide = 0.45 if person.pose_name in ASLEEP[:2] else 0.24
        shadow = Sketch(start=end, end=end + 0.04)
        area = oval(x + person.height * 0.08 * self.mirror, y + 2, person.height * wide, person.height * 0.035)
        shadow.shade([area], gap=11, wash=0.34)
        return [shadow]
