"""Wrong clocks: whatever time a process or the database goes by, nothing is bought twice (docs/adr/0009)."""

import json
import os
from collections import deque

import pytest
from django.test import Client

from accounts.billing.models import Hold
from jobs import maintenance
from jobs.models import State
from tests.fakes import echo_variants
from tests.site_processes import workers
from tests.site_processes.clock import Clock
from tests.site_processes.fault_run import SEARCHABLE, describe, have_ended, read_state, tasks_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
PROVIDERS = tuple(echo_variants.ENGINES)
LONG_TIMEOUT = "20"  # seconds for one request: no answer is to be missed because a machine is busy


def lose_answers(run, word):
    """Have each fake create the task of a prompt with that word and break the connection before the answer."""
    for slug in PROVIDERS:
        run.fake_server.fakes[slug].script[word] = {"submit": deque(["cut_after_create"])}


def set_running_time(run, seconds):
    for fake in run.fake_server.fakes.values():
        fake.running = seconds


def send_callback(run, job):
    [task] = tasks_of(run.fake_server.fakes["echo-webhook"], job)
    path = f"/webhooks/echo-webhook/{run.connection('echo-webhook').webhook_token}/"
    body = {"id": task.id, "ref": task.ref, "stage": "succeeded"}
    Client().post(path, json.dumps(body), "application/json")


def read_states(jobs) -> dict:
    return {slug: read_state(job) for slug, job in jobs.items()}


def assert_bought_once(run, *groups):
    for jobs in groups:
        assert {slug: len(tasks_of(run.fake_server.fakes[slug], job)) for slug, job in jobs.items()} == dict.fromkeys(
            jobs, 1
        )
    assert sum(len(fake.created) for fake in run.fake_server.fakes.values()) == sum(map(len, groups))
    assert maintenance.find_violations() == []


@pytest.mark.postgres  # SQLite has no clock but that of the process
@pytest.mark.parametrize("skew", ["+2h", pytest.param("-2h", marks=pytest.mark.deep)])
def test_workers_with_a_wrong_clock_buy_nothing_twice(run, skew):
    """At every provider one submission is answered and the answer to another one is lost."""
    lose_answers(run, "lost")
    answered = {slug: run.create_job(slug) for slug in PROVIDERS}
    lost = {slug: run.create_job(slug, "a cat [lost]") for slug in PROVIDERS}
    started = run.start_workers(before=("faketime", "-f", skew), PROVIDER_SECONDS=LONG_TIMEOUT)
    started.until(lambda: tasks_of(run.fake_server.fakes["echo-webhook"], lost["echo-webhook"]))
    send_callback(run, lost["echo-webhook"])

    findable = [lost[slug] for slug in PROVIDERS if slug != "echo-none"]
    started.until(lambda: all(read_state(job) in workers.ENDED for job in findable))
    started.until(have_ended([*answered.values(), lost["echo-none"]]))

    assert read_states(answered) == dict.fromkeys(PROVIDERS, State.READY), [*map(describe, answered.values())]
    assert read_states(lost) == dict.fromkeys(PROVIDERS, State.READY) | {"echo-none": State.UNKNOWN}
    assert Hold.objects.get(job_id=lost["echo-none"].pk).state == Hold.State.HELD
    assert_bought_once(run, answered, lost)


@pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="its clock is not that of the workers")
def test_database_clock_set_back_is_logged_and_buys_nothing_twice(run, tmp_path):
    """Jobs wait until the clock is corrected, and then continue."""
    clock = Clock(tmp_path)
    lose_answers(run, "lost")
    set_running_time(run, 3600)
    answered = {slug: run.create_job(slug) for slug in PROVIDERS}
    lost = {slug: run.create_job(slug, "a cat [lost]") for slug in SEARCHABLE}
    jobs = [*answered.values(), *lost.values()]
    started = run.start_workers(**clock.environment, PROVIDER_SECONDS=LONG_TIMEOUT, WATCHDOG_SECONDS="100000")
    started.until(lambda: {read_state(job) for job in jobs} == {State.RUNNING})

    clock.set("-2h")
    started.until(lambda: "the database clock was set back" in started.log.read_text())
    clock.set("+0")
    set_running_time(run, 0)
    started.until(have_ended(jobs))

    assert {read_state(job) for job in jobs} == {State.READY}, [*map(describe, jobs)]
    assert_bought_once(run, answered, lost)
