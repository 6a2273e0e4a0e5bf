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
    assert read_setting("a girl walks") == {}


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
