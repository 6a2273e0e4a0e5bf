"""What a storyboard panel holds, in parts of the picture. Drawing and scene editor read the same."""

from dataclasses import dataclass

PLACES = (
    "unknown",
    "room",
    "shop",
    "corridor",
    "street",
    "field",
    "shore",
    "forest",
    "mountain",
    "space",
    "underwater",
    "stage",
    "arena",
    "vehicle",
    "sky",
    "water",
    "rooftop",
    "bridge",
)
HOURS = ("day", "dawn", "dusk", "night")
WEATHERS = ("", "rain", "snow", "wind", "sand", "fog", "storm")
CAMERAS = ("hold", "push", "pull", "pan_right", "pan_left", "tilt_up", "tilt_down")
MOODS = ("calm", "tense", "soft")
FACINGS = ("right", "left", "front", "back")
MAX_FIGURES, MAX_THINGS, MAX_NOTE = 12, 16, 400
Point = tuple[float, float]  # x from the left, y from the top, in parts of the whole drawing


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody or an animal. ``at``: where the feet are. ``height``: of the standing body, a part of the picture's.

    ``role``: a row of ``roles.toml`` or ``animals.toml``; ``pose``: a row of ``poses.toml``, ``then``: the pose after
    the turn, "" if it stays. ``holds``: the thing in the hands, ``rides``: the thing or animal below, "" for none.
    ``marks``: seed of the features that tell this character from others of the role, the same in each scene.
    """

    role: str
    pose: str = "stand"
    at: Point = (0.5, 0.85)
    facing: str = "right"
    height: float = 0.5
    then: str = ""
    holds: str = ""
    rides: str = ""
    marks: int = 0
    is_near: bool = False  # drawn in front of the things, wherever it stands


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing. ``name``: a picture of the set or a set piece; if it is neither, its wrapped volume bears the name.

    ``at``: the middle of its foot. ``height``: a part of the picture's. ``turn``: degrees, clockwise.
    """

    name: str
    at: Point = (0.5, 0.85)
    height: float = 0.3
    is_flipped: bool = False
    turn: float = 0.0
    is_near: bool = False  # drawn in front of the figures, wherever it stands


@dataclass(frozen=True, slots=True)
class Panel:
    """One shot. ``variant``: what the place has else, such as the goods of a shop or the ground of a field.

    ``note``: the director's sentence in pencil below the picture. ``cut``: the number at the left. ``focus``: where the
    camera pushes in.
    """

    note: str = ""
    place: str = "unknown"
    variant: str = ""
    hour: str = "day"
    weather: str = ""
    figures: tuple[Figure, ...] = ()
    things: tuple[Thing, ...] = ()
    camera: str = "hold"
    mood: str = "calm"
    cut: str = "1"
    focus: Point = (0.5, 0.55)

    @property
    def has_turn(self) -> bool:
        return any(figure.then for figure in self.figures)
