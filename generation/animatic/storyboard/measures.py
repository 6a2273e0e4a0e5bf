"""Tell how much room people, animals and things take, in metres and as parts of the standing body."""

from functools import cache

from .catalogue import TOOL_METRES, list_tools, load_animals, load_poses, load_roles, load_sizes, load_table

ANIMAL_METRES, THING_METRES = 0.6, 0.5  # of what has no row
POSE_SHAPES = {  # width and height, as parts of the standing body
    (0.38, 1.0): ("stand", "look", "look_up", "look_back", "think", "cry", "salute", "listen"),
    (0.6, 0.8): ("doze",),
    (0.6, 1.0): ("hold", "give", "talk", "carry", "sing", "blow", "cook", "walk", "sneak", "embrace"),
    (0.85, 1.0): ("run", "point", "fight", "push", "pull", "kick", "tend", "work", "paint"),
    (0.75, 1.2): ("cheer", "wave", "reach", "climb", "throw", "jump", "dance"),
    (0.7, 0.8): ("sit", "kneel", "pray", "play", "read", "write", "eat", "row", "ride", "crouch", "bow"),
    (1.15, 0.35): ("lie", "sleep"),
    (1.1, 0.7): ("swim", "float", "fly", "fall"),
}
SHAPE_OF_POSE = {pose: shape for shape, poses in POSE_SHAPES.items() for pose in poses}
OTHER_SHAPE = (0.85, 1.2)
ANIMAL_WIDTHS = {"legs": 1.35, "bird": 1.2, "fish": 2.8, "small": 1.3, "picture": 1.1}  # as parts of the height


def is_animal(role: str) -> bool:
    return role in load_animals()


def measure_figure(role: str) -> float:
    """Return the height in metres of somebody or an animal that stands."""
    if is_animal(role):
        return load_animals()[role].metres
    roles = load_roles()
    return roles[role].metres if role in roles else roles["someone"].metres


def measure_thing(name: str) -> tuple[str, float, float]:
    """Return kind, height in metres, and width as a part of the height, of a thing."""
    if name in _load_set_pieces():
        return _load_set_pieces()[name]
    if name in list_tools():
        return "hand", TOOL_METRES, 0.4
    size = load_sizes().get(name)
    return (size.kind, size.metres, 1.0) if size else ("ground", THING_METRES, 1.0)


@cache
def _load_set_pieces() -> dict[str, tuple[str, float, float]]:
    """Return kind, metres and width of the things that are drawn without a picture."""
    pieces = {}
    for name, row in load_table("set_pieces").items():
        xs = [x for way in ("shape", "round", "line", "curve") for points in row.get(way, ()) for x in points[::2]]
        pieces[name] = (row["kind"], float(row["metres"]), 2 * max(map(abs, xs), default=0.5))
    return pieces


def measure_pose(role: str, pose: str) -> tuple[float, float]:
    """Return width and height of somebody in a pose, as parts of the standing body."""
    if is_animal(role):
        animal = load_animals()[role]
        return ANIMAL_WIDTHS[animal.body] * max(1.0, animal.long), 1.0
    width, height = SHAPE_OF_POSE.get(pose, OTHER_SHAPE)
    bulk = load_roles()[role].bulk if role in load_roles() else 1.0
    return width * max(1.0, bulk * 0.8), height


@cache
def list_seats() -> frozenset[str]:
    """Return the things on or in which one sits, as ``grips.toml`` lists them."""
    grips = load_table("grips")
    return frozenset((*grips["seat"], *grips["inside"]))


@cache
def list_vehicles() -> frozenset[str]:
    """Return the things that somebody drives, rows or sails."""
    grips = load_table("grips")
    return frozenset((*grips["inside"], *grips["driven"]["names"])) - {"hole", "jar", "bucket", "basket", "bathtub"}


def has_free_hand(pose: str) -> bool:
    """Return whether somebody in a pose can hold a thing."""
    poses = load_poses()
    return pose not in poses or poses[pose].hand != "none"
