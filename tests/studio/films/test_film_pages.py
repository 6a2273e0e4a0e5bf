"""The film pages of a story: every action works with plain forms and explains refusals."""

import hashlib
import html
import json
import re
import uuid
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from generation.media import storage
from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job
from studio.films import music as film_music
from studio.films import services as film_services
from studio.models import Film, FilmSettings, Scene, SceneEdit, Story
from studio.scenes import edits
from studio.scenes import services as scene_services
from tests.jobs.live import poll

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/stories/"}


@pytest.fixture
def browser(mika, sign_in):
    return sign_in(mika)


@pytest.fixture
def render_film(request_film, run_jobs):
    def render(story, **more):
        film = request_film(story, **more)
        run_jobs(film.job)
        return Film.objects.get(pk=film.pk)

    return render


def url_of(row, name="film"):
    return reverse(f"studio:{name}", args=[row.pk])


def scene_at(story, n):
    return Scene.objects.get(story=story, position=n)


@pytest.fixture
def read_form(browser):
    """``read_form(story)`` returns the fields that the button of the film page sends."""

    def read(story):
        page = browser.get(url_of(story)).content.decode()
        form = page[page.index(url_of(story, "make_film")) :]
        return {name: re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in ("agreed", "idem_key")}

    return read


def test_the_film_page_shows_scenes_transitions_and_length(browser, create_storyboard, add_take, update_scene):
    story = create_storyboard(3)
    update_scene(story, 2, join_kind="iris", join_frames=20)

    page = browser.get(url_of(story)).content.decode()

    assert "Something happens, number 1" in page and "3 of 3 scenes are final." in page
    assert '<option value="iris" selected>' in page and 'value="20"' in page
    assert "05+04" in page  # 144 - 20 frames


def test_a_story_without_scenes_links_to_the_storyboard(browser, mika, create_story):
    story = create_story(mika)

    page = browser.get(url_of(story)).content.decode()

    assert "There are no scenes to make a film from." in page and "Go to the storyboard" in page
    assert browser.post(url_of(story, "make_film")).status_code == 409
    assert not Film.objects.exists()


def test_changing_a_transition_is_recorded_in_the_scene_history(browser, create_storyboard):
    story = create_storyboard(2)
    scene = scene_at(story, 1)

    response = browser.post(url_of(scene, "join"), {"rev": scene.rev, "join_kind": "crossfade", "join_frames": "18"})

    assert (response.status_code, response.url) == (302, url_of(story))
    scene.refresh_from_db()
    assert (scene.join_kind, scene.join_frames) == ("crossfade", 18)
    assert SceneEdit.objects.get().after == {"join_kind": "crossfade", "join_frames": 18}


def test_an_htmx_change_returns_timeline_rows_and_button(browser, create_storyboard):
    story = create_storyboard(2)
    scene = scene_at(story, 1)

    response = browser.post(url_of(scene, "join"), {"rev": scene.rev, "trim_in": "24"}, headers=HTMX)

    page = response.content.decode()
    for part in ("film-strip", "film-rows", "film-make", "film-facts"):
        assert f'hx-target="#{part}"' in page
    assert "03+00" in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"join_kind": "explode"}, "Transition to the next part: Select a valid choice."),
        ({"join_frames": "0"}, "Transition length in frames: Ensure this value is greater than or equal to 1."),
        ({"trim_out": "1441"}, "Trim end: Ensure this value is less than or equal to 1440."),
        ({"gain": "30"}, "Volume (dB): Ensure this value is less than or equal to 24."),
        ({"rev": "soon"}, "A value here is not valid. Nothing was changed."),
    ],
)
def test_an_invalid_transition_is_refused_by_field_name(browser, create_storyboard, wrong, message):
    scene = scene_at(create_storyboard(2), 1)

    response = browser.post(url_of(scene, "join"), {"rev": scene.rev, **wrong})

    (note,) = re.findall(r'<div id="film-note">(.*?)</div>', response.text, re.S)
    assert response.status_code == 422 and message in note
    assert "othing was changed." in note and ("join" in wrong or "A transition can last" not in note)
    assert not SceneEdit.objects.exists()


def test_editing_a_scene_in_the_trash_is_refused(browser, mika, create_storyboard):
    scene = scene_at(create_storyboard(2), 1)
    scene_services.delete_scene(scene=scene, by=mika)

    response = browser.post(url_of(scene, "join"), {"rev": scene.rev, "trim_in": "6"})

    assert response.status_code == 409 and "This scene is in the trash. Restore it first" in response.text
    assert "frames;" not in response.text


def test_concurrent_changes_of_a_transition_are_reported(browser, mika, create_storyboard):
    scene = scene_at(create_storyboard(2), 1)
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"join_kind": "wipe"})

    response = browser.post(url_of(scene, "join"), {"rev": scene.rev, "join_kind": "iris"})

    assert response.status_code == 409 and "Someone else changed this scene" in response.content.decode()
    assert scene_at(scene.story, 1).join_kind == "wipe"


def test_a_locked_scene_keeps_its_transition(browser, create_storyboard, update_scene):
    story = create_storyboard(2)
    update_scene(story, 1, is_locked=True)

    response = browser.post(url_of(scene_at(story, 1), "join"), {"rev": 1, "join_kind": "iris"})

    assert response.status_code == 409 and "locked" in response.content.decode()


def test_saving_some_film_settings_keeps_the_others(browser, create_storyboard, full_size):
    story = create_storyboard(1)
    browser.post(url_of(story, "film_settings"), {"title_text": "夏の終わり", "title_seconds": "2"})

    browser.post(url_of(story, "film_settings"), {"resolution": "1080", "fit": "crop", "has_is_levelled": "1"})

    saved = FilmSettings.objects.get()
    assert (saved.title_text, saved.title_seconds, saved.resolution, saved.fit) == ("夏の終わり", 2, 1080, "crop")
    assert saved.is_levelled is False
    assert "1920 × 1080" in browser.get(url_of(story)).content.decode()


@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
def test_typed_text_survives_an_edit_conflict_on_the_cards(browser, mika, create_storyboard, headers):
    story = create_storyboard(1)
    was = json.dumps(browser.get(url_of(story)).context["was"])
    film_services.change_film_settings(story=story, by=mika, changes={"title_text": "Harbour", "paper": "light"})
    typed = {"title_text": "Sea", "title_subtitle": "in winter", "end_text": "", "end_seconds": "5", "paper": "dark"}

    response = browser.post(url_of(story, "film_settings"), typed | {"was": was}, headers=headers)

    assert response.status_code == 409 and "is now “Harbour”; you wrote “Sea”" in response.text
    form = response.context["form"]
    values = {name: form[name].value() for name in typed}
    assert values == {"title_text": "Harbour", "title_subtitle": "in winter", "end_text": "", "end_seconds": 5,
                      "paper": "light"}  # fmt: skip
    corrected = browser.post(url_of(story, "film_settings"), values | {"was": json.dumps(response.context["was"])})
    assert corrected.status_code == 302
    saved = FilmSettings.objects.get()
    assert (saved.title_text, saved.title_subtitle, saved.end_seconds, saved.paper) == (
        "Harbour",
        "in winter",
        5,
        "light",
    )


@pytest.mark.parametrize(
    "wrong",
    [{"title_seconds": "0"}, {"end_seconds": "61"}, {"resolution": "4320"}, {"music_gain": "99"}, {"paper": "pink"},
     {"title_text": "x" * 121}, {"music": str(uuid.uuid4())}],
)  # fmt: skip
def test_invalid_film_settings_are_refused(browser, create_storyboard, wrong):
    story = create_storyboard(1)

    assert browser.post(url_of(story, "film_settings"), wrong).status_code == 422
    assert not FilmSettings.objects.exists()


def test_an_empty_scene_is_named_and_the_film_can_be_made(mika, browser, create_storyboard, read_form):
    story = create_storyboard(2)
    scene_services.add_scene(story=story, by=mika)

    page = browser.get(url_of(story)).content.decode()

    assert "Scene 3 has neither text nor an image, so it plays as an empty card with its number." in page
    assert browser.post(url_of(story, "make_film"), read_form(story)).status_code == 302
    film = Film.objects.get()
    assert "it plays as an empty card" in browser.get(film.get_absolute_url()).content.decode()


def test_pressing_the_button_twice_makes_one_film(browser, create_storyboard, read_form):
    story = create_storyboard(1)
    data = read_form(story)

    for _ in range(2):
        assert browser.post(url_of(story, "make_film"), data | {"name": "For the festival"}).status_code == 302

    assert Film.objects.get().name == "For the festival"
    page = browser.get(url_of(story)).content.decode()
    assert f'id="job-{Film.objects.get().job_id}"' in page and "Waiting" in page


@pytest.fixture
def with_music(create_storyboard, mika, music_upload, run_jobs):
    """A story of two scenes with music under its film."""
    story = create_storyboard(2)
    film_music.upload_music(upload=music_upload(), story=story, by=mika)
    run_jobs()
    return story


CHANGES = {
    "music": lambda story, mika: film_music.remove_music(music=story.film_settings.music, by=mika),
    "order": lambda story, mika: scene_services.move_scene(scene=scene_at(story, 2), by=mika, to=1),
    "transition": lambda story, mika: Scene.objects.filter(story=story, position=1).update(join_kind="iris"),
    "take": lambda story, mika: jobs.delete(scene_at(story, 1).chosen.clip.job, by=mika),
}


@pytest.mark.parametrize(("change_name", "headers"), [*((change, {}) for change in CHANGES), ("transition", HTMX)])
def test_a_film_changed_since_the_page_must_be_confirmed_again(
    browser, mika, with_music, add_take, read_form, change_name, headers
):
    add_take(scene_at(with_music, 1), n=5)
    old = read_form(with_music)
    CHANGES[change_name](Story.objects.get(pk=with_music.pk), mika)

    response = browser.post(url_of(with_music, "make_film"), old | {"name": "For the festival"}, headers=headers)

    page = response.content.decode()
    assert response.status_code == 409 and not Film.objects.exists()
    assert "The film has changed since you opened this page. Nothing was created" in page
    assert 'value="For the festival"' in page, "the typed name is lost"
    form = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("agreed", "idem_key")}
    assert form["agreed"] == read_form(with_music)["agreed"] != old["agreed"]
    assert browser.post(url_of(with_music, "make_film"), form).status_code == 302
    assert Film.objects.count() == 1


def test_a_request_without_the_shown_plan_makes_no_film(browser, create_storyboard):
    assert browser.post(url_of(create_storyboard(1), "make_film"), {"idem_key": uuid.uuid4().hex}).status_code == 409
    assert not Film.objects.exists()


def test_music_is_uploaded_by_a_form_or_refused_with_a_reason(browser, create_storyboard, music_upload, run_jobs):
    story = create_storyboard(1)
    assert browser.post(url_of(story, "music"), {}).status_code == 422

    response = browser.post(url_of(story, "music"), {"music_file": music_upload(name="Harbour at dawn.wav")})

    assert response.status_code == 302
    assert "The music is still being read." in browser.get(url_of(story)).content.decode()
    run_jobs()
    page = browser.get(url_of(story)).content.decode()
    assert "Harbour at dawn · 3 s" in page
    music = FilmSettings.objects.get().music
    assert browser.post(url_of(music, "remove_music"), {"story": str(story.pk)}).url == url_of(story)


def test_a_long_music_upload_does_not_block_other_forms(browser, create_storyboard):
    story = create_storyboard(1)
    forms = re.findall(r"<form [^>]*>", browser.get(url_of(story)).content.decode())

    (upload,) = (form for form in forms if f'hx-post="{url_of(story, "music")}"' in form)
    saves = [form for form in forms if f'hx-post="{url_of(story, "film_settings")}"' in form]

    assert "hx-sync" not in upload, "an upload may take minutes, and leaving the page loses queued requests"
    assert saves and all('hx-sync="main:queue all"' in form for form in saves)


def test_a_film_page_shows_player_chapters_and_sources(browser, create_storyboard, update_scene, render_film):
    story = create_storyboard(2)
    update_scene(story, 2, line="Wait <for>\nme & her", speaker="Aki")
    Clip.objects.update(model="animatic")
    film = render_film(story)

    page = browser.get(url_of(film, "film_page")).content.decode()

    assert url_of(film, "play_film") in page and page.count("data-chapter=") == 2
    (sources,) = re.findall(r'id="from-h".*?</section>', page, re.DOTALL)
    sources = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", sources))
    assert film.sha256 in sources and "2 scenes" in sources
    assert re.findall(r"Scene \d [^\d]*\d+ f", sources) == [
        "Scene 1 Animatic final 48 f",
        "Scene 2 Animatic final 48 f",
    ]
    redirect = browser.get(url_of(film, "download_film"))
    assert redirect.status_code == 302 and "/media/" in redirect.url
    captions = browser.get(url_of(film, "film_captions"))
    assert url_of(film, "film_captions") in page and captions["Content-Type"].startswith("text/vtt")
    cue = "00:00:02.200 --> 00:00:03.800\n<v Aki>Wait &lt;for&gt; me &amp; her"
    assert captions.text == f"WEBVTT\n\n{cue}\n"
    width, height = Image.open(BytesIO(b"".join(storage.read_chunks(film.sprite_key)))).size
    assert (film.sprite_tiles, width % 10, 'data-tiles="10"' in page) == (10, 0, True) and height > 10


def test_a_film_is_renamed_deleted_and_restored(browser, create_storyboard, render_film):
    film = render_film(create_storyboard(2))

    browser.post(url_of(film, "rename_film"), {"name": "Cold\tcut"})
    browser.post(url_of(film, "film_poster"), {"number": "1"})
    film.refresh_from_db()
    assert (film.name, film.poster) == ("Cold cut", 1)
    assert browser.post(url_of(film, "film_poster"), {"number": "2"}).status_code == 400

    response = browser.post(url_of(film, "delete_film"), follow=True)
    assert "“Cold cut” was moved to the trash." in response.content.decode()
    assert browser.get(url_of(film, "download_film")).status_code == 404
    assert "Restore" in browser.get(url_of(film, "film_page")).content.decode()
    browser.post(url_of(film, "restore_film"))
    assert browser.get(url_of(film, "download_film")).status_code == 302


@pytest.mark.parametrize(("name", "filename"), [("v1/", "v1-.mp4"), ("..\\up/../x", "..-up-..-x.mp4"), (".", "..mp4")])
def test_a_film_is_downloadable_under_any_name(browser, create_storyboard, render_film, name, filename):
    film = render_film(create_storyboard(1))
    browser.post(url_of(film, "rename_film"), {"name": name})

    redirect = urlsplit(browser.get(url_of(film, "download_film")).url)
    response = Client(headers={"host": redirect.netloc}).get(redirect.path)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "video/mp4")
    assert response.headers["Content-Disposition"].endswith(f'{filename}"')
    assert hashlib.sha256(b"".join(response)).hexdigest() == film.sha256


@pytest.mark.slow
def test_two_versions_are_compared_side_by_side(
    browser, create_storyboard, update_scene, render_film, add_take, scenes
):
    story = create_storyboard(2)
    scene = render_film(story, name="First")
    update_scene(story, 1, join_kind="iris", join_frames=8)
    add_take(scenes(story)[1], n=7)
    second_version = render_film(story, name="Second")

    page = browser.get(url_of(scene, "film_page"), {"with": str(second_version.pk)}).content.decode()

    assert page.count("<cel-player") == 2
    assert "Scene 2 shows a different take." in page and "Some transitions differ." in page


def test_a_failed_film_shows_its_reason_and_can_be_retried(browser, create_storyboard, request_film, run_jobs):
    story = create_storyboard(1)
    film = request_film(story)
    story.scenes.get().chosen.clip.delete()
    run_jobs()

    page = browser.get(url_of(film, "film_page")).content.decode()

    assert "Scene 1: The clip no longer exists." in page and "Retry" in page
    assert browser.post(reverse("jobs:retry", args=[film.job_id])).url == url_of(film, "film_page")
    assert Film.objects.get().job_id != film.job_id


@pytest.mark.slow
def test_film_pages_use_a_fixed_number_of_queries(
    browser, create_storyboard, render_film, django_assert_max_num_queries
):
    story = create_storyboard(2)
    for _ in range(3):
        render_film(story)
    longer = create_storyboard(12)

    browser.get(url_of(story))  # records where the user is signed in
    for shown_story in (story, longer):
        with django_assert_max_num_queries(12):
            browser.get(url_of(shown_story))
    with django_assert_max_num_queries(12):
        browser.get(url_of(Film.objects.last(), "film_page"))


@pytest.mark.parametrize(("state", "button"), [("running", "Cancel"), ("failed", "Retry")])
def test_a_viewer_sees_no_button_that_would_be_refused(create_storyboard, request_film, sign_in, mika, state, button):
    from accounts.models import Membership
    from tests.factories import UserFactory

    film = request_film(create_storyboard(1))
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=film.story.workspace, role="viewer")
    Job.objects.filter(pk=film.job_id).update(state=state)
    browsers = [sign_in(mika), sign_in(viewer)]
    texts = [browser.get(url_of(film.story)).text for browser in browsers]

    for own, viewers in [texts, [poll(browser, film.job) for browser in browsers]]:
        assert button in own[own.find("<article") :] and button not in viewers[viewers.find("<article") :]


def test_versions_beyond_the_first_page_can_be_compared(browser, create_storyboard, request_film, monkeypatch):
    monkeypatch.setattr("studio.films.views.PAGE_SIZE", 2)
    story = create_storyboard(1)
    films = [request_film(story, name=f"cut number {n}") for n in range(1, 6)]
    Film.objects.update(ready_at=timezone.now())
    versions_shown, next_url = [], url_of(story)
    while next_url:
        page = browser.get(
            next_url, headers={"HX-Request": "true", "HX-Target": "more"} if versions_shown else None
        ).text
        versions_shown += re.findall(r"<span class=\"clamp-2\">cut number (\d)</span>", page)
        found = re.search(r'class="pager" hx-get="([^"]+)"', page)
        next_url = url_of(story) + found[1] if found else ""

    assert versions_shown == list("54321")
    newest = browser.get(url_of(films[-1], "film_page")).text
    assert "Earlier versions" in newest
    both = browser.get(url_of(films[-1], "film_page"), {"with": str(films[0].pk)}).text
    assert "Two versions" in both and "cut number 1" in both
    assert browser.get(url_of(films[-1], "film_page"), {"with": "nonsense"}).status_code == 200


def test_removing_music_names_the_other_films_that_use_it(browser, mika, create_storyboard, create_story, music_upload):
    story, other, third = (
        create_storyboard(1),
        create_story(mika, title="Winter"),
        create_story(mika, title="Elsewhere"),
    )
    browser.post(url_of(story, "music"), {"music_file": music_upload()})
    music = FilmSettings.objects.get().music

    def read_texts():
        page = html.unescape(browser.get(url_of(story)).text)
        (form,) = re.findall(r"<form[^>]*/remove/.*?</form>", page, re.S)
        (question,) = re.findall(r'data-confirm="([^"]*)"', form)
        return question, form.replace(question, "")

    assert not any("also uses this track" in text for text in read_texts())
    film_services.change_film_settings(story=other, by=mika, changes={"music": music})
    assert all("“Winter” also uses this track; its next film would have no music." in text for text in read_texts())
    film_services.change_film_settings(story=third, by=mika, changes={"music": music})
    assert all(
        "2 other stories also use this track; their next films would have no music." in text for text in read_texts()
    )


def test_the_music_help_text_matches_its_loudness(browser, create_storyboard, music_upload, run_jobs):
    story = create_storyboard(1)
    browser.post(url_of(story, "music"), {"music_file": music_upload()})
    run_jobs()

    page = browser.get(url_of(story)).text

    assert "at 0 the music is as loud as scenes with level loudness" in page and "it was recorded" not in page
