"""Panels of the clips of a story: its cast, its places and the choices beside the prompt."""

import numpy as np
import pytest

from generation.animatic.panels import PICTURE_RATIO, build_panel, read_setting, set_sound_place
from generation.animatic.render import render, render_still
from generation.animatic.scene import Card, Scene, Shot
from generation.animatic.storyboard.page import INSET
from generation.animatic.storyboard.panel import PLACES, Panel


def test_the_cast_takes_the_role_of_its_description():
    cast = [{"name": "Zork", "kind": "person", "description": "an old witch"}]
    [figure] = build_panel("Zork walks", {"cast": cast}).figures

    assert figure.role == "witch"


def test_choices_beside_the_prompt_and_earlier_scenes_fill_what_is_open():
    carried = {"panel": {"place": "forest", "hour": "night", "weather": "rain"}, "cut": "3"}
    panel = build_panel("a girl walks", carried)
    assert (panel.place, panel.hour, panel.weather, panel.cut) == ("forest", "night", "rain", "3")

    own = build_panel("a girl walks through a street at dawn", carried | {"weather": "clear", "camera": "rise"})
    assert (own.place, own.hour, own.weather, own.camera) == ("street", "dawn", "", "tilt_up")


def test_a_scene_passes_on_what_it_names():
    assert read_setting("a girl walks through the forest at night")["place"] == "forest"
    assert read_setting("a girl walks") == {"shown": "a girl walks"}
    assert read_setting("One day it rains.") == {"weather": "rain"}
    assert read_setting("没有人来。") == {}


def test_a_scene_that_shows_nobody_keeps_those_of_the_scene_before():
    carried = {
        "panel": {"place": "field", "variant": "sand", "shown": "a hedgehog opens an umbrella shop in the desert"}
    }
    shop = build_panel("One day it rains.", carried)
    assert ([figure.role for figure in shop.figures], shop.weather) == (["hedgehog"], "rain")
    assert "umbrella" in {thing.name for thing in shop.things}

    assert not build_panel("The street is empty.", carried).figures
    assert [figure.role for figure in build_panel("A fox comes.", carried).figures] == ["fox"]
    [fallen] = build_panel("Nobody comes.", {"panel": {"shown": "Suddenly the king falls."}}).figures
    assert (fallen.pose, fallen.then) == ("fall", "")


@pytest.mark.parametrize("text", ["A fisherman rows out.", "A girl rows a boat on the lake.", "老人在湖上划船。"])
def test_who_rows_sits_in_a_boat_that_is_seen_from_outside(text):
    panel = build_panel(text)
    [figure] = panel.figures

    assert (figure.pose, panel.variant == "ship") == ("row", False)
    assert figure.rides == "boat"


def test_who_rides_a_train_sits_in_it():
    for text in ("A girl rides the train.", "一个女孩坐火车。", "少女が電車に乗る。"):
        panel = build_panel(text)
        assert (panel.place, panel.figures[0].pose) == ("vehicle", "sit")


def test_who_falls_asleep_sleeps_and_drones_hold_no_broom():
    assert build_panel("A nurse falls asleep.").figures[0].pose == "sleep"
    assert "broom" not in str(build_panel("The drones sweep the street."))
    assert not build_panel("Nobody has written for years.").things
    assert build_panel("An old man sweeps the street.").figures[0].holds == "broom"


def test_what_the_place_shows_is_not_drawn_again():
    assert "window" not in {thing.name for thing in build_panel("Grandmother reads by the window in her room.").things}
    moonlit = build_panel("一只熊猫坐在屋顶上，身后是一轮月亮。")
    assert (moonlit.hour, [thing.name for thing in moonlit.things]) == ("night", [])
    two = build_panel("A cowboy walks across the desert under two moons.")
    assert [thing.name for thing in two.things] == ["crescent_moon"] * 2


def test_one_fish_is_one():
    assert [figure.role for figure in build_panel("A cat steals a grilled fish.").figures] == ["cat", "fish"]


def test_the_layout_knows_the_shape_of_the_picture_on_its_sheet():
    left, top, right, bottom = INSET
    assert pytest.approx((right - left) / (bottom - top)) == PICTURE_RATIO


def test_every_place_has_a_sound():
    for place in PLACES:
        assert set_sound_place(Scene(), Panel(place=place)).place


@pytest.mark.parametrize("text", ["", "…", "🦔", "word " * 12_000, "مرحبا بالعالم", "跑跳坐", "a" * 60_000])
def test_any_text_gives_a_panel(text):
    assert build_panel(text).note is not None


def test_a_panel_is_drawn_and_encoded_with_its_card(tmp_path):
    panel = build_panel("a girl reads a letter")
    plain = Shot(Scene(style="storyboard"), 3, 320, 180, 0.5, panel=panel)
    titled = Shot(Scene(style="storyboard", cards=(Card("title", "Letters"),)), 3, 320, 180, 0.5, panel=panel)
    still, card = render_still(plain, 0.25), render_still(titled, 0.25)
    assert still.shape == (180, 320, 3) and still.std() > 5
    assert np.abs(still.astype(int) - card).mean() > 1

    frames = []
    render(
        plain, tmp_path / "panel.mp4", progress=lambda done, total: frames.append((done, total)),
        is_cancelled=lambda: False, show_frame=lambda frame: frames.append(frame.shape),
    )  # fmt: skip
    assert (tmp_path / "panel.mp4").stat().st_size > 1000
    assert frames[0] == (0, 12) and frames[1] == (180, 320, 3) and frames[-1] == (12, 12)
