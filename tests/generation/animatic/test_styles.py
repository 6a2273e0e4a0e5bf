"""Every style changes the drawing itself, differs from the others, and is fast per frame."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from generation.animatic import styles
from generation.animatic.layers import Layer
from generation.animatic.light import light_for
from generation.animatic.render import render_still
from generation.animatic.scene import COLOUR_STYLES, STYLES, Scene, Shot, Subject
from generation.animatic.styles import style_for
from generation.animatic.subjects import build_subject
from tests.generation.animatic.stages import find_coverage, make_stage, render_layers

GIRL = Subject("girl", view="front", name="Mika", hair_style="long", clothes="uniform", hair_colour="#6a4450")
OTHERS = [name for name in COLOUR_STYLES if name != "cel"]


@pytest.fixture(scope="module")
def pictures():
    """The same small shot in every style, uint8 BGR."""
    scene = {name: Scene("hill", "day", subjects=(GIRL,), camera="still", style=name) for name in COLOUR_STYLES}
    return {name: render_still(Shot(scene[name], 3, 320, 180, 2.0), 0.3) for name in COLOUR_STYLES}


def draw_figure(style, **subject):
    stage = make_stage(style=style)
    return stage, build_subject(stage, Subject(**{"kind": "girl", "name": "Mika", **subject}), stage.spots[0])


def saturation(picture):
    return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1].mean())


def brightness(picture):
    return float(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).mean())


def test_every_style_looks_different_from_every_other(pictures):
    alike = [
        f"{one} and {other}"
        for one, other in combinations(COLOUR_STYLES, 2)
        if np.abs(pictures[one].astype(int) - pictures[other]).mean() <= 3
    ]

    assert alike == []


def test_every_style_changes_the_figure_and_not_only_the_background():
    plain, cel = draw_figure("cel")
    figure, inside = render_layers(plain, cel), find_coverage(plain, cel)
    unchanged = [
        name for name in OTHERS if np.abs(render_layers(*draw_figure(name)).astype(int) - figure)[inside].mean() <= 4
    ]

    assert unchanged == []


def test_chibi_is_two_to_three_heads_tall_and_cel_five_to_seven():
    def count_heads(style):
        stage, layers = draw_figure(style, hair_style="short", clothes="hoodie")
        shape = find_coverage(stage, layers)
        rows = np.flatnonzero(shape.any(1))
        head = next(layer for layer in layers if layer.name.endswith("head"))
        return (rows[-1] - rows[0]) / (head.y + head.image.shape[0] - rows[0])

    assert 2 < count_heads("chibi") < 3.2
    assert 4.6 < count_heads("cel") < 7
    assert count_heads("seinen") > count_heads("cel")


def test_shonen_has_the_heaviest_lines_and_the_strongest_contrast(pictures):
    def measure_dark(style):
        stage, layers = draw_figure(style, view="front")
        return float(
            (cv2.cvtColor(render_layers(stage, layers), cv2.COLOR_BGR2GRAY)[find_coverage(stage, layers)] < 45).mean()
        )

    assert measure_dark("shonen") > 1.3 * measure_dark("cel")
    assert pictures["shonen"].std() > pictures["cel"].std()


def test_seinen_is_duller_and_darker(pictures):
    assert saturation(pictures["seinen"]) < 0.85 * saturation(pictures["cel"])
    assert brightness(pictures["seinen"]) < 0.9 * brightness(pictures["cel"])


def test_ink_wash_keeps_no_colour_but_red():
    stage = make_stage(style="ink_wash")
    red = Subject("girl", view="front", name="Mika", clothes="hoodie", clothes_colour="#d8323a")
    blue = Subject("girl", view="front", name="Mika", clothes="hoodie", clothes_colour="#3250d8")

    def measure_colours(subject):
        picture = style_for("ink_wash").finish_frame(
            render_layers(stage, build_subject(stage, subject, stage.spots[0])), 0.0
        )
        wide = picture.astype(int)
        return ((wide[..., 2] - wide[..., 0]) > 90).mean(), ((wide[..., 0] - wide[..., 2]) > 25).mean()

    assert measure_colours(red)[0] > 0.03
    assert measure_colours(blue) == (0, 0)


def test_cyberpunk_leans_to_magenta_and_cyan(pictures):
    def measure_tint(name):
        blue, green, red = (pictures[name][..., k].astype(float).mean() for k in range(3))
        return (blue + red) / 2 - green

    assert measure_tint("cyberpunk") > measure_tint("cel") + 15
    light = style_for("cyberpunk").adapt_light(light_for("day", "clear"))
    assert light.rim == "#2fe9ff"


def test_watercolour_is_lighter_and_has_an_unpainted_edge(pictures):
    assert brightness(pictures["watercolour"]) > 0.95 * brightness(pictures["cel"])
    edge = np.concatenate([pictures["watercolour"][0], pictures["watercolour"][-1]])
    assert edge.min(-1).mean() > 215


def test_three_d_has_soft_shades_where_cel_has_flat_ones():
    def measure_flatness(style):
        stage, layers = draw_figure(style, view="front")
        grey = cv2.cvtColor(render_layers(stage, layers), cv2.COLOR_BGR2GRAY).astype(int)
        still_flat = (np.abs(np.diff(grey, axis=1))[:, :-1] == 0) & find_coverage(stage, layers)[:, 2:]
        return still_flat.mean()

    assert measure_flatness("three_d") < 0.8 * measure_flatness("cel")


def test_hand_drawn_lines_tremble_on_twos():
    _, layers = draw_figure("hand_drawn", view="front")
    body = next(layer for layer in layers if layer.name.endswith("body"))

    assert body.redraw is not None
    assert body.redraw(0.0) is body.redraw(1 / 24)
    assert not np.array_equal(body.redraw(0.0), body.redraw(2 / 24))
    assert not any(layer.name.endswith("body") and layer.redraw for layer in draw_figure("cel", view="front")[1])


@pytest.mark.parametrize("name", STYLES)
def test_a_background_layer_keeps_its_shape_and_stays_premultiplied(name):
    stage = make_stage(style=name)
    image = np.zeros((200, 400, 4), np.uint8)
    cv2.circle(image, (200, 100), 80, (60, 140, 90, 255), -1, cv2.LINE_AA)
    after = style_for(name).adapt_layer(Layer("tree", image, 10, 20, 0.4), stage)

    assert (after.x, after.y, after.depth) == (10, 20, 0.4)
    assert after.image.shape == image.shape
    assert np.abs(after.image[..., 3].astype(int) - image[..., 3]).mean() < 6
    assert (after.image[..., :3].max(-1).astype(int) <= after.image[..., 3].astype(int) + 2).all()


NAMES = (
    r"ghibli|shinkai|miyazaki|kyoani|kyoto animation|\btoei\b|mappa|pixar|disney|toriyama|hosoda|ufotable|madhouse|"
    r"吉卜力|宫崎骏|宮崎|新海|京阿尼|京都动画|东映|迪士尼|皮克斯|鸟山明|鳥山明|细田守|細田守|ジブリ|ディズニー|東映"
)


def test_no_style_is_named_after_a_studio_or_a_person():
    """Neither in code, nor in prompts, nor in labels of any language."""
    package = Path(styles.__file__).parents[1]
    root = package.parents[1]
    labels = [
        root / "generation" / name for name in ("providers/styles.py", "providers/prompt.py", "composer/options.py")
    ]
    files = [*package.rglob("*.py"), *package.rglob("*.toml"), *labels, *root.glob("locale/**/*.po")]
    assert len(files) > 100 and any(path.suffix == ".po" for path in files)

    found = {str(path.relative_to(root)): re.findall(NAMES, path.read_text("utf-8").lower()) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


def draw_frame(t, style="shonen", **scene):
    shot = Shot(Scene("city", "night", camera="still", style=style, **scene), 3, 320, 180, 2.0)
    return render_still(shot, t).astype(int)


def test_shonen_draws_speed_lines_behind_a_runner():
    runner = (Subject("boy", view="side", action="run"),)
    calm, rushing, empty = (
        draw_frame(1.0, subjects=runner, refused_overlays=("speed_lines",)),
        draw_frame(1.0, subjects=runner),
        draw_frame(1.0),
    )
    lines = rushing - calm

    assert 0.03 < (lines.max(-1) > 60).mean() < 0.5, "no lines, or nothing but lines"
    assert lines.min() > -6, "the lines darken the picture"
    figure = cv2.erode((np.abs(calm - empty).max(-1) > 30).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert figure.sum() > 60 and (np.abs(lines).max(-1) > 30)[figure].mean() < 0.05, "the lines cross the runner"
    over = draw_frame(1.0, subjects=runner, overlays=("speed_lines",)) - calm
    assert (over.max(-1) > 60)[figure].mean() > 0.05, "requested lines do not lie over the runner"
    for options in (
        {"style": "cel", "subjects": runner},
        {"subjects": (Subject("boy", view="side", action="walk"),)},
    ):
        assert not (draw_frame(1.0, **options) - draw_frame(1.0, refused_overlays=("speed_lines",), **options)).any()


@pytest.mark.parametrize("mood", ["angry", pytest.param("surprised", marks=pytest.mark.deep)])
def test_shonen_draws_an_impact_frame_for_angry_and_surprised_faces(mood):
    def measure_impact(**more):
        frame = draw_frame(1.12, **{"subjects": (Subject("girl", view="front", expression=mood),), **more})
        return float(((frame < 3) | (frame > 252)).all(-1).mean())

    assert measure_impact() > 0.75, "no black and white frame"
    assert measure_impact(refused_overlays=("impact",)) < 0.3
    assert measure_impact(style="cel") < 0.3
    assert measure_impact(subjects=(Subject("girl", view="front", expression="smile"),)) < 0.3
    assert measure_impact(subjects=(Subject("girl", view="back", expression=mood),)) < 0.3


def test_shonen_adds_no_action_effects_over_a_picture(tmp_path):
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((180, 320, 3), (90, 120, 150), np.uint8))
    runner = Scene(
        camera="still", style="shonen", subjects=(Subject("boy", view="front", expression="angry", action="run"),)
    )
    one, other = (
        render_still(Shot(scene, 3, 320, 180, 2.0, picture=path), 1.12)
        for scene in (runner, replace(runner, subjects=()))
    )

    assert np.array_equal(one, other)


def test_seinen_draws_more_detail_than_its_lines_alone(monkeypatch):
    def measure_detail():
        stage, layers = draw_figure("seinen", view="front", clothes="uniform")
        fine = np.abs(cv2.Laplacian(cv2.cvtColor(render_layers(stage, layers), cv2.COLOR_BGR2GRAY), cv2.CV_32F))
        inside = cv2.erode(find_coverage(stage, layers).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        return float(fine[inside].mean())

    hatched = measure_detail()
    plain = style_for("seinen")
    monkeypatch.setitem(styles._STYLES, "seinen", replace(plain, ink=replace(plain.ink, texture=None)))
    bare = measure_detail()

    assert bare > 0.5 and hatched > 1.15 * bare
