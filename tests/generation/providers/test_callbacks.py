"""The callback endpoint: a genuine callback makes the poll due once, and its content is ignored.

The endpoint is shared code, tested with one provider with plain and one with signed callbacks. The signatures of each
provider are tested in test_contract_callbacks.py.
"""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from common import secrets
from generation.providers.connections import services as connection_services
from generation.providers.connections.open_connection import build_webhook_url
from generation.providers.models import Connection, ConnectionKey, WebhookEvent
from jobs.models import Attempt, Job, State
from tests.factories import UserFactory
from tests.generation.providers.contract import CALLERS, GEMINI, GEMINI_STATIC, KLING, REPLICATE, SIGNED_CALLERS

pytestmark = pytest.mark.django_db
PLAIN_AND_SIGNED = (KLING, REPLICATE)
KEY_SIGNED = (REPLICATE, GEMINI_STATIC)
"""Callbacks signed with a secret of the connection, fetched from the provider or pasted."""
MONTH = timedelta(days=30)


def test_the_expected_providers_have_callbacks():
    expected = {"fal", "replicate", "gemini", "vidu", "kling", "minimax", "minimax-v2", "ark", "pixverse"}
    assert {entry.slug for entry in CALLERS} == expected | {"luma-dream-machine"}


def test_only_a_site_with_a_public_https_address_requests_callbacks(settings):
    connection = Connection(provider="kling")
    for site, is_https in (("http://127.0.0.1:8000", False), ("https://studio.example", True)):
        settings.SITE_URL, settings.IS_HTTPS = site, is_https
        assert bool(build_webhook_url(connection)) == is_https


@pytest.fixture
def start_job(build_harness, fake_server, settings):
    """``start_job(entry)``: a running job whose next poll is far away, with its task and callback address."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True

    def create(entry):
        connection = Connection.objects.create(provider=entry.slug, label="mine", base_url=fake_server.url(entry.slug))
        return RunningJob(build_harness(entry, webhook=build_webhook_url(connection)), connection)

    return create


@pytest.fixture(params=PLAIN_AND_SIGNED, ids=lambda entry: entry.name)
def running(request, start_job):
    return start_job(request.param)


class RunningJob:
    """A job at a provider whose next poll is far away, and its callback address."""

    def __init__(self, harness, connection):
        self.harness, self.slug = harness, harness.entry.slug
        sealed = secrets.encrypt({"keys": dict(harness.connection.keys), "headers": {}})
        ConnectionKey.objects.create(connection=connection, version=0, sealed=sealed)
        self.address = f"/webhooks/{self.slug}/{connection.webhook_token}/"
        submitted = harness.submit()
        self.task = harness.fake.tasks[submitted.task_id]
        user = UserFactory()
        self.job = Job.objects.create(
            workspace=user.workspaces.get(), created_by=user, kind="clip_elsewhere", title="a cat", idem_key="k",
            request_hash="-", state=State.RUNNING, next_run_at=timezone.now() + MONTH,
        )  # fmt: skip
        Attempt.objects.create(
            job=self.job, n=1, client_ref="our-reference", provider=self.slug, connection_id=connection.pk,
            provider_task_id=submitted.task_id, handle=submitted.handle, outcome=Attempt.Outcome.ACCEPTED,
        )  # fmt: skip

    def sign_callback(self, at=None):
        return self.harness.entry.callback(self.harness.fake, self.task, at or time.time())

    def post(self, headers, body, address=""):
        return Client().post(address or self.address, body, "application/json", headers=headers).status_code

    def delay_poll(self):
        Job.objects.filter(pk=self.job.pk).update(next_run_at=timezone.now() + MONTH)

    @property
    def is_poll_due(self):
        self.job.refresh_from_db()
        return self.job.next_run_at <= timezone.now()

    @property
    def is_untouched(self):
        return not self.is_poll_due and not WebhookEvent.objects.exists()


def test_genuine_callback_wakes_the_poll_and_changes_nothing_else(running):
    before = len(running.harness.fake.calls)

    assert 200 <= running.post(*running.sign_callback()) < 300

    assert running.is_poll_due and running.job.state == State.RUNNING
    assert running.job.attempts.get().output == {}
    calls = {post.path.rsplit("/", 1)[-1] for post in running.harness.fake.calls[before:]}
    assert calls <= {"jwks.json", "secret"}, "more than signing keys was requested"


def test_repeated_callback_counts_once(running):
    headers, body = running.sign_callback()
    running.post(headers, body)
    running.delay_poll()

    assert {200 <= running.post(headers, body) < 300 for _again in range(5)} == {True}

    assert WebhookEvent.objects.count() == 1
    assert not running.is_poll_due


def test_callback_above_256_kilobytes_is_refused(running):
    headers, _body = running.sign_callback()

    assert running.post(headers, b" " * (256 * 1024 + 1)) == 413
    assert running.post({}, b" " * (256 * 1024)) != 413

    assert running.is_untouched


def test_forged_callback_is_refused(running):
    headers, body = running.sign_callback()
    assert running.post(headers, body, f"/webhooks/{running.slug}/a-guess/") == 404
    if running.harness.entry.is_signed:
        unsigned = {name: value for name, value in headers.items() if "signature" not in name.lower()}
        changed = headers | {name: value[::-1] for name, value in headers.items() if "signature" in name.lower()}
        assert {running.post(wrong, body) for wrong in (unsigned, changed, {})} == {401}

    assert running.is_untouched


UNREADABLE_TIMES = ["9" * 400, "9" * 5000, "-1", "²", "", "soon", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
                    "Mon, 01 Jan 2026 00:00:00 +9999999999999999"]  # fmt: skip


@pytest.mark.parametrize("entry", SIGNED_CALLERS, ids=lambda entry: entry.name)
def test_signed_callback_with_an_unreadable_time_is_refused(entry, start_job):
    running = start_job(entry)
    headers, body = running.sign_callback()
    [name] = [name for name in headers if "timestamp" in name.lower() or name.lower() == "date"]

    assert {value: running.post(headers | {name: value}, body) for value in UNREADABLE_TIMES} == dict.fromkeys(
        UNREADABLE_TIMES, 401
    )

    assert running.is_untouched


def test_callback_at_the_address_of_another_connection_wakes_nothing(running):
    fields = Connection.objects.values("provider", "base_url").get()
    other = Connection.objects.create(label="theirs", **fields)
    ConnectionKey.objects.create(connection=other, version=0, sealed=ConnectionKey.objects.get().sealed)

    running.post(*running.sign_callback(), f"/webhooks/{running.slug}/{other.webhook_token}/")

    assert not running.is_poll_due


def test_callback_after_the_job_ended_changes_nothing(running):
    Job.objects.filter(pk=running.job.pk).update(state=State.READY, finished_at=timezone.now())

    assert 200 <= running.post(*running.sign_callback()) < 300

    assert not running.is_poll_due and running.job.state == State.READY


def test_callback_before_the_task_id_is_saved_is_kept_for_the_search(running):
    running.job.attempts.all().delete()

    assert 200 <= running.post(*running.sign_callback()) < 300

    [event] = WebhookEvent.objects.all()
    assert event.task_id == running.task.id or event.ref
    assert not running.is_poll_due


def test_unreadable_key_refuses_callbacks_and_is_logged_once(running, caplog):
    headers, body = running.sign_callback()
    ConnectionKey.objects.update(sealed="sealed by another install")
    before = Connection.objects.values().get()

    assert [running.post(headers, body) for _again in range(3)] == [401] * 3

    [line] = [record for record in caplog.records if record.name == "generation.providers.webhooks.receive"]
    assert str(before["id"]) in line.getMessage() and "cannot be decrypted" in line.getMessage()
    assert before["webhook_token"] not in line.getMessage()
    assert running.is_untouched
    assert Connection.objects.values().get() == before


ABANDONED = {"outcome": Attempt.Outcome.ABANDONED}


@pytest.fixture(params=KEY_SIGNED, ids=lambda entry: entry.name)
def key_signed_job(request, start_job):
    return start_job(request.param)


def replace_key(running):
    """Give the connection another key and secret; running tasks were sent with the previous ones."""
    keys = dict.fromkeys(running.harness.connection.keys, "another-0123456789abcdef")
    keys |= {"webhook_secret": "whsec_YW5vdGhlciBzZWNyZXQgb2YgYSB3ZWJob29r"} if "webhook_secret" in keys else {}
    connection = Connection.objects.get()
    sealed = secrets.encrypt({"keys": keys, "headers": {}})
    ConnectionKey.objects.create(connection=connection, version=1, sealed=sealed)
    Connection.objects.update(key_version=1)


@pytest.mark.parametrize("fields", [{}, ABANDONED], ids=["running", "abandoned lately"])
def test_previous_secret_is_accepted_while_a_task_sent_with_it_is_awaited(key_signed_job, fields):
    replace_key(key_signed_job)
    Attempt.objects.update(**fields)

    assert 200 <= key_signed_job.post(*key_signed_job.sign_callback()) < 300

    assert key_signed_job.is_poll_due and WebhookEvent.objects.get().task_id == key_signed_job.task.id


@pytest.mark.parametrize("reason", ["finished", "abandoned long ago", "sent with the new key"])
def test_previous_secret_is_refused_once_no_task_is_awaited(key_signed_job, reason):
    replace_key(key_signed_job)
    if reason == "finished":
        Job.objects.update(state=State.READY, finished_at=timezone.now())
    elif reason == "abandoned long ago":
        Attempt.objects.update(**ABANDONED, intent_at=timezone.now() - timedelta(days=8))
    else:
        Attempt.objects.update(key_version=1)

    assert key_signed_job.post(*key_signed_job.sign_callback()) == 401

    assert key_signed_job.is_untouched


@pytest.mark.parametrize("is_genuine", [True, False], ids=["genuine", "forged"])
def test_previous_key_is_neither_accepted_nor_sent_after_the_address_changed(key_signed_job, is_genuine, caplog):
    running = key_signed_job
    Attempt.objects.update(**ABANDONED)
    headers, body = running.sign_callback()
    connection, previous_keys = Connection.objects.get(), list(running.harness.connection.keys.values())
    keys = dict.fromkeys(running.harness.connection.keys, "another-0123456789abcdef")
    address = connection.base_url.replace("127.0.0.1", "localhost")
    connection_services.change_connection(connection, by=None, base_url=address, secret={"keys": keys})
    before = len(running.harness.fake.calls)

    if not is_genuine:
        headers = headers | {name: value[::-1] for name, value in headers.items() if "signature" in name.lower()}
    assert running.post(headers, body) == 401

    sent = [text for post in running.harness.fake.calls[before:] for text in post.headers.values()]
    assert [text for text in sent for key in previous_keys if key and key in text] == []
    assert not [record for record in caplog.records if record.name == "generation.providers.webhooks.receive"]


def test_gemini_callback_address_identifies_the_task_without_a_body(start_job):
    running = start_job(GEMINI)
    headers, _body = running.sign_callback()

    assert running.post(headers, b"{}", f"{running.address}?ref=our-reference") == 204

    running.job.refresh_from_db()
    assert running.job.next_run_at < timezone.now()
