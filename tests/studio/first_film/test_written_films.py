"""A film whose scenes a language model writes: one post, three requests, and the scenes appear as they come."""

import json

import pytest
from django.urls import reverse

from jobs.lifecycle import engine
from jobs.models import Job
from studio.director.progress import read_draft
from studio.models import Direction, Film, Story
from tests.fakes.language import ANSWERS, SHOTS
from tests.studio.director.conftest import connection, model  # noqa: F401 (fixtures)
from tests.studio.first_film.page import film_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def post_idea(browser, connection):  # noqa: F811 (fixture)
    def post():
        data = {"idea": "a fox with a letter", "length": "short", "writer": connection.pk, "idem_key": "k" * 20}
        return browser.post(reverse("studio:new"), data)

    return post


def test_model_writes_scenes_and_their_film_is_made_after_one_post(browser, post_idea, model, run_jobs):  # noqa: F811
    responses = [post_idea(), post_idea()]
    story = Story.objects.get()
    assert {response.url for response in responses} == {film_url(story)}
    assert "Step 1 of 3: Concept" in browser.get(film_url(story)).text

    run_jobs()

    assert len(model.read_requests()) == 3
    assert [scene.prompt for scene in story.scenes.order_by("position")] == ANSWERS["prompts"]["prompts"]
    assert Film.objects.get().is_ready
    assert [(fox.name, fox.kind) for fox in story.characters.exclude(kind="place")] == [("Fox", "animal")]
    page = browser.get(film_url(story)).text
    assert "The scenes were written by My model." in page and "written by rules" not in page


def test_failed_request_is_repeated_only_when_the_user_asks(browser, post_idea, model, run_jobs):  # noqa: F811
    model.texts = [json.dumps(ANSWERS["concept"]), "I cannot help with that."]
    post_idea()
    run_jobs()
    story, direction = Story.objects.get(), Direction.objects.get()
    assert (len(model.read_requests()), direction.concept) == (2, ANSWERS["concept"]["concept"])
    page = browser.get(film_url(story)).text
    assert "The scenes were not written" in page and direction.concept in page

    browser.post(reverse("studio:write_again", args=[story.pk]), {"direction": direction.mark})
    run_jobs()

    assert len(model.read_requests()) == 4
    assert Film.objects.get().is_ready


def test_scenes_appear_while_the_model_writes_them(browser, post_idea):
    post_idea()
    engine.advance(Job.objects.get().pk)  # the concept, and the request of the shots
    story, written = Story.objects.get(), json.dumps(ANSWERS["shots"])
    Direction.objects.update(response=f"<think>[1]</think>{written[: written.index('It knocks') + 4]}")

    page = browser.get(film_url(story)).text

    assert "Step 2 of 3: Shot list" in page and "data-topics" in page and ANSWERS["concept"]["concept"] in page
    assert browser.get(story.get_absolute_url()).url == film_url(story)  # instead of an empty storyboard
    assert SHOTS[0]["action"] in page and 'id="first-film-scene-2"' not in page


def test_unfinished_concept_is_read_up_to_its_last_character():
    concept = 'A “fox”\n\\ "dawn" \u4e2d\U0001f98a.'
    for text in (json.dumps({"title": "T", "concept": concept}, ensure_ascii=ascii) for ascii in (True, False)):
        for length in range(len(text)):
            direction = Direction(requested_step="concept", job=Job(state="running"), response=text[:length])
            assert concept.startswith(read_draft(direction).concept)
        assert read_draft(direction).concept == concept
