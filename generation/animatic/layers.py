"""A shot is a stack of layers: each is drawn once when the shot is built and then only moved.

A place, a subject or a weather answers with layers; the compositor is the only code that turns them into frames.
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
    """How a layer stands at one moment: offsets in stage pixels, scale and turn (radians) about its pivot."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    shear: float = 0.0  # sideways lean per pixel of height above the pivot: grass and hair in wind
    alpha: float = 1.0


@dataclass
class Layer:
    """One sheet on the camera stand.

    ``image`` lies with its top left corner at (``x``, ``y``) of the stage. ``depth`` is 0 for what never moves
    with the camera (sky) and 1 for what stands at the focal plane; nearer things have more than 1.
    ``motion`` gives the pose at a time in seconds. ``redraw`` returns a fresh image for a time where moving is
    not enough (hair, water): keep such images small, they cost every frame.
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
    """Something that is everywhere at once (rain, petals, lightning, speed lines), painted straight onto the frame.

    ``paint(frame, t)`` changes ``frame`` in place: uint8, height × width × 4 (BGR and an opaque alpha), in screen
    pixels without margin. It is called once per frame, so it must be cheap, and must depend on ``t`` alone.
    ``depth`` places it in the stack exactly as a layer's does: 0.5 is behind a person, 1.5 in front.
    """

    name: str
    paint: Callable[[np.ndarray, float], None]
    depth: float = 1.5
    covers: bool = False  # paints every pixel opaquely: nothing behind it has to be cleared
    paint_in: Callable[[np.ndarray, float, Sequence[Box]], None] | None = None  # only boxes that no nearer sheet hides


Part = Layer | Effect


@dataclass
class Light:
    """One palette per time of day and weather: every colour in a shot comes from it (``#rrggbb`` strings)."""

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
    dim: float = 0.85  # how bright skin and clothes stand in this light
    direction: tuple[float, float, float] = (0.55, -0.35, 0.62)  # x right, y down, z to the viewer


@dataclass
class Spot:
    """Where a place lets a subject stand: feet at (``x``, ``y``), ``height`` of a grown person in pixels there."""

    x: float
    y: float
    height: float
    depth: float = 0.62
    facing: int = 1  # 1 looks right, -1 looks left
    perch: float | None = None  # y where an animal sits instead: on the desk, on the window seat
    seat: float | None = None  # y of what a person who sits there sits on
    ends: tuple[float, float] | None = None  # from x to x: the ground that walkers must not leave


@dataclass(frozen=True)
class Holder:
    """A hand that something can hang on: ``hand`` in drawing units of the figure that stands at (``x``, ``y``)."""

    x: float
    y: float
    scale: float
    depth: float
    hand: tuple[float, float]
    flip: bool = False
    whole: Callable[[float], Pose] | None = None  # how the figure moves as one
    string: float = 46.0  # units from the hand to what floats above it
    lean: float = 0.0  # how far what it holds drifts forward, in units


@dataclass
class Stage:
    """What everything that draws may know: size, light, style, wind and its own stream of chance.

    ``width`` × ``height`` is the frame; layers may reach ``margin`` pixels outside it for camera moves, so stage
    coordinates run from ``-margin`` to ``width + margin``. ``unit`` is one hundredth of the frame's shorter side:
    draw in units and every resolution looks the same. ``rng(name)`` gives an independent generator for a part, so
    that adding one tree moves nothing else.
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
    spots: list[Spot] = field(default_factory=list)  # best first, set by the place
    weather_depth: float = 9.0  # weather stays at less depth than this: a room sets the depth of its window
    particles: tuple[str, ...] = ()  # what was asked to fly: a place may answer (petals want a blossoming branch)
    ground: Callable[[float], float] | None = None  # y of uneven ground at an x, set by the place; None is level
    is_portrait: bool = False  # somebody faces us: nothing large flies before the face
    face_spots: list[Spot] = field(default_factory=list)  # for several people who face the camera, in order
    holder: Holder | None = None  # the hand of the first person drawn
    is_holder_running: bool = False  # … who runs after what they would hold
    has_lantern_lines: bool = False  # lanterns hang on lines here instead of floating, set by the place
    bridge_y: float | None = None  # y of rails on a bridge before everything, set by a place that would hide a train
    setting: str = ""  # which of a place's views was asked for
    check_cancelled: Callable[[], None] = field(default=lambda: None)  # called before every sheet; raises Cancelled
    place_seed: int | None = None  # a named place keeps its geography in every clip: it draws from this instead

    @property
    def unit(self) -> float:
        return min(self.width, self.height) / 100

    @property
    def is_dark(self) -> bool:
        return self.time == "night" or self.weather == "storm"

    def rng(self, name: str) -> np.random.Generator:
        """The same name always gives the same chance in the same shot."""
        return np.random.default_rng([self.seed, *name.encode()])

    def place_rng(self, name: str) -> np.random.Generator:
        """Chance for what belongs to the place itself (hills, houses, trees): a named place always gets the same."""
        seed = self.seed if self.place_seed is None else self.place_seed
        return np.random.default_rng([seed, *name.encode()])

    def choose_view(self, kinds: Sequence[str], chance: np.random.Generator) -> int:
        """Which of its views a place shows: the one asked for, else one by ``chance`` (which is asked either way)."""
        drawn = int(chance.integers(len(kinds)))
        return kinds.index(self.setting) if self.setting in kinds else drawn

    def ground_rise(self, x: float, dx: float) -> float:
        """How much higher (negative) or lower the ground is ``dx`` pixels from ``x``."""
        return self.ground(x + dx) - self.ground(x) if self.ground else 0.0

    def wind(self, t: float) -> float:
        """Strength of the wind at ``t`` seconds, 0 to about 1.5; everything that sways follows it."""
        base = {"storm": 1.2, "rain": 0.7, "snow": 0.5, "fog": 0.25}.get(self.weather, 0.6)
        return base * (1 + 0.45 * float(np.sin(t * 1.3)) + 0.2 * float(np.sin(t * 3.1)))
