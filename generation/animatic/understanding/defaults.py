"""What the words left open, chosen by the seed: something pretty that fits what they said."""

import random
from dataclasses import replace

from ..scene import Scene, Subject
from .lexicon import load_table
from .view_angles import assign_views

INDOORS = ("room", "classroom")


def fill_defaults(scene: Scene, said: dict[str, str], refused: frozenset[str], chance: random.Random) -> Scene:
    """Choose what the words left open."""
    defaults = load_table("defaults")

    def pick(slot: str, options: list[str], otherwise: str) -> str:
        open_options = [option for option in options if f"{slot}:{option}" not in refused]
        return chance.choice(open_options) if open_options else otherwise

    if not said and not scene.subjects and not scene.particles:
        scene = _choose_showcase_scene(scene, refused, chance)
        return replace(scene, camera=pick("camera", defaults["camera"]["back"], "still"))
    kind = scene.subjects[0].kind if scene.subjects else said.get("weather", "otherwise")
    weather = said.get("weather", "clear")
    by_weather = weather in defaults["place"] and (not scene.subjects or weather == "snow")
    options = defaults["place"].get(weather if by_weather else kind, defaults["place"]["otherwise"])
    place = said.get("place") or pick("place", options, "hill")
    if place in INDOORS and any(subject.action == "ride" for subject in assign_views(list(scene.subjects), "")):
        place = pick("place", defaults["place"]["bicycle"], "street")  # nobody cycles through a room
    hours = defaults["time"].get(scene.style) or defaults["time"].get(place, defaults["time"]["otherwise"])
    time = said.get("time") or pick("time", hours, "day")
    view = scene.subjects[0].view if scene.subjects else "none"
    camera = said.get("camera") or pick("camera", defaults["camera"][view], "still")
    if not scene.particles and weather == "clear" and place not in ("snowfield", "city"):
        drift = pick("particles", defaults["particles"].get(place, defaults["particles"][time]), "")
        scene = replace(scene, particles=(drift,) if drift else ())
    return replace(scene, place=place, time=time, weather=weather, camera=camera)


def apply_explicit_values(scene: Scene, said: dict[str, str]) -> Scene:
    """The scene over a picture: nothing is made up."""
    return replace(
        scene,
        place=said.get("place", scene.place),
        time=said.get("time", scene.time),
        weather=said.get("weather", scene.weather),
        camera=said.get("camera", scene.camera),
    )


def _choose_showcase_scene(scene: Scene, refused: frozenset[str], chance: random.Random) -> Scene:
    """Nothing was understood: one of a few shots that always look good."""
    offered = load_table("defaults")["anything"]["scenes"]
    scenes = [s for s in offered if not {f"place:{s['place']}", f"time:{s['time']}"} & refused] or offered
    choice = chance.choice(scenes)
    is_unwanted = any(key.startswith("subject:") and "=" not in key for key in refused)
    subjects = () if is_unwanted else (Subject(choice["subject"]),)
    drift = tuple(p for p in choice["particles"] if f"particles:{p}" not in refused)
    return replace(scene, place=choice["place"], time=choice["time"], subjects=subjects, particles=drift)
