"""Films in pencil: chosen for what colour cannot show, told by the clauses of the idea, and switched by one button."""

import pytest
from django.urls import reverse

from generation.models import Clip
from studio.models import Film, Story
from tests.studio.first_film.page import film_url

pytestmark = pytest.mark.django_db
PENCIL_IDEA = "A librarian hides a dragon in the library until a knight opens the door"
COLOUR_IDEA = "two cats run a ramen shop on the moon"


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def make_story(browser, idea, **fields):
    browser.post(reverse("studio:new"), {"idea": idea, "length": "short", **fields})
    return Story.objects.get()


@pytest.mark.parametrize(("idea", "style"), [(PENCIL_IDEA, "storyboard"), (COLOUR_IDEA, "cel")])
@pytest.mark.parametrize("sent", [{}, {"style": "automatic"}], ids=["nothing", "automatic"])
def test_automatic_is_pencil_for_what_colour_cannot_show(browser, idea, style, sent):
    assert make_story(browser, idea, **sent).style == style


def test_the_automatic_style_is_preselected(browser):
    page = browser.get(reverse("studio:new")).text

    assert 'name="style" value="automatic" checked' in page and 'name="style" value="storyboard"' in page


def test_scenes_of_a_pencil_film_are_the_clauses_of_its_idea(browser):
    story = make_story(browser, PENCIL_IDEA)
    prompts = [scene.prompt for scene in story.scenes.in_order()]

    assert 2 <= len(prompts) <= 4
    assert "librarian" in prompts[0] and "knight" not in prompts[0] and "knight" in " ".join(prompts[1:])
    idea_words = set(PENCIL_IDEA.casefold().split())
    assert all(len(idea_words & set(prompt.casefold().rstrip(".").split())) >= 2 for prompt in prompts)


def test_a_guest_gets_a_pencil_film_of_an_idea_that_colour_cannot_show(client, run_jobs):
    client.post("/stories/try/", {"prompt": PENCIL_IDEA})
    run_jobs()

    film = Film.objects.get()
    assert film.is_ready and film.story.style == "storyboard"
    clips = Clip.objects.all()
    assert {clip.style for clip in clips} == {"storyboard"}
    assert sorted(clip.options["cut"] for clip in clips) == [str(n + 1) for n in range(len(clips))]
    assert client.get(film_url(film.story)).status_code == 200


def test_one_switch_draws_the_drafts_in_pencil_and_back_in_colour(browser, run_jobs):
    story = make_story(browser, COLOUR_IDEA)
    run_jobs()
    url = reverse("studio:change_style", args=[story.pk])
    for page in (story.get_absolute_url(), film_url(story), reverse("studio:film", args=[story.pk])):
        text = browser.get(page).text
        assert f'action="{url}"' in text and 'value="cel" aria-pressed="true"' in text

    assert browser.post(url, {"style": "storyboard", "back": "first_film"}).url == film_url(story)
    story.refresh_from_db()
    assert story.style == "storyboard"
    run_jobs()
    assert Clip.objects.filter(style="storyboard").count() == 4 and Film.objects.count() == 2
    assert 'value="storyboard" aria-pressed="true"' in browser.get(story.get_absolute_url()).text

    assert browser.post(url, {"style": "cel"}).url == story.get_absolute_url()
    run_jobs()
    story.refresh_from_db()
    assert story.style == "cel" and Film.objects.count() == 2


def test_somebody_else_cannot_switch_the_style(browser, client, sign_in, ren):
    story = make_story(browser, COLOUR_IDEA)
    url = reverse("studio:change_style", args=[story.pk])

    assert sign_in(ren).post(url, {"style": "storyboard"}).status_code == 404
    assert client.post(url, {"style": "storyboard"}).status_code == 404
    story.refresh_from_db()
    assert story.style == "cel"
