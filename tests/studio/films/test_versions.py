"""Versions of a film side by side: only real differences are named."""

import uuid

import pytest

from jobs.models import Job, State
from studio.films import plan_json
from studio.films import services as film_services
from studio.models import Film
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(create_storyboard, request_film):
    """``versions(action)``: the differences of two films of one story before and after the action."""

    def told(deed):
        story = create_storyboard(2)
        first = request_film(story)
        deed(story)
        return plan_json.list_differences(first, request_film(story))

    return told


def test_versions_of_the_same_plan_have_no_differences(versions):
    assert versions(lambda story: None) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_levelled": False}, "levels the loudness"),
        ({"fit": "crop"}, "another aspect ratio"),
        ({"title_text": "Harbour"}, "The cards differ."),
        ({"resolution": 1080}, "Size: 1280 × 720 and 1920 × 1080."),
    ],
)
def test_different_film_settings_are_named(mika, versions, full_size, changes, words):
    found = versions(lambda story: film_services.change_film_settings(story=story, by=mika, changes=changes))

    assert any(words in each for each in found), found
    assert not any("only in" in each for each in found)


def test_a_different_aspect_ratio_is_named(mika, versions, full_size):
    found = versions(lambda story: story_services.change_story(story=story, by=mika, changes={"ratio": "1:1"}))

    assert found == ["Size: 1280 × 720 and 720 × 720."]


def test_different_music_is_named(mika, versions, music_upload, run_jobs):
    def bring(story):
        film_services.upload_music(upload=music_upload(), story=story, by=mika)
        run_jobs()

    assert versions(bring) == ["The music or its volume differs."]


def test_a_scene_that_got_a_take_is_named_as_different(mika, create_storyboard, request_film, add_take, scenes):
    story = create_storyboard(2)
    scene = scene_services.add_scene(story=story, by=mika)
    first = request_film(story)
    add_take(scene, frames=120)

    assert plan_json.list_differences(first, request_film(story)) == ["Scene 3 shows a different take."]


@pytest.fixture
def ready(request_film):
    """Request a film and mark its rows as ready."""

    def made(story, **more):
        film = request_film(story, **more)
        Job.objects.filter(pk=film.job_id).update(state=State.READY)
        Film.objects.filter(pk=film.pk).update(key=film.storage_key, bytes=1, ready_at=film.created_at)
        return Film.objects.get(pk=film.pk)

    return made


def test_only_versions_of_the_same_story_are_compared(
    mika, create_storyboard, ready, create_story, add_take, scenes, sign_in
):
    """Neither films of her other stories nor of strangers leak names, sources or files."""
    story, stranger = create_storyboard(1), UserFactory(email="stranger@example.test")
    film, version = ready(story), ready(story, name="Colder")
    foreign = create_story(stranger, "Something secret happens")
    add_take(scenes(foreign)[0])
    others = [ready(create_storyboard(1), name="Elsewhere"), ready(foreign, by=stranger, name="Secret")]
    before = list(Film.objects.order_by("pk").values())
    browser, page = sign_in(mika), f"/stories/films/{film.pk}/"
    assert browser.get(page, {"with": version.pk}).context["other"] == version

    for named in [*(each.pk for each in others), film.pk, uuid.uuid4()]:
        shown = browser.get(page, {"with": named})
        text = shown.content.decode()
        assert (shown.status_code, shown.context["other"], shown.context["differences"]) == (200, None, [])
        assert "Elsewhere" not in text and "Secret" not in text and "secret happens" not in text

    assert all(each.is_ready for each in others)
    assert list(Film.objects.order_by("pk").values()) == before
