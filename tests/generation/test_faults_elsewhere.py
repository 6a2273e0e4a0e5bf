"""Workers killed in every window of a paid submission, for every way of finding it again (F01-F07, F10, F12, F43)."""

import signal
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection as database

from accounts.billing.models import Hold
from generation.models import Clip
from generation.providers import registry
from generation.providers.connections import override_services
from generation.providers.models import ProviderManners
from jobs import event_messages, invariants
from jobs.models import Attempt, Job, State
from tests.elsewhere import studio
from tests.elsewhere.walking import CAN_LOOK, are_over, made_of
from tests.fakes import echoes
from tests.fakes.server import Town
from tests.processes import kill

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
BEFORE_INTENT, IN_THE_DARK = ["after_claim"], ["after_intent", "after_answer"]
AFTER = ["while_fetching", "clip_fetched", "clip_stored", "clip_ingested", "before_ended"]
IN_A_POLL = ["before_running", "before_fetching"]  # which the dispatcher does itself: its workers are told to end then


@pytest.fixture
def town(film):
    with Town(echoes.fakes(film, queued=0.2, running=0.4)) as town:
        yield town


@pytest.fixture
def workers(town, tmp_path, monkeypatch, settings):
    """``workers(FAILPOINTS="…")``: one family of real workers on this test's own rows and files."""
    settings.JOBS_PER_WORKSPACE = 1000
    settings.EXTRA_PROVIDERS = list(echoes.ENGINES.values())
    registry.providers.cache_clear()
    hosts = [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
    told = studio.environment(
        tmp_path, hosts, PROVING_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
        EXTRA_PROVIDERS=",".join(echoes.ENGINES.values()), WORKERS="4",
    )  # fmt: skip
    running = []

    def start(count=1, before=(), **more):
        made = studio.Workers(told | more, tmp_path / "work.log", count, before)
        made.tend()
        running.append(made)
        return made

    yield start
    try:
        studio.close(running, tmp_path)
    finally:
        registry.providers.cache_clear()
        print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails


@pytest.fixture
def order(town, mika):
    accounts = {slug: studio.connect(slug, town.url(slug), {"api_key": town.fakes[slug].key}) for slug in town.fakes}

    def ask(slug, words="a cat on a roof"):
        clip = studio.ask(mika, mika.workspaces.get(), accounts[slug], words, model="echo-1")
        return Job.objects.get(pk=clip.job_id)

    return ask


def state(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def story(job):
    job.refresh_from_db()
    return [job.error_public, *(line.words for line in event_messages.of(job))]


def is_over(job):
    return are_over([job])


def test_workers_killed_anywhere_and_every_clip_is_bought_once_and_kept(workers, order, town, tmp_path):
    """F01-F03 and F05-F07: each of the clips has its worker killed in another window."""
    places = dict.fromkeys(BEFORE_INTENT + AFTER, echoes.ENGINES) | dict.fromkeys(IN_THE_DARK, CAN_LOOK)
    jobs = {(place, slug): order(slug, f"a cat, {place}") for place, slugs in places.items() for slug in slugs}
    gang = workers(FAILPOINTS=deaths(jobs), PROVIDER_SECONDS="20")  # an answer that is missed here is no death after it

    gang.until(are_over(jobs.values()), seconds=600)

    all_are_bought_once_and_kept(jobs, town, tmp_path)


def test_the_dispatcher_killed_in_a_poll_and_every_clip_is_bought_once_and_kept(workers, order, town, tmp_path):
    """F04 and F05: each of the clips has it killed at another moment, its workers leave off, and it comes back."""
    jobs = {(place, slug): order(slug, f"a cat, {place}") for place in IN_A_POLL for slug in echoes.ENGINES}
    gang = workers(FAILPOINTS=deaths(jobs), PROVIDER_SECONDS="20")  # an answer that is missed here cannot be looked for

    gang.until(are_over(jobs.values()), seconds=600)

    all_are_bought_once_and_kept(jobs, town, tmp_path)


def test_poison_is_stuck_for_an_operator_with_its_money_held_while_the_others_go_on(workers, order, town):
    """F43: whoever looks at these films dies of it."""
    poisons = {("clip_ingested", slug): order(slug, "poison") for slug in echoes.ENGINES}
    others = [order(slug) for slug in echoes.ENGINES]
    gang = workers(FAILPOINTS=deaths(poisons, "die"), PROVIDER_SECONDS="20")

    gang.until(are_over([*poisons.values(), *others]))

    assert {slug: state(job) for (_place, slug), job in poisons.items()} == dict.fromkeys(echoes.ENGINES, State.STUCK)
    held = Hold.objects.filter(state=Hold.State.HELD).values_list("job_id", flat=True)
    assert set(held) == {job.pk for job in poisons.values()}
    assert {state(job) for job in others} == {State.READY}
    assert [len(fake.created) for fake in town.fakes.values()] == [2] * len(echoes.ENGINES)
    assert invariants.broken() == []


def deaths(jobs, how="kill") -> str:
    return ",".join(f"{place}@{job.pk}={how}" for (place, _slug), job in jobs.items())


def all_are_bought_once_and_kept(jobs, town, folder):
    wrong = {asked: story(job) for asked, job in jobs.items() if state(job) != State.READY}
    assert not wrong
    assert len(list(folder.glob("failpoint-*"))) == len(jobs), "somebody was not killed"
    for (place, slug), job in jobs.items():
        assert len(made_of(town.fakes[slug], job)) == 1, (place, slug)
        assert Clip.objects.get(job=job).file("mezzanine"), (place, slug)
    assert {hold.state for hold in Hold.objects.all()} == {Hold.State.SETTLED}
    assert sum(len(fake.created) for fake in town.fakes.values()) == len(jobs)
    assert invariants.broken() == []


@pytest.mark.parametrize("slug", ["echo-none", "echo-webhook"])
@pytest.mark.parametrize(("place", "bought"), [("after_intent", 0), ("after_answer", 1)])
def test_where_nothing_can_be_found_again_the_job_says_so_and_nothing_is_sent_twice(
    workers, order, town, slug, place, bought
):
    job = order(slug)
    gang = workers(FAILPOINTS=f"{place}=kill")

    gang.until(lambda: state(job) == State.UNKNOWN)

    assert len(town.fakes[slug].created) == bought
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD
    assert invariants.broken() == []


def test_workers_that_run_hear_within_seconds_what_an_operator_knows_of_a_provider(workers, order, town, mika):
    """A busy answer is sent again, and once somebody knows that it may have made a clip, it never is."""
    busy = town.fakes["echo-none"]
    busy.next("submit", "busy")
    before = order("echo-none")
    gang = workers(PROVIDER_SECONDS="20")  # an answer that is missed here cannot be looked for
    gang.until(is_over(before))

    override_services.keep(ProviderManners(provider="echo-none", busy_never_creates=False), by=mika, fields=[])
    time.sleep(6)
    busy.next("submit", "busy")
    after = order("echo-none")
    gang.until(is_over(after))

    assert (state(before), state(after)) == (State.READY, State.UNKNOWN), story(after)
    assert len(busy.created) == 1
    assert invariants.broken() == []


def test_workers_frozen_over_their_lease_neither_write_nor_send_when_they_wake(workers, order, town, tmp_path):
    """F10: at each provider one wakes with an answer, and one with a request that it was about to send."""
    jobs = {(place, slug): order(slug, f"a cat, {place}") for place in IN_THE_DARK for slug in echoes.ENGINES}
    gang = workers(FAILPOINTS=deaths(jobs, "stop"), PROVIDER_SECONDS="8", PROVIDER_PACE="0.01", WORKERS="12")
    gang.until(lambda: sum(_is_stopped(pid) for pid in gang.pids()) == len(jobs))
    frozen = [pid for pid in gang.pids() if _is_stopped(pid)]

    gang.until(are_over(jobs.values()))
    meanwhile = {asked: state(job) for asked, job in jobs.items()}
    for pid in frozen:
        kill(pid, signal.SIGCONT)
    log = tmp_path / "work.log"
    gang.until(lambda: all(f"job {job.pk} went on without this worker" in log.read_text() for job in jobs.values()))
    gang.until(lambda: not studio.unsettled().exists())

    assert meanwhile == {(place, slug): _known_of(slug) for place, slug in jobs}
    all_are_bought_once_and_kept(jobs, town, tmp_path)
    assert Attempt.objects.filter(outcome=Attempt.Outcome.ACCEPTED).count() == len(jobs)


def _known_of(slug):
    """What the others can say of a clip whose worker does not wake."""
    return State.READY if slug in CAN_LOOK else State.UNKNOWN


def _is_stopped(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def test_lost_answers_and_killed_workers_together_buy_nothing_twice(workers, order, town):
    """A small chaos, for every run of the tests; ``make bench NAME=chaos`` is the large one."""
    for slug in ("echo-own", "echo-list"):
        town.fakes[slug].next("submit", *["", "cut_after_create", "", "html_502_after_create", "busy"] * 2)
    jobs = [order(slug, f"cat number {n}") for n in range(10) for slug in ("echo-own", "echo-list")]
    gang = workers(2)
    kills = 0

    def trouble():
        nonlocal kills
        kills += bool(kills < 8 and gang.kill_one())
        if kills < 8 and studio.unsettled().count() < 4:  # a quick machine is not done before it has had its trouble
            jobs.append(order("echo-own", f"cat number {len(jobs)}"))

    gang.until(lambda: kills == 8 and not studio.unsettled().exists(), every=1.0, meanwhile=trouble)

    assert {state(job) for job in jobs} == {State.READY}
    made = [task for slug in ("echo-own", "echo-list") for task in town.fakes[slug].created]
    assert len(made) == len(jobs), "something was bought twice"
    assert invariants.broken() == []


def test_an_engine_that_sends_again_what_it_does_not_know_is_caught(workers, order, town):
    job = order("echo-own")
    gang = workers(FAILPOINTS="after_answer=kill", TWIN="yes")

    gang.until(is_over(job))

    assert len(town.fakes["echo-own"].created) == 2, "the broken twin went unnoticed: this test cannot fail"
