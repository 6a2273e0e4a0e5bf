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
WORDS = {"scene": "a dog by the sea", "character": "Aki", "shared": "Old Tom", "film": "For the festival"}
KINDS = list(WORDS)


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "a girl on a hill", WORDS["scene"])


@pytest.fixture
def make(mika, story):
    """``make(kind)``: an item of that kind in the story or shared by its workspace."""

    def made(kind, name=None):
        name = name or WORDS[kind]
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

    return made


def page_of(kind, story) -> str:
    places = {"scene": "story", "character": "story_characters", "film": "film"}
    return reverse("studio:characters") if kind == "shared" else reverse(f"studio:{places[kind]}", args=[story.pk])


def deed(what, kind, row) -> str:
    return reverse(f"studio:{what}_{'character' if kind == 'shared' else kind}", args=[row.pk])


def bin_of(browser, url) -> str:
    """Return the part of the page that lists deleted items, in one line."""
    page = re.sub(r"\s+", " ", browser.get(url).content.decode())
    return re.search(r'<div id="bin">(.*?)</div> *(?:</section>|</aside>|<p)', page)[1]


def days_ago(days, row):
    type(row).objects.filter(pk=row.pk).update(deleted_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize("kind", KINDS)
def test_deleted_items_are_listed_and_can_be_restored(browser, story, make, kind):
    row, page = make(kind), page_of(kind, story)
    assert "In the trash" not in bin_of(browser, page)
    browser.post(deed("delete", kind, row))
    browser.get(page)  # the slip with its undo was shown once
    days_ago(10, row)

    listed = bin_of(browser, page)

    row.refresh_from_db()
    day = date_format(row.deleted_at + timedelta(days=30), "DATE_FORMAT")
    assert "Trash (1)" in listed and WORDS[kind] in listed and f"kept until {day}" in listed
    back = re.search(r'<form[^>]* method="post" action="([^"]+)">', listed)[1]
    assert browser.post(back).status_code == 302
    row.refresh_from_db()
    assert row.deleted_at is None
    assert "In the trash" not in bin_of(browser, page)


@pytest.mark.parametrize(
    ("kind", "about"),
    [("scene", "Scene 2"), ("character", "Object"), ("shared", "Object"), ("film", "Version 1")],
)
def test_the_trash_list_names_and_links_items(browser, story, make, kind, about):
    row = make(kind)
    browser.post(deed("delete", kind, row))

    listed = bin_of(browser, page_of(kind, story))

    assert about in listed
    url = re.search(r'<a class="[^"]*" href="([^"]+)"', listed)[1]
    row.refresh_from_db()
    day = date_format(row.deleted_at + timedelta(days=30), "DATE_FORMAT")
    page = browser.get(url).content.decode()
    assert f"deleted permanently on {day}" in page or f"kept until {day}" in page


@pytest.mark.parametrize("kind", KINDS)
def test_viewers_see_the_trash_without_buttons_and_strangers_nothing(browser, sign_in, story, make, ren, kind):
    row, page = make(kind), page_of(kind, story)
    browser.post(deed("delete", kind, row))
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=story.workspace, role="viewer")
    looking, strange = sign_in(viewer), sign_in(ren)
    url = re.search(r'<a class="[^"]*" href="([^"]+)"', bin_of(browser, page))[1]

    assert "Restore" in browser.get(url).content.decode()
    assert "Restore" not in looking.get(url).content.decode()
    if kind != "shared":  # the page without a story is that of the person's own workspace
        assert WORDS[kind] in bin_of(looking, page) and "Restore" not in bin_of(looking, page)
        assert strange.get(page).status_code == 404
    assert WORDS[kind] not in strange.get(reverse("studio:characters")).content.decode()
    assert strange.get(url).status_code == 404
    assert looking.post(deed("restore", kind, row)).status_code == 403
    assert strange.post(deed("restore", kind, row)).status_code == 404
    assert Client().post(deed("restore", kind, row)).status_code in (302, 404)
    row.refresh_from_db()
    assert row.deleted_at


def test_each_page_lists_only_its_own_trash(browser, story, make, create_story, mika):
    for kind in KINDS:
        browser.post(deed("delete", kind, make(kind)))
    other = create_story(mika)

    for kind in KINDS:
        listed = bin_of(browser, page_of(kind, story))
        assert [word for word in WORDS.values() if word in listed] == [WORDS[kind]]
    for kind in ("scene", "character", "film"):
        assert "In the trash" not in bin_of(browser, page_of(kind, other))


def test_a_deleted_scene_is_listed_without_a_reload(browser, story, make):
    parts = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{story.get_absolute_url()}"}

    answer = browser.post(deed("delete", "scene", make("scene")), headers=parts).content.decode()

    listed = answer.partition('hx-target="#bin"')[2].partition("</hx-partial>")[0]
    assert "Trash (1)" in listed and WORDS["scene"] in listed


def test_a_scene_that_cannot_be_restored_says_why(browser, story, make, settings):
    settings.SCENES_PER_STORY = 2
    browser.post(deed("delete", "scene", row := make("scene")))
    make("scene", "one more")

    answer = browser.post(deed("restore", "scene", row), follow=True).content.decode()

    assert "at most 2 scenes" in answer and "Trash (1)" in bin_of(browser, page_of("scene", story))


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_trash_is_paged_without_extra_queries(browser, story, make, kind):
    def count():
        browser.get(page_of(kind, story))
        with CaptureQueriesContext(connection) as asked:
            browser.get(page_of(kind, story))
        return len(asked)

    def thrown(numbers):
        for n in numbers:
            row = make(kind, f"number {n:02}")
            browser.post(deed("delete", kind, row))
            days_ago(n / 10, row)

    thrown(range(2))
    few = count()
    thrown(range(2, 30))
    assert count() <= few + 1  # one more says how many there are

    url, found = page_of(kind, story), []
    while url:
        listed = bin_of(browser, url)
        assert "Trash (30)" in listed
        found += re.findall(r">(number \d\d)</a>", listed)
        further = re.search(r'href="(\?bin=[^"]+)#bin"', listed)
        url = further and page_of(kind, story) + further[1]
    assert found == [f"number {n:02}" for n in range(30)]


def test_a_copied_story_skips_deleted_characters(mika, story, make):
    """Deleted characters stay behind; shared ones belong to both stories."""
    own, shared = make("character"), make("shared")
    scene = story.scenes.in_order().first()
    for each in (own, shared):
        character_services.cast_character(scene=scene, character=each, by=mika, is_in=True)
        character_services.delete_character(character=each, by=mika)

    copy = copy_story.duplicate_story(story=story, by=mika)
    again = copy_story.duplicate_story(story=copy, by=mika)
    for each in (own, shared):
        character_services.restore_character(character=each, by=mika)

    assert set(scene.characters.all()) == {own, shared}
    for made in (copy, again):
        assert list(made.scenes.in_order().first().characters.all()) == [shared]
        assert not made.characters.exists()


def test_an_invalid_cursor_shows_the_first_page(browser, story, make):
    for kind in KINDS:
        browser.post(deed("delete", kind, make(kind)))
        assert WORDS[kind] in bin_of(browser, page_of(kind, story) + "?bin=x%00y")
    assert (Scene.objects.in_trash().count(), Character.objects.in_trash().count()) == (1, 2)
