"""Place the subjects of a scene on the spots of its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .camera import camera_matrix, camera_view
from .grouping import plan_groups
from .layers import Part, Spot, Stage
from .prop_placement import is_prop, is_small, place_props
from .scene import ACTED, INDOORS, PEOPLE, Scene, Subject
from .subjects import build_subject
from .subjects.people import place_busts
from .subjects.sprite import PACE, horizon

ON_GROUND = (
    "cat",
    "dog",
    "bicycle",
    "robot",
    "guitar",
    "sword",
    "food",
)  # kinds that stand on the spots of a place
PERCHING = ("cat", "dog", "guitar", "sword")  # kinds that sit or stand on the furniture of a place
AWAY_FROM_GROUND = ("tilt_up", "tilt_down", "rise")  # camera moves that may leave the ground out of the frame


def place_subjects(stage: Stage, scene: Scene) -> list[Part]:
    """Return the layers of all subjects, the first one on the best spot. ``build_place`` must have set the spots."""
    subjects = _number_subjects([_choose_clothes(subject, scene) for subject in scene.subjects])
    has_faces = any(subject.view == "front" and subject.kind in PEOPLE for subject in scene.subjects)
    stage.is_portrait = has_faces
    stage.is_still_life = any(s.kind == "food" for s in subjects) and all(map(is_small, subjects))
    stage.has_people = any(subject.kind in (*PEOPLE, "robot") for subject in subjects)
    stage.is_holder_running = any(s.action == "run" and s.kind in PEOPLE for s in subjects)
    stage.face_spots = _place_faces(stage, subjects)
    placement = _Placement(stage, scene.camera, subjects)
    plan_groups(stage, subjects, placement.pick(0))
    parts: list[Part] = []
    taken: list[Spot] = []
    for subject in (s for s in subjects if not is_prop(s)):
        spot = placement.choose(subject)
        looks_over = _looks_over_counter(spot, subject)
        if looks_over or subject not in placement.pair:
            spot = _seat(spot, subject, stage.unit)
        spot = placement.fit(subject, spot)
        parts += build_subject(stage, replace(subject, view="front") if looks_over else subject, spot)
        taken += [spot] if subject in placement.on_ground and not stage.is_still_life else []
    if any(map(is_prop, subjects)):
        parts += place_props(stage, replace(scene, subjects=tuple(subjects)), placement.pick(0), taken)
    return parts


class _Placement:
    """Chooses the spots of the subjects of one shot."""

    def __init__(self, stage: Stage, camera: str, subjects: list[Subject]) -> None:
        self.stage, self.camera = stage, camera
        self.on_ground = [s for s in subjects if s.kind in PEOPLE or s.kind in ON_GROUND]
        self.scale = _scale_for_small(self.on_ground)
        self.is_near = any(_is_acted(subject) for subject in self.on_ground)
        self.movers = sum(_is_moving(subject) for subject in self.on_ground)
        self.pair = _find_pair(subjects)
        # animals and robots need more room than people
        self.gap = 0.26 if all(subject.kind in PEOPLE for subject in self.pair) else 0.4

    def pick(self, index: int) -> Spot:
        """Return spot ``index`` of the place, near the camera if somebody acts."""
        spot = choose_spot(self.stage, index)
        spot = _move_near(self.stage, spot) if self.is_near else spot
        if index == 0 and self.movers > 1:  # those who follow must be in the frame, too
            ahead = spot.facing * 0.36 * spot.height * (self.movers - 1)
            spot = replace(spot, x=min(max(spot.x + ahead, self.stage.width * 0.3), self.stage.width * 0.7))
        return spot

    def choose(self, subject: Subject) -> Spot:
        """Return the spot of a subject."""
        stage = self.stage
        index = self.on_ground.index(subject) if subject in self.on_ground else 0
        spot = self._keep(subject, self.pick(index))
        if index and _is_moving(subject) and _is_moving(self.on_ground[0]):
            first = self._keep(self.on_ground[0], self.pick(0))
            spot = _place_alongside(first, index, 1.3 if subject.action == "ride" else 0.55)
        if stage.is_portrait and subject.kind in ("cat", "dog"):
            spot = _place_beside_face(stage, self.pick(0), spot)
        if subject not in self.pair:
            return spot
        if subject.kind == "dragon":  # it hovers on the other side of the frame
            return replace(spot, x=stage.width * 0.3, facing=-1)
        return _turn_towards(stage, self.pick(0), spot, self.pair.index(subject), self.gap)

    def fit(self, subject: Subject, spot: Spot) -> Spot:
        """Return the spot with the height at which the subject is drawn."""
        if subject not in self.on_ground or subject.view == "front":
            return spot
        return replace(spot, height=max(spot.height, min(spot.height * self.scale, 62 * self.stage.unit)))

    def _keep(self, subject: Subject, spot: Spot) -> Spot:
        return _keep_in_frame(self.stage, self.camera, _keep_on_ground(self.stage, subject, spot))


def _choose_clothes(subject: Subject, scene: Scene) -> Subject:
    """Return the subject dressed for the place: a uniform at school, a coat in snow.

    Named people, and people whose clothes the prompt names, stay unchanged.
    """
    if subject.kind not in PEOPLE or subject.name or subject.clothes:
        return subject
    if scene.place in ("school", "classroom") and subject.kind in ("girl", "boy"):
        return replace(subject, clothes="uniform")
    if scene.place in ("room", "kitchen") and subject.kind in ("woman", "man", "elder"):
        return replace(subject, clothes="casual")  # no scarf at home
    is_cold = scene.weather == "snow" or scene.place == "snowfield"
    if is_cold and scene.place not in INDOORS and subject.kind != "elder":
        return replace(subject, clothes="coat")
    return subject


def _number_subjects(subjects: Sequence[Subject]) -> list[Subject]:
    """Return the subjects with ``ordinal`` set, so that those of one kind get different positions and looks."""
    seen: Counter[str] = Counter()
    out = []
    for subject in subjects:
        out.append(replace(subject, ordinal=seen[subject.kind]))
        seen[subject.kind] += subject.count
    return out


def _scale_for_small(subjects: list[Subject]) -> float:
    """Return the factor by which children, animals and things are drawn larger; 1 beside an adult or a robot."""
    if len(subjects) > 1 and any(subject.kind == "robot" for subject in subjects):
        return 1.0
    if any(subject.kind in PEOPLE and subject.kind != "child" for subject in subjects):
        return 1.0
    return 1.25 if any(subject.kind == "child" for subject in subjects) else 1.4


def _seat(spot: Spot, subject: Subject, unit: float) -> Spot:
    """Return the spot moved onto furniture for an animal, or onto a seat for a sitting person, if the place has any."""
    if spot.counter and _looks_over_counter(spot, subject):
        return replace(spot, y=spot.counter[0], height=min(spot.height, 62 * unit), depth=spot.counter[1])
    spot = replace(spot, counter=None)
    if subject.kind in PERCHING and spot.perch is not None and not _is_moving(subject):
        return replace(spot, y=spot.perch, height=min(spot.height, 62 * unit))
    if subject.kind in PEOPLE and subject.action == "sit" and spot.seat is not None:
        return replace(spot, y=spot.seat, height=min(spot.height, 80 * unit))
    return spot


def _looks_over_counter(spot: Spot, subject: Subject) -> bool:
    """Return whether an animal stands behind the counter of the place and looks over it."""
    return spot.counter is not None and subject.kind in ("cat", "dog") and subject.view == "back"


def _find_pair(subjects: list[Subject]) -> list[Subject]:
    """Return two who stand still in profile, people or a person and an animal, or a fighter and a robot or dragon;
    else an empty list."""
    people = [subject for subject in subjects if subject.kind in (*PEOPLE, "cat", "dog")]
    if len(people) == 1 and people[0].action == "fight" and people[0].count == 1:
        return [*people, *[subject for subject in subjects if subject.kind in ("robot", "dragon")][:1]]
    has_person = any(p.kind in PEOPLE for p in people)
    is_still_pair = has_person and all(p.count == 1 and p.view == "side" and not _is_moving(p) for p in people)
    return people if len(people) == 2 and is_still_pair else []


def _turn_towards(stage: Stage, first: Spot, spot: Spot, index: int, gap: float) -> Spot:
    """Return the spot of person ``index`` (0 or 1) of two who face each other near ``first``.

    ``gap``: half their distance in heights of a person.
    """
    apart = first.height * gap * (1 if index == 0 else -1)
    middle = min(max(first.x, stage.width * 0.3), stage.width * 0.7)
    if first.ends is not None:  # both must stand on the ground, such as a jetty
        room = (gap + 0.14) * first.height
        middle = max(min(middle, first.ends[1] - room), first.ends[0] + room)
    down = stage.ground_rise(first.x, middle - apart - first.x)
    return replace(first, x=middle - apart, y=first.y + down, height=spot.height, facing=1 if index == 0 else -1)


def _place_faces(stage: Stage, subjects: list[Subject]) -> list[Spot]:
    """Return spots side by side for the people who face the camera; none if they are fewer than two subjects."""
    facing = [subject for subject in subjects if subject.kind in PEOPLE and subject.view == "front"]
    return place_busts(stage, choose_spot(stage, 0), sum(person.count for person in facing)) if len(facing) > 1 else []


def _is_acted(subject: Subject) -> bool:
    """Return whether a subject is seen whole and near for what it does."""
    return subject.action in ACTED and subject.view != "front"


def _is_moving(subject: Subject) -> bool:
    return subject.view == "side" and subject.action in ("walk", "run", "ride")


def _keep_on_ground(stage: Stage, subject: Subject, spot: Spot) -> Spot:
    """Return the spot moved sideways so that the path of a moving subject stays on the ground of the place."""
    if spot.ends is None or not _is_moving(subject):
        return spot
    others = (subject.count // 2) * (1.25 if subject.action == "ride" else 0.36)
    reach = spot.height * (PACE[subject.action] * stage.seconds / 2 + 0.3 + others)
    return replace(spot, x=min(max(spot.x, spot.ends[0] + reach), spot.ends[1] - reach))


def _move_near(stage: Stage, spot: Spot) -> Spot:
    """Return the spot moved towards the camera, so that hands and feet of somebody who acts are seen well."""
    near = min(1.9, 64 * stage.unit / spot.height)
    if near <= 1:
        return spot
    down = max(0.0, spot.y - horizon(stage)) * (near - 1)
    return replace(spot, y=max(spot.y, min(spot.y + down, stage.height * 0.95)), height=spot.height * near)


def _keep_in_frame(stage: Stage, camera: str, spot: Spot) -> Spot:
    """Return the spot moved up by at most 5 units, so that its feet stay in the frame during the camera move."""
    if camera in AWAY_FROM_GROUND or spot.y >= stage.height:
        return spot
    lowest = max(
        float((camera_matrix(camera_view(camera, stage, t), spot.depth, stage) @ (spot.x, spot.y, 1.0))[1])
        for t in (0.0, stage.seconds)
    )
    over = lowest - (stage.height - 1.5 * stage.unit)
    return replace(spot, y=spot.y - min(over, 5 * stage.unit)) if over > 0 else spot


def _place_alongside(first: Spot, index: int, gap: float) -> Spot:
    """Return the spot of subject ``index``, each ``gap`` body heights behind the one before and facing the same way."""
    return replace(first, x=first.x - first.facing * first.height * gap * index)


def _place_beside_face(stage: Stage, face: Spot, spot: Spot) -> Spot:
    """Return a spot for an animal beside and in front of a person who faces the camera, on the freer side."""
    free_x = 0.16 if face.x > stage.width / 2 else 0.84
    height = max(spot.height, 0.62 * min(stage.width, stage.height))
    return replace(
        spot, x=stage.width * free_x, y=stage.height * 0.97, height=height, depth=1.2, perch=None, counter=None
    )


def choose_spot(stage: Stage, index: int) -> Spot:
    """Return the spot of subject ``index``, counted from 0. Its height is greater in a tall frame."""
    spot = _choose_free_spot(stage, index)
    return replace(spot, height=stage.enlarge(spot.height))


def _choose_free_spot(stage: Stage, index: int) -> Spot:
    """Return spot ``index`` of the place; beyond the last, spots to the left and right of the first in turn."""
    if index < len(stage.spots):
        return stage.spots[index]
    first = stage.spots[0] if stage.spots else Spot(stage.width / 2, stage.height * 0.92, 30 * stage.unit)
    step = (1 + index // 2) * (1 if index % 2 else -1)
    x = min(max(first.x + step * first.height * 0.5, stage.width * 0.08), stage.width * 0.92)
    return replace(first, x=x, facing=-first.facing if index % 2 else first.facing)
