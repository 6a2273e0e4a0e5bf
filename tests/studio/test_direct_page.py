"""The page on which somebody directs a panel by hand: a plain form that the server answers, without script."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import Membership
from generation.animatic import panel_preview
from generation.animatic.panel_preview import MAX_PACKED, pack_panel, unpack_panel
from generation.animatic.storyboard.panel import MAX_FIGURES, Figure, Panel, Thing
from generation.animatic.storyboard.panel_json import write_panel
from generation.composer.panel_labels import search_catalogue
from studio.models import Run

WITCH = Figure("witch", "hold", (0.36, 0.92), height=0.54, holds="envelope", marks=7)
CAT = Figure("cat", at=(0.64, 0.92), facing="left", height=0.18, marks=9)
INPUT = re.compile(r"<input\b[^>]*>|<select\b.*?</select>|<textarea\b.*?</textarea>", re.DOTALL)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def scene(mika, create_story):
    story = create_story(mika, "a witch gives a letter to a cat in the library", style="storyboard")
    return story.scenes.get()


def url_of(scene, name="direct"):
    return reverse(f"studio:{name}", args=[scene.pk])


def read_fields(response) -> dict[str, list[str]]:
    """Return what a browser would send of the form of the page, without a button."""
    [form] = re.findall(r'<form class="staging".*?</form>', response.content.decode(), re.DOTALL)
    values: dict[str, list[str]] = {}
    for control in INPUT.findall(form):
        name = re.search(r'\bname="([^"]*)"', control)
        if not name or (' type="checkbox"' in control and " checked" not in control):
            continue
        if control.startswith("<input"):
            value = re.search(r'\bvalue="([^"]*)"', control)
            values.setdefault(name[1], []).append(value[1] if value else "")
        elif control.startswith("<select"):
            value = re.search(r'<option value="([^"]*)" selected', control)
            values[name[1]] = [value[1] if value else ""]
        else:
            values[name[1]] = [re.sub(r"<.*?>", "", control).strip()]
    return values


def shown(response) -> Panel:
    return unpack_panel(read_fields(response)["shown"][0])


def send(browser, scene, response, do, **changes):
    values = read_fields(response) | {name.replace("__", "-"): value for name, value in changes.items()}
    return browser.post(url_of(scene), values | {"do": do})


def test_the_page_shows_what_the_words_say(browser, scene):
    page = browser.get(url_of(scene))

    assert [figure.role for figure in shown(page).figures] == ["witch", "cat"]
    assert "Pose after the turn" in page.content.decode()


def test_what_is_changed_is_drawn_and_can_be_undone(browser, scene):
    first = browser.get(url_of(scene))
    values = {
        "figure-0-x": "20",
        "figure-0-pose": "sit",
        "figure-1-role": "女巫",
        "camera": "pan_left",
        "note": "稍等。",
    }
    moved = browser.post(url_of(scene), read_fields(first) | values | {"do": "redraw"})
    panel = shown(moved)

    assert (panel.figures[0].at[0], panel.figures[0].pose, panel.figures[1].role) == (0.2, "sit", "witch")
    assert (panel.camera, panel.note) == ("pan_left", "稍等。")
    assert shown(send(browser, scene, moved, "undo")) == shown(first)


def test_nothing_changes_without_a_change(browser, scene):
    first = browser.get(url_of(scene))
    again = send(browser, scene, first, "redraw")

    assert shown(again) == shown(first)
    assert "past" not in read_fields(again)


def test_a_thing_is_found_in_three_languages_added_and_removed(browser, scene):
    first = browser.get(url_of(scene))
    for words in ("umbrella", "伞", "傘"):
        assert ("thing", "umbrella") in [(row["kind"], row["name"]) for row in search_catalogue(words)], words
    found = send(browser, scene, first, "search", words="umbrella")
    assert 'value="add thing umbrella"' in found.content.decode()
    added = send(browser, scene, found, "add thing umbrella")
    assert [thing.name for thing in shown(added).things] == ["umbrella"]
    assert "Nothing of this name" not in added.content.decode()
    assert "Nothing of this name" in send(browser, scene, first, "search", words="qqq").content.decode()
    friend = send(browser, scene, added, "add figure hedgehog")
    assert [figure.role for figure in shown(friend).figures] == ["witch", "cat", "hedgehog"]
    assert shown(send(browser, scene, friend, "remove figure 0")).figures[0].role == "cat"
    assert shown(send(browser, scene, friend, "remove thing 0")).things == ()


def test_saving_keeps_the_panel_and_draws_the_draft(browser, scene):
    page = send(browser, scene, browser.get(url_of(scene)), "add thing umbrella")
    saved = send(browser, scene, page, "save")
    scene.refresh_from_db()

    assert saved.status_code == 302
    assert scene.staging["things"][0]["name"] == "umbrella"
    assert Run.objects.filter(story=scene.story).count() == 1
    assert "Draw from the words again" in browser.get(url_of(scene)).content.decode()
    browser.post(url_of(scene), {"do": "clear"})
    scene.refresh_from_db()
    assert scene.staging is None


@pytest.mark.parametrize(("provider", "part"), [("ark", "picture"), ("kling", "first_frame")])
def test_the_drawing_becomes_an_image_for_the_model(browser, scene, provider, part):
    scene.provider = provider
    scene.save()
    page = browser.get(url_of(scene))
    assert f'value="use {part}"' in page.content.decode()
    page = send(browser, scene, page, "add thing umbrella")
    saved = send(browser, scene, page, f"use {part}")
    scene.refresh_from_db()

    layout = getattr(scene, part)
    assert saved.status_code == 302
    assert layout.is_layout
    assert layout.width / layout.height == pytest.approx(16 / 9, 0.01)
    assert scene.staging["things"][0]["name"] == "umbrella"


def test_a_layout_that_is_not_drawn_changes_nothing(browser, scene, monkeypatch):
    scene.provider = "ark"
    scene.save()
    monkeypatch.setattr(panel_preview, "LIMITS", panel_preview.ChildLimits(wall_seconds=0.0))
    refused = send(browser, scene, browser.get(url_of(scene)), "use picture")
    scene.refresh_from_db()

    assert refused.status_code == 503
    assert "Nothing was saved" in refused.content.decode()
    assert (scene.staging, scene.picture) == (None, None)


def test_somebody_elses_panel_is_not_overwritten(browser, scene):
    mine, theirs = browser.get(url_of(scene)), browser.get(url_of(scene))
    send(browser, scene, theirs, "save", note="theirs")
    refused = send(browser, scene, mine, "save", note="mine")
    scene.refresh_from_db()

    assert refused.status_code == 409
    assert "Somebody else directed this scene" in refused.content.decode()
    assert scene.staging["note"] == "theirs"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"figure-0-x": "nan"}, "From the left"),
        ({"figure-0-height": "1e9"}, "Height"),
        ({"figure-0-role": "Napoleon"}, "Nobody of this name can be drawn"),
        ({"figure-0-pose": "explode"}, "Pose"),
        ({"figures": "40"}, f"at most {MAX_FIGURES} figures"),
        ({"things": "300"}, "at most 16 things"),
        ({"note": "x" * 500}, "Note"),
        ({"focus_x": "7"}, "focus"),
    ],
)
def test_bad_values_are_named_and_nothing_is_saved(browser, scene, changes, says):
    values = read_fields(browser.get(url_of(scene))) | changes | {"do": "save"}
    refused = browser.post(url_of(scene), values)
    scene.refresh_from_db()

    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert scene.staging is None


@pytest.mark.parametrize(
    "values",
    [{"shown": "zzz"}, {"do": "undo", "past": "zzz", "shown": "!"}, {"figures": "²"}, {"figures": "-1"}, {}],
)
def test_forged_fields_are_answered(browser, scene, values):
    assert browser.post(url_of(scene), values).status_code in (200, 422)


def test_a_full_panel_refuses_one_more(browser, scene):
    full = Panel(figures=(WITCH,) * MAX_FIGURES)
    scene.staging = write_panel(full)
    scene.save()
    refused = send(browser, scene, browser.get(url_of(scene)), "add figure cat")

    assert refused.status_code == 422
    assert len(shown(refused).figures) == MAX_FIGURES


def test_a_panel_of_another_version_is_read_from_the_words(browser, scene):
    scene.staging = {"version": 99}
    scene.save()

    assert [figure.role for figure in shown(browser.get(url_of(scene))).figures] == ["witch", "cat"]


def test_only_members_direct_and_see_the_panel(browser, sign_in, mika, ren, scene):
    picture = f"{url_of(scene, 'panel_picture')}?panel={pack_panel(Panel())}"
    assert sign_in(ren).get(url_of(scene)).status_code == 404
    assert sign_in(ren).get(picture).status_code == 404
    Membership.objects.create(workspace=scene.story.workspace, user=ren, role="viewer")
    assert sign_in(ren).get(url_of(scene)).status_code == 403


def test_a_scene_in_colour_has_no_panel(browser, scene):
    scene.style = "cel"
    scene.save()

    assert browser.get(url_of(scene)).status_code == 404


def test_a_scene_in_colour_is_directed_for_the_prompt_of_a_provider(browser, scene):
    scene.style, scene.provider = "cel", "kling"
    scene.save()
    page = browser.get(url_of(scene))
    assert "does not show it" in page.content.decode()
    send(browser, scene, page, "save", note="mine")
    scene.refresh_from_db()

    assert scene.staging["note"] == "mine"
    assert not Run.objects.filter(story=scene.story).exists()


def test_the_picture_is_drawn_in_a_child_and_kept_by_the_browser(browser, scene):
    page = browser.get(url_of(scene)).content.decode()
    [address] = re.findall(r'<img src="(/stories[^"]*panel=[^"]*)"', page)
    assert unpack_panel(parse_qs(urlsplit(address).query)["panel"][0]).figures
    picture = browser.get(address)

    assert picture.status_code == 200 and picture.content[8:12] == b"WEBP"
    assert picture["Cache-Control"] == "private, max-age=86400, immutable"


def test_a_picture_that_is_not_drawn_is_no_fault_of_the_page(browser, scene, monkeypatch):
    address = f"{url_of(scene, 'panel_picture')}?panel="
    assert [browser.get(address + bad).status_code for bad in ("", "zzz", "a" * 9000)] == [404] * 3
    slow = panel_preview.ChildLimits(wall_seconds=0.0)
    monkeypatch.setattr(panel_preview, "LIMITS", slow)

    assert browser.get(address + pack_panel(Panel())).status_code == 503


def test_the_largest_panel_fits_into_an_address():
    figures = tuple(
        Figure("nine_tailed_fox", "look_back", (n / 13, 0.91 + n / 99), marks=n * 33_333_331) for n in range(12)
    )
    things = tuple(
        Thing("person_in_motorized_wheelchair", (n / 17, n / 31), n / 19 + 0.1, turn=n * 7.7) for n in range(16)
    )
    note = "".join(chr(0x4E00 + n * 37 % 9000) for n in range(400))

    assert len(pack_panel(Panel(note, figures=figures, things=things))) < MAX_PACKED / 1.5


def test_the_editor_leads_to_the_page(browser, scene):
    link = f'href="{url_of(scene)}"'
    assert link in browser.get(reverse("studio:scene", args=[scene.pk])).content.decode()
    scene.style = "cel"
    scene.save()
    assert link not in browser.get(reverse("studio:scene", args=[scene.pk])).content.decode()


def test_queries_do_not_grow_with_the_panel(browser, scene, django_assert_max_num_queries):
    browser.get(url_of(scene))
    scene.staging = write_panel(Panel(figures=(WITCH, CAT) * 6))
    scene.save()

    with django_assert_max_num_queries(14):
        browser.get(url_of(scene))
