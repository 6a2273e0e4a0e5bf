"""Say in English sentences what a panel shows, for the prompt of a model that draws the scene in its own way."""

from .catalogue import load_poses
from .panel import Figure, Panel, Thing

FACINGS = {"right": "facing right", "left": "facing left", "front": "facing the viewer", "back": "seen from behind"}
HOURS = {"dawn": "at dawn", "dusk": "at dusk", "night": "at night"}
WEATHERS = {
    "rain": "rain",
    "snow": "snow",
    "wind": "strong wind",
    "sand": "a sandstorm",
    "fog": "fog",
    "storm": "a storm",
}
CAMERAS = {
    "push": "slow push in",
    "pull": "slow pull out",
    "pan_right": "pan right",
    "pan_left": "pan left",
    "tilt_up": "tilt up",
    "tilt_down": "tilt down",
}
LEFT_END, RIGHT_START = 0.38, 0.62  # of the middle, in parts of the width
NEAR_HEIGHT, FAR_HEIGHT = 0.75, 0.2  # of figures, in parts of the picture's height


def describe_panel(panel: Panel, *, omit: frozenset[str] = frozenset()) -> list[str]:
    """Return a sentence for each figure and for the things, then those of the hour, the weather and the camera.

    ``omit``: names of these last (hour, weather, camera) that the prompt says already. Sentences have no full stop.
    """
    found = [_describe_figure(figure) for figure in panel.figures]
    if panel.things:
        found.append(f"Also in the picture: {', '.join(_describe_thing(thing) for thing in panel.things)}")
    if panel.hour in HOURS and "hour" not in omit:
        found.append(HOURS[panel.hour])
    if panel.weather in WEATHERS and "weather" not in omit:
        found.append(f"In {WEATHERS[panel.weather]}")
    if panel.camera in CAMERAS and "camera" not in omit:
        found.append(CAMERAS[panel.camera])
    return found


def _describe_figure(figure: Figure) -> str:
    """Return such as "On the left in the distance: a fox running, facing right, holding an umbrella, then sitting"."""
    who = "somebody" if figure.role == "someone" else _name(figure.role)
    poses = load_poses()
    parts = [f"{who} {poses[figure.pose].doing}", FACINGS[figure.facing]]
    if figure.holds:
        parts.append(f"holding {_name(figure.holds)}")
    if figure.rides:
        parts.append(f"on {_name(figure.rides)}")
    if figure.then:
        parts.append(f"then {poses[figure.then].doing}")
    return f"{_find_side(figure.at[0])}{_find_depth(figure)}: {', '.join(parts)}"


def _describe_thing(thing: Thing) -> str:
    return f"{_name(thing.name)} {_find_side(thing.at[0]).lower()}"


def _find_side(x: float) -> str:
    if x < LEFT_END:
        return "On the left"
    return "On the right" if x > RIGHT_START else "In the middle"


def _find_depth(figure: Figure) -> str:
    if figure.is_near or figure.height >= NEAR_HEIGHT:
        return " in the foreground"
    return " in the distance" if figure.height <= FAR_HEIGHT else ""


def _name(name: str) -> str:
    """Return the name with its article; a row's name is its English label with underscores."""
    words = name.replace("_", " ").strip()
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"
