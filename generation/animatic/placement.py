"""Place the subjects of a scene on the spots of its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .camera import camera_matrix, camera_view
from .layers import Part, Spot, Stage
from .prop_placement import is_prop, is_small, place_props
from .scene import INDOORS, PEOPLE, Scene, Subject
from .subjects import build_subject
from .subjects.people import place_busts
from .subjects.sprite import PACE

ON_GROUND = (
    "cat",
    "dog",
    "bicycle",
    "robot",
    "car",
    "motorcycle",
    "guitar",
    "sword",
    "food",
)  # kinds that stand on the spots of a place
PERCHING = ("cat", "dog", "guitar", "sword")  # kinds that sit or stand on the furniture of a place
AWAY_FROM_GROUND = ("tilt_up", "tilt_down", "rise")  # camera moves that may leave the ground out of the frame


def place_subjects(stage: Stage, scene: Scene) -> list[Part]:
    """Return the layers of all subjects, the first one on the best spot. ``build_place`` must have set the spots."""
    parts: list[Part] = []
    subjects = _number_subjects([_choose_clothes(subject, scene) for subject in scene.subjects])
    on_ground = [subject for subject in subjects if subject.kind in PEOPLE or subject.kind in ON_GROUND]
    scale = _scale_for_small(on_ground)
    has_faces = any(subject.view == "front" and subject.kind in PEOPLE for subject in scene.subjects)
    stage.is_portrait = has_faces
    stage.is_still_life = any(s.kind == "food" for s in subjects) and all(map(is_small, subjects))
    stage.has_people = any(subject.kind in PEOPLE for subject in subjects)
    stage.is_holder_running = any(s.action == "run" and s.kind in PEOPLE for s in subjects)
    stage.face_spots = _place_faces(stage, subjects)
    facing_pair = _find_pair(subjects)
    taken: list[Spot] = []
    for subject in subjects:
        if is_prop(subject):
            continue
        index = on_ground.index(subject) if subject in on_ground else 0
        spot = _keep_in_frame(stage, scene.camera, _keep_on_ground(stage, subject, choose_spot(stage, index)))
        if index and _is_moving(subject) and _is_moving(on_ground[0]):
            first = _keep_in_frame(stage, scene.camera, _keep_on_ground(stage, on_ground[0], choose_spot(stage, 0)))
            spot = _place_alongside(first, index, 1.3 if subject.action == "ride" else 0.55)
        if has_faces and subject.kind in ("cat", "dog"):
            spot = _place_beside_face(stage, choose_spot(stage, 0), spot)
        spot, looks_over = _seat(spot, subject, stage.unit), _looks_over_counter(spot, subject)
        if subject in facing_pair:
            spot = _turn_towards(stage, spot, facing_pair.index(subject))
        if subject in on_ground and subject.view != "front":
            spot = replace(spot, height=max(spot.height, min(spot.height * scale, 62 * stage.unit)))
        parts += build_subject(stage, replace(subject, view="front") if looks_over else subject, spot)
        taken += [spot] if subject in on_ground and not stage.is_still_life else []
    if any(map(is_prop, subjects)):
        parts += place_props(stage, replace(scene, subjects=tuple(subjects)), choose_spot(stage, 0), taken)
    return parts


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
    """Return the factor by which children, animals and things are drawn larger; 1 beside an adult, a robot or a car."""
    if len(subjects) > 1 and any(subject.kind in ("robot", "car") for subject in subjects):
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
    """Return two people who stand still in profile, else an empty list."""
    people = [subject for subject in subjects if subject.kind in PEOPLE]
    is_still_pair = all(p.count == 1 and p.view == "side" and not _is_moving(p) for p in people)
    return people if len(people) == 2 and is_still_pair else []


def _turn_towards(stage: Stage, spot: Spot, index: int) -> Spot:
    """Return the spot of person ``index`` (0 or 1) of two who face each other near the first spot of the place."""
    first = choose_spot(stage, 0)
    apart = first.height * (0.26 if index == 0 else -0.26)
    middle = min(max(first.x, stage.width * 0.3), stage.width * 0.7)
    if first.ends is not None:  # both must stand on the ground, such as a jetty
        room = 0.4 * first.height
        middle = max(min(middle, first.ends[1] - room), first.ends[0] + room)
    down = stage.ground_rise(first.x, middle - apart - first.x)
    return replace(first, x=middle - apart, y=first.y + down, height=spot.height, facing=1 if index == 0 else -1)


def _place_faces(stage: Stage, subjects: list[Subject]) -> list[Spot]:
    """Return spots side by side for the people who face the camera; none if they are fewer than two subjects."""
    facing = [subject for subject in subjects if subject.kind in PEOPLE and subject.view == "front"]
    return place_busts(stage, choose_spot(stage, 0), sum(person.count for person in facing)) if len(facing) > 1 else []


def _is_moving(subject: Subject) -> bool:
    return subject.view == "side" and subject.action in ("walk", "run", "ride")


def _keep_on_ground(stage: Stage, subject: Subject, spot: Spot) -> Spot:
    """Return the spot moved sideways so that the path of a moving subject stays on the ground of the place."""
    if spot.ends is None or not _is_moving(subject):
        return spot
    others = (subject.count // 2) * (1.25 if subject.action == "ride" else 0.36)
    reach = spot.height * (PACE[subject.action] * stage.seconds / 2 + 0.3 + others)
    return replace(spot, x=min(max(spot.x, spot.ends[0] + reach), spot.ends[1] - reach))


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
    return replace(spot, x=stage.width * free_x, y=stage.height * 0.97, height=height, depth=1.2)


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
