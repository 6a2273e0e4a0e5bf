"""Real workers, killed, frozen and hung: nothing is lost, nothing is done twice where it counts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection, transaction

from accounts.billing.models import Hold
from jobs import invariants, registry, services
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.jobs.proving import works
from tests.processes import STOP_GRACE, children, end, is_running, kill, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def known_works(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    works.register_all()


@pytest.fixture
def environment(tmp_path):
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.jobs.proving.site",
        "PROVING_DATABASE": str(connection.settings_dict["NAME"]),
        "SECRET_KEY": site.SECRET_KEY,
        "TAPWARI_VAR": str(tmp_path),
        "TESTING": "yes",
        "JOB_LEASE_SECONDS": "3",
        "WATCHDOG_SECONDS": "60",  # a cluster on a busy machine needs some seconds to show itself
        "FAILPOINT_DIR": str(tmp_path),
    }


@pytest.fixture
def work(environment, tmp_path):
    """``work(FAILPOINTS="…")`` starts ``manage.py work``; it is stopped, hard if need be, when the test is over."""
    started = []

    def start(**more):
        with (tmp_path / "work.log").open("ab") as log:
            command = [sys.executable, "manage.py", "work"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment | more, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    end(started, tmp_path)
    print((tmp_path / "work.log").read_text())  # noqa: T201 - shown when the test fails


@pytest.fixture
def draw(submit, tmp_path):
    """``draw(seconds)`` queues a drawing that leaves a line in ``draw.trace`` each time it gets to its end."""
    trace = tmp_path / "trace"
    trace.touch()

    def ask(seconds=0.2, **facts):
        return submit(kind="draw", params={"seconds": seconds, "trace": str(trace)}, **facts)

    ask.trace = trace
    return ask


def state(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


@pytest.mark.parametrize("place", ["after_claim", "before_running", "while_drawing", "after_drawing", "while_keeping"])
def test_a_worker_killed_anywhere_and_the_job_is_still_done_once(work, draw, place):
    job = draw(price=10)
    work(FAILPOINTS=f"{place}=kill")

    until(lambda: state(job) == State.READY)

    assert Job.objects.get(pk=job.pk).events.filter(new=State.READY).count() == 1
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED
    assert invariants.broken() == []


def test_a_worker_killed_inside_the_settling_transaction_settles_once(work, draw):
    job = draw(price=10)
    work(FAILPOINTS="before_ended=kill")

    until(lambda: state(job) == State.READY)

    assert Job.objects.get(pk=job.pk).events.filter(new=State.READY).count() == 1
    assert invariants.broken() == []


def test_a_frozen_worker_that_wakes_late_changes_nothing(work, draw):
    job = draw(1.0)
    process = work(FAILPOINTS="while_drawing=stop")

    until(lambda: state(job) == State.READY)
    for pid in children(process.pid):
        kill(pid, signal.SIGCONT)
    time.sleep(1.5)

    assert list(Job.objects.get(pk=job.pk).events.values_list("new", flat=True)) == [
        "queued",
        "running",
        "stored",
        "ready",
    ]


@pytest.mark.parametrize("is_asked_after", [False, True], ids=["nothing else", "questions go on"])
def test_a_cluster_that_only_looks_alive_is_started_anew(work, draw, submit, is_asked_after):
    """django-q2 hangs for ever when an idle worker is killed while it holds the lock of the queue. Providers may be
    asked all the while, and answer."""
    first = draw()
    if is_asked_after:
        Job.objects.filter(pk=submit(kind="linger").pk).update(state=State.RUNNING)
    process = work(WATCHDOG_SECONDS="40")
    until(lambda: state(first) == State.READY)
    cluster = children(process.pid)[0]
    with transaction.atomic():  # so that none of them is frozen in the middle of a write
        for pid in children(cluster):
            kill(pid, signal.SIGSTOP)

    job = draw()
    until(lambda: state(job) == State.READY)

    assert not is_running(cluster)


def test_idle_workers_killed_and_later_jobs_are_still_done(work, draw):
    first = draw()
    process = work(WATCHDOG_SECONDS="40")
    until(lambda: state(first) == State.READY)
    sentinel = children(children(process.pid)[0])[0]
    for pid in children(sentinel):
        kill(pid)

    job = draw()

    until(lambda: state(job) == State.READY)


def test_poison_kills_five_workers_and_is_then_set_aside_while_others_go_on(work, submit, draw, tmp_path):
    trace = tmp_path / "poison"
    bad = submit(kind="poison", params={"trace": str(trace)}, price=10)
    good = draw()
    work()

    until(lambda: state(good) == State.READY)
    until(lambda: state(bad) == State.STUCK)

    assert trace.read_text().count("tried") == 5
    assert Hold.objects.get(job_id=bad.pk).state == Hold.State.HELD


def test_a_running_job_stops_long_before_its_end(work, draw, mika):
    job = draw(600)
    work()
    until(lambda: Job.objects.get(pk=job.pk).progress > 0)

    services.cancel(job, by=mika)

    until(lambda: state(job) == State.CANCELLED)
    assert "drawn" not in draw.trace.read_text()


def test_a_step_that_reports_nothing_loses_its_job_and_cannot_end_it_later(work, submit, tmp_path):
    trace = tmp_path / "trace"
    job = submit(kind="freeze", params={"trace": str(trace)}, price=10)
    work(JOB_LEASE_SECONDS="3")

    until(lambda: state(job) == State.READY)
    until(lambda: "woke" in trace.read_text() and "ended" in trace.read_text())
    time.sleep(0.5)

    assert trace.read_text().count("ended") == 1
    assert Job.objects.get(pk=job.pk).events.filter(new=State.STORED).count() == 1
    assert invariants.broken() == []


def gone_after(process, family) -> float:
    """Tells it to stop, once; seconds until it and whoever it started are gone. They are waited for longer than
    production does, so that a test which fails says by how much."""
    told_at = time.monotonic()
    process.terminate()
    process.wait(2 * STOP_GRACE)
    until(lambda: not [pid for pid in family if is_running(pid)])
    return time.monotonic() - told_at


def test_told_to_stop_it_hands_back_what_it_holds_and_leaves_nobody_behind(work, draw):
    job = draw(60)
    process = work()
    until(lambda: Job.objects.get(pk=job.pk).progress > 0)

    seconds = gone_after(process, children(process.pid))

    held = Job.objects.get(pk=job.pk)
    assert (held.state, held.lease_until) == (State.RUNNING, None)
    assert process.returncode == 0
    assert seconds < STOP_GRACE, "production would have killed it"


def test_told_to_stop_while_a_step_hangs_it_is_gone_before_production_would_kill_it(work, submit):
    """F09: it waits for the step as long as for a provider's answer."""
    shorter = 15
    submit(kind="hang", params={"seconds": 3 * STOP_GRACE})
    process = work(PROVIDER_SECONDS=str(site.PROVIDER_SECONDS - shorter))
    until(lambda: Job.objects.filter(state=State.RUNNING).exists())

    seconds = gone_after(process, children(process.pid))

    assert process.returncode == 0
    assert seconds < STOP_GRACE - shorter, "production would have killed it"


def test_told_twice_it_does_not_wait_for_a_step_that_hangs(work, submit):
    submit(kind="hang", params={"seconds": 60})
    process = work()
    until(lambda: Job.objects.filter(state=State.RUNNING).exists())
    family = children(process.pid)

    process.terminate()
    until(lambda: process.poll() is not None, every=0.3, meanwhile=process.terminate)  # two at one moment are one

    assert process.returncode == 1  # told once, it waits and ends with 0
    until(lambda: not [pid for pid in family if is_running(pid)])


def test_killed_itself_it_leaves_no_orphans(work, draw):
    job = draw()
    process = work()
    until(lambda: state(job) == State.READY)
    family = children(process.pid)

    process.kill()
    process.wait()

    until(lambda: not [pid for pid in family if is_running(pid)])


def test_killed_itself_it_leaves_nobody_behind_who_hangs(work, draw):
    """django-q2 waits for ever for workers of whom one died with the lock of their queue in its hand."""
    job = draw()
    process = work(WORKERS_LEAVE_SECONDS="2")
    until(lambda: state(job) == State.READY)
    family = children(process.pid)
    sentinel = children(family[0])[0]
    kill(sentinel, signal.SIGSTOP)

    process.kill()
    process.wait()

    until(lambda: not [pid for pid in family if is_running(pid)])


RACER = """
import sys, django
django.setup()
from jobs import engine
print("here", flush=True)
sys.stdin.readline()
while held := engine.claim():
    print(held.job.pk, flush=True)
    held.wait(3600)
"""


def test_eight_processes_claim_each_of_six_hundred_jobs_exactly_once(submit, environment, settings):
    """None begins before all of them are there, so that they meet at every job and not one after the other."""
    settings.JOBS_PER_WORKSPACE = 1000
    environment["JOB_LEASE_SECONDS"] = "600"  # a busy machine must not take a claim away between two lines
    wanted = {str(submit(kind="draw").pk) for _ in range(600)}
    command, pipes = [sys.executable, "-c", RACER], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    racers = [subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) for _ in range(8)]
    assert {racer.stdout.readline() for racer in racers} == {"here\n"}
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()

    claims = [racer.communicate(timeout=600)[0].split() for racer in racers]

    assert {racer.returncode for racer in racers} == {0}
    assert sorted(pk for claimed in claims for pk in claimed) == sorted(wanted)
    assert sum(bool(claimed) for claimed in claims) > 1, "nobody raced"
    assert engine.claim() is None
