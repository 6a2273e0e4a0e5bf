"""What is chosen beside the words joins what the words say."""

import pytest

from generation.animatic.scene import Card, Scene
from generation.animatic.sound import soundtrack
from generation.animatic.understanding import understand
from generation.providers.adapters.local.options import OPTIONS, PLACE_SOUNDS, SILENT, with_options


def test_what_the_words_say_stays_where_nothing_was_chosen():
    words = 'title "Tide", a girl by the sea, speed lines, gentle music, sound of waves, on twos'
    scene = with_options(understand(words).scene, {})
    assert (scene.mood, scene.ambience, scene.on_twos) == ("gentle", "waves", True)
    assert scene.overlays == ("speed_lines",) and scene.cards == (Card("title", "Tide"),)


def test_a_choice_wins_over_the_words():
    scene = understand('title "Tide", the sea in the rain, gentle music').scene
    chosen = with_options(scene, {"sound": "tense", "title": "Storm", "effects": ["impact"], "place": "city"})
    assert (chosen.mood, chosen.ambience, chosen.place) == ("tense", "rain", "city")
    assert chosen.overlays == ("impact",) and chosen.cards == (Card("title", "Storm"),)
    assert with_options(scene, {"sound": PLACE_SOUNDS}).mood == ""


def test_silence_that_was_chosen_wins_over_words_that_ask_for_sound():
    scene = understand("the sea, sound of waves, gentle music").scene
    chosen = with_options(scene, {"sound": SILENT})
    assert (chosen.ambience, chosen.mood) == ("", "")
    assert soundtrack(chosen, 2, 1) is None
    assert soundtrack(with_options(scene, {"sound": ""}), 2, 1) is not None


def test_leaving_the_sound_to_the_words_is_a_choice_of_its_own():
    (sound,) = [option for option in OPTIONS if option.name == "sound"]
    values = [value for value, _label in sound.choices]
    assert values[0] == "" and SILENT in values


@pytest.mark.parametrize(
    ("scene", "heard"),
    [
        (Scene("sea", "night"), "waves"),
        (Scene("platform", "day"), "city"),
        (Scene("forest", "day"), "cicadas"),
        (Scene("forest", "night"), "wind"),
        (Scene("shrine", "day", "fog"), "wind"),
        (Scene("snowfield", "day"), "wind"),
        (Scene("sea", "day", "storm"), "rain"),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{each.place} {each.time} {each.weather}",
)
def test_a_place_sounds_like_what_is_there(scene, heard):
    assert with_options(scene, {"sound": PLACE_SOUNDS}).ambience == heard
    assert with_options(scene, {"sound": "hopeful"}).ambience == heard, "music goes with it"
    assert with_options(scene, {}).ambience == ""


def test_moving_on_twos_can_be_chosen_and_words_that_ask_for_it_are_kept():
    assert with_options(Scene(), {"on_twos": True}).on_twos
    assert not with_options(Scene(), {"on_twos": False}).on_twos
    assert not with_options(Scene(), {}).on_twos
    assert with_options(Scene(on_twos=True), {"on_twos": False}).on_twos
