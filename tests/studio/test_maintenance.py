"""Purging, retention, export and erasure of stories."""

import contextlib
from datetime import timedelta

import pytest
from django.db.models.signals import pre_delete
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.billing import ledger
from generation.maintenance import delete_unused_pictures
from generation.media import storage
from generation.models import Clip, Picture
from jobs import maintenance as job_maintenance
from jobs.lifecycle import engine
from jobs.models import Job
from studio import access, maintenance
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.models import Character, CharacterPicture, Run, Scene, SceneEdit, Story, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import copy_story
from studio.stories import services as story_services
from studio.timeline.board import build_board
from studio.timeline.takes import mark_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn_story(mika, create_story, run_jobs, atelier):
    """A story with two drafts, a final take of its first scene and an edit in its history."""
    story = create_story(mika, "a girl on a hill", "a dog by the sea")
    scene = story.scenes.in_order().first()
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    Scene.objects.filter(pk=scene.pk).update(provider="atelier")
    drawing_services.start_run(story=story, by=mika, which="one", scene=scene, idem_key="b")
    run_jobs()
    drawing_services.use_new_takes(story=story, by=mika)
    scene.refresh_from_db()
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"line": "Hello"})
    return story


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def test_stories_and_scenes_are_purged_after_a_month_and_clips_stay(mika, drawn_story, create_story):
    fresh = create_story(mika, "kept", "deleted")
    clips = Clip.objects.count()
    Story.objects.filter(pk=drawn_story.pk).update(deleted_at=days_ago(31))
    gone = fresh.scenes.last()
    scene_services.delete_scene(scene=gone, by=mika)
    Scene.objects.filter(pk=gone.pk).update(deleted_at=days_ago(31))

    job_maintenance.run_periodic_tasks()
    job_maintenance.run_periodic_tasks()

    assert list(Story.objects.all()) == [fresh] and list(Scene.objects.all()) == [fresh.scenes.get()]
    assert Run.objects.count() == Take.objects.count() == SceneEdit.objects.count() == 0
    assert Clip.objects.count() == clips > 0


def test_younger_trash_is_kept(mika, drawn_story):
    Story.objects.filter(pk=drawn_story.pk).update(deleted_at=days_ago(29))

    job_maintenance.run_periodic_tasks()

    assert Story.objects.get() == drawn_story


def test_pictures_of_scenes_and_characters_are_not_strays(mika, drawn_story):
    home = mika.workspaces.get()
    fields = {"workspace": home, "width": 64, "height": 64, "bytes": 1}
    used, of_character, stray = (
        Picture.objects.create(key=f"pictures/{n}.png", sha256=str(n) * 64, **fields) for n in range(3)
    )
    Picture.objects.update(created_at=days_ago(9))
    Scene.objects.filter(pk=drawn_story.scenes.in_order().first().pk).update(last_frame=used)
    CharacterPicture.objects.create(character=home.characters.create(name="Aki"), picture=of_character)

    delete_unused_pictures()

    assert set(Picture.objects.all()) == {used, of_character}
    assert not Picture.objects.filter(pk=stray.pk).exists()


def test_an_export_contains_only_the_stories_of_its_user(mika, ren, drawn_story):
    own, foreign = privacy.collect_all(mika)["stories"], privacy.collect_all(ren)["stories"]

    assert [row["title"] for row in own["stories"]] == ["The last summer train"]
    assert [row["line"] for row in own["scenes"]] == ["Hello", ""]
    assert {"stories", "scenes", "characters"} <= set(foreign) and not any(foreign.values())


def test_erasing_a_user_removes_their_stories(mika, drawn_story):
    mika.workspaces.get().characters.create(name="Aki", story=drawn_story)

    privacy.empty_workspace(mika.workspaces.get())
    privacy.empty_workspace(mika.workspaces.get())

    for rows in (Story, Scene, SceneEdit, Take, Run, Character, Clip, Job):
        assert rows.objects.count() == 0


def test_purging_a_clip_removes_its_take(mika, drawn_story, scenes):
    first = scenes(drawn_story)[0]
    clip = first.chosen.clip
    Job.objects.filter(pk=clip.job_id).update(deleted_at=days_ago(31))

    job_maintenance.run_periodic_tasks()

    first.refresh_from_db()
    assert first.chosen is None and first.takes.count() == 1


def test_a_story_and_its_copy_are_deleted_separately(mika, drawn_story):
    copy = copy_story.duplicate_story(story=drawn_story, by=mika)
    drawn_story.delete()

    copy.refresh_from_db()
    assert copy.scenes.count() == 2 and copy.copy_of is None


def test_a_copied_story_shares_takes_without_new_charges(browser, mika, drawn_story, run_jobs):
    home = mika.workspaces.get()
    clips, jobs, spent = Clip.objects.count(), Job.objects.count(), ledger.get_wallet(home).spent
    first = drawn_story.scenes.in_order().first()
    marked = first.takes.get(pk=first.chosen_id)
    mark_stale(scenes=[first.pk], character_name="Aki")

    browser.post(f"/stories/{drawn_story.pk}/duplicate/")
    run_jobs()

    copy = Story.objects.get(copy_of=drawn_story)
    assert (Clip.objects.count(), Job.objects.count(), ledger.get_wallet(home).spent) == (clips, jobs, spent)
    panels, copied_panels = build_board(drawn_story).panels, build_board(copy).panels
    assert [panel.playing.clip for panel in copied_panels] == [panel.playing.clip for panel in panels]
    assert [panel.state for panel in copied_panels] == [panel.state for panel in panels] == ["done", "animatic"]
    assert [len(panel.takes) for panel in copied_panels] == [len(panel.takes) for panel in panels]
    assert copied_panels[0].scene.chosen.clip == marked.clip and copied_panels[0].scene.chosen.stale_characters == "Aki"
    assert [panel.has_older_text for panel in copied_panels] == [panel.has_older_text for panel in panels]


def test_a_duplicated_scene_shares_its_take_without_new_charges(browser, mika, drawn_story, run_jobs):
    home = mika.workspaces.get()
    clips, jobs, spent = Clip.objects.count(), Job.objects.count(), ledger.get_wallet(home).spent
    first = drawn_story.scenes.in_order().first()

    browser.post(f"/stories/scenes/{first.pk}/duplicate/")
    run_jobs()

    assert (Clip.objects.count(), Job.objects.count(), ledger.get_wallet(home).spent) == (clips, jobs, spent)
    panels = build_board(drawn_story).panels
    assert [panel.state for panel in panels] == ["done", "done", "animatic"]
    assert panels[0].playing.clip == panels[1].playing.clip and panels[0].playing != panels[1].playing


@pytest.mark.parametrize("deleted", ["the story", "its copy"])
def test_purging_a_story_or_its_copy_keeps_shared_clips(mika, drawn_story, deleted):
    copy = copy_story.duplicate_story(story=drawn_story, by=mika)
    gone, remaining = (drawn_story, copy) if deleted == "the story" else (copy, drawn_story)
    story_services.delete_story(story=gone, by=mika)
    Story.objects.filter(pk=gone.pk).update(deleted_at=days_ago(31))

    job_maintenance.run_periodic_tasks()

    assert list(Story.objects.all()) == [remaining]
    panels = build_board(remaining).panels
    assert [panel.state for panel in panels] == ["done", "animatic"]
    for panel in panels:
        files = panel.playing.clip.files.all()
        assert files and all(storage.get_size(file.key) for file in files)


def test_a_pending_take_fills_the_story_and_its_copy(mika, create_story, run_jobs, atelier):
    story = create_story(mika, "a girl on a hill", provider="atelier")
    drawing_services.start_run(story=story, by=mika, which="all", idem_key="k")
    engine.advance(Job.objects.get(kind="run").pk)
    copy = copy_story.duplicate_story(story=story, by=mika)

    run_jobs()

    assert Clip.objects.count() == 1
    assert [build_board(row).panels[0].state for row in (story, copy)] == ["new", "new"]


@pytest.fixture
def before_deletion():
    """``before_deletion(Scene, action)`` runs the action before a row of that table is deleted."""
    with contextlib.ExitStack() as stack:

        def connect(model, action):
            def receive(instance, **more):
                action()

            pre_delete.connect(receive, sender=model)
            stack.callback(pre_delete.disconnect, receive, sender=model)
            stack.callback(lambda: receive)  # signals keep weak references

        yield connect


@pytest.mark.rows
def test_a_scene_restored_during_a_purge_stays(mika, create_story, before_deletion):
    story = create_story(mika, "one", "two", "three")
    for days, scene in zip((40, 31), story.scenes.in_order()[:2], strict=True):
        scene_services.delete_scene(scene=scene, by=mika)
        Scene.objects.filter(pk=scene.pk).update(deleted_at=days_ago(days))
    second = story.scenes.get(prompt="two")

    before_deletion(Scene, lambda: scene_services.restore_scene(scene=second, by=mika))
    maintenance.empty_trash()

    assert [scene.prompt for scene in story.scenes.in_order()] == ["two", "three"]
    assert not story.scenes.in_trash()


@pytest.mark.rows
def test_a_character_restored_during_a_purge_stays(mika, before_deletion):
    home = mika.workspaces.get()
    first, second = (
        home.characters.create(name=name, deleted_at=days_ago(35 - n)) for n, name in enumerate(("Aki", "Ren"))
    )

    before_deletion(Character, lambda: character_services.restore_character(character=second, by=mika))
    maintenance.empty_trash()

    assert [character.deleted_at for character in Character.objects.filter(pk=second.pk)] == [None]
    assert not Character.objects.filter(pk=first.pk).exists()


@pytest.mark.parametrize("kind", ["story", "scene", "character"])
@pytest.mark.rows
def test_restoring_a_row_being_purged_is_not_confirmed(browser, mika, create_story, kind, monkeypatch):
    story = create_story(mika, "one")
    row = {"story": story, "scene": story.scenes.get()}.get(kind) or story.workspace.characters.create(name="Aki")
    type(row).objects.filter(pk=row.pk).update(
        deleted_at=days_ago(31), **({"position": None} if kind == "scene" else {})
    )
    find = getattr(access, f"get_editable_{kind}")

    def find_and_purge(request, pk):
        loaded = find(request, pk)
        maintenance.empty_trash()
        return loaded

    monkeypatch.setattr(access, f"get_editable_{kind}", find_and_purge)
    url = reverse("studio:restore" if kind == "story" else f"studio:restore_{kind}", args=[row.pk])

    response = browser.post(url, follow=True)

    assert response.status_code == 404
    assert "was restored" not in response.text + browser.get(reverse("studio:stories")).text
