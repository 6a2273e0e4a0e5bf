"""While a paid take is in the trash, scene and film show another one; a restored take is shown again."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs import maintenance
from jobs import maintenance as job_maintenance
from jobs import services as jobs
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.drawing.continuity import get_final_clips
from studio.drawing.quote import build_quote
from studio.films import services as film_services
from studio.models import Take
from studio.scenes import services as scene_services
from studio.stories import copy_story
from studio.storyboard.board import build_board, get_covers
from tests.fakes.echo import PRICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, run_jobs, fake):
    """A story of two scenes with animatics."""
    made = create_story(mika, "a girl on a hill", "a dog by the sea", provider=fake.slug)
    drawing_services.draw_animatics(story=made, by=mika, idem_key="sketches")
    run_jobs()
    return made


@pytest.fixture
def second(story, scenes):
    return lambda: scenes(story)[-1]


@pytest.fixture
def draw_scenes(mika, story, second, run_jobs, key):
    """``draw_scenes()`` buys one more final take of the second scene from a provider."""

    def bought():
        drawing_services.start_run(story=story, by=mika, which="one", scene=second(), idem_key=key())
        run_jobs()
        return second().takes.order_by("-created_at").select_related("clip__job").first()

    return bought


@pytest.fixture
def draw_and_throw(mika, draw_scenes, monkeypatch):
    """Like ``draw_scenes()``, but the take is deleted while it downloads, too late for the provider to stop."""

    def throw(name, key):
        if name == "clip_fetched":
            jobs.delete(Job.objects.active().get(kind="clip_elsewhere"), by=mika)

    def bought():
        with monkeypatch.context() as patch:
            patch.setattr("generation.worker.download.failpoint", throw)
            take = draw_scenes()
        job = take.clip.job
        assert (job.state, job.price_charged) == (State.READY, PRICE) and take.clip.deleted_at and take.clip.is_ready
        return take

    return bought


@pytest.fixture
def throw(mika):
    return lambda take: jobs.delete(Job.objects.get(clip=take.clip_id), by=mika)


@pytest.fixture
def take_back(sign_in, mika, django_capture_on_commit_callbacks):
    def pressed(take):
        with django_capture_on_commit_callbacks(execute=True):
            sign_in(mika).post(reverse("jobs:restore", args=[take.clip.job_id]))

    return pressed


@pytest.fixture
def shows(mika, story, second, sign_in):
    """``shows(take)``: storyboard, story list, film and continuity all use this take."""

    def is_shown(take):
        panel = build_board(story).panels[-1]
        is_final = take.purpose == Take.Purpose.FINAL
        assert (panel.playing, panel.is_final) == (take, is_final)
        film = film_services.request_film(story=story, by=mika, idem_key=f"film-{timezone.now().timestamp()}")
        assert film.plan["pieces"][-1]["clip"] == str(take.clip_id)
        assert get_final_clips(story) == ({second().pk: take.clip} if is_final else {})
        page = re.sub(r"\s+", " ", sign_in(mika).get(reverse("studio:stories")).text)
        assert f"2 scenes · {int(is_final)} final" in page
        return True

    return is_shown


@pytest.fixture
def sketch(second):
    return lambda: second().takes.get(purpose=Take.Purpose.ANIMATIC)


@pytest.mark.rows
def test_a_take_deleted_while_downloading_is_paid_and_not_shown(story, second, draw_scenes, draw_and_throw, shows):
    older = draw_scenes()

    draw_and_throw()

    assert second().chosen == older and shows(older)
    assert maintenance.find_violations() == []


@pytest.mark.slow
def test_a_take_finished_in_the_trash_is_shown_when_restored(
    story, second, draw_scenes, draw_and_throw, take_back, shows, sketch
):
    first = draw_and_throw()
    assert second().chosen is None and shows(sketch())
    take_back(first)
    assert second().chosen == first and shows(first)

    newer = draw_and_throw()
    assert shows(first)
    take_back(newer)
    assert shows(newer)


def test_a_restored_take_is_not_shown_in_a_locked_scene(
    mika, story, second, draw_scenes, draw_and_throw, take_back, shows
):
    older, newer = draw_scenes(), draw_and_throw()
    scene_services.lock_scene(scene=second(), by=mika, is_locked=True)

    take_back(newer)

    assert shows(older)


def test_the_newest_other_take_plays_while_the_chosen_one_is_deleted(
    mika, story, second, draw_scenes, throw, take_back, shows, sketch, sign_in
):
    oldest, older, newest = draw_scenes(), draw_scenes(), draw_scenes()
    assert shows(newest)

    throw(newest)
    assert shows(older) and build_board(story).panels[-1].is_choice_in_trash
    for path in (story.get_absolute_url(), reverse("studio:scene", args=[second().pk])):
        assert "The take is in the trash" in sign_in(mika).get(path).text
    throw(older)
    assert shows(oldest)
    throw(oldest)
    assert shows(sketch())

    take_back(oldest)
    assert shows(oldest)
    take_back(newest)
    assert shows(newest) and not build_board(story).panels[-1].is_choice_in_trash


def test_restoring_a_newer_take_keeps_the_chosen_one(mika, story, second, draw_scenes, throw, take_back, shows):
    older, newer = draw_scenes(), draw_scenes()
    drawing_services.choose_take(take=older, by=mika)
    throw(newer)

    take_back(newer)

    assert shows(older)


def test_a_chosen_animatic_plays_instead_of_a_final_take(mika, story, draw_scenes, throw, shows, sketch):
    draw_scenes()
    drawing_services.choose_take(take=sketch(), by=mika)
    assert shows(sketch())


def test_purging_a_chosen_take_keeps_its_replacement(story, second, draw_scenes, throw, shows):
    older, newer = draw_scenes(), draw_scenes()
    throw(newer)
    assert shows(older)

    Job.objects.filter(pk=newer.clip.job_id).update(deleted_at=timezone.now() - timezone.timedelta(days=31))
    job_maintenance.purge_trash()

    assert not Take.objects.filter(pk=newer.pk).exists()
    assert second().chosen == older and shows(older)


def test_copies_show_the_replacement_of_a_deleted_take(mika, story, second, draw_scenes, throw):
    older, newer = draw_scenes(), draw_scenes()
    throw(newer)

    copy = copy_story.duplicate_story(story=story, by=mika)
    again = scene_services.duplicate_scene(scene=second(), by=mika)

    assert build_board(copy).panels[-1].playing.clip == older.clip and again.takes.count() == 2
    assert [panel.playing.clip for panel in build_board(story).panels[-2:]] == [older.clip] * 2


def test_an_outdated_replacement_take_can_be_redrawn(mika, story, second, draw_scenes, throw):
    draw_scenes()
    drawing_services.mark_stale(scenes=[second().pk], character_name="Aki")
    newer = draw_scenes()
    assert not build_quote(story, by=mika, which="stale", mode="fast").rows

    throw(newer)

    assert build_board(story).panels[-1].is_stale
    assert [row.scene for row in build_quote(story, by=mika, which="stale", mode="fast").rows] == [second()]


def test_the_story_tile_shows_the_replacement_of_a_deleted_take(mika, story, scenes, draw_scenes, throw, sketch):
    scene_services.delete_scene(scene=scenes(story)[0], by=mika)
    older, newer = draw_scenes(), draw_scenes()
    assert get_covers([story]) == {story.pk: newer.clip}

    throw(newer)
    assert get_covers([story]) == {story.pk: older.clip}
    throw(older)
    assert get_covers([story]) == {story.pk: sketch().clip}
