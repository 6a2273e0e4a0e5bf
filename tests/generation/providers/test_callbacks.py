"""Callbacks at our own door, of every provider that calls: they wake the poll once, and nothing else is believed."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from common import secrets
from generation.providers.connections import services as connection_services
from generation.providers.connections.open_connection import webhook_address
from generation.providers.models import Connection, ConnectionKey, WebhookEvent
from jobs.models import Attempt, Job, State
from tests.factories import UserFactory
from tests.generation.providers.contract import CALLS_TOO, CONTRACT, GEMINI

pytestmark = pytest.mark.django_db
CALLERS = [entry for entry in (*CONTRACT, *CALLS_TOO) if entry.engine().declared.has_webhooks]
FAR = timedelta(days=30)


def test_the_providers_that_call_back_are_those_of_the_issue():
    named = {"fal", "replicate", "gemini", "vidu", "kling", "minimax", "minimax-v2", "ark", "pixverse"}
    assert {entry.slug for entry in CALLERS} == named | {"luma-dream-machine"}


def test_a_site_without_a_sealed_address_of_its_own_asks_for_no_callback(settings):
    account = Connection(provider="kling")
    for site, is_https in (("http://127.0.0.1:8000", False), ("https://studio.example", True)):
        settings.SITE_URL, settings.IS_HTTPS = site, is_https
        assert bool(webhook_address(account)) == is_https


@pytest.fixture(params=CALLERS, ids=lambda entry: entry.name)
def waiting(request, desk_of, town, settings):
    """A job whose next poll is far away, the task it waits for, and the door that its provider knows."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    account = Connection.objects.create(
        provider=request.param.slug, label="mine", base_url=town.url(request.param.slug)
    )
    return Waiting(desk_of(request.param, webhook=webhook_address(account)), account)


class Waiting:
    def __init__(self, desk, account):
        self.desk, self.slug = desk, desk.entry.slug
        sealed = secrets.seal({"keys": dict(desk.account.keys), "headers": {}})
        ConnectionKey.objects.create(connection=account, version=0, sealed=sealed)
        self.door = f"/webhooks/{self.slug}/{account.webhook_token}/"
        done = desk.submit()
        self.task = desk.fake.tasks[done.task_id]
        person = UserFactory()
        self.job = Job.objects.create(
            workspace=person.workspaces.get(), created_by=person, kind="clip_elsewhere", title="a cat", idem_key="k",
            request_hash="-", state=State.RUNNING, next_run_at=timezone.now() + FAR,
        )  # fmt: skip
        Attempt.objects.create(
            job=self.job, n=1, client_ref="our-reference", provider=self.slug, account=account.pk,
            provider_task_id=done.task_id, handle=done.handle, outcome=Attempt.Outcome.ACCEPTED,
        )  # fmt: skip

    def callback(self, at=None):
        return self.desk.entry.callback(self.desk.fake, self.task, at or time.time())

    def call(self, headers, body, door=""):
        return Client().post(door or self.door, body, "application/json", headers=headers).status_code

    def sleep(self):
        Job.objects.filter(pk=self.job.pk).update(next_run_at=timezone.now() + FAR)

    @property
    def is_awake(self):
        self.job.refresh_from_db()
        return self.job.next_run_at <= timezone.now()


def test_a_genuine_callback_wakes_the_poll_and_changes_nothing_else(waiting):
    asked = len(waiting.desk.fake.calls)

    assert 200 <= waiting.call(*waiting.callback()) < 300

    assert waiting.is_awake and waiting.job.state == State.RUNNING
    assert waiting.job.attempts.get().output == {}
    asked_since = {call.path.rsplit("/", 1)[-1] for call in waiting.desk.fake.calls[asked:]}
    assert asked_since <= {"jwks.json", "secret"}, "more was asked than what signatures are made with"


def test_the_same_callback_again_and_again_counts_once(waiting):
    headers, body = waiting.callback()
    waiting.call(headers, body)
    waiting.sleep()

    assert {200 <= waiting.call(headers, body) < 300 for _again in range(5)} == {True}

    assert WebhookEvent.objects.count() == 1
    assert not waiting.is_awake


def test_a_callback_above_256_kilobytes_is_refused_and_not_kept(waiting):
    headers, _body = waiting.callback()

    assert waiting.call(headers, b" " * (256 * 1024 + 1)) == 413
    assert waiting.call({}, b" " * (256 * 1024)) != 413

    assert not WebhookEvent.objects.exists() and not waiting.is_awake


def test_a_forged_callback_wakes_nobody(waiting):
    headers, body = waiting.callback()
    assert waiting.call(headers, body, f"/webhooks/{waiting.slug}/a-guess/") == 404
    if waiting.desk.entry.is_signed:
        bare = {name: value for name, value in headers.items() if "signature" not in name.lower()}
        bent = headers | {name: value[::-1] for name, value in headers.items() if "signature" in name.lower()}
        assert {waiting.call(each, body) for each in (bare, bent, {})} == {401}

    assert not waiting.is_awake and not WebhookEvent.objects.exists()


SIGNED = [entry for entry in CALLERS if entry.is_signed]
NO_TIME = ["9" * 400, "9" * 5000, "-1", "²", "", "soon", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
           "Mon, 01 Jan 2026 00:00:00 +9999999999999999"]  # fmt: skip


@pytest.mark.parametrize("waiting", SIGNED, indirect=True, ids=lambda entry: entry.slug)
def test_a_callback_of_a_time_that_nobody_can_reckon_with_is_refused(waiting):
    headers, body = waiting.callback()
    [name] = [each for each in headers if "timestamp" in each.lower() or each.lower() == "date"]

    assert {waiting.call(headers | {name: moment}, body) for moment in NO_TIME} == {401}

    assert not waiting.is_awake and not WebhookEvent.objects.exists()


def test_a_callback_at_the_door_of_another_account_wakes_nobody(waiting):
    facts = Connection.objects.values("provider", "base_url").get()
    other = Connection.objects.create(label="theirs", **facts)
    ConnectionKey.objects.create(connection=other, version=0, sealed=ConnectionKey.objects.get().sealed)

    waiting.call(*waiting.callback(), f"/webhooks/{waiting.slug}/{other.webhook_token}/")

    assert not waiting.is_awake


def test_a_callback_that_comes_after_the_end_changes_nothing(waiting):
    Job.objects.filter(pk=waiting.job.pk).update(state=State.READY, finished_at=timezone.now())

    assert 200 <= waiting.call(*waiting.callback()) < 300

    assert not waiting.is_awake and waiting.job.state == State.READY


def test_a_callback_before_our_own_save_is_kept_for_the_search(waiting):
    """Nobody knows the task yet: it wakes nobody and is found again by its task or its reference."""
    waiting.job.attempts.all().delete()

    assert 200 <= waiting.call(*waiting.callback()) < 300

    [event] = WebhookEvent.objects.all()
    assert event.task_id == waiting.task.id or event.ref
    assert not waiting.is_awake


def test_where_the_key_cannot_be_opened_nothing_is_believed_and_the_log_says_so_once(waiting, caplog):
    headers, body = waiting.callback()
    ConnectionKey.objects.update(sealed="sealed by another install")
    before = Connection.objects.values().get()

    assert [waiting.call(headers, body) for _again in range(3)] == [401] * 3

    [line] = [each for each in caplog.records if each.name == "generation.providers.webhooks.receive"]
    assert str(before["id"]) in line.getMessage() and "cannot be opened" in line.getMessage()
    assert before["webhook_token"] not in line.getMessage()
    assert not waiting.is_awake and not WebhookEvent.objects.exists()
    assert Connection.objects.values().get() == before


KEYED = [entry for entry in CALLERS if entry.is_signed and entry.name not in ("fal", "gemini")]  # signed with theirs


def replace_key(waiting):
    """The account's owner pastes another key and another secret; what is under way was sent with those of before."""
    keys = dict.fromkeys(waiting.desk.account.keys, "another-0123456789abcdef")
    keys |= {"webhook_secret": "whsec_YW5vdGhlciBzZWNyZXQgb2YgYSB3ZWJob29r"} if "webhook_secret" in keys else {}
    account = Connection.objects.get()
    sealed = secrets.seal({"keys": keys, "headers": {}})
    ConnectionKey.objects.create(connection=account, version=1, sealed=sealed)
    Connection.objects.update(key_version=1)


GIVEN_UP = {"outcome": Attempt.Outcome.ABANDONED}


@pytest.mark.parametrize("waiting", KEYED, indirect=True, ids=lambda entry: entry.name)
@pytest.mark.parametrize("facts", [{}, GIVEN_UP], ids=["under way", "given up lately"])
def test_a_call_with_the_secret_of_then_is_believed_while_something_sent_with_it_is_awaited(waiting, facts):
    replace_key(waiting)
    Attempt.objects.update(**facts)

    assert 200 <= waiting.call(*waiting.callback()) < 300

    assert waiting.is_awake and WebhookEvent.objects.get().task_id == waiting.task.id


@pytest.mark.parametrize("waiting", KEYED, indirect=True, ids=lambda entry: entry.name)
@pytest.mark.parametrize("how", ["it is ready", "it was given up long ago", "it was sent with the newest key"])
def test_a_call_with_the_secret_of_then_is_refused_once_nothing_is(waiting, how):
    replace_key(waiting)
    if how == "it is ready":
        Job.objects.update(state=State.READY, finished_at=timezone.now())
    elif how == "it was given up long ago":
        Attempt.objects.update(**GIVEN_UP, intent_at=timezone.now() - timedelta(days=8))
    else:
        Attempt.objects.update(key_version=1)

    assert waiting.call(*waiting.callback()) == 401

    assert not waiting.is_awake and not WebhookEvent.objects.exists()


@pytest.mark.parametrize("waiting", KEYED, indirect=True, ids=lambda entry: entry.name)
@pytest.mark.parametrize("is_genuine", [True, False], ids=["genuine", "forged"])
def test_a_key_of_then_neither_proves_anything_nor_goes_anywhere_once_the_address_is_another(
    waiting, is_genuine, caplog
):
    Attempt.objects.update(**GIVEN_UP)
    headers, body = waiting.callback()
    held, before = Connection.objects.get(), list(waiting.desk.account.keys.values())
    keys = dict.fromkeys(waiting.desk.account.keys, "another-0123456789abcdef")
    connection_services.change(
        held, by=None, base_url=held.base_url.replace("127.0.0.1", "localhost"), secret={"keys": keys}
    )
    asked = len(waiting.desk.fake.calls)

    if not is_genuine:
        headers = headers | {name: value[::-1] for name, value in headers.items() if "signature" in name.lower()}
    assert waiting.call(headers, body) == 401

    heard = [text for call in waiting.desk.fake.calls[asked:] for text in call.headers.values()]
    assert [text for text in heard for key in before if key and key in text] == []
    assert not [each for each in caplog.records if each.name == "generation.providers.webhooks.receive"]


@pytest.mark.parametrize("waiting", [GEMINI], indirect=True, ids=["gemini"])
def test_our_address_wakes_its_poll_though_the_body_names_nobody(waiting):
    headers, _body = waiting.callback()

    assert waiting.call(headers, b"{}", f"{waiting.door}?ref=our-reference") == 204

    waiting.job.refresh_from_db()
    assert waiting.job.next_run_at < timezone.now()
