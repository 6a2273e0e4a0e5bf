"""The story can always be watched, and the page is honest about what is seen: final, sketch, or only words."""

import re
import uuid

import pytest

from generation.models import Clip
from generation.services import request_clips
from jobs.models import Job
from studio.models import Scene, Take

pytestmark = pytest.mark.django_db
ASKED = {
    "prompt": "a fox", "negative_prompt": "", "style": "cel", "provider": "animatic", "model": "", "ratio": "16:9",
    "resolution": 480, "seconds": 2, "seed": 7, "paint": True, "chips_off": [], "options": {},
}  # fmt: skip


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def take():
    """``take(scene, "final")`` is a finished take that the scene shows; ``state="failed"`` one that came to nothing."""

    def made(scene, purpose, state="ready"):
        home = scene.story.workspace
        [clip] = request_clips(workspace=home, by=scene.story.created_by, asked=ASKED, idem_key=uuid.uuid4().hex)
        Job.objects.filter(pk=clip.job_id).update(state=state, error_public="The atelier does not draw that.")
        row = Take.objects.create(scene=scene, clip=clip, purpose=purpose)
        if state == "ready":
            Clip.objects.filter(pk=clip.pk).update(ready_at=clip.created_at)
            if purpose == "final":
                Scene.objects.filter(pk=scene.pk).update(chosen=row)
        return row

    return made


def page_of(browser, story):
    return re.sub(r"\s+", " ", browser.get(story.get_absolute_url()).content.decode())


def reel(page):
    """What plays, shot by shot: (its slip, whether there is a film)."""
    shots = re.findall(r"<li data-frames=.*?>", page)
    return [((re.findall(r'data-slip="([^"]*)"', shot) or [""])[0], "data-src=" in shot) for shot in shots]


def test_a_story_of_which_nothing_is_drawn_plays_as_its_words_and_says_so(browser, mika, write):
    page = page_of(browser, write(mika, "a girl on a hill", "a dog by the sea"))

    assert reel(page) == [("Not drawn yet", False)] * 2
    assert "<cel-reel" in page and "0 of 2 final" in page
    assert "2 scenes are not drawn yet and play as their words." in page
    assert "play as animatics" not in page


def test_sketches_finals_and_failures_are_told_apart(browser, mika, write, scenes, take):
    story = write(mika, "one", "two", "three", "four")
    first, second, third, fourth = scenes(story)
    take(first, "final")
    take(second, "animatic")
    take(third, "animatic")
    take(third, "final", state="failed")
    take(fourth, "final", state="failed")

    page = page_of(browser, story)

    assert reel(page) == [("", True), ("Animatic", True), ("Animatic", True), ("Could not be drawn", False)]
    assert "1 of 4 final" in page and "1 scene is not drawn yet and plays as its words." in page
    assert page.count("The atelier does not draw that.") >= 2


def test_a_scene_whose_take_lies_in_the_bin_plays_its_sketch_and_says_where_the_take_is(
    browser, mika, write, scenes, take
):
    story = write(mika, "one")
    take(scenes(story)[0], "animatic")
    final = take(scenes(story)[0], "final")
    Clip.objects.filter(pk=final.clip_id).update(deleted_at=final.created_at)

    page = page_of(browser, story)

    assert reel(page) == [("Animatic", True)]
    assert "Its take is in the bin" in page and "0 of 1 final" in page
    Clip.objects.filter(pk=final.clip_id).update(deleted_at=None)
    page = page_of(browser, story)
    assert reel(page) == [("", True)] and "Its take is in the bin" not in page


def test_a_story_without_a_scene_has_no_reel_and_can_be_opened(browser, mika, write):
    page = page_of(browser, write(mika))

    assert "<cel-reel" not in page and reel(page) == []
