"""Faults of real providers: signed callbacks (F35) and keys signed with the time (F37)."""

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
from tests.fakes.server import FakeServer
from tests.generation.providers.contract import CONTRACT
from tests.processes import until
from tests.site_processes import workers
from tests.site_processes.fault_run import LONG_TIMEOUT, FaultRun, describe, have_ended, read_state

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ENTRIES = {entry.slug: entry for entry in CONTRACT}
SIGNED = {entry.slug: entry for entry in CONTRACT if entry.is_signed}
HTTPS = {"SITE_URL": "https://studio.example", "MEDIA_ORIGIN": "https://media.studio.example"}
SIGNED_KEYS = {"access_key": "AK-fake-0123456789", "secret_key": "SK-fake-0123456789abcdef"}


@pytest.fixture
def run(film, tmp_path, mika):
    """Real processes with fakes of all real providers."""
    with FakeServer([entry.make_fake(film) for entry in CONTRACT]) as fake_server:
        run = FaultRun(fake_server, tmp_path, mika)
        yield run
        run.close()


def connect(run, slug, keys=None) -> Connection:
    keys = keys or dict(ENTRIES[slug].keys) or {"api_key": run.fake_server.fakes[slug].key}
    run.connections[slug] = workers.connect(slug, run.fake_server.url(slug), keys)
    return run.connections[slug]


def create_job(run, slug, words="a cat on a roof") -> Job:
    model = provider(slug).capability("")
    options = {"ratio": model.ratios[0], "resolution": model.resolutions[0], "seconds": model.seconds[0]}
    clip = workers.create_clip(
        run.user, run.user.workspaces.get(), run.connections[slug], words, model=model.model, **options
    )
    return Job.objects.get(pk=clip.job_id)


def callback_path(run, slug) -> str:
    return f"/webhooks/{slug}/{run.connections[slug].webhook_token}/"


def sign_callback(run, job, slug, age=0.0):
    """Return headers and body of the callback for the finished task of the job."""
    fake = run.fake_server.fakes[slug]
    [task] = fake.created
    return ENTRIES[slug].callback(fake, task, time.time() - age)


def forge_callbacks(run, job, slug) -> list:
    """Return callbacks with no signature, a wrong one, no headers, and an expired signature."""
    headers, body = sign_callback(run, job, slug)
    signature_headers = [name for name in headers if "signature" in name.lower()]
    unsigned = {name: value for name, value in headers.items() if name not in signature_headers}
    wrong = headers | {name: headers[name][::-1] for name in signature_headers}
    return [(unsigned, body), (wrong, body), ({}, body), sign_callback(run, job, slug, age=2 * ENTRIES[slug].tolerance)]


def change_body(headers, body) -> tuple:
    """Return the callback with another body. Vidu does not sign the body, but refuses a repeated nonce."""
    return headers, json.dumps(json.loads(body) | {"status": "failed", "state": "failed"}).encode()


def post_all(web, calls) -> set:
    """Send all calls, shuffled and eight at a time; return the set of statuses."""
    random.shuffle(calls)
    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(lambda call: web.post_callback(*call), calls))


def test_only_signed_callbacks_are_accepted_and_none_is_needed(run):
    """F35: many forged callbacks, then genuine ones a hundred times."""
    for fake in run.fake_server.fakes.values():
        fake.running = 3600
    jobs = {slug: (connect(run, slug), create_job(run, slug))[1] for slug in SIGNED}
    web, started = run.start_web_server(**HTTPS), run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT, **HTTPS)
    started.until(lambda: {read_state(job) for job in jobs.values()} == {State.RUNNING})
    history = {slug: describe(job)[2:] for slug, job in jobs.items()}

    forged = [
        (callback_path(run, slug), *callback)
        for slug, job in jobs.items()
        for callback in forge_callbacks(run, job, slug)
    ]
    assert post_all(web, forged * 5) == {401}
    assert not WebhookEvent.objects.exists()

    callbacks = [(callback_path(run, slug), *sign_callback(run, job, slug)) for slug, job in jobs.items()]
    until(lambda: post_all(web, callbacks) <= {200, 204})  # keys are fetched now; a slow fetch answers 401
    assert post_all(web, callbacks * 10 + callbacks[:1] * 90) <= {200, 204}
    changed = [(path, *change_body(headers, body)) for path, headers, body in callbacks]
    assert post_all(web, changed * 5) == {401}
    assert sorted(WebhookEvent.objects.values_list("connection__provider", flat=True)) == sorted(SIGNED)

    assert {slug: describe(job)[2:] for slug, job in jobs.items()} == history, "a callback was believed without a poll"
    for fake in run.fake_server.fakes.values():
        fake.running = 0
    started.until(have_ended(jobs.values()))
    for slug, job in jobs.items():
        assert (read_state(job), len(run.fake_server.fakes[slug].created)) == (State.READY, 1), (slug, describe(job))
    assert set(Hold.objects.values_list("state", flat=True)) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


@pytest.mark.deep
def test_wrong_clock_is_reported_with_its_offset_if_keys_are_signed_with_the_time(run):
    """F37: nothing is sent, the connection says why, and with the right clock the clip is generated."""
    fake, connection = run.fake_server.fakes["kling"], connect(run, "kling", SIGNED_KEYS)
    fake.clock = 7200  # our clock is two hours late
    job = create_job(run, "kling")
    started = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT)

    started.until(lambda: Connection.objects.get(pk=connection.pk).health == Connection.Health.BROKEN)

    message = connection_health.describe(Connection.objects.get(pk=connection.pk))
    assert re.search(r"\(1004, clock -7[12]\d\d s", message), message
    started.until(lambda: read_state(job) == State.QUEUED)
    assert any("did not accept the account; nothing was generated there" in line for line in describe(job)), describe(
        job
    )
    assert fake.created == []
    fake.clock = 0
    Connection.objects.filter(pk=connection.pk).update(paused_until=None)  # after five minutes
    started.until(have_ended([job]))
    assert (read_state(job), len(fake.created)) == (State.READY, 1), describe(job)
    assert Connection.objects.get(pk=connection.pk).last_error == ""
    assert maintenance.find_violations() == []
