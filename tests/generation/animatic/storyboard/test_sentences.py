"""What a panel shows, in sentences for the prompt of a model."""

from generation.animatic.storyboard import sentences
from generation.animatic.storyboard.catalogue import load_poses
from generation.animatic.storyboard.panel import CAMERAS, FACINGS, HOURS, WEATHERS, Figure, Panel, Thing


def test_figures_are_told_with_pose_place_direction_and_turn():
    owl = Figure("owl", "sit", (0.8, 0.9), facing="left", height=0.9, holds="umbrella", rides="bicycle", then="fly")
    panel = Panel(figures=(owl, Figure("old_man", "walk", (0.2, 0.6), facing="back", height=0.15), Figure("someone")))

    assert sentences.describe_panel(panel) == [
        "On the right in the foreground: an owl sitting, facing left, holding an umbrella, on a bicycle, then flying",
        "On the left in the distance: an old man walking, seen from behind",
        "In the middle: somebody standing, facing right",
    ]


def test_things_hour_weather_and_camera_are_told_unless_the_prompt_says_them():
    things = (Thing("lighthouse", (0.1, 0.8)), Thing("sailboat", (0.7, 0.8)))
    panel = Panel(things=things, hour="night", weather="rain", camera="pan_left")
    shown = "Also in the picture: a lighthouse on the left, a sailboat on the right"

    assert sentences.describe_panel(panel) == [shown, "at night", "In rain", "pan left"]
    assert sentences.describe_panel(panel, omit=frozenset({"hour", "weather", "camera"})) == [shown]


def test_an_empty_panel_says_nothing():
    assert sentences.describe_panel(Panel(note="She waits.", place="shore")) == []


def test_everything_that_a_panel_can_hold_has_its_words():
    assert all(pose.doing for pose in load_poses().values())
    assert set(sentences.FACINGS) == set(FACINGS)
    assert set(sentences.HOURS) == {*HOURS} - {"day"}
    assert set(sentences.WEATHERS) == {*WEATHERS} - {""}
    assert set(sentences.CAMERAS) == {*CAMERAS} - {"hold"}
