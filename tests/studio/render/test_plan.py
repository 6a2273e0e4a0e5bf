"""Plans are exact to the frame, and impossible ones are refused before rendering."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.render.errors import PlanRefused
from studio.render.fitting import fit_joins
from studio.render.plan import CUT, Card, Format, Join, JoinKind, Music, Plan, Shot

WIDE = Format(1280, 720)
ANY_JOIN = st.builds(Join, st.sampled_from(JoinKind), st.integers(0, 90))


def build_shot(frames: int, **more) -> Shot:
    return Shot(Path("clip.mp4"), "0" * 64, frames, **more)


def test_crossfades_shorten_the_film_and_fades_through_black_do_not():
    clips = (build_shot(120), build_shot(120), build_shot(120))

    plan = Plan(WIDE, clips, (Join(JoinKind.CROSSFADE, 12), Join(JoinKind.FADE_BLACK, 24)))

    assert plan.frames == 360 - 12
    assert plan.starts == (0, 108, 228)
    assert plan.seconds == pytest.approx(14.5)


def test_a_cut_has_no_length():
    assert Plan(WIDE, (build_shot(48), build_shot(48)), (Join(JoinKind.CUT, 12),)).frames == 96


def test_trimming_counts_before_joining():
    plan = Plan(WIDE, (build_shot(120, trim_in=10, trim_out=20), build_shot(48)), (CUT,))

    assert plan.frames == 90 + 48


def test_chapters_cover_the_film_without_a_gap():
    pieces = (Card("Title", frames=48), build_shot(120, title="Rain"), build_shot(120))
    plan = Plan(WIDE, pieces, (Join(JoinKind.CROSSFADE, 12), Join(JoinKind.WIPE, 24)))

    chapters = plan.chapters

    assert [chapter.title for chapter in chapters] == ["Title", "Rain", ""]
    assert chapters[0].start == 0 and chapters[-1].end == plan.frames
    assert all(earlier.end == later.start for earlier, later in pairwise(chapters))
    assert chapters[1].start == 36 + 6


@pytest.mark.parametrize(
    ("pieces", "joins", "code"),
    [
        ((), (), "empty"),
        ((build_shot(48), build_shot(48)), (), "joins"),
        ((build_shot(48, trim_in=30, trim_out=18),), (), "trimmed_away"),
        ((build_shot(48, trim_in=-1),), (), "trimmed_away"),
        ((build_shot(48), build_shot(120)), (Join(JoinKind.CROSSFADE, 72),), "too_long_join"),
        ((build_shot(240), build_shot(240)), (Join(JoinKind.CROSSFADE, 241),), "joins"),
        ((build_shot(48), build_shot(240)), (Join(JoinKind.CROSSFADE, -1),), "joins"),
        ((Card("x", frames=0),), (), "card"),
        ((Card("x" * 400),), (), "card"),
        ((Card("x", ink="red"),), (), "card"),
        ((build_shot(48, gain=60.0),), (), "gain"),
        ((build_shot(48, gain=float("nan")),), (), "gain"),
    ],
)
def test_an_impossible_plan_is_refused_with_a_reason(pieces, joins, code):
    with pytest.raises(PlanRefused) as refusal:
        Plan(WIDE, pieces, joins)

    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("size", [(1281, 720), (0, 0), (4096, 2160), (1920, 1920)])
def test_a_film_has_even_sides_and_at_most_1080p(size):
    with pytest.raises(PlanRefused):
        Format(*size)


def test_a_frame_is_a_whole_number_of_samples():
    with pytest.raises(PlanRefused):
        Format(1280, 720, 23)


def test_music_is_not_made_infinitely_loud():
    with pytest.raises(PlanRefused):
        Plan(WIDE, (build_shot(48),), (), music=Music(Path("m"), "", gain=float("inf")))


def test_a_transition_too_long_for_its_scene_is_shortened_with_a_note():
    pieces = (build_shot(120), build_shot(48), build_shot(120))

    joins, notes = fit_joins(pieces, (Join(JoinKind.CROSSFADE, 72), CUT))

    assert joins == (Join(JoinKind.CROSSFADE, 48), CUT)
    assert [(note.join, note.piece, note.wanted, note.given) for note in notes] == [(0, 1, 72, 48)]


def test_a_short_scene_shares_its_length_between_two_transitions():
    joins, notes = fit_joins(
        (build_shot(120), build_shot(48), build_shot(120)), (Join(JoinKind.SLIDE, 72), Join(JoinKind.IRIS, 24))
    )

    assert joins[0].frames == 36 and joins[1].frames == 12
    assert {note.piece for note in notes} == {1}


def test_fitting_transitions_stay_unchanged():
    joins_wanted = (Join(JoinKind.FADE_WHITE, 24), Join(JoinKind.PUSH, 12))

    assert fit_joins((build_shot(48), build_shot(48), build_shot(48)), joins_wanted) == (joins_wanted, ())


@given(st.lists(st.integers(1, 100), min_size=1, max_size=8), st.data())
def test_fitted_transitions_always_make_a_valid_plan(lengths, data):
    joins_wanted = data.draw(st.lists(ANY_JOIN, min_size=len(lengths) - 1, max_size=len(lengths) - 1))
    pieces = tuple(build_shot(length) for length in lengths)

    joins, notes = fit_joins(pieces, joins_wanted)
    plan = Plan(WIDE, pieces, joins)

    assert plan.frames == sum(lengths) - sum(join.overlap for join in joins)
    assert all(fitted.frames <= max(0, requested.frames) for fitted, requested in zip(joins, joins_wanted, strict=True))
    assert len(notes) == sum(
        fitted.frames < requested.frames
        for fitted, requested in zip(joins, joins_wanted, strict=True)
        if requested.kind != "cut"
    )
