"""Shared types of the drawing: a shot is a stack of layers, each drawn once when the shot is built and then only moved.

Places, subjects and weather return layers; only the compositor turns them into frames.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of a frame."""

Image = np.ndarray
"""uint8, height × width × 4, BGRA with premultiplied alpha."""


@dataclass(frozen=True)
class Pose:
    """Position of a layer at one moment: offsets in stage pixels, scale and turn (radians) about its pivot."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    shear: float = 0.0  # sideways lean per pixel of height above the pivot: grass and hair in wind
    alpha: float = 1.0


@dataclass
class Layer:
    """One image on the stage.

    The top left corner of ``image`` is at (``x``, ``y``) of the stage. ``depth`` is 0 for layers that never move with
    the camera, 1 at the focal plane, and greater than 1 for nearer layers. ``motion`` returns the pose at a time in
    seconds. ``redraw`` returns the image at a time in seconds, for layers that change their shape (hair, water); such
    images must be small because they are drawn for every frame.
    """

    name: str
    image: Image
    x: float = 0.0
    y: float = 0.0
    depth: float = 0.5
    pivot: tuple[float, float] | None = None  # in the image's own pixels; None is its centre
    motion: Callable[[float], Pose] | None = None
    redraw: Callable[[float], Image] | None = None
    blend: str = "over"  # over | screen | add


@dataclass
class Effect:
    """An effect that fills the frame (rain, petals, lightning, speed lines), painted directly onto the frame.

    ``paint(frame, t)`` changes ``frame`` in place: uint8, height × width × 4 (BGR and opaque alpha), in frame pixels
    without margin. ``paint`` is called once per frame, must be cheap and must depend on ``t`` alone. ``depth`` orders
    the effect among the layers: 0.5 is behind a person, 1.5 in front.
    """

    name: str
    paint: Callable[[np.ndarray, float], None]
    depth: float = 1.5
    covers: bool = False  # paints every pixel opaquely, so that the buffer need not be cleared
    paint_in: Callable[[np.ndarray, float, Sequence[Box]], None] | None = None  # paints visible boxes only


Part = Layer | Effect


@dataclass
class Light:
    """Palette of a time of day and weather; all colours of a shot derive from it (``#rrggbb`` strings)."""

    sky: list[str]  # top to horizon
    cloud: list[str]  # shadow, mid, light, rim
    haze: str
    far: str
    mid: str
    near: str
    grass: str
    rim: str
    window: str
    sun: str
    ambient: str
    stars: float = 0.0
    dim: float = 0.85  # brightness of skin and clothes in this light
    direction: tuple[float, float, float] = (0.55, -0.35, 0.62)  # x right, y down, z to the viewer


@dataclass
class Spot:
    """A standing position of a place: feet at (``x``, ``y``); ``height`` is the height of an adult there, in pixels."""

    x: float
    y: float
    height: float
    depth: float = 0.62
    facing: int = 1  # 1 looks right, -1 looks left
    perch: float | None = None  # y where an animal sits: on the desk, on the window seat
    seat: float | None = None  # y of the seat of a person who sits here
    ends: tuple[float, float] | None = None  # x range of the ground, for those who walk; None is unlimited
    partner: bool = False  # somebody stands opposite and fights back, or plays along
    clasps: tuple[tuple[int, float], ...] = ()  # held hands: side (-1 left, 1 right) and height in units
    counter: tuple[float, float] | None = None  # y and depth of animals that look over a counter from behind


@dataclass(frozen=True)
class Holder:
    """A hand that can hold something: ``hand`` in drawing units of the figure that stands at (``x``, ``y``)."""

    x: float
    y: float
    scale: float
    depth: float
    hand: tuple[float, float]
    flip: bool = False
    whole: Callable[[float], Pose] | None = None  # motion of the whole figure
    string: float = 46.0  # units from the hand to a balloon above it
    lean: float = 0.0  # how far the balloon drifts forward, in units
    carries: str = ""  # kind of thing that the figure is drawn with, such as the guitar it plays


@dataclass
class Stage:
    """Everything that drawing code may depend on: size, light, style, wind and random streams.

    The frame is ``width`` × ``height``; layers may extend ``margin`` pixels beyond it for camera moves, so stage
    coordinates run from ``-margin`` to ``width + margin``. ``unit`` is one hundredth of the frame's shorter side;
    drawing in units makes every resolution look the same. ``rng(name)`` returns an independent generator per part, so
    that adding one tree changes nothing else.
    """

    width: int
    height: int
    seconds: float
    light: Light
    style: str
    time: str
    weather: str
    seed: int
    margin: int = 96
    horizon: float = 0.0  # y of the horizon, set by the place
    sea_y: float | None = None  # y of the far edge of open water, where whales and fish leap; None without water
    table: tuple[float, float, float] | None = None  # x, y and depth of a table of the place where food may stand
    spots: list[Spot] = field(default_factory=list)  # best first, set by the place
    weather_depth: float = 9.0  # greatest depth of weather; a room sets the depth of its window
    particles: tuple[str, ...] = ()  # requested particles; a place may react (a blossoming branch for petals)
    ground: Callable[[float], float] | None = None  # y of the ground at an x, set by the place; None is level
    has_people: bool = False  # people or robots: vehicles stand beside people instead of driving past
    is_still_life: bool = False  # nothing but food in the shot, which is seen close
    is_portrait: bool = False  # a person faces the camera: nothing large flies before the face
    faces_away: bool = False  # somebody has the back to the camera: a stage shows the audience before them
    face_spots: list[Spot] = field(default_factory=list)  # for several people who face the camera, in order
    group_spots: dict[str, list[Spot]] = field(default_factory=dict)  # for people who act together, by action, in order
    holder: Holder | None = None  # the hand of the first person drawn
    holders: list[Holder] = field(default_factory=list)  # the hands of all people, in the order drawn
    is_holder_running: bool = False  # a person runs: a balloon flies ahead instead of hanging on the hand
    has_lantern_lines: bool = False  # set by the place: lanterns hang on lines instead of floating
    bridge_y: float | None = None  # y of the rails of a bridge, set by places whose buildings would hide a train
    setting: str = ""  # requested view of the place
    outside: str = ""  # place seen through the windows of a room; empty is a town
    check_cancelled: Callable[[], None] = field(default=lambda: None)  # called before every sheet; raises Cancelled
    place_seed: int | None = None  # seed of a named place, whose geography is the same in every clip

    @property
    def unit(self) -> float:
        return min(self.width, self.height) / 100

    @property
    def is_dark(self) -> bool:
        return self.time == "night" or self.weather == "storm"

    def enlarge(self, height: float) -> float:
        """Return the height of a figure or of furniture, larger in a tall frame as far as it fits into the width."""
        tall = min(1.9, max(1.0, self.height / self.width * 1.05))
        return min(height * tall, max(height, self.width * 0.72))

    def rng(self, name: str) -> np.random.Generator:
        """Return the random generator of a part: the same for the same name and seed."""
        return np.random.default_rng([self.seed, *name.encode()])

    def place_rng(self, name: str) -> np.random.Generator:
        """Return the random generator of a part of the place itself (hills, trees); stable for a named place."""
        seed = self.seed if self.place_seed is None else self.place_seed
        return np.random.default_rng([seed, *name.encode()])

    def choose_view(self, kinds: Sequence[str], chance: np.random.Generator) -> int:
        """Return the index in ``kinds`` of the requested view of a place, else a random one.

        Draws from ``chance`` in both cases, so that a request changes nothing else.
        """
        drawn = int(chance.integers(len(kinds)))
        return kinds.index(self.setting) if self.setting in kinds else drawn

    def ground_rise(self, x: float, dx: float) -> float:
        """Return the height difference of the ground ``dx`` pixels from ``x``, in pixels; negative is higher."""
        return self.ground(x + dx) - self.ground(x) if self.ground else 0.0

    def wind(self, t: float) -> float:
        """Return the wind strength at ``t`` seconds, from 0 to about 2; everything that sways follows the wind."""
        base = {"storm": 1.2, "rain": 0.7, "snow": 0.5, "fog": 0.25}.get(self.weather, 0.6)
        return base * (1 + 0.45 * float(np.sin(t * 1.3)) + 0.2 * float(np.sin(t * 3.1)))
