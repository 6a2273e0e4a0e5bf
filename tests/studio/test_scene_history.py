"""The history of a scene covers text, pictures, takes, cast, lock and position, and can be restored."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import Membership
from generation.models import Picture
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.models import Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from tests.studio.test_pages import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, ren, create_story, atelier):
    story = create_story(mika, "She waits", "The train comes", provider="atelier")
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return story


@pytest.fixture
def scene(story, scenes):
    return scenes(story)[0]


@pytest.fixture
def picture(story):
    return Picture.objects.create(
        workspace=story.workspace, key="pictures/aa/one.webp", width=96, height=96, bytes=1, sha256="1" * 64
    )


def read_page(browser, scene):
    page = browser.get(reverse("studio:history", args=[scene.pk])).content.decode()
    return re.sub(r"\s*\n\s*", "", page)


def restore(browser, scene, edit, rev):
    url = reverse("studio:restore_edit", args=[scene.pk])
    return browser.post(url, {"edit": edit.pk, "rev": rev}, follow=True).content.decode()


def edit_scene(scene, by, **changes):
    scene.refresh_from_db()
    edits.edit_scene(scene=scene, by=by, rev=scene.rev, changes=changes)
    scene.refresh_from_db()
    return scene.edits.first()


def test_restoring_on_an_old_page_keeps_newer_edits_of_others(mika, ren, scene, sign_in):
    own_edit = edit_scene(scene, mika, prompt="She runs")
    rev_seen = scene.rev
    edit_scene(scene, ren, line="Wait!")

    page = restore(sign_in(mika), scene, own_edit, rev_seen)

    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("She runs", "Wait!")
    assert "Someone else changed this scene in the meantime" in page and "Wait!" in page
    restore(sign_in(mika), scene, own_edit, scene.rev)
    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("She waits", "")


def test_shown_takes_are_in_the_history_and_can_be_restored(mika, story, scene, sign_in, run_jobs):
    for key in ("first", "second"):
        drawing_services.start_run(story=story, by=mika, which="one", scene=scene, idem_key=key)
        run_jobs()
        drawing_services.use_new_takes(story=story, by=mika)
    first, second = scene.takes.filter(purpose=Take.Purpose.FINAL).order_by("pk")
    browser = sign_in(mika)
    page = read_page(browser, scene)
    assert "<del>—</del><ins>Take 1</ins>" in page and "<del>Take 1</del><ins>Take 2</ins>" in page
    assert [edit.by for edit in scene.edits.all()] == [mika] * 2, "the edits belong to the user who used them"
    drawing_services.choose_take(take=first, by=mika)
    page = read_page(browser, scene)
    assert "Selected take" in page and "<del>Take 2</del><ins>Take 1</ins>" in page

    scene.refresh_from_db()
    assert scene.chosen == first
    restore(browser, scene, scene.edits.first(), scene.rev)

    scene.refresh_from_db()
    assert scene.chosen == second


def test_cast_and_lock_are_in_the_history_and_cast_can_be_restored(mika, story, scene, sign_in):
    aki = character_services.add_character(workspace=story.workspace, story=story, by=mika, name="Aki", kind="person")
    character_services.cast_character(scene=scene, character=aki, by=mika, is_in=True)
    character_services.cast_character(scene=scene, character=aki, by=mika, is_in=False)
    removal = scene.edits.first()
    for is_locked in (True, False):
        scene_services.lock_scene(scene=scene, by=mika, is_locked=is_locked)
    browser = sign_in(mika)
    page = read_page(browser, scene)
    assert "<ins>Aki</ins>" in page and "<del>Aki</del>" in page
    assert "<ins>Locked</ins>" in page and "<del>Locked</del>" in page

    scene.refresh_from_db()
    restore(browser, scene, removal, scene.rev)

    scene.refresh_from_db()
    assert [character.name for character in scene.characters.all()] == ["Aki"]
    assert not scene.is_locked


def test_restoring_an_edit_reports_a_purged_take(mika, story, scene, run_jobs, sign_in):
    for key in ("first", "second"):
        drawing_services.start_run(story=story, by=mika, which="one", scene=scene, idem_key=key)
        run_jobs()
        drawing_services.use_new_takes(story=story, by=mika)
    first, second = scene.takes.filter(purpose=Take.Purpose.FINAL).order_by("pk")
    drawing_services.choose_take(take=first, by=mika)
    edit = scene.edits.first()
    second.delete()

    scene.refresh_from_db()
    browser = sign_in(mika)
    assert "<del>no longer available</del><ins>Take 1</ins>" in read_page(browser, scene)
    assert "no longer exists: selected take." in restore(browser, scene, edit, scene.rev)

    scene.refresh_from_db()
    assert scene.chosen == first


@pytest.mark.parametrize("action", ["moved", "reordered"])
def test_the_position_of_a_scene_can_be_restored(mika, create_story, scenes, sign_in, action):
    story = create_story(mika, "one", "two", "three", "four")
    first, *others = scenes(story)
    if action == "moved":
        scene_services.move_scene(scene=first, by=mika, to=3)
    else:
        story.refresh_from_db()
        order = [others[0].pk, others[1].pk, first.pk, others[2].pk]
        scene_services.reorder_scenes(story=story, by=mika, wanted=order, order_rev=story.order_rev)
    browser = sign_in(mika)

    assert "<dt>Position</dt><dd><del>1</del><ins>3</ins>" in read_page(browser, first)
    assert not any(scene.edits.exists() for scene in others), "other scenes have no edit"
    story.refresh_from_db()
    seen = story.order_rev
    first.refresh_from_db()
    restore(browser, first, first.edits.get(), first.rev)

    assert [scene.prompt for scene in scenes(story)] == ["one", "two", "three", "four"]
    story.refresh_from_db()
    assert story.order_rev > seen, "an older list of scenes must be refused"


def test_a_restored_position_beyond_the_end_means_the_end(mika, create_story, scenes):
    story = create_story(mika, "one", "two", "three")
    last = scenes(story)[2]
    scene_services.move_scene(scene=last, by=mika, to=1)
    scene_services.delete_scene(scene=scenes(story)[1], by=mika)

    restored, lost = edits.restore_edit(edit=last.edits.get(), by=mika)

    assert (restored.position, lost) == (2, [])
    assert restored.edits.first().after == {"position": 2}


def test_restoring_a_lock_keeps_newer_text(mika, scene, sign_in):
    text_edit = edit_scene(scene, mika, prompt="She runs")
    scene_services.lock_scene(scene=scene, by=mika, is_locked=True)
    scene.refresh_from_db()
    locked, browser = scene.edits.first(), sign_in(mika)

    page = read_page(browser, scene)
    assert page.count("Go back to before this change") == 1, "only the lock can be restored"
    assert "Until you unlock it" in page
    assert "This scene is locked" in restore(browser, scene, text_edit, scene.rev)
    scene.refresh_from_db()
    assert (scene.prompt, scene.is_locked) == ("She runs", True)

    restore(browser, scene, locked, scene.rev)
    scene.refresh_from_db()
    assert not scene.is_locked
    restore(browser, scene, scene.edits.first(), scene.rev)
    scene.refresh_from_db()
    assert (scene.prompt, scene.is_locked) == ("She runs", True), "the scene is locked again"


def test_history_shows_pictures_and_names_deleted_ones(mika, scene, sign_in, picture):
    edit_scene(scene, mika, first_frame=str(picture.pk))
    edit = edit_scene(scene, mika, first_frame=None)
    browser = sign_in(mika)

    page = read_page(browser, scene)
    assert page.count("<dt>First frame</dt>") == 2 and page.count('alt="First frame"') == 2
    assert str(picture.pk) not in re.sub('src="[^"]*"', "", page)

    picture.delete()
    assert read_page(browser, scene).count("no longer available") == 2
    assert "no longer exists: First frame." in restore(browser, scene, edit, scene.rev)


def test_concurrent_first_frames_are_reported(mika, ren, scene, sign_in):
    url, seen = reverse("studio:picture", args=[scene.pk]), scene.rev
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{scene.story.get_absolute_url()}"}

    def upload(browser, rev, colour):
        file = io.BytesIO()
        Image.new("RGB", (96, 96), colour).save(file, "PNG")
        values = {"part": "first_frame", "picture_file": SimpleUploadedFile("a.png", file.getvalue()), "rev": rev}
        return browser.post(url, values, headers=headers)

    assert upload(sign_in(ren), seen, "teal").status_code == 200
    scene.refresh_from_db()
    saved = scene.first_frame_id
    refused = upload(sign_in(mika), seen, "red")

    assert refused.status_code == 409 and "Someone else changed this scene in the meantime" in refused.text
    scene.refresh_from_db()
    assert scene.first_frame_id == saved
    assert f'name="rev" value="{scene.rev}"' in refused.text
    shown_rev = scene.rev
    edit_scene(scene, ren, line="Wait!")  # changes of other fields are no conflict
    assert upload(sign_in(mika), shown_rev, "red").status_code == 200
    scene.refresh_from_db()
    assert scene.first_frame_id != saved
