"""Deleted items are listed where they were, with their purge date and a restore button."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Membership
from jobs.models import Job
from studio.characters import services as character_services
from studio.models import Character, Film, Scene
from studio.scenes import services as scene_services
from studio.stories import copy_story
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NAMES = {"scene": "a dog by the sea", "character": "Aki", "shared": "Old Tom", "film": "For the festival"}
KINDS = list(NAMES)


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "a girl on a hill", NAMES["scene"])


@pytest.fixture
def create_item(mika, story):
    """``create_item(kind)`` creates an item in the story, or one shared by its workspace."""

    def create(kind, name=None):
        name = name or NAMES[kind]
        if kind == "scene":
            return story.scenes.filter(prompt=name).first() or scene_services.add_scene(
                story=story, by=mika, prompt=name
            )
        if kind == "film":
            return film(name)
        return character_services.add_character(
            workspace=story.workspace, by=mika, story=None if kind == "shared" else story, name=name, kind="prop"
        )

    def film(name):
        n = Film.objects.count() + 1
        job = Job.objects.create(workspace=story.workspace, kind="film", title=name, state="ready", idem_key=f"f{n}")
        return Film.objects.create(
            story=story, job=job, version=n, name=name, plan={"pieces": [], "notes": []}, frames=48, width=1280,
            height=720, key="-", bytes=1, ready_at=timezone.now(),
        )  # fmt: skip

    return create


def url_of(kind, story) -> str:
    url_names = {"scene": "story", "character": "story_characters", "film": "film"}
    return reverse("studio:characters") if kind == "shared" else reverse(f"studio:{url_names[kind]}", args=[story.pk])


def action_url(action, kind, row) -> str:
    return reverse(f"studio:{action}_{'character' if kind == 'shared' else kind}", args=[row.pk])


def read_trash(browser, url) -> str:
    """Return the list of deleted items on the page, on one line."""
    page = re.sub(r"\s+", " ", browser.get(url).content.decode())
    return re.search(r'<div id="bin">(.*?)</div> *(?:</section>|</aside>|<p)', page)[1]


def set_deletion_date(days, row):
    type(row).objects.filter(pk=row.pk).update(deleted_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize("kind", KINDS)
def test_deleted_items_are_listed_and_can_be_restored(browser, story, create_item, kind):
    row, page = create_item(kind), url_of(kind, story)
    assert "In the trash" not in read_trash(browser, page)
    browser.post(action_url("delete", kind, row))
    browser.get(page)  # the toast with the undo button is shown once
    set_deletion_date(10, row)

    listed = read_trash(browser, page)

    row.refresh_from_db()
    day = date_format(row.deleted_at + timedelta(days=30), "DATE_FORMAT")
    assert "Trash (1)" in listed and NAMES[kind] in listed and f"kept until {day}" in listed
    restore_url = re.search(r'<form[^>]* method="post" action="([^"]+)">', listed)[1]
    assert browser.post(restore_url).status_code == 302
    row.refresh_from_db()
    assert row.deleted_at is None
    assert "In the trash" not in read_trash(browser, page)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [("scene", "Scene 2"), ("character", "Object"), ("shared", "Object"), ("film", "Version 1")],
)
def test_the_trash_list_names_and_links_items(browser, story, create_item, kind, detail):
    row = create_item(kind)
    browser.post(action_url("delete", kind, row))

    listed = read_trash(browser, url_of(kind, story))

    assert detail in listed
    url = re.search(r'<a class="[^"]*" href="([^"]+)"', listed)[1]
    row.refresh_from_db()
    day = date_format(row.deleted_at + timedelta(days=30), "DATE_FORMAT")
    page = browser.get(url).content.decode()
    assert f"deleted permanently on {day}" in page or f"kept until {day}" in page


@pytest.mark.parametrize("kind", KINDS)
def test_viewers_see_the_trash_without_buttons_and_strangers_nothing(browser, sign_in, story, create_item, ren, kind):
    row, page = create_item(kind), url_of(kind, story)
    browser.post(action_url("delete", kind, row))
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=story.workspace, role="viewer")
    viewer_browser, stranger_browser = sign_in(viewer), sign_in(ren)
    url = re.search(r'<a class="[^"]*" href="([^"]+)"', read_trash(browser, page))[1]

    assert "Restore" in browser.get(url).content.decode()
    assert "Restore" not in viewer_browser.get(url).content.decode()
    if kind != "shared":  # this page shows the user's own workspace
        assert NAMES[kind] in read_trash(viewer_browser, page) and "Restore" not in read_trash(viewer_browser, page)
        assert stranger_browser.get(page).status_code == 404
    assert NAMES[kind] not in stranger_browser.get(reverse("studio:characters")).content.decode()
    assert stranger_browser.get(url).status_code == 404
    assert viewer_browser.post(action_url("restore", kind, row)).status_code == 403
    assert stranger_browser.post(action_url("restore", kind, row)).status_code == 404
    assert Client().post(action_url("restore", kind, row)).status_code in (302, 404)
    row.refresh_from_db()
    assert row.deleted_at


def test_each_page_lists_only_its_own_trash(browser, story, create_item, create_story, mika):
    for kind in KINDS:
        browser.post(action_url("delete", kind, create_item(kind)))
    other = create_story(mika)

    for kind in KINDS:
        listed = read_trash(browser, url_of(kind, story))
        assert [word for word in NAMES.values() if word in listed] == [NAMES[kind]]
    for kind in ("scene", "character", "film"):
        assert "In the trash" not in read_trash(browser, url_of(kind, other))


def test_a_deleted_scene_is_listed_without_a_reload(browser, story, create_item):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{story.get_absolute_url()}"}

    response = browser.post(action_url("delete", "scene", create_item("scene")), headers=headers).content.decode()

    listed = response.partition('hx-target="#bin"')[2].partition("</hx-partial>")[0]
    assert "Trash (1)" in listed and NAMES["scene"] in listed


def test_a_scene_that_cannot_be_restored_says_why(browser, story, create_item, settings):
    settings.SCENES_PER_STORY = 2
    browser.post(action_url("delete", "scene", row := create_item("scene")))
    create_item("scene", "one more")

    response = browser.post(action_url("restore", "scene", row), follow=True).content.decode()

    assert "at most 2 scenes" in response and "Trash (1)" in read_trash(browser, url_of("scene", story))


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_trash_is_paged_without_extra_queries(browser, story, create_item, kind):
    def count():
        browser.get(url_of(kind, story))
        with CaptureQueriesContext(connection) as queries:
            browser.get(url_of(kind, story))
        return len(queries)

    def delete_items(numbers):
        for n in numbers:
            row = create_item(kind, f"number {n:02}")
            browser.post(action_url("delete", kind, row))
            set_deletion_date(n / 10, row)

    delete_items(range(2))
    few = count()
    delete_items(range(2, 30))
    assert count() <= few + 1  # one more counts the items

    url, found = url_of(kind, story), []
    while url:
        listed = read_trash(browser, url)
        assert "Trash (30)" in listed
        found += re.findall(r">(number \d\d)</a>", listed)
        further = re.search(r'href="(\?bin=[^"]+)#bin"', listed)
        url = further and url_of(kind, story) + further[1]
    assert found == [f"number {n:02}" for n in range(30)]


def test_a_copied_story_skips_deleted_characters(mika, story, create_item):
    """Deleted characters of a story are not copied; shared ones belong to both stories."""
    own, shared = create_item("character"), create_item("shared")
    scene = story.scenes.in_order().first()
    for character in (own, shared):
        character_services.cast_character(scene=scene, character=character, by=mika, is_in=True)
        character_services.delete_character(character=character, by=mika)

    copy = copy_story.duplicate_story(story=story, by=mika)
    second_copy = copy_story.duplicate_story(story=copy, by=mika)
    for character in (own, shared):
        character_services.restore_character(character=character, by=mika)

    assert set(scene.characters.all()) == {own, shared}
    for copied in (copy, second_copy):
        assert list(copied.scenes.in_order().first().characters.all()) == [shared]
        assert not copied.characters.exists()


def test_a_scene_in_the_trash_is_not_duplicated(browser, story, create_item):
    browser.post(action_url("delete", "scene", scene := create_item("scene")))

    assert browser.post(reverse("studio:duplicate_scene", args=[scene.pk])).status_code == 404
    assert story.scenes.count() == 2 and story.scenes.shown().count() == 1


def test_an_edited_cursor_is_refused_with_a_way_back(browser, story, create_item):
    for kind in KINDS:
        browser.post(action_url("delete", kind, create_item(kind)))
        response = browser.get(url_of(kind, story) + "?bin=x%00y")
        assert response.status_code == 400 and f'href="{url_of(kind, story)}"' in response.text
        assert NAMES[kind] in read_trash(browser, url_of(kind, story))
    assert (Scene.objects.in_trash().count(), Character.objects.in_trash().count()) == (1, 2)
