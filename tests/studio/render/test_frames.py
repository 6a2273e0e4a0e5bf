"""Every planned frame is in the film once and in order. Each frame of the clips shows its own number."""

import random
from dataclasses import replace

import pytest

from studio.render.plan import CUT, Card, Join, JoinKind, Plan
from tests.matrix import deep_except
from tests.studio.render.clips import SMALL, build_plan, merge_plan, read_numbers

TRIMS = [(1, 0), (0, 1), (12, 12), (13, 5), (25, 20), (30, 29)]  # frames trimmed at start and end


def list_expected(plan: Plan, names: list[int | None]) -> list[set[tuple[int, int]]]:
    """Return the (clip, frame) pairs in each film frame. ``names`` are the clip numbers of the pieces."""
    film: list[set[tuple[int, int]]] = [set() for _ in range(plan.frames)]
    for piece, start, name in zip(plan.pieces, plan.starts, names, strict=True):
        if name is not None:
            for number in range(piece.length):
                film[start + number].add((name, piece.trim_in + number))
    return film


def assert_all_frames(path, plan, names, *, unreadable: int = 0):
    """Assert that all planned frames are shown, except at most ``unreadable`` dark or covered ones."""
    shown = [shown_numbers.all for shown_numbers in read_numbers(path)]
    expected = list_expected(plan, names)

    assert len(shown) == plan.frames
    transition_frames = {
        plan.starts[number + 1] - (join.tail - join.overlap if join.overlap == 0 else 0) + frame
        for number, join in enumerate(plan.joins)
        for frame in range(join.film_frames)
    }
    for number, (shown_numbers, planned) in enumerate(zip(shown, expected, strict=True)):
        if number in transition_frames:
            assert shown_numbers <= planned, number
        else:
            assert shown_numbers == planned, number
    total = sum(len(frames) for frames in shown)
    assert total >= sum(len(frames) for frames in expected) - unreadable


def test_cuts_play_every_frame_of_every_clip(shots, tmp_path):
    plan = build_plan(shots)

    film = merge_plan(plan, tmp_path)

    assert film.frames == sum(shot.frames for shot in shots)
    assert film.copied == film.frames and film.windows == 0
    assert_all_frames(film.path, plan, list(range(8)))


def test_crossfades_show_the_right_frames_of_both_clips_at_once(shots, tmp_path):
    plan = build_plan(shots, "crossfade", 12)

    film = merge_plan(plan, tmp_path)

    assert_all_frames(film.path, plan, list(range(8)))  # even the faintest frame of a crossfade is readable
    assert film.windows == 7


@pytest.mark.parametrize("frames", deep_except([7, 13, 16], 13))
@pytest.mark.parametrize("kind", [kind for kind in JoinKind if kind not in ("cut", "crossfade")])
def test_every_transition_keeps_order_and_length(shots, tmp_path, kind, frames):
    """Clips have key frames for transitions of 12 frames; other lengths end between key frames."""
    plan = build_plan([shots[2], shots[3], shots[0]], kind, frames)

    film = merge_plan(plan, tmp_path)

    assert_all_frames(film.path, plan, [2, 3, 0], unreadable=2 * 2 * frames)


@pytest.mark.parametrize("frames", deep_except([1, 2, 7, 13, 24], 1, 24))
def test_transitions_of_any_length_are_exact(shots, tmp_path, frames):
    plan = build_plan(shots[:4], "crossfade", frames)

    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [0, 1, 2, 3])


@pytest.mark.parametrize("trims", deep_except(TRIMS, (0, 1), (13, 5), (30, 29)))
def test_trimmed_clips_start_and_end_at_the_chosen_frames(shots, tmp_path, trims):
    trim_in, trim_out = trims
    middle = replace(shots[0], trim_in=trim_in, trim_out=trim_out)
    plan = build_plan([shots[1], middle, shots[3]])

    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [1, 0, 3])


def test_a_scene_may_consist_of_transitions_only(shots, tmp_path):
    short = replace(shots[4], trim_in=3, trim_out=3)
    plan = build_plan([shots[1], short, shots[3]], "crossfade", 12)

    assert short.length == 24
    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [1, 4, 3])


def test_one_scene_alone_is_a_film(shots, tmp_path):
    plan = build_plan(shots[:1])

    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [0])


def test_one_frame_alone_is_a_film(shots, tmp_path):
    plan = build_plan([replace(shots[0], trim_in=20, trim_out=39)])

    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [0])


def test_the_same_clip_may_appear_twice(shots, tmp_path):
    plan = build_plan([shots[0], shots[1], shots[0]], "crossfade", 6)

    assert_all_frames(merge_plan(plan, tmp_path).path, plan, [0, 1, 0])


def test_cards_have_their_length_and_shift_no_scene(shots, tmp_path):
    pieces = (Card("夜の街", "第一話", frames=30), shots[0], Card("End", frames=25))
    plan = Plan(SMALL, pieces, (Join(JoinKind.FADE_BLACK, 12), CUT))

    film = merge_plan(plan, tmp_path)

    assert_all_frames(film.path, plan, [None, 0, None], unreadable=12)
    assert film.frames == 30 + 60 + 25


@pytest.mark.parametrize("scenes", deep_except([20, 200], 20))
def test_repeated_transitions_of_a_long_film_are_rendered_once(shots, tmp_path, scenes):
    plan = build_plan([shots[(3 * number) % 8] for number in range(scenes)], "crossfade", 12)

    film = merge_plan(plan, tmp_path)

    assert film.frames == plan.frames and film.copied > plan.frames / 3
    assert film.windows == scenes - 1 and film.drawn_windows == 8  # eight different pairs of clips


@pytest.mark.parametrize("seed", deep_except(range(12), 0, 1))
def test_random_trims_and_transitions_are_exact(shots, tmp_path, seed):
    rng = random.Random(seed)
    names, pieces = [], []
    for _ in range(rng.randint(3, 7)):
        name = rng.choice([n for n in range(8) if not names or n % 2 != names[-1] % 2])
        spare = shots[name].frames - 26
        trim_in = rng.randint(0, max(0, spare))
        names.append(name)
        pieces.append(replace(shots[name], trim_in=trim_in, trim_out=rng.randint(0, max(0, spare - trim_in))))
    joins = [Join(rng.choice(list(JoinKind)), rng.randint(0, 13)) for _ in names[1:]]
    plan = Plan(SMALL, tuple(pieces), tuple(joins))

    film = merge_plan(plan, tmp_path)

    assert_all_frames(film.path, plan, names, unreadable=sum(2 * join.film_frames for join in joins))
