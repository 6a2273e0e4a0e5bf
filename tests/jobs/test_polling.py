"""Concurrent polls: a connection that does not answer delays no other."""

import os
import sys
import threading
import time
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from jobs import services
from jobs.lifecycle import engine
from jobs.management.commands import work
from jobs.models import Attempt, Job, State
from jobs.worker import polling, wakeups
from jobs.worker.dispatcher import Dispatcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]
SILENT, QUICK = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def create_remote_job(register_kind, submit, settings):
    """``create_remote_job(connection)``: polls through SILENT get no response before ``may_respond`` is set."""
    settings.JOBS_PER_WORKSPACE = 1000
    answer = threading.Event()

    def ask(claim):
        if claim.job.attempts.get().connection_id == SILENT:
            answer.wait(60)
        claim.wait(600, progress=420)

    def make(connection):
        register_kind(running=ask, is_local=False)
        job = submit()
        Attempt.objects.create(job=job, n=1, client_ref=str(job.pk), connection_id=connection, outcome="accepted")
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now())
        return job

    make.answer = answer
    return make


@pytest.fixture
def poller(create_remote_job):
    made = polling.Poller()
    yield made
    create_remote_job.answer.set()
    made.close()


@pytest.fixture
def create_command(monkeypatch):
    """``create_command(dispatcher)``: a worker service whose loop goes round once."""

    def make(dispatcher):
        command = work.Command()
        command.signals, command.has_requests, command.dispatcher = 0, False, dispatcher
        command.workers = SimpleNamespace(started_at=time.monotonic(), is_alive=lambda: True)
        monkeypatch.setattr(command, "rest", lambda is_down: setattr(command, "signals", 1))
        return command

    return make


def answered():
    return set(Job.objects.filter(progress=420).values_list("pk", flat=True))


def until(is_so):
    end = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def test_unresponsive_provider_delays_no_other(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "BATCH_SIZE", 4)
    for _ in range(polling.THREADS + 4):
        create_remote_job(SILENT)
    late = create_remote_job(QUICK)

    until(lambda: poller.take() or answered() == {late.pk})


def test_polls_behind_a_slow_one_return_and_few_are_retried(create_remote_job, poller, monkeypatch):
    jobs = [create_remote_job(SILENT) for _ in range(polling.MAX_THREADS + 5)]
    poller.take()
    until(lambda: len(poller._started_at) == polling.MAX_THREADS)
    monkeypatch.setattr(polling, "SLOW", 0.0)

    poller.take()
    free = Job.objects.filter(lease_until=None)
    assert free.count() == 5

    monkeypatch.setattr(polling, "SLOW", 60.0)
    create_remote_job.answer.set()
    until(lambda: len(answered()) == polling.MAX_THREADS and not poller._active)
    create_remote_job.answer.clear()
    Job.objects.update(next_run_at=Now())
    poller.take()

    held = Job.objects.exclude(lease_until=None)
    assert held.count() == polling.SLOW_MAX_THREADS < len(jobs)


def test_connection_slow_once_recovers_quickly(create_remote_job, poller, monkeypatch):
    """A machine that stood still for some seconds makes every answer late: that is nobody's fault for minutes."""
    monkeypatch.setattr(polling, "QUICK", 60.0)  # a busy machine answers when it can
    monkeypatch.setattr(polling, "SLOW", 120.0)
    monkeypatch.setattr(polling, "SLOW_SECONDS", 3600.0)  # it is not quick by itself while this is waited for
    poller._mark_slow(QUICK)
    jobs = {create_remote_job(QUICK).pk for _ in range(polling.QUICK_COUNT + 2)}

    def all_are_asked():
        Job.objects.filter(lease_until=None, progress=0).update(next_run_at=Now())
        poller.take()
        return answered() == jobs

    until(all_are_asked)
    until(lambda: not poller._is_slow(QUICK))


def test_fast_connections_use_few_threads_slow_ones_more(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "SECONDS_PER_THREAD", 0.05)
    monkeypatch.setattr(polling, "SLOW", 3600.0)  # not even on a busy machine
    poller._latency[SILENT] = 0.001  # as it was until now
    for _ in range(polling.MAX_THREADS):
        create_remote_job(SILENT)

    poller.take()
    until(lambda: len(poller._started_at) == polling.MIN_THREADS)
    assert poller._active[SILENT] == polling.MIN_THREADS
    until(lambda: poller.take() or len(poller._started_at) == polling.MAX_THREADS)

    create_remote_job.answer.set()
    until(
        lambda: len(answered()) == polling.MAX_THREADS and not poller._active
    )  # else the last of them is weighed after this:
    create_remote_job.answer.clear()
    poller._latency[SILENT] = 0.001
    Job.objects.update(next_run_at=Now())
    poller.take()
    until(lambda: len(poller._started_at) == polling.MIN_THREADS)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is the whole process's")
def test_polling_threads_run_at_low_priority(poller):
    nice = [pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result(60) for pool in (poller._pool, poller._slow_pool)]

    mine = os.getpriority(os.PRIO_PROCESS, 0)  # more than nothing where the whole suite is run nicely
    assert nice == [max(polling.NICE, mine)] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is the whole process's")
def test_polling_threads_keep_the_service_niceness(monkeypatch):
    set_to = []
    monkeypatch.setattr(polling.os, "getpriority", lambda which, who: 10)
    monkeypatch.setattr(polling.os, "setpriority", lambda which, who, nice: set_to.append(nice))

    polling._lower_priority()

    assert set_to == [10]


def test_stopping_poller_returns_waiting_jobs_unpolled(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_THREADS", 1)
    for _ in range(4):
        create_remote_job(SILENT)
    poller.take()
    until(lambda: poller._started_at)
    stopping, shut = threading.Thread(target=poller.close), poller._pool.shutdown

    def shut_after_the_answer(**how):
        until(lambda: answered() and not poller._active)
        shut(**how)

    monkeypatch.setattr(poller._pool, "shutdown", shut_after_the_answer)
    stopping.start()
    until(lambda: poller._is_closing)
    create_remote_job.answer.set()
    stopping.join(60)

    assert len(answered()) == 1
    assert Job.objects.filter(lease_until=None, progress=0).count() == 3


@pytest.mark.parametrize("narrow", ["MAX_THREADS", "THREADS"])
def test_stopping_poller_sends_nothing_more(create_remote_job, monkeypatch, narrow):
    """F09: what hangs then began before, and the end waits for one request at most."""
    monkeypatch.setattr(polling, narrow, 1)
    asking = polling.Poller()
    for _ in range(4):
        create_remote_job(SILENT)
    asking.take()
    until(lambda: asking._started_at)

    asking.stop()
    create_remote_job.answer.set()
    until(lambda: not any(thread.is_alive() for thread in asking._pool._threads))
    asking.close()

    assert len(answered()) == 1
    assert Job.objects.filter(lease_until=None, progress=0).count() == 3


def test_called_job_is_polled_before_the_backlog(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_THREADS", 1)
    monkeypatch.setattr(polling, "SLOW", 3600.0)
    asked, poll = [], engine.poll
    monkeypatch.setattr(engine, "poll", lambda held: asked.append(held.job.pk) or poll(held))
    for _ in range(4):
        create_remote_job(SILENT)
    poller.take()
    until(lambda: asked)
    called = create_remote_job(SILENT)
    wakeups.request_poll(called)

    poller.take()
    create_remote_job.answer.set()
    until(lambda: len(asked) == 5)

    assert asked[1] == called.pk


def test_called_job_is_polled_before_batch_work(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "REQUESTED_BATCH", 2)
    others = [create_remote_job(SILENT) for _ in range(5)]
    called = create_remote_job(QUICK)
    wakeups.request_poll(called)
    claimed, claim_polls = [], engine.claim_polls
    monkeypatch.setattr(engine, "claim_polls", lambda most, **more: claimed.append(most) or claim_polls(most, **more))

    poller.take_requested()

    until(lambda: answered() == {called.pk})
    assert claimed == [2]
    assert Job.objects.filter(pk__in=[job.pk for job in others], lease_until=None).count() == 4


def test_call_that_ends_the_rest_is_served_first(create_command, monkeypatch):
    told = []
    dispatcher = Dispatcher()
    monkeypatch.setattr(dispatcher.polls, "take_requested", lambda: told.append("called"))
    monkeypatch.setattr(dispatcher, "import_answers", lambda: told.append("recall"))
    command = create_command(dispatcher)

    command.loop()
    command.signals, command.has_requests = 0, True
    command.loop()

    assert told == ["recall", "called", "recall"]


def test_poll_that_outlives_its_lease_frees_its_slot(create_remote_job, poller):
    """As when the machine slept: the same job is asked after again, and both questions end at last."""
    job = create_remote_job(SILENT)
    poller.take()
    until(lambda: len(poller._started_at) == 1)
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1), next_run_at=Now())
    poller.take()
    until(lambda: len(poller._started_at) == 2)

    create_remote_job.answer.set()
    until(lambda: not poller._started_at)
    until(lambda: not poller._active)

    assert not poller._leases


def test_claimed_calls_are_bounded(create_remote_job, poller, monkeypatch):
    monkeypatch.setattr(polling, "MAX_LEASES", 1)
    create_remote_job(SILENT)
    poller.take_requested()
    wakeups.request_poll(create_remote_job(QUICK))

    poller.take_requested()

    assert len(poller._leases) == 1


def test_fast_connections_are_polled_together(create_remote_job, poller):
    jobs = {create_remote_job(QUICK).pk for _ in range(polling.MAX_THREADS * 2)}

    poller.take()

    until(lambda: answered() == jobs)


def test_polls_may_start_while_running_ones_are_listed(create_remote_job, poller):
    create_remote_job(SILENT)
    poller.take()
    until(lambda: poller._started_at)
    late = create_remote_job(QUICK)
    [held] = polling.engine.claim_polls(1, without=[])
    poller._leases[held], poller._active[QUICK], poller._unstarted = QUICK, 1, 1
    other, noted = threading.Thread(target=poller._poll_all, args=(QUICK, held, False)), threading.Event()

    class Met(dict):
        """Whoever goes through it meets another thread that has something to note."""

        def items(self):
            for pair in super().items():
                if other.ident is None:
                    other.start()
                    noted.wait(0.3)
                yield pair

        def __setitem__(self, pk, began):
            super().__setitem__(pk, began)
            noted.set()

    poller._started_at = Met(poller._started_at)
    poller.take()
    other.join()

    assert noted.is_set() and answered() == {late.pk}


def test_no_worker_is_woken_for_a_foreign_answer(create_remote_job, mika):
    job = create_remote_job(SILENT)
    OrmQ.objects.all().delete()

    services.cancel(job, by=mika)

    assert not OrmQ.objects.exists()
    assert Job.objects.due().filter(pk=job.pk).exists()
