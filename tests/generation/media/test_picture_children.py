"""Children that decode images: their number and memory, turns of persons, and images that do not fit."""

import dataclasses
import threading

import pytest

from generation.media import picture, picture_children
from generation.media.picture import rebuild_picture
from generation.media.picture_children import Turns, size_children
from tests.generation.media.test_picture import draw_orange, encode, rebuild_refused
from tests.processes import until

MIB, GIB = 1024**2, 1024**3


@pytest.mark.parametrize(
    ("machine", "limits", "children", "mebibytes"),
    [
        (16 * GIB, [], 2, 700),
        (16 * GIB, [8 * GIB, 1 * GIB], 1, 624),
        (16 * GIB, [512 * MIB], 1, 256),
        (2 * GIB, [], 1, 700),
        (1 * GIB, [], 1, 512),
        (GIB // 4, [], 1, 256),
    ],
)
def test_children_fit_into_the_memory_there_is(monkeypatch, machine, limits, children, mebibytes):
    monkeypatch.setattr(picture_children, "machine_memory", lambda: machine)
    monkeypatch.setattr(picture_children, "cgroup_limits", lambda: limits)

    assert size_children() == (children, mebibytes * MIB)


def test_one_person_never_holds_two_turns():
    turns = Turns(2)
    with turns.take("mika", 1), turns.take("mika", 0) as again, turns.take("ren", 0) as other:
        assert (again, other) == (False, True)
    with turns.take("mika", 0) as later:
        assert later


def test_no_more_turns_are_held_than_there_are_places():
    turns = Turns(2)
    with turns.take("mika", 0), turns.take("ren", 0), turns.take("aya", 0) as third:
        assert not third


def test_another_person_comes_before_the_next_image_of_the_same():
    turns, order = Turns(1), []

    def wait_for_turn(name, person):
        with turns.take(person, 60) as has_turn:
            order.append((name, has_turn))

    threads = [
        threading.Thread(target=wait_for_turn, args=pair)
        for pair in (("second of mika", "mika"), ("third of mika", "mika"), ("first of ren", "ren"))
    ]
    with turns.take("mika", 0):
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: turns.count_waiting() == number)
    for thread in threads:
        thread.join()

    assert order == [("first of ren", True), ("second of mika", True), ("third of mika", True)]


def test_an_image_that_does_not_fit_into_memory_is_refused_by_its_header(tmp_path, monkeypatch):
    """A progressive JPEG keeps the coefficients of the whole image, another JPEG only the rows that it decodes."""
    monkeypatch.setattr(picture, "CHILD_LIMITS", dataclasses.replace(picture.CHILD_LIMITS, memory=140 * MIB))
    photo = draw_orange(6000, 5000)

    assert rebuild_refused(encode(photo, "JPEG", progressive=True), tmp_path) == "too_much_memory"
    assert rebuild_refused(encode(draw_orange(3600, 2800), "WEBP", method=0), tmp_path) == "too_much_memory"
    assert rebuild_picture(encode(photo, "JPEG"), tmp_path).was_reduced
