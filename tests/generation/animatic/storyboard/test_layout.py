"""Where everybody and everything of a staging stands in the panel."""

import random

import pytest

from generation.animatic.staging.model import RELATIONS, SEVERAL, Act, Named, Spot, Staging
from generation.animatic.storyboard.catalogue import load_animals, load_poses, load_roles, load_sizes
from generation.animatic.storyboard.directing import write_note
from generation.animatic.storyboard.layout import PAN_WIDTH, lay_out
from generation.animatic.storyboard.measures import measure_pose, measure_thing
from generation.animatic.storyboard.panel import HOURS, MAX_FIGURES, MAX_NOTE, MAX_THINGS, PLACES, WEATHERS

GIRL, WITCH, CAT = (Named(f"a {name}", name, 1, True) for name in ("girl", "witch", "cat"))
MOUSE, HORSE = (Named(f"a {name}", name, 1, True) for name in ("mouse", "horse"))
CHAIR, CASTLE, SWORD = (Named(f"a {name}", name) for name in ("chair", "castle", "dagger"))
NOBODY = Named("nobody", "someone", 0, True)
BASKET, ENVELOPE, TREE = Named("a basket", "basket"), Named("a letter", "envelope"), Named("a tree", "deciduous_tree")


def act(*actors: Named, pose: str = "stand", **slots) -> Act:
    return Act(tuple(actors), pose, pose, **slots)


def lay(*acts: Act, ratio: float = 16 / 9, seed: int = 0, **rest):
    return lay_out(Staging("A sentence.", acts, **rest), "1", seed, ratio)


def test_a_lone_figure_stands_on_a_third_and_looks_into_the_room():
    for seed in range(4):
        [figure] = lay(act(GIRL), seed=seed).figures

        on_left = figure.at[0] < 0.5
        assert abs(figure.at[0] - (1 / 3 if on_left else 2 / 3)) < 0.02
        assert figure.facing == ("right" if on_left else "left")


def test_speakers_face_each_other():
    left, right = lay(act(GIRL, pose="talk", partner=WITCH)).figures

    assert left.at[0] < right.at[0]
    assert (left.role, left.facing, right.role, right.facing) == ("girl", "right", "witch", "left")


def test_two_of_a_kind_face_each_other():
    left, right = lay(act(Named("two witches", "witch", 2, True), pose="talk")).figures

    assert (left.facing, right.facing) == ("right", "left") and left.at[0] < right.at[0]
    assert left.marks != right.marks


def test_nobody_is_nobody_and_an_empty_place_stays_empty():
    panel = lay(act(NOBODY), place="street")

    assert (panel.figures, panel.things, panel.place) == ((), (), "street")


def test_a_crowd_is_a_crowd_of_at_most_the_most():
    several = lay(act(Named("children", "child", SEVERAL, True)))
    many = lay(act(Named("300 soldiers", "soldier", 300, True)))

    assert 3 <= len(several.figures) <= 5 and len(many.figures) == MAX_FIGURES


def test_a_mouse_is_small_beside_a_person_and_still_seen():
    girl, mouse = lay(act(GIRL, pose="look", object=MOUSE)).figures

    assert 0.06 < mouse.height < girl.height / 3


def test_hands_hold_tools_and_riders_ride():
    [knight] = lay(act(Named("a knight", "knight", 1, True), pose="fight", tool=SWORD)).figures
    [rider] = lay(act(GIRL, pose="ride", object=HORSE)).figures

    assert knight.holds == "dagger"
    assert (rider.role, rider.rides) == ("girl", "horse")


def test_a_seller_stands_behind_a_counter_with_the_goods():
    panel = lay(act(WITCH, pose="hold"), place="shop", variant="umbrella")
    [seller] = panel.figures
    counter, *goods = panel.things

    assert (counter.name, counter.is_near, {thing.name for thing in goods}) == ("counter", True, {"umbrella"})
    assert seller.at[1] < counter.at[1] and seller.facing == "front"
    assert all(abs(thing.at[1] - (counter.at[1] - counter.height)) < 0.01 for thing in goods)


def test_someone_small_sells_from_on_top_of_the_counter():
    panel = lay(act(Named("a hedgehog", "hedgehog", 1, True)), place="shop", variant="umbrella")
    [seller] = panel.figures

    assert abs(seller.at[1] - (panel.things[0].at[1] - panel.things[0].height)) < 0.01 and seller.is_near


def test_somebody_on_a_seat_a_vehicle_or_a_large_animal_rides_it():
    for what in (CHAIR, Named("a bicycle", "bicycle"), HORSE):
        panel = lay(act(GIRL), spots=(Spot("on", what),))
        assert (panel.figures[0].rides, panel.things, len(panel.figures)) == (what.name, (), 1)
    assert not lay(act(GIRL), spots=(Spot("in", Named("a boy", "boy", 1, True)),)).figures[0].rides


def test_two_stand_around_whoever_is_between_them():
    bears = Named("two bears", "bear", 2, True)
    panel = lay(act(GIRL), spots=(Spot("between", bears),))
    x = {figure.role: [] for figure in panel.figures}
    for figure in panel.figures:
        x[figure.role].append(figure.at[0])

    assert min(x["bear"]) < x["girl"][0] < max(x["bear"])


def test_each_of_two_acts_has_its_own_spot():
    panel = lay(act(MOUSE), act(CAT), spots=(Spot("behind", BASKET), Spot("on", Named("a table", "table"))))
    cat, table = panel.figures[1], next(thing for thing in panel.things if thing.name == "table")

    assert cat.at[1] < table.at[1] and abs(cat.at[0] - table.at[0]) < 0.05


def test_a_thing_that_acts_is_a_thing_and_a_kite_flies_without_whoever_holds_it():
    panel = lay(act(Named("a suitcase", "luggage")))
    assert (panel.figures, panel.things[0].name) == ((), "luggage")

    [girl] = lay(act(GIRL, pose="fly", object=Named("a kite", "kite"))).figures
    assert girl.pose != "fly" and girl.at[1] > 0.9


ROWS = [  # relation, thing, what holds of the feet of a cat (x, y) and of the thing's foot and top
    ("on", CHAIR, lambda cat, thing: cat.at[1] < thing.at[1] and abs(cat.at[0] - thing.at[0]) < 0.05),
    ("in", BASKET, lambda cat, thing: thing.is_near and abs(cat.at[0] - thing.at[0]) < 0.05),
    ("under", TREE, lambda cat, thing: thing.height > cat.height and thing.at[1] < cat.at[1]),
    ("beside", CHAIR, lambda cat, thing: abs(cat.at[0] - thing.at[0]) > 0.02 and cat.at[1] == thing.at[1]),
    ("behind", CHAIR, lambda cat, thing: thing.is_near and thing.at[1] > cat.at[1]),
    ("before", CHAIR, lambda cat, thing: thing.at[1] < cat.at[1] and not thing.is_near),
    ("from", CHAIR, lambda cat, thing: thing.at[0] < cat.at[0]),
    ("to", CHAIR, lambda cat, thing: thing.at[0] > cat.at[0]),
    ("opposite", CHAIR, lambda cat, thing: thing.at[0] > cat.at[0] and cat.facing == "right"),
]


@pytest.mark.parametrize(("relation", "what", "holds"), ROWS, ids=[row[0] for row in ROWS])
def test_a_relation_becomes_a_position(relation, what, holds):
    panel = lay(act(CAT, pose="sit"), spots=(Spot(relation, what),))

    assert holds(panel.figures[0], panel.things[0])


def test_between_stands_between_and_from_to_leads_across():
    tree, chair = Spot("between", TREE), Spot("between", CHAIR)
    panel = lay(act(GIRL), spots=(tree, chair))
    x = {thing.name: thing.at[0] for thing in panel.things}
    assert min(x.values()) < panel.figures[0].at[0] < max(x.values())

    panel = lay(act(GIRL, pose="walk"), spots=(Spot("from", CHAIR), Spot("to", BASKET)))
    x = {thing.name: thing.at[0] for thing in panel.things}
    assert x["chair"] < panel.figures[0].at[0] < x["basket"]
    assert (panel.camera, panel.figures[0].facing) == ("pan_right", "right")


def test_what_is_large_stands_behind_everybody():
    panel = lay(act(GIRL, pose="look", object=CASTLE))

    assert panel.things[0].at[1] < panel.figures[0].at[1] and panel.things[0].height > panel.figures[0].height


@pytest.mark.parametrize(
    ("acts", "more", "camera"),
    [
        ((act(GIRL),), {"camera": "tilt_up"}, "tilt_up"),
        ((act(GIRL, pose="read"),), {}, "push"),
        ((act(GIRL, pose="run"),), {}, "pan_right"),
        ((act(GIRL, pose="run"),), {"facing": "left"}, "pan_left"),
        ((act(GIRL), act(GIRL, pose="fall", is_turn=True)), {}, "hold"),
        ((), {"place": "street"}, "hold"),
    ],
)
def test_camera_by_words_then_by_what_happens(acts, more, camera):
    assert lay(*acts, **more).camera == camera


def test_what_comes_after_the_turn_is_the_second_pose():
    [figure] = lay(act(GIRL, pose="walk"), act(GIRL, pose="fall", is_turn=True)).figures

    assert (figure.pose, figure.then) == ("walk", "fall")


def test_to_the_left_mirrors_the_picture_and_a_close_up_shows_one_face():
    right = lay(act(GIRL, pose="give", receiver=WITCH), facing="right").figures
    left = lay(act(GIRL, pose="give", receiver=WITCH), facing="left").figures
    assert [(1 - f.at[0], f.facing) for f in left] == [
        (pytest.approx(right[0].at[0]), "left"),
        (pytest.approx(right[1].at[0]), "right"),
    ]

    [face] = lay(act(GIRL, partner=WITCH), framing="close").figures
    assert face.height > 1 and face.at[1] > 1


def test_the_same_person_has_the_same_marks_in_every_scene():
    first = lay(act(GIRL)).figures[0]
    again = lay(act(Named("the girl", "girl", 1, True), pose="run"), place="shore").figures[0]

    assert first.marks == again.marks


def test_the_note_keeps_what_nothing_shows():
    text = (
        "An old clockmaker in a quiet mountain village repairs the tower clock, while his apprentice sweeps the floor "
        "below, and somewhere far away the memory of the war hums like a bee."
    )
    note = write_note(Staging(text, (act(GIRL),), unread=("the memory of the war",)))

    assert "the memory of the war" in note and len(note) < len(text)
    assert write_note(Staging("短い文。")) == "短い文。"
    assert len(write_note(Staging("词" * 5000))) <= MAX_NOTE


# -- random stagings --


def make_staging(rng: random.Random) -> Staging:
    roles, animals, things = list(load_roles()), list(load_animals()), list(load_sizes())
    poses = list(load_poses())

    def someone() -> Named:
        name = rng.choice([*roles, *animals, ""])
        return Named(f"{name} {rng.randrange(9)}", name, rng.choice([0, 1, 1, 1, 2, 3, 7, 40, SEVERAL]), True)

    def something() -> Named:
        name = rng.choice([*things, "", "counter", "bed", "no such thing"])
        return Named(name or "it", name, rng.choice([0, 1, 1, 2, 5, 300, SEVERAL]))

    def maybe(make):
        return make() if rng.random() < 0.4 else None

    def make_act() -> Act:
        actors = tuple(someone() for _ in range(rng.randrange(3)))
        one = maybe(something if rng.random() < 0.6 else someone)
        slots = {"object": one, "tool": maybe(something), "partner": maybe(someone), "receiver": maybe(someone)}
        then = rng.choice(["", "", rng.choice(poses)])
        return Act(actors, "does", rng.choice([*poses, "no such pose"]), then, **slots, is_turn=rng.random() < 0.2)

    spots = tuple(Spot(rng.choice(RELATIONS), rng.choice([something, someone])()) for _ in range(rng.randrange(4)))
    return Staging(
        "a, b, c " * rng.randrange(80),
        tuple(make_act() for _ in range(rng.randrange(4))),
        tuple(something() for _ in range(rng.randrange(7))),
        spots,
        rng.choice(["", *PLACES]),
        rng.choice(["", "umbrella", "snow"]),
        rng.choice(["", *HOURS]),
        rng.choice(WEATHERS),
        facing=rng.choice(["", "", "left", "front"]),
        framing=rng.choice(["", "", "wide"]),
    )


def list_boxes(panel, ratio):
    """Return (depth, left, top, right, bottom, figure or thing) of all that a panel shows."""
    wide = ratio * (PAN_WIDTH if panel.camera.startswith("pan") else 1)
    boxes = []
    for figure in panel.figures:
        shapes = [measure_pose(figure.role, pose) for pose in (figure.pose, figure.then or figure.pose)]
        w, h = max(s[0] for s in shapes) * figure.height / wide, max(s[1] for s in shapes) * figure.height
        boxes.append((figure.at[1] + 9 * figure.is_near + 0.001, figure, w, h))
    for thing in panel.things:
        boxes.append(
            (thing.at[1] + 9 * thing.is_near, thing, thing.height * measure_thing(thing.name)[2] / wide, thing.height)
        )
    return [(d, one.at[0] - w / 2, one.at[1] - h, one.at[0] + w / 2, one.at[1], one) for d, one, w, h in boxes]


def find_hidden_faces(panel, ratio):
    """Return (figure, what hides its face)."""
    wide = ratio * (PAN_WIDTH if panel.camera.startswith("pan") else 1)
    boxes, found = list_boxes(panel, ratio), []
    for depth, _left, _top, _right, bottom, figure in boxes:
        if figure not in panel.figures or measure_pose(figure.role, figure.pose)[1] < 0.5:
            continue
        standing = figure.height * min(1.0, measure_pose(figure.role, figure.pose)[1])
        chin, r = bottom - standing * 0.78, figure.height * 0.06 / wide
        for other_depth, left, top, right, foot, other in boxes:
            covers = left < figure.at[0] + r and right > figure.at[0] - r and top < chin and foot > bottom - standing
            if other is not figure and other_depth > depth and covers:
                found.append((figure, other))
    return found


@pytest.mark.parametrize("ratio", [16 / 9, 21 / 9, 1.0, 9 / 16])
def test_random_stagings_stay_in_the_frame_on_the_ground_with_all_faces_seen(ratio):
    rng = random.Random(32)
    for number in range(300):
        staging = make_staging(rng)
        panel = lay_out(staging, str(number), number, ratio)

        assert panel == lay_out(staging, str(number), number, ratio)
        assert len(panel.figures) <= MAX_FIGURES and len(panel.things) <= MAX_THINGS and len(panel.note) <= MAX_NOTE
        for _depth, left, top, right, bottom, one in list_boxes(panel, ratio):
            assert left > -0.001 and right < 1.001 and top > -0.001 and bottom <= 1, (number, one, staging)
        assert not find_hidden_faces(panel, ratio), (number, find_hidden_faces(panel, ratio), staging)


def test_two_who_embrace_stand_close_and_face_each_other():
    first, second = lay(act(Named("a woman", "woman", 1, True), pose="embrace", object=GIRL)).figures

    assert abs(first.at[0] - second.at[0]) < 0.12
    assert {first.facing, second.facing} == {"right", "left"}


def test_whoever_is_fled_from_runs_behind():
    figures = lay(act(GIRL, pose="run"), spots=(Spot("from", Named("a bear", "bear", 1, True)),)).figures

    at = {one.role: one.at[0] for one in figures}
    assert at["bear"] < at["girl"] and {one.pose for one in figures} == {"run"}


def test_what_is_cut_lies_on_a_table():
    panel = lay(act(GIRL, pose="cook", tool=Named("a knife", "kitchen_knife"), object=Named("a melon", "watermelon")))

    table, melon = (next(one for one in panel.things if one.name == name) for name in ("table", "watermelon"))
    assert melon.at[1] < table.at[1] and panel.figures[0].holds == "kitchen_knife"


def test_a_giant_is_larger_than_its_kind():
    usual, giant = (
        next(one for one in lay(act(Named("crab", "crab", 1, True, size), GIRL)).figures) for size in (1.0, 3.0)
    )

    assert giant.height > usual.height
