"""Build the storyboard panel of a clip from its prompt and the options of its story."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from .scene import Scene
from .staging.model import Act, Named, Spot, Staging
from .staging.reading import read_staging
from .staging.written import read_written_staging
from .storyboard.directing import list_named
from .storyboard.layout import lay_out
from .storyboard.panel import Panel
from .storyboard.panel_json import read_panel

NO_OPTIONS: Mapping = MappingProxyType({})
PICTURE_RATIO = 0.94 / 0.75  # of the picture to that of its sheet (storyboard.page.INSET)
SETTING = ("place", "variant", "hour", "weather")  # what the scenes of a story carry over
HOURS = {"dawn": "dawn", "day": "day", "sunset": "dusk", "night": "night"}
WEATHERS = {"clear": "", "rain": "rain", "snow": "snow", "fog": "fog", "storm": "storm"}
CAMERAS = {
    "push": "push",
    "pull": "pull",
    "pan_left": "pan_left",
    "pan_right": "pan_right",
    "tilt_up": "tilt_up",
    "tilt_down": "tilt_down",
    "rise": "tilt_up",
    "still": "hold",
    "handheld": "hold",
}
SOUND_PLACES = {  # place of a panel → place of the colour pictures that sounds like it
    "room": "room",
    "shop": "shop",
    "corridor": "room",
    "street": "street",
    "field": "hill",
    "shore": "sea",
    "forest": "forest",
    "mountain": "mountain_road",
    "space": "moon",
    "underwater": "sea",
    "stage": "stage",
    "arena": "stage",
    "vehicle": "train_carriage",
    "sky": "hill",
    "water": "sea",
    "rooftop": "rooftop",
    "bridge": "hill",
    "unknown": "hill",
}
SOUND_TIMES = {hour: time for time, hour in HOURS.items()}


def build_panel(prompt: str, options: Mapping = NO_OPTIONS, *, seed: int = 0, ratio: float = 16 / 9) -> Panel:
    """Return the panel of a prompt. ``ratio``: width ÷ height of the frame.

    Of the ``options`` it reads the cast, the name of the place, what earlier scenes carry over (``panel``), time,
    weather, camera and the number of the cut; if the panel was directed by hand (``staging``), only that and the cut.
    Raises PanelRefused if that is no panel.
    """
    cut = str(options.get("cut") or "1")
    if options.get("staging"):
        return read_panel(options["staging"], cut)
    staging = read_story_staging(prompt, options)
    return lay_out(staging, cut, seed, ratio * PICTURE_RATIO)


def build_written_panel(value: Any, text: str, *, ratio: float = 16 / 9) -> Panel | None:
    """Return the panel that a language model wrote as JSON for the shot ``text``; None if it shows nothing."""
    staging = read_written_staging(value, text)
    return None if staging is None else lay_out(staging, ratio=ratio * PICTURE_RATIO)


def read_story_staging(prompt: str, options: Mapping = NO_OPTIONS) -> Staging:
    """Read a prompt together with the options of its story."""
    staging = _cast_names(read_staging(prompt), options)
    if not staging.place and (heading := str(options.get("place_name") or "")):
        place = read_staging(heading)
        staging = replace(staging, place=place.place, variant=place.variant)
    carried = options.get("panel") or {}
    if carried.get("shown") and not staging.place and not shows_something(staging):
        staging = _keep_shown(staging, _cast_names(read_staging(carried["shown"]), options))
    missing: dict[str, Any] = {
        name: carried[name] for name in SETTING if carried.get(name) and not getattr(staging, name)
    }
    if staging.place:  # the variant belongs to its place
        missing.pop("variant", None)
    return _apply_choices(replace(staging, **missing), options)


def read_setting(prompt: str, options: Mapping = NO_OPTIONS) -> dict[str, str]:
    """Return what the scenes after a prompt may keep: place, variant, hour and weather, as far as it names them.

    ``shown`` is the prompt itself, if it names somebody or something to draw.
    """
    if options.get("staging"):
        panel = read_panel(options["staging"])
        return {name: value for name in SETTING if (value := getattr(panel, name)) and value != "unknown"}
    staging = read_story_staging(prompt, options)
    found = {name: value for name in SETTING if (value := getattr(staging, name))}
    return found | ({"shown": prompt} if shows_something(staging) else {})


def shows_something(staging: Staging) -> bool:
    """Return whether a sentence names anybody or anything that can be drawn: "Nobody comes" and "It rains" do not."""
    return any(named.name and named.count != 0 for named in list_named(staging))


def _keep_shown(staging: Staging, before: Staging) -> Staging:
    """Return the staging with those of the scene before it, who go on with what they did last."""
    acts = tuple(replace(act, pose=act.then or act.pose, then="", is_turn=False) for act in before.acts)
    return replace(staging, acts=(*acts, *staging.acts), things=before.things, spots=before.spots)


def set_sound_place(scene: Scene, panel: Panel) -> Scene:
    """Return the scene at the place, time and weather of its panel, by which its ambient sound is chosen."""
    weather = {"wind": "clear", "sand": "clear"}.get(panel.weather, panel.weather or "clear")
    return replace(scene, place=SOUND_PLACES[panel.place], time=SOUND_TIMES[panel.hour], weather=weather)


def _apply_choices(staging: Staging, options: Mapping) -> Staging:
    chosen: dict[str, Any] = {
        "hour": HOURS.get(str(options.get("time"))),
        "weather": WEATHERS.get(str(options.get("weather"))),
        "camera": CAMERAS.get(str(options.get("camera"))),
    }
    found: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    return replace(staging, **found)


def _cast_names(staging: Staging, options: Mapping) -> Staging:
    """Give those whom the sentence calls by name the role that their story describes."""
    roles = {}
    for member in options.get("cast", ()):
        name = str(member.get("name") or "").strip()
        if name and member.get("kind", "person") in ("person", "animal") and (role := _find_role(member)):
            roles[name.casefold()] = role
    return _rename(staging, roles) if roles else staging


def _find_role(member: Mapping) -> str:
    """Return the role or animal that the description of a character names first; someone, for a person without."""
    for text in (str(member.get("description") or ""), str(member["name"])):
        staging = read_staging(text) if text else Staging("")
        named = [*(actor for act in staging.acts for actor in act.actors), *staging.things]
        role = next((one.name for one in named if one.is_actor and one.name not in ("", "someone")), "")
        if role:
            return role
    return "someone" if member.get("kind", "person") == "person" else ""


def _rename(staging: Staging, roles: Mapping[str, str]) -> Staging:
    def rename(named: Named | None) -> Any:
        if named is None:
            return None
        words = named.words.casefold()
        role = next((role for name, role in roles.items() if name in words), "")
        return replace(named, name=role, is_actor=True) if role and named.name in ("", "someone") else named

    def rename_act(act: Act) -> Act:
        parts = {part: rename(getattr(act, part)) for part in ("object", "tool", "partner", "receiver")}
        return replace(act, actors=tuple(rename(actor) for actor in act.actors), **parts)

    return replace(
        staging,
        acts=tuple(rename_act(act) for act in staging.acts),
        things=tuple(rename(named) for named in staging.things),
        spots=tuple(Spot(spot.relation, rename(spot.named)) for spot in staging.spots),
    )
