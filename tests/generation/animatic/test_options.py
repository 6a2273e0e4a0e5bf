"""What is chosen beside the words joins what the words say."""

from generation.providers.animatic.options import PLACE_SOUNDS, with_options
from generation.providers.animatic.scene import Card
from generation.providers.animatic.understanding import understand


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
