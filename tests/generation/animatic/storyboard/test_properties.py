"""What holds for any panel: it draws, ink stays inside the frame, feet are on the ground, nobody covers a face."""

import numpy as np
import pytest

from generation.animatic.storyboard.camera import get_drawing_size
from generation.animatic.storyboard.catalogue import (
    load_animals,
    load_poses,
    load_roles,
    load_set_pieces,
    load_sizes,
)
from generation.animatic.storyboard.drawing import compose, draw_still
from generation.animatic.storyboard.figures import draw_animal, draw_figure
from generation.animatic.storyboard.lines import UNITS, covers
from generation.animatic.storyboard.page import Page
from generation.animatic.storyboard.panel import Figure, Panel, Thing
from generation.animatic.storyboard.people import build_person
from generation.animatic.storyboard.things import draw_thing

from .panels import make_panel

TIMES = (0.0, 0.5)
SIZES = ((213, 120), (120, 213), (128, 128), (120, 150), (280, 120))


def test_any_panel_draws_inside_its_frame():
    for seed in range(24):
        panel, size = make_panel(seed), SIZES[seed % len(SIZES)]
        still, page = draw_still(panel, size, seed), Page(panel, size, 4.0)
        left, top, right, bottom = page.area
        outside = np.ones(still.shape[:2], bool)
        outside[top:bottom, left:right] = False

        assert np.array_equal(still[outside], page.full[outside]), (seed, panel)


def list_unlike_feet(names, build):
    """Return the names whose lowest point is not at the feet, by more than 2 % of the height."""
    found = {name: build(name) for name in names}
    return {name: round(y, 3) for name, y in found.items() if abs(y - UNITS) > 0.02 * UNITS}


def test_the_feet_of_people_are_on_the_ground_in_every_pose():
    def find_lowest(pose):
        person, body = build_person(Figure("man", pose), pose, 300.0, (500.0, UNITS))
        return max(float(person.to_units(line)[:, 1].max()) for line in body.trace(body.merge()))

    poses = [name for name, pose in load_poses().items() if name != "jump"]
    assert list_unlike_feet(poses, find_lowest) == {}
    assert find_lowest("jump") < UNITS - 20


def test_the_feet_of_animals_are_on_the_ground():
    def find_lowest(name):
        sketches = draw_animal(name, "stand", 300.0, (500.0, UNITS), False, TIMES)
        return max(float(outline[:, 1].max()) for sketch in sketches for outline in sketch.solid)

    standing = [name for name, animal in load_animals().items() if animal.body != "fish"]
    assert list_unlike_feet(standing, find_lowest) == {}


def find_faces(sketches):
    return [(number, sketch.face) for number, sketch in enumerate(sketches) if sketch.face]


def test_nobody_covers_a_face():
    """Somebody in front who would hide a face lies behind it."""
    covered = []
    for step in range(6):
        near = Figure("man", "stand", (0.5 + 0.03 * step, 0.95), height=0.9)
        far = Figure("girl", "stand", (0.5, 0.8), "front", height=0.5)
        cart = Thing("stall", (0.5, 0.9), 0.5)
        sketches = compose(Panel("", "field", figures=(near, far), things=(cart,)), 1.6)
        for number, face in find_faces(sketches):
            own = next(
                end
                for end in range(number + 1, len(sketches) + 1)
                if end == len(sketches) or sketches[end].start != sketches[number].start
            )
            if covers(sketches[own:], face):
                covered.append((step, number))

    assert covered == []


@pytest.mark.parametrize("thing", ["umbrella", "books", "guitar", "balloon", "sword", "shield"])
def test_what_is_held_covers_no_face(thing):
    width, height = get_drawing_size(Panel(), 1.6)
    wrong = []
    for pose in load_poses():
        sketches = draw_figure(Figure("girl", pose, holds=thing), pose, width, height, TIMES, "field")
        wrong += [pose for number, face in find_faces(sketches) if covers(sketches[number + 1 :], face)]

    assert wrong == []


@pytest.mark.parametrize(
    "mount", ["horse", "dragon", "elephant", "giraffe", "whale", "bicycle", "boat", "broom", "bed"]
)
def test_a_rider_is_above_the_mount_and_in_the_picture(mount):
    width, height = get_drawing_size(Panel(), 1.6)
    rider = Figure("king", "ride", (0.5, 0.95), height=0.5, rides=mount)
    sketches = draw_figure(rider, "ride", width, height, TIMES, "field")
    [(number, face)] = [found for found in find_faces(sketches) if found[0] == max(n for n, _ in find_faces(sketches))]

    assert 0 < face[1] < 0.95 * height - 0.2 * height
    assert not covers(sketches[number + 1 :], face)


def test_an_animal_holds_a_thing_before_it():
    width, height = get_drawing_size(Panel(), 1.6)
    cat, reader = (
        draw_figure(Figure("cat", "sit", holds=book), "sit", width, height, TIMES, "room") for book in ("", "books")
    )
    assert len(reader) > len(cat)
    assert min(line.points[:, 0].min() for line in reader[-1].strokes) > width * 0.5


@pytest.mark.parametrize("rows", ["roles", "animals", "poses", "pieces", "facings"])
def test_every_row_draws(rows):
    width, height = get_drawing_size(Panel(), 1.6)
    figures = {
        "roles": [Figure(name, "walk") for name in load_roles()],
        "animals": [Figure(name, pose) for name in load_animals() for pose in ("stand", "run", "sit")],
        "poses": [Figure("elf", pose) for pose in load_poses()],
        "facings": [Figure(role, "sit", facing=way) for way in ("front", "back", "left") for role in ("king", "cat")],
        "pieces": [],
    }[rows]
    for figure in figures:
        assert draw_figure(figure, figure.pose, width, height, TIMES, "room"), figure
    for name in load_set_pieces() if rows == "pieces" else ():
        assert draw_thing(Thing(name), width, height, TIMES), name


@pytest.mark.deep
def test_every_picture_of_the_set_draws():
    for name in load_sizes():
        assert draw_thing(Thing(name), 1400, UNITS, TIMES)[-2].strokes, name
