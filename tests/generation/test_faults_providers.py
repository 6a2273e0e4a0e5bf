"""Providers that misbehave while workers are killed: F27-F36 and F41, many at the same time."""

import json
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from accounts.billing.models import Hold
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from generation.worker.download import MAX_BAD_FILES
from generation.worker.reconcile import PROVING_SEARCHES
from jobs import maintenance, services
from jobs.models import Attempt, Job, State
from tests.fakes import echo_variants
from tests.site_processes import workers
from tests.site_processes.fault_run import AT_REST, LONG_TIMEOUT, SEARCHABLE, describe, have_ended, read_state, tasks_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
TWO, ALL = ("echo-own", "echo-none"), tuple(echo_variants.ENGINES)
SLUGS = pytest.mark.parametrize("slugs", [TWO, pytest.param(ALL, marks=pytest.mark.deep)], ids=["two", "all"])
MANY = 12  # more than the maximum number of attempts
CHARGED = "This job was charged."
FILM_BYTES = 32 << 20  # below the endless download (64 MiB), above the unpacked bomb (20 MiB)

# word → faults of the submit route; failpoint that kills the worker; number of tasks at searchable providers (where
# the clip becomes ready); state and number of tasks at the others
SUBMIT_FAULTS = {
    "f27 busy": (["busy", "busy_retry_after", "busy_date"], "before_queued", 1, State.READY, 1),
    "f27 refusal not saved": (["busy"], "after_refusal", 1, State.UNKNOWN, 0),
    "f28 before": (["html_502"], "before_submitting", 1, State.UNKNOWN, 0),
    "f28 after": (["html_502_after_create"], "before_submitting", 1, State.UNKNOWN, 1),
    "f29 reset": (["cut_after_create"], "", 1, State.UNKNOWN, 1),
    "f29 drip": (["drip_after_create"], "", 1, State.UNKNOWN, 1),
    "f29 silence": (["hang_after_create"], "", 1, State.UNKNOWN, 1),
    "f30 no json": (["no_json_after_create"], "before_submitting", 1, State.UNKNOWN, 1),
    "f30 foreign": (["another_jobs_id"], "", 1, State.UNKNOWN, 1),
    "f30 no id": (["no_id_after_create"], "", 1, State.UNKNOWN, 1),
    "f30 number": (["a_number_for_an_id"], "", 1, State.UNKNOWN, 1),
    "f30 endless id": (["an_id_of_a_megabyte"], "", 1, State.UNKNOWN, 1),
}
# all malformed responses are those of worker/test_malformed_answers.py, which reads them in every run
EVERY_RUN = [word for word in SUBMIT_FAULTS if not word.startswith("f30") or word == "f30 foreign"]
# word → faults of polls; faults of downloads; failpoint that kills the worker; final state of the job
LATER_FAULTS = {
    "f31 endless": (["unknown_word"] * 5000, [], "before_running", State.TIMED_OUT),
    "f31 backwards": (["unknown_word", "queued_again", "html_502", "cut", "queued_again"], [], "", State.READY),
    "f32 no film": ([], ["not_a_film", "html", "gzip_bomb"] * MANY, "before_fetching", State.LOST_RESULT),
    "f32 huge": ([], ["huge"] * MANY, "", State.LOST_RESULT),
    "f32 without end": ([], ["endless"] * MANY, "", State.LOST_RESULT),
    "f32 cut short": ([], ["truncated", "empty"], "clip_fetched", State.READY),
    "f33 expired": ([], ["expired", "gone"], "before_fetching", State.READY),
    "f34 inside": ([], ["redirect_inside", "redirect_home", "redirect_file"] * MANY, "", State.LOST_RESULT),
}


def kill_at(failpoint, job):
    return [f"{failpoint}@{job.pk}=kill"] if failpoint else []


def script(run, word, **faults):
    """Make the fakes misbehave to clips with [word] in their prompt."""
    for fake in run.fake_server.fakes.values():
        fake.script[word] = {sort: deque(names) for sort, names in faults.items() if names}


@pytest.mark.parametrize(
    ("slugs", "words"),
    [(TWO, EVERY_RUN), pytest.param(ALL, list(SUBMIT_FAULTS), marks=pytest.mark.deep)],
    ids=["two", "all"],
)
def test_no_fault_of_a_provider_during_submit_buys_a_clip_twice(run, slugs, words):
    jobs, failpoints = {}, []
    for word in words:
        faults, failpoint, *_rest = SUBMIT_FAULTS[word]
        script(run, word, submit=faults)
        for slug in slugs:
            jobs[word, slug] = job = run.create_job(slug, f"a cat [{word}]")
            failpoints += kill_at(failpoint, job)
    for slug in slugs:
        _create_foreign_task(run, slug)

    started = run.start_workers(failpoints=failpoints, PROVIDER_SECONDS=LONG_TIMEOUT)
    started.until(have_ended(jobs.values()), seconds=600)

    for (word, slug), job in jobs.items():
        _faults, _place, found, lost_state, made = SUBMIT_FAULTS[word]
        expected = (State.READY, found) if slug in SEARCHABLE else (lost_state, made)
        tasks = tasks_of(run.fake_server.fakes[slug], job)
        assert (read_state(job), len(tasks)) == expected, (word, slug, describe(job))
    assert maintenance.find_violations() == []
    unknown = Job.objects.filter(state=State.UNKNOWN).values("pk")
    assert set(Hold.objects.filter(job_id__in=unknown).values_list("state", flat=True)) == {Hold.State.HELD}
    assert Attempt.objects.filter(provider_task_id=echo_variants.TAKEN).count() == len(slugs)


@pytest.mark.deep  # worker/test_reconcile.py resends nothing without proof of absence in every run
@pytest.mark.parametrize("run", [echo_variants.PROVES_NOTHING], indirect=True)
def test_task_missing_in_an_incomplete_list_is_unknown_and_not_resent(run):
    """F02 and F03: one worker dies before the request, another one after the response."""
    [(slug, fake)] = run.fake_server.fakes.items()
    unsent, sent = run.create_job(slug, "a cat [never sent]"), run.create_job(slug, "a cat [sent]")
    started = run.start_workers(
        failpoints=kill_at("after_intent", unsent) + kill_at("after_answer", sent), PROVIDER_SECONDS="3"
    )

    started.until(lambda: read_state(unsent) in AT_REST and read_state(sent) in workers.ENDED)
    idle = Job.objects.filter(pk=unsent.pk, state=State.UNKNOWN, lease_until=None)
    started.until(
        lambda: read_state(unsent) != State.UNKNOWN or unsent.attempts.get().searches > PROVING_SEARCHES,
        meanwhile=lambda: idle.update(next_run_at=Now()),
    )

    assert (read_state(unsent), read_state(sent)) == (State.UNKNOWN, State.READY), [describe(unsent), describe(sent)]
    assert tasks_of(fake, unsent) == [] and fake.created == tasks_of(fake, sent)
    assert len([call for call in fake.calls if call.method == "POST"]) == 1
    assert Hold.objects.get(job_id=unsent.pk).state == Hold.State.HELD
    assert unsent.attempts.count() == 1 and maintenance.find_violations() == []


@pytest.mark.deep
def test_retry_after_is_respected_and_users_alternate_afterwards(run, ren):
    """F27: Mika has several jobs queued at a connection with one slot, and Ren comes last."""
    fake, connection = run.fake_server.fakes["echo-own"], run.connection("echo-own")
    Connection.objects.filter(pk=connection.pk).update(concurrency=1)
    script(run, "f27", submit=["come_back_later"] * 2)
    jobs = [run.create_job("echo-own", "a cat [f27]") for _ in range(4)]
    clip = workers.create_clip(ren, ren.workspaces.get(), connection, "an owl [f27]", model="echo-1")

    run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT).until(have_ended([*jobs, clip.job]), seconds=400)

    assert {read_state(job) for job in [*jobs, clip.job]} == {State.READY}, [describe(job) for job in [*jobs, clip.job]]
    sent = [call.at for call in fake.calls if call.method == "POST"]
    assert len(sent) == len(fake.created) + 2 == 7
    pauses = [later - before for before, later in pairwise(sent[:3])]
    assert min(pauses) > echo_variants.LATER - 0.05, pauses  # two clocks: the fake's and the database's
    prompts = [task.request["prompt"] for task in fake.created]
    assert not prompts[-1].startswith("an owl"), prompts
    assert maintenance.find_violations() == []


def _create_foreign_task(run, slug):
    """Create a job that ended long ago, whose task id the provider will return again (F30)."""
    job = services.cancel(run.create_job(slug), by=run.user)
    Attempt.objects.create(
        job=job, n=1, client_ref=f"old-{slug}", provider=slug, connection_id=run.connection(slug).pk,
        provider_task_id=echo_variants.TAKEN, outcome=Attempt.Outcome.ACCEPTED,
    )  # fmt: skip


@SLUGS
def test_tasks_end_once_despite_a_replaced_key_and_a_disabled_connection(run, slugs):
    jobs, failpoints = {}, []
    for word, (polls, films, failpoint, _end) in LATER_FAULTS.items():
        script(run, word, poll=polls, video=films)
        for slug in slugs:
            jobs[word, slug] = job = run.create_job(slug, f"a cat [{word}]")
            failpoints += kill_at(failpoint, job) if slug == "echo-none" or failpoint != "before_running" else []
    started = run.start_workers(failpoints=failpoints, PROVIDER_SECONDS=LONG_TIMEOUT, FILM_BYTES=str(FILM_BYTES))
    started.until(lambda: not Job.objects.filter(state__in=[State.QUEUED, State.SUBMITTING, State.UNKNOWN]).exists())
    for slug in slugs:
        _replace_key(run, slug)
    endless = [job.pk for (word, _slug), job in jobs.items() if word == "f31 endless"]
    Job.objects.filter(pk__in=endless, state=State.RUNNING).update(deadline_at="2020-01-01T00:00Z")

    started.until(have_ended(jobs.values()), seconds=600)

    for (word, slug), job in jobs.items():
        assert read_state(job) == LATER_FAULTS[word][-1], (word, slug, describe(job))
        assert len(tasks_of(run.fake_server.fakes[slug], job)) == 1
    assert all(run.fake_server.fakes[slug].stopped for slug in slugs), "overdue tasks were not cancelled"
    lost = Job.objects.filter(state=State.LOST_RESULT)  # the clip was made, so it is charged
    assert set(Hold.objects.filter(job_id__in=lost.values("pk")).values_list("state", flat=True)) == {
        Hold.State.SETTLED
    }
    assert all(job.error_public.endswith(f"or was not a video. {CHARGED}") for job in lost), [*map(describe, lost)]
    log = (run.folder / "work.log").read_text()
    for (word, slug), job in jobs.items():
        tries = len(
            [line for line in log.splitlines() if f"job {job.pk}: download from" in line and "too_large" in line]
        )
        assert tries == (MAX_BAD_FILES if word in ("f32 huge", "f32 without end") else 0), (word, slug, describe(job))
    assert Attempt.objects.filter(key_version=1).exists(), "no poll used the newer key"
    assert maintenance.find_violations() == []


def _replace_key(run, slug):
    """Revoke the key at the provider, replace it here, and disable the connection for new jobs (F41)."""
    run.fake_server.fakes[slug].key = "the-newer-key-0123456789"
    connection_services.change_connection(
        run.connection(slug), by=run.user, secret={"keys": {"api_key": "the-newer-key-0123456789"}}
    )
    Connection.objects.filter(provider=slug).update(is_enabled=False)


@pytest.mark.deep
def test_running_task_is_polled_with_the_key_that_submitted_it(run):
    """F41: the provider accepts both keys for a while; new requests use the newer one."""
    fake, connection, newer = run.fake_server.fakes["echo-own"], run.connection("echo-own"), "the-newer-key-0123456789"
    fake.running, older = 3600, fake.key
    fake.is_authorised = lambda request: _key_of(request) in (older, newer)
    started, jobs = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT), [run.create_job("echo-own")]
    started.until(lambda: read_state(jobs[0]) == State.RUNNING)

    connection_services.change_connection(connection, by=run.user, secret={"keys": {"api_key": newer}})
    changed_at = time.monotonic()
    jobs.append(run.create_job("echo-own"))
    started.until(lambda: all(_polling_keys(fake, job, since=changed_at) for job in jobs))
    fake.running = 0
    started.until(have_ended(jobs))

    assert [read_state(job) for job in jobs] == [State.READY] * 2, [describe(job) for job in jobs]
    assert [_polling_keys(fake, job, since=changed_at) for job in jobs] == [{older}, {newer}]


def _key_of(request):
    return request.headers["authorization"].removeprefix("Bearer ")


def _polling_keys(fake, job, since):
    """Return the keys with which the job's task was polled from then on."""
    paths = {f"/tasks/{task.id}" for task in tasks_of(fake, job)}
    return {_key_of(call) for call in list(fake.calls) if call.path in paths and call.at > since}


@pytest.mark.deep  # test_faults_signed.py calls back in every run
def test_repeated_unordered_callbacks_have_one_effect_and_none_is_needed(run):
    script(run, "f35 lost answer", submit=["cut_after_create"])
    lost, early, silent = (
        run.create_job("echo-webhook", f"a cat [{word}]") for word in ("f35 lost answer", "early", "f36")
    )
    started = run.start_workers(
        failpoints=kill_at("after_answer", early) + kill_at("before_running", silent), PROVIDER_SECONDS=LONG_TIMEOUT
    )
    fake = run.fake_server.fakes["echo-webhook"]
    started.until(lambda: len(fake.created) == 3)

    callbacks = [callback for job in (lost, early) for callback in _build_callbacks(fake, job)]
    with ThreadPoolExecutor(1) as single, ThreadPoolExecutor(4) as pool:
        single_answers = set(
            single.map(lambda body: _post_callback(run.connection("echo-webhook").webhook_token, body), callbacks)
        )
        answers = set(
            pool.map(lambda body: _post_callback(run.connection("echo-webhook").webhook_token, body), callbacks * 50)
        )
        forged = set(pool.map(lambda body: _post_callback("a-token-nobody-was-given", body), callbacks))
    started.until(lambda: all(read_state(job) in workers.ENDED for job in (lost, early, silent)))

    assert (single_answers, answers, forged) == ({204}, {204}, {404})
    for job in (lost, early, silent):
        assert (read_state(job), len(tasks_of(fake, job))) == (State.READY, 1), describe(job)
        assert job.events.filter(old__in=[State.SUBMITTING, State.UNKNOWN], new=State.RUNNING).count() == 1
    assert maintenance.find_violations() == []


def _build_callbacks(fake, job):
    """Return genuine callbacks in reverse order (F35), and ones of an unknown task and an unknown reference."""
    [task] = tasks_of(fake, job)
    own = [{"id": task.id, "ref": task.ref, "stage": stage} for stage in ("succeeded", "running", "queued")]
    return [*own, {"id": "nobody-knows", "ref": ""}, {"id": "", "ref": "never-sent"}]


def _post_callback(token, body):
    try:
        answer = Client().post(f"/webhooks/echo-webhook/{token}/", json.dumps(body), "application/json")
        return answer.status_code
    finally:
        connections.close_all()
