"""A clip that is found after its paid scene was given up becomes a take of the scene and is not bought again."""

import pytest

from generation.models import Clip
from generation.providers.remote import Search
from generation.worker import late_results, reconcile
from jobs import services as jobs
from jobs.lifecycle import engine, recovery
from jobs.models import Job, State
from jobs.views import cards
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.models import Take
from studio.scenes import services as scene_services
from studio.timeline.board import build_board
from studio.timeline.takes import mark_stale
from tests.fakes import echo_variants
from tests.site_processes.run_job import run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, fake):
    return create_story(mika, "a girl on a hill", "a dog on a hill", provider=fake.slug)


@pytest.fixture
def second_scene(story, scenes):
    return lambda: scenes(story)[1]


@pytest.fixture
def lose_answer(story, second_scene, fake, mika, key, settings, monkeypatch):
    """``lose_answer()`` starts a run whose submission is lost. Its clip is found after ``lose_answer.list_clip()``."""
    settings.PROVIDER_PACE = 1e-9

    def run_and_lose(**more):
        run = drawing_services.start_run(
            story=story, by=mika, idem_key=key(), **{"which": "one", "scene": second_scene()} | more
        )
        monkeypatch.setattr(echo_variants.OwnId, "find", lambda *_asked: Search.UNDECIDED)
        fake.next("submit", "cut_after_create")
        engine.advance(run.job_id)
        run_and_lose.job = run_job(Job.objects.get(kind="clip_elsewhere"), until=State.UNKNOWN)
        assert run_and_lose.job.state == State.UNKNOWN and len(fake.created) == 1
        return run

    run_and_lose.list_clip = monkeypatch.undo
    return run_and_lose


@pytest.fixture
def find_result(lose_answer, run_jobs):
    """``find_result()`` finds the lost clip and runs all jobs. Returns its take."""

    def find():
        lose_answer.list_clip()
        reconcile.search_abandoned()
        run_jobs()
        return Take.objects.get(clip__job__idem_key__startswith=late_results.KEY_PREFIX)

    return find


def test_a_clip_found_after_its_run_was_stopped_is_shown(
    mika, story, second_scene, lose_answer, find_result, run_jobs, fake
):
    drawing_services.stop_run(run=lose_answer(), by=mika)
    run_jobs()
    assert [row.scene for row in build_quote(story, by=mika, which="failed", mode="fast").shots] == [second_scene()]

    take = find_result()

    panel = build_board(story).panels[1]
    assert (panel.playing, panel.new_take, panel.has_failed, panel.failure_reason) == (take, take, False, "")
    assert take.purpose == Take.Purpose.FINAL and not panel.has_older_text
    assert build_quote(story, by=mika, which="failed", mode="fast").rows == []
    assert second_scene() not in [row.scene for row in build_quote(story, by=mika, which="missing", mode="fast").rows]
    assert len(fake.created) == 1


def test_retrying_a_lost_job_does_not_buy_a_found_clip_again(
    mika, second_scene, lose_answer, find_result, run_jobs, fake
):
    lose_answer()
    recovery.release(lose_answer.job, by=mika)
    assert [job.can_retry for job in cards.prepare_rows([lose_answer.job])] == [True]
    take = find_result()

    with pytest.raises(jobs.JobRefused, match="it was added as another take"):
        jobs.retry(lose_answer.job, by=mika)

    assert [job.can_retry for job in cards.prepare_rows([lose_answer.job])] == [False]
    jobs.delete(take.clip.job, by=mika)
    jobs.retry(lose_answer.job, by=mika)
    run_jobs()
    assert len(fake.created) == 2, "a deleted take may be bought again"


def test_a_found_clip_that_failed_to_download_can_be_retried(mika, lose_answer, find_result, fake):
    lose_answer()
    recovery.release(lose_answer.job, by=mika)
    fake.created[0].outcome = "failed"
    assert find_result().clip.job.state == State.FAILED

    assert jobs.retry(lose_answer.job, by=mika).state == State.QUEUED


def test_a_newer_take_stays_chosen_when_an_older_clip_is_found(
    mika, story, second_scene, lose_answer, find_result, run_jobs, fake, key
):
    lose_answer()
    recovery.release(lose_answer.job, by=mika)
    drawing_services.start_run(story=story, by=mika, which="one", scene=second_scene(), idem_key=key())
    run_jobs()
    newer = build_board(story).panels[1].new_take

    take = find_result()

    assert build_board(story).panels[1].new_take == newer and take in second_scene().takes.all()


def test_a_run_continues_from_a_found_clip(mika, story, lose_answer, find_result, scenes):
    run = lose_answer(which="all", scene=None, mode="coherent", on_failure="stop")
    run_and_lose = run.shots.get(n=1)
    recovery.release(lose_answer.job, by=mika)

    take = find_result()

    first, second = scenes(story)
    assert run_and_lose.clip.job_id == lose_answer.job.pk and first.takes.get(is_new=True) == take
    assert list(run.shots.values_list("state", flat=True)) == ["done", "done"]
    assert Clip.objects.get(scene_takes__scene=second).continues == take.clip


def test_a_found_clip_keeps_the_character_mark_of_its_request(mika, second_scene, lose_answer, find_result):
    lose_answer()
    recovery.release(lose_answer.job, by=mika)
    mark_stale(scenes=[second_scene().pk], character_name="Aki")

    take = find_result()

    assert take.is_stale and take.stale_characters == "Aki"
    assert take.created_at == Take.objects.get(clip__job=lose_answer.job).created_at


def test_a_found_clip_becomes_a_take_of_the_scene_and_its_copy(mika, second_scene, lose_answer, run_jobs):
    lose_answer()
    recovery.release(lose_answer.job, by=mika)
    copy = scene_services.duplicate_scene(scene=second_scene(), by=mika)

    lose_answer.list_clip()
    reconcile.search_abandoned()
    run_jobs()

    extra = Clip.objects.get(job__idem_key__startswith=late_results.KEY_PREFIX)
    assert {take.scene_id for take in extra.scene_takes.all()} == {second_scene().pk, copy.pk}
    assert second_scene().takes.get(is_new=True).clip == extra
