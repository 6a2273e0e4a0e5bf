"""What tells one character from others of the role: the same features in every scene."""

from dataclasses import dataclass, replace

import numpy as np

from .catalogue import Pose, Role
from .panel import Figure

SHORT_HAIRS = ("short", "spiky", "curly")
TONES = ("dark", "light", "fair")
PATTERNS = ("plain", "stripes", "dots", "band", "badge")
EXTRAS = ("", "", "freckles", "glasses", "scarf", "ribbon")
KEPT_HAIR = ("bald", "topknot")  # that tells the role
WOMEN = ("long", "bob", "ponytail", "bun", "twintails", "braid")


@dataclass(frozen=True, slots=True)
class Character:
    """``tone``: of the hair. ``pattern``: of the clothes. ``marks``: those of the role and one's own."""

    hair: str
    tone: str
    pattern: str
    marks: tuple[str, ...]
    tool: str

    def get_held(self, figure: Figure, pose: Pose) -> str:
        """Return what the hands hold: what is asked for, else the tool of the role."""
        if pose.hand == "none":
            return ""
        return figure.holds or ("" if figure.rides else self.tool)


def describe_character(seed: int, role: Role) -> Character:
    """Return the features of a character. Without a seed they are those of the role."""
    tone = "fair" if "grey" in role.marks else "dark"
    character = Character(role.hair, tone, "plain", role.marks, role.tool)
    if not seed:
        return character
    rng = np.random.default_rng(seed)
    hairs = WOMEN if role.hair in WOMEN else SHORT_HAIRS
    hair = role.hair if role.hair in KEPT_HAIR else str(rng.choice(hairs))
    tone = tone if tone == "fair" else str(rng.choice(TONES))
    extra = str(rng.choice(EXTRAS))
    is_free = extra and extra not in role.marks and not (extra == "ribbon" and role.hair not in WOMEN)
    marks = (*role.marks, extra) if is_free else role.marks
    return replace(character, hair=hair, tone=tone, pattern=str(rng.choice(PATTERNS)), marks=marks)
