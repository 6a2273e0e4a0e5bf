"""Choose the look of a person: from the prompt first, then from the name, or the shot's seed for nameless people."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from ..layers import Stage
from ..scene import Subject
from ..styles.colour import bgr, hls, to_hex

# keep tables of points in rows
# fmt: off

HAIR_STYLES = {
    "girl": ("long", "long", "twintails", "ponytail", "bob", "bun", "short"),
    "woman": ("long", "ponytail", "bob", "bun", "short"), "boy": ("short", "spiky", "short"),
    "man": ("short", "spiky", "short"), "child": ("bob", "twintails", "short"), "elder": ("bun", "short", "bob"),
}
HAIR_COLOURS = ("#6a4450", "#3b3a58", "#8a5a48", "#4a6cb8", "#d889a8", "#a8b2d4", "#d9b068", "#a84a48", "#5f8f86")
NATURAL_HAIR = ("#4a3a44", "#35334a", "#6a4a44", "#7a5a48")
GREY_HAIR = ("#b8bccb", "#d5d8e2", "#9a9fb2")
EYES = ("#3f7fe0", "#2fa58a", "#c98a2f", "#8a5fd8", "#c84a5f", "#6a4a3f", "#3f9fc8")
CLOTHES = {
    "girl": ("uniform", "uniform", "dress", "hoodie", "casual"), "woman": ("coat", "dress", "casual", "suit"),
    "boy": ("uniform", "hoodie", "casual"), "man": ("coat", "suit", "casual"), "child": ("casual", "dress", "hoodie"),
    "elder": ("yukata", "coat", "casual"),
}
CLOTHES_COLOURS = {
    "uniform": ("#31467f", "#2c3350", "#3d5a66", "#5a3348"),
    "yukata": ("#4a6fb5", "#b5567a", "#e8e4f0", "#5a4a8f", "#3f7f8a"),
    "hoodie": ("#e8b04a", "#6a8fd0", "#d8695f", "#e9e4da", "#5f9f88"),
    "coat": ("#b58a5f", "#4a5570", "#a84a4f", "#dcd3c6"), "dress": ("#f4f2f6", "#9fc4ec", "#f0b8c4", "#f2dc9a"),
    "suit": ("#353a52", "#4a4650", "#2f4258"), "casual": ("#f3efe8", "#7fb2d8", "#e79a8a", "#9cc49a", "#c9b6e0"),
}
ACCENTS = ("#d8455a", "#e0a83f", "#4a8fd0", "#7a5fc8", "#3fa58a")
SKINS = ("#ffe6d8", "#ffe0cf", "#fbd8c2", "#f2c6a8")


@dataclass(frozen=True)
class Look:
    """Everything that makes a person recognisable. Colours are ``#rrggbb``."""

    kind: str
    female: bool
    hair_style: str
    hair: str
    eyes: str
    skin: str
    clothes: str
    cloth: str
    accent: str
    fringe: int  # index of the fringe's cut, 0 to 2
    hairpin: bool
    glasses: bool

    @property
    def tip(self) -> str:
        """Return the colour of the tips of the hair: a little lighter, with a shifted hue."""
        return to_hex(hls(bgr(self.hair), hue=0.025, light=1.16, saturation=1.1))


def choose_look(stage: Stage, subject: Subject, index: int = 0) -> Look:
    """Return the look of the ``index``-th person of a subject.

    The name decides what the prompt leaves open; without a name, the seed of the shot does.
    """
    rng = create_rng(stage, subject, index)
    kind = subject.kind
    female = kind in ("girl", "woman") or (kind in ("child", "elder") and rng.random() < 0.6)
    if kind in ("child", "elder") and subject.variant in ("female", "male"):
        female = subject.variant == "female"
    bright = 0.12 if kind == "man" else 0.35
    group = GREY_HAIR if kind == "elder" else HAIR_COLOURS if female or rng.random() < bright else NATURAL_HAIR
    hair = _pick(rng, group)
    style = _pick(rng, HAIR_STYLES[kind] if female or kind in ("boy", "man") else ("short",))
    clothes = _pick(rng, CLOTHES[kind])
    if not female and clothes == "dress":
        clothes = "casual"
    clothes = subject.clothes or clothes
    cloth = _pick(rng, CLOTHES_COLOURS[clothes])
    look = Look(
        kind=kind, female=female, hair_style=subject.hair_style or style, hair=subject.hair_colour or hair,
        eyes=subject.eye_colour or _pick(rng, EYES), skin=_pick(rng, SKINS[:3] if female else SKINS[1:]),
        clothes=clothes, cloth=subject.clothes_colour or cloth, accent=_pick(rng, ACCENTS),
        fringe=int(rng.integers(3)), hairpin=bool(female and rng.random() < 0.3),
        glasses=bool(rng.random() < (0.5 if kind == "elder" else 0.08)) and "no_glasses" not in subject.accessories,
    )
    return replace(
        look, glasses=look.glasses or "glasses" in subject.accessories, accent=subject.accent_colour or look.accent
    )


def create_rng(stage: Stage, subject: Subject, index: int) -> np.random.Generator:
    if subject.name:
        digest = hashlib.sha256(f"{subject.name.strip().casefold()} {index}".encode()).digest()
        return np.random.default_rng(list(digest))
    return stage.rng(f"look {subject.kind} {index + subject.ordinal}")


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
