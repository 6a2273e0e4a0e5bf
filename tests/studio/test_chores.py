"""What is thrown away for good, what is kept, and what a person's export and erasure say about stories."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import adoption, personal_data
from generation.kinds import drop_stray_pictures
from generation.models import Clip, Picture
from jobs import housekeeping
from jobs.models import Job
from studio import services
from studio.models import Character, CharacterPicture, Run, Scene, SceneEdit, Story, Take

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(mika, write, work):
    """A story that was drawn, with a change in its history."""
    story = write(mika, "a girl on a hill", "a dog by the sea")
    services.animate(story=story, by=mika, idem_key="a")
    services.start_run(story=story, by=mika, which="one", scene=story.scenes.in_order().first(), idem_key="b")
    work()
    scene = story.scenes.in_order().first()
    services.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"line": "Hello"})
    return story


def ago(days):
    return timezone.now() - timedelta(days=days)


def test_stories_and_scenes_leave_the_bin_for_good_after_a_month_and_their_clips_stay(mika, drawn, write):
    fresh = write(mika, "kept", "thrown away")
    clips = Clip.objects.count()
    Story.objects.filter(pk=drawn.pk).update(deleted_at=ago(31))
    gone = fresh.scenes.last()
    services.delete_scene(scene=gone, by=mika)
    Scene.objects.filter(pk=gone.pk).update(deleted_at=ago(31))

    housekeeping.run()
    housekeeping.run()

    assert list(Story.objects.all()) == [fresh] and list(Scene.objects.all()) == [fresh.scenes.get()]
    assert Run.objects.count() == Take.objects.count() == SceneEdit.objects.count() == 0
    assert Clip.objects.count() == clips > 0


def test_what_lies_in_the_bin_for_less_stays(mika, drawn):
    Story.objects.filter(pk=drawn.pk).update(deleted_at=ago(29))

    housekeeping.run()

    assert Story.objects.get() == drawn


def test_pictures_of_scenes_and_characters_are_no_strays(mika, drawn):
    home = mika.workspaces.get()
    facts = {"workspace": home, "width": 64, "height": 64, "bytes": 1}
    used, known, stray = (
        Picture.objects.create(key=f"pictures/{n}.png", sha256=str(n) * 64, **facts) for n in range(3)
    )
    Picture.objects.update(created_at=ago(9))
    Scene.objects.filter(pk=drawn.scenes.in_order().first().pk).update(last_frame=used)
    CharacterPicture.objects.create(character=home.characters.create(name="Aki"), picture=known)

    drop_stray_pictures()

    assert set(Picture.objects.all()) == {used, known}
    assert not Picture.objects.filter(pk=stray.pk).exists()


def test_an_export_holds_the_stories_and_only_those_of_the_person(mika, ren, drawn):
    mine, theirs = personal_data.collect_all(mika)["stories"], personal_data.collect_all(ren)["stories"]

    assert [each["title"] for each in mine["stories"]] == ["The last summer train"]
    assert [each["line"] for each in mine["scenes"]] == ["Hello", ""]
    assert {"stories", "scenes", "characters"} <= set(theirs) and not any(theirs.values())


def test_erasing_a_person_leaves_nothing_of_their_stories(mika, drawn):
    mika.workspaces.get().characters.create(name="Aki", story=drawn)

    adoption.empty_all(mika.workspaces.get())
    adoption.empty_all(mika.workspaces.get())

    for rows in (Story, Scene, SceneEdit, Take, Run, Character, Clip, Job):
        assert rows.objects.count() == 0


def test_a_clip_removed_for_good_takes_its_take_along_and_the_scene_shows_the_next_best(mika, drawn, scenes):
    first = scenes(drawn)[0]
    clip = first.chosen.clip
    Job.objects.filter(pk=clip.job_id).update(deleted_at=ago(31))

    housekeeping.run()

    first.refresh_from_db()
    assert first.chosen is None and first.takes.count() == 1


def test_a_deleted_copy_leaves_the_story_and_a_deleted_story_leaves_the_copy(mika, drawn):
    copy = services.duplicate_story(story=drawn, by=mika)
    drawn.delete()

    copy.refresh_from_db()
    assert copy.scenes.count() == 2 and copy.copy_of is None
