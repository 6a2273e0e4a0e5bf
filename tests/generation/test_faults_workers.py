"""Workers and dispatchers killed in every window of a paid submission, for every way of finding it again (F01-F07, F10,
F12, F43)."""

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
from tests.elsewhere import studio
from tests.elsewhere.walking import CAN_LOOK, PATIENT, are_over, made_of, state, story
from tests.fakes import echoes
from tests.processes import kill

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ALL = tuple(echoes.ENGINES)
CANNOT_LOOK = ("echo-none", "echo-webhook")
AFTER_SENDING = ("after_intent", "after_answer")
WINDOWS = {  # where a worker or the dispatcher dies, and the providers at which it does so in every run
    "after_claim": ("echo-own",),
    "after_intent": ALL,
    "after_answer": ALL,
    "before_running": ("echo-none",),  # in the dispatcher, which polls: its workers are told to end then
    "before_fetching": ("echo-webhook",),
    "while_fetching": ("echo-list",),
    "clip_fetched": ("echo-own",),
    "clip_stored": ("echo-none",),
    "clip_ingested": ("echo-list",),
    "before_ended": ("echo-webhook",),
}


def failpoints(jobs, action="kill") -> list[str]:
    return [f"{window}@{job.pk}={action}" for (window, _slug), job in jobs.items()]


def expected(window, slug) -> tuple:
    """The state in which a job ends whose process was killed in a window, and how many tasks the provider has."""
    if window in AFTER_SENDING and slug in CANNOT_LOOK:
        return State.UNKNOWN, int(window == "after_answer")
    return State.READY, 1


@pytest.mark.sqlite_faults
@pytest.mark.parametrize(
    "windows", [WINDOWS, pytest.param(dict.fromkeys(WINDOWS, ALL), marks=pytest.mark.deep)], ids=["each", "all"]
)
def test_killed_in_any_window_every_clip_is_bought_at_most_once(walk, windows):
    """Where it can be found again, it is kept. Where nothing can be found, the job says so and its money is held."""
    jobs = {(window, slug): walk.order(slug, f"a cat, {window}") for window, slugs in windows.items() for slug in slugs}
    gang = walk.start(failpoints=failpoints(jobs), PROVIDER_SECONDS=PATIENT)

    gang.until(are_over(jobs.values()), seconds=600)

    found = {row: (state(job), len(made_of(walk.town.fakes[row[1]], job))) for row, job in jobs.items()}
    wrong = {row: (found[row], story(job)) for row, job in jobs.items() if found[row] != expected(*row)}
    assert not wrong
    assert len(list(walk.folder.glob("failpoint-*"))) == len(jobs), "some process was not killed"
    ready = [job for row, job in jobs.items() if expected(*row)[0] == State.READY]
    assert all(Clip.objects.get(job=job).file("mezzanine") for job in ready)
    assert holds_of(ready) == {Hold.State.SETTLED}
    assert holds_of(job for job in jobs.values() if job not in ready) == {Hold.State.HELD}
    assert sum(len(fake.created) for fake in walk.town.fakes.values()) == sum(made for _state, made in found.values())
    assert maintenance.find_violations() == []


def holds_of(jobs) -> set[str]:
    return set(Hold.objects.filter(job_id__in=[job.pk for job in jobs]).values_list("state", flat=True))


@pytest.mark.deep  # jobs/test_faults.py sets a poison job aside in every run
def test_a_poison_clip_is_stuck_with_its_money_held_while_the_others_go_on(walk):
    """F43: every worker that looks at these films dies."""
    poisons = {("clip_ingested", slug): walk.order(slug, "poison") for slug in ALL}
    others = [walk.order(slug) for slug in ALL]
    gang = walk.start(failpoints=failpoints(poisons, "die"), PROVIDER_SECONDS=PATIENT)

    gang.until(are_over([*poisons.values(), *others]))

    assert {slug: state(job) for (_window, slug), job in poisons.items()} == dict.fromkeys(ALL, State.STUCK)
    held = Hold.objects.filter(state=Hold.State.HELD).values_list("job_id", flat=True)
    assert set(held) == {job.pk for job in poisons.values()}
    assert {state(job) for job in others} == {State.READY}
    assert [len(fake.created) for fake in walk.town.fakes.values()] == [2] * len(ALL)
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_running_workers_apply_an_override_of_a_provider_within_seconds(walk):
    """A busy response is sent again; once an operator says that it may have created a clip, it never is."""
    busy = walk.town.fakes["echo-none"]
    busy.script |= {word: {"submit": deque(["busy"])} for word in ("first", "second")}
    before = walk.order("echo-none", "a cat [first]")
    gang = walk.start(PROVIDER_SECONDS=PATIENT)
    gang.until(are_over([before]))

    override_services.save_override(
        ProviderOverride(provider="echo-none", is_busy_refusal=False), by=walk.user, fields=[]
    )
    time.sleep(CACHE_SECONDS + 1)
    after = walk.order("echo-none", "a cat [second]")
    gang.until(are_over([after]))

    assert (state(before), state(after)) == (State.READY, State.UNKNOWN), story(after)
    assert len(busy.created) == 1
    assert maintenance.find_violations() == []


@pytest.mark.parametrize(
    "slugs", [("echo-own", "echo-none"), pytest.param(ALL, marks=pytest.mark.deep)], ids=["two", "all"]
)
def test_workers_frozen_beyond_their_lease_neither_write_nor_send_when_they_wake(walk, slugs):
    """F10: at each provider one wakes with a response, and one with a request that it was about to send."""
    jobs = {(window, slug): walk.order(slug, f"a cat, {window}") for window in AFTER_SENDING for slug in slugs}
    facts = {"PROVIDER_SECONDS": PATIENT, "PROVIDER_PACE": "0.01", "WORKERS": str(len(jobs) + 2)}
    gang = walk.start(failpoints=failpoints(jobs, "stop"), **facts)
    gang.until(lambda: sum(is_stopped(pid) for pid in gang.pids()) == len(jobs))
    frozen = [pid for pid in gang.pids() if is_stopped(pid)]

    gang.until(are_over(jobs.values()))
    meanwhile = {row: state(job) for row, job in jobs.items()}
    for pid in frozen:
        kill(pid, signal.SIGCONT)
    log = walk.folder / "work.log"
    gang.until(lambda: all(f"job {job.pk}: the lease was lost" in log.read_text() for job in jobs.values()))
    gang.until(lambda: not studio.unsettled().exists())

    assert meanwhile == {row: State.READY if row[1] in CAN_LOOK else State.UNKNOWN for row in jobs}
    assert {row: story(job) for row, job in jobs.items() if state(job) != State.READY} == {}
    assert [len(made_of(walk.town.fakes[slug], job)) for (_window, slug), job in jobs.items()] == [1] * len(jobs)
    assert sum(len(fake.created) for fake in walk.town.fakes.values()) == len(jobs)
    assert Attempt.objects.filter(outcome=Attempt.Outcome.ACCEPTED).count() == len(jobs)
    assert holds_of(jobs.values()) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


def is_stopped(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


@pytest.mark.deep
def test_lost_answers_and_randomly_killed_workers_buy_nothing_twice(walk):
    """A small chaos; ``make bench NAME=chaos`` is the large one."""
    for slug in CAN_LOOK:
        faults = ["", "cut_after_create", "", "html_502_after_create", "busy"] * 2
        walk.town.fakes[slug].script["chaos"] = {"submit": deque(faults)}
    jobs = [walk.order(slug, f"cat number {n} [chaos]") for n in range(10) for slug in CAN_LOOK]
    gang = walk.start(2)
    kills = 0

    def kill_and_order():
        nonlocal kills
        kills += bool(kills < 8 and gang.kill_one())
        if kills < 8 and studio.unsettled().count() < 4:  # a quick machine is not done before the last kill
            jobs.append(walk.order("echo-own", f"cat number {len(jobs)}"))

    gang.until(lambda: kills == 8 and not studio.unsettled().exists(), every=1.0, meanwhile=kill_and_order)

    assert {state(job) for job in jobs} == {State.READY}
    made = [task for slug in CAN_LOOK for task in walk.town.fakes[slug].created]
    assert len(made) == len(jobs), "something was bought twice"
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_an_engine_that_sends_an_unknown_request_again_is_caught(walk):
    """Without this, the tests above could not fail."""
    job = walk.order("echo-own")
    gang = walk.start(failpoints=[f"after_answer@{job.pk}=kill"], TWIN="yes")

    gang.until(are_over([job]))

    assert len(walk.town.fakes["echo-own"].created) == 2, "the broken engine bought once"
