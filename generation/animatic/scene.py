"""What a shot shows, as a small typed description.

Everything that can write a shot writes this: the understanding of words, a person, a template, later a
language model. Everything that draws reads only this, a size and a seed: the same three give the same clip.
"""

from dataclasses import dataclass, field
from pathlib import Path

PLACES = (
    "hill", "sea", "city", "rooftop", "school", "classroom", "street",
    "forest", "shrine", "snowfield", "platform", "room",
)  # fmt: skip
SETTINGS = {  # the views of a place that words can ask for, in the order in which it draws them
    "hill": ("knoll", "tree", "valley"),
    "sea": ("cliff", "beach", "bay"),
    "city": ("river", "heights", "avenue"),
    "street": ("lane", "slope"),
    "forest": ("wood", "grove", "pond"),
    "shrine": ("water_gate", "steps", "tunnel"),
    "room": ("desk", "seat"),
}
TIMES = ("dawn", "day", "sunset", "night")
WEATHERS = ("clear", "rain", "snow", "fog", "storm")
SUBJECTS = (
    "girl", "boy", "woman", "man", "child", "elder",
    "cat", "dog", "bird", "train", "bicycle", "lanterns", "balloon", "ship",
)  # fmt: skip
PEOPLE = SUBJECTS[:6]
VARIANTS = {  # the kinds of a thing that words tell apart
    "child": ("male", "female"), "elder": ("male", "female"), "train": ("steam",), "balloon": ("hot_air",),
    "ship": ("boat",), "lanterns": ("sky",),
}  # fmt: skip
MAX_COUNTS = {"lanterns": 24, "bird": 24, "train": 1}  # of one kind in a shot; of any other kind …
DEFAULT_MAX_COUNT = 12
VIEWS = ("back", "side", "front")
CAMERAS = ("push", "pull", "pan_left", "pan_right", "tilt_up", "tilt_down", "rise", "still", "handheld")
PARTICLES = ("sakura", "leaves", "snow", "rain", "fireflies", "dust", "sparks", "bubbles", "stars", "fireworks")
STYLES = (
    "cel", "watercolour", "shonen", "seinen", "cyberpunk", "chibi", "three_d", "hand_drawn", "ink_wash",
)  # fmt: skip
EXPRESSIONS = ("calm", "smile", "sad", "crying", "angry", "surprised", "sleepy")
OVERLAYS = ("impact", "speed_lines", "screentone", "iris_in", "iris_out", "eye_catch")
AMBIENCES = ("rain", "waves", "wind", "cicadas", "city")
MOODS = ("gentle", "hopeful", "tense", "mysterious", "playful")


@dataclass(frozen=True)
class Subject:
    """One person, animal or thing in the shot.

    ``name`` keys the looks that words leave open: the same name draws the same face, hair and clothes in
    every clip. Colours are ``#rrggbb``; an empty string means "choose by name and seed".
    """

    kind: str
    count: int = 1
    view: str = "back"
    name: str = ""
    expression: str = "calm"
    hair_colour: str = ""
    hair_style: str = ""  # long, short, twintails, ponytail, bob, bun, spiky
    eye_colour: str = ""
    clothes: str = ""  # uniform, yukata, hoodie, coat, dress, suit, casual
    clothes_colour: str = ""
    action: str = ""  # stand, walk, run, sit, wave, look_up, ride (a bicycle)
    accessories: tuple[str, ...] = ()  # glasses, umbrella, stick; no_umbrella (goes without, whatever the weather) …
    variant: str = ""  # steam: what kind of train; male, female: which elder or child
    line: str = ""  # spoken words: the mouth moves for about their length
    accent_colour: str = ""  # of scarf, ribbon and umbrella
    asleep: bool = False  # sleeps with closed eyes; who is only tired looks out of half-open ones
    ordinal: int = 0  # how many of this kind the shot has before it: they look and move differently


@dataclass(frozen=True)
class Card:
    """Words shown over the shot: ``kind`` is ``title``, ``end`` or ``caption``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Scene:
    """One shot, complete: given with a seed, a size and a length it always draws the same frames."""

    place: str = "hill"
    time: str = "sunset"
    weather: str = "clear"
    subjects: tuple[Subject, ...] = ()
    camera: str = "push"
    particles: tuple[str, ...] = ()
    style: str = "cel"
    setting: str = ""  # one of SETTINGS[place]: which of its views; empty lets the seed choose
    place_name: str = ""  # keys a place's geography: the same name keeps hills, houses and trees where they were
    overlays: tuple[str, ...] = ()
    refused_overlays: tuple[str, ...] = ()  # overlays that were refused: no style lays them on by itself
    cards: tuple[Card, ...] = ()
    on_twos: bool = False
    ambience: str = ""  # one of AMBIENCES, or empty for silence
    mood: str = ""  # one of MOODS, or empty for no music


@dataclass(frozen=True)
class Chip:
    """One thing understood from the words: shown to the person, who may switch it off or change it."""

    slot: str  # place, time, weather, subject, camera, particles, style, colour, count, action
    value: str  # a value of the tuples above
    text: str  # the words it was read from


@dataclass(frozen=True)
class Understanding:
    """A scene read from words: what was understood, the words that meant nothing to the animatic, and those that are
    understood but change nothing over a picture (``idle``)."""

    scene: Scene
    chips: tuple[Chip, ...] = ()
    unknown: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """All that a render needs. ``picture`` makes it picture → clip; ``first_frame`` starts on a given frame."""

    scene: Scene
    seed: int
    width: int
    height: int
    seconds: float
    fps: int = 24
    picture: Path | None = None
    paint: bool = True  # picture → clip: paint a photo as anime (an anime drawing is left as it is)
    first_frame: Path | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return round(self.seconds * self.fps)
