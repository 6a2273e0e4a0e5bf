"""Words of a scene, as an engine is told them: who is seen, where, when, how the camera moves, what is said."""

import re

CAMERA = {
    "push": "slow push in",
    "pull": "slow pull out",
    "pan_left": "pan left",
    "pan_right": "pan right",
    "tilt_up": "tilt up",
    "tilt_down": "tilt down",
    "rise": "rising camera",
    "still": "still camera",
    "handheld": "handheld camera",
}
TIME = {"dawn": "at dawn", "day": "by day", "sunset": "at sunset", "night": "at night"}
MENTION = re.compile(r"(?<![\w.])@(?=\w)")
MOST = 2000  # characters of a clip's prompt


def plain(words: str) -> str:
    """Without the at signs of mentions: "@Mika waits" is "Mika waits"."""
    return MENTION.sub("", words)


def woven(scene, cast, *, told: frozenset[str] = frozenset()) -> str:
    """One text for engines that take nothing but words. ``told`` names what the engine is told apart from them."""
    parts = [plain(scene.prompt)]
    if scene.place_name and "place_name" not in told:
        parts.append(scene.place_name)
    if scene.time in TIME and "time" not in told:
        parts.append(TIME[scene.time])
    if "cast" not in told:
        parts += [f"{each.name}: {each.description}" for each in cast if each.description]
    if scene.line and "line" not in told:
        parts.append(f"{scene.speaker}: “{scene.line}”" if scene.speaker else f"“{scene.line}”")
    if scene.camera in CAMERA and "camera" not in told:
        parts.append(CAMERA[scene.camera])
    return _joined([part.strip() for part in parts if part.strip()])


def _joined(parts: list[str]) -> str:
    """Sentences in a row; what would not fit in any more is left out from the end."""
    words = ""
    for part in parts:
        longer = f"{words.rstrip('.。')}. {part}" if words else part
        if len(longer) > MOST:
            break
        words = longer
    return words
