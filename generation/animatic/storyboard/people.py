"""People: a skeleton in a pose, its clothes, hair and marks as the parts of a body, front to back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .body import Body, Limb
from .catalogue import Pose, Role, load_poses, load_roles
from .characters import Character, describe_character
from .clothes import LEGLESS, Lines, draw_seams, shape_hem, shape_trunk
from .head import BEHIND, Head, load_marks
from .holding import Held
from .lines import Array, Points
from .panel import Figure
from .skeleton import Skeleton, build_skeleton, shape_hand

PIVOT = -0.45  # height around which somebody who lies or flies is turned
LIFT = 0.16  # how high a jump is, in heights of the body
ARM_IN_FRONT = 24.0  # degrees from straight down from which the far arm lies in front of the trunk


@dataclass(slots=True)
class Person:
    """What is drawn of a person: role, pose and character with the joints and the way into units."""

    figure: Figure
    role: Role
    pose: Pose
    pose_name: str
    height: float  # of the body in units
    at: tuple[float, float]  # the feet in units
    character: Character
    bones: Skeleton
    head: Head
    lowest: float = 0.0
    held: Held | None = None
    seams: Lines = field(default_factory=dict)

    def to_units(self, points: Points) -> Array:
        """Return points given in heights of the body in units."""
        a = math.radians(self.pose.turn)
        rotation = np.array(((math.cos(a), -math.sin(a)), (math.sin(a), math.cos(a))), np.float32)
        pivot = np.array((0.0, PIVOT if self.pose.turn else 0.0), np.float32)
        p = (np.asarray(points, np.float32).reshape(-1, 2) - pivot) @ rotation.T + pivot - (0, self.lowest)
        mirror = -1.0 if self.figure.facing == "left" else 1.0
        return (p * (mirror, 1) * self.height + np.asarray(self.at)).astype(np.float32)


def build_person(
    figure: Figure, pose_name: str, height: float, at: tuple[float, float], legs: str = ""
) -> tuple[Person, Body]:
    """Return a person and the parts of the body.

    ``height``: of the standing body, ``at``: the feet, both in units. ``legs``: the pose whose legs they have.
    """
    role, pose = load_roles().get(figure.role, load_roles()["someone"]), load_poses()[pose_name]
    if legs:
        below = load_poses()[legs]
        pose = replace(pose, hip=below.hip, near_leg=below.near_leg, far_leg=below.far_leg, rests=below.rests)
    bones = build_skeleton(pose, pose_name, role, figure.facing)
    head = Head(bones.head, bones.tilt, figure.facing, bones.radius)
    character = describe_character(figure.marks, role)
    person = Person(figure, role, pose, pose_name, height, at, character, bones, head)
    person.seams = draw_seams(role.clothes, bones, role.bulk, figure.facing)
    body = _assemble(person)
    lowest = max(float(outline[:, 1].max()) for outline in _turn(person, body))
    person.lowest = lowest + (LIFT if pose_name == "jump" else 0.0)
    return person, body


def _turn(person: Person, body: Body) -> list[Array]:
    """Return the outlines of the turned body in heights, to find its lowest point."""
    still = replace(person, figure=replace(person.figure, facing="right"), height=1.0, at=(0.0, 0.0))
    return [still.to_units(outline) for outline in body.trace(body.merge())]


def _assemble(person: Person) -> Body:
    """Return the parts of the body, front to back: the head first, so that nothing held covers it."""
    bones, role, facing = person.bones, person.role, person.figure.facing
    body = Body(person.height)
    _add_front_of_head(person, body)
    _add_arm(person, body, "near")
    has_far_arm_in_front = bones.is_flat or abs(person.pose.far_arm[0]) > ARM_IN_FRONT or person.pose.hand != "near"
    if has_far_arm_in_front:
        _add_arm(person, body, "far")
    _add_marks(person, body, "front")
    hem = shape_hem(role.clothes, bones, role.bulk)
    if hem is not None:
        body.add("hem", outlines=[hem])
    limbs, outlines = shape_trunk(bones, role.bulk)
    body.add("trunk", limbs, outlines)
    if facing == "back":
        body.add("head", outlines=[person.head.shape_skin()])
    if role.clothes not in LEGLESS:
        for leg in (bones.near_leg, bones.far_leg):
            _add_leg(person, body, leg)
    if not has_far_arm_in_front:
        _add_arm(person, body, "far")
    if facing != "back":
        body.add("hairback", outlines=person.head.shape_back_hair(person.character.hair))
    _add_marks(person, body, "back")
    return body


def _add_front_of_head(person: Person, body: Body) -> None:
    head, facing = person.head, person.figure.facing
    hair = person.character.hair
    rows = load_marks()["head"]
    marks = [m for m in person.character.marks if m in rows and not (facing == "back" and m in BEHIND)]
    for name in (m for m in marks if rows[m]["over"]):
        body.add(name, outlines=head.shape_mark(rows[name]))
    if facing == "back":
        body.add("hair", outlines=[*head.shape_back_hair(hair), *head.shape_hair(hair)])
    else:
        if not {"helm", "robothead"} & set(marks):
            body.add("hair", outlines=head.shape_hair(hair))
        body.add("head", outlines=[head.shape_skin()])
    for name in (m for m in marks if not rows[m]["over"]):
        body.add(name, outlines=head.shape_mark(rows[name]))


def _add_arm(person: Person, body: Body, side: str) -> None:
    """Add an arm with its hand, and behind the hand what it holds."""
    bones, pose = person.bones, person.pose
    palm, angle = bones.palms[side]
    thing = person.character.get_held(person.figure, pose)
    is_holding = bool(thing) and pose.hand in (side, "both")
    arm: Limb = bones.near_arm if side == "near" else bones.far_arm
    body.add("arm", [arm, *shape_hand(palm, angle, person.role.bulk, is_holding)])
    is_behind_this = pose.hand == side or (pose.hand == "both" and side == "near")
    if is_holding and is_behind_this and person.held is None:
        person.held = Held(thing, *_find_grip(bones, side, pose.hand))
        body.add("held")


def _find_grip(bones: Skeleton, side: str, hand: str) -> tuple[Array, float, bool]:
    """Return where a thing is held, the angle of the lower arm, and whether both hands hold it."""
    palm, angle = bones.palms[side]
    if hand != "both":
        step = np.array((math.sin(math.radians(angle)), math.cos(math.radians(angle)))) * 0.018
        return palm + step, angle, False
    other = bones.palms["far" if side == "near" else "near"][0]
    return (palm + other) / 2, angle, True


def _add_leg(person: Person, body: Body, leg: Limb) -> None:
    if person.role.clothes not in ("mawashi", "bones"):
        (x, y, r), (toe_x, toe_y, toe_r) = leg[2], leg[3]
        long = 2.4 if "flippers" in person.role.marks else 1.0
        toe = (x + (toe_x - x) * long, y + (toe_y - y) * long, toe_r * 1.15)
        body.add("shoe", [[(x, y + 0.004, r * 1.02), toe]])
    thin = 0.42 if person.role.clothes == "bones" else 1.0
    body.add("leg", [[(x, y, r * thin) for x, y, r in leg]])


def _add_marks(person: Person, body: Body, place: str) -> None:
    """Add the marks of the role on the trunk or behind it."""
    rows, bones = load_marks()["body"], person.bones
    marks: Sequence[str] = person.character.marks
    marks = [*marks, *(["scarf_end"] if "scarf" in marks else [])]
    is_back = person.figure.facing == "back"
    anchors = {"neck": bones.neck, "hip": bones.hip, "waist": bones.neck * 0.35 + bones.hip * 0.65}
    for name in marks:
        row = rows.get(name)
        if row is None or place != _get_layer(row["place"], is_back):
            continue
        shapes = row.get("flat", row["side"]) if bones.is_flat else row["side"]
        placed = [_lean(np.array(shape), bones) + anchors[row["at"]] for shape in shapes]
        if row.get("radius"):
            body.add(name, [[(float(x), float(y), row["radius"]) for x, y in shape] for shape in placed])
        else:
            body.add(name, outlines=placed)


def _get_layer(place: str, is_back: bool) -> str:
    """Return where a mark lies for us: before the trunk, behind it, or nowhere."""
    if is_back:
        return "front" if place == "back" else "hidden"
    return place


def _lean(points: Array, bones: Skeleton) -> Array:
    """Return points of an upright trunk on one that leans."""
    return points[:, :1] * bones.out + points[:, 1:] * -bones.up
