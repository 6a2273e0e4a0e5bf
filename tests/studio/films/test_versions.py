"""Versions of a film side by side: only real differences are named."""

import uuid

import pytest

from jobs.models import Job, State
from studio.films import music as film_music
from studio.films import plan_json
from studio.films import services as film_services
from studio.models import Film
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def compare(create_storyboard, request_film):
    """``compare(action)`` returns the differences between films of one story before and after the action."""

    def compare_after(action):
        story = create_storyboard(2)
        first = request_film(story)
        action(story)
        return plan_json.list_differences(first, request_film(story))

    return compare_after


def test_versions_of_the_same_plan_have_no_differences(compare):
    assert compare(lambda story: None) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_levelled": False}, "levels the loudness"),
        ({"fit": "crop"}, "another aspect ratio"),
        ({"title_text": "Harbour"}, "The cards differ."),
        ({"resolution": 1080}, "Size: 1280 × 720 and 1920 × 1080."),
    ],
)
def test_different_film_settings_are_named(mika, compare, full_size, changes, expected):
    differences = compare(lambda story: film_services.change_film_settings(story=story, by=mika, changes=changes))

    assert any(expected in difference for difference in differences), differences
    assert not any("only in" in difference for difference in differences)


def test_a_different_aspect_ratio_is_named(mika, compare, full_size):
    differences = compare(lambda story: story_services.change_story(story=story, by=mika, changes={"ratio": "1:1"}))

    assert differences == ["Size: 1280 × 720 and 720 × 720."]


def test_different_music_is_named(mika, compare, music_upload, run_jobs):
    def upload(story):
        film_music.upload_music(upload=music_upload(), story=story, by=mika)
        run_jobs()

    assert compare(upload) == ["The music or its volume differs."]


def test_a_scene_that_got_a_take_is_named_as_different(mika, create_storyboard, request_film, add_take, scenes):
    story = create_storyboard(2)
    scene = scene_services.add_scene(story=story, by=mika)
    first = request_film(story)
    add_take(scene, frames=120)

    assert plan_json.list_differences(first, request_film(story)) == ["Scene 3 shows a different take."]


@pytest.fixture
def create_ready_film(request_film):
    """``create_ready_film(story)`` requests a film and marks it as ready without rendering."""

    def create(story, **more):
        film = request_film(story, **more)
        Job.objects.filter(pk=film.job_id).update(state=State.READY)
        Film.objects.filter(pk=film.pk).update(key=film.storage_key, bytes=1, ready_at=film.created_at)
        return Film.objects.get(pk=film.pk)

    return create


def test_only_versions_of_the_same_story_are_compared(
    mika, create_storyboard, create_ready_film, create_story, add_take, scenes, sign_in
):
    """Films of other stories or users leak no names, sources or files."""
    story, stranger = create_storyboard(1), UserFactory(email="stranger@example.test")
    film, version = create_ready_film(story), create_ready_film(story, name="Colder")
    secret = create_story(stranger, "Something secret happens")
    add_take(scenes(secret)[0])
    others = [
        create_ready_film(create_storyboard(1), name="Elsewhere"),
        create_ready_film(secret, by=stranger, name="Secret"),
    ]
    before = list(Film.objects.order_by("pk").values())
    browser, page = sign_in(mika), f"/stories/films/{film.pk}/"
    assert browser.get(page, {"with": version.pk}).context["other"] == version

    for film_id in [*(other.pk for other in others), film.pk, uuid.uuid4()]:
        shown = browser.get(page, {"with": film_id})
        text = shown.content.decode()
        assert (shown.status_code, shown.context["other"], shown.context["differences"]) == (200, None, [])
        assert "Elsewhere" not in text and "Secret" not in text and "secret happens" not in text

    assert all(film.is_ready for film in others)
    assert list(Film.objects.order_by("pk").values()) == before
