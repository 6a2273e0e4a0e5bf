"""Tests of the staging that a language model writes as JSON."""

import pytest

from generation.animatic.staging.written import describe_format, read_written_staging
from generation.animatic.storyboard.layout import lay_out

WRITTEN = {
    "place": "forest",
    "hour": "night",
    "weather": "rain",
    "camera": "pan_left",
    "who": [
        {"is": "old samurai", "does": "fight", "then": "kneel", "holds": "katana", "with": "wolf"},
        {"is": "children", "count": 3, "does": "hide"},
    ],
    "things": [{"is": "lantern", "relation": "beside"}, {"is": "moon", "relation": ""}],
}


def test_a_written_staging_is_laid_out():
    panel = lay_out(read_written_staging(WRITTEN, "The duel."))

    assert (panel.place, panel.hour, panel.weather, panel.camera) == ("forest", "night", "rain", "pan_left")
    assert sorted(one.role for one in panel.figures) == ["child", "child", "child", "samurai", "wolf"]
    samurai = next(one for one in panel.figures if one.role == "samurai")
    assert (samurai.pose, samurai.then) == ("fight", "kneel")
    assert {"crescent_moon", "red_paper_lantern"} <= {thing.name for thing in panel.things} | {samurai.holds}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "a fox",
        {},
        {"who": "a fox", "things": 7, "place": None},
        {"who": [{"does": "walk"}, 5], "place": "x" * 5000},
    ],
)
def test_what_shows_nothing_is_no_staging(value):
    assert read_written_staging(value, "A fox.") is None


@pytest.mark.parametrize("count", [float("nan"), -3, 10**9, True, "many"])
def test_values_without_sense_are_left_out(count):
    row = {"is": "fox", "count": count, "does": "teleport", "then": 4, "holds": {}}

    panel = lay_out(read_written_staging({"who": [row], "hour": "soon", "weather": [], "camera": "fly"}, "A fox."))

    assert {one.role for one in panel.figures} == {"fox"} and len(panel.figures) < 13
    assert {(one.pose, one.then, one.holds) for one in panel.figures} == {("stand", "", "")}
    assert (panel.hour, panel.weather) == ("day", "")


def test_the_format_names_every_pose_and_relation():
    asked = describe_format()

    assert "opposite" in asked and "look_up" in asked and "tilt_down" in asked
