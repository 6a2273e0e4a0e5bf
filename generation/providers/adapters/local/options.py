"""Options of the animatic on the form, and their effect on a scene."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from generation.animatic.scene import SETTINGS, Card, Scene
from generation.providers.base import Option

PLACE_SOUNDS, SILENT = "place", "silent"
BOARD_LINES = 480  # resolution of a storyboard's clips, so that a whole film is drawn within a minute
SCENE_SLOTS = ("place", "time", "weather", "camera")  # options that replace what the prompt says
PLACE_AMBIENCES = {
    "sea": "waves",
    "city": "city",
    "street": "city",
    "platform": "city",
    "rooftop": "city",
    "kitchen": "simmer",
    "moon": "space",
    "stage": "voices",
    "shop": "voices",
    "train_carriage": "rails",
}
LOUD_PLACES = ("moon", "stage", "shop", "train_carriage")  # whose sound is heard in any weather
FROM_PROMPT = ("", _("From the prompt"))
EFFECTS = Option(
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
)
TITLE = Option("title", _("Title card"), "text", limit=60)
OPTIONS = (
    Option(
        "place",
        _("Place"),
        "one",
        (
            FROM_PROMPT,
            ("hill", _("Hill")),
            ("sea", _("Sea")),
            ("city", _("City")),
            ("rooftop", _("Rooftop")),
            ("school", _("School")),
            ("classroom", _("Classroom window")),
            ("street", _("Street")),
            ("forest", _("Forest")),
            ("shrine", _("Shrine")),
            ("snowfield", _("Snow field")),
            ("platform", _("Train platform")),
            ("room", _("Room")),
            ("shop", _("Shop or restaurant")),
            ("kitchen", _("Kitchen")),
            ("train_carriage", _("Train carriage")),
            ("stage", pgettext_lazy("of a theatre", "Stage")),
            ("moon", _("Moon")),
            ("mountain_road", _("Mountain road")),
            ("castle", _("Castle")),
        ),
    ),
    Option(
        "time",
        _("Time of day"),
        "one",
        (FROM_PROMPT, ("dawn", _("Dawn")), ("day", _("Day")), ("sunset", _("Sunset")), ("night", _("Night"))),
    ),
    Option(
        "weather",
        _("Weather"),
        "one",
        (
            FROM_PROMPT,
            ("clear", _("Clear")),
            ("rain", _("Rain")),
            ("snow", _("Snow")),
            ("fog", _("Fog")),
            ("storm", _("Storm")),
        ),
    ),
    Option(
        "camera",
        _("Camera"),
        "one",
        (
            FROM_PROMPT,
            ("push", _("Push in")),
            ("pull", _("Pull out")),
            ("pan_left", _("Pan left")),
            ("pan_right", _("Pan right")),
            ("tilt_up", _("Tilt up")),
            ("tilt_down", _("Tilt down")),
            ("rise", _("Rise")),
            ("still", _("Still")),
            ("handheld", _("Handheld")),
        ),
    ),
    Option(
        "sound",
        _("Sound"),
        "one",
        (
            FROM_PROMPT,
            (SILENT, _("Silent")),
            (PLACE_SOUNDS, _("Ambient sound")),
            ("gentle", _("Gentle music")),
            ("hopeful", _("Hopeful music")),
            ("tense", _("Tense music")),
            ("mysterious", _("Mysterious music")),
            ("playful", _("Playful music")),
        ),
    ),
    Option("on_twos", _("Animate on twos, as in hand-drawn animation"), "flag"),
    EFFECTS,
    TITLE,
)


def apply_options(scene: Scene, options: Mapping) -> Scene:
    """Return the scene with the user's choices; what the user did not choose stays as in the prompt."""
    changed = {slot: options[slot] for slot in SCENE_SLOTS if options.get(slot)}
    scene = replace(scene, **changed)
    if options.get("setting") in SETTINGS.get(scene.place, ()):  # carried over from an earlier scene of the story
        scene = replace(scene, setting=options["setting"])
    ambience, mood = _choose_sounds(scene, options.get("sound", ""))
    title = options.get("title", "")
    return replace(
        scene,
        ambience=ambience,
        mood=mood,
        on_twos=scene.on_twos or bool(options.get("on_twos")),
        overlays=tuple(dict.fromkeys((*scene.overlays, *options.get("effects", ())))),
        cards=(Card("title", title), *(card for card in scene.cards if card.kind != "title")) if title else scene.cards,
    )


def _choose_sounds(scene: Scene, chosen: str) -> tuple[str, str]:
    """Return (ambience, mood): those of the user's choice, or of the prompt if the user chose no sound."""
    if not chosen:
        return scene.ambience, scene.mood
    if chosen == SILENT:
        return "", ""
    return scene.ambience or choose_ambience(scene), "" if chosen == PLACE_SOUNDS else chosen


def choose_ambience(scene: Scene) -> str:
    """Return the background sound of the scene's place in its weather and at its time; rain drowns out most places."""
    if scene.place in LOUD_PLACES:
        return PLACE_AMBIENCES[scene.place]
    if scene.weather in ("rain", "storm"):
        return "rain"
    if scene.place in PLACE_AMBIENCES:
        return PLACE_AMBIENCES[scene.place]
    in_summer_green = scene.place in ("hill", "forest", "shrine", "school", "mountain_road") and scene.time in (
        "day",
        "sunset",
    )
    return "cicadas" if in_summer_green and scene.weather == "clear" else "wind"
