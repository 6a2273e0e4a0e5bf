"""Versions of a film side by side: whatever they are made of differently is told, and nothing else."""

import pytest

from studio import frozen, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(board, ask):
    """``versions(deed)``: what is told of two films of one story between which ``deed(story)`` was done."""

    def told(deed):
        story = board(2)
        first = ask(story)
        deed(story)
        return frozen.differences(first, ask(story))

    return told


def test_versions_made_of_the_same_are_told_no_difference(versions):
    assert versions(lambda story: None) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_levelled": False}, "brought to one loudness"),
        ({"fit": "crop"}, "another shape"),
        ({"title_text": "Harbour"}, "The cards differ."),
        ({"resolution": 1080}, "Size: 720 and 1080 lines."),
    ],
)
def test_each_way_in_which_the_film_was_set_differently_is_told(mika, versions, changes, words):
    found = versions(lambda story: services.change_film_settings(story=story, by=mika, changes=changes))

    assert any(words in each for each in found), found
    assert not any("only in" in each for each in found)


def test_other_music_is_told(mika, versions, tune, work):
    def bring(story):
        services.bring_music(upload=tune(), story=story, by=mika)
        work()

    assert versions(bring) == ["The music, or how loud it is, differs."]


def test_a_scene_that_was_empty_in_one_and_has_a_take_in_the_other_is_told(mika, board, ask, shoot, scenes):
    story = board(2)
    scene = services.add_scene(story=story, by=mika)
    first = ask(story)
    shoot(scene, frames=120)

    assert frozen.differences(first, ask(story)) == ["Scene 3 shows another take."]
