"""The film that somebody makes without an account: four scenes, one per guest, kept by signing up."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Workspace
from accounts.services import delete_expired_guests
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job
from studio.models import Film, Story
from tests.studio.first_film.page import film_url

pytestmark = pytest.mark.django_db
IDEA = {"prompt": "two cats run a ramen shop on the moon"}


@pytest.fixture
def film(client, run_jobs):
    """The finished film of the guest with the browser ``client``."""
    client.post("/stories/try/", IDEA)
    run_jobs()
    return Film.objects.get()


def sign_up(client):
    return client.post("/account/signup/", {"email": "mika@example.test", "password1": "petals in the wind"})


def test_home_page_has_the_doors_to_a_clip_and_to_a_film(client):
    page = client.get("/").text

    assert "Make a clip" in page and 'formaction="/stories/try/"' in page


def test_a_guest_watches_a_film_of_four_scenes(client, film):
    story = Story.objects.get()

    assert film.is_ready and story.scenes.count() == 4
    page = client.get(film_url(story)).text
    assert reverse("studio:play_film", args=[film.pk]) in page
    assert "Sign up to keep it" in page and "kept for one day" in page
    assert client.get(reverse("studio:play_film", args=[film.pk])).status_code == 302
    download = reverse("studio:download_film", args=[film.pk])
    assert f'href="{download}"' in page
    assert "/media/" in client.get(download).url
    assert film_url(story) in client.get("/").text


def test_signing_up_keeps_the_film_and_leads_to_it_with_one_sentence(client, film):
    response = sign_up(client)

    story = Story.objects.get()
    assert response.url == film_url(story)
    assert (story.workspace.kind, story.created_by.email) == ("personal", "mika@example.test")
    page = client.get(response.url).text
    assert page.count("Your film was kept. You find it under Stories.") == 1
    assert client.get(story.get_absolute_url()).status_code == 200
    assert client.get(film.get_absolute_url()).status_code == 200
    assert "Your film was kept" not in client.get("/create/").text


def test_signing_up_in_the_middle_of_the_drawing_keeps_the_film(client, run_jobs):
    client.post("/stories/try/", IDEA)
    response = sign_up(client)
    run_jobs()

    film = Film.objects.get()
    assert film.is_ready and film.story.workspace.kind == "personal"
    assert reverse("studio:play_film", args=[film.pk]) in client.get(response.url).text


def test_signing_up_with_a_clip_leads_to_the_clip(client):
    client.post("/try/", {"prompt": "a cat"})

    response = sign_up(client)

    assert response.url == Clip.objects.get().get_absolute_url()
    assert client.get(response.url).text.count("Your clip was kept. You find it in the library.") == 1


def test_other_visitors_cannot_see_a_guest_film(film):
    stranger = Client()

    assert stranger.get(film_url(film.story)).status_code == 404
    for name in ("play_film", "download_film"):
        assert stranger.get(reverse(f"studio:{name}", args=[film.pk])).status_code == 404
    assert stranger.post(reverse("studio:make_first_film", args=[film.story_id])).status_code == 404


def test_a_guest_draws_a_cancelled_scene_again(client, run_jobs):
    client.post("/stories/try/", IDEA)
    engine.advance(Job.objects.get(kind="run").pk)
    jobs.cancel(Job.objects.get(clip__scene_takes__scene__position=2), by=None)
    run_jobs()
    story = Story.objects.get()
    assert "1 of 4 scenes was not drawn" in client.get(film_url(story)).text

    assert client.post(reverse("studio:make_first_film", args=[story.pk])).url == film_url(story)
    run_jobs()
    assert Film.objects.get().is_ready


def test_a_second_film_needs_an_account(client):
    client.post("/stories/try/", IDEA)

    response = client.post("/stories/try/", {"prompt": "a dog by the sea"})

    assert response.status_code == 429
    assert "You have already made your guest film." in response.text and "a dog by the sea" in response.text
    assert Story.objects.count() == 1


def test_guest_films_are_limited_per_ip_address(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "guest_film": "2/h/ip"}
    answers = [Client().post("/stories/try/", IDEA).status_code for _ in range(3)]

    assert answers == [302, 302, 429]
    assert Story.objects.count() == 2


@pytest.mark.parametrize("prompt", ["", "x" * 2001, "\x07", "。。。"])
def test_invalid_idea_creates_no_guest(client, prompt):
    assert client.post("/stories/try/", {"prompt": prompt}).status_code == 422
    assert not Workspace.objects.exists()


def test_a_film_is_deleted_with_its_guest_after_a_day(client, film):
    Workspace.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert delete_expired_guests() == 1
    assert not (Film.objects.exists() or Story.objects.exists() or Clip.objects.exists())
