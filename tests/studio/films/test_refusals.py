"""Impossible films are refused before they start, or fail with a reason that names the scene."""

from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone, translation

from generation.media import storage
from generation.models import Clip, ClipFile
from generation.worker.files import remove_files
from jobs import services as jobs
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.errors import NoFilm
from studio.films import plan as film_plan
from studio.models import Film, FilmSettings, Music, Take
from studio.scenes import services as scene_services
from studio.timeline.scene_names import format_numbers
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def expect_refusal(request_film, story):
    with pytest.raises(NoFilm) as refusal:
        request_film(story)
    assert not Film.objects.exists() and not Job.objects.filter(kind="film").exists()
    return refusal.value


def test_a_story_without_scenes_makes_no_film(mika, create_story, request_film):
    assert "There are no scenes" in str(expect_refusal(request_film, create_story(mika)))


@pytest.mark.parametrize(("language", "text"), [("en", "1, 2 and 7"), ("zh-hans", "1、2 和 7")])
def test_scene_numbers_are_listed_in_the_users_language(language, text):
    with translation.override(language):
        assert format_numbers([1, 2, 7]) == text


def test_a_story_without_any_take_is_refused_with_a_remedy(mika, create_story, request_film):
    story = create_story(mika, "one", "two", "three")

    refusal = expect_refusal(request_film, story)

    assert [problem.remedy for problem in refusal.problems] == ["animate"]
    assert "Scenes 1, 2 and 3 have no finished take yet." in str(refusal)


def test_scenes_without_a_take_play_as_their_text(mika, create_story, request_film, add_take, scenes):
    story = create_story(mika, "one", "two", "three")
    add_take(scenes(story)[0])

    film = request_film(story)

    cards = [(piece["text"], piece["subtitle"]) for piece in film.plan["pieces"] if piece["kind"] == "card"]
    assert cards == [("Scene 2", "two"), ("Scene 3", "three")]
    assert [source["purpose"] for source in film.made_from] == ["final", "text", "text"]
    assert "Scenes 2 and 3 have no finished take yet, so they play as cards" in str(film.notes)


def test_a_story_of_empty_scenes_makes_no_film(mika, create_story, request_film):
    story = create_story(mika)
    for _ in range(2):
        scene_services.add_scene(story=story, by=mika)

    refusal = expect_refusal(request_film, story)

    assert [problem.remedy for problem in refusal.problems] == ["write"]
    assert "Scenes 1 and 2 are empty." in str(refusal)


def test_a_film_waits_for_scenes_being_drawn(mika, create_story, request_film):
    story = create_story(mika, "one")
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")

    refusal = expect_refusal(request_film, story)

    assert [problem.remedy for problem in refusal.problems] == ["wait"]


def test_a_scene_trimmed_to_nothing_is_named(create_storyboard, update_scene, request_film):
    story = create_storyboard(2)
    update_scene(story, 2, trim_in=30, trim_out=20)

    assert str(expect_refusal(request_film, story)) == "Scene 2: Nothing is left after trimming. Trim less."


def test_one_scene_is_a_film_without_transitions(create_storyboard, update_scene):
    story = create_storyboard(1)
    update_scene(story, 1, join_kind="crossfade", join_frames=12)

    plan = film_plan.build_film_plan(story)

    assert (plan.frames, plan.joins, plan.problems) == (48, (), [])


def test_a_transition_longer_than_its_scene_is_shortened_with_a_note(create_storyboard, update_scene):
    story = create_storyboard(2)
    update_scene(story, 1, join_kind="crossfade", join_frames=72)

    plan = film_plan.build_film_plan(story)

    assert [join.frames for join in plan.joins] == [48]
    assert plan.notes == ["Only 48 of 72 frames fit, because Scene 1 is too short."]
    assert plan.problems == [] and plan.frames == 48


def test_planning_a_film_needs_no_query_per_scene(
    create_storyboard, update_scene, request_film, django_assert_max_num_queries
):
    story = create_storyboard(3)
    long_story = create_storyboard(12)
    for planned in (story, long_story):
        planned.scenes.update(join_kind="crossfade", join_frames=12)

    with django_assert_max_num_queries(8):
        small = film_plan.build_film_plan(story)
    with django_assert_max_num_queries(8):
        large = film_plan.build_film_plan(long_story)

    assert (small.frames, large.frames) == (3 * 48 - 2 * 12, 12 * 48 - 11 * 12)
    assert large.problems == []
    assert len(request_film(long_story).plan["joins"]) == 11


def test_a_clip_of_another_workspace_is_refused(create_storyboard, add_take, scenes, request_film):
    story = create_storyboard(2)
    Take.objects.filter(scene__story=story).delete()
    stranger = UserFactory(email="stranger@example.test")
    add_take(scenes(story)[0], workspace=stranger.workspaces.get())
    add_take(scenes(story)[1])

    assert "Scene 1: The clip belongs to another workspace" in str(expect_refusal(request_film, story))


def move_to_other_workspace(clip):
    stranger = UserFactory(email="stranger@example.test")
    Clip.objects.filter(pk=clip.pk).update(workspace=stranger.workspaces.get())


def move_to_trash(clip):
    Clip.objects.filter(pk=clip.pk).update(deleted_at="2026-01-01T00:00Z")


def purge(clip):
    remove_files(clip)
    clip.delete()


def delete_file(clip):
    storage.delete(clip.file(ClipFile.Kind.MEZZANINE).key)


def change_digest(clip):
    ClipFile.objects.filter(clip=clip, kind="mezzanine").update(sha256="0" * 64)


def damage_file(clip):
    path = Path(storages["clips"].path(clip.file(ClipFile.Kind.MEZZANINE).key))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (move_to_other_workspace, "foreign"),
        (move_to_trash, "in_bin"),
        (purge, "missing"),
        (delete_file, "missing"),
        (change_digest, "changed"),
        (damage_file, "changed"),
    ],
)
def test_a_damaged_clip_fails_the_film_by_scene_number(create_storyboard, request_film, run_jobs, damage, code):
    story = create_storyboard(3)
    film = request_film(story)
    damage(story.scenes.get(position=2).chosen.clip)

    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.job.error_code, film.is_ready) == (State.FAILED, code, False)
    assert film.job.error_public.startswith("Scene 2: ")
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]


def test_a_film_fails_when_its_user_lost_the_right(mika, create_storyboard, request_film, run_jobs):
    film = request_film(create_storyboard(1))
    mika.memberships.update(role="viewer")

    run_jobs(film.job)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "not_allowed")


def test_a_film_that_fails_verification_is_not_published(create_storyboard, request_film, run_jobs, monkeypatch):
    from studio.render.errors import FilmRefused

    def refuse(*_values, **_more):
        raise FilmRefused("drift", "Sound and picture part.", piece=None)

    film = request_film(create_storyboard(2))
    monkeypatch.setattr("studio.render.checks.check_file", refuse)

    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.job.error_code, film.key) == (State.FAILED, "drift", "")
    assert "Sound and picture were out of sync" in film.job.error_public


@pytest.fixture
def ren_as_editor(mika, ren):
    """Ren's membership as an editor in Mika's workspace."""
    return ren.memberships.create(workspace=mika.workspaces.get(), role="editor")


def fail(film):
    Job.objects.filter(pk=film.job_id).update(state=State.FAILED)
    return Job.objects.get(pk=film.job_id)


def test_an_editor_can_retry_the_film_of_a_former_editor(
    mika, ren, ren_as_editor, create_storyboard, request_film, run_jobs
):
    film = request_film(create_storyboard(1))
    mika.memberships.update(role="viewer")

    retried = jobs.retry(fail(film), by=ren)
    run_jobs(retried)

    film.refresh_from_db()
    assert (film.job.state, film.is_ready) == (State.READY, True)


def test_music_of_another_workspace_is_refused(create_storyboard, request_film):
    story = create_storyboard(1)
    stranger = UserFactory(email="stranger@example.test")
    music = Music.objects.create(workspace=stranger.workspaces.get(), sha256="0" * 64, bytes=1, ready_at=timezone.now())
    FilmSettings.objects.create(story=story, music=music)

    assert "The music no longer exists" in str(expect_refusal(request_film, story))


@pytest.mark.parametrize(("is_allowed", "state"), [(True, "ready"), (False, "failed")])
def test_an_administrator_retries_a_film_with_the_rights_of_its_user(
    mika, create_storyboard, request_film, run_jobs, is_allowed, state
):
    film = request_film(create_storyboard(1))
    administrator = UserFactory(is_superuser=True, is_staff=True)
    if not is_allowed:
        mika.memberships.update(role="viewer")

    retried = jobs.retry(fail(film), by=administrator)
    run_jobs(retried)

    retried.refresh_from_db()
    assert retried.state == state, retried.error_public
