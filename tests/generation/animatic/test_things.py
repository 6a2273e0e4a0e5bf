"""Robots, dragons, whales, guitars, swords and food: named in three languages, drawn where they belong."""

import numpy as np
import pytest

from generation.animatic.colour_fit import is_drawable_in_colour
from generation.animatic.continuity import understand_in_story
from generation.animatic.layers import Holder
from generation.animatic.scene import Subject
from generation.animatic.subjects import build_subject
from generation.animatic.subjects.solid import choose_paint
from generation.animatic.understanding import understand

from .stages import HEIGHT, WIDTH, draw_subject, find_coverage, make_stage

GROUND, SKY = ("robot", "guitar", "sword", "food"), ("dragon", "whale")


@pytest.mark.parametrize("kind", [*GROUND, *SKY])
def test_things_are_drawn_where_their_kind_belongs(kind):
    stage, layers = draw_subject(Subject(kind))
    rows, columns = np.nonzero(find_coverage(stage, layers, 2.0))

    assert len(rows) > 0.01 * WIDTH * HEIGHT and 0.2 * WIDTH < columns.mean() < 0.8 * WIDTH
    if kind in SKY:
        assert rows.mean() < stage.horizon and rows.min() >= 0
    else:
        assert abs(np.percentile(rows, 99.5) - stage.spots[0].y) < 0.05 * HEIGHT


def test_a_whale_leaps_out_of_the_sea_and_nothing_shows_below_the_waterline():
    stage = make_stage()
    stage.sea_y = stage.horizon
    body = [layer for layer in build_subject(stage, Subject("whale"), stage.spots[0]) if layer.name == "leap"]
    rows = [np.nonzero(find_coverage(stage, body, t))[0] for t in (0.2, 1.0, 3.0)]

    assert rows[0].size and rows[1].size and not rows[2].size, "under water at the end of the leap"
    assert rows[1].min() < rows[0].min(), "it rises"
    assert max(rows[0].max(), rows[1].max()) < stage.horizon + 0.2 * (HEIGHT - stage.horizon)


@pytest.mark.parametrize(
    ("prompt", "subjects"),
    [
        ("three red robots in the city", [("robot", 3, "")]), ("月球上的机器人", [("robot", 1, "")]),
        ("街のロボット", [("robot", 1, "")]), ("a dragon over a castle", [("dragon", 1, "")]),
        ("山上的龙", [("dragon", 1, "eastern")]), ("城の上の竜", [("dragon", 1, "eastern")]),
        ("a killer whale", [("whale", 1, "orca")]), ("电吉他", [("guitar", 1, "electric")]),
        ("日本刀", [("sword", 1, "katana")]), ("a bowl of ramen", [("food", 1, "noodles")]),
        ("两个包子", [("food", 2, "buns")]), ("誕生日ケーキ", [("food", 1, "cake")]),
    ],
)  # fmt: skip
def test_things_are_read_in_three_languages(prompt, subjects):
    found = understand(prompt)

    assert [(s.kind, s.count, s.variant) for s in found.scene.subjects] == subjects
    assert not found.unknown


@pytest.mark.parametrize(
    ("prompt", "rider"),
    [("a girl on a red bicycle", "girl"), ("少女骑着红色的自行车", "girl"), ("赤い自転車に乗った少年", "boy")],
)
def test_riders_keep_the_colour_of_their_bicycle(prompt, rider):
    (subject,) = understand(prompt).scene.subjects

    assert (subject.kind, subject.action) == (rider, "ride")
    assert subject.mount.kind == "bicycle" and subject.mount.clothes_colour


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("two taxis at night", "taxis"), ("一辆警车", "警车"), ("スポーツカー", "スポーツカー"),
        ("a parked scooter", "scooter"), ("a girl on a motorcycle", "motorcycle"), ("🚗 🏍", "🚗"),
        ("a boy rides a horse", "rides"), ("男孩骑摩托车", "骑摩托车"), ("a girl rides a dragon", "rides"),
    ],
)  # fmt: skip
def test_what_only_a_panel_draws_is_said(prompt, words):
    found = understand(prompt)

    assert words in found.unknown
    assert not {"car", "motorcycle"} & {subject.kind for subject in found.scene.subjects}
    assert not is_drawable_in_colour(prompt)


def test_nobody_gets_a_second_guitar_beside_the_one_they_play():
    stage = make_stage()
    stage.holders = [Holder(WIDTH / 2, HEIGHT * 0.9, 1.6, 0.62, (8.0, 40.0), carries="guitar")]
    assert build_subject(stage, Subject("guitar"), stage.spots[0]) == []


def test_characters_that_are_things_keep_their_kind_and_colour_in_every_shot():
    bolt = {"name": "Bolt", "kind": "person", "description": "a robot", "colours": ["#222222", "#d8453a", "#3f7fe0"]}
    beetle = {"name": "Beetle", "kind": "prop", "description": "an old guitar"}
    options = {"cast": [bolt, beetle]}
    paints = set()
    for seed, prompt in enumerate(
        ("Bolt waves. He is alone.", "A robot stands beside a guitar.", "A guitar lies beside Bolt.")
    ):
        subjects = understand_in_story(prompt, options, seed=seed).scene.subjects
        assert [(s.name, s.clothes_colour) for s in subjects if s.kind == "robot"] == [("Bolt", "#d8453a")]
        paints |= {choose_paint(make_stage(seed=seed), s, "abcdef") for s in subjects if s.kind == "guitar"}

    assert len(paints) == 1
