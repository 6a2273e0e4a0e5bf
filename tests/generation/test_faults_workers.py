"""Workers and dispatchers killed at every failpoint of a submission, at every kind of provider (F01-F07, F10, F43)."""

import signal
import time
from collections import deque
from pathlib import Path

import pytest

from accounts.billing.models import Hold
from generation.models import Clip
from generation.providers.connections import override_services
from generation.providers.models import ProviderOverride
from generation.providers.overrides import CACHE_SECONDS
from jobs import maintenance
from jobs.models import Attempt, State
from tests.fakes import echo_variants
from tests.processes import kill
from tests.site_processes import workers
from tests.site_processes.fault_run import LONG_TIMEOUT, SEARCHABLE, describe, have_ended, read_state, tasks_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ALL = tuple(echo_variants.ENGINES)
UNSEARCHABLE = ("echo-none", "echo-webhook")
AFTER_SENDING = ("after_intent", "after_answer")
WINDOWS = {  # failpoint that kills a worker or the dispatcher, and the providers at which it does so in every run
    "after_claim": ("echo-own",),
    "after_intent": ALL,
    "after_answer": ALL,
    "before_running": ("echo-none",),  # kills the dispatcher, whose workers end then
    "before_fetching": ("echo-webhook",),
    "while_fetching": ("echo-list",),
    "clip_fetched": ("echo-own",),
    "clip_stored": ("echo-none",),
    "clip_ingested": ("echo-list",),
    "before_ended": ("echo-webhook",),
}


def failpoints(jobs, action="kill") -> list[str]:
    return [f"{window}@{job.pk}={action}" for (window, _slug), job in jobs.items()]


def get_expected(window, slug) -> tuple:
    """Return the final state of a job whose process was killed at the failpoint, and its number of tasks."""
    if window in AFTER_SENDING and slug in UNSEARCHABLE:
        return State.UNKNOWN, int(window == "after_answer")
    return State.READY, 1


@pytest.mark.parametrize(
    "windows", [WINDOWS, pytest.param(dict.fromkeys(WINDOWS, ALL), marks=pytest.mark.deep)], ids=["each", "all"]
)
def test_process_killed_at_any_failpoint_buys_a_clip_at_most_once(run, windows):
    """Findable clips become ready; the others stay unknown and keep their hold."""
    jobs = {
        (window, slug): run.create_job(slug, f"a cat, {window}") for window, slugs in windows.items() for slug in slugs
    }
    started = run.start_workers(failpoints=failpoints(jobs), PROVIDER_SECONDS=LONG_TIMEOUT)

    started.until(have_ended(jobs.values()), seconds=600)

    found = {row: (read_state(job), len(tasks_of(run.fake_server.fakes[row[1]], job))) for row, job in jobs.items()}
    wrong = {row: (found[row], describe(job)) for row, job in jobs.items() if found[row] != get_expected(*row)}
    assert not wrong
    assert len(list(run.folder.glob("failpoint-*"))) == len(jobs), "some process was not killed"
    ready = [job for row, job in jobs.items() if get_expected(*row)[0] == State.READY]
    assert all(Clip.objects.get(job=job).file("mezzanine") for job in ready)
    assert list_hold_states(ready) == {Hold.State.SETTLED}
    assert list_hold_states(job for job in jobs.values() if job not in ready) == {Hold.State.HELD}
    assert sum(len(fake.created) for fake in run.fake_server.fakes.values()) == sum(
        made for _state, made in found.values()
    )
    assert maintenance.find_violations() == []


def list_hold_states(jobs) -> set[str]:
    return set(Hold.objects.filter(job_id__in=[job.pk for job in jobs]).values_list("state", flat=True))


@pytest.mark.deep  # jobs/test_faults.py sets a poison job aside in every run
def test_clip_that_kills_its_workers_is_stuck_and_keeps_its_hold(run):
    """F43: these clips kill every worker that ingests them; others continue."""
    poisoned = {("clip_ingested", slug): run.create_job(slug, "poison") for slug in ALL}
    others = [run.create_job(slug) for slug in ALL]
    started = run.start_workers(failpoints=failpoints(poisoned, "die"), PROVIDER_SECONDS=LONG_TIMEOUT)

    started.until(have_ended([*poisoned.values(), *others]))

    assert {slug: read_state(job) for (_window, slug), job in poisoned.items()} == dict.fromkeys(ALL, State.STUCK)
    held_jobs = Hold.objects.filter(state=Hold.State.HELD).values_list("job_id", flat=True)
    assert set(held_jobs) == {job.pk for job in poisoned.values()}
    assert {read_state(job) for job in others} == {State.READY}
    assert [len(fake.created) for fake in run.fake_server.fakes.values()] == [2] * len(ALL)
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_running_workers_apply_an_override_within_seconds(run):
    """A busy response is resent until an override says that it may have created a task."""
    busy = run.fake_server.fakes["echo-none"]
    busy.script |= {word: {"submit": deque(["busy"])} for word in ("first", "second")}
    before = run.create_job("echo-none", "a cat [first]")
    started = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT)
    started.until(have_ended([before]))

    override_services.save_override(
        ProviderOverride(provider="echo-none", is_busy_refusal=False), by=run.user, fields=[]
    )
    time.sleep(CACHE_SECONDS + 1)
    after = run.create_job("echo-none", "a cat [second]")
    started.until(have_ended([after]))

    assert (read_state(before), read_state(after)) == (State.READY, State.UNKNOWN), describe(after)
    assert len(busy.created) == 1
    assert maintenance.find_violations() == []


@pytest.mark.parametrize(
    "slugs", [("echo-own", "echo-none"), pytest.param(ALL, marks=pytest.mark.deep)], ids=["two", "all"]
)
def test_worker_frozen_beyond_its_lease_neither_writes_nor_sends(run, slugs):
    """F10: at each provider one wakes up with a response and one with an unsent request."""
    jobs = {(window, slug): run.create_job(slug, f"a cat, {window}") for window in AFTER_SENDING for slug in slugs}
    options = {"PROVIDER_SECONDS": LONG_TIMEOUT, "PROVIDER_PACE": "0.01", "WORKERS": str(len(jobs) + 2)}
    started = run.start_workers(failpoints=failpoints(jobs, "stop"), **options)
    started.until(lambda: sum(is_stopped(pid) for pid in started.pids()) == len(jobs))
    stopped = [pid for pid in started.pids() if is_stopped(pid)]

    started.until(have_ended(jobs.values()))
    states = {row: read_state(job) for row, job in jobs.items()}
    for pid in stopped:
        kill(pid, signal.SIGCONT)
    log = run.folder / "work.log"
    started.until(lambda: all(f"job {job.pk}: the lease was lost" in log.read_text() for job in jobs.values()))
    started.until(lambda: not workers.unfinished_jobs().exists())

    assert states == {row: State.READY if row[1] in SEARCHABLE else State.UNKNOWN for row in jobs}
    assert {row: describe(job) for row, job in jobs.items() if read_state(job) != State.READY} == {}
    assert [len(tasks_of(run.fake_server.fakes[slug], job)) for (_window, slug), job in jobs.items()] == [1] * len(jobs)
    assert sum(len(fake.created) for fake in run.fake_server.fakes.values()) == len(jobs)
    assert Attempt.objects.filter(outcome=Attempt.Outcome.ACCEPTED).count() == len(jobs)
    assert list_hold_states(jobs.values()) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


def is_stopped(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


@pytest.mark.deep
def test_lost_answers_and_randomly_killed_workers_buy_nothing_twice(run):
    """Run a small chaos test; ``make bench NAME=chaos`` is the large one."""
    for slug in SEARCHABLE:
        faults = ["", "cut_after_create", "", "html_502_after_create", "busy"] * 2
        run.fake_server.fakes[slug].script["chaos"] = {"submit": deque(faults)}
    jobs = [run.create_job(slug, f"cat number {n} [chaos]") for n in range(10) for slug in SEARCHABLE]
    started = run.start_workers(2)
    kills = 0

    def kill_and_create():
        nonlocal kills
        kills += bool(kills < 8 and started.kill_one())
        if kills < 8 and workers.unfinished_jobs().count() < 4:  # keep working until the last kill
            jobs.append(run.create_job("echo-own", f"cat number {len(jobs)}"))

    started.until(lambda: kills == 8 and not workers.unfinished_jobs().exists(), every=1.0, meanwhile=kill_and_create)

    assert {read_state(job) for job in jobs} == {State.READY}
    made = [task for slug in SEARCHABLE for task in run.fake_server.fakes[slug].created]
    assert len(made) == len(jobs), "something was bought twice"
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_provider_code_that_resends_unknown_requests_is_caught(run):
    """Prove that the tests above can fail."""
    job = run.create_job("echo-own")
    started = run.start_workers(failpoints=[f"after_answer@{job.pk}=kill"], RESENDING_ENGINE="yes")

    started.until(have_ended([job]))

    assert len(run.fake_server.fakes["echo-own"].created) == 2, "the broken engine bought once"
