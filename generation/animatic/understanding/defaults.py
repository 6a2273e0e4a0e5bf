"""Choose fitting values for what the prompt leaves open, by seed."""

import random
from dataclasses import replace

from ..props import load_props
from ..scene import INDOORS, PEOPLE, WEATHERLESS, Scene, Subject
from .lexicon import load_table
from .view_angles import assign_views


def fill_defaults(scene: Scene, explicit: dict[str, str], refused: frozenset[str], rng: random.Random) -> Scene:
    """Set place, time, weather, camera and particles: to ``explicit`` values, else to defaults not in ``refused``."""
    defaults = load_table("defaults")

    def pick(slot: str, options: list[str], otherwise: str) -> str:
        open_options = [option for option in options if f"{slot}:{option}" not in refused]
        return rng.choice(open_options) if open_options else otherwise

    if not explicit and not scene.subjects and not scene.particles:
        scene = _choose_showcase_scene(scene, refused, rng)
        return replace(scene, camera=pick("camera", defaults["camera"]["back"], "still"))
    weather = explicit.get("weather", "clear")
    place = explicit.get("place") or pick("place", _list_place_options(scene, explicit), "hill")
    if place in INDOORS and any(subject.action == "ride" for subject in assign_views(list(scene.subjects), "")):
        place = pick("place", defaults["place"]["bicycle"], "street")  # no cycling indoors
    hours = defaults["time"].get(scene.style) or defaults["time"].get(place, defaults["time"]["otherwise"])
    time = explicit.get("time") or pick("time", hours, "day")
    view = scene.subjects[0].view if scene.subjects else "none"
    camera = explicit.get("camera") or pick("camera", defaults["camera"][view], "still")
    if not scene.particles and weather == "clear" and place not in ("snowfield", "city"):
        particles = pick("particles", defaults["particles"].get(place, defaults["particles"][time]), "")
        scene = replace(scene, particles=(particles,) if particles else ())
    return replace(scene, place=place, time=time, weather=weather, camera=camera)


def _list_place_options(scene: Scene, explicit: dict[str, str]) -> list[str]:
    """Return the places that suit the first subject, what it does, and the weather of the prompt."""
    places = load_table("defaults")["place"]
    first = scene.subjects[0] if scene.subjects else None
    weather = explicit.get("weather", "clear")
    if weather in places and (not first or weather == "snow"):
        options = places[weather]
    else:
        options = _list_places(scene, first.kind if first else explicit.get("weather", "otherwise"))
        options = options or places["otherwise"]
        if first and first.kind in PEOPLE:  # where people do such things
            options = places.get(first.tool) or places.get(first.action, options)
    if weather != "clear":  # nobody dances in the rain on a stage
        options = [option for option in options if option not in WEATHERLESS] or options
    return options


def _list_places(scene: Scene, kind: str) -> list[str]:
    """Return the places that suit the first subject (``kind``); what swims decides wherever it is named."""
    props = load_props()
    if any(subject.kind in props and props[subject.kind].stands == "water" for subject in scene.subjects):
        return ["sea"]
    return load_table("defaults")["place"].get(kind) or ([props[kind].place] if kind in props else [])


def apply_explicit_values(scene: Scene, explicit: dict[str, str]) -> Scene:
    """Set place, time, weather and camera to explicit values only; a scene over an image gets no defaults."""
    return replace(
        scene,
        place=explicit.get("place", scene.place),
        time=explicit.get("time", scene.time),
        weather=explicit.get("weather", scene.weather),
        camera=explicit.get("camera", scene.camera),
    )


def _choose_showcase_scene(scene: Scene, refused: frozenset[str], rng: random.Random) -> Scene:
    """Return one of a few scenes that always look good, for a prompt in which nothing was understood."""
    offered = load_table("defaults")["anything"]["scenes"]
    scenes = [s for s in offered if not {f"place:{s['place']}", f"time:{s['time']}"} & refused] or offered
    choice = rng.choice(scenes)
    is_unwanted = any(key.startswith("subject:") and "=" not in key for key in refused)
    subjects = () if is_unwanted else (Subject(choice["subject"]),)
    particles = tuple(p for p in choice["particles"] if f"particles:{p}" not in refused)
    return replace(scene, place=choice["place"], time=choice["time"], subjects=subjects, particles=particles)
