"""A paid scene whose answer was lost is given up, and its film turns up after all: the scene has it, and nobody sells
it a second time."""

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
from studio.storyboard.board import build_board
from tests.fakes import echoes
from tests.site_processes.run_job import run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, fake):
    return create_story(mika, "a girl on a hill", "a dog by the sea", provider=fake.slug)


@pytest.fixture
def second(story, scenes):
    return lambda: scenes(story)[1]


@pytest.fixture
def lose(story, second, fake, mika, key, settings, monkeypatch):
    """``lose()``: the run that drew the second scene, whose answer never came. Its provider shows what it made only
    after ``lose.shown()``."""
    settings.PROVIDER_PACE = 1e-9

    def lost(**more):
        run = drawing_services.start_run(
            story=story, by=mika, idem_key=key(), **{"which": "one", "scene": second()} | more
        )
        monkeypatch.setattr(echoes.OwnId, "find", lambda *_asked: Search.UNDECIDED)
        fake.next("submit", "cut_after_create")
        engine.advance(run.job_id)
        lost.job = run_job(Job.objects.get(kind="clip_elsewhere"), until=State.UNKNOWN)
        assert lost.job.state == State.UNKNOWN and len(fake.created) == 1
        return run

    lost.shown = monkeypatch.undo
    return lost


@pytest.fixture
def turn_up(lose, run_jobs):
    """``turn_up(then)``: the lost film is found, and all is worked off."""

    def found():
        lose.shown()
        reconcile.search_abandoned()
        run_jobs()
        return Take.objects.get(clip__job__idem_key__startswith=late_results.KEY_PREFIX)

    return found


def test_what_turns_up_after_its_run_was_stopped_is_what_its_scene_shows(
    mika, story, second, lose, turn_up, run_jobs, fake
):
    drawing_services.stop_run(run=lose(), by=mika)
    run_jobs()
    assert [row.scene for row in build_quote(story, by=mika, which="failed", mode="fast").shots] == [second()]

    take = turn_up()

    panel = build_board(story).panels[1]
    assert (panel.playing, panel.is_final, panel.has_failed, panel.failure_reason) == (take, True, False, "")
    assert second().chosen == take and take.purpose == Take.Purpose.FINAL and not panel.has_older_text
    assert build_quote(story, by=mika, which="failed", mode="fast").rows == []
    assert second() not in [row.scene for row in build_quote(story, by=mika, which="missing", mode="fast").rows]
    assert len(fake.created) == 1


def test_what_turned_up_is_not_bought_again_by_trying_the_lost_job_once_more(
    mika, second, lose, turn_up, run_jobs, fake
):
    lose()
    recovery.release(lose.job, by=mika)
    assert [job.can_retry for job in cards.prepare_rows([lose.job])] == [True]
    take = turn_up()

    with pytest.raises(jobs.JobRefused, match="it was added as another take"):
        jobs.retry(lose.job, by=mika)

    assert [job.can_retry for job in cards.prepare_rows([lose.job])] == [False]
    jobs.delete(take.clip.job, by=mika)
    jobs.retry(lose.job, by=mika)
    run_jobs()
    assert len(fake.created) == 2, "who threw it away wants another"


def test_what_turned_up_and_could_not_be_fetched_may_be_tried_again(mika, lose, turn_up, fake):
    lose()
    recovery.release(lose.job, by=mika)
    fake.created[0].ends = "failed"
    assert turn_up().clip.job.state == State.FAILED

    assert jobs.retry(lose.job, by=mika).state == State.QUEUED


def test_what_was_drawn_since_goes_on_being_shown_when_an_older_wish_turns_up(
    mika, story, second, lose, turn_up, run_jobs, fake, key
):
    lose()
    recovery.release(lose.job, by=mika)
    drawing_services.start_run(story=story, by=mika, which="one", scene=second(), idem_key=key())
    run_jobs()
    newer = second().chosen

    take = turn_up()

    assert second().chosen == newer and take in second().takes.all()


def test_a_run_that_goes_on_waits_for_what_turned_up_and_goes_on_from_it(mika, story, second, lose, turn_up, scenes):
    run = lose(which="all", scene=None, mode="coherent", on_failure="stop")
    lost = run.shots.get(n=1)
    recovery.release(lose.job, by=mika)

    take = turn_up()

    first, second = scenes(story)
    assert lost.clip.job_id == lose.job.pk and first.chosen == take
    assert list(run.shots.values_list("state", flat=True)) == ["done", "done"]
    assert Clip.objects.get(scene_takes__scene=second).continues == take.clip


def test_what_turned_up_shows_somebody_as_they_looked_when_it_was_asked_for(mika, second, lose, turn_up):
    lose()
    recovery.release(lose.job, by=mika)
    drawing_services.mark_stale(scenes=[second().pk], character_name="Aki")

    take = turn_up()

    assert take.is_stale and take.stale_characters == "Aki"
    assert take.created_at == Take.objects.get(clip__job=lose.job).created_at


def test_a_scene_and_its_copy_both_have_what_turned_up(mika, second, lose, run_jobs):
    lose()
    recovery.release(lose.job, by=mika)
    copy = scene_services.duplicate_scene(scene=second(), by=mika)

    lose.shown()
    reconcile.search_abandoned()
    run_jobs()

    extra = Clip.objects.get(job__idem_key__startswith=late_results.KEY_PREFIX)
    assert {take.scene_id for take in extra.scene_takes.all()} == {second().pk, copy.pk}
    assert second().chosen.clip == extra
