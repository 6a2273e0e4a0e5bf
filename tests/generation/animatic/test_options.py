"""Options are combined with what the prompt says."""

import pytest

from generation.animatic.scene import Card, Scene
from generation.animatic.sound import create_soundtrack
from generation.animatic.understanding import understand
from generation.providers.adapters.local.options import OPTIONS, PLACE_SOUNDS, SILENT, apply_options


def test_the_prompt_applies_where_no_option_was_chosen():
    prompt = 'title "Tide", a girl by the sea, speed lines, gentle music, sound of waves, on twos'
    scene = apply_options(understand(prompt).scene, {})
    assert (scene.mood, scene.ambience, scene.on_twos) == ("gentle", "waves", True)
    assert scene.overlays == ("speed_lines",) and scene.cards == (Card("title", "Tide"),)


def test_an_option_overrides_the_prompt():
    scene = understand('title "Tide", the sea in the rain, gentle music').scene
    chosen = apply_options(scene, {"sound": "tense", "title": "Storm", "effects": ["impact"], "place": "city"})
    assert (chosen.mood, chosen.ambience, chosen.place) == ("tense", "rain", "city")
    assert chosen.overlays == ("impact",) and chosen.cards == (Card("title", "Storm"),)
    assert apply_options(scene, {"sound": PLACE_SOUNDS}).mood == ""


def test_choosing_silence_overrides_sounds_in_the_prompt():
    scene = understand("the sea, sound of waves, gentle music").scene
    chosen = apply_options(scene, {"sound": SILENT})
    assert (chosen.ambience, chosen.mood) == ("", "")
    assert create_soundtrack(chosen, 2, 1) is None
    assert create_soundtrack(apply_options(scene, {"sound": ""}), 2, 1) is not None


def test_sound_options_include_from_the_prompt_and_silent():
    (sound,) = [option for option in OPTIONS if option.name == "sound"]
    values = [value for value, _label in sound.choices]
    assert values[0] == "" and SILENT in values


@pytest.mark.parametrize(
    ("scene", "ambience"),
    [
        (Scene("sea", "night"), "waves"),
        (Scene("platform", "day"), "city"),
        (Scene("forest", "day"), "cicadas"),
        (Scene("forest", "night"), "wind"),
        (Scene("shrine", "day", "fog"), "wind"),
        (Scene("snowfield", "day"), "wind"),
        (Scene("sea", "day", "storm"), "rain"),
        (Scene("kitchen", "day"), "simmer"),
        (Scene("kitchen", "day", "rain"), "rain"),
        (Scene("train_carriage", "day", "rain"), "rails"),
        (Scene("shop", "night"), "voices"),
        (Scene("moon", "day", "storm"), "space"),
        (Scene("mountain_road", "day"), "cicadas"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.place} {value.time} {value.weather}",
)
def test_place_sounds_match_the_place(scene, ambience):
    assert apply_options(scene, {"sound": PLACE_SOUNDS}).ambience == ambience
    assert apply_options(scene, {"sound": "hopeful"}).ambience == ambience, "music is added to it"
    assert apply_options(scene, {}).ambience == ""


def test_on_twos_comes_from_the_option_or_the_prompt():
    assert apply_options(Scene(), {"on_twos": True}).on_twos
    assert not apply_options(Scene(), {"on_twos": False}).on_twos
    assert not apply_options(Scene(), {}).on_twos
    assert apply_options(Scene(on_twos=True), {"on_twos": False}).on_twos
