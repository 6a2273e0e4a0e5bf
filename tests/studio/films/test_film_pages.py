"""The pages of a story's film, as somebody uses them: every deed works by plain forms, and says why it does not."""

import pytest
from django.urls import reverse

from studio.models import Film, Scene

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/stories/"}


@pytest.fixture
def browser(mika, sign_in):
    return sign_in(mika)


def film_url(story, name="film"):
    return reverse(f"studio:{name}", args=[story.pk])


def scene(story, n):
    return Scene.objects.get(story=story, position=n)


def test_the_film_of_a_story_shows_its_scenes_joins_and_length(browser, board):
    story = board("a girl on a hill", "a dog by the sea")

    page = browser.get(film_url(story)).content.decode()

    assert "a girl on a hill" in page and "a dog by the sea" in page
    assert "4+00" in page or "04+00" in page
    assert "Scenes 1 and 2 play as animatics." in page


def test_a_story_without_scenes_says_what_to_do_first(browser, mika, write):
    story = write(mika)

    page = browser.get(film_url(story)).content.decode()

    assert "There is no scene to make a film of." in page and "To the storyboard" in page
    assert browser.post(film_url(story, "make_film")).status_code == 409
    assert Film.objects.count() == 0
