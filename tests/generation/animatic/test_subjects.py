"""Subjects of a shot are visible, animated, recognisable and cheap to animate."""

from dataclasses import replace

import numpy as np
import pytest

from generation.animatic.camera import camera_view
from generation.animatic.compositor import Compositor
from generation.animatic.layers import Spot
from generation.animatic.scene import CAMERAS, EXPRESSIONS, PEOPLE, SUBJECTS, Subject
from generation.animatic.subjects import build_subject
from generation.animatic.subjects.front.expression import mouth_at, speaking_seconds
from generation.animatic.subjects.look import choose_look
from tests.generation.animatic.stages import (
    HEIGHT,
    WIDTH,
    draw_subject,
    find_coverage,
    find_layer,
    get_alpha,
    make_stage,
    measure_motion,
    render_layers,
)
from tests.matrix import deep_except

HAIR = ("long", "short", "twintails", "ponytail", "bob", "bun", "spiky")
CLOTHES = ("uniform", "yukata", "hoodie", "coat", "dress", "suit", "casual")
VIEWS = ("back", "side", "front")
TIMES = np.arange(0, 4, 1 / 24)


@pytest.mark.parametrize("view", deep_except(VIEWS, "side"))
@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_subject_is_visible_and_moves(kind, view):
    stage, layers = draw_subject(Subject(kind, view=view, name="Mika"))

    assert find_coverage(stage, layers, 1.0).mean() > 0.0006
    assert measure_motion(stage, layers) > 0.002


@pytest.mark.parametrize("view", ["back", "side"])
@pytest.mark.parametrize("kind", PEOPLE)
def test_a_whole_figure_stands_with_its_feet_on_the_spot(kind, view):
    stage, layers = draw_subject(Subject(kind, view=view, name="Mika"))
    rows = np.flatnonzero(find_coverage(stage, layers).any(1))

    assert abs(rows[-1] - stage.spots[0].y) < 8
    assert 0.3 * HEIGHT < rows[-1] - rows[0] < 0.75 * HEIGHT


def test_a_child_is_smaller_than_a_man():
    def measure_height(kind):
        stage, layers = draw_subject(Subject(kind, name="Mika"))
        rows = np.flatnonzero(find_coverage(stage, layers).any(1))
        return rows[-1] - rows[0]

    assert measure_height("child") < 0.8 * measure_height("man")


@pytest.mark.parametrize("style", HAIR)
def test_every_hair_style_changes_the_silhouette(style):
    stage, layers = draw_subject(Subject("girl", view="front", name="Mika", hair_style=style))
    other, others = draw_subject(Subject("girl", view="front", name="Mika", hair_style=HAIR[HAIR.index(style) - 1]))

    assert (find_coverage(stage, layers) ^ find_coverage(other, others)).sum() > 150


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("clothes", deep_except(CLOTHES, "uniform", "coat"))
def test_everybody_can_wear_all_clothes(clothes, view):
    pictures = []
    for kind in ("girl", "man"):
        stage, layers = draw_subject(Subject(kind, view=view, name="Mika", clothes=clothes))
        pictures.append(render_layers(stage, layers))
        assert find_coverage(stage, layers).any()

    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 0.5


def test_the_front_view_fills_the_frame_and_keeps_the_head_inside():
    for hair in HAIR:
        stage, layers = draw_subject(Subject("girl", view="front", name="Mika", hair_style=hair))
        shape = find_coverage(stage, layers)
        assert 0.12 < shape.mean() < 0.7
        assert not shape[:2].any(), f"the head with {hair} hair is cut off"
        assert shape[-1].any(), "the shoulders end above the bottom of the frame"


@pytest.mark.parametrize("camera", deep_except(CAMERAS, "push", "rise"))
@pytest.mark.parametrize("size", deep_except([(480, 270), (270, 480), (480, 206)], (270, 480)))
def test_no_camera_move_cuts_the_head_or_shows_where_the_drawing_ends(camera, size):
    stage = replace(make_stage(), width=size[0], height=size[1])
    stage.spots = [Spot(size[0] * 0.5, size[1] * 0.92, size[1] * 0.6)]
    layers = build_subject(stage, Subject("girl", view="front", name="Mika", hair_style="ponytail"), stage.spots[0])
    stand = Compositor(stage, layers, lambda t: camera_view(camera, stage, t))
    for t in (0.0, 2.0, 3.95):
        bright = stand.frame(t)[..., :3].max(-1) > 0
        assert not bright[0].any()
        assert bright[-1].any()


def test_two_front_view_people_do_not_hide_each_other():
    stage = make_stage()
    stage.spots.append(replace(stage.spots[0], x=WIDTH * 0.58))
    first, second = (
        build_subject(stage, Subject("girl", view="front", name=name), spot)
        for name, spot in zip(("Mika", "Rin"), stage.spots, strict=True)
    )

    hidden = (find_coverage(stage, first) & find_coverage(stage, second)).sum() / find_coverage(stage, second).sum()
    assert hidden < 0.35
    assert second[0].depth < first[0].depth


def test_eyes_blink_and_are_open_most_of_the_time():
    _, layers = draw_subject(Subject("girl", view="front", name="Mika"))
    closed = [get_alpha(find_layer(layers, "eyes closed"), t) for t in TIMES]
    opened = [get_alpha(find_layer(layers, "eyes open"), t) for t in TIMES]

    assert 1 <= sum(closed) < len(TIMES) / 8
    assert sum(opened) > len(TIMES) * 0.75


def test_exactly_one_pair_of_eyes_shows_at_any_time():
    _, layers = draw_subject(Subject("boy", view="front", name="Ken"))
    eyes = [find_layer(layers, name) for name in ("eyes open", "eyes half", "eyes closed")]

    assert {sum(get_alpha(layer, t) for layer in eyes) for t in TIMES} == {1.0}


@pytest.mark.parametrize(
    "line", ["I have always wanted to see the sea.", "ずっと海が見たかったんだ。", "我一直想看看大海。"]
)
def test_the_mouth_moves_while_a_line_is_spoken_and_rests_after_it(line):
    _, layers = draw_subject(Subject("girl", view="front", name="Mika", line=line), seconds=6.0)
    rest = find_layer(layers, "mouth 0")
    spoken = speaking_seconds(line)

    during = {get_alpha(rest, t) for t in np.arange(0.4, 0.3 + spoken, 1 / 24)}
    after = {get_alpha(rest, t) for t in np.arange(0.4 + spoken, 6, 1 / 24)}
    assert during == {0.0, 1.0}
    assert after == {1.0}


def test_the_mouth_stays_shut_without_a_line():
    _, layers = draw_subject(Subject("girl", view="front", name="Mika"))

    assert not [layer for layer in layers if layer.name.endswith(("mouth 1", "mouth 2"))]
    assert {mouth_at("", t, 4.0) for t in TIMES} == {0}


def test_a_longer_line_is_spoken_longer():
    assert speaking_seconds("Yes.") < speaking_seconds("Yes, and I will tell you everything.") < 4


def test_each_expression_changes_the_face():
    faces = []
    for mood in EXPRESSIONS:
        stage, layers = draw_subject(Subject("girl", view="front", name="Mika", expression=mood))
        faces.append(render_layers(stage, layers))

    for k, face in enumerate(faces):
        for other in faces[k + 1 :]:
            assert (np.abs(face.astype(int) - other).max(-1) > 40).sum() > 20


def test_a_name_keeps_its_look_whatever_the_seed():
    looks = {choose_look(make_stage(seed=seed), Subject("girl", name="Mika")) for seed in range(5)}

    assert len(looks) == 1
    assert choose_look(make_stage(), Subject("girl", name=" mika ")) in looks


def test_other_names_and_other_seeds_look_different():
    names = {choose_look(make_stage(), Subject("girl", name=name)) for name in ("Mika", "Hana", "Rin", "Yuki", "Saki")}
    seeds = {choose_look(make_stage(seed=seed), Subject("girl")) for seed in range(5)}

    assert len(names) == 5
    assert len(seeds) >= 4


def test_the_prompt_overrides_the_look_of_a_name():
    described = Subject(
        "girl", name="Mika", hair_colour="#12ab34", hair_style="bob", eye_colour="#ff0000", clothes="coat"
    )
    look = choose_look(make_stage(), described)

    assert (look.hair, look.hair_style, look.eyes, look.clothes) == ("#12ab34", "bob", "#ff0000", "coat")


def test_described_clothes_do_not_change_the_face():
    plain = choose_look(make_stage(), Subject("girl", name="Mika"))
    dressed = choose_look(make_stage(), Subject("girl", name="Mika", clothes="yukata"))

    assert replace(dressed, clothes=plain.clothes, cloth=plain.cloth) == plain


@pytest.mark.parametrize("view", VIEWS)
def test_three_people_stand_apart_and_differ(view):
    stage, layers = draw_subject(Subject("girl", view=view, count=3))
    columns = find_coverage(stage, layers).any(0).sum()
    alone, one = draw_subject(Subject("girl", view=view))

    assert columns > 1.6 * find_coverage(alone, one).any(0).sum()
    assert len({choose_look(stage, Subject("girl"), k) for k in range(3)}) == 3


def test_the_seed_decides_the_drawing_of_a_figure():
    def draw_picture(seed):
        stage, layers = draw_subject(Subject("girl", view="front"), seed=seed)
        return render_layers(stage, layers, 0.7)

    assert np.array_equal(draw_picture(1), draw_picture(1))
    assert np.abs(draw_picture(1).astype(int) - draw_picture(2)).mean() > 1


@pytest.mark.parametrize("action", ["walk", "run"])
def test_a_walker_in_profile_moves_across_the_frame(action):
    stage, layers = draw_subject(Subject("boy", view="side", action=action, name="Ken"))

    def find_middle(t):
        return np.flatnonzero(find_coverage(stage, layers, t).any(0)).mean()

    assert find_middle(2.6) > find_middle(1.4) + 4


def test_a_figure_facing_left_walks_left():
    stage = make_stage()
    spot = replace(stage.spots[0], facing=-1)
    layers = build_subject(stage, Subject("boy", view="side", action="walk", name="Ken"), spot)

    def find_middle(t):
        return np.flatnonzero(find_coverage(stage, layers, t).any(0)).mean()

    assert find_middle(2.6) < find_middle(1.4) - 4


@pytest.mark.parametrize("view", ["back", "side"])
def test_a_sitting_figure_is_lower_than_a_standing_one(view):
    def find_top(action):
        stage, layers = draw_subject(Subject("girl", view=view, name="Mika", action=action))
        return np.flatnonzero(find_coverage(stage, layers).any(1))[0]

    assert find_top("sit") > find_top("stand") + 0.12 * HEIGHT


def test_a_waving_figure_moves_more_than_a_standing_one():
    def measure(action):
        stage, layers = draw_subject(Subject("girl", view="front", name="Mika", action=action))
        return measure_motion(stage, layers, 0.2, 0.45)

    assert measure("wave") > 1.5 * measure("stand")


def test_a_face_at_night_is_darker_but_readable():
    def measure_skin(time):
        head = find_layer(draw_subject(Subject("girl", view="front", name="Mika"), time=time)[1], "head").image
        return float(np.median(head[head[..., 3] > 250][:, :3].max(1)))

    assert 0.6 * measure_skin("day") < measure_skin("night") < 0.95 * measure_skin("day")


@pytest.mark.parametrize("view", VIEWS)
def test_umbrellas_open_in_rain_but_not_indoors_or_while_running(view):
    def has_umbrella(action="", outside=9.0, weather="rain"):
        stage = replace(make_stage(weather=weather), weather_depth=outside)
        layers = build_subject(stage, Subject("girl", view=view, name="Mika", action=action), stage.spots[0])
        return any(layer.name.endswith("umbrella") for layer in layers)

    assert has_umbrella()
    assert not has_umbrella(weather="clear")
    assert not has_umbrella(outside=0.4)
    assert not has_umbrella(action="run")


def test_a_train_moves_and_has_lit_windows_at_night():
    stage, layers = draw_subject(Subject("train"), time="night")

    assert any(layer.blend == "add" for layer in layers)
    assert not any(layer.blend == "add" for layer in draw_subject(Subject("train"), time="day")[1])
    assert measure_motion(stage, layers) > 3


def test_lanterns_glow_and_rise():
    _, layers = draw_subject(Subject("lanterns", count=12), time="night")

    assert sum(layer.blend == "add" for layer in layers) == sum(layer.blend == "over" for layer in layers) >= 10
    assert all(layer.motion(2.0).dy < layer.motion(1.0).dy for layer in layers)


def test_a_flock_has_more_birds_than_one():
    assert len(draw_subject(Subject("bird"))[1]) == 1
    assert len(draw_subject(Subject("bird", count=7))[1]) == 7


@pytest.mark.parametrize("view", VIEWS)
def test_animating_a_figure_reuses_prepared_images(view):
    """Parts are images made when the shot is built; a redraw only selects one of them."""
    _, layers = draw_subject(Subject("girl", view=view, name="Mika", hair_style="long"))

    swaying = [layer for layer in layers if layer.redraw]
    assert len(layers) <= 20
    assert len(swaying) <= 8
    for layer in swaying:
        assert layer.redraw(0.5) is layer.redraw(0.5)
        assert layer.redraw(0.5).shape == layer.image.shape


@pytest.mark.parametrize("kind", SUBJECTS)
def test_layer_images_are_premultiplied_and_cropped(kind):
    _, layers = draw_subject(Subject(kind, view="back"), time="night")

    assert layers
    for layer in layers:
        assert layer.image.dtype == np.uint8
        assert layer.image.shape[2] == 4
        assert layer.image.shape[0] * layer.image.shape[1] < 4 * WIDTH * HEIGHT
        assert (layer.image[..., :3].max(-1).astype(int) <= layer.image[..., 3].astype(int) + 2).mean() > 0.999


@pytest.mark.parametrize("kind", ["cat", "dog"])
def test_a_front_view_animal_gets_a_portrait(kind):
    stage, near = draw_subject(Subject(kind, view="front", name="Momo"))
    other, far = draw_subject(Subject(kind, view="back", name="Momo"))

    assert find_coverage(stage, near).mean() > 1.5 * find_coverage(other, far).mean()
    assert find_coverage(stage, near)[-1].any()


def test_a_train_passes_outside_the_window_of_a_room():
    stage = replace(make_stage(), weather_depth=0.4)
    layers = build_subject(stage, Subject("train"), stage.spots[0])

    assert all(layer.depth < stage.weather_depth for layer in layers)


def test_a_large_bust_has_a_memory_limit():
    stage = replace(make_stage(), width=1920, height=1080, margin=144)
    layers = build_subject(stage, Subject("girl", view="front", name="Mika", hair_style="long"), stage.spots[0])
    images = {id(image): image.nbytes for layer in layers for image in _images(layer)}

    assert sum(images.values()) < 110_000_000


def _images(layer):
    return [layer.redraw(k / 24) for k in range(96)] if layer.redraw else [layer.image]
