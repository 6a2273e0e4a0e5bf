"""Claims, leases and fences; steps that fail, hang or lose their lease."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone, translation

from accounts.billing.models import Hold
from common.database.transitions import IllegalTransition
from jobs import services
from jobs.lifecycle import engine, transitions
from jobs.lifecycle.lease import LeaseLost, StepFailed
from jobs.models import Attempt, Heartbeat, Job, State

pytestmark = [pytest.mark.usefixtures("check_invariants"), pytest.mark.rows]


def expire_lease(job):
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_job_runs_from_queued_to_ready_with_history(submit, run_steps):
    job = run_steps(submit())

    assert job.state == State.READY
    assert job.progress == 1000
    assert job.started_at and job.finished_at
    assert list(job.events.values_list("new", flat=True)) == ["queued", "running", "stored", "ready"]


def test_progress_records_a_heartbeat(submit, run_steps):
    Heartbeat.objects.all().delete()
    engine.heartbeat._written_at.clear()

    run_steps(submit())

    assert Heartbeat.objects.filter(name__startswith="workers@").exists()


def test_leased_job_cannot_be_claimed(submit):
    job = submit()

    assert engine.claim(job.pk) is not None
    assert engine.claim(job.pk) is None
    assert engine.claim() is None


def test_job_that_is_not_due_is_left_alone(submit):
    job = submit()
    Job.objects.update(next_run_at=timezone.now() + timedelta(minutes=1))

    assert engine.claim(job.pk) is None


def test_stale_claim_changes_nothing(submit):
    job = submit()
    slow = engine.claim(job.pk)
    expire_lease(job)
    quick = engine.claim(job.pk)

    with pytest.raises(LeaseLost):
        slow.report(500)
    with pytest.raises(LeaseLost):
        slow.move_to(State.RUNNING)
    with pytest.raises(LeaseLost):
        slow.wait(1)
    quick.move_to(State.RUNNING)

    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_expired_lease_continues_until_another_claim(submit):
    job = submit()
    lease = engine.claim(job.pk)
    expire_lease(job)

    lease.report(100)

    assert Job.objects.get(pk=job.pk).lease_until > timezone.now()


def test_lease_is_extended_only_by_progress(submit, monkeypatch):
    monkeypatch.setattr("jobs.lifecycle.lease.WRITE_EVERY", 0)
    job = submit()
    lease = engine.claim(job.pk)
    lease.report(300)
    expire_lease(job)

    lease.report(300, "still drawing")
    assert Job.objects.get(pk=job.pk).lease_until < timezone.now()
    lease.report(301)

    assert Job.objects.get(pk=job.pk).lease_until > timezone.now()


def test_progress_is_written_once_a_second(submit, django_assert_num_queries, monkeypatch):
    lease = engine.claim(submit().pk)
    lease.report(1)
    for name in ("WRITE_EVERY", "CANCEL_CHECK_SECONDS"):
        monkeypatch.setattr(f"jobs.lifecycle.lease.{name}", 3600)  # a busy machine may need more than a second

    with django_assert_num_queries(0):
        for permille in range(2, 200):
            lease.report(permille)


def test_state_cannot_be_skipped(submit):
    lease = engine.claim(submit().pk)

    with pytest.raises(IllegalTransition):
        lease.move_to(State.READY)


def test_unexpected_error_fails_the_job_with_a_generic_message(register_kind, submit, run_steps, caplog):
    register_kind(running=lambda lease: 1 / 0)

    job = run_steps(submit())

    assert (job.state, job.error_code) == (State.FAILED, "broken")
    assert "Nothing was charged" in job.error_public
    assert "ZeroDivisionError" in caplog.text


def test_expected_error_is_explained_in_the_requesters_language(register_kind, submit, run_steps):
    def refuse(lease):
        raise StepFailed("too_wide", translation.get_language())

    register_kind(running=refuse)
    with translation.override("zh-hans"):
        job = submit()

    job = run_steps(job)

    assert (job.state, job.error_code, job.error_public) == (State.FAILED, "too_wide", "zh-hans")


def test_step_without_a_next_state_fails_the_job(register_kind, submit, run_steps):
    register_kind(running=lambda lease: None)

    assert run_steps(submit()).error_code == "broken"


def test_database_outage_fails_no_job(register_kind, submit, run_steps):
    def lose_database(lease):
        raise OperationalError("server closed the connection unexpectedly")

    register_kind(running=lose_database)

    assert run_steps(submit()).state == State.RUNNING


def test_five_claims_without_progress_make_the_job_stuck_with_its_hold(submit):
    job = submit(price=500)
    for _ in range(5):
        assert engine.claim(job.pk)
        expire_lease(job)

    engine.advance(job.pk)

    assert Job.objects.get(pk=job.pk).state == State.STUCK
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD
    assert engine.claim(job.pk) is None


def test_step_with_growing_progress_is_not_stuck(submit):
    job = submit()
    for n in range(1, 9):
        engine.claim(job.pk).report(n * 100)
        expire_lease(job)

    assert Job.objects.get(pk=job.pk).no_progress_count == 0


def test_step_that_dies_at_the_same_progress_is_stuck(submit):
    job = submit()
    for _ in range(6):
        engine.claim(job.pk).report(700)
        expire_lease(job)

    engine.advance(job.pk)

    assert Job.objects.get(pk=job.pk).state == State.STUCK


def test_waiting_does_not_count_as_stuck(register_kind, submit, run_steps):
    register_kind(running=lambda lease: lease.wait(0.0, progress=100))
    job = submit()
    for _ in range(12):
        run_steps(job)

    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_job_past_its_deadline_ends_uncharged(submit, run_steps):
    job = submit(price=100)
    Job.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))

    job = run_steps(job)

    assert (job.state, job.price_charged) == (State.TIMED_OUT, 0)


def test_unknown_job_kind_fails_with_a_message(submit, run_steps):
    job = submit()
    Job.objects.update(kind="gone")

    assert run_steps(job).state == State.QUEUED, "a newer version may know the kind"
    for _ in range(3):
        Job.objects.update(next_run_at=Now())
        job = run_steps(job)

    assert (job.state, job.error_code) == (State.FAILED, "unknown_kind")
    with pytest.raises(services.JobRefused, match="Nothing was started"):
        services.retry(job, by=job.created_by)


@pytest.mark.parametrize("outcome", ["open", "accepted", "ambiguous", "abandoned"])
def test_unknown_job_kind_does_not_call_a_purchase_free(submit, run_steps, outcome):
    job = submit(price=100)
    Attempt.objects.create(job=job, n=1, client_ref=str(job.pk), provider="x", outcome=outcome)
    Job.objects.update(kind="gone", state=State.RUNNING)

    job = run_steps(job)

    assert (job.state, job.error_public) == (State.STUCK, "")
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_stopping_worker_releases_its_job_at_once(register_kind, submit, run_steps, monkeypatch, tmp_path):
    mark = tmp_path / "stop"
    monkeypatch.setenv("TAPWARI_STOP_MARK", str(mark))

    def draw(lease):
        mark.touch()
        lease.report(10)

    register_kind(running=draw)
    job = run_steps(submit())

    assert (job.state, job.lease_until, job.no_progress_count) == (State.RUNNING, None, 0)
    assert not Job.objects.filter(pk=job.pk, next_run_at__gt=Now()).exists()


def test_end_hook_runs_before_the_wallet_is_locked(register_kind, submit, run_steps):
    """Services lock the owner's rows before the wallet; the opposite order here would risk a deadlock."""
    seen = []

    def on_end(job):
        seen.append((job.state, Hold.objects.get(job_id=job.pk).state))

    register_kind(on_end=on_end)
    job = run_steps(submit(price=40))

    assert seen == [(State.READY, Hold.State.HELD)]
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED


@pytest.mark.parametrize(
    "end",
    [lambda job: services.cancel(job, by=None), lambda job: transitions.move(job, State.FAILED)],
    ids=["a user", "a worker"],
)
def test_failing_end_hook_rolls_the_end_back(register_kind, submit, end):
    def on_end(job):
        raise RuntimeError("no")

    register_kind(on_end=on_end)
    job = submit(price=40)

    with pytest.raises(RuntimeError):
        end(job)

    job.refresh_from_db()
    assert job.state == State.QUEUED and job.events.count() == 1
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD


def test_charge_never_exceeds_the_hold(submit):
    job = submit(price=100)
    for state in (State.RUNNING, State.STORED):
        transitions.move(job, state)
    transitions.move(job, State.READY, charge=250)

    assert Job.objects.get(pk=job.pk).price_charged == 100
