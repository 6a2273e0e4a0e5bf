"""Words of a scene, as an engine is told them: who is seen, where, when, how the camera moves, what is said."""

import re

from studio.drawing import character_text

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
# Not in an address of mail. Chinese and Japanese put no blank before a name, so only Latin letters hold it off.
MENTION = re.compile(r"(?<![A-Za-z0-9_.])@(?=\w)")
MOST = 2000  # characters of a clip's prompt


def plain(words: str) -> str:
    """Without the at signs of mentions: "@Mika waits" is "Mika waits"."""
    return MENTION.sub("", words)


def woven(scene, cast, *, told: frozenset[str] = frozenset(), shown: str = "", style: str = "", most=MOST) -> str:
    """One text for engines that take nothing but words. ``told`` names what the engine is told apart from them,
    ``shown`` says what the reference pictures are that go along, ``most`` is how long the text may be."""
    parts = [plain(scene.prompt)]
    if scene.place_name and "place_name" not in told:
        parts.append(scene.place_name)
    if scene.time in TIME and "time" not in told:
        parts.append(TIME[scene.time])
    if "cast" not in told:
        parts += [shown, *(character_text.words(each, style=style) for each in cast)]
    if scene.line and "line" not in told:
        parts.append(f"{scene.speaker}: “{scene.line}”" if scene.speaker else f"“{scene.line}”")
    if scene.camera in CAMERA and "camera" not in told:
        parts.append(CAMERA[scene.camera])
    return _joined([part.strip() for part in parts if part.strip()], most)


def _joined(parts: list[str], most: int) -> str:
    """Sentences in a row. What the person wrote stands whole; of the rest whatever does not fit is left out."""
    words = parts[0] if parts else ""
    for part in parts[1:]:
        longer = f"{words.rstrip('.。')}. {part}"
        if len(longer) <= most:
            words = longer
    return words
