"""Typed description of a shot.

Prompts, templates and language models produce a scene. Drawing code reads only the shot, so that the same scene, size,
length and seed give the same clip.
"""

from dataclasses import dataclass, field
from pathlib import Path

from .storyboard.panel import Panel

PLACES = (
    "hill", "sea", "city", "rooftop", "school", "classroom", "street",
    "forest", "shrine", "snowfield", "platform", "room",
    "shop", "kitchen", "train_carriage", "stage", "moon", "mountain_road", "castle",
)  # fmt: skip
INDOORS = ("room", "classroom", "shop", "kitchen", "train_carriage", "stage")
OUTSIDES = ("moon", "sea")  # places that the windows of an indoor place can show instead of a town
WEATHERLESS = ("moon", "stage")  # places that no weather reaches
SETTINGS = {  # views of a place that a prompt can name; ``Stage.choose_view`` returns their index
    "hill": ("knoll", "tree", "valley"),
    "sea": ("cliff", "beach", "bay"),
    "city": ("river", "heights", "avenue"),
    "street": ("lane", "slope"),
    "forest": ("wood", "grove", "pond"),
    "shrine": ("water_gate", "steps", "tunnel"),
    "room": ("desk", "seat"),
    "shop": ("ramen", "cafe"),
    "stage": ("theatre", "concert"),
}
TIMES = ("dawn", "day", "sunset", "night")
WEATHERS = ("clear", "rain", "snow", "fog", "storm")
SUBJECTS = (
    "girl", "boy", "woman", "man", "child", "elder",
    "cat", "dog", "bird", "train", "bicycle", "lanterns", "balloon", "ship",
    "robot", "dragon", "whale", "guitar", "sword", "food",
)  # fmt: skip
PEOPLE = SUBJECTS[:6]
VARIANTS = {  # variants of a kind that prompts distinguish
    "child": ("male", "female"), "elder": ("male", "female"), "train": ("steam",), "balloon": ("hot_air",),
    "ship": ("boat",), "lanterns": ("sky",), "robot": ("giant",), "dragon": ("eastern", "fire"),
    "whale": ("orca", "sky"), "guitar": ("electric",), "sword": ("katana", "light", "wooden"),
    "food": ("noodles", "soup", "cake", "rice", "fruit", "buns", "burger", "pizza"),
}  # fmt: skip
MAX_COUNTS = {"lanterns": 24, "bird": 24, "train": 1}  # per kind in a shot; for all others DEFAULT_MAX_COUNT
DEFAULT_MAX_COUNT = 12
ACTIONS = (
    "stand",
    "walk",
    "run",
    "sit",
    "wave",
    "look_up",
    "ride",
    "eat",
    "dance",
    "play",
    "fight",
    "hold_hands",
)  # what people do
ROBOT_ACTIONS = ("stand", "walk", "run", "wave", "look_up", "dance")
ANIMAL_ACTIONS = ("stand", "walk", "run", "sit", "look_up", "eat", "play")
ACTED = ("dance", "play", "fight", "hold_hands", "wave", "run", "eat")  # seen whole and near
VIEWS = ("back", "side", "front", "whole")  # front: from the chest up; whole: a whole person from the front
CAMERAS = ("push", "pull", "pan_left", "pan_right", "tilt_up", "tilt_down", "rise", "still", "handheld")
PARTICLES = ("sakura", "leaves", "snow", "rain", "fireflies", "dust", "sparks", "bubbles", "stars", "fireworks")
COLOUR_STYLES = (
    "cel",
    "watercolour",
    "shonen",
    "seinen",
    "cyberpunk",
    "chibi",
    "three_d",
    "hand_drawn",
    "ink_wash",
)
STORYBOARD = "storyboard"  # pencil panels; a source image is drawn as in the hand-drawn style
STYLES = (*COLOUR_STYLES, STORYBOARD)
EXPRESSIONS = ("calm", "smile", "sad", "crying", "angry", "surprised", "sleepy")
OVERLAYS = ("impact", "speed_lines", "screentone", "iris_in", "iris_out", "eye_catch")
AMBIENCES = ("rain", "waves", "wind", "cicadas", "city", "voices", "simmer", "rails", "space")
MOODS = ("gentle", "hopeful", "tense", "mysterious", "playful")


@dataclass(frozen=True)
class Subject:
    """One person, animal or thing in the shot.

    ``name`` keys the looks that the prompt leaves open: the same name draws the same face, hair and clothes in every
    clip. Colours are ``#rrggbb``; an empty string means that name and seed decide.
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
    action: str = ""  # one of ACTIONS
    accessories: tuple[str, ...] = ()  # glasses, umbrella, stick; no_umbrella (none in any weather) …
    variant: str = ""  # one of VARIANTS[kind]: a steam train, a male elder
    line: str = ""  # spoken line; the mouth moves for about as long as speaking it takes
    accent_colour: str = ""  # of scarf, ribbon and umbrella
    asleep: bool = False  # closed eyes; a tired person has half-open ones
    mount: "Subject | None" = None  # the bicycle that a person rides, if the prompt describes it
    tool: str = ""  # what the action needs: guitar, ball, football, sword, noodles …
    held: "Subject | None" = None  # the guitar or sword of the action, if the prompt describes it
    ordinal: int = 0  # number of earlier subjects of this kind: each looks and moves differently


@dataclass(frozen=True)
class Card:
    """Text shown over the shot; ``kind`` is ``title``, ``end`` or ``caption``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Scene:
    """One complete shot: with a seed, a size and a length it always draws the same frames."""

    place: str = "hill"
    time: str = "sunset"
    weather: str = "clear"
    subjects: tuple[Subject, ...] = ()
    camera: str = "push"
    particles: tuple[str, ...] = ()
    style: str = "cel"
    setting: str = ""  # one of SETTINGS[place]; empty lets the seed choose
    outside: str = ""  # one of OUTSIDES, seen through the windows of an indoor place; empty is a town
    place_name: str = ""  # keys the geography: the same name keeps hills, houses and trees
    overlays: tuple[str, ...] = ()
    refused_overlays: tuple[str, ...] = ()  # overlays that no style may add
    cards: tuple[Card, ...] = ()
    on_twos: bool = False
    ambience: str = ""  # one of AMBIENCES, or empty for silence
    mood: str = ""  # one of MOODS, or empty for no music


@dataclass(frozen=True)
class Chip:
    """A part of the prompt that was understood; shown to the user, who may disable or change it."""

    slot: str  # place, time, weather, subject, camera, particles, style, colour, count, action
    value: str  # one of the values above
    text: str  # the words of the prompt


@dataclass(frozen=True)
class Understanding:
    """A scene read from a prompt: its chips, the words that were not understood (``unknown``), and those that have no
    effect over an image (``ignored``)."""

    scene: Scene
    chips: tuple[Chip, ...] = ()
    unknown: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """Everything a render needs.

    ``picture`` is the source image of the clip; ``first_frame`` is the image from which the clip dissolves. ``panel``:
    what is drawn in pencil instead of the scene, whose sound and cards stay.
    """

    scene: Scene
    seed: int
    width: int
    height: int
    seconds: float
    fps: int = 24
    picture: Path | None = None
    paint: bool = True  # paint a source photo as anime; drawings stay unchanged
    first_frame: Path | None = None
    panel: Panel | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return round(self.seconds * self.fps)
