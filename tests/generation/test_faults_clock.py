"""Clocks that are wrong, and clocks that are set right while clips are being made (F37), at every provider's way of
finding again what was lost. On PostgreSQL each process has a clock of its own; on SQLite there is one for all."""

import json
import os
import time
from collections import deque

import pytest
import requests
from django.db.models.functions import Now
from django.test import Client

from accounts.billing.models import Hold
from generation.models import Clip
from jobs import maintenance
from jobs.models import Attempt, Job, State
from tests.fakes import echoes
from tests.site_processes import workers
from tests.site_processes.clock import Clock
from tests.site_processes.fault_run import SEARCHABLE, describe, have_ended, read_state, tasks_of
from tests.site_processes.web_server import build_form, sign_in

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
EVERYWHERE = tuple(echoes.ENGINES)
LONG_TIMEOUT = "20"  # seconds for one request: an answer that is missed here is not what these tests are about
FREE = "nothing was charged."


def lose_answers(run, word):
    for slug in EVERYWHERE:
        run.town.fakes[slug].script[word] = {"submit": deque(["cut_after_create"])}


def callback_for(run, job) -> dict:
    [task] = tasks_of(run.town.fakes["echo-webhook"], job)
    return {"id": task.id, "ref": task.ref, "stage": "succeeded"}


def door(run) -> str:
    return f"/webhooks/echo-webhook/{run.connection('echo-webhook').webhook_token}/"


def make_for_long(run):
    for fake in run.town.fakes.values():
        fake.running = 3600


def finish(run):
    for fake in run.town.fakes.values():
        fake.running = 0


def told(jobs) -> dict:
    return {slug: read_state(job) for slug, job in jobs.items()}


def stories(jobs, wanted) -> str:
    """Of those that are not as wanted: what their pages say, and when they are due."""
    others = [job for slug, job in jobs.items() if told({slug: job})[slug] != wanted]
    rows = Job.objects.filter(pk__in=[job.pk for job in others]).annotate(read_at=Now())
    due = rows.values("provider", "read_at", "next_run_at", "lease_until", "lease_owner", "deadline_at", "fence")
    return "\n".join(map(str, [*due, *map(describe, others)]))


def money(jobs) -> set:
    return set(Hold.objects.filter(job_id__in=[job.pk for job in jobs]).values_list("state", flat=True))


def all_are_bought_once(run, *asked):
    for jobs in asked:
        assert {slug: len(tasks_of(run.town.fakes[slug], job)) for slug, job in jobs.items()} == dict.fromkeys(jobs, 1)
    assert sum(len(fake.created) for fake in run.town.fakes.values()) == sum(map(len, asked))
    assert maintenance.find_violations() == []


@pytest.mark.postgres  # SQLite's clock is the process's own: there is no other one to go by
@pytest.mark.parametrize("skew", ["+2h", "-2h"])
def test_workers_whose_clock_is_wrong_decide_nothing_by_it(run, skew):
    """At every provider one answer comes and one is lost."""
    lose_answers(run, "lost")
    heard = {slug: run.create_job(slug) for slug in EVERYWHERE}
    lost = {slug: run.create_job(slug, "a cat [lost]") for slug in EVERYWHERE}
    gang = run.start_workers(before=("faketime", "-f", skew), PROVIDER_SECONDS=LONG_TIMEOUT)
    gang.until(lambda: tasks_of(run.town.fakes["echo-webhook"], lost["echo-webhook"]))
    Client().post(door(run), json.dumps(callback_for(run, lost["echo-webhook"])), "application/json")

    waited = [lost[slug] for slug in EVERYWHERE if slug != "echo-none"]
    gang.until(lambda: all(read_state(job) in workers.ENDED for job in waited))
    gang.until(have_ended([*heard.values(), lost["echo-none"]]))

    assert told(heard) == dict.fromkeys(EVERYWHERE, State.READY), [describe(job) for job in heard.values()]
    assert told(lost) == dict.fromkeys(EVERYWHERE, State.READY) | {"echo-none": State.UNKNOWN}
    assert money([lost["echo-none"]]) == {Hold.State.HELD}
    all_are_bought_once(run, heard, lost)


@pytest.mark.postgres
def test_a_clock_that_steps_back_while_clips_are_made_changes_nothing(run, tmp_path):
    """As when somebody sets a machine's time right. What is due is so by the database's clock."""
    clock = Clock(tmp_path)
    make_for_long(run)
    jobs = {slug: run.create_job(slug) for slug in EVERYWHERE}
    gang = run.start_workers(**clock.environment, PROVIDER_SECONDS=LONG_TIMEOUT)
    gang.until(lambda: set(told(jobs).values()) == {State.RUNNING})

    clock.set("-2h")
    assert clock.read_offset() < -7000, "no clock stepped back: the test proves nothing"
    changed_at = time.monotonic()
    lose_answers(run, "lost")
    later = {slug: run.create_job(slug) for slug in EVERYWHERE}
    lost = {slug: run.create_job(slug, "a cat [lost]") for slug in SEARCHABLE}
    every = [*jobs.values(), *later.values(), *lost.values()]
    gang.until(lambda: len(asked_after(run, changed_at)) == len(every))
    finish(run)
    gang.until(have_ended(every))

    assert {read_state(job) for job in every} == {State.READY}, [*map(describe, every)]
    all_are_bought_once(run, jobs, later, lost)


def asked_after(run, since) -> set:
    """The tasks that somebody asked after from then on."""
    return {
        call.path
        for fake in run.town.fakes.values()
        for call in list(fake.calls)
        if call.at > since and call.method == "GET" and call.path.removeprefix("/tasks/") in fake.tasks
    }


@pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="there every process may have its own")
def test_one_clock_for_all_that_steps_forward_and_back_loses_nothing_and_buys_nothing_twice(run, tmp_path):
    """On SQLite the whole studio goes by the machine's clock: web, dispatcher and workers."""
    day = OneClock(run, Clock(tmp_path))
    day.goes_ahead_while_answers_come_and_clips_are_made()
    day.goes_back_while_answers_come_and_clips_are_made()
    day.goes_on()


class OneClock:
    """The acts of that run; people ask by the real page, whose server goes by the same clock."""

    def __init__(self, run, clock):
        self.run, self.clock, self.cookies = run, clock, sign_in(run.user)
        make_for_long(run)
        self.web = run.start_web_server(**clock.environment)
        facts = {"WORKERS": "9", "PROVIDER_SECONDS": LONG_TIMEOUT, "WATCHDOG_SECONDS": "100000"}  # a step is no death
        self.gang = run.start_workers(failpoints=["after_answer=hold"], **facts, **clock.environment)
        self.all = []

    def ask(self, words, slugs=EVERYWHERE, *, let_go=True) -> dict:
        """At each provider; ``let_go``: no answer to it is kept on its way."""
        for slug in slugs:
            answer = self.web.create_clip(build_form(self.run.connection(slug), words), self.cookies)
            assert answer.status_code == 302, answer.text[:3000]
        jobs = {slug: Clip.objects.get(provider=slug, prompt=words).job for slug in slugs}
        if let_go:
            self.let_go(jobs)
        self.all.append(jobs)
        return jobs

    def mark(self, job):
        return self.run.folder / f"failpoint-after_answer-{job.pk}"

    def let_go(self, jobs):
        for job in jobs.values():
            mark = self.mark(job)
            mark.with_name(f"{mark.name}-go").touch()

    def are(self, jobs, wanted):
        self.gang.until(lambda: set(told(jobs).values()) == {wanted}, describe=lambda: stories(jobs, wanted))

    def goes_ahead_while_answers_come_and_clips_are_made(self):
        """Whatever is late by it is stopped, and says what it cost; what others took up meanwhile is found again."""
        late = self.ask("a cat in the making")
        self.are(late, State.RUNNING)
        coming = self.ask("a cat whose answer is on its way", let_go=False)
        self.gang.until(lambda: all(self.mark(job).exists() for job in coming.values()))

        self.clock.set("+2h")
        assert self.clock.read_offset() > 7000, "no clock stepped: the test proves nothing"

        self.are(late, State.TIMED_OUT)
        assert all(describe(job)[1].lower().endswith(FREE) for job in late.values()), [*map(describe, late.values())]
        assert money(late.values()) == {Hold.State.RELEASED}
        taken_up = dict.fromkeys(SEARCHABLE, State.RUNNING) | {
            "echo-none": State.UNKNOWN,
            "echo-webhook": State.UNKNOWN,
        }
        self.gang.until(lambda: told(coming) == taken_up)
        self.let_go(coming)
        self.are(coming, State.RUNNING)
        finish(self.run)
        self.are(coming, State.READY)

    def goes_back_while_answers_come_and_clips_are_made(self):
        """What waits for a later moment does not wait for the moment that the clock said before."""
        make_for_long(self.run)
        lose_answers(self.run, "lost")
        for fake in self.run.town.fakes.values():
            fake.script["wait"] = {"poll": deque(["come_back_later"] * 5000)}
        going = self.ask("a dog in the making [wait]")
        lost = self.ask("a dog [lost]")
        self.are(going, State.RUNNING)
        coming = self.ask("a dog whose answer is on its way", let_go=False)
        self.gang.until(lambda: all(self.mark(job).exists() for job in coming.values()))
        self.gang.until(lambda: read_state(lost["echo-none"]) == State.UNKNOWN)

        self.clock.set("+0")
        assert abs(self.clock.read_offset()) < 60

        self.let_go(coming)
        body = callback_for(self.run, lost["echo-webhook"])
        assert requests.post(self.web.url + door(self.run), json=body, timeout=30).status_code == 204
        finish(self.run)
        for fake in self.run.town.fakes.values():
            fake.script.clear()
        self.are(going, State.READY)
        self.are(coming, State.READY)
        self.are({slug: job for slug, job in lost.items() if slug != "echo-none"}, State.READY)
        assert money([lost["echo-none"]]) == {Hold.State.HELD}

    def goes_on(self):
        after = self.ask("an owl")
        self.are(after, State.READY)
        all_are_bought_once(self.run, *self.all)
        assert Attempt.objects.count() == sum(map(len, self.all)), "something was sent a second time"
