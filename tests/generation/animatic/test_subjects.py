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
from tests.generation.animatic.stages import HEIGHT, WIDTH, alpha_of, cover, drawn, moves, part, seen, stage_of
from tests.matrix import deep_except

HAIR = ("long", "short", "twintails", "ponytail", "bob", "bun", "spiky")
CLOTHES = ("uniform", "yukata", "hoodie", "coat", "dress", "suit", "casual")
VIEWS = ("back", "side", "front")
TIMES = np.arange(0, 4, 1 / 24)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_subject_is_visible_and_moves(kind, view):
    where, layers = drawn(Subject(kind, view=view, name="Mika"))

    assert cover(where, layers, 1.0).mean() > 0.0006
    assert moves(where, layers) > 0.002


@pytest.mark.parametrize("view", ["back", "side"])
@pytest.mark.parametrize("kind", PEOPLE)
def test_a_whole_figure_stands_with_its_feet_on_the_spot(kind, view):
    where, layers = drawn(Subject(kind, view=view, name="Mika"))
    rows = np.flatnonzero(cover(where, layers).any(1))

    assert abs(rows[-1] - where.spots[0].y) < 8
    assert 0.3 * HEIGHT < rows[-1] - rows[0] < 0.75 * HEIGHT


def test_a_child_is_smaller_than_a_man():
    def height(kind):
        where, layers = drawn(Subject(kind, name="Mika"))
        rows = np.flatnonzero(cover(where, layers).any(1))
        return rows[-1] - rows[0]

    assert height("child") < 0.8 * height("man")


@pytest.mark.parametrize("style", HAIR)
def test_every_hair_style_changes_the_silhouette(style):
    where, layers = drawn(Subject("girl", view="front", name="Mika", hair_style=style))
    other, others = drawn(Subject("girl", view="front", name="Mika", hair_style=HAIR[HAIR.index(style) - 1]))

    assert (cover(where, layers) ^ cover(other, others)).sum() > 150


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("clothes", deep_except(CLOTHES, "uniform", "coat"))
def test_everybody_can_wear_all_clothes(clothes, view):
    pictures = []
    for kind in ("girl", "man"):
        where, layers = drawn(Subject(kind, view=view, name="Mika", clothes=clothes))
        pictures.append(seen(where, layers))
        assert cover(where, layers).any()

    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 0.5


def test_the_front_view_fills_the_frame_and_keeps_the_head_inside():
    for hair in HAIR:
        where, layers = drawn(Subject("girl", view="front", name="Mika", hair_style=hair))
        shape = cover(where, layers)
        assert 0.12 < shape.mean() < 0.7
        assert not shape[:2].any(), f"the head with {hair} hair is cut off"
        assert shape[-1].any(), "the shoulders end above the bottom of the frame"


@pytest.mark.parametrize("camera", deep_except(CAMERAS, "push", "rise"))
@pytest.mark.parametrize("size", deep_except([(480, 270), (270, 480), (480, 206)], (270, 480)))
def test_no_camera_move_cuts_the_head_or_shows_where_the_drawing_ends(camera, size):
    where = replace(stage_of(), width=size[0], height=size[1])
    where.spots = [Spot(size[0] * 0.5, size[1] * 0.92, size[1] * 0.6)]
    layers = build_subject(where, Subject("girl", view="front", name="Mika", hair_style="ponytail"), where.spots[0])
    stand = Compositor(where, layers, lambda t: camera_view(camera, where, t))
    for t in (0.0, 2.0, 3.95):
        bright = stand.frame(t)[..., :3].max(-1) > 0
        assert not bright[0].any()
        assert bright[-1].any()


def test_two_front_view_people_do_not_hide_each_other():
    where = stage_of()
    where.spots.append(replace(where.spots[0], x=WIDTH * 0.58))
    first, second = (
        build_subject(where, Subject("girl", view="front", name=name), spot)
        for name, spot in zip(("Mika", "Rin"), where.spots, strict=True)
    )

    hidden = (cover(where, first) & cover(where, second)).sum() / cover(where, second).sum()
    assert hidden < 0.35
    assert second[0].depth < first[0].depth


def test_eyes_blink_and_are_open_most_of_the_time():
    _, layers = drawn(Subject("girl", view="front", name="Mika"))
    closed = [alpha_of(part(layers, "eyes closed"), t) for t in TIMES]
    opened = [alpha_of(part(layers, "eyes open"), t) for t in TIMES]

    assert 1 <= sum(closed) < len(TIMES) / 8
    assert sum(opened) > len(TIMES) * 0.75


def test_exactly_one_pair_of_eyes_shows_at_any_time():
    _, layers = drawn(Subject("boy", view="front", name="Ken"))
    eyes = [part(layers, name) for name in ("eyes open", "eyes half", "eyes closed")]

    assert {sum(alpha_of(layer, t) for layer in eyes) for t in TIMES} == {1.0}


@pytest.mark.parametrize(
    "line", ["I have always wanted to see the sea.", "ずっと海が見たかったんだ。", "我一直想看看大海。"]
)
def test_the_mouth_moves_while_a_line_is_spoken_and_rests_after_it(line):
    _, layers = drawn(Subject("girl", view="front", name="Mika", line=line), seconds=6.0)
    rest = part(layers, "mouth 0")
    spoken = speaking_seconds(line)

    during = {alpha_of(rest, t) for t in np.arange(0.4, 0.3 + spoken, 1 / 24)}
    after = {alpha_of(rest, t) for t in np.arange(0.4 + spoken, 6, 1 / 24)}
    assert during == {0.0, 1.0}
    assert after == {1.0}


def test_the_mouth_stays_shut_without_a_line():
    _, layers = drawn(Subject("girl", view="front", name="Mika"))

    assert not [layer for layer in layers if layer.name.endswith(("mouth 1", "mouth 2"))]
    assert {mouth_at("", t, 4.0) for t in TIMES} == {0}


def test_a_longer_line_is_spoken_longer():
    assert speaking_seconds("Yes.") < speaking_seconds("Yes, and I will tell you everything.") < 4


def test_each_expression_changes_the_face():
    faces = []
    for mood in EXPRESSIONS:
        where, layers = drawn(Subject("girl", view="front", name="Mika", expression=mood))
        faces.append(seen(where, layers))

    for k, face in enumerate(faces):
        for other in faces[k + 1 :]:
            assert (np.abs(face.astype(int) - other).max(-1) > 40).sum() > 20


def test_a_name_keeps_its_look_whatever_the_seed():
    looks = {choose_look(stage_of(seed=seed), Subject("girl", name="Mika")) for seed in range(5)}

    assert len(looks) == 1
    assert choose_look(stage_of(), Subject("girl", name=" mika ")) in looks


def test_other_names_and_other_seeds_look_different():
    names = {choose_look(stage_of(), Subject("girl", name=name)) for name in ("Mika", "Hana", "Rin", "Yuki", "Saki")}
    seeds = {choose_look(stage_of(seed=seed), Subject("girl")) for seed in range(5)}

    assert len(names) == 5
    assert len(seeds) >= 4


def test_the_prompt_overrides_the_look_of_a_name():
    asked = Subject("girl", name="Mika", hair_colour="#12ab34", hair_style="bob", eye_colour="#ff0000", clothes="coat")
    look = choose_look(stage_of(), asked)

    assert (look.hair, look.hair_style, look.eyes, look.clothes) == ("#12ab34", "bob", "#ff0000", "coat")


def test_described_clothes_do_not_change_the_face():
    plain = choose_look(stage_of(), Subject("girl", name="Mika"))
    dressed = choose_look(stage_of(), Subject("girl", name="Mika", clothes="yukata"))

    assert replace(dressed, clothes=plain.clothes, cloth=plain.cloth) == plain


@pytest.mark.parametrize("view", VIEWS)
def test_three_people_stand_apart_and_differ(view):
    where, layers = drawn(Subject("girl", view=view, count=3))
    columns = cover(where, layers).any(0).sum()
    alone, one = drawn(Subject("girl", view=view))

    assert columns > 1.6 * cover(alone, one).any(0).sum()
    assert len({choose_look(where, Subject("girl"), k) for k in range(3)}) == 3


def test_the_seed_decides_the_drawing_of_a_figure():
    def picture(seed):
        where, layers = drawn(Subject("girl", view="front"), seed=seed)
        return seen(where, layers, 0.7)

    assert np.array_equal(picture(1), picture(1))
    assert np.abs(picture(1).astype(int) - picture(2)).mean() > 1


@pytest.mark.parametrize("action", ["walk", "run"])
def test_a_walker_in_profile_moves_across_the_frame(action):
    where, layers = drawn(Subject("boy", view="side", action=action, name="Ken"))

    def middle(t):
        return np.flatnonzero(cover(where, layers, t).any(0)).mean()

    assert middle(2.6) > middle(1.4) + 4


def test_a_figure_facing_left_walks_left():
    where = stage_of()
    spot = replace(where.spots[0], facing=-1)
    layers = build_subject(where, Subject("boy", view="side", action="walk", name="Ken"), spot)

    def middle(t):
        return np.flatnonzero(cover(where, layers, t).any(0)).mean()

    assert middle(2.6) < middle(1.4) - 4


@pytest.mark.parametrize("view", ["back", "side"])
def test_a_sitting_figure_is_lower_than_a_standing_one(view):
    def top(action):
        where, layers = drawn(Subject("girl", view=view, name="Mika", action=action))
        return np.flatnonzero(cover(where, layers).any(1))[0]

    assert top("sit") > top("stand") + 0.12 * HEIGHT


def test_a_waving_figure_moves_more_than_a_standing_one():
    def motion(action):
        where, layers = drawn(Subject("girl", view="front", name="Mika", action=action))
        return moves(where, layers, 0.2, 0.45)

    assert motion("wave") > 1.5 * motion("stand")


def test_a_face_at_night_is_darker_but_readable():
    def skin(time):
        head = part(drawn(Subject("girl", view="front", name="Mika"), time=time)[1], "head").image
        return float(np.median(head[head[..., 3] > 250][:, :3].max(1)))

    assert 0.6 * skin("day") < skin("night") < 0.95 * skin("day")


@pytest.mark.parametrize("view", VIEWS)
def test_umbrellas_open_in_rain_but_not_indoors_or_while_running(view):
    def umbrella(action="", outside=9.0, weather="rain"):
        where = replace(stage_of(weather=weather), weather_depth=outside)
        layers = build_subject(where, Subject("girl", view=view, name="Mika", action=action), where.spots[0])
        return any(layer.name.endswith("umbrella") for layer in layers)

    assert umbrella()
    assert not umbrella(weather="clear")
    assert not umbrella(outside=0.4)
    assert not umbrella(action="run")


def test_a_train_moves_and_has_lit_windows_at_night():
    where, layers = drawn(Subject("train"), time="night")

    assert any(layer.blend == "add" for layer in layers)
    assert not any(layer.blend == "add" for layer in drawn(Subject("train"), time="day")[1])
    assert moves(where, layers) > 3


def test_lanterns_glow_and_rise():
    _, layers = drawn(Subject("lanterns", count=12), time="night")

    assert sum(layer.blend == "add" for layer in layers) == sum(layer.blend == "over" for layer in layers) >= 10
    assert all(layer.motion(2.0).dy < layer.motion(1.0).dy for layer in layers)


def test_a_flock_has_more_birds_than_one():
    assert len(drawn(Subject("bird"))[1]) == 1
    assert len(drawn(Subject("bird", count=7))[1]) == 7


@pytest.mark.parametrize("view", VIEWS)
def test_animating_a_figure_reuses_prepared_images(view):
    """Parts are images made when the shot is built; a redraw only selects one of them."""
    _, layers = drawn(Subject("girl", view=view, name="Mika", hair_style="long"))

    swaying = [layer for layer in layers if layer.redraw]
    assert len(layers) <= 20
    assert len(swaying) <= 8
    for layer in swaying:
        assert layer.redraw(0.5) is layer.redraw(0.5)
        assert layer.redraw(0.5).shape == layer.image.shape


@pytest.mark.parametrize("kind", SUBJECTS)
def test_layer_images_are_premultiplied_and_cropped(kind):
    _, layers = drawn(Subject(kind, view="back"), time="night")

    assert layers
    for layer in layers:
        assert layer.image.dtype == np.uint8
        assert layer.image.shape[2] == 4
        assert layer.image.shape[0] * layer.image.shape[1] < 4 * WIDTH * HEIGHT
        assert (layer.image[..., :3].max(-1).astype(int) <= layer.image[..., 3].astype(int) + 2).mean() > 0.999


@pytest.mark.parametrize("kind", ["cat", "dog"])
def test_a_front_view_animal_gets_a_portrait(kind):
    where, near = drawn(Subject(kind, view="front", name="Momo"))
    other, far = drawn(Subject(kind, view="back", name="Momo"))

    assert cover(where, near).mean() > 1.5 * cover(other, far).mean()
    assert cover(where, near)[-1].any()


def test_a_train_passes_outside_the_window_of_a_room():
    where = replace(stage_of(), weather_depth=0.4)
    layers = build_subject(where, Subject("train"), where.spots[0])

    assert all(layer.depth < where.weather_depth for layer in layers)


def test_a_large_bust_has_a_memory_limit():
    where = replace(stage_of(), width=1920, height=1080, margin=144)
    layers = build_subject(where, Subject("girl", view="front", name="Mika", hair_style="long"), where.spots[0])
    images = {id(image): image.nbytes for layer in layers for image in _images(layer)}

    assert sum(images.values()) < 110_000_000


def _images(layer):
    return [layer.redraw(k / 24) for k in range(96)] if layer.redraw else [layer.image]


def test_an_unknown_kind_is_an_error():
    with pytest.raises(KeyError):
        drawn(Subject("dragon"))
