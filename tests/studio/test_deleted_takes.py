"""Scene and film show another take while a paid one is in the trash."""

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
from studio.timeline.board import annotate_first_clip, build_board, get_covers
from studio.timeline.takes import mark_stale
from tests.fakes.echo import PRICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, run_jobs, fake):
    """A story of two scenes with animatics."""
    created = create_story(mika, "a girl on a hill", "a dog by the sea", provider=fake.slug)
    drawing_services.draw_animatics(story=created, by=mika, idem_key="sketches")
    run_jobs()
    return created


@pytest.fixture
def second_scene(story, scenes):
    return lambda: scenes(story)[-1]


@pytest.fixture
def draw_scenes(mika, story, second_scene, run_jobs, key):
    """``draw_scenes()`` buys one more final take of the second scene, and uses it."""

    def draw():
        drawing_services.start_run(story=story, by=mika, which="one", scene=second_scene(), idem_key=key())
        run_jobs()
        drawing_services.use_new_takes(story=story, by=mika)
        return second_scene().takes.order_by("-created_at").select_related("clip__job").first()

    return draw


@pytest.fixture
def draw_and_delete(mika, draw_scenes, monkeypatch):
    """Like ``draw_scenes()``, but the take is deleted while it downloads, too late to cancel at the provider."""

    def delete(name, key):
        if name == "clip_fetched":
            jobs.delete(Job.objects.active().get(kind="clip_elsewhere"), by=mika)

    def draw():
        with monkeypatch.context() as patch:
            patch.setattr("generation.worker.download.failpoint", delete)
            take = draw_scenes()
        job = take.clip.job
        assert (job.state, job.price_charged) == (State.READY, PRICE) and take.clip.deleted_at and take.clip.is_ready
        return take

    return draw


@pytest.fixture
def delete_take(mika):
    return lambda take: jobs.delete(Job.objects.get(clip=take.clip_id), by=mika)


@pytest.fixture
def restore_take(sign_in, mika, django_capture_on_commit_callbacks):
    def restore(take):
        with django_capture_on_commit_callbacks(execute=True):
            sign_in(mika).post(reverse("jobs:restore", args=[take.clip.job_id]))

    return restore


@pytest.fixture
def assert_shown(mika, story, second_scene, sign_in):
    """``assert_shown(take)``: storyboard, story list, film and continuity use this take."""

    def check(take):
        panel = build_board(story).panels[-1]
        is_final = take.purpose == Take.Purpose.FINAL
        assert (panel.playing, panel.is_final) == (take, is_final)
        film = film_services.request_film(story=story, by=mika, idem_key=f"film-{timezone.now().timestamp()}")
        assert film.plan["pieces"][-1]["clip"] == str(take.clip_id)
        assert get_final_clips(story) == ({second_scene().pk: take.clip} if is_final else {})
        (listed,) = sign_in(mika).get(reverse("studio:stories")).context["page"].rows
        assert (listed.scene_count, listed.final_count) == (2, int(is_final))
        return True

    return check


@pytest.fixture
def animatic(second_scene):
    return lambda: second_scene().takes.get(purpose=Take.Purpose.ANIMATIC)


@pytest.mark.rows
def test_a_take_deleted_while_downloading_is_paid_and_not_shown(
    story, second_scene, draw_scenes, draw_and_delete, assert_shown
):
    older = draw_scenes()

    draw_and_delete()

    assert second_scene().chosen == older and assert_shown(older)
    assert maintenance.find_violations() == []


@pytest.mark.slow
@pytest.mark.deep
def test_a_take_finished_in_the_trash_can_be_used_when_restored(
    mika, story, second_scene, draw_scenes, draw_and_delete, restore_take, assert_shown, animatic
):
    first = draw_and_delete()
    assert second_scene().chosen is None and assert_shown(animatic())
    restore_take(first)
    assert drawing_services.use_new_takes(story=story, by=mika) == 1 and assert_shown(first)

    newer = draw_and_delete()
    assert assert_shown(first)
    restore_take(newer)
    assert drawing_services.use_new_takes(story=story, by=mika) == 1 and assert_shown(newer)


def test_a_restored_take_is_not_shown_in_a_locked_scene(
    mika, story, second_scene, draw_scenes, draw_and_delete, restore_take, assert_shown
):
    older, newer = draw_scenes(), draw_and_delete()
    scene_services.lock_scene(scene=second_scene(), by=mika, is_locked=True)

    restore_take(newer)

    assert assert_shown(older)


def test_the_newest_other_take_plays_while_the_chosen_one_is_deleted(
    mika, story, second_scene, draw_scenes, delete_take, restore_take, assert_shown, animatic, sign_in
):
    oldest, older, newest = draw_scenes(), draw_scenes(), draw_scenes()
    assert assert_shown(newest)

    delete_take(newest)
    assert assert_shown(older) and build_board(story).panels[-1].is_choice_in_trash
    for path in (story.get_absolute_url(), reverse("studio:scene", args=[second_scene().pk])):
        assert "The take is in the trash" in sign_in(mika).get(path).text
    delete_take(older)
    assert assert_shown(oldest)
    delete_take(oldest)
    assert assert_shown(animatic())

    restore_take(oldest)
    assert assert_shown(oldest)
    restore_take(newest)
    assert assert_shown(newest) and not build_board(story).panels[-1].is_choice_in_trash


def test_restoring_a_newer_take_keeps_the_chosen_one(
    mika, story, second_scene, draw_scenes, delete_take, restore_take, assert_shown
):
    older, newer = draw_scenes(), draw_scenes()
    drawing_services.choose_take(take=older, by=mika)
    delete_take(newer)

    restore_take(newer)

    assert assert_shown(older)


def test_a_chosen_animatic_plays_instead_of_a_final_take(mika, story, draw_scenes, delete_take, assert_shown, animatic):
    draw_scenes()
    drawing_services.choose_take(take=animatic(), by=mika)
    assert assert_shown(animatic())


def test_purging_a_chosen_take_keeps_its_replacement(story, second_scene, draw_scenes, delete_take, assert_shown):
    older, newer = draw_scenes(), draw_scenes()
    delete_take(newer)
    assert assert_shown(older)

    Job.objects.filter(pk=newer.clip.job_id).update(deleted_at=timezone.now() - timezone.timedelta(days=31))
    job_maintenance.purge_trash()

    assert not Take.objects.filter(pk=newer.pk).exists()
    assert second_scene().chosen == older and assert_shown(older)


def test_copies_show_the_replacement_of_a_deleted_take(mika, story, second_scene, draw_scenes, delete_take):
    older, newer = draw_scenes(), draw_scenes()
    delete_take(newer)

    copy = copy_story.duplicate_story(story=story, by=mika)
    duplicate = scene_services.duplicate_scene(scene=second_scene(), by=mika)

    assert build_board(copy).panels[-1].playing.clip == older.clip and duplicate.takes.count() == 2
    assert [panel.playing.clip for panel in build_board(story).panels[-2:]] == [older.clip] * 2


def test_an_outdated_replacement_take_can_be_redrawn(mika, story, second_scene, draw_scenes, delete_take):
    draw_scenes()
    mark_stale(scenes=[second_scene().pk], character_name="Aki")
    newer = draw_scenes()
    assert not build_quote(story, by=mika, which="stale", mode="fast").rows

    delete_take(newer)

    assert build_board(story).panels[-1].is_stale
    assert [row.scene for row in build_quote(story, by=mika, which="stale", mode="fast").rows] == [second_scene()]


def test_the_story_tile_shows_the_replacement_of_a_deleted_take(
    mika, story, scenes, draw_scenes, delete_take, animatic
):
    scene_services.delete_scene(scene=scenes(story)[0], by=mika)
    older, newer = draw_scenes(), draw_scenes()
    stories = annotate_first_clip(type(story).objects.filter(pk=story.pk))

    def find_covers() -> dict:
        return {pk: cover.clip_id for pk, cover in get_covers(stories.all()).items()}

    assert find_covers() == {story.pk: newer.clip_id}

    delete_take(newer)
    assert find_covers() == {story.pk: older.clip_id}
    delete_take(older)
    assert find_covers() == {story.pk: animatic().clip_id}
