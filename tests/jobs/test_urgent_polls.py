"""Jobs with news are polled before due ones, without waiting for the next tick."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from common.database.changes import ChangeWatch
from jobs import services
from jobs.lifecycle import engine
from jobs.management.commands import work
from jobs.models import Job, State
from jobs.runtime import wakeups
from jobs.worker.dispatcher import Dispatcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


@pytest.fixture
def create_remote_job(register_kind, submit, settings):
    """``create_remote_job()``: a running remote job whose next poll is due in ten minutes."""
    settings.JOBS_PER_WORKSPACE = 1000
    register_kind(running=lambda lease: lease.wait(600), is_local=False)

    def create(**columns):
        job = submit()
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now() + timedelta(minutes=10), **columns)
        return Job.objects.get(pk=job.pk)

    return create


@pytest.fixture
def requests_stay_recent(monkeypatch):
    """Requests count as recent even if this machine stalls."""
    monkeypatch.setattr(wakeups, "RECENT", timedelta(hours=1))


def test_request_is_open_until_the_job_is_polled(create_remote_job, requests_stay_recent):
    job = create_remote_job()
    assert not wakeups.has_requests()

    wakeups.request_poll(job)
    assert wakeups.has_requests()

    [lease] = engine.claim_polls(10)
    assert wakeups.is_requested(lease.job)
    assert not wakeups.has_requests()


@pytest.mark.parametrize("late", [timedelta(seconds=1), timedelta(seconds=50), timedelta(minutes=5)])
def test_overdue_job_is_no_request(create_remote_job, late):
    job = create_remote_job()
    Job.objects.filter(pk=job.pk).update(next_run_at=Now() - late)

    assert not wakeups.has_requests()


def test_local_work_is_left_to_workers(submit):
    wakeups.request_poll(submit())

    assert not wakeups.has_requests()


def test_request_for_a_finished_job_changes_nothing(create_remote_job):
    job = create_remote_job()
    Job.objects.filter(pk=job.pk).update(state=State.READY)
    before = Job.objects.get(pk=job.pk).next_run_at

    wakeups.request_poll(job)

    assert Job.objects.get(pk=job.pk).next_run_at == before


class WakeEvent:
    """An event that is never set; records each wait and calls ``during_wait``."""

    def __init__(self, during_wait=lambda: None):
        self.waits, self.during_wait = [], during_wait

    def wait(self, seconds):
        self.waits.append(seconds)
        self.during_wait()
        return False

    def clear(self):
        pass


@pytest.fixture
def create_command():
    def create(wake):
        command = work.Command()
        command.wake, command.has_requests = wake, False
        command.request_changes = ChangeWatch(max_age=0)  # the tests write over the same connection
        return command

    return create


def test_dispatcher_rests_a_whole_tick_without_requests(create_remote_job, create_command):
    create_remote_job()
    wake = WakeEvent()

    create_command(wake).rest(is_down=False)

    assert sum(wake.waits) == pytest.approx(work.TICK)


def test_request_ends_one_rest_only(create_remote_job, create_command, requests_stay_recent):
    """A request that cannot be polled now must not keep the dispatcher busy."""
    job = create_remote_job()
    wake = WakeEvent(during_wait=lambda: wakeups.request_poll(job))
    dispatcher = create_command(wake)

    counts = []
    for _ in range(3):
        wake.waits.clear()
        dispatcher.rest(is_down=False)
        counts.append(len(wake.waits))

    assert counts == [1, work.CHECKS, 1]


def test_rests_get_longer_while_no_job_is_open(create_remote_job, create_command):
    """An open job may become due by the clock alone, or get a request for a poll; otherwise a change is waited for."""
    wake = WakeEvent()
    command = create_command(wake)
    command.dispatcher = Dispatcher()

    command.tick()
    command.rest(is_down=False)
    assert (wake.waits, command.changes.max_age) == ([work.TICK], work.IDLE_REST)

    wake.waits.clear()
    create_remote_job()
    command.tick()
    command.rest(is_down=False)
    command.dispatcher.close()
    assert (len(wake.waits), command.changes.max_age) == (work.CHECKS, work.MAX_REST)


def test_unavailable_database_is_not_queried_while_resting(create_command, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(wakeups, "has_requests", fail)
    known, sudden = WakeEvent(), WakeEvent()

    create_command(known).rest(is_down=True)
    create_command(sudden).rest(is_down=False)

    assert (len(known.waits), len(sudden.waits)) == (work.CHECKS, 1)


def test_leased_jobs_match_their_rows(create_remote_job):
    """The new fence is computed instead of read again."""
    jobs = [create_remote_job(fence=n * 7, no_progress_count=n) for n in range(3)]
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(next_run_at=Now())

    leases = engine.claim_polls(10)

    rows = {job.pk: (job.fence, job.no_progress_count, job.state) for job in Job.objects.all()}
    leased = [lease.job for lease in leases]
    assert {job.pk: (job.fence, job.no_progress_count, job.state) for job in leased} == rows
    assert len(leases) == 3
    for lease in leases:
        lease.report(10)  # raises LeaseLost if the fence differs from the row's


def test_claim_query_count_is_constant(create_remote_job, django_assert_max_num_queries):
    for _ in range(30):
        create_remote_job()
    Job.objects.update(next_run_at=Now() - timedelta(seconds=1), fence=F("fence"))

    with django_assert_max_num_queries(6):  # two of them begin and end the transaction
        leases = engine.claim_polls(64)

    assert len(leases) == 30


ENDS_OF_A_LEASE = {
    "with news": lambda lease: lease.wait(600, progress=100, note="Number 3 in the provider’s queue"),
    "without news": lambda lease: lease.wait(600),
    "retried later": lambda lease: lease.retry_later(600),
    "handed back": lambda lease: lease.hand_back(600),
    "moved on": lambda lease: lease.move_to(State.UNKNOWN, next_run_at=Now() + timedelta(seconds=600)),
}


TIMES = {
    "by the database": Now(),
    "computed by the database": Now() - timedelta(seconds=7),
    "by this machine": timezone.now() - timedelta(seconds=1),
    "a whole second": timezone.now().replace(microsecond=0),
}


@pytest.fixture(params=ENDS_OF_A_LEASE.values(), ids=ENDS_OF_A_LEASE.keys())
def run_step(request, register_kind, submit):
    """``run_step(meanwhile)``: a worker polls a remote job and releases it for ten minutes."""

    def run(meanwhile, *, due=TIMES["by the database"]):
        job = submit()

        def step(lease):
            meanwhile(job)
            request.param(lease)

        register_kind(is_local=False, steps={State.SUBMITTING: step})
        Job.objects.filter(pk=job.pk).update(state=State.SUBMITTING, next_run_at=due)
        engine.take_step(engine.claim(job.pk))
        return job

    return run


def test_job_requested_while_leased_stays_due(run_step):
    job = run_step(lambda job: Job.objects.filter(pk=job.pk).update(next_run_at=Now() - timedelta(minutes=1)))

    assert list(Job.objects.due()) == [job]


def test_job_cancelled_while_leased_is_due_at_once(run_step, mika):
    job = run_step(lambda job: services.cancel(job, by=mika))

    assert list(Job.objects.due()) == [job]


def test_job_without_a_request_keeps_its_wait(subtests, run_step):
    for name, due in TIMES.items():
        with subtests.test(due=name):
            job = run_step(lambda job: None, due=due)

            assert not Job.objects.due().exists()
            row = Job.objects.get(pk=job.pk)
            assert row.lease_until is None and row.next_run_at > timezone.now() + timedelta(minutes=5)
