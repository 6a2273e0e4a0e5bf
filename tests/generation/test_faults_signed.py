"""What only adapters of real providers have, with real processes: signed callbacks (F35), a key signed by the time
(F37), and a call that stays open until the clip is made."""

import json
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.billing.models import Hold
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection, WebhookEvent
from generation.providers.registry import provider
from jobs import maintenance
from jobs.models import Job, State
from tests.fakes.server import Town
from tests.generation.providers.contract import CONTRACT
from tests.processes import until
from tests.site_processes import workers
from tests.site_processes.fault_run import LONG_TIMEOUT, FaultRun, describe, have_ended, read_state

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ENTRIES = {entry.slug: entry for entry in CONTRACT}
SIGNED = {entry.slug: entry for entry in CONTRACT if entry.is_signed}
BEHIND_TLS = {"SITE_URL": "https://studio.example", "MEDIA_ORIGIN": "https://media.studio.example"}
SIGNED_KEYS = {"access_key": "AK-fake-0123456789", "secret_key": "SK-fake-0123456789abcdef"}


@pytest.fixture
def run(film, tmp_path, mika):
    """A studio of real processes, with fakes of all real providers."""
    with Town([entry.make_fake(film) for entry in CONTRACT]) as town:
        made = FaultRun(town, tmp_path, mika)
        yield made
        made.close()


def connect(run, slug, keys=None) -> Connection:
    keys = keys or dict(ENTRIES[slug].keys) or {"api_key": run.town.fakes[slug].key}
    run.connections[slug] = workers.connect(slug, run.town.url(slug), keys)
    return run.connections[slug]


def order(run, slug, words="a cat on a roof") -> Job:
    able = provider(slug).capability("")
    asked = {"ratio": able.ratios[0], "resolution": able.resolutions[0], "seconds": able.seconds[0]}
    clip = workers.create_clip(
        run.user, run.user.workspaces.get(), run.connections[slug], words, model=able.model, **asked
    )
    return Job.objects.get(pk=clip.job_id)


def door(run, slug) -> str:
    return f"/webhooks/{slug}/{run.connections[slug].webhook_token}/"


def genuine(run, job, slug, age=0.0):
    """Return headers and body of the callback for the finished task of the job."""
    fake = run.town.fakes[slug]
    [task] = fake.created
    return ENTRIES[slug].callback(fake, task, time.time() - age)


def forgeries(run, job, slug) -> list:
    """Return callbacks without a signature, with a wrong one, without headers, and with one of long ago."""
    headers, body = genuine(run, job, slug)
    signs = [name for name in headers if "signature" in name.lower()]
    bare = {name: value for name, value in headers.items() if name not in signs}
    bent = headers | {name: headers[name][::-1] for name in signs}
    return [(bare, body), (bent, body), ({}, body), genuine(run, job, slug, age=2 * ENTRIES[slug].tolerance)]


def with_another_body(headers, body) -> tuple:
    """Vidu does not sign the body: there a repeated nonce gives the forgery away."""
    return headers, json.dumps(json.loads(body) | {"status": "failed", "state": "failed"}).encode()


def call_all(web, calls) -> set:
    """Send all calls, shuffled and eight at a time; return the set of statuses."""
    random.shuffle(calls)
    with ThreadPoolExecutor(8) as crowd:
        return set(crowd.map(lambda call: web.post_callback(*call), calls))


def test_only_signed_callbacks_count_however_often_they_come_and_none_is_needed(run):
    """F35: forged over and over, then genuine a hundred times."""
    for fake in run.town.fakes.values():
        fake.running = 3600
    jobs = {slug: (connect(run, slug), order(run, slug))[1] for slug in SIGNED}
    web, gang = run.start_web_server(**BEHIND_TLS), run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT, **BEHIND_TLS)
    gang.until(lambda: {read_state(job) for job in jobs.values()} == {State.RUNNING})
    history = {slug: describe(job)[2:] for slug, job in jobs.items()}

    forged = [(door(run, slug), *each) for slug, job in jobs.items() for each in forgeries(run, job, slug)]
    assert call_all(web, forged * 5) == {401}
    assert not WebhookEvent.objects.exists()

    told = [(door(run, slug), *genuine(run, job, slug)) for slug, job in jobs.items()]
    until(lambda: call_all(web, told) <= {200, 204})  # their keys are asked for now; who waits too long gets 401
    assert call_all(web, told * 10 + told[:1] * 90) <= {200, 204}
    altered = [(where, *with_another_body(headers, body)) for where, headers, body in told]
    assert call_all(web, altered * 5) == {401}
    assert sorted(WebhookEvent.objects.values_list("connection__provider", flat=True)) == sorted(SIGNED)

    assert {slug: describe(job)[2:] for slug, job in jobs.items()} == history, "a callback was believed without a poll"
    for fake in run.town.fakes.values():
        fake.running = 0
    gang.until(have_ended(jobs.values()))
    for slug, job in jobs.items():
        assert (read_state(job), len(run.town.fakes[slug].created)) == (State.READY, 1), (slug, describe(job))
    assert set(Hold.objects.values_list("state", flat=True)) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_a_wrong_clock_is_reported_with_its_offset_where_a_key_is_signed_by_the_time(run):
    """F37: nothing was sent, the connection says why, and once the clock is right the clip is made."""
    fake, connection = run.town.fakes["kling"], connect(run, "kling", SIGNED_KEYS)
    fake.clock = 7200  # theirs is right, ours two hours late
    job = order(run, "kling")
    gang = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT)

    gang.until(lambda: Connection.objects.get(pk=connection.pk).health == Connection.Health.BROKEN)

    said = connection_health.describe(Connection.objects.get(pk=connection.pk))
    assert re.search(r"\(1004, clock -7[12]\d\d s", said), said
    gang.until(lambda: read_state(job) == State.QUEUED)
    assert any("did not accept the account; nothing was generated there" in line for line in describe(job)), describe(
        job
    )
    assert fake.created == []
    fake.clock = 0
    Connection.objects.filter(pk=connection.pk).update(paused_until=None)  # after five minutes
    gang.until(have_ended([job]))
    assert (read_state(job), len(fake.created)) == (State.READY, 1), describe(job)
    assert Connection.objects.get(pk=connection.pk).last_error == ""
    assert maintenance.find_violations() == []
