"""Overlays and cards are visible at their moment and change nothing else."""

import numpy as np
import pytest

from generation.animatic import fonts
from generation.animatic.fonts import FontMissing
from generation.animatic.overlays import create_overlays, text
from generation.animatic.scene import Card, Scene
from generation.animatic.understanding import understand
from tests.generation.animatic.stages import HEIGHT, WIDTH, make_stage

SECONDS = 4.0


def paint_overlays(scene: Scene, t: float, ground: int = 120) -> np.ndarray:
    """Return a grey frame with a lighter square and the overlays of a scene."""
    frame = np.full((HEIGHT, WIDTH, 4), (ground, ground, ground, 255), np.uint8)
    frame[60:140, 100:220, :3] = 200
    for effect in create_overlays(make_stage(seconds=SECONDS), scene):
        effect.paint(frame, t)
    assert (frame[..., 3] == 255).all()
    return frame[..., :3].astype(int)


def measure_change(scene: Scene, t: float) -> float:
    """Return the share of pixels that an overlay changes."""
    return float((np.abs(paint_overlays(scene, t) - paint_overlays(Scene(), t)).max(-1) > 6).mean())


@pytest.mark.parametrize(
    ("name", "during", "before"),
    [("impact", 2.21, 1.0), ("speed_lines", 1.0, None), ("screentone", 1.0, None), ("iris_in", 0.1, 2.0),
     ("iris_out", 3.9, 2.0), ("eye_catch", 2.0, 0.5)],
)  # fmt: skip
def test_an_overlay_is_visible_only_at_its_moment(name, during, before):
    scene = Scene(overlays=(name,))
    assert measure_change(scene, during) > 0.02
    if before is not None:
        assert measure_change(scene, before) == 0


def test_an_iris_closes_to_black_and_opens_from_it():
    assert paint_overlays(Scene(overlays=("iris_out",)), SECONDS - 1 / 24).max() == 0
    assert paint_overlays(Scene(overlays=("iris_in",)), 0.0).max() == 0


def test_an_impact_frame_is_black_and_white_and_then_inverted():
    scene = Scene(overlays=("impact",))
    first, second = paint_overlays(scene, 2.21), paint_overlays(scene, 2.21 + 2 / 24)
    assert np.isin(first, (0, 255)).mean() > 0.85  # the rest is the soft edge of the lines
    assert np.abs(first + second - 255).max() == 0


def test_speed_lines_leave_the_middle_free_and_are_redrawn():
    scene = Scene(overlays=("speed_lines",))
    middle = np.abs(paint_overlays(scene, 1.0) - paint_overlays(Scene(), 1.0))[100:160, 200:280]
    assert (middle.max(-1) > 6).mean() < 0.05
    assert (paint_overlays(scene, 1.0) != paint_overlays(scene, 1.13)).any()


def test_screentone_darkens_shadows_and_spares_light():
    bright = paint_overlays(Scene(overlays=("screentone",)), 1.0)
    assert (bright[70:130, 110:210] == 200).all()
    assert bright[:50].mean() < 120


@pytest.mark.parametrize(
    ("kind", "seen_at", "not_at"), [("title", 1.5, 3.6), ("end", 3.8, 1.0), ("caption", 2.0, None)]
)
def test_a_card_is_visible_only_at_its_time(kind, seen_at, not_at):
    scene = Scene(cards=(Card(kind, "Summer again"),))
    assert measure_change(scene, seen_at) > 0.005
    if not_at is not None:
        assert measure_change(scene, not_at) == 0


@pytest.mark.skipif(fonts.find_east_asian_font() is None, reason="no Chinese or Japanese font here")
@pytest.mark.parametrize("content", ["夏天又来了", "春の嵐　第一話", "對位", "混合 mixed 🌸 テスト"])
def test_chinese_and_japanese_text_is_written_with_real_glyphs(content):
    image = text.render_text(content, 30, 400, "#ffffff")
    other = text.render_text("\u4e00" * len(content), 30, 400, "#ffffff")
    assert image[..., :3].max() > 240
    assert image.shape != other.shape or np.abs(image.astype(int) - other).mean() > 1


def test_chinese_text_without_a_font_raises_a_clear_error(monkeypatch):
    monkeypatch.setattr(fonts, "find_east_asian_font", lambda: None)
    with pytest.raises(FontMissing, match="Install Noto Sans CJK"):
        create_overlays(make_stage(), Scene(cards=(Card("title", "对位"),)))


@pytest.mark.parametrize("content", ["𐎠𐎡𐎢", "Summer 𐎠𐎡", "𓀀𓀁"])
def test_a_title_that_no_font_can_write_raises_an_error(content):
    if content.isprintable() and fonts.can_write(content):
        pytest.skip("a font here has these letters")
    with pytest.raises(FontMissing, match="No font on this machine can write"):
        create_overlays(make_stage(), Scene(cards=(Card("title", content),)))


def test_letters_missing_in_the_first_font_use_another_font(monkeypatch):
    monkeypatch.setattr(fonts, "_drop_missing_glyphs", lambda content, path, _index: content if path == "wide" else "")
    monkeypatch.setattr(fonts, "find_wide_font", lambda: "wide")

    assert fonts.choose_font("فتاة") == ("wide", 0, "فتاة")


def test_an_unspoken_line_that_no_font_can_write_does_not_fail_the_clip(monkeypatch):
    monkeypatch.setattr(fonts, "find_east_asian_font", lambda: None)
    read = understand("海边，「我回来了」")

    assert read.scene.place == "sea" and read.scene.cards == ()
    assert "我回来了" in read.unknown
    create_overlays(make_stage(), read.scene)


def test_latin_text_needs_no_system_font(monkeypatch):
    monkeypatch.setattr(fonts, "find_east_asian_font", lambda: None)
    monkeypatch.setattr(fonts, "find_wide_font", lambda: None)
    assert measure_change(Scene(cards=(Card("title", "Summer – again"),)), 1.5) > 0.005


def test_long_text_shrinks_to_fit_the_frame():
    image = text.render_text("A very long title that goes on and on " * 6, 40, 400, "#ffffff")
    assert image.shape[1] <= 400 and image.shape[0] < 270
    assert text.render_text("x" * 200, 40, 400, "#ffffff").shape[1] <= 400  # even with no place to break


@pytest.mark.parametrize(
    ("content", "is_visible"),
    [("", False), (" ", False), ("\n\n", False), ("a\nb", True), ("🌸a", True), ("\u0600\u0661", True)],
)
def test_odd_text_cannot_break_a_card(content, is_visible):
    written, blank = (tuple(Card(kind, value) for kind in ("title", "caption", "end")) for value in (content, ""))

    shows_text = (paint_overlays(Scene(cards=written), 2.0) != paint_overlays(Scene(cards=blank), 2.0)).any()
    paint_overlays(Scene(cards=written, overlays=("eye_catch",)), 2.0)

    assert shows_text == is_visible


def test_the_eye_catch_carries_the_title_instead_of_a_card():
    scene = Scene(overlays=("eye_catch",), cards=(Card("title", "Break"),))
    assert [effect.name for effect in create_overlays(make_stage(), scene)] == ["eye_catch"]
