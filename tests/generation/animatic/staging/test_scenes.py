"""An idea → the shots of its film."""

import pytest

from generation.animatic.staging.scenes import MOST, split_scenes

from .test_reading import BAD, LANGUAGES, ROWS, check

SPLITS = {
    "three sparrows steal the mayor's wig but the wind carries it to a scarecrow": [
        "Three sparrows steal the mayor's wig.",
        "The wind carries it to a scarecrow.",
        "A scarecrow.",
    ],
    "A grandmother gives her grandson a red kite on the hill.": [
        "A grandmother on the hill.",
        "A grandmother gives her grandson a red kite on the hill.",
        "A red kite.",
    ],
    "The girl who lost her umbrella runs through the rain until a bus stops beside her.": [
        "The girl who lost her umbrella runs through the rain.",
        "A bus stops beside her.",
        "A bus.",
    ],
    "A courier delivers a box to the planet, until one day it starts knocking from the inside.": [
        "A courier delivers a box to the planet.",
        "One day it starts knocking from the inside.",
    ],
    "Until the moon rises, a fox waits behind the shrine.": [
        "A fox behind the shrine.",
        "A fox waits behind the shrine.",
        "The moon rises.",
    ],
    "A waiter slips and drops the cake between two tables, but nobody sees it.": [
        "A waiter slips and drops the cake between two tables.",
        "Nobody sees it.",
        "The cake.",
    ],
    "A fox runs through the snowy forest.": ["A fox in the snowy forest.", "A fox runs through the snowy forest."],
    "A clockmaker repairs every umbrella in town.": [
        "A clockmaker in town.",
        "A clockmaker repairs every umbrella in town.",
        "Umbrella.",
    ],
    "九尾狐站在石桥中央，回头望着提灯的少女。": [
        "石桥中央，九尾狐。",
        "九尾狐站在石桥中央，回头望着提灯的少女。",
        "少女。",
    ],
    "清晨，卖豆腐的老人推着车走过石桥，一条狗跟在他旁边。": [
        "清晨，卖豆腐的老人推着车走过石桥。",
        "一条狗跟在他旁边。",
    ],
    "三只麻雀偷了市长的假发，但是风把它吹到了稻草人头上。": [
        "三只麻雀偷了市长的假发。",
        "风把它吹到了稻草人头上。",
    ],
}


@pytest.mark.parametrize("idea", SPLITS)
def test_shots_are_the_clauses_of_the_idea(idea):
    assert [shot.text for shot in split_scenes(idea)] == SPLITS[idea]


def test_what_comes_later_is_not_in_the_first_shot():
    first, second, _close = split_scenes("three sparrows steal a wig but the wind carries it to a scarecrow")

    assert [who.name for who in first.acts[0].actors] == ["bird"]
    assert "scarecrow" not in str(first)
    assert second.acts[0].is_turn


def test_place_and_hour_pass_on_until_a_clause_names_new_ones():
    shots = split_scenes("At night a boy rows on the lake. A girl waves. At dawn they dance in the village.")

    assert [(shot.place, shot.hour) for shot in shots] == [("water", "night"), ("water", "night"), ("street", "dawn")]


def test_long_ideas_are_joined_to_four_shots_with_the_turn_first_in_its_own():
    idea = "A boy sings. A girl dances. A cat runs. A dog barks. A fox sleeps, but suddenly the king falls."
    shots = split_scenes(idea)

    assert len(shots) == MOST
    assert shots[-1].text == "Suddenly the king falls."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_idea_has_one_to_four_shots_that_can_be_drawn(language):
    for idea, _ in ROWS[language]:
        shots = split_scenes(idea, language)
        assert 1 <= len(shots) <= MOST, idea
        for shot in shots:
            assert shot.text.strip(), idea
            check(shot)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_has_a_calm_shot(text):
    shots = split_scenes(text)

    assert 1 <= len(shots) <= MOST
    for shot in shots:
        check(shot)
