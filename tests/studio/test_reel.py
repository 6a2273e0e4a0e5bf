"""The reel plays every story and marks finals, animatics and text."""

import io
import re
import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.services import uploads
from generation.services.clips import create_clips
from jobs.models import Job
from studio.drawing.quote import build_quote
from studio.films import plan as film_plan
from studio.models import Scene, Take
from studio.scenes import services as scene_services

pytestmark = pytest.mark.django_db
REQUEST = {
    "prompt": "a fox", "negative_prompt": "", "style": "cel", "provider": "animatic", "model": "", "ratio": "16:9",
    "resolution": 480, "seconds": 2, "seed": 7, "paint": True, "chips_off": [], "options": {},
}  # fmt: skip


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def take():
    """``take(scene, "final")`` creates a finished, chosen take; ``state="failed"`` a failed one."""

    def create(scene, purpose, state="ready"):
        home = scene.story.workspace
        [clip] = create_clips(ClipSpec(**REQUEST), workspace=home, by=scene.story.created_by, idem_key=uuid.uuid4().hex)
        Job.objects.filter(pk=clip.job_id).update(state=state, error_text="The atelier doesn’t support that.")
        row = Take.objects.create(scene=scene, clip=clip, purpose=purpose)
        if state == "ready":
            Clip.objects.filter(pk=clip.pk).update(ready_at=clip.created_at)
            if purpose == "final":
                Scene.objects.filter(pk=scene.pk).update(chosen=row)
        return row

    return create


def read_page(browser, story):
    return re.sub(r"\s+", " ", browser.get(story.get_absolute_url()).content.decode())


def read_reel(page):
    """Return the label of each shot and whether it has a video."""
    shots = re.findall(r"<li data-frames=.*?>", page)
    return [((re.findall(r'data-label="([^"]*)"', shot) or [""])[0], "data-src=" in shot) for shot in shots]


def test_an_undrawn_story_plays_as_text(browser, mika, create_story):
    page = read_page(browser, create_story(mika, "a girl on a hill", "a dog by the sea"))

    assert read_reel(page) == [("Not drawn yet", False)] * 2
    assert "<cel-reel" in page and "0 of 2 final" in page
    assert "2 scenes are not drawn yet and play as text." in page
    assert "play as drafts" not in page


def test_the_reel_marks_animatics_finals_and_failures(browser, mika, create_story, scenes, take):
    story = create_story(mika, "one", "two", "three", "four")
    first, second, third, fourth = scenes(story)
    take(first, "final")
    take(second, "animatic")
    take(third, "animatic")
    take(third, "final", state="failed")
    take(fourth, "final", state="failed")

    page = read_page(browser, story)

    assert read_reel(page) == [("", True), ("Draft", True), ("Draft", True), ("Drawing failed", False)]
    assert "1 of 4 final" in page and "1 scene is not drawn yet and plays as text." in page
    assert page.count("The atelier doesn’t support that.") >= 2


def test_a_scene_with_a_deleted_take_plays_its_animatic(browser, mika, create_story, scenes, take):
    story = create_story(mika, "one")
    take(scenes(story)[0], "animatic")
    final = take(scenes(story)[0], "final")
    Clip.objects.filter(pk=final.clip_id).update(deleted_at=final.created_at)

    page = read_page(browser, story)

    assert read_reel(page) == [("Draft", True)]
    assert "The take is in the trash" in page and "0 of 1 final" in page
    Clip.objects.filter(pk=final.clip_id).update(deleted_at=None)
    page = read_page(browser, story)
    assert read_reel(page) == [("", True)] and "The take is in the trash" not in page


def test_a_story_without_scenes_has_no_reel(browser, mika, create_story):
    page = read_page(browser, create_story(mika))

    assert "<cel-reel" not in page and read_reel(page) == []


@pytest.mark.parametrize(
    "content",
    [*(pytest.param(content, marks=pytest.mark.deep) for content in ("a first frame", "a picture")), "a line"],
)
def test_a_scene_with_only_a_picture_or_line_gets_an_animatic(browser, mika, create_story, scenes, run_jobs, content):
    story = create_story(mika, "a girl on a hill")
    file = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).save(file, "PNG")
    fields = {"line": "Wait for me!"}
    if content != "a line":
        frame = uploads.save_picture(ContentFile(file.getvalue(), "a.png"), workspace=story.workspace, by=mika)
        fields = {"first_frame" if content == "a first frame" else "picture": frame}
    scene_services.add_scene(story=story, by=mika, seconds=2, **fields)
    assert [problem.code for problem in film_plan.build_film_plan(story).problems] == ["not_drawn"]

    browser.post(f"/stories/{story.pk}/animate/")
    run_jobs()

    assert read_reel(read_page(browser, story)) == [("Draft", True)] * 2
    assert film_plan.build_film_plan(story).problems == []
    quote = build_quote(story, by=mika, which="missing", mode="fast")
    assert [row.reasons for row in quote.rows] == [[], []]


def test_the_second_half_of_a_split_scene_gets_an_animatic(browser, mika, create_story, scenes, run_jobs):
    story = create_story(mika, "A girl waits. A dog barks.")

    browser.post(f"/stories/scenes/{scenes(story)[0].pk}/split/")
    run_jobs()

    _first, second = scenes(story)
    assert second.prompt == "A dog barks." and second.takes.get().clip.is_ready
    assert read_reel(read_page(browser, story))[1] == ("Draft", True)


def test_writing_into_an_empty_scene_draws_its_animatic(browser, mika, create_story, scenes, run_jobs):
    story = create_story(mika, "a girl on a hill")
    browser.post(f"/stories/{story.pk}/add/", {"prompt": "", "at": "1"})
    scene = scenes(story)[0]
    assert not scene.takes.exists()

    for prompt in ("a dog", "a dog by the sea"):
        scene.refresh_from_db()
        browser.post(
            f"/stories/scenes/{scene.pk}/", {"rev": scene.rev, "prompt": prompt}, headers={"HX-Request": "true"}
        )
    run_jobs()

    take = scene.takes.get()
    assert take.purpose == "animatic" and take.clip.prompt == "a dog by the sea"
    assert read_reel(read_page(browser, story))[0] == ("Draft", True)


def test_a_picture_in_an_empty_scene_draws_its_animatic(browser, mika, create_story, scenes, run_jobs):
    story = create_story(mika)
    scene = scene_services.add_scene(story=story, by=mika, seconds=2)
    file = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).save(file, "PNG")

    upload = SimpleUploadedFile("a.png", file.getvalue())
    browser.post(f"/stories/scenes/{scene.pk}/picture/", {"part": "first_frame", "picture_file": upload})
    run_jobs()

    assert read_reel(read_page(browser, story)) == [("Draft", True)]
