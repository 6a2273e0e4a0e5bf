"""The storyboard and the quote agree on missing and failed scenes."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from generation.job_kinds import ClipKind
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import State
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.errors import TakeNotReady
from studio.models import Run, Scene, Take
from studio.scenes import services as scene_services
from studio.timeline.board import build_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")


@pytest.fixture
def read_page(sign_in, mika, story):
    browser = sign_in(mika)
    return lambda path="": html.unescape(browser.get(f"/stories/{story.pk}/{path}").content.decode())


def list_missing_and_failed(story, by):
    """Return the numbers of missing and failed scenes. Asserts that the quotes contain the same scenes."""
    board = build_board(story)
    listed = [panel.n for panel in board.missing], [panel.n for panel in board.failures]
    quotes = [build_quote(story, by=by, which=which, mode="fast").rows for which in ("missing", "failed")]
    assert listed == tuple([row.scene.position for row in rows] for rows in quotes)
    return listed


def test_a_scene_with_a_final_take_is_not_missing(mika, story, scenes, draw_scenes, read_page):
    drawing_services.draw_animatics(story=story, by=mika, idem_key="sketches")
    draw_scenes("one", scene=scenes(story)[0])
    animatic = Take.objects.get(scene=scenes(story)[0], purpose="animatic")

    drawing_services.choose_take(take=animatic, by=mika)

    assert build_board(story).panels[0].badge == "Draft"
    assert list_missing_and_failed(story, mika) == ([2, 3], [])
    assert "Draw 2 final takes with Atelier" in read_page() and "nothing to draw" not in read_page(
        "draw/?which=missing"
    )

    draw_scenes("missing")
    assert list_missing_and_failed(story, mika) == ([], [])
    assert "Draw 2 final takes" not in read_page()


def test_a_failed_redraw_is_shown_beside_the_older_take(mika, story, draw_scenes, read_page, atelier):
    draw_scenes("all")
    atelier.refused = {"dog"}
    draw_scenes("all")

    assert [panel.state for panel in build_board(story).panels] == ["done"] * 3
    assert list_missing_and_failed(story, mika) == ([], [2])
    assert "Retry 1 failed" in read_page()
    assert re.search(r">Final<.*Not redrawn: The atelier doesn’t support that\.", read_page(), re.DOTALL)

    atelier.refused = set()
    draw_scenes("failed")
    assert list_missing_and_failed(story, mika) == ([], [])
    assert "Not redrawn" not in read_page() and "?which=failed" not in read_page()


def test_a_download_only_take_counts_as_failed(mika, story, draw_scenes, read_page, atelier, monkeypatch):
    def store_for_download_only(claim):
        claim.move_to(State.READY_DEGRADED, error_public="It can only be downloaded.")

    with monkeypatch.context() as patch:
        patch.setitem(ClipKind.steps, State.STORED, store_for_download_only)
        run = draw_scenes("all")

    assert {(shot.state, shot.reason) for shot in run.shots.all()} == {("failed", "It can only be downloaded.")}
    assert not any(panel.playing or panel.scene.chosen for panel in build_board(story).panels)
    assert list_missing_and_failed(story, mika) == ([1, 2, 3], [1, 2, 3])
    assert "It can only be downloaded." in read_page()
    for choose in (drawing_services.choose_take, drawing_services.choose_cover):
        with pytest.raises(TakeNotReady):
            choose(take=Take.objects.first(), by=mika)

    draw_scenes("failed")
    assert list_missing_and_failed(story, mika) == ([], [])


def test_a_refused_redraw_is_shown_as_failed(mika, story, run_jobs, draw_scenes, read_page, atelier):
    draw_scenes("all")
    run = drawing_services.start_run(story=story, by=mika, which="all", idem_key="higher price")
    atelier.price += 1
    run_jobs()

    assert run.shots.filter(clip=None).count() == 3
    assert list_missing_and_failed(story, mika) == ([], [1, 2, 3])
    assert read_page().count("Not redrawn: The price is now higher than you agreed to") == 3


def test_a_stopped_redraw_leaves_final_scenes_unchanged(mika, story, draw_scenes, read_page):
    draw_scenes("all")
    run = drawing_services.start_run(story=story, by=mika, which="all", idem_key="redraw")
    engine.advance(run.job_id)
    drawing_services.stop_run(run=run, by=mika)

    assert {shot.clip.job.state for shot in run.shots.all()} == {"cancelled"}
    assert list_missing_and_failed(story, mika) == ([], [])
    assert "?which=failed" not in read_page() and "Not redrawn" not in read_page()


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_cancelled_take_that_its_provider_cannot_stop_is_not_failed(
    mika, story, draw_scenes, read_page, monkeypatch, is_stopped
):
    def time_out(claim):
        if is_stopped:
            jobs.cancel(claim.job, by=mika)
        claim.move_to(State.TIMED_OUT, reason="stopped|Echo")

    draw_scenes("all")
    monkeypatch.setitem(ClipKind.steps, State.STORED, time_out)
    draw_scenes("all")

    assert set(Take.objects.filter(clip__ready_at=None).values_list("clip__job__state", flat=True)) == {"timed_out"}
    assert list_missing_and_failed(story, mika) == ([], [] if is_stopped else [1, 2, 3])
    assert ("?which=failed" in read_page()) is not is_stopped


def test_a_scene_being_redrawn_is_not_failed(mika, story, draw_scenes, atelier):
    atelier.refused = {"dog"}
    draw_scenes("all")
    drawing_services.start_run(story=story, by=mika, which="failed", idem_key="again")

    assert build_board(story).failures == [] and build_board(story).missing == []


def test_a_purged_failed_take_is_no_failure(mika, story, draw_scenes, read_page, atelier):
    draw_scenes("all")
    atelier.refused = {"dog"}
    draw_scenes("all")
    failed = Take.objects.get(scene__position=2, clip__job__state="failed")

    jobs.delete(failed.clip.job, by=mika)
    assert list_missing_and_failed(story, mika) == ([], [])
    jobs.purge(failed.clip.job)

    assert not Clip.objects.filter(pk=failed.clip_id).exists()
    assert list_missing_and_failed(story, mika) == ([], [])
    assert "Not redrawn" not in read_page()


@pytest.fixture
def set_clock_back():
    """``set_clock_back()`` makes all existing rows an hour newer than those created later."""

    def set_back():
        for rows in (Take, Run):
            rows.objects.update(created_at=F("created_at") + timedelta(hours=1))

    return set_back


def test_a_finished_take_is_shown_although_the_clock_was_set_back(mika, story, draw_scenes, atelier, set_clock_back):
    draw_scenes("all")
    older = set(Take.objects.values_list("pk", flat=True))
    set_clock_back()

    draw_scenes("all")

    newer = Take.objects.exclude(pk__in=older)
    assert {scene.chosen for scene in story.scenes.all()} == set(newer)
    assert [panel.playing.pk in older for panel in build_board(story).panels] == [False] * 3
    assert list_missing_and_failed(story, mika) == ([], [])


def test_a_failure_before_the_clock_was_set_back_ends_with_the_next_take(
    mika, story, draw_scenes, read_page, atelier, set_clock_back
):
    atelier.refused = {"dog"}
    draw_scenes("all")
    set_clock_back()
    atelier.refused = set()

    draw_scenes("failed")

    assert list_missing_and_failed(story, mika) == ([], [])
    assert "?which=failed" not in read_page()


def test_a_refusal_before_the_clock_was_set_back_ends_with_the_next_take(
    mika, story, run_jobs, draw_scenes, read_page, atelier, set_clock_back
):
    draw_scenes("all")
    drawing_services.start_run(story=story, by=mika, which="all", idem_key="higher price")
    atelier.price += 1
    run_jobs()
    assert list_missing_and_failed(story, mika) == ([], [1, 2, 3])
    set_clock_back()

    draw_scenes("failed")

    assert list_missing_and_failed(story, mika) == ([], [])
    assert "?which=failed" not in read_page()


def test_a_refusal_after_the_clock_was_set_back_is_the_newest(
    mika, story, run_jobs, draw_scenes, atelier, set_clock_back
):
    draw_scenes("all")
    set_clock_back()
    drawing_services.start_run(story=story, by=mika, which="all", idem_key="higher price")
    atelier.price += 1
    run_jobs()

    assert list_missing_and_failed(story, mika) == ([], [1, 2, 3])


@pytest.mark.parametrize("which", ["missing", "failed"])
def test_a_quote_needs_no_query_per_scene(mika, story, draw_scenes, atelier, which):
    atelier.refused = {"dog"}
    draw_scenes("all")
    with CaptureQueriesContext(connection) as few:
        build_quote(story, by=mika, which=which, mode="fast")
    for scene in list(story.scenes.shown().in_order()):
        scene_services.duplicate_scene(scene=scene, by=mika)
    Scene.objects.filter(story=story).update(is_locked=True)  # locked rows need no price

    with CaptureQueriesContext(connection) as many:
        build_quote(story, by=mika, which=which, mode="fast")

    assert len(many) <= len(few) <= 12
