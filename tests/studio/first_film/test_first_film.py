"""From an idea to a film: scenes, animatics and the film follow each other; a failed scene stops with words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job
from studio.models import Character, Film, Run, Story
from tests.studio.first_film.page import film_url

pytestmark = pytest.mark.django_db
IDEA = {"idea": "two cats run a ramen shop on the moon", "length": "short", "style": "chibi", "ratio": "9:16"}


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(browser):
    browser.post(reverse("studio:new"), IDEA)
    return Story.objects.get()


def test_new_story_asks_for_the_idea_and_offers_two_other_doors(browser):
    page = browser.get(reverse("studio:new")).text

    assert 'name="idea"' in page and 'name="length"' in page and 'name="style"' in page and 'name="ratio"' in page
    assert reverse("studio:blank") in page and reverse("studio:import_text") in page
    assert "written by rules" in page and "A connected language model writes better." in page


@pytest.mark.parametrize("page", ["generation:create", "studio:stories"])
def test_create_and_stories_have_the_doors_to_a_clip_and_to_a_film(browser, page):
    text = browser.get(reverse(page)).text

    assert "Make a clip" in text and "Make a film" in text
    assert f'href="{reverse("studio:new")}"' in text


def test_an_idea_becomes_scenes_characters_and_a_film_in_one_post(browser, run_jobs):
    response = browser.post(reverse("studio:new"), IDEA)
    story = Story.objects.get()
    assert response.url == film_url(story)
    assert (story.style, story.ratio, story.title) == ("chibi", "9:16", "Two cats run a ramen shop on the moon")
    assert story.scenes.count() == 4
    cats = Character.objects.filter(kind="animal").order_by("name")
    assert [(cat.name, len(cat.colours), cat.scenes.count()) for cat in cats] == [("Kuro", 1, 4), ("Mochi", 1, 4)]
    page = browser.get(response.url).text
    assert "0 of 4 scenes drawn" in page and "<cel-reel" in page and "data-src" not in page
    assert "the film with music follows" in page

    run_jobs()

    film = Film.objects.get()
    assert film.is_ready and film.runs.get().makes_film
    page = browser.get(response.url).text
    assert reverse("studio:play_film", args=[film.pk]) in page
    assert "data-topics" not in page and "<cel-reel" not in page and 'data-first-scene="0"' in page
    assert "Music: Playful." in page and film.plan["music"]["mood"] == "playful"
    assert browser.get(reverse("studio:play_film", args=[film.pk])).status_code == 302


def test_the_same_form_twice_makes_one_story(browser):
    for _ in range(2):
        browser.post(reverse("studio:new"), IDEA | {"idem_key": "k" * 20})

    assert (Story.objects.count(), Run.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "bad",
    [
        {"idea": ""}, {"idea": "。。。"}, {"idea": "a\x00b"}, {"length": "endless"}, {"style": "oil"}, {"ratio": "7:5"},
        {"writer": "1"}, {"idea": "\n\n".join(f"INT. ROOM {n} - DAY\n\nA cat sits." for n in range(25))},
    ],
)  # fmt: skip
def test_bad_input_creates_nothing(browser, bad):
    assert browser.post(reverse("studio:new"), IDEA | bad).status_code == 422
    assert not Story.objects.exists()


def test_a_failed_scene_stops_with_words_and_can_be_drawn_again(browser, mika, story, run_jobs):
    engine.advance(Job.objects.get(kind="run").pk)
    jobs.cancel(Job.objects.get(clip__scene_takes__scene__position=1), by=mika)
    run_jobs()

    page = browser.get(film_url(story)).text
    assert not Film.objects.exists() and "<cel-reel" not in page
    assert "The film was not made" in page and "1 of 4 scenes was not drawn" in page

    assert browser.post(reverse("studio:make_first_film", args=[story.pk])).url == film_url(story)
    run_jobs()
    assert Film.objects.get().is_ready


def test_changed_looks_are_drawn_again_and_the_film_is_made_again(browser, story, run_jobs):
    run_jobs()
    cat = Character.objects.get(name="Mochi")
    page = browser.get(film_url(story)).text
    assert f'name="{cat.pk.hex}-colour_0" value="{cat.colours[0]}"' in page

    data = looks_data(story) | {f"{cat.pk.hex}-colour_0": "#3355ff"}
    response = browser.post(reverse("studio:change_looks", args=[story.pk]), data)
    page = browser.get(response.url).text
    assert "0 of 4 scenes drawn" in page and "data-src" not in page, "scenes drawn before do not play meanwhile"
    run_jobs()

    assert response.url == film_url(story)
    cat.refresh_from_db()
    assert cat.colours == ["#3355ff"]
    assert [film.version for film in Film.objects.order_by("version") if film.is_ready] == [1, 2]


def test_a_colour_is_chosen_by_name_too_and_unchanged_looks_draw_nothing(browser, story, run_jobs):
    run_jobs()
    url, cat = reverse("studio:change_looks", args=[story.pk]), Character.objects.get(name="Mochi")
    browser.post(url, looks_data(story))
    assert Run.objects.count() == 1

    assert browser.post(url, looks_data(story) | {f"{cat.pk.hex}-kind": "stone"}).status_code == 422
    browser.post(url, looks_data(story) | {f"{cat.pk.hex}-name_0": Character.objects.get(name="Kuro").colours[0]})

    assert Character.objects.get(name="Mochi").colours == Character.objects.get(name="Kuro").colours


def count_queries(browser, url) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def looks_data(story) -> dict:
    """Return what the form of the looks sends unchanged."""
    rows = story.characters.filter(kind="animal")
    return {
        f"{row.pk.hex}-{name}": value
        for row in rows
        for name, value in (("kind", row.kind), ("name_0", row.colours[0]), ("colour_0", row.colours[0]))
    }


def test_the_page_needs_the_same_queries_for_any_number_of_scenes(browser, mika, story, create_story):
    longer = create_story(mika, *[f"a girl on hill {n}" for n in range(20)])

    few = count_queries(browser, film_url(story))
    assert count_queries(browser, film_url(longer)) <= few < 25


def test_two_cats_of_a_written_story_are_offered_as_characters(browser, mika, create_story, run_jobs):
    story = create_story(mika, "two cats cook on a roof", "the sea", "the two cats sleep by the sea")
    page = browser.get(story.get_absolute_url()).text
    assert "2 × “cat” come back in scenes 1, 3: keep how they look?" in page

    response = browser.post(reverse("studio:keep_recurring", args=[story.pk]), {"key": "cat"})

    assert response.url == reverse("studio:story_characters", args=[story.pk])
    cats = story.characters.filter(kind="animal")
    assert [cat.scenes.count() for cat in cats] == [2, 2]
    assert "come back in scenes" not in browser.get(story.get_absolute_url()).text
    assert browser.post(reverse("studio:keep_recurring", args=[story.pk]), {"key": "cat"}).status_code == 302
    assert story.characters.count() == 2
