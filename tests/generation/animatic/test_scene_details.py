"""Views of places, faces and small things that a blind review found weak (docs/animatic-look.md)."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic import placement
from generation.animatic.continuity import apply_story_place
from generation.animatic.layers import Spot
from generation.animatic.places import build_place
from generation.animatic.render import ShotRenderer, create_stage, render_still
from generation.animatic.scene import SETTINGS, Scene, Shot, Subject
from generation.animatic.subjects import build_subject
from generation.animatic.understanding import understand
from generation.animatic.weather.fireworks import build_fireworks
from tests.matrix import deep_except

from .stages import draw_subject, find_coverage, find_layer, get_alpha, make_stage, render_layers

SIZE = (320, 180)


def make_shot(scene: Scene, seed: int = 5) -> Shot:
    return Shot(scene, seed, *SIZE, 2.0)


def place_cast(
    scene: Scene, monkeypatch, seed: int = 5, size: tuple[int, int] = (120, 68)
) -> list[tuple[Subject, Spot]]:
    """Return the drawn subjects and their spots."""
    out = []
    monkeypatch.setattr(placement, "build_subject", lambda _stage, subject, spot: out.append((subject, spot)) or [])
    stage = create_stage(Shot(scene, seed, *size, 2.0))
    build_place(scene.place, stage)
    placement.place_subjects(stage, scene)
    return out


@pytest.mark.parametrize("place", deep_except(SETTINGS, "sea", "shop"))
def test_a_place_shows_the_requested_view_with_every_seed(place):
    views = []
    for setting in SETTINGS[place]:
        names = set()
        for seed in (1, 2):
            stage = create_stage(Shot(Scene(place, "day", setting=setting), seed, 96, 54, 2.0))
            names.add(frozenset(layer.name for layer in build_place(place, stage)))
        views.append(frozenset.intersection(*names))
    assert len(set(views)) == len(SETTINGS[place]), "two views have the same layers"


def test_the_name_of_a_place_decides_its_view_in_every_shot():
    prompt = understand("a girl runs past the pier", seed=1)
    options = {"place_name": "Yuigahama beach", "cast": ()}
    assert prompt.scene.setting == "bay"
    assert apply_story_place(prompt.scene, options, prompt.chips).setting == "beach"
    assert apply_story_place(prompt.scene, {"place_name": "Onomichi", "cast": ()}, prompt.chips).setting == ""


def _measure_free_forehead(kind: str) -> float:
    """Return the share of the forehead that the hair leaves free, at the upper edge of the brows."""
    _, layers = draw_subject(Subject(kind, view="front", hair_style="bob"), seed=3)
    fringe, head = find_layer(layers, "fringe"), find_layer(layers, "head")
    rows, middle = fringe.image.shape[0], fringe.image.shape[1] // 2
    assert head.image.any()
    return float((fringe.image[int(rows * 0.6) :, middle - 14 : middle + 14, 3] < 40).mean())


def test_old_people_have_lined_foreheads():
    assert _measure_free_forehead("elder") > _measure_free_forehead("woman") + 0.12, (
        "hair hides the lines of the forehead"
    )
    lines = {}
    for kind in ("elder", "girl"):
        _, layers = draw_subject(Subject(kind, view="front", hair_style="bun", hair_colour="#b8bccb"), seed=3)
        head = find_layer(layers, "head").image
        grey = cv2.cvtColor(head, cv2.COLOR_BGRA2GRAY)
        inside = cv2.erode(head[..., 3], np.ones((9, 9), np.uint8)) > 250
        lines[kind] = float(np.abs(cv2.Laplacian(grey, cv2.CV_32F))[inside].mean())
    assert lines["elder"] > 1.4 * lines["girl"]


def test_sleeping_people_keep_their_eyes_closed_and_tired_people_blink():
    moments = np.arange(0.0, 4.0, 0.1)
    for asleep in (True, False):
        _, layers = draw_subject(Subject("man", view="front", expression="sleepy", asleep=asleep))
        shut = [get_alpha(find_layer(layers, "eyes closed"), t) == 1.0 for t in moments]
        assert all(shut) is asleep
    assert understand("男人睡着了").scene.subjects[0].asleep
    assert not understand("a tired man").scene.subjects[0].asleep


@pytest.mark.parametrize(
    "prompt", ["a girl waves, a boy smiles, close-up, platform", "微笑的女孩，生气的男孩，哭泣的女人"]
)
def test_several_faces_do_not_hide_each_other(prompt):
    film = ShotRenderer(make_shot(understand(prompt, seed=4).scene))
    heads = [part.layer for part in film.compositor.parts if getattr(part, "layer", None) is not None]
    boxes = sorted((one.x, one.x + one.image.shape[1]) for one in heads if one.name.endswith(" head"))
    assert len(boxes) > 1
    assert all(left[1] < right[0] + 2 for left, right in pairwise(boxes))


@pytest.mark.parametrize(("place", "seed"), [("rooftop", 2), ("beach", 3)])
def test_two_people_face_each_other(place, seed, monkeypatch):
    scene = understand(f"a boy and a girl facing each other, {place}").scene
    (_, left), (_, right) = sorted(place_cast(scene, monkeypatch, seed), key=lambda placed: placed[1].x)
    assert (left.facing, right.facing) == (1, -1)
    assert 0.2 < (right.x - left.x) / left.height < 1


def test_two_people_facing_each_other_stay_on_the_jetty(monkeypatch):
    two = (Subject("boy", view="side"), Subject("girl", view="side"))
    for seed in range(1, 5):
        for _, spot in place_cast(Scene("sea", "day", setting="bay", subjects=two), monkeypatch, seed, (68, 120)):
            assert spot.ends is not None and spot.ends[0] < spot.x < spot.ends[1]


@pytest.mark.parametrize(
    ("scene", "clothes"),
    [
        (Scene("classroom", subjects=(Subject("girl"),)), "uniform"),
        (Scene("street", weather="snow", subjects=(Subject("man"),)), "coat"),
        (Scene("classroom", subjects=(Subject("girl", clothes="dress"),)), "dress"),
        (Scene("classroom", subjects=(Subject("girl", name="Aki"),)), ""),  # a named character keeps her clothes
        (Scene("room", weather="snow", subjects=(Subject("elder"),)), "casual"),
    ],
)
def test_people_without_described_clothes_are_dressed_for_the_place(scene, clothes, monkeypatch):
    assert place_cast(scene, monkeypatch)[0][0].clothes == clothes


def _find_balloons(scene: Scene) -> list:
    film = ShotRenderer(make_shot(scene))
    layers = [part.layer for part in film.compositor.parts if getattr(part, "layer", None) is not None]
    return [layer for layer in layers if "balloon" in layer.name]


def test_a_balloon_beside_people_is_a_toy_on_a_string():
    scene = Scene(
        "hill", "day", camera="still", subjects=(Subject("girl", view="side", action="walk"), Subject("balloon"))
    )
    (toy,) = _find_balloons(scene)
    assert toy.name.startswith("toy balloon")
    assert abs(toy.motion(1.9).dx - toy.motion(0.1).dx) > 2
    three = (Subject("child"), Subject("balloon", count=3))
    assert len(_find_balloons(Scene("hill", "day", subjects=three))) == 3


@pytest.mark.parametrize("prompt", ["a girl watches a hot air balloon", "女孩看着热气球", "気球を見る少女"])
def test_a_hot_air_balloon_is_not_a_toy(prompt):
    (balloon,) = _find_balloons(understand(prompt).scene)
    assert balloon.name == "balloon"


def test_lanterns_hang_on_strings_or_rise():
    for is_strung in (True, False):
        stage = make_stage(time="night")
        stage.has_lantern_lines = is_strung
        layers = build_subject(stage, Subject("lanterns", count=7), stage.spots[0])
        lanterns = [layer for layer in layers if layer.name == "lantern"]
        assert len(lanterns) == 7
        assert all((layer.motion(1.5).dy == layer.motion(0.2).dy) is is_strung for layer in lanterns)
    assert understand("孔明灯").scene.subjects[0].variant == "sky"


def test_a_boat_is_smaller_than_a_ship():
    heights = []
    for make in ("boat", ""):
        stage, layers = draw_subject(Subject("ship", variant=make))
        rows = np.flatnonzero(find_coverage(stage, layers, 1.0).any(1))
        heights.append(rows[-1] - rows[0])
    assert heights[0] < 0.85 * heights[1]
    assert (
        understand("一叶扁舟").scene.subjects[0].variant
        == understand("a little boat").scene.subjects[0].variant
        == "boat"
    )


def test_the_wood_beside_the_shrine_gates_shows_tree_trunks():
    stage = create_stage(make_shot(Scene("shrine", "day", "snow", setting="tunnel")))
    (thicket,) = [layer for layer in build_place("shrine", stage) if layer.name == "thicket"]
    band = cv2.cvtColor(thicket.image, cv2.COLOR_BGRA2GRAY)[int(SIZE[1] * 0.3) : int(SIZE[1] * 0.55)].astype(np.float32)
    across, down = (float(np.abs(np.diff(band, axis=axis)).mean()) for axis in (1, 0))
    assert across > 2.5 * down


def test_fireworks_burst_into_sparks_not_a_white_disc():
    stage = make_stage(time="night", seed=3)
    (effect,) = build_fireworks(stage)
    for t in np.arange(0.2, 3.8, 0.3):
        frame = np.zeros((stage.height, stage.width, 4), np.uint8)
        effect.paint(frame, float(t))
        burnt = (frame[..., :3].min(-1) > 240).astype(np.uint8)
        solid = cv2.erode(burnt, np.ones((7, 7), np.uint8))
        assert solid.mean() < 0.0006


def test_sparks_at_night_come_with_a_warm_glow():
    lit, dark = (
        render_still(make_shot(Scene("hill", "night", camera="still", particles=particles)), 1.0).astype(int)
        for particles in (("sparks",), ())
    )
    low = np.s_[int(SIZE[1] * 0.8) :]
    warmer = ((lit[..., 2] - lit[..., 0]) - (dark[..., 2] - dark[..., 0]))[low]
    assert warmer.max() > 60 and warmer.mean() > 6


def test_leaves_in_ink_wash_are_not_orange():
    frame = render_still(make_shot(Scene("hill", "day", particles=("leaves",), style="ink_wash", camera="still")), 1.0)
    hue, saturation, value = cv2.split(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV))
    orange = (hue > 9) & (hue < 30) & (saturation > 120) & (value > 120)
    assert orange.mean() < 0.0004


def test_yukata_patterns_differ_between_men_and_women():
    spread = {}
    for kind in ("man", "woman"):
        stage, layers = draw_subject(Subject(kind, view="front", clothes="yukata", clothes_colour="#4a6fb5"), seed=2)
        body = find_layer(layers, "body").image[..., :3].astype(np.float32)
        rows = body[int(body.shape[0] * 0.5) : int(body.shape[0] * 0.8)]
        down = np.abs(np.diff(rows, axis=0)).mean()
        spread[kind] = float(down / np.abs(np.diff(rows, axis=1)).mean())
        assert render_layers(stage, layers).any()
    assert spread["man"] < 0.75 * spread["woman"], "the patterns do not differ"
