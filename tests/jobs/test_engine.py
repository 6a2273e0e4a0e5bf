"""Claims, leases and fences: who may move a job, and what becomes of steps that fail, hang, or are overtaken."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone, translation

from accounts.billing.models import Hold
from common.database.transitions import IllegalTransition
from jobs import services
from jobs.lifecycle import engine, lease, transitions
from jobs.lifecycle.lease import LeaseLost, StepFailed
from jobs.models import Attempt, Heartbeat, Job, State

pytestmark = pytest.mark.usefixtures("all_is_well")


def let_lease_run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_job_goes_from_queue_to_done_and_its_history_says_so(submit, end):
    job = end(submit())

    assert job.state == State.READY
    assert job.progress == 1000
    assert job.started_at and job.finished_at
    assert list(job.events.values_list("new", flat=True)) == ["queued", "running", "stored", "ready"]


def test_workers_leave_a_sign_when_they_got_on(submit, end):
    Heartbeat.objects.all().delete()
    engine.beats._last.clear()

    end(submit())

    assert Heartbeat.objects.filter(name__startswith="workers@").exists()


def test_a_job_that_is_held_cannot_be_claimed_again(submit):
    job = submit()

    assert engine.claim(job.pk) is not None
    assert engine.claim(job.pk) is None
    assert engine.claim() is None


def test_a_job_that_is_not_due_yet_is_left_alone(submit):
    job = submit()
    Job.objects.update(next_run_at=timezone.now() + timedelta(minutes=1))

    assert engine.claim(job.pk) is None


def test_a_claim_that_was_overtaken_can_change_nothing(submit):
    job = submit()
    slow = engine.claim(job.pk)
    let_lease_run_out(job)
    quick = engine.claim(job.pk)

    with pytest.raises(LeaseLost):
        slow.report(500)
    with pytest.raises(LeaseLost):
        slow.move_to(State.RUNNING)
    with pytest.raises(LeaseLost):
        slow.wait(1)
    quick.move_to(State.RUNNING)

    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_a_claim_whose_lease_ran_out_may_go_on_while_nobody_else_has_come(submit):
    job = submit()
    sleepy = engine.claim(job.pk)
    let_lease_run_out(job)

    sleepy.report(100)

    assert Job.objects.get(pk=job.pk).lease_until > timezone.now()


def test_the_lease_grows_only_while_progress_does(submit, monkeypatch):
    monkeypatch.setattr(lease, "WRITE_EVERY", 0)
    job = submit()
    held = engine.claim(job.pk)
    held.report(300)
    let_lease_run_out(job)

    held.report(300, "still at it")
    assert Job.objects.get(pk=job.pk).lease_until < timezone.now()
    held.report(301)

    assert Job.objects.get(pk=job.pk).lease_until > timezone.now()


def test_progress_is_written_once_a_second_at_most(submit, django_assert_num_queries, monkeypatch):
    held = engine.claim(submit().pk)
    held.report(1)
    for name in ("WRITE_EVERY", "LOOK_EVERY"):
        monkeypatch.setattr(lease, name, 3600)  # a second may be over while a busy machine counts to 200

    with django_assert_num_queries(0):
        for permille in range(2, 200):
            held.report(permille)


def test_a_state_cannot_be_skipped(submit):
    held = engine.claim(submit().pk)

    with pytest.raises(IllegalTransition):
        held.move_to(State.READY)


def test_a_step_that_breaks_fails_the_job_with_calm_words(kind, submit, end, caplog):
    kind(running=lambda claim: 1 / 0)

    job = end(submit())

    assert (job.state, job.error_code) == (State.FAILED, "broken")
    assert "Nothing was charged" in job.error_public
    assert "ZeroDivisionError" in caplog.text


def test_a_step_that_fails_as_expected_says_why_in_the_askers_language(kind, submit, end):
    def refuse(claim):
        raise StepFailed("too_wide", translation.get_language())

    kind(running=refuse)
    with translation.override("zh-hans"):
        job = submit()

    job = end(job)

    assert (job.state, job.error_code, job.error_public) == (State.FAILED, "too_wide", "zh-hans")


def test_a_step_that_does_not_say_what_comes_next_is_a_bug_that_fails_the_job(kind, submit, end):
    kind(running=lambda claim: None)

    assert end(submit()).error_code == "broken"


def test_a_database_that_does_not_answer_fails_no_job(kind, submit, end):
    def shaken(claim):
        raise OperationalError("server closed the connection unexpectedly")

    kind(running=shaken)

    assert end(submit()).state == State.RUNNING


def test_five_claims_without_progress_and_the_job_is_stuck_with_its_money_held(submit):
    job = submit(price=500)
    for _ in range(5):
        assert engine.claim(job.pk)
        let_lease_run_out(job)

    engine.advance(job.pk)

    assert Job.objects.get(pk=job.pk).state == State.STUCK
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD
    assert engine.claim(job.pk) is None


def test_a_step_that_comes_further_each_time_is_not_stuck(submit):
    job = submit()
    for n in range(1, 9):
        engine.claim(job.pk).report(n * 100)
        let_lease_run_out(job)

    assert Job.objects.get(pk=job.pk).no_progress_count == 0


def test_a_step_that_always_dies_at_the_same_place_is_stuck_though_it_reports(submit):
    job = submit()
    for _ in range(6):
        engine.claim(job.pk).report(700)
        let_lease_run_out(job)

    engine.advance(job.pk)

    assert Job.objects.get(pk=job.pk).state == State.STUCK


def test_waiting_is_not_failing_to_get_on(kind, submit, end):
    kind(running=lambda claim: claim.wait(0.0, progress=100))
    job = submit()
    for _ in range(12):
        end(job)

    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_a_job_past_its_deadline_ends_and_costs_nothing(submit, end):
    job = submit(price=100)
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))

    job = end(job)

    assert (job.state, job.price_charged) == (State.TIMED_OUT, 0)


def test_a_job_of_a_kind_nobody_knows_any_more_fails_in_words(submit, end):
    job = submit()
    Job.objects.update(kind="gone")

    assert end(job).state == State.QUEUED, "a newer version beside this one may know it"
    for _minute in range(3):
        Job.objects.update(next_run_at=Now())
        job = end(job)

    assert (job.state, job.error_code) == (State.FAILED, "unknown_kind")
    with pytest.raises(services.JobRefused, match="Nothing was started"):
        services.retry(job, by=job.created_by)


@pytest.mark.parametrize("outcome", ["open", "accepted", "ambiguous", "abandoned"])
def test_what_may_have_been_bought_is_not_called_free_by_who_knows_nothing_of_its_kind(submit, end, outcome):
    job = submit(price=100)
    Attempt.objects.create(job=job, n=1, client_ref=str(job.pk), provider="x", outcome=outcome)
    Job.objects.update(kind="gone", state=State.RUNNING)

    job = end(job)

    assert (job.state, job.error_public) == (State.STUCK, "")
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_a_worker_that_is_being_stopped_hands_the_job_back_at_once(kind, submit, end, monkeypatch, tmp_path):
    mark = tmp_path / "stop"
    monkeypatch.setenv("TAPWARI_STOP_MARK", str(mark))

    def draw(claim):
        mark.touch()
        claim.report(10)

    kind(running=draw)
    job = end(submit())

    assert (job.state, job.lease_until, job.no_progress_count) == (State.RUNNING, None, 0)
    assert not Job.objects.filter(pk=job.pk, next_run_at__gt=Now()).exists()


def test_the_owner_hears_of_the_end_before_the_wallet_is_held(kind, submit, end):
    """Whoever asks for something holds what it belongs to, then the wallet: an end that began with the wallet and
    then waited for the owner's rows would wait for ever."""
    heard = []

    def ended(job):
        heard.append((job.state, Hold.objects.get(job_id=job.pk).state))

    kind(on_end=ended)
    job = end(submit(price=40))

    assert heard == [(State.READY, Hold.State.HELD)]
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED


@pytest.mark.parametrize(
    "act",
    [lambda job: services.cancel(job, by=None), lambda job: transitions.move(job, State.FAILED)],
    ids=["a person", "a worker"],
)
def test_an_end_whose_owner_breaks_is_no_end(kind, submit, desk, act):
    def ended(job):
        raise RuntimeError("no")

    kind(on_end=ended)
    job = submit(price=40)

    with pytest.raises(RuntimeError):
        act(job)

    job.refresh_from_db()
    assert job.state == State.QUEUED and job.events.count() == 1
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_a_job_cannot_be_charged_more_than_was_kept_aside(submit):
    job = submit(price=100)
    for state in (State.RUNNING, State.STORED):
        transitions.move(job, state)
    transitions.move(job, State.READY, charge=250)

    assert Job.objects.get(pk=job.pk).price_charged == 100
