"""Runs draw scenes: each is requested once, whatever is killed, refused or changed meanwhile."""

import pytest

from accounts.billing import ledger
from accounts.models import Membership
from generation.models import Clip
from generation.providers.base import Estimate, Mode
from generation.worker import late_results
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.errors import NothingToDraw, QuoteChanged
from studio.models import Run, Scene, Shot, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from studio.storyboard.board import build_board
from tests.factories import UserFactory
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", provider="atelier")


def run(story, by, key="k", which="missing", **more):
    return drawing_services.start_run(story=story, by=by, which=which, idem_key=key, **more)


def states(run):
    return list(run.shots.values_list("state", flat=True))


def test_all_missing_scenes_are_drawn_and_shown(mika, story, run_jobs, atelier):
    asked = run(story, mika)
    run_jobs()

    assert states(asked) == ["done"] * 3
    assert [panel.state for panel in build_board(story).panels] == ["done"] * 3
    assert build_board(story).final_percent == 100
    assert Job.objects.get(kind="run").state == "ready"
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


@pytest.mark.rows
def test_one_idempotency_key_starts_one_run(mika, story, run_jobs):
    first = run(story, mika)
    run_jobs()

    assert run(story, mika) == first
    run_jobs()
    assert Clip.objects.count() == 3


def test_a_sent_key_cannot_imitate_an_internal_key(mika, story, atelier):
    """Otherwise a late result would be taken for an existing one."""
    asked = run(story, mika, f"{late_results.KEY_PREFIX}7")

    assert not asked.job.idem_key.startswith(late_results.KEY_PREFIX)
    assert run(story, mika, f"{late_results.KEY_PREFIX}7") == asked


def test_drawn_and_pending_scenes_are_not_requested_again(mika, story, run_jobs):
    run(story, mika)
    with pytest.raises(NothingToDraw):
        run(story, mika, "other")
    run_jobs()
    with pytest.raises(NothingToDraw):
        run(story, mika, "third")


def test_the_quote_lists_prices_and_obstacles(mika, story, scenes, atelier):
    scene_services.add_scene(story=story, by=mika)
    long, locked = scenes(story)[1:3]
    Scene.objects.filter(pk=long.pk).update(seconds=9)
    Scene.objects.filter(pk=locked.pk).update(is_locked=True)

    sheet = build_quote(story, by=mika, which="all", mode="fast")

    assert [row.is_included for row in sheet.rows] == [True, False, False, False]
    assert sheet.totals == {"USD": PRICE}
    assert [row.reasons for row in sheet.rows] == [
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
    asked = run(story, mika, caps={"USD": 2 * PRICE + 1})
    run_jobs()

    assert states(asked) == ["done", "done"]
    assert ledger.get_wallet(story.workspace).spent == 2 * PRICE


def test_a_changed_price_must_be_confirmed_again(mika, story, atelier):
    seen = build_quote(story, by=mika, which="missing", mode="fast").mark
    atelier.price += 1

    with pytest.raises(QuoteChanged):
        run(story, mika, agreed=seen)
    assert Run.objects.count() == 0


def test_a_price_raised_during_a_run_is_not_paid(mika, story, run_jobs, atelier):
    asked = run(story, mika)
    atelier.price += 1
    run_jobs()

    assert states(asked) == ["failed"] * 3
    assert "now higher" in asked.shots.first().reason
    assert Clip.objects.count() == 0
    assert Job.objects.get(kind="run").error_code == "scenes_failed"


@pytest.mark.rows
def test_an_empty_wallet_stops_the_run_with_a_reason(mika, story, run_jobs):
    ledger.set_limit(story.workspace, PRICE)

    asked = run(story, mika)
    run_jobs()

    assert states(asked) == ["done", "skipped", "skipped"]
    assert "$0.40" in asked.shots.last().reason


def test_an_empty_wallet_skips_only_paid_scenes(mika, story, scenes, run_jobs, atelier):
    """Free scenes and scenes paid by another wallet are drawn at any position."""
    for words in ("a bird in a tree", "a fish in a pond", "a moon of unknown price"):
        scene_services.add_scene(story=story, by=mika, prompt=words, seconds=2)
    others = {
        "cat": Estimate(PRICE, "EUR", 30), "bird": Estimate(0, "USD", 30),
        "moon": Estimate(0, "USD", 30, is_known=False),
    }  # fmt: skip

    def estimate(request):
        return next((others[word] for word in others if word in request.prompt), Estimate(PRICE, "USD", 30))

    atelier.estimate = estimate
    ledger.set_limit(story.workspace, PRICE)

    asked = run(story, mika)
    run_jobs()

    assert states(asked) == ["done", "skipped", "done", "done", "skipped", "done"]
    assert "$0.40" in asked.shots.get(n=2).reason and "$0.40" in asked.shots.get(n=5).reason
    assert ledger.get_wallet(story.workspace).spent == ledger.get_wallet(story.workspace, "EUR").spent == PRICE
    assert "2 of 6 scenes were not drawn." in Job.objects.get(kind="run").error_public


def test_coherent_scenes_start_from_the_previous_last_frame(mika, story, run_jobs, atelier):
    run(story, mika, mode="coherent")
    run_jobs()

    assert [words.split(".")[0] for words in atelier.drawn] == [
        "a girl on a hill",
        "a dog by the sea",
        "a cat on a roof",
    ]
    assert [frame is not None for frame in atelier.starts.values()] == [False, True, True]
    clips = [panel.playing.clip for panel in build_board(story).panels]
    assert [clip.continues_id for clip in clips] == [None, clips[0].pk, clips[1].pk]


def test_a_coherent_run_requests_one_scene_at_a_time(mika, story):
    asked = run(story, mika, mode="coherent")
    engine.advance(asked.job_id)

    assert states(asked) == ["submitted", "waiting", "waiting"]


def test_a_fast_run_requests_all_scenes_at_once(mika, story):
    asked = run(story, mika)
    engine.advance(asked.job_id)

    assert states(asked) == ["submitted"] * 3


def test_a_failed_scene_stops_a_coherent_run_if_chosen(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}

    asked = run(story, mika, mode="coherent", on_failure="stop")
    run_jobs()

    assert states(asked) == ["done", "failed", "skipped"]
    assert asked.shots.all()[1].reason == "The atelier doesn’t support that."
    assert "cat" not in str(atelier.drawn)
    assert ledger.get_wallet(story.workspace).spent == PRICE


def test_a_failed_scene_is_skipped_if_chosen(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}

    asked = run(story, mika, mode="coherent", on_failure="continue")
    run_jobs()

    assert states(asked) == ["done", "failed", "done"]
    first, _, third_scene = build_board(story).panels
    assert third_scene.playing.clip.continues == first.playing.clip


def test_only_failed_scenes_are_redrawn(mika, story, run_jobs, atelier):
    atelier.refused = {"dog"}
    run(story, mika)
    run_jobs()
    atelier.refused = set()

    again = run(story, mika, "again", which="failed")
    run_jobs()

    assert states(again) == ["done"]
    assert [panel.state for panel in build_board(story).panels] == ["done"] * 3
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


def test_redrawing_one_scene_shows_the_new_take(mika, story, scenes, run_jobs):
    run(story, mika)
    run_jobs()
    first = scenes(story)[0]

    run(story, mika, "once more", which="one", scene=first)
    run_jobs()

    assert first.takes.count() == 2
    first.refresh_from_db()
    assert first.chosen == first.takes.latest("created_at")


def test_a_continued_scene_waits_for_the_previous_in_a_fast_run(mika, story, scenes, run_jobs, atelier):
    Scene.objects.filter(pk=scenes(story)[1].pk).update(follows=True)

    asked = run(story, mika)
    engine.advance(asked.job_id)
    assert states(asked) == ["submitted", "waiting", "submitted"]
    run_jobs()

    assert states(asked) == ["done"] * 3
    assert build_board(story).panels[1].playing.clip.continues_id


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.rows
def test_a_worker_killed_between_scenes_buys_nothing_twice(mika, story, run_jobs, monkeypatch, after):
    asked = run(story, mika, mode="coherent")
    reached = []

    def die(name, key=""):
        if name == "shot_submitted":
            reached.append(key)
            if len(reached) == after:
                raise KeyboardInterrupt

    monkeypatch.setattr("studio.drawing.worker.failpoint", die)
    with pytest.raises(KeyboardInterrupt):
        run_jobs()
    Job.objects.active().update(lease_until=None)
    run_jobs()

    assert states(asked) == ["done"] * 3
    assert Clip.objects.count() == Take.objects.count() == 3
    assert ledger.get_wallet(story.workspace).spent == 3 * PRICE


def test_a_stopped_run_keeps_finished_scenes(mika, story, run_jobs):
    asked = run(story, mika, mode="coherent")
    engine.advance(asked.job_id)
    run_jobs(asked.shots.first().clip.job)

    drawing_services.stop_run(run=asked, by=mika)
    run_jobs()

    assert states(asked) == ["done", "skipped", "skipped"]
    assert [panel.state for panel in build_board(story).panels] == ["done", "draft", "draft"]


def stop(run, by):
    drawing_services.stop_run(run=run, by=by)


def throw_away(run, by):
    story_services.delete_story(story=run.story, by=by)


def stop_its_job(run, by):
    jobs.cancel(run.job, by=by)


@pytest.mark.parametrize(("deed", "goes_on"), [(stop, 0), (throw_away, 1), (stop_its_job, 1)])
def test_a_stop_request_prevents_further_requests(mika, story, monkeypatch, deed, goes_on):
    """Also in the half second in which a worker would not look again by itself; what was asked for before is stopped
    where the page says so."""
    asked = run(story, mika)
    reached = []

    def press(name, key=""):
        if name == "shot_submitted" and not reached:
            reached.append(key)
            deed(asked, mika)

    monkeypatch.setattr("studio.drawing.worker.failpoint", press)
    engine.advance(asked.job_id)

    assert reached
    assert Clip.objects.count() == 1
    assert Job.objects.active().filter(clip__isnull=False).count() == goes_on
    assert states(asked)[1:] == ["skipped", "skipped"]


def test_a_deleted_story_stops_its_run(mika, story, run_jobs):
    asked = run(story, mika, mode="coherent")
    engine.advance(asked.job_id)

    story_services.delete_story(story=story, by=mika)
    run_jobs()

    assert Clip.objects.count() == 1
    assert states(asked)[1:] == ["skipped", "skipped"]


def test_rights_are_checked_again_during_a_run(mika, story, run_jobs):
    editor = UserFactory(email="editor@example.test")
    seat = Membership.objects.create(user=editor, workspace=story.workspace, role="editor")
    asked = run(story, editor)
    seat.delete()

    run_jobs()

    assert Clip.objects.count() == 0
    assert Job.objects.get(kind="run").error_code == "not_allowed"
    assert states(asked) == ["skipped"] * 3


def test_foreign_pictures_and_characters_are_refused_during_a_run(mika, ren, story, scenes, run_jobs):
    shared_story = ren.workspaces.get()
    picture = shared_story.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    first, second, _ = scenes(story)
    Scene.objects.filter(pk=first.pk).update(picture=picture)
    second.cast.create(character=shared_story.characters.create(name="Aki"))

    asked = run(story, mika)
    run_jobs()

    assert states(asked) == ["failed", "failed", "done"]
    assert "another workspace" in asked.shots.first().reason


def test_a_scene_locked_or_deleted_before_its_turn_is_skipped(mika, story, scenes, run_jobs):
    asked = run(story, mika, mode="coherent")
    engine.advance(asked.job_id)
    _, second, third_scene = scenes(story)
    scene_services.lock_scene(scene=third_scene, by=mika, is_locked=True)
    scene_services.delete_scene(scene=second, by=mika)

    run_jobs()

    assert states(asked)[1:] == ["skipped", "skipped"]


@pytest.mark.rows
def test_a_run_respects_the_limit_of_concurrent_jobs(mika, story, run_jobs, settings):
    settings.JOBS_PER_WORKSPACE = 3

    asked = run(story, mika)
    engine.advance(asked.job_id)
    assert states(asked).count("waiting") == 2, "one is drawn, and two places are left to the person"
    run_jobs()

    assert states(asked) == ["done"] * 3


def test_a_retry_from_the_job_list_fills_the_scene(mika, story, scenes, run_jobs, atelier):
    atelier.refused = {"dog"}
    run(story, mika)
    run_jobs()
    atelier.refused = set()
    take = scenes(story)[1].takes.get()

    jobs.retry(take.clip.job, by=mika)
    run_jobs()

    assert build_board(story).panels[1].state == "done"
    assert take.clip.shot.state == Shot.State.DONE


def test_a_run_does_not_wait_for_a_purged_clip(mika, story, run_jobs):
    asked = run(story, mika, mode="coherent")
    engine.advance(asked.job_id)
    clip = asked.shots.first().clip
    jobs.cancel(clip.job, by=mika)
    jobs.purge(clip.job)
    Shot.objects.filter(pk=asked.shots.first().pk).update(state="submitted")

    run_jobs()

    assert asked.shots.first().state == "failed"


def test_every_new_scene_gets_a_free_animatic(mika, story, scenes, run_jobs):
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()

    whole = build_board(story)
    assert [panel.state for panel in whole.panels] == ["animatic"] * 3
    assert all(panel.playing for panel in whole.panels) and whole.final_percent == 0
    assert ledger.get_wallet(story.workspace).spent == 0
    assert drawing_services.draw_animatics(story=story, by=mika, idem_key="b") is None


def test_only_outdated_animatics_are_redrawn(mika, story, scenes, run_jobs):
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    first = scenes(story)[0]
    edits.edit_scene(scene=first, by=mika, rev=first.rev, changes={"prompt": "a whale in the sky"})
    assert [panel.has_older_text for panel in build_board(story).panels] == [True, False, False]

    again = drawing_services.draw_animatics(story=story, by=mika, idem_key="b")
    run_jobs()

    assert [shot.scene for shot in again.shots.all()] == [first]
    assert not any(panel.has_older_text for panel in build_board(story).panels)
