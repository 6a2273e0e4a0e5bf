"""What an animatic can be told beside its words: sound, movement on twos, effects and a card."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from generation.providers.animatic.scene import Card, Scene
from generation.providers.base import Option

PLACE_SOUNDS = "place"
OPTIONS = (
    Option(
        "sound",
        _("Sound"),
        "one",
        (
            ("", _("Silent")),
            (PLACE_SOUNDS, _("What the place sounds like")),
            ("gentle", _("Gentle music")),
            ("hopeful", _("Hopeful music")),
            ("tense", _("Tense music")),
            ("mysterious", _("Mysterious music")),
            ("playful", _("Playful music")),
        ),
    ),
    Option("on_twos", _("Move on twos, like hand-drawn film"), "flag"),
    Option(
        "effects",
        _("Effects"),
        "many",
        (
            ("impact", _("Impact frames")),
            ("speed_lines", _("Speed lines")),
            ("screentone", _("Screentone")),
            ("iris_in", _("Iris in")),
            ("iris_out", _("Iris out")),
            ("eye_catch", _("Eye-catch")),
        ),
    ),
    Option("title", _("Title card"), "text", limit=60),
)


def with_options(scene: Scene, options: Mapping) -> Scene:
    """The scene with what the person chose beside the words."""
    sound = options.get("sound", "")
    title = options.get("title", "")
    return replace(
        scene,
        ambience=place_sound(scene) if sound else "",
        mood=sound if sound != PLACE_SOUNDS else "",
        on_twos=bool(options.get("on_twos")),
        overlays=tuple(options.get("effects", ())),
        cards=(Card("title", title),) if title else (),
    )


def place_sound(scene: Scene) -> str:
    """The ambience of a place in its weather: rain is heard over everything, cicadas only by day in the green."""
    if scene.weather in ("rain", "storm"):
        return "rain"
    if scene.place == "sea":
        return "waves"
    if scene.place in ("city", "street", "platform", "rooftop"):
        return "city"
    in_summer_green = scene.place in ("hill", "forest", "shrine", "school") and scene.time in ("day", "sunset")
    return "cicadas" if in_summer_green and scene.weather == "clear" else "wind"
