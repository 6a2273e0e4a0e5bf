"""Stories with no scene, one scene and two hundred scenes work without a query per scene."""

import pytest

from jobs.lifecycle import engine
from jobs.models import Job
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.models import Run, Scene, Shot, Story
from studio.scenes import services as scene_services
from studio.stories import copy_story

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def long_story(mika, create_story):
    """A story of two hundred scenes, each with a character."""
    story = create_story(mika)
    aki = character_services.add_character(
        workspace=story.workspace, by=mika, story=story, name="Aki", colours=["#c92c18"]
    )
    rows = [Scene(story=story, position=n, prompt=f"Scene number {n}", seconds=2) for n in range(1, 201)]
    for scene in Scene.objects.bulk_create(rows):
        scene.cast.create(character=aki)
    return story


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_every_page_of_an_empty_story_opens(browser, mika, create_story, headers):
    story = create_story(mika)
    url = story.get_absolute_url()

    for page in (
        url,
        f"{url}draw/",
        f"{url}film/",
        f"{url}characters/",
        f"{url}director/",
        f"{url}settings/",
        f"{url}live/",
    ):
        assert browser.get(page, headers=headers).status_code == 200
    assert "There is nothing to draw here." in browser.get(f"{url}draw/", headers=headers).content.decode()
    response = browser.post(f"{url}draw/", {"which": "all", "mode": "coherent", "on_failure": "stop"}, headers=headers)
    assert response.status_code == 409 and "Nothing was started and nothing was charged" in response.content.decode()
    assert browser.post(f"{url}animate/", headers=headers).status_code in (200, 302)
    assert browser.post(f"{url}duplicate/", headers=headers).status_code in (200, 302)
    assert Run.objects.count() == Job.objects.count() == 0 and Story.objects.count() == 2


def test_a_single_scene_can_be_moved_drawn_and_deleted(browser, mika, create_story, scenes, run_jobs):
    story = create_story(mika, "a girl on a hill")
    (scene,) = scenes(story)
    url = story.get_absolute_url()

    for step in ("-1", "1"):
        browser.post(f"/stories/scenes/{scene.pk}/move/", {"by": step})
    drawing_services.start_run(story=story, by=mika, which="all", mode="coherent", idem_key="k")
    run_jobs()
    assert list(Shot.objects.values_list("state", flat=True)) == ["done"]
    assert "0 of 1 final" in browser.get(url).content.decode()
    browser.post(f"/stories/scenes/{scene.pk}/delete/")

    assert scenes(story) == [] and browser.get(url).status_code == 200


def test_pages_of_two_hundred_scenes_need_few_queries(browser, long_story, django_assert_max_num_queries):
    url = long_story.get_absolute_url()
    scene = f"/stories/scenes/{long_story.scenes.first().pk}/"
    parts = (f"{url}draw/?which=all&mode=coherent", f"{url}film/", f"{url}live/", f"{url}first-film/")
    browser.get("/stories/")  # records where the user is signed in
    for page in (url, scene, "/stories/", *parts):
        with django_assert_max_num_queries(12):
            assert browser.get(page).status_code == 200


def test_copying_and_reordering_200_scenes_needs_few_queries(mika, long_story, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        copy = copy_story.duplicate_story(story=long_story, by=mika)
    copy.refresh_from_db()
    order = [scene.pk for scene in copy.scenes.in_order()][::-1]
    with django_assert_max_num_queries(20):
        scene_services.reorder_scenes(story=copy, by=mika, wanted=order, order_rev=copy.order_rev)

    assert [scene.pk for scene in copy.scenes.in_order()] == order
    assert copy.scenes.filter(characters__name="Aki").count() == 200


@pytest.mark.parametrize("mode", ["fast", "coherent"])
def test_a_run_of_200_scenes_respects_the_job_limit(mika, long_story, settings, mode, django_assert_max_num_queries):
    settings.JOBS_PER_WORKSPACE = 5
    run = drawing_services.start_run(story=long_story, by=mika, which="all", mode=mode, idem_key="k")

    with django_assert_max_num_queries(160):
        engine.advance(run.job_id)

    assert run.shots.count() == 200 and run.shots.filter(state="submitted").count() == 3
