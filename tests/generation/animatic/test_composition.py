"""Composition: where subjects stand, how large they are, and what is in focus."""

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic.camera import camera_matrix, camera_view
from generation.animatic.depth_of_field import apply_depth_of_field
from generation.animatic.placement import choose_spot, place_subjects
from generation.animatic.places import build_place
from generation.animatic.render import build_parts, create_stage, render_still
from generation.animatic.scene import Scene, Shot, Subject
from generation.animatic.understanding import understand
from tests.matrix import deep_except

from .stages import draw_subject, find_layer


def build_stage(scene: Scene, size=(320, 180)):
    place = create_stage(Shot(scene, 4, *size, 3))
    return place, build_place(scene.place, place)


def find_left(parts, kind):
    return min(layer.x for layer in parts if layer.name.startswith(f"{kind} "))


def measure_height(subjects: tuple[Subject, ...]) -> float:
    """Return the height of the cast in pixels."""
    scene = Scene("hill", "day", subjects=subjects)
    parts = place_subjects(build_stage(scene)[0], scene)
    return max(p.y + p.image.shape[0] for p in parts) - min(p.y for p in parts)


def test_people_are_drawn_larger_in_a_tall_frame():
    def height(size):
        return choose_spot(build_stage(Scene("street", "day"), size)[0], 0).height

    assert height((180, 320)) > 1.2 * height((320, 180))


def test_the_camera_moves_closer_to_children_who_are_alone():
    child, man = Subject("child", name="Aya"), Subject("man", name="Ben")
    scene = Scene("hill", "day", subjects=(child, man))
    parts = place_subjects(build_stage(scene)[0], scene)
    with_a_man = [p for p in parts if p.name.startswith("child ")]
    beside = max(p.y + p.image.shape[0] for p in with_a_man) - min(p.y for p in with_a_man)

    assert measure_height((child,)) > 1.15 * beside


def test_a_walking_dog_stays_beside_its_person():
    pair = tuple(Subject(kind, view="side", action="walk", name=kind) for kind in ("elder", "dog"))
    scene = Scene("sea", "day", subjects=pair)
    place, _ = build_stage(scene)
    parts = place_subjects(place, scene)

    assert abs(find_left(parts, "elder") - find_left(parts, "dog")) < place.spots[0].height


def test_walking_dogs_do_not_overlap():
    _, layers = draw_subject(Subject("dog", view="side", action="run", count=3))
    bodies = sorted((layer.x, layer.image.shape[1]) for layer in layers if layer.name.endswith("body"))

    assert len(bodies) == 3
    assert all(x + width * 0.9 < following for (x, width), (following, _) in pairwise(bodies))


def measure_sharpness(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image[..., :3], cv2.CV_64F).var())


@pytest.mark.parametrize(
    ("style", "view", "blurs"), [("cel", "front", True), ("ink_wash", "front", False), ("cel", "back", False)]
)
def test_the_place_is_out_of_focus_only_behind_a_face(style, view, blurs):
    scene = Scene("street", "day", subjects=(Subject("girl", view=view),), style=style)
    place, parts = build_stage(scene)
    houses = [k for k, p in enumerate(parts) if p.name.startswith(("houses", "gardens"))][-1]
    soft = apply_depth_of_field(place, scene, parts)[houses]

    assert (measure_sharpness(soft.image) < 0.7 * measure_sharpness(parts[houses].image)) == blurs


def test_tears_run_down_crying_faces_only():
    _, crying = draw_subject(Subject("girl", view="front", expression="crying"))
    drops = find_layer(crying, "tear 1")
    heights = [drops.motion(t).dy for t in np.linspace(0, 4, 33)]

    assert max(heights) - min(heights) > 3
    assert not any("tear" in layer.name for layer in draw_subject(Subject("girl", view="front", expression="sad"))[1])


def test_a_crowd_consists_of_girls_and_boys():
    crowd = understand("a crowd of people in the street").scene.subjects

    assert {subject.kind for subject in crowd} == {"girl", "boy"}
    assert sum(subject.count for subject in crowd) > 2


def test_lanterns_without_a_number_are_many_and_show_no_count():
    understood = understand("children and lanterns")
    lanterns = next(subject for subject in understood.scene.subjects if subject.kind == "lanterns")

    assert lanterns.count > 5
    assert not any(chip.slot == "count" and "lantern" in chip.text for chip in understood.chips)


def test_the_belly_of_a_coloured_cat_matches_its_coat():
    """Orange cats once got the dark muzzle of another coat."""
    for seed in range(3):
        _, layers = draw_subject(Subject("cat", view="front", hair_colour="#d9762e"), seed=seed)
        face = find_layer(layers, "head").image
        solid = face[face[..., 3] == 255][:, :3].astype(int)
        bluish = (solid[:, 0] > solid[:, 2] + 12).mean()

        assert bluish < 0.06


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_room_people_stand_on_the_floor_and_cats_sit_on_furniture(seed):
    def measure_extent(subject):
        scene = Scene("room", "day", subjects=(subject,))
        place = create_stage(Shot(scene, seed, 320, 180, 3))
        build_place("room", place)
        parts = place_subjects(place, scene)
        return max(p.y + p.image.shape[0] for p in parts), min(p.y for p in parts)

    assert measure_extent(Subject("girl"))[0] > 180
    assert measure_extent(Subject("cat"))[0] < 180
    assert measure_extent(Subject("child", action="sit"))[1] < 0.75 * 180, "a sitting child is visible"


@cache
def find_jetty_seed() -> int:
    """Return a seed whose sea has a jetty that ends in the middle of the frame."""
    for seed in range(20):
        place = create_stage(Shot(Scene("sea", "day"), seed, 320, 180, 3))
        build_place("sea", place)
        if place.spots[0].ends:
            return seed
    raise AssertionError("no seed draws a jetty")


@pytest.mark.parametrize("action", deep_except(["walk", "run", "ride"], "run"))
def test_nobody_walks_off_the_end_of_a_jetty(action):
    scene = Scene("sea", "day", subjects=(Subject("girl", view="side", action=action, name="Mio"),))
    place = create_stage(Shot(scene, find_jetty_seed(), 320, 180, 3))
    build_place("sea", place)
    first, last = place.spots[0].ends
    lowest = [layer for layer in place_subjects(place, scene) if " shin" in layer.name or " wheel" in layer.name]
    assert lowest
    for layer in lowest:
        middle = layer.x + layer.image.shape[1] / 2
        for t in (0.0, 1.5, 3.0):
            assert first - 1 < middle + layer.motion(t).dx < last + 1, f"{layer.name} at {t} s"


@pytest.mark.parametrize("camera", deep_except(["push", "pull", "pan_left", "pan_right", "still", "handheld"], "push"))
@pytest.mark.parametrize("place", deep_except(["street", "platform", "school", "rooftop", "sea"], "street", "rooftop"))
def test_feet_stay_in_the_frame_until_the_end_of_a_camera_move(place, camera):
    scene = Scene(place, "day", subjects=(Subject("boy", name="Ren"),), camera=camera)
    stage, _ = build_stage(scene)
    feet = [layer for layer in place_subjects(stage, scene) if layer.depth < 1]
    low = max(layer.y + layer.image.shape[0] for layer in feet)

    if stage.spots[0].y < stage.height:
        for t in (0.0, 3.0):
            seen_at = camera_matrix(camera_view(camera, stage, t), feet[0].depth, stage) @ (160, low, 1)
            assert seen_at[1] < stage.height + 1, t


def test_a_waving_hand_is_inside_a_tall_frame():
    scene = Scene("platform", "day", subjects=(Subject("boy", view="front", action="wave", name="Ren"),))
    place = create_stage(Shot(scene, 4, 180, 320, 3))
    build_place("platform", place)
    hand = find_layer(place_subjects(place, scene), "hand")

    assert hand.x + hand.image.shape[1] < 180 * 1.02


def test_a_rider_wears_a_wider_skirt_than_a_walker():
    def measure_flare(action):
        _, layers = draw_subject(Subject("girl", view="side", action=action, clothes="dress", name="Mio"))
        skirt = find_layer(layers, "skirt")
        return skirt.image.shape[1] / skirt.image.shape[0]

    assert measure_flare("ride") > 1.25 * measure_flare("walk")


def test_no_branch_hides_a_head_in_a_tall_frame():
    branches = 0
    for seed in range(4):
        scene = Scene("platform", "night", "rain", (Subject("man", name="Ben"),))
        place = create_stage(Shot(scene, seed, 180, 320, 3))
        parts = build_place("platform", place)
        branch = [part for part in parts if part.name == "branch"]
        people = place_subjects(place, scene)
        branches += len(branch)
        assert all(part.depth < min(layer.depth for layer in people) for part in branch)
    assert branches


def test_fog_at_night_brightens_the_gaps_between_houses():
    def measure_gaps(weather):
        frame = cv2.cvtColor(
            render_still(Shot(Scene("street", "night", weather, camera="still"), 1, 320, 180, 2), 0.5), 6
        )
        return float(np.percentile(frame[60:110], 10))

    assert measure_gaps("fog") > 1.6 * measure_gaps("clear")


@pytest.mark.parametrize("view", ["back", "front"])
def test_two_people_with_the_same_description_stand_apart_and_look_different(view):
    pair = Scene("hill", "day", subjects=(Subject("boy", view=view), Subject("boy", view=view)), camera="still")
    _, parts = build_parts(Shot(pair, 3, 640, 360, 2.0))
    heads = [part for part in parts if part.name == ("boy 0 fringe" if view == "front" else "boy 0 torso")]

    assert abs(heads[0].x - heads[1].x) > 20
    colours = [np.median(part.image[part.image[..., 3] == 255][:, :3], axis=0) for part in heads]
    assert np.abs(colours[0] - colours[1]).max() > 8
