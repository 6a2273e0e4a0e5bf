"""Scene and run show why a scene was not drawn and what was charged."""

import html

import pytest

from accounts.billing import ledger
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine, transitions
from jobs.models import Job, State
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.models import Scene
from studio.scenes import services as scene_services
from studio.timeline.board import build_board
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
CHARGED = "No response. Your Echo account was charged for this."


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")


@pytest.fixture
def draw_scenes(mika, story):
    def start(key="k", which="missing", **more):
        return drawing_services.start_run(story=story, by=mika, which=which, idem_key=key, **more)

    return start


@pytest.fixture
def read_page(sign_in, mika, story):
    browser = sign_in(mika)
    return lambda: html.unescape(browser.get(f"/stories/{story.pk}/").content.decode())


def panel_values(story, name):
    return [getattr(panel, name) for panel in build_board(story).panels]


def move_to_provider(run):
    """Treat the clips of the run as clips of a provider, which may charge for failures."""
    engine.advance(run.job_id)
    rows = Job.objects.filter(clip__shot__run=run)
    rows.update(kind="clip_elsewhere", state=State.RUNNING)
    return list(rows)


def test_a_scene_with_a_raised_price_is_retried_with_the_failed(story, draw_scenes, read_page, run_jobs, atelier):
    run = draw_scenes()
    atelier.price += 1
    run_jobs()

    assert panel_values(story, "state") == ["fail"] * 3
    assert read_page().count("The price is now higher than you agreed to") == 3 and "Retry 3 failed" in read_page()
    run.job.refresh_from_db()
    assert "Scenes 1, 2 and 3: The price is now higher" in run.job.error_public

    draw_scenes("again", which="failed")
    run_jobs()
    assert panel_values(story, "state") == ["new"] * 3
    assert "The price is now higher" not in read_page()


def test_skipped_scenes_say_so_and_count_as_missing(story, draw_scenes, read_page, run_jobs, atelier):
    atelier.refused = {"girl"}
    run = draw_scenes(mode="coherent", on_failure="stop")
    run_jobs()

    assert panel_values(story, "state") == ["fail", "draft", "draft"]
    assert "The atelier doesn’t support that." in read_page()
    assert read_page().count("Skipped because the previous scene was not drawn.") == 2
    assert "Retry 1 failed" in read_page() and "Draw 3 final takes with Atelier" in read_page()
    run.job.refresh_from_db()
    assert "Scene 1: The atelier doesn’t support that. Scenes 2 and 3: Skipped" in run.job.error_public


def test_a_cancelled_scene_has_no_reason(mika, story, draw_scenes, run_jobs):
    run = draw_scenes(mode="coherent")
    engine.advance(run.job_id)
    drawing_services.stop_run(run=run, by=mika)
    run_jobs()

    assert panel_values(story, "failure_reason")[1:] == ["", ""]


def test_a_long_list_of_reasons_is_shortened(story, draw_scenes, run_jobs, atelier):
    run = draw_scenes()
    run.shots.update(state="failed")
    for shot in run.shots.all():
        run.shots.filter(pk=shot.pk).update(reason_text=f"{shot.n} " + "a reason " * 40)
    run_jobs()

    run.job.refresh_from_db()
    assert "Scene 1: 1 a reason" in run.job.error_public and "Scene 2" not in run.job.error_public
    assert run.job.error_public.startswith("3 of 3 scenes were not drawn.")


def test_a_run_with_charges_is_not_called_free(story, draw_scenes, run_jobs):
    run = draw_scenes()
    for job in move_to_provider(run):
        transitions.move(job, State.FAILED, charge=PRICE, error_public=CHARGED)
    run_jobs()

    run.job.refresh_from_db()
    assert "nothing was charged" not in run.job.error_public
    assert f"Scenes 1, 2 and 3: {CHARGED}" in run.job.error_public
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


def test_a_local_run_says_failures_are_free(story, draw_scenes, run_jobs, atelier):
    atelier.refused = {"dog"}
    run = draw_scenes()
    run_jobs()

    run.job.refresh_from_db()
    assert "1 of 3 scenes was not drawn. Finished scenes are kept; nothing was charged" in run.job.error_public


@pytest.mark.parametrize("is_at_provider", [True, False])
def test_stopping_a_run_reports_its_charges(sign_in, mika, story, draw_scenes, is_at_provider):
    run = draw_scenes()
    if is_at_provider:
        move_to_provider(run)
    else:
        engine.advance(run.job_id)

    page = sign_in(mika).post(f"/stories/{story.pk}/stop/", follow=True).content.decode()

    assert ("Nothing is charged for unfinished work" in page) is not is_at_provider
    assert ("each job will show what was charged or refunded" in page) is is_at_provider


@pytest.fixture
def stop_run(sign_in, mika, story):
    browser = sign_in(mika)
    return lambda: html.unescape(browser.post(f"/stories/{story.pk}/stop/", follow=True).content.decode())


def test_stopping_a_run_twice_reports_its_charges_again(story, draw_scenes, stop_run):
    run = draw_scenes()
    clips = move_to_provider(run)
    stop_run()
    engine.advance(run.job_id)
    run.job.refresh_from_db()
    assert run.job.state == State.CANCELLED

    page = stop_run()
    assert "each job will show what was charged or refunded" in page and "Nothing is charged" not in page

    for job in clips:
        transitions.move(job, State.CANCELLED)
    page = stop_run()
    assert "Nothing was being drawn." in page and "Nothing is charged" not in page


def test_stopping_a_cancelled_run_reports_its_running_clips(mika, draw_scenes, stop_run):
    run = draw_scenes()
    move_to_provider(run)
    jobs.cancel(run.job, by=mika)
    engine.advance(run.job_id)

    page = stop_run()

    assert "Those already submitted continue" in page
    assert "Cancelling" not in page and "Nothing is charged" not in page


def test_cancelling_a_run_job_says_that_its_clips_continue(sign_in, mika, story, draw_scenes):
    run = draw_scenes()
    move_to_provider(run)

    page = sign_in(mika).post(f"/jobs/{run.job_id}/cancel/", follow=True).content.decode()

    assert "Nothing is charged" not in page
    assert "Those already submitted continue" in page


def test_a_locked_scene_without_a_take_gets_an_animatic(mika, story, scenes, run_jobs):
    Scene.objects.filter(pk=scenes(story)[0].pk).update(is_locked=True)

    run = drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()

    run.job.refresh_from_db()
    assert run.job.state == State.READY
    assert panel_values(story, "state") == ["animatic"] * 3


def test_a_locked_scene_keeps_its_animatic(mika, story, scenes, run_jobs):
    first = scenes(story)[0]
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a", scenes=[first.pk])
    run_jobs()
    aki = character_services.add_character(workspace=story.workspace, by=mika, story=story, name="Aki", kind="person")
    character_services.cast_character(scene=first, character=aki, by=mika, is_in=True)
    scene_services.lock_scene(scene=first, by=mika, is_locked=True)
    Job.objects.active().delete()
    before = Clip.objects.count()

    character_services.change_character(character=aki, by=mika, changes={"description": "short hair"})

    assert first.pk not in [panel.scene.pk for panel in build_board(story).animatable]
    assert not Job.objects.active().exists() and Clip.objects.count() == before
