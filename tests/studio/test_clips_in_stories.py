"""A clip of the library becomes a scene or a take without new drawing or charges."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.services.clips import create_clips
from jobs.models import Job, State
from studio.errors import TakeNotReady
from studio.models import Scene, Story, Take
from studio.scenes import services as scene_services
from studio.scenes import use_clip
from studio.timeline.board import build_board

pytestmark = pytest.mark.django_db
REQUEST = {
    "prompt": "a fox carries a letter", "negative_prompt": "", "style": "chibi", "provider": "animatic", "model": "",
    "ratio": "9:16", "resolution": 480, "seconds": 3, "seed": 7, "paint": True, "chips_off": [], "options": {},
}  # fmt: skip


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def create_clip():
    """``create_clip(mika)`` creates a finished clip; ``create_clip(mika, state="failed")`` a failed one."""

    def create(user, state="ready"):
        [clip] = create_clips(ClipSpec(**REQUEST), workspace=user.workspaces.get(), by=user, idem_key=uuid.uuid4().hex)
        Job.objects.filter(pk=clip.job_id).update(state=state)
        if state == "ready":
            Clip.objects.filter(pk=clip.pk).update(ready_at=clip.created_at)
        return Clip.objects.get(pk=clip.pk)

    return create


def test_clip_pages_link_to_the_choice_of_a_story(browser, mika, create_clip, create_story):
    clip, story = create_clip(mika), create_story(mika, "A girl waits")
    url = f"/stories/clips/{clip.pk}/"

    assert f'href="{url}"' in browser.get(clip.get_absolute_url()).content.decode()
    library = browser.get("/clips/").content.decode()
    assert ' data-links="use' in library and 'data-link="use" href="/stories/clips/' in library
    assert f'href="?story={story.pk}"' in browser.get(url).content.decode()
    assert "A girl waits" in browser.get(url, {"story": story.pk}).content.decode()


def test_a_clip_becomes_a_new_scene_with_its_prompt(browser, mika, create_clip, create_story, scenes):
    clip, story = create_clip(mika), create_story(mika, "A girl waits")
    jobs = Job.objects.count()

    response = browser.post(f"/stories/clips/{clip.pk}/", {"story": story.pk})

    first, second = scenes(story)
    assert response.url == f"/stories/{story.pk}/?scene={second.pk}#s-{second.pk}"
    assert (second.prompt, second.seconds, second.style) == ("a fox carries a letter", 3, "chibi")
    panel = build_board(story).panels[1]
    assert (panel.playing.clip, panel.state, panel.has_older_text) == (clip, "done", False)
    assert Job.objects.count() == jobs and first.takes.count() == 0
    assert "This clip is now scene 2." in browser.get(response.url).content.decode()


def test_the_line_of_a_scene_is_the_subtitle_of_its_take(browser, mika, create_clip, create_story, scenes):
    clip, story = create_clip(mika), create_story(mika, "A girl waits")
    (scene,) = scenes(story)
    browser.post(f"/stories/clips/{clip.pk}/", {"story": story.pk, "scene": scene.pk})
    url = f"/stories/clips/{clip.pk}/captions.vtt"
    Clip.objects.filter(pk=clip.pk).update(frames=72, prompt="A fox. Fox: “A letter!”")

    for line, status in (("A letter!", 200), ("Written after the clip", 404), ("", 404)):
        Scene.objects.filter(pk=scene.pk).update(line=line, speaker="Fox")
        answer = browser.get(url)
        assert answer.status_code == status
        assert (f'src="{url}"' in browser.get(clip.get_absolute_url()).text) is (status == 200)
        assert status != 200 or "00:00:00.200 --> 00:00:02.800\n<v Fox>A letter!" in answer.text


def test_a_clip_becomes_a_take_and_keeps_the_scene_text(browser, mika, create_clip, create_story, scenes):
    clip, story = create_clip(mika), create_story(mika, "A girl waits")
    (scene,) = scenes(story)

    for _twice in range(2):
        browser.post(f"/stories/clips/{clip.pk}/", {"story": story.pk, "scene": scene.pk})

    (updated,) = scenes(story)
    assert (updated.prompt, updated.takes.count(), updated.chosen.clip) == ("A girl waits", 1, clip)


def test_a_clip_starts_a_new_story(browser, mika, create_clip):
    clip = create_clip(mika)

    response = browser.post(f"/stories/clips/{clip.pk}/")

    story = Story.objects.get()
    assert response.url.startswith(story.get_absolute_url())
    assert (story.title, story.ratio, story.style) == (clip.title, "9:16", "chibi")
    assert build_board(story).panels[0].playing.clip == clip


def test_a_clip_of_two_stories_survives_the_purge_of_one(mika, create_clip, create_story):
    clip, first, other = create_clip(mika), create_story(mika), create_story(mika)
    for story in (first, other):
        use_clip.use_clip(clip=clip, by=mika, story=story)

    first.delete()

    assert build_board(other).panels[0].playing.clip == clip


def test_a_pending_clip_is_shown_when_it_is_ready(mika, create_clip, create_story, run_jobs):
    clip, story = create_clip(mika, state="queued"), create_story(mika)
    use_clip.use_clip(clip=clip, by=mika, story=story)
    assert build_board(story).panels[0].state == "wait"

    run_jobs()

    assert build_board(story).panels[0].state == "done"


def test_an_animatic_stays_an_animatic_in_another_story(mika, create_clip, create_story, scenes):
    clip, first, other = create_clip(mika), create_story(mika, "A girl waits"), create_story(mika)
    Take.objects.create(scene=scenes(first)[0], clip=clip, purpose=Take.Purpose.ANIMATIC)

    use_clip.use_clip(clip=clip, by=mika, story=other)

    assert build_board(other).panels[0].state == "animatic" and build_board(other).final_percent == 0


@pytest.mark.parametrize("state", ["in the trash", "failed", "ready_degraded", "locked scene"])
def test_an_unusable_clip_is_refused_with_a_reason(browser, mika, create_clip, create_story, scenes, state):
    clip, story = create_clip(mika, state=state if state in State else "ready"), create_story(mika, "A girl waits")
    (scene,) = scenes(story)
    if state == "locked scene":
        scene_services.lock_scene(scene=scene, by=mika, is_locked=True)
    if state == "in the trash":
        Clip.objects.filter(pk=clip.pk).update(deleted_at=clip.created_at)

    url = f"/stories/clips/{clip.pk}/"
    page, response = browser.get(url), browser.post(url, {"story": story.pk, "scene": scene.pk})

    assert ("This take is not ready" in page.content.decode()) == (state in State), (
        "the page does not warn before the form is sent"
    )
    assert response.status_code == (404 if state == "in the trash" else 409)
    is_still_checked = f'value="{scene.pk}" checked' in response.content.decode()
    assert is_still_checked is (state in State), "the choice is kept while it is possible"
    messages = dict.fromkeys(State, "This take is not ready") | {"locked scene": "This scene is locked"}
    assert messages.get(state, "") in response.content.decode()
    assert Take.objects.count() == 0 and Scene.objects.count() == 1


def test_a_clip_cannot_be_used_in_another_workspace(browser, mika, ren, create_clip, create_story, scenes):
    """Not even if the user may edit there."""
    clip, own, foreign = create_clip(mika), create_story(mika, "mine"), create_story(ren, "A girl waits")
    Membership.objects.create(user=mika, workspace=foreign.workspace, role="editor")
    url = f"/stories/clips/{clip.pk}/"

    responses = [
        browser.post(url, {"story": foreign.pk}),
        browser.post(url, {"story": own.pk, "scene": scenes(foreign)[0].pk}),
        browser.post(url, {"story": "no id"}),
        browser.get(url, {"story": foreign.pk}),
    ]

    assert [response.status_code for response in responses] == [404] * 4
    for target in ({"scene": scenes(foreign)[0]}, {"story": foreign}):
        with pytest.raises(TakeNotReady):
            use_clip.use_clip(clip=clip, by=mika, **target)
    assert Take.objects.count() == 0 and Scene.objects.count() == 2


def test_the_library_needs_no_query_per_clip(browser, mika, create_clip):
    def count(total):
        for _n in range(Clip.objects.count(), total):
            create_clip(mika)
        browser.get("/clips/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/clips/").content.decode().count(" data-links=") == total
        return len(queries)

    assert count(2) == count(7)
