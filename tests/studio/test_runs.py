"""Runs request each scene once, although workers die, requests are refused and stories change."""

import pytest

from accounts.billing import grants, ledger
from accounts.models import Membership
from generation.models import Clip
from generation.providers.base import Estimate, Mode
from generation.worker import late_results
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.errors import NothingToDraw
from studio.models import Scene, Shot, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from studio.timeline.board import build_board
from tests.factories import UserFactory
from tests.matrix import deep_except
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")


def start_run(story, by, key="k", which="missing", **more):
    return drawing_services.start_run(story=story, by=by, which=which, idem_key=key, **more)


def states_of(start_run):
    return list(start_run.shots.values_list("state", flat=True))


def test_all_missing_scenes_are_drawn_and_shown(mika, story, run_jobs, atelier):
    run = start_run(story, mika)
    run_jobs()

    assert states_of(run) == ["done"] * 3
    assert [panel.state for panel in build_board(story).panels] == ["new"] * 3
    assert build_board(story).final_percent == 0, "nobody has looked at them"
    assert Job.objects.get(kind="run").state == "ready"
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


@pytest.mark.rows
def test_one_idempotency_key_starts_one_run(mika, story, run_jobs):
    first = start_run(story, mika)
    run_jobs()

    assert start_run(story, mika) == first
    run_jobs()
    assert Clip.objects.count() == 3


def test_a_sent_key_cannot_imitate_an_internal_key(mika, story, atelier):
    """Otherwise a late result could be mistaken for an existing one."""
    run = start_run(story, mika, f"{late_results.KEY_PREFIX}7")

    assert not run.job.idem_key.startswith(late_results.KEY_PREFIX)
    assert start_run(story, mika, f"{late_results.KEY_PREFIX}7") == run


def test_drawn_and_pending_scenes_are_not_requested_again(mika, story, run_jobs):
    start_run(story, mika)
    with pytest.raises(NothingToDraw):
        start_run(story, mika, "other")
    run_jobs()
    with pytest.raises(NothingToDraw):
        start_run(story, mika, "third")


def test_the_quote_lists_prices_and_obstacles(mika, story, scenes, atelier):
    scene_services.add_scene(story=story, by=mika)
    long, locked = scenes(story)[1:3]
    Scene.objects.filter(pk=long.pk).update(seconds=9)
    Scene.objects.filter(pk=locked.pk).update(is_locked=True)

    quote = build_quote(story, by=mika, which="all", mode="fast")

    assert [row.is_included for row in quote.rows] == [True, False, False, False]
    assert quote.totals == {"USD": PRICE}
    assert [row.reasons for row in quote.rows] == [
        [], ["Brush supports 2 to 5 seconds."], ["This scene is locked."], ["This scene is empty."],
    ]  # fmt: skip


def test_a_model_that_cannot_start_from_a_picture_cannot_draw_coherently(mika, story, atelier):
    atelier.modes = frozenset({Mode.WORDS})

    rows = build_quote(story, by=mika, which="all", mode="coherent").rows

    assert [row.reasons for row in rows] == [[], *[["Brush doesn’t support this input."]] * 2]


def test_a_removed_provider_is_a_reason_in_the_quote(mika, story):
    story.provider = "nowhere"
    story.save()

    assert "no longer available" in build_quote(story, by=mika, which="all", mode="fast").rows[0].reasons[0]


@pytest.mark.rows
def test_a_run_stays_within_its_spending_cap(mika, story, run_jobs):
    run = start_run(story, mika, caps={"USD": 2 * PRICE + 1})
    run_jobs()

    assert states_of(run) == ["done", "done"]
    assert ledger.get_wallet(story.workspace).spent == 2 * PRICE


def test_a_price_raised_during_a_run_is_not_paid(mika, story, run_jobs, atelier):
    run = start_run(story, mika)
    atelier.price += 1
    run_jobs()

    assert states_of(run) == ["failed"] * 3
    assert "now higher" in run.shots.first().reason
    assert Clip.objects.count() == 0
    assert Job.objects.get(kind="run").error_code == "scenes_failed"


@pytest.mark.rows
def test_an_empty_wallet_stops_the_run_with_a_reason(mika, story, run_jobs):
    grants.set_limit(story.workspace, PRICE)

    run = start_run(story, mika)
    run_jobs()

    assert states_of(run) == ["done", "skipped", "skipped"]
    assert "$0.40" in run.shots.last().reason


def test_an_empty_wallet_skips_only_paid_scenes(mika, story, scenes, run_jobs, atelier):
    """Free scenes are drawn at any position; prices in another currency are paid from the same wallet."""
    for prompt in ("a bird in a tree", "a fish in a pond", "a moon of unknown price"):
        scene_services.add_scene(story=story, by=mika, prompt=prompt, seconds=2)
    estimates = {
        "cat": Estimate(PRICE, "EUR", 30), "bird": Estimate(0, "USD", 30),
        "moon": Estimate(0, "USD", 30, is_known=False),
    }  # fmt: skip

    def estimate(request):
        return next((estimates[word] for word in estimates if word in request.prompt), Estimate(PRICE, "USD", 30))

    atelier.estimate = estimate
    grants.set_limit(story.workspace, PRICE)

    run = start_run(story, mika, cap=100_000)
    run_jobs()

    assert states_of(run) == ["done", "skipped", "skipped", "done", "skipped", "done"]
    assert "$0.40" in run.shots.get(n=2).reason and "$0.40" in run.shots.get(n=5).reason
    assert ledger.get_wallet(story.workspace).spent == PRICE
    assert "3 of 6 scenes were not drawn." in Job.objects.get(kind="run").error_public


def test_coherent_scenes_start_from_the_previous_last_frame(mika, story, run_jobs, atelier):
    start_run(story, mika, mode="coherent")
    run_jobs()

    assert [prompt.split(".")[0] for prompt in atelier.drawn] == [
        "a girl on a hill",
        "a dog on a hill",
        "a cat on a hill",
    ]
    assert [frame is not None for frame in atelier.starts.values()] == [False, True, True]
    clips = [panel.playing.clip for panel in build_board(story).panels]
    assert [clip.continues_id for clip in clips] == [None, clips[0].pk, clips[1].pk]


def test_a_coherent_run_requests_one_scene_at_a_time(mika, story):
    run = start_run(story, mika, mode="coherent")
    engine.advance(run.job_id)

    assert states_of(run) == ["submitted", "waiting", "waiting"]


def test_a_failed_scene_stops_a_coherent_run_if_chosen(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}

    run = start_run(story, mika, mode="coherent", on_failure="stop")
    run_jobs()

    assert states_of(run) == ["done", "failed", "skipped"]
    assert run.shots.all()[1].reason == "The atelier doesn’t support that."
    assert "cat" not in str(atelier.drawn)
    assert ledger.get_wallet(story.workspace).spent == PRICE


def test_a_failed_scene_is_skipped_if_chosen(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}

    run = start_run(story, mika, mode="coherent", on_failure="continue")
    run_jobs()

    assert states_of(run) == ["done", "failed", "done"]
    first, _, third = build_board(story).panels
    assert third.playing.clip.continues == first.playing.clip


def test_only_failed_scenes_are_redrawn(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}
    start_run(story, mika)
    run_jobs()
    atelier.refused = set()

    second_run = start_run(story, mika, "again", which="failed")
    run_jobs()

    assert states_of(second_run) == ["done"]
    assert [panel.state for panel in build_board(story).panels] == ["new"] * 3
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


def test_redrawing_one_scene_adds_a_new_take(mika, story, scenes, run_jobs):
    start_run(story, mika)
    run_jobs()
    first = scenes(story)[0]

    start_run(story, mika, "once more", which="one", scene=first)
    run_jobs()

    assert first.takes.count() == 2
    assert build_board(story).panels[0].new_take == first.takes.latest("created_at")


def test_a_continued_scene_waits_for_the_previous_in_a_fast_run(mika, story, scenes, run_jobs, atelier):
    Scene.objects.filter(pk=scenes(story)[1].pk).update(follows=True)

    run = start_run(story, mika)
    engine.advance(run.job_id)
    assert states_of(run) == ["submitted", "waiting", "submitted"]
    run_jobs()

    assert states_of(run) == ["done"] * 3
    assert build_board(story).panels[1].playing.clip.continues_id


@pytest.mark.parametrize("after", deep_except([1, 2, 3], 2))
@pytest.mark.rows
def test_a_worker_killed_between_scenes_buys_nothing_twice(mika, story, run_jobs, monkeypatch, after):
    run = start_run(story, mika, mode="coherent")
    reached = []

    def kill_worker(name, key=""):
        if name == "shot_submitted":
            reached.append(key)
            if len(reached) == after:
                raise KeyboardInterrupt

    monkeypatch.setattr("studio.drawing.worker.failpoint", kill_worker)
    with pytest.raises(KeyboardInterrupt):
        run_jobs()
    Job.objects.active().update(lease_until=None)
    run_jobs()

    assert states_of(run) == ["done"] * 3
    assert Clip.objects.count() == Take.objects.count() == 3
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


def test_a_stopped_run_keeps_finished_scenes(mika, story, run_jobs):
    run = start_run(story, mika, mode="coherent")
    engine.advance(run.job_id)
    run_jobs(run.shots.first().clip.job)

    drawing_services.stop_run(run=run, by=mika)
    run_jobs()

    assert states_of(run) == ["done", "skipped", "skipped"]
    assert [panel.state for panel in build_board(story).panels] == ["new", "draft", "draft"]


def stop_run(start_run, by):
    drawing_services.stop_run(run=start_run, by=by)


def delete_story(start_run, by):
    story_services.delete_story(story=start_run.story, by=by)


def cancel_job(start_run, by):
    jobs.cancel(start_run.job, by=by)


@pytest.mark.parametrize(("stop", "active_clips"), [(stop_run, 0), (delete_story, 1), (cancel_job, 1)])
def test_a_stop_request_prevents_further_requests(mika, story, monkeypatch, stop, active_clips):
    """Also between two cancellation checks of the worker. Earlier clips are cancelled where the page says so."""
    run = start_run(story, mika)
    reached = []

    def stop_once(name, key=""):
        if name == "shot_submitted" and not reached:
            reached.append(key)
            stop(run, mika)

    monkeypatch.setattr("studio.drawing.worker.failpoint", stop_once)
    engine.advance(run.job_id)

    assert reached
    assert Clip.objects.count() == 1
    assert Job.objects.active().filter(clip__isnull=False).count() == active_clips
    assert states_of(run)[1:] == ["skipped", "skipped"]


def test_rights_are_checked_again_during_a_run(mika, story, run_jobs):
    editor = UserFactory(email="editor@example.test")
    membership = Membership.objects.create(user=editor, workspace=story.workspace, role="editor")
    run = start_run(story, editor)
    membership.delete()

    run_jobs()

    assert Clip.objects.count() == 0
    assert Job.objects.get(kind="run").error_code == "not_allowed"
    assert states_of(run) == ["skipped"] * 3


def test_foreign_pictures_and_characters_are_refused_during_a_run(mika, ren, story, scenes, run_jobs):
    foreign = ren.workspaces.get()
    picture = foreign.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    first, second, _ = scenes(story)
    Scene.objects.filter(pk=first.pk).update(picture=picture)
    second.cast.create(character=foreign.characters.create(name="Aki"))

    run = start_run(story, mika)
    run_jobs()

    assert states_of(run) == ["failed", "failed", "done"]
    assert "another workspace" in run.shots.first().reason


def test_a_scene_locked_or_deleted_before_its_turn_is_skipped(mika, story, scenes, run_jobs):
    run = start_run(story, mika, mode="coherent")
    engine.advance(run.job_id)
    _, second, third = scenes(story)
    scene_services.lock_scene(scene=third, by=mika, is_locked=True)
    scene_services.delete_scene(scene=second, by=mika)

    run_jobs()

    assert states_of(run)[1:] == ["skipped", "skipped"]


@pytest.mark.rows
def test_a_run_respects_the_limit_of_concurrent_jobs(mika, story, run_jobs, settings):
    settings.JOBS_PER_WORKSPACE = 3

    run = start_run(story, mika)
    engine.advance(run.job_id)
    assert states_of(run).count("waiting") == 2, "two jobs of the limit are left to the user"
    run_jobs()

    assert states_of(run) == ["done"] * 3


def test_a_retry_from_the_job_list_fills_the_scene(mika, story, scenes, run_jobs, atelier):
    atelier.refused = {"dog"}
    start_run(story, mika)
    run_jobs()
    atelier.refused = set()
    take = scenes(story)[1].takes.get()

    jobs.retry(take.clip.job, by=mika)
    run_jobs()

    assert build_board(story).panels[1].state == "new"
    assert take.clip.shot.state == Shot.State.DONE


def test_a_run_does_not_wait_for_a_purged_clip(mika, story, run_jobs):
    run = start_run(story, mika, mode="coherent")
    engine.advance(run.job_id)
    clip = run.shots.first().clip
    jobs.cancel(clip.job, by=mika)
    jobs.purge(clip.job)
    Shot.objects.filter(pk=run.shots.first().pk).update(state="submitted")

    run_jobs()

    assert run.shots.first().state == "failed"


def test_every_new_scene_gets_a_free_animatic(mika, story, scenes, run_jobs):
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()

    board = build_board(story)
    assert [panel.state for panel in board.panels] == ["animatic"] * 3
    assert all(panel.playing for panel in board.panels) and board.final_percent == 0
    assert ledger.get_wallet(story.workspace).spent == 0
    assert drawing_services.draw_animatics(story=story, by=mika, idem_key="b") is None


def test_only_outdated_animatics_are_redrawn(mika, story, scenes, run_jobs):
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    first = scenes(story)[0]
    edits.edit_scene(scene=first, by=mika, rev=first.rev, changes={"prompt": "a whale in the sky"})
    assert [panel.has_older_text for panel in build_board(story).panels] == [True, False, False]

    second_run = drawing_services.draw_animatics(story=story, by=mika, idem_key="b")
    run_jobs()

    assert [shot.scene for shot in second_run.shots.all()] == [first]
    assert not any(panel.has_older_text for panel in build_board(story).panels)
