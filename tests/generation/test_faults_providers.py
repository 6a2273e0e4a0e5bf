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
from tests.fakes import echoes
from tests.site_processes import workers
from tests.site_processes.fault_run import AT_REST, LONG_TIMEOUT, SEARCHABLE, describe, have_ended, read_state, tasks_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SLUGS = pytest.mark.parametrize(
    "slugs",
    [("echo-own", "echo-none"), pytest.param(tuple(echoes.ENGINES), marks=pytest.mark.deep)],
    ids=["two", "all"],
)
BAD = 12  # more than anybody tries
CHARGED = "This job was charged."
FILM_BYTES = 32 << 20  # less than what comes without an end (64 MiB), more than the bomb becomes (20 MiB)

# word → what the provider does to the request; where the worker dies meanwhile; the number of tasks at providers that
# can be asked (the clip is ready there); the state and the number of tasks at those that cannot
AT_SUBMIT = {
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
# word → what happens to polls, and to the download; where the worker dies meanwhile; the state in which the job ends
AFTERWARDS = {
    "f31 endless": (["unknown_word"] * 5000, [], "before_running", State.TIMED_OUT),
    "f31 backwards": (["unknown_word", "queued_again", "html_502", "cut", "queued_again"], [], "", State.READY),
    "f32 no film": ([], ["not_a_film", "html", "gzip_bomb"] * BAD, "before_fetching", State.LOST_RESULT),
    "f32 huge": ([], ["huge"] * BAD, "", State.LOST_RESULT),
    "f32 without end": ([], ["endless"] * BAD, "", State.LOST_RESULT),
    "f32 cut short": ([], ["truncated", "empty"], "clip_fetched", State.READY),
    "f33 expired": ([], ["expired", "gone"], "before_fetching", State.READY),
    "f34 inside": ([], ["redirect_inside", "redirect_home", "redirect_file"] * BAD, "", State.LOST_RESULT),
}


def dies(place, job):
    return [f"{place}@{job.pk}=kill"] if place else []


def script(run, word, **faults):
    """Make the fakes misbehave to clips with [word] in their prompt."""
    for fake in run.town.fakes.values():
        fake.script[word] = {sort: deque(names) for sort, names in faults.items() if names}


@SLUGS
def test_whatever_a_provider_does_to_a_request_nothing_is_bought_twice(run, slugs):
    jobs, deaths = {}, []
    for word, (faults, place, *_rest) in AT_SUBMIT.items():
        script(run, word, submit=faults)
        for slug in slugs:
            jobs[word, slug] = job = run.create_job(slug, f"a cat [{word}]")
            deaths += dies(place, job)
    for slug in slugs:
        _somebody_elses_task(run, slug)

    gang = run.start_workers(failpoints=deaths, PROVIDER_SECONDS=LONG_TIMEOUT)
    gang.until(have_ended(jobs.values()), seconds=600)

    for (word, slug), job in jobs.items():
        _faults, _place, found, otherwise, made = AT_SUBMIT[word]
        wanted = (State.READY, found) if slug in SEARCHABLE else (otherwise, made)
        assert (read_state(job), len(tasks_of(run.town.fakes[slug], job))) == wanted, (word, slug, describe(job))
    assert maintenance.find_violations() == []
    unknown = Job.objects.filter(state=State.UNKNOWN).values("pk")
    assert set(Hold.objects.filter(job_id__in=unknown).values_list("state", flat=True)) == {Hold.State.HELD}
    assert Attempt.objects.filter(provider_task_id=echoes.TAKEN).count() == len(slugs)


@pytest.mark.parametrize("run", [echoes.PROVES_NOTHING], indirect=True)
def test_what_a_list_that_proves_nothing_does_not_show_is_unknown_and_never_sent_twice(run):
    """F02 and F03: one worker dies before it has sent anything, another when all is sent and before it has said so."""
    [(slug, fake)] = run.town.fakes.items()
    unsent, sent = run.create_job(slug, "a cat [never sent]"), run.create_job(slug, "a cat [sent]")
    gang = run.start_workers(failpoints=dies("after_intent", unsent) + dies("after_answer", sent), PROVIDER_SECONDS="3")

    gang.until(lambda: read_state(unsent) in AT_REST and read_state(sent) in workers.ENDED)
    look_again = Job.objects.filter(pk=unsent.pk, state=State.UNKNOWN, lease_until=None)
    gang.until(
        lambda: read_state(unsent) != State.UNKNOWN or unsent.attempts.get().searches > PROVING_SEARCHES,
        meanwhile=lambda: look_again.update(next_run_at=Now()),
    )

    assert (read_state(unsent), read_state(sent)) == (State.UNKNOWN, State.READY), [describe(unsent), describe(sent)]
    assert tasks_of(fake, unsent) == [] and fake.created == tasks_of(fake, sent)
    assert len([call for call in fake.calls if call.method == "POST"]) == 1
    assert Hold.objects.get(job_id=unsent.pk).state == Hold.State.HELD
    assert unsent.attempts.count() == 1 and maintenance.find_violations() == []


@pytest.mark.deep
def test_a_provider_that_names_a_time_gets_no_request_before_and_then_users_take_turns(run, ren):
    """F27: Mika has several jobs queued at a connection that makes one at a time, and Ren comes last."""
    fake, connection = run.town.fakes["echo-own"], run.connection("echo-own")
    Connection.objects.filter(pk=connection.pk).update(concurrency=1)
    script(run, "f27", submit=["come_back_later"] * 2)
    jobs = [run.create_job("echo-own", "a cat [f27]") for _ in range(4)]
    clip = workers.create_clip(ren, ren.workspaces.get(), connection, "an owl [f27]", model="echo-1")

    run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT).until(have_ended([*jobs, clip.job]), seconds=400)

    assert {read_state(job) for job in [*jobs, clip.job]} == {State.READY}, [describe(job) for job in [*jobs, clip.job]]
    sent = [call.at for call in fake.calls if call.method == "POST"]
    assert len(sent) == len(fake.created) + 2 == 7
    pauses = [later - before for before, later in pairwise(sent[:3])]
    assert min(pauses) > echoes.LATER - 0.05, pauses  # two clocks: the fake's and the database's
    words = [task.request["prompt"] for task in fake.created]
    assert not words[-1].startswith("an owl"), words
    assert maintenance.find_violations() == []


def _somebody_elses_task(run, slug):
    """Create a job that ended long ago, whose task id the provider will return again (F30)."""
    job = services.cancel(run.create_job(slug), by=run.user)
    Attempt.objects.create(
        job=job, n=1, client_ref=f"old-{slug}", provider=slug, connection_id=run.connection(slug).pk,
        provider_task_id=echoes.TAKEN, outcome=Attempt.Outcome.ACCEPTED,
    )  # fmt: skip


@SLUGS
def test_every_task_ends_once_while_its_key_is_replaced_and_its_connection_is_disabled(run, slugs):
    jobs, deaths = {}, []
    for word, (polls, films, place, _end) in AFTERWARDS.items():
        script(run, word, poll=polls, film=films)
        for slug in slugs:
            jobs[word, slug] = job = run.create_job(slug, f"a cat [{word}]")
            deaths += dies(place, job) if slug == "echo-none" or place != "before_running" else []
    gang = run.start_workers(failpoints=deaths, PROVIDER_SECONDS=LONG_TIMEOUT, FILM_BYTES=str(FILM_BYTES))
    gang.until(lambda: not Job.objects.filter(state__in=[State.QUEUED, State.SUBMITTING, State.UNKNOWN]).exists())
    for slug in slugs:
        _replace_key(run, slug)
    endless = [job.pk for (word, _slug), job in jobs.items() if word == "f31 endless"]
    Job.objects.filter(pk__in=endless, state=State.RUNNING).update(deadline_at="2020-01-01T00:00Z")

    gang.until(have_ended(jobs.values()), seconds=600)

    for (word, slug), job in jobs.items():
        assert read_state(job) == AFTERWARDS[word][-1], (word, slug, describe(job))
        assert len(tasks_of(run.town.fakes[slug], job)) == 1
    assert all(run.town.fakes[slug].stopped for slug in slugs), "nobody cancelled what took too long"
    lost = Job.objects.filter(state=State.LOST_RESULT)  # its film was made, so it is paid, and that is said
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
    assert Attempt.objects.filter(key_version=1).exists(), "no poll went on with the newer key"
    assert maintenance.find_violations() == []


def _replace_key(run, slug):
    """Revoke the key at the provider, replace it here, and disable the connection for new jobs (F41)."""
    run.town.fakes[slug].key = "the-newer-key-0123456789"
    connection_services.change_connection(
        run.connection(slug), by=run.user, secret={"keys": {"api_key": "the-newer-key-0123456789"}}
    )
    Connection.objects.filter(provider=slug).update(is_enabled=False)


@pytest.mark.deep
def test_a_running_task_is_polled_with_the_key_that_submitted_it(run):
    """F41: the provider accepts both keys for a while; new requests use the newer one."""
    fake, connection, newer = run.town.fakes["echo-own"], run.connection("echo-own"), "the-newer-key-0123456789"
    fake.running, older = 3600, fake.key
    fake.is_authorised = lambda request: _key_of(request) in (older, newer)
    gang, jobs = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT), [run.create_job("echo-own")]
    gang.until(lambda: read_state(jobs[0]) == State.RUNNING)

    connection_services.change_connection(connection, by=run.user, secret={"keys": {"api_key": newer}})
    changed_at = time.monotonic()
    jobs.append(run.create_job("echo-own"))
    gang.until(lambda: all(_keys(fake, job, since=changed_at) for job in jobs))
    fake.running = 0
    gang.until(have_ended(jobs))

    assert [read_state(job) for job in jobs] == [State.READY] * 2, [describe(job) for job in jobs]
    assert [_keys(fake, job, since=changed_at) for job in jobs] == [{older}, {newer}]


def _key_of(request):
    return request.headers["authorization"].removeprefix("Bearer ")


def _keys(fake, job, since):
    """Return the keys with which the job's task was polled from then on."""
    paths = {f"/tasks/{task.id}" for task in tasks_of(fake, job)}
    return {_key_of(call) for call in list(fake.calls) if call.path in paths and call.at > since}


@pytest.mark.deep  # test_faults_signed.py calls back in every run
def test_callbacks_in_any_order_and_number_have_one_effect_and_none_is_needed(run):
    script(run, "f35 lost answer", submit=["cut_after_create"])
    lost, early, quiet = (
        run.create_job("echo-webhook", f"a cat [{word}]") for word in ("f35 lost answer", "early", "f36")
    )
    gang = run.start_workers(
        failpoints=dies("after_answer", early) + dies("before_running", quiet), PROVIDER_SECONDS=LONG_TIMEOUT
    )
    fake = run.town.fakes["echo-webhook"]
    gang.until(lambda: len(fake.created) == 3)

    said = [fact for job in (lost, early) for fact in _callbacks(fake, job)]
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(4) as crowd:
        in_turn = set(one.map(lambda body: _call(run.connection("echo-webhook").webhook_token, body), said))
        answers = set(crowd.map(lambda body: _call(run.connection("echo-webhook").webhook_token, body), said * 50))
        forged = set(crowd.map(lambda body: _call("a-token-nobody-was-given", body), said))
    gang.until(lambda: all(read_state(job) in workers.ENDED for job in (lost, early, quiet)))

    assert (in_turn, answers, forged) == ({204}, {204}, {404})
    for job in (lost, early, quiet):
        assert (read_state(job), len(tasks_of(fake, job))) == (State.READY, 1), describe(job)
        assert job.events.filter(old__in=[State.SUBMITTING, State.UNKNOWN], new=State.RUNNING).count() == 1
    assert maintenance.find_violations() == []


def _callbacks(fake, job):
    """Return genuine callbacks, the last one first (F35), then of an unknown task and an unknown reference."""
    [task] = tasks_of(fake, job)
    genuine = [{"id": task.id, "ref": task.ref, "stage": stage} for stage in ("succeeded", "running", "queued")]
    return [*genuine, {"id": "nobody-knows", "ref": ""}, {"id": "", "ref": "never-sent"}]


def _call(token, body):
    try:
        answer = Client().post(f"/webhooks/echo-webhook/{token}/", json.dumps(body), "application/json")
        return answer.status_code
    finally:
        connections.close_all()
