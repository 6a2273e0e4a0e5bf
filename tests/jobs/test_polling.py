"""Concurrent polls: a connection that does not respond delays no other."""

import os
import sys
import threading
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models.functions import Now
from django_q.models import OrmQ

from jobs import services
from jobs.lifecycle import engine
from jobs.management.commands import work
from jobs.models import Attempt, Job, State
from jobs.runtime import wakeups
from jobs.worker import polling
from jobs.worker.dispatcher import Dispatcher
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]
SILENT, QUICK = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def create_remote_job(register_kind, submit, settings):
    """``create_remote_job(connection)``: polls through SILENT get no response before ``may_respond`` is set."""
    settings.JOBS_PER_WORKSPACE = 1000
    may_respond = threading.Event()

    def poll(lease):
        if lease.job.attempts.get().connection_id == SILENT:
            may_respond.wait(60)
        lease.wait(600, progress=420)

    def create(connection):
        register_kind(running=poll, is_local=False)
        job = submit()
        Attempt.objects.create(job=job, n=1, client_ref=str(job.pk), connection_id=connection, outcome="accepted")
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now())
        return job

    create.may_respond = may_respond
    return create


@pytest.fixture
def poller(create_remote_job):
    poller = polling.Poller()
    yield poller
    create_remote_job.may_respond.set()
    poller.close()


@pytest.fixture
def create_command(monkeypatch):
    """``create_command(dispatcher)``: a ``work`` command whose loop runs once."""

    def create(dispatcher):
        command = work.Command()
        command.signals, command.has_requests, command.dispatcher = 0, False, dispatcher
        command.workers = SimpleNamespace(is_alive=lambda: True)
        command.watchdog = SimpleNamespace(watch=lambda: None)
        monkeypatch.setattr(command, "rest", lambda is_down: setattr(command, "signals", 1))
        return command

    return create


def polled_jobs() -> set:
    return set(Job.objects.filter(progress=420).values_list("pk", flat=True))


def test_unresponsive_provider_delays_no_other(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "BATCH_SIZE", 4)
    for _ in range(polling.THREADS + 4):
        create_remote_job(SILENT)
    late = create_remote_job(QUICK)

    until(lambda: poller.take() or polled_jobs() == {late.pk})


def test_polls_behind_a_slow_one_return_and_few_are_retried(create_remote_job, poller, monkeypatch):
    jobs = [create_remote_job(SILENT) for _ in range(polling.MAX_THREADS + 5)]
    poller.take()
    until(lambda: len(poller._started_at) == polling.MAX_THREADS)
    monkeypatch.setattr(polling, "SLOW", 0.0)

    poller.take()
    free = Job.objects.filter(lease_until=None)
    assert free.count() == 5

    monkeypatch.setattr(polling, "SLOW", 60.0)
    create_remote_job.may_respond.set()
    until(lambda: len(polled_jobs()) == polling.MAX_THREADS and not poller._active)
    create_remote_job.may_respond.clear()
    Job.objects.update(next_run_at=Now())
    poller.take()

    leased = Job.objects.exclude(lease_until=None)
    assert leased.count() == polling.SLOW_MAX_THREADS < len(jobs)


def test_connection_slow_once_recovers_quickly(create_remote_job, poller, monkeypatch):
    """If this machine stalls for some seconds, every response is late, which says nothing of the connection."""
    monkeypatch.setattr(polling, "QUICK", 60.0)  # even on a busy machine
    monkeypatch.setattr(polling, "SLOW", 120.0)
    monkeypatch.setattr(polling, "SLOW_SECONDS", 3600.0)  # it does not become quick by itself meanwhile
    poller._mark_slow(QUICK)
    jobs = {create_remote_job(QUICK).pk for _ in range(polling.QUICK_COUNT + 2)}

    def are_all_polled():
        Job.objects.filter(lease_until=None, progress=0).update(next_run_at=Now())
        poller.take()
        return polled_jobs() == jobs

    until(are_all_polled)
    until(lambda: not poller._is_slow(QUICK))


def test_fast_connections_use_few_threads_slow_ones_more(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "SECONDS_PER_THREAD", 0.05)
    monkeypatch.setattr(polling, "SLOW", 3600.0)  # not even on a busy machine
    poller._latency[SILENT] = 0.001  # until now
    for _ in range(polling.MAX_THREADS):
        create_remote_job(SILENT)

    poller.take()
    until(lambda: len(poller._started_at) == polling.MIN_THREADS)
    assert poller._active[SILENT] == polling.MIN_THREADS
    until(lambda: poller.take() or len(poller._started_at) == polling.MAX_THREADS)

    create_remote_job.may_respond.set()
    until(
        lambda: len(polled_jobs()) == polling.MAX_THREADS and not poller._active
    )  # else the last of them is weighed after this:
    create_remote_job.may_respond.clear()
    poller._latency[SILENT] = 0.001
    Job.objects.update(next_run_at=Now())
    poller.take()
    until(lambda: len(poller._started_at) == polling.MIN_THREADS)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness applies to the whole process")
def test_polling_threads_run_at_low_priority(poller):
    nice = [pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result(60) for pool in (poller._pool, poller._slow_pool)]

    own = os.getpriority(os.PRIO_PROCESS, 0)  # above 0 if the whole suite runs at a lower priority
    assert nice == [max(polling.NICE, own)] * 2


def test_stopping_poller_returns_waiting_jobs_unpolled(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_THREADS", 1)
    for _ in range(4):
        create_remote_job(SILENT)
    poller.take()
    until(lambda: poller._started_at)
    shutdown = poller._pool.shutdown

    def close_poller():
        poller.close()
        connection.close()

    def shut_down_after_the_response(**options):
        until(lambda: polled_jobs() and not poller._active)
        shutdown(**options)

    monkeypatch.setattr(poller._pool, "shutdown", shut_down_after_the_response)
    stopping = threading.Thread(target=close_poller)
    stopping.start()
    until(lambda: poller._is_closing)
    create_remote_job.may_respond.set()
    stopping.join(60)

    assert len(polled_jobs()) == 1
    assert Job.objects.filter(lease_until=None, progress=0).count() == 3


@pytest.mark.parametrize("limit", ["MAX_THREADS", "THREADS"])
def test_stopping_poller_sends_nothing_more(create_remote_job, monkeypatch, limit):
    """F09: only polls that had started may still hang, so the end waits for one request at most."""
    monkeypatch.setattr(polling, limit, 1)
    poller = polling.Poller()
    for _ in range(4):
        create_remote_job(SILENT)
    poller.take()
    until(lambda: poller._started_at)

    poller.stop()
    create_remote_job.may_respond.set()
    until(lambda: not any(thread.is_alive() for thread in poller._pool._threads))
    poller.close()

    assert len(polled_jobs()) == 1
    assert Job.objects.filter(lease_until=None, progress=0).count() == 3


def test_requested_job_is_polled_before_the_backlog(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_THREADS", 1)
    monkeypatch.setattr(polling, "SLOW", 3600.0)
    polled, poll = [], engine.poll
    monkeypatch.setattr(engine, "poll", lambda lease: polled.append(lease.job.pk) or poll(lease))
    for _ in range(4):
        create_remote_job(SILENT)
    poller.take()
    until(lambda: polled)
    requested = create_remote_job(SILENT)
    wakeups.request_poll(requested)

    poller.take()
    create_remote_job.may_respond.set()
    until(lambda: len(polled) == 5)

    assert polled[1] == requested.pk


def test_requested_job_is_polled_before_batch_work(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "REQUESTED_BATCH", 2)
    others = [create_remote_job(SILENT) for _ in range(5)]
    requested = create_remote_job(QUICK)
    wakeups.request_poll(requested)
    limits, claim_polls = [], engine.claim_polls
    monkeypatch.setattr(engine, "claim_polls", lambda limit, **more: limits.append(limit) or claim_polls(limit, **more))

    poller.take_requested()

    until(lambda: polled_jobs() == {requested.pk})
    assert limits == [2]
    assert Job.objects.filter(pk__in=[job.pk for job in others], lease_until=None).count() == 4


def test_request_that_ends_the_rest_is_served_first(create_command, monkeypatch):
    steps = []
    dispatcher = Dispatcher()
    monkeypatch.setattr(dispatcher.polls, "take_requested", lambda: steps.append("take_requested"))
    monkeypatch.setattr(dispatcher, "import_answers", lambda: steps.append("import_answers"))
    command = create_command(dispatcher)

    command.loop()
    command.signals, command.has_requests = 0, True
    command.loop()

    assert steps == ["import_answers", "take_requested", "import_answers"]


def test_poll_that_outlives_its_lease_frees_its_slot(create_remote_job, poller):
    """As when the machine slept: the same job is polled again, and both polls end."""
    job = create_remote_job(SILENT)
    poller.take()
    until(lambda: len(poller._started_at) == 1)
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1), next_run_at=Now())
    poller.take()
    until(lambda: len(poller._started_at) == 2)

    create_remote_job.may_respond.set()
    until(lambda: not poller._started_at)
    until(lambda: not poller._active)

    assert not poller._leases


def test_leases_for_requested_polls_are_limited(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_LEASES", 1)
    create_remote_job(SILENT)
    poller.take_requested()
    wakeups.request_poll(create_remote_job(QUICK))

    poller.take_requested()

    assert len(poller._leases) == 1


def test_fast_connections_are_polled_together(create_remote_job, poller):
    jobs = {create_remote_job(QUICK).pk for _ in range(polling.MAX_THREADS * 2)}

    poller.take()

    until(lambda: polled_jobs() == jobs)


def test_polls_may_start_while_running_ones_are_listed(create_remote_job, poller):
    create_remote_job(SILENT)
    poller.take()
    until(lambda: poller._started_at)
    late = create_remote_job(QUICK)
    [lease] = polling.engine.claim_polls(1, without=[])
    poller._leases[lease], poller._active[QUICK], poller._unstarted = QUICK, 1, 1
    other, recorded = threading.Thread(target=poller._poll_all, args=(QUICK, lease, False)), threading.Event()

    class ChangedDict(dict):
        """A mapping to which another thread adds an item during each iteration."""

        def items(self):
            for pair in super().items():
                if other.ident is None:
                    other.start()
                    recorded.wait(0.3)
                yield pair

        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            recorded.set()

    poller._started_at = ChangedDict(poller._started_at)
    poller.take()
    other.join()

    assert recorded.is_set() and polled_jobs() == {late.pk}


def test_cancelling_a_remote_job_wakes_no_worker(create_remote_job, mika):
    job = create_remote_job(SILENT)
    OrmQ.objects.all().delete()

    services.cancel(job, by=mika)

    assert not OrmQ.objects.exists()
    assert Job.objects.due().filter(pk=job.pk).exists()
