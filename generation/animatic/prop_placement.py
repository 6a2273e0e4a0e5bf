"""Place the props of a scene: on the ground, on a table, in a hand, on a wall, on the water or in the sky."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .layers import Layer, Spot, Stage
from .props import Prop, load_props, load_shapes
from .props.rooms import list_hidden_props
from .scene import INDOORS, PEOPLE, Scene, Subject
from .subjects.food import build_board
from .subjects.prop import PropSpot, build_held_prop, build_prop, build_stool, build_tethered_prop
from .subjects.sprite import horizon, move_further
from .subjects.wild_beast import WIDTH

ADULT = 165.0  # centimetres
SMALL = 45.0  # centimetres; smaller things are drawn larger than they are
DISTANT = 600  # centimetres; from this height on a thing stands further back
NEAR_FACE = 120  # centimetres; what is larger stands behind people who face the camera
MAX_HELD = 120  # centimetres
LOW_FLIGHT = 20  # centimetres; what is smaller flies among the flowers
FACES_DEPTH = 1.25


@dataclass
class _Row:
    """What is taken of the width of the frame: (left, right) in pixels."""

    taken: list[tuple[float, float]] = field(default_factory=list)

    def find_room(self, wanted: float, width: float, left: float, right: float) -> float:
        """Return the free x nearest to ``wanted``, or the freest, between ``left`` and ``right``; take it."""
        low, high = left + width / 2, right - width / 2
        if high < low:
            low = high = (left + right) / 2
        tries = [min(max(wanted + step * (right - left) / 40, low), high) for k in range(41) for step in (k, -k)]
        best = min(tries, key=lambda x: (round(self._overlap(x, width)), abs(x - wanted)))
        self.taken.append((best - width / 2, best + width / 2))
        return best

    def _overlap(self, x: float, width: float) -> float:
        return sum(max(0.0, min(x + width / 2, b) - max(x - width / 2, a)) for a, b in self.taken)


def is_prop(subject: Subject) -> bool:
    return subject.kind in load_props()


def is_small(subject: Subject) -> bool:
    """Return whether a subject is shown on a table, alone close to the camera."""
    return subject.kind == "food" or (is_prop(subject) and load_props()[subject.kind].stands in ("table", "hand"))


def place_props(stage: Stage, scene: Scene, free: Spot, taken: Sequence[Spot]) -> list[Layer]:
    """Return the layers of all props. ``taken``: spots of the other subjects that stand; ``free``: the best spot."""
    return _Placement(stage, scene, free, taken).build_layers()


class _Placement:
    def __init__(self, stage: Stage, scene: Scene, free: Spot, taken: Sequence[Spot]) -> None:
        self.stage, self.scene = stage, scene
        others = [subject for subject in scene.subjects if not is_prop(subject)]
        hidden = list_hidden_props(scene.subjects, scene.place, scene.setting)  # the user may have changed the place
        self.props = [subject for subject in scene.subjects if is_prop(subject) and subject.kind not in hidden]
        self.base = taken[0] if taken else free
        self.has_face = any(s.view == "front" and s.kind in PEOPLE for s in others)
        self.is_alone = not taken
        self.row = _Row()
        if self.has_face:
            middle = min(max(self.base.x, 0.36 * stage.width), 0.64 * stage.width)  # as busts are placed
            self.row.taken = [(middle - 0.26 * stage.height, middle + 0.26 * stage.height)]
        elif not self.is_alone:
            self.row.taken = [(s.x - 0.2 * s.height, s.x + 0.2 * s.height) for s in taken]
        self.count, self.stood = 0, 0.0
        near = [s for s in self.props if load_props()[s.kind].stands == "ground" and load_props()[s.kind].cm < DISTANT]
        if near and self.is_alone:
            near += [s for s in self.props if load_props()[s.kind].stands in ("table", "hand")]
        self.standing = sum(subject.count for subject in near)
        self.standing_width = sum(self._measure(s, k)[1] for s in near for k in range(s.count)) * 0.96

    def build_layers(self) -> list[Layer]:
        layers: list[Layer] = []
        props = load_props()
        small = [s for s in self.props if props[s.kind].stands in ("table", "hand")]
        for subject in self.props:
            prop = props[subject.kind]
            build = {
                "ground": self._stand,
                "sky": self._fly,
                "water": self._float,
                "wall": self._hang,
            }.get(prop.stands)
            if build:
                for k in range(subject.count):
                    layers += build(subject, prop, k)
        return layers + self._show_small(small)

    def _spot(self, x: float, y: float, height: float, depth: float, facing: int = 0) -> PropSpot:
        self.count += 1
        return PropSpot(x, y, height, self.base.height, depth, facing or self.base.facing, self.count)

    def _size(self, prop: Prop) -> float:
        """Return the height in pixels beside a person who stands at the first spot."""
        larger = max(1.0, (SMALL / prop.cm) ** 0.45)
        return prop.cm * larger * self.base.height / ADULT

    def _limit(self, kind: str, height: float, count: int, share: float = 0.62) -> tuple[float, float]:
        """Return height and width of a prop that fits into the frame ``count`` times."""
        ratio = get_width(kind)
        most_wide = min(0.62, 0.94 / count) * self.stage.width
        height = min(height, share * self.stage.height, most_wide / ratio)
        return height, height * ratio

    def _stand(self, subject: Subject, prop: Prop, k: int) -> list[Layer]:
        stage, base = self.stage, self.base
        if prop.cm >= DISTANT:
            return self._stand_far(subject, prop, k)
        if self.has_face and prop.cm <= NEAR_FACE:
            return self._stand_before_face(subject, k)
        height, width = self._measure(subject, k)
        left, right = self._list_ends()
        wanted = base.x
        if self.is_alone:  # one beside the other, together around the spot
            half = self.standing_width / 2
            middle = min(max(base.x, left + half), right - half) if right - left > 2 * half else (left + right) / 2
            wanted = middle - half + self.stood + width * 0.48
            self.stood += width * 0.96
        x = self.row.find_room(wanted, width * 0.92, left, right)
        back = 0.0 if k == 0 else 0.5 * stage.unit * (k % 3)
        y = min(base.y + stage.ground_rise(base.x, x - base.x), 0.955 * stage.height) - back
        depth = base.depth - 0.004 * (1 + k % 3)
        return build_prop(stage, subject, self._spot(x, y, height, depth))

    def _list_ends(self) -> tuple[float, float]:
        """Return the x range of the ground within the frame."""
        left, right = 0.04 * self.stage.width, 0.96 * self.stage.width
        return (max(left, self.base.ends[0]), min(right, self.base.ends[1])) if self.base.ends else (left, right)

    def _measure(self, subject: Subject, k: int) -> tuple[float, float]:
        """Return height and width of copy ``k`` of a prop on the ground; the first is the largest."""
        prop = load_props()[subject.kind]
        is_main = self.is_alone and prop.stands == "ground"
        least = (0.26 if is_main else 0.08) * min(self.stage.width, self.stage.height)
        size = max(self._size(prop), least / max(1, subject.count) ** 0.35)
        return self._limit(subject.kind, size * (1.0 if k == 0 else 0.9 - 0.03 * (k % 3)), max(1, self.standing))

    def _stand_far(self, subject: Subject, prop: Prop, k: int) -> list[Layer]:
        """Build something as tall as a house, between the people and the horizon."""
        stage = self.stage
        far = move_further(stage, self.base, 0.5)
        height, width = self._limit(
            subject.kind, max(0.34 * stage.height, far.height * prop.cm / ADULT), subject.count, 0.5
        )
        x = self.row.find_room(stage.width * (0.68 if self.base.x < stage.width / 2 else 0.32), width, 0, stage.width)
        y = far.y + stage.ground_rise(self.base.x, x - self.base.x) * 0.6
        return build_prop(stage, subject, self._spot(x, y, height, far.depth, 1))

    def _stand_before_face(self, subject: Subject, k: int) -> list[Layer]:
        stage = self.stage
        height, width = self._limit(subject.kind, 0.4 * min(stage.width, stage.height), subject.count + 1)
        side = 0.15 if (self.base.x > stage.width / 2) == (k % 2 == 0) else 0.85
        x = self.row.find_room(side * stage.width, width, 0.05 * stage.width, 0.95 * stage.width)
        return build_prop(stage, subject, self._spot(x, 0.97 * stage.height, height, FACES_DEPTH))

    def _fly(self, subject: Subject, prop: Prop, k: int) -> list[Layer]:
        stage, rng = self.stage, self.stage.rng(f"fly {subject.kind} {k}")
        if prop.moves == "flutters":
            height = (13.0 if self.is_alone else 7.0) * stage.unit * (0.8 + 0.4 * float(rng.uniform()))
            x = self.row.find_room(stage.width * float(rng.uniform(0.25, 0.75)), height * 1.2, 0, stage.width)
            y = stage.height * (float(rng.uniform(0.36, 0.54)) - (0.16 if prop.cm > LOW_FLIGHT else 0.0))
            return build_prop(stage, subject, self._spot(x, y, height, self.base.depth + 0.02))
        height, width = self._limit(subject.kind, (22.0 if k == 0 else 13.0) * stage.unit, subject.count)
        wanted = stage.width * (0.66 if self.base.x < stage.width / 2 else 0.34)
        x = _Row([*self.row.taken[-k:]] if k else []).find_room(wanted, width, 0, stage.width)
        self.row.taken.append((x - width / 2, x + width / 2))
        y = min(horizon(stage) * 0.62, stage.height * 0.4) * (1.0 if k % 2 == 0 else 0.7) + height * 0.4
        if prop.moves == "tugs" and stage.holder is not None and not self.has_face and k == 0:
            return build_tethered_prop(stage, subject, self._spot(x, y, height, 0.5), stage.holder)
        depth = 0.5
        if stage.weather_depth < 1.5:  # indoors: seen through the window
            depth = min(depth, stage.weather_depth * 0.9)
        return build_prop(stage, subject, self._spot(x, y, height, depth))

    def _float(self, subject: Subject, prop: Prop, k: int) -> list[Layer]:
        stage = self.stage
        size = max(0.17 * min(stage.width, stage.height), self._size(prop)) * (1.0 if k == 0 else 0.75)
        height, width = self._limit(subject.kind, size, subject.count, 0.3)
        far = horizon(stage)
        wanted = stage.width * (0.68 if self.base.x < stage.width / 2 else 0.32)
        x = self.row.find_room(wanted, width * 1.05, 0.03 * stage.width, 0.97 * stage.width)
        y = far + (stage.height - far) * (0.24 if k % 2 == 0 else 0.14)
        return build_prop(stage, subject, self._spot(x, y, height, 0.37))

    def _hang(self, subject: Subject, prop: Prop, k: int) -> list[Layer]:
        stage = self.stage
        height, width = self._limit(subject.kind, max(0.18 * stage.height, self._size(prop)), subject.count, 0.3)
        wanted = stage.width * (0.72 if self.base.x < stage.width / 2 else 0.28)
        x = self.row.find_room(wanted, width, 0, stage.width)
        depth = self.base.depth * 0.8 if self.scene.place in INDOORS else self.base.depth
        return build_prop(stage, subject, self._spot(x, 0.1 * stage.height + height, height, depth))

    def _show_small(self, subjects: Sequence[Subject]) -> list[Layer]:
        """Build what lies on a table or in a hand."""
        if not subjects:
            return []
        stage = self.stage
        if stage.is_still_life:  # the table of the food, with the dishes in the middle
            self.row.taken = [(0.5 * stage.width - 32 * stage.unit, 0.5 * stage.width + 32 * stage.unit)]
            return self._show_on_surface(subjects, 0.9 * stage.height, 1.18, 0.26)
        if self.base.perch is not None and not self.has_face:
            return self._show_on_surface(
                subjects, self.base.perch, self.base.depth + 0.01, 0.2 if self.is_alone else 0.12
            )
        if self.is_alone and self.standing:  # before the animals, on the ground
            props = load_props()
            return [layer for s in subjects for k in range(s.count) for layer in self._stand(s, props[s.kind], k)]
        if self.is_alone:
            board = build_board(stage, 0.75 * stage.height, 1.0)
            return [board, *self._show_on_surface(subjects, 0.88 * stage.height, 1.01, 0.36)]
        first, rest = subjects[0], list(subjects[1:])
        holder = None if self.has_face else stage.holder  # the hands of a bust are below the frame
        if holder is None or holder.carries or first.count > 1 or load_props()[first.kind].cm > MAX_HELD:
            rest, layers = list(subjects), []
        else:
            prop = load_props()[first.kind]
            high = prop.cm * max(1.0, (SMALL / prop.cm) ** 0.45) / ADULT * 100
            layers = build_held_prop(stage, first, holder, high)
        return layers + (self._show_on_table(rest) if rest else [])

    def _show_on_surface(self, subjects: Sequence[Subject], y: float, depth: float, least: float) -> list[Layer]:
        """Build props side by side on a surface at ``y``; ``least`` is the smallest height as a share of the frame."""
        stage, layers = self.stage, []
        number = sum(subject.count for subject in subjects)
        for subject in subjects:
            for k in range(subject.count):
                prop = load_props()[subject.kind]
                size = max(least * min(stage.width, stage.height), self._size(prop)) * (prop.cm / SMALL) ** 0.12
                height, width = self._limit(subject.kind, size, max(2, number) if number > 1 else 1, 0.5)
                x = self.row.find_room(
                    stage.width / 2 if self.is_alone else self.base.x, width, 0.03 * stage.width, 0.97 * stage.width
                )
                spot = self._spot(x, y + (0.6 * stage.unit if k % 2 else 0.0), height, depth)
                layers += build_prop(stage, subject, spot)
        return layers

    def _show_on_table(self, subjects: Sequence[Subject]) -> list[Layer]:
        """Build props on the table of the place, or on a small one beside the people."""
        stage, base = self.stage, self.base
        if stage.table is not None and not self.has_face:
            return self._show_on_surface(subjects, stage.table[1], stage.table[2] + 0.01, 0.1)
        if self.has_face:
            return [layer for s in subjects for k in range(s.count) for layer in self._stand_before_face(s, k)]
        sizes = [self._limit(s.kind, max(self._size(load_props()[s.kind]), 0.08 * stage.height), 3) for s in subjects]
        width = max(0.34 * base.height, sum(w * s.count for (_, w), s in zip(sizes, subjects, strict=True)) * 1.1)
        x = self.row.find_room(base.x, width, 0.03 * stage.width, 0.97 * stage.width)
        y = min(base.y + stage.ground_rise(base.x, x - base.x), 0.96 * stage.height)
        high, depth = 0.4 * base.height, base.depth + 0.002
        layers = build_stool(stage, x, y, width, high, depth)
        at = x - width / 2 * 0.95
        for subject, (height, wide) in zip(subjects, sizes, strict=True):
            for _ in range(subject.count):
                layers += build_prop(stage, subject, self._spot(at + wide / 2, y - high, height, depth + 0.004))
                at += wide * 1.04
        return layers


def get_width(kind: str) -> float:
    """Return the width of a picture divided by its height."""
    if load_props()[kind].drawn:
        return WIDTH
    numbers = [outline for _, outlines in load_shapes(kind) for outline in outlines]
    x = [value for outline in numbers for value in outline[::2]]
    y = [value for outline in numbers for value in outline[1::2]]
    return (max(x) - min(x)) / max(1, max(y) - min(y))
