"""What was done to a scene is remembered: words, take, people, lock. Going back takes nothing along unseen."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import Membership
from studio import services
from studio.models import Take
from tests.studio.test_pages import PARTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, ren, write):
    story = write(mika, "She waits", "The train comes")
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return story


@pytest.fixture
def scene(story, scenes):
    return scenes(story)[0]


def page(browser, scene):
    return browser.get(reverse("studio:history", args=[scene.pk])).content.decode()


def back(browser, scene, edit, rev):
    url = reverse("studio:take_back", args=[scene.pk])
    return browser.post(url, {"edit": edit.pk, "rev": rev}, follow=True).content.decode()


def write_in(scene, by, **changes):
    scene.refresh_from_db()
    services.edit_scene(scene=scene, by=by, rev=scene.rev, changes=changes)
    scene.refresh_from_db()
    return scene.edits.first()


def test_going_back_on_an_old_page_takes_back_nothing_that_somebody_else_wrote_since(mika, ren, scene, sign_in):
    mine = write_in(scene, mika, prompt="She runs")
    seen = scene.rev
    write_in(scene, ren, line="Wait!")

    told = back(sign_in(mika), scene, mine, seen)

    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("She runs", "Wait!")
    assert "Somebody else changed this scene meanwhile" in told and "Wait!" in told
    back(sign_in(mika), scene, mine, scene.rev)
    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("She waits", "")


def test_the_chosen_take_stands_in_the_history_and_comes_back(mika, story, scene, sign_in, work):
    for key in ("first", "second"):
        services.start_run(story=story, by=mika, which="one", scene=scene, idem_key=key)
        work()
    first, second = scene.takes.filter(purpose=Take.Purpose.FINAL).order_by("pk")
    services.choose_take(take=first, by=mika)
    browser = sign_in(mika)
    found = page(browser, scene)
    assert "Take shown" in found and "<del>Take 2</del><ins>Take 1</ins>" in found

    scene.refresh_from_db()
    assert scene.chosen == first
    back(browser, scene, scene.edits.first(), scene.rev)

    scene.refresh_from_db()
    assert scene.chosen == second


def test_who_appears_and_the_lock_stand_in_the_history_and_people_come_back(mika, story, scene, sign_in):
    aki = services.add_character(workspace=story.workspace, story=story, by=mika, name="Aki", kind="person")
    services.cast_character(scene=scene, character=aki, by=mika, is_in=True)
    services.cast_character(scene=scene, character=aki, by=mika, is_in=False)
    left = scene.edits.first()
    for is_locked in (True, False):
        services.lock_scene(scene=scene, by=mika, is_locked=is_locked)
    browser = sign_in(mika)
    found = page(browser, scene)
    assert "<ins>Aki</ins>" in found and "<del>Aki</del>" in found
    assert "<ins>Locked</ins>" in found and "<del>Locked</del>" in found

    scene.refresh_from_db()
    back(browser, scene, left, scene.rev)

    scene.refresh_from_db()
    assert [each.name for each in scene.characters.all()] == ["Aki"]
    assert not scene.is_locked


def test_a_take_that_is_gone_does_not_come_back_with_the_words(mika, story, scene, work):
    for key in ("first", "second"):
        services.start_run(story=story, by=mika, which="one", scene=scene, idem_key=key)
        work()
    first, second = scene.takes.filter(purpose=Take.Purpose.FINAL).order_by("pk")
    services.choose_take(take=first, by=mika)
    edit = scene.edits.first()
    second.delete()

    services.restore_edit(edit=edit, by=mika)

    scene.refresh_from_db()
    assert scene.chosen == first


def test_of_two_pictures_brought_for_one_frame_the_second_is_told_of_the_first(mika, ren, scene, sign_in):
    url, seen = reverse("studio:picture", args=[scene.pk]), scene.rev
    at = {**PARTS, "HX-Current-URL": f"http://testserver{scene.story.get_absolute_url()}"}

    def bring(browser, rev, colour):
        file = io.BytesIO()
        Image.new("RGB", (96, 96), colour).save(file, "PNG")
        values = {"part": "first_frame", "picture_file": SimpleUploadedFile("a.png", file.getvalue()), "rev": rev}
        return browser.post(url, values, headers=at)

    assert bring(sign_in(ren), seen, "teal").status_code == 200
    scene.refresh_from_db()
    theirs = scene.first_frame_id
    told = bring(sign_in(mika), seen, "red")

    assert told.status_code == 409 and "Somebody else changed this scene meanwhile" in told.text
    scene.refresh_from_db()
    assert scene.first_frame_id == theirs
    assert f'name="rev" value="{scene.rev}"' in told.text
    shown = scene.rev
    write_in(scene, ren, line="Wait!")  # what others write beside it is no reason to ask
    assert bring(sign_in(mika), shown, "red").status_code == 200
    scene.refresh_from_db()
    assert scene.first_frame_id != theirs
