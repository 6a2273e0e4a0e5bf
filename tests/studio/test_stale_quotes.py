"""A quote that changed since the page was opened starts nothing, and a run buys no scene twice."""

import re

import pytest
from django.db.models.functions import Now

from accounts.billing import ledger
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.errors import QuoteChanged
from studio.models import Run
from studio.scenes import edits, use_clip
from studio.scenes import services as scene_services
from studio.timeline.board import build_board
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def story(shared_story):
    return shared_story


def get_spent(story) -> int:
    return ledger.get_wallet(story.workspace).spent


def states_of(run):
    return list(run.shots.values_list("state", flat=True))


def start_confirmed_run(story, by, old_mark, **query):
    return drawing_services.start_run(story=story, by=by, agreed=old_mark, idem_key="other", **query)


def add_character(by, story, scene):
    character = character_services.add_character(workspace=story.workspace, by=by, name="Bo", description="a girl")
    character_services.cast_character(scene=scene, character=character, by=by, is_in=True)


def edit_scene(by, story, scene):
    edits.edit_scene(scene=scene, by=by, rev=scene.rev, changes={"prompt": "a dog in the sea"})


CHANGES = {
    "text": edit_scene,
    "characters": add_character,
    "scenes": lambda by, story, scene: scene_services.lock_scene(scene=scene, by=by, is_locked=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_quote_starts_nothing(mika, ren, story, third_scene, change):
    old_mark = build_quote(story, by=ren, which="all", mode="fast").mark

    CHANGES[change](mika, story, third_scene)

    with pytest.raises(QuoteChanged):
        start_confirmed_run(story, ren, old_mark, which="all", mode="fast")
    assert not Run.objects.filter(purpose="final").exists()


def test_a_changed_quote_is_shown_and_can_be_confirmed(sign_in, ren, story, third_scene, run_jobs, atelier):
    browser, url = sign_in(ren), f"/stories/{story.pk}/draw/"
    query = {"which": "one", "scene": third_scene.pk}

    def hidden_fields(page):
        return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("agreed", "idem_key")}

    old_mark = hidden_fields(browser.get(url, query, headers=HTMX).content.decode())
    atelier.price += 100_000
    refused = browser.post(url, query | old_mark, headers=HTMX)

    page = refused.content.decode()
    assert refused.status_code == 409 and "$0.50" in page
    assert "The price or the scenes have changed. Nothing was started. Please review and confirm again." in page
    assert get_spent(story) == 0 and not third_scene.takes.filter(purpose="final").exists()
    assert browser.post(url, query | hidden_fields(page), headers=HTMX).status_code == 200
    run_jobs()
    assert get_spent(story) == PRICE + 100_000


@pytest.mark.parametrize("which", ["one", "all"])
def test_a_scene_drawn_since_must_be_confirmed_again(mika, ren, story, third_scene, draw_scenes, which):
    old_mark = build_quote(story, by=ren, which=which, scene=third_scene, mode="fast").mark
    draw_scenes("one", scene=third_scene)

    with pytest.raises(QuoteChanged):
        start_confirmed_run(story, ren, old_mark, which=which, scene=third_scene, mode="fast")
    assert get_spent(story) == PRICE


def test_a_take_retried_since_must_be_confirmed_again(mika, story, third_scene, draw_scenes, run_jobs, atelier):
    atelier.refused = {"cat"}
    draw_scenes("one", scene=third_scene)
    atelier.refused = set()
    old_mark = build_quote(story, by=mika, which="one", scene=third_scene, mode="fast").mark

    jobs.retry(third_scene.takes.get().clip.job, by=mika)
    run_jobs()

    with pytest.raises(QuoteChanged):
        start_confirmed_run(story, mika, old_mark, which="one", scene=third_scene, mode="fast")
    assert get_spent(story) == PRICE


def test_takes_of_other_scenes_and_animatics_do_not_change_a_quote(
    mika, ren, story, scenes, third_scene, draw_scenes, run_jobs
):
    old_mark = build_quote(story, by=ren, which="one", scene=third_scene, mode="fast").mark
    draw_scenes("one", scene=scenes(story)[0])
    drawing_services.draw_animatics(story=story, by=mika, idem_key="sketches")
    run_jobs()

    run = start_confirmed_run(story, ren, old_mark, which="one", scene=third_scene, mode="fast")

    assert run.shots.count() == 1


def test_another_start_frame_must_be_confirmed_again(mika, ren, story, scenes, draw_scenes):
    first, second, _third = scenes(story)
    draw_scenes("one", scene=first)
    older = first.takes.get()
    draw_scenes("one", scene=first)
    query = {"which": "one", "scene": second, "mode": "coherent", "on_failure": "continue"}
    old_mark = build_quote(story, by=ren, **query).mark

    drawing_services.choose_take(take=older, by=mika)

    with pytest.raises(QuoteChanged):
        start_confirmed_run(story, ren, old_mark, **query)
    assert second.takes.count() == 0


def test_the_mark_of_many_scenes_is_short(mika, story, scenes):
    for scene in scenes(story) * 5:
        scene_services.duplicate_scene(scene=scene, by=mika)

    assert len(build_quote(story, by=mika, which="all", mode="fast").mark) < 100


@pytest.fixture
def failed(story, scenes, draw_scenes, atelier):
    """The failed take of the second scene, which would succeed now."""
    second = scenes(story)[1]
    atelier.refused = {"dog"}
    draw_scenes("one", scene=second)
    atelier.refused = set()
    return second.takes.get()


def test_a_run_does_not_buy_a_scene_that_another_user_retried(mika, ren, story, run_jobs, failed):
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")
    engine.advance(run.job_id)

    jobs.retry(failed.clip.job, by=ren)
    run_jobs()

    third_panel = build_board(story).panels[2]
    assert states_of(run) == ["done"] * 3 and get_spent(story) == 3 * PRICE
    assert third_panel.playing.clip.continues_id == failed.clip_id
    assert build_board(story).failures == [] and build_board(story).missing == []


def test_a_run_waits_for_a_retry_and_draws_the_scene_if_it_fails(mika, ren, story, run_jobs, atelier, failed):
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="fast", idem_key="k")
    retry = jobs.retry(failed.clip.job, by=ren)
    engine.advance(run.job_id)
    assert states_of(run) == ["submitted", "waiting", "submitted"]

    atelier.refused = {"dog"}
    run_jobs(retry)
    atelier.refused = set()
    run_jobs()

    assert states_of(run) == ["done"] * 3 and get_spent(story) == 3 * PRICE
    assert run.shots.get(n=2).clip_id not in (None, failed.clip_id)


def test_a_clip_used_in_a_scene_meanwhile_is_not_bought_again(mika, ren, story, scenes, draw_scenes, run_jobs):
    draw_scenes("one", scene=scenes(story)[0])
    clip = scenes(story)[0].takes.get().clip
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")

    use_clip.use_clip(clip=clip, by=ren, scene=scenes(story)[2])
    run_jobs()

    assert states_of(run) == ["done"] * 2 and get_spent(story) == 2 * PRICE
    assert "drawn in the meantime" in run.shots.get(n=2).reason


def test_an_older_take_restored_meanwhile_does_not_replace_the_confirmed_one(
    mika, ren, story, third_scene, draw_scenes, run_jobs
):
    draw_scenes("one", scene=third_scene)
    older = third_scene.takes.get().clip.job
    jobs.delete(older, by=mika)
    run = drawing_services.start_run(story=story, by=mika, which="one", scene=third_scene, idem_key="k")

    jobs.restore(older, by=ren)
    run_jobs()

    assert third_scene.takes.count() == 2 and states_of(run) == ["done"]


@pytest.fixture
def keep_clip_running_in_trash(mika, failed, scenes, story):
    """``keep_clip_running_in_trash()`` deletes a clip that can no longer be cancelled. Returns its job."""

    def move_to_trash(is_shared=False):
        retry = jobs.retry(failed.clip.job, by=mika)
        if is_shared:
            use_clip.use_clip(clip=Clip.objects.get(job=retry), by=mika, scene=scenes(story)[2])
        Job.objects.filter(pk=retry.pk).update(state=State.RUNNING)
        retry = jobs.delete(Job.objects.get(pk=retry.pk), by=mika)
        assert retry.is_active and retry.deleted_at
        return retry

    return move_to_trash


@pytest.mark.parametrize(("is_shared", "n"), [(False, 2), (True, 3)])
def test_a_scene_still_being_drawn_in_the_trash_cannot_be_drawn(
    mika, story, scenes, keep_clip_running_in_trash, is_shared, n
):
    job = keep_clip_running_in_trash(is_shared)
    scene = scenes(story)[n - 1]

    quote = build_quote(story, by=mika, which="one", scene=scene, mode="fast")

    assert quote.shots == [] and "in the trash" in quote.rows[0].reasons[0]
    assert scene not in [row.scene for row in build_quote(story, by=mika, which="missing", mode="fast").shots]
    Job.objects.filter(pk=job.pk).update(state=State.CANCELLED)
    assert [row.scene for row in build_quote(story, by=mika, which="one", scene=scene, mode="fast").shots] == [scene]


def test_a_run_waits_for_a_running_clip_in_the_trash(mika, story, failed, keep_clip_running_in_trash):
    run = drawing_services.start_run(story=story, by=mika, which="failed", mode="fast", idem_key="k")
    job = keep_clip_running_in_trash()

    engine.advance(run.job_id)
    assert states_of(run) == ["waiting"]

    Job.objects.filter(pk=job.pk).update(state=State.CANCELLED)
    Job.objects.filter(pk=run.job_id).update(next_run_at=Now())
    engine.advance(run.job_id)
    assert states_of(run) == ["submitted"]


@pytest.fixture
def continuation(mika, story, third_scene):
    """Arguments that draw the third scene from the last final take before it."""
    return {
        "story": story,
        "by": mika,
        "which": "one",
        "scene": third_scene,
        "mode": "coherent",
        "on_failure": "continue",
    }


def test_no_scene_continues_a_clip_that_is_in_the_trash(continuation, third_scene, keep_clip_running_in_trash):
    keep_clip_running_in_trash()

    (row,) = build_quote(**continuation).shots
    (refused,) = build_quote(**continuation | {"on_failure": "stop"}).rows
    run = drawing_services.start_run(idem_key="k", agreed=build_quote(**continuation).mark, **continuation)
    engine.advance(run.job_id)

    assert row.start_note == "new_start" and refused.reasons and not refused.is_included
    assert states_of(run) == ["submitted"] and third_scene.takes.get().clip.continues is None


def test_a_scene_continues_a_retried_clip(mika, continuation, failed):
    jobs.retry(failed.clip.job, by=mika)

    (row,) = build_quote(**continuation).shots

    assert row.start.is_pending and row.notes == []
