"""Real workers are killed, frozen and hung: no job is lost, and none is charged or stored twice."""

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
from common import hooks
from jobs import maintenance, services
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.jobs.proving import works
from tests.processes import STOP_GRACE, children, is_running, kill, kill_processes_of, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
WINDOWS = [
    "after_claim", "before_running", "while_drawing", "after_drawing", "while_keeping",
    "before_ended",  # within the transaction that settles the money
]  # fmt: skip
SHORT_WATCHDOG = "10"  # seconds; doubled for each group of workers that shows no progress


@pytest.fixture(autouse=True)
def proving_kinds(monkeypatch):
    monkeypatch.setattr(hooks, "_registered", {kind: dict(apps) for kind, apps in hooks._registered.items()})
    works.register_all()


@pytest.fixture
def environment(tmp_path):
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.jobs.proving.site",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "SECRET_KEY": site.SECRET_KEY,
        "TAPWARI_VAR": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "TESTING": "yes",
        "JOB_LEASE_SECONDS": "2",
        "WATCHDOG_SECONDS": "60",  # workers on a busy machine need some seconds to start
        "FAILPOINT_DIR": str(tmp_path),
    }


@pytest.fixture
def work(environment, tmp_path):
    """``work(FAILPOINTS="…")`` starts ``manage.py work``; its processes are killed after the test."""
    started = []

    def start(**more):
        with (tmp_path / "work.log").open("ab") as log:
            command = [sys.executable, "manage.py", "work"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment | more, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    kill_processes_of(tmp_path)
    for process in started:
        process.wait()
    print((tmp_path / "work.log").read_text())  # noqa: T201 - shown when the test fails


@pytest.fixture
def draw(submit, tmp_path):
    """``draw(seconds)`` queues a job that adds a line to ``draw.trace`` each time its step ends."""
    trace = tmp_path / "trace"
    trace.touch()

    def request(seconds=0.2, **facts):
        return submit(kind="draw", params={"seconds": seconds, "trace": str(trace)}, **facts)

    request.trace = trace
    return request


def read_state(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def is_progressing(job):
    return lambda: Job.objects.get(pk=job.pk).progress > 0


@pytest.mark.sqlite_faults
def test_job_of_a_killed_worker_is_done_once(work, draw, tmp_path):
    jobs = {window: draw(price=10) for window in WINDOWS}
    work(FAILPOINTS=",".join(f"{window}@{job.pk}=kill" for window, job in jobs.items()), WORKERS="4")

    until(lambda: {read_state(job) for job in jobs.values()} == {State.READY})

    assert len(list(tmp_path.glob("failpoint-*"))) == len(WINDOWS), "not every failpoint was reached"
    ready = {window: job.events.filter(new=State.READY).count() for window, job in jobs.items()}
    assert ready == dict.fromkeys(WINDOWS, 1)
    assert set(Hold.objects.values_list("state", flat=True)) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


@pytest.mark.deep  # generation/test_faults_workers.py freezes workers over paid jobs
def test_frozen_worker_that_wakes_late_changes_nothing(work, draw):
    job = draw(1.0)
    process = work(FAILPOINTS="while_drawing=stop")

    until(lambda: read_state(job) == State.READY)
    for pid in children(process.pid):
        kill(pid, signal.SIGCONT)
    time.sleep(1.5)

    assert list(job.events.values_list("new", flat=True)) == ["queued", "running", "stored", "ready"]


@pytest.mark.parametrize("is_polling", [True, pytest.param(False, marks=pytest.mark.deep)], ids=["polling", "idle"])
def test_workers_that_hang_are_restarted(work, draw, submit, is_polling):
    """django-q2 hangs if an idle worker is killed while it holds the queue's lock. The dispatcher may still poll."""
    first = draw()
    if is_polling:
        Job.objects.filter(pk=submit(kind="linger").pk).update(state=State.RUNNING)
    process = work(WATCHDOG_SECONDS=SHORT_WATCHDOG)
    until(lambda: read_state(first) == State.READY)
    cluster = children(process.pid)[0]
    with transaction.atomic():  # so that none is frozen within a write
        for pid in children(cluster):
            kill(pid, signal.SIGSTOP)

    job = draw()
    until(lambda: read_state(job) == State.READY)

    assert not is_running(cluster)


@pytest.mark.deep  # kills what the test above freezes
def test_jobs_are_done_after_idle_workers_were_killed(work, draw):
    first = draw()
    process = work(WATCHDOG_SECONDS=SHORT_WATCHDOG)
    until(lambda: read_state(first) == State.READY)
    sentinel = children(children(process.pid)[0])[0]
    for pid in children(sentinel):
        kill(pid)

    job = draw()

    until(lambda: read_state(job) == State.READY)


def test_job_that_kills_five_workers_is_stalled_and_others_continue(work, submit, draw, tmp_path):
    trace = tmp_path / "poison"
    bad = submit(kind="poison", params={"trace": str(trace)}, price=10)
    good = draw()
    work(JOB_LEASE_SECONDS="1")

    until(lambda: read_state(good) == State.READY)
    until(lambda: read_state(bad) == State.STUCK)

    assert trace.read_text().count("tried") == 5
    assert Hold.objects.get(job_id=bad.pk).state == Hold.State.HELD


def test_running_job_is_cancelled_long_before_its_end(work, draw, mika):
    job = draw(600)
    work()
    until(is_progressing(job))

    services.cancel(job, by=mika)

    until(lambda: read_state(job) == State.CANCELLED)
    assert "drawn" not in draw.trace.read_text()


def test_step_without_reports_loses_its_job_and_cannot_end_it_later(work, submit, tmp_path):
    trace = tmp_path / "trace"
    job = submit(kind="freeze", params={"trace": str(trace)}, price=10)
    work()

    until(lambda: read_state(job) == State.READY)
    until(lambda: "woke" in trace.read_text() and "ended" in trace.read_text())
    time.sleep(0.5)

    assert trace.read_text().count("ended") == 1
    assert job.events.filter(new=State.STORED).count() == 1
    assert maintenance.find_violations() == []


def seconds_to_end(process, family) -> float:
    """Terminate a process once and return the seconds until it and its descendants have ended.

    Waits longer than production does, so that a failing test shows by how much.
    """
    began = time.monotonic()
    process.terminate()
    process.wait(2 * STOP_GRACE)
    until(lambda: not [pid for pid in family if is_running(pid)])
    return time.monotonic() - began


def test_terminated_service_hands_back_its_jobs_and_leaves_no_process(work, draw):
    job = draw(60)
    process = work()
    until(is_progressing(job))

    seconds = seconds_to_end(process, children(process.pid))

    job.refresh_from_db()
    assert (job.state, job.lease_until) == (State.RUNNING, None)
    assert process.returncode == 0
    assert seconds < STOP_GRACE, "production would have killed it"


def test_service_with_a_hanging_step_ends_before_production_kills_it(work, submit):
    """F09: the service waits for the step as long as for a response of a provider."""
    provider_seconds = 5
    submit(kind="hang", params={"seconds": 3 * STOP_GRACE})
    process = work(PROVIDER_SECONDS=str(provider_seconds))
    until(lambda: Job.objects.filter(state=State.RUNNING).exists())

    seconds = seconds_to_end(process, children(process.pid))

    assert process.returncode == 0
    assert seconds < STOP_GRACE - (site.PROVIDER_SECONDS - provider_seconds), "production would have killed it"


def test_service_terminated_twice_does_not_wait_for_a_hanging_step(work, submit):
    submit(kind="hang", params={"seconds": 60})
    process = work()
    until(lambda: Job.objects.filter(state=State.RUNNING).exists())
    family = children(process.pid)

    process.terminate()
    until(
        lambda: process.poll() is not None, every=0.3, meanwhile=process.terminate
    )  # two signals at the same moment count as one

    assert process.returncode == 1  # after one signal it waits and ends with 0
    until(lambda: not [pid for pid in family if is_running(pid)])


@pytest.mark.parametrize("is_hung", [True, pytest.param(False, marks=pytest.mark.deep)], ids=["hangs", "idle"])
def test_killed_service_leaves_no_orphans(work, draw, is_hung):
    """django-q2 waits forever for its workers if one of them died with the lock of their queue."""
    job = draw()
    process = work(WORKERS_STOP_SECONDS="2")
    until(lambda: read_state(job) == State.READY)
    family = children(process.pid)
    if is_hung:
        kill(children(family[0])[0], signal.SIGSTOP)

    process.kill()
    process.wait()

    until(lambda: not [pid for pid in family if is_running(pid)])


RACER = """
import sys, django
django.setup()
from jobs.lifecycle import engine
print("ready", flush=True)
sys.stdin.readline()
while lease := engine.claim():
    print(lease.job.pk, flush=True)
    lease.wait(3600)
"""


@pytest.mark.sqlite_faults
@pytest.mark.parametrize(
    ("processes", "jobs"), [(4, 200), pytest.param(8, 600, marks=pytest.mark.deep)], ids=["few", "many"]
)
def test_racing_processes_claim_each_job_exactly_once(submit, environment, settings, processes, jobs):
    """All processes start together, so that they compete for every job."""
    settings.JOBS_PER_WORKSPACE = 1000
    environment["JOB_LEASE_SECONDS"] = "600"  # no lease may end on a busy machine
    wanted = {str(submit(kind="draw").pk) for _ in range(jobs)}
    command, pipes = [sys.executable, "-c", RACER], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    racers = [subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) for _ in range(processes)]
    assert {racer.stdout.readline() for racer in racers} == {"ready\n"}
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()

    claims = [racer.communicate(timeout=600)[0].split() for racer in racers]

    assert {racer.returncode for racer in racers} == {0}
    assert sorted(pk for claimed in claims for pk in claimed) == sorted(wanted)
    assert sum(bool(claimed) for claimed in claims) > 1, "the processes did not compete"
    assert engine.claim() is None
