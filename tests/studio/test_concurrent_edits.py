"""Two users edit one story: nothing is lost, and conflicts are reported to both."""

import html
import json
import re

import pytest

from accounts.models import Membership
from generation.providers.connections import services as connection_services
from studio.films import services as film_services
from studio.models import FilmSettings, Music, Scene
from studio.scenes import services as scene_services

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def story(mika, ren, create_story):
    """A story that Mika and Ren may edit."""
    story = create_story(mika, "She waits", "The train comes")
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return story


@pytest.fixture
def browsers(sign_in, mika, ren):
    return sign_in(mika), sign_in(ren)


class CardsForm:
    """The cards form on the page of one user."""

    def __init__(self, browser, story):
        self.browser, self.url = browser, f"/stories/{story.pk}/film/"
        page = browser.get(self.url).content.decode()
        self.was = self.read_was(page)
        self.values = {
            name: self.was[name] for name in ("title_text", "title_seconds", "end_text", "end_seconds", "paper")
        }

    def read_was(self, page):
        return json.loads(html.unescape(re.search(r'id="was-cards" value="([^"]*)"', page)[1]))

    def save(self, headers=HTMX, **changed):
        self.values |= changed
        data = self.values | {"was": json.dumps(self.was)}
        response = self.browser.post(f"{self.url}settings/", data, headers=headers)
        if response.status_code == 200:
            self.was = self.read_was(response.content.decode())
        return response


def read_cards(story):
    return FilmSettings.objects.values_list("title_text", "end_text").get(story=story)


def test_concurrent_edits_of_different_cards_are_both_saved(browsers, story):
    """Each page sends all fields, those not edited as they were when it was opened."""
    mika, ren = (CardsForm(browser, story) for browser in browsers)

    mika.save(title_text="Harbour")
    ren.save(end_text="Goodbye")
    mika.save(title_text="Harbour in winter")
    ren.save(end_text="Farewell")

    assert read_cards(story) == ("Harbour in winter", "Farewell")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_concurrent_edits_of_one_card_show_both_versions(browsers, story, headers):
    mika, ren = (CardsForm(browser, story) for browser in browsers)
    mika.save(title_text="Harbour")

    response = ren.save(headers=headers, title_text="Sea", end_text="Goodbye")

    page = response.content.decode()
    assert response.status_code == 409
    assert "is now “Harbour”; you wrote “Sea”" in page and 'value="Harbour"' in page
    assert read_cards(story) == ("Harbour", "")


def read_title_row(browser, story) -> dict:
    """Return the values of the title card's form on the film page."""
    page = browser.get(f"/stories/{story.pk}/film/").content.decode()
    form = page.split('id="row-1"')[1].split("</form>")[0]
    values = {
        name: re.search(rf'name="{name}".*?<option value="(\w+)" selected', form, re.S)[1] for name in ("title_join",)
    }
    for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form):
        values[name] = html.unescape(value)
    return values


def test_the_title_transition_survives_an_older_page(browsers, mika, story):
    film_services.change_film_settings(story=story, by=mika, changes={"title_text": "Harbour"})
    url = f"/stories/{story.pk}/film/settings/"
    own, other = (read_title_row(browser, story) for browser in browsers)
    browsers[0].post(url, own | {"title_join": "iris"}, headers=HTMX)

    longer = browsers[1].post(url, other | {"title_join_frames": "30"}, headers=HTMX)
    conflicting = browsers[1].post(url, other | {"title_join": "wipe"}, headers=HTMX)

    assert (longer.status_code, conflicting.status_code) == (200, 409)
    assert FilmSettings.objects.values_list("title_join", "title_join_frames").get() == ("iris", 30)


def test_changing_a_transition_keeps_cards_of_others(browsers, story, scenes):
    """The response replaces the rows while the cards form keeps its older values."""
    mika, ren = (CardsForm(browser, story) for browser in browsers)
    mika.save(title_text="Harbour")
    scene = scenes(story)[0]

    data = {"rev": scene.rev, "join_kind": "iris"}
    page = browsers[1].post(f"/stories/scenes/{scene.pk}/join/", data, headers=HTMX).content.decode()
    if 'id="was-cards"' in page:
        ren.was = ren.read_was(page)
    ren.save(end_text="Goodbye")

    assert read_cards(story) == ("Harbour", "Goodbye")


def test_a_conflict_names_music_by_its_title(browsers, mika, story):
    titles = ("Rain", "Wind")
    first, other = (
        Music.objects.create(workspace=story.workspace, title=title, bytes=1, sha256=title) for title in titles
    )
    film_services.change_film_settings(story=story, by=mika, changes={"music": first})

    data = {"music": other.pk, "was": json.dumps({"music": ""})}
    page = browsers[1].post(f"/stories/{story.pk}/film/settings/", data, headers=HTMX).content.decode()

    assert "is now “Rain”; you wrote “Wind”" in page
    assert FilmSettings.objects.get().music == first


def test_an_invalid_page_state_breaks_nothing(browsers, story):
    for was in ("", "[", "[1]", '{"title_text": 5, "nobody": "x"}', "9" * 5000):
        response = browsers[0].post(f"/stories/{story.pk}/film/settings/", {"title_text": "Harbour", "was": was})
        assert response.status_code in (302, 409)

    assert read_cards(story)[0] == "Harbour"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_text_typed_into_a_deleted_scene_is_kept_with_restore(browsers, ren, story, scenes, headers):
    mika, _ren = browsers
    scene = scenes(story)[0]
    scene_services.delete_scene(scene=scene, by=ren)

    response = mika.post(
        f"/stories/scenes/{scene.pk}/",
        {"rev": scene.rev, "prompt": "She waits in the rain"},
        headers=headers,
        follow=True,
    )

    page = response.content.decode()
    assert "This scene is in the trash. Your text was saved in it." in page
    assert f"/stories/scenes/{scene.pk}/restore/" in page
    mika.post(f"/stories/scenes/{scene.pk}/restore/")
    restored = Scene.objects.get(pk=scene.pk)
    assert (restored.prompt, restored.position, restored.deleted_at) == ("She waits in the rain", 1, None)


@pytest.mark.parametrize(
    ("field", "before", "other", "own"),
    [
        ("prompt", "She waits", "She runs", "She sleeps"), ("line", "", "Wait!", "Go!"), ("seconds", "2", "3", "4"),
        ("camera", "", "push", "pull"), ("sound", "kept", "muted", "kept"), ("seed", "", "5", "6"),
        ("engine", "", "zhipu|", "ark|"),
    ],
)  # fmt: skip
def test_a_concurrently_edited_field_is_saved_or_reported(
    browsers, mika, ren, story, scenes, field, before, other, own
):

    for slug in ("zhipu", "ark"):
        connection_services.add_connection(
            by=mika, provider=slug, label=slug, workspace=story.workspace, secret={"keys": {"api_key": "x" * 20}}
        )
    scene = scenes(story)[0]
    url, column = f"/stories/scenes/{scene.pk}/", "provider" if field == "engine" else field
    assert browsers[1].post(url, {"rev": scene.rev, field: other}, headers=HTMX).status_code == 200
    now = str(getattr(scenes(story)[0], column))

    response = browsers[0].post(url, {"rev": scene.rev, field: own}, headers=HTMX)

    if own == before:  # an unchanged field keeps the change of the other
        assert response.status_code == 200
    else:
        page = response.content.decode()
        assert response.status_code == 409 and "by Ren" in page and "Keep mine" in page and "Take theirs" in page
    assert str(getattr(scenes(story)[0], column)) == now != before
