"""The signed-out home page, and the one clip that a guest may make."""

import html
import re

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Workspace
from generation.models import Clip, Picture
from tests.generation.uploads import picture_file

pytestmark = pytest.mark.django_db


def test_visitor_sees_samples_and_the_prompt_box(client):
    page = client.get("/").content.decode()

    assert 'name="prompt"' in page
    assert "Samples" in page
    videos = re.findall(r'data-preview="/static/(demo/[^"]+)"', page)
    assert len(videos) > 5 and all(finders.find(video) for video in videos)


@pytest.mark.parametrize(("language", "idea"), [("en", "A hedgehog opens"), ("zh-hans", "一只刺猬在沙漠里开了")])
def test_visitor_sees_a_sentence_become_a_panel_and_a_film(client, language, idea):
    page = client.get("/", headers={"accept-language": language}).content.decode()
    name = language[:2]

    assert re.search(rf'<p class="ruled">{idea}', page)
    for file in (f"art/idea-panel-{name}.webp", f"art/idea-film-{name}.webp", f"demo/idea-{name}.mp4"):
        assert f'="/static/{file}"' in page and finders.find(file)


def test_signed_in_user_is_sent_to_create(sign_in, mika):
    assert sign_in(mika).get("/").url == "/create/"


def test_guest_makes_one_short_clip(client):
    answer = client.post("/try/", {"prompt": "a cat on a roof at night"})

    clip = Clip.objects.get()
    assert answer.url == clip.get_absolute_url()
    assert (clip.seconds, clip.resolution, clip.workspace.kind) == (3, 480, "guest")
    assert client.get(answer.url).status_code == 200


def test_guest_clip_starts_from_a_picture_that_can_be_read(client):
    unreadable = SimpleUploadedFile("cat.svg", b"<svg/>", "image/svg+xml")
    refused = client.post("/try/", {"prompt": "a cat", "picture_file": unreadable})
    held = client.post("/try/", {"prompt": "a cat", "refused_pictures": "picture_file"})
    film = client.post(reverse("studio:try_film"), {"prompt": "a cat", "picture_file": picture_file()})
    assert [refused.status_code, held.status_code, film.status_code] == [415, 422, 422]
    assert "cat.svg" in refused.text and not Clip.objects.exists()

    client.post("/try/", {"picture_file": picture_file()})

    clip = Clip.objects.get()
    assert (clip.picture.width, clip.paint, clip.title) == (320, True, "From an image")
    sign_up(client)
    assert Picture.objects.get().workspace.kind == "personal"


def test_second_clip_needs_an_account(client):
    client.post("/try/", {"prompt": "a cat"})

    answer = client.post("/try/", {"prompt": "a dog"})

    assert answer.status_code == 429
    assert "Sign up" in answer.content.decode()
    assert Clip.objects.count() == 1


def test_other_visitors_cannot_see_a_guest_clip(client):
    page = client.post("/try/", {"prompt": "a cat"}).url

    assert Client().get(page).status_code == 404


@pytest.mark.rows
def test_guests_are_limited_per_ip_address(client):
    for _ in range(10):
        Client().post("/try/", {"prompt": "a cat"})

    assert Client().post("/try/", {"prompt": "a cat"}).status_code == 429
    assert Clip.objects.count() == 10


@pytest.mark.parametrize("prompt", ["", "x" * 2001, "\x07"])
def test_invalid_prompt_creates_no_guest(client, prompt):
    assert client.post("/try/", {"prompt": prompt}).status_code == 422
    assert not Workspace.objects.exists()


def test_guest_is_sent_to_sign_up_and_others_to_sign_in(client):
    assert client.get("/create/").url == "/account/login/?next=%2Fcreate%2F"
    client.post("/try/", {"prompt": "a cat on a roof"})

    assert client.get("/create/").url == "/account/signup/?next=%2Fcreate%2F"
    assert client.get("/clips/").url == "/account/signup/?next=%2Fclips%2F"


def test_signing_up_keeps_the_guest_clip(client):
    client.post("/try/", {"prompt": "a cat on a roof"})

    client.post("/account/signup/", {"email": "mika@example.test", "password1": "petals in the wind"})

    clip = Clip.objects.get()
    assert clip.created_by.email == "mika@example.test"
    assert clip.workspace.kind == "personal"
    assert client.get(clip.get_absolute_url()).status_code == 200


def test_guest_with_a_clip_gets_a_link_to_it(client):
    client.post("/try/", {"prompt": "a cat on a roof"})

    page = client.get("/").text
    assert Clip.objects.get().get_absolute_url() in page
    assert "Free, no account: one clip, or one film of four scenes." not in page


def sign_up(client):
    return client.post("/account/signup/", {"email": "mika@example.test", "password1": "petals in the wind"})


def test_guest_prompt_is_kept_in_create_until_the_first_request(client):
    prompt = "海鸥 & a ship " * 150
    client.post("/try/", {"prompt": "a cat on a roof"})
    client.post("/try/", {"prompt": prompt})
    page = client.get(sign_up(client).url).text
    assert html.escape(prompt.strip()) in page
    assert html.escape(prompt.strip()) not in client.get(f"/create/?from={Clip.objects.get().pk}").text

    client.post("/create/", {"prompt": "a dog", "provider": "animatic", "seconds": 2, "ratio": "16:9", "style": "cel",
                             "resolution": 480, "idem_key": "k" * 20})  # fmt: skip

    assert Clip.objects.count() == 2
    assert html.escape(prompt.strip()) not in client.get("/create/").text


def test_prompt_of_an_earlier_guest_is_not_shown(client):
    client.post("/try/", {"prompt": "a cat on a roof"})
    client.post("/try/", {"prompt": "a secret ship"})
    session = client.session
    del session["guest_workspace"]  # the guest workspace was purged after a day
    session.save()
    client.post("/try/", {"prompt": "a dog"})

    assert "a secret ship" not in client.get(sign_up(client).url).text
