"""Connections configured by environment variables."""

import hashlib

import pytest

from generation.models import Clip
from generation.providers.connections import environment
from generation.providers.connections.open_connection import MOVED, open_connection
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from jobs import maintenance as job_maintenance
from jobs.models import Attempt, Job, State
from tests.generation.providers.connections.conftest import KEY

pytestmark = pytest.mark.django_db
NEW_KEY = "another-key-0123456789abcdef"


def test_environment_key_creates_one_site_connection(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_REGION", "eu")

    for _start in range(2):
        environment.sync()

    made = Connection.objects.get()
    assert (made.provider, made.scope, made.environment, made.facts) == ("echo", "site", True, {"region": "eu"})
    assert made in Connection.objects.usable_by(mika, None)
    assert open_connection(made).keys["api_key"] == KEY
    assert made.keys.count() == 0


def test_environment_connection_follows_its_key(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    monkeypatch.delenv("ECHO_API_KEY")

    environment.sync()
    assert not Connection.objects.filter(deleted_at=None).exists()

    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    assert Connection.objects.filter(deleted_at=None, is_enabled=True).count() == 1


def test_disabled_environment_connection_stays_disabled(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    Connection.objects.update(is_enabled=False)

    environment.sync()

    assert not Connection.objects.get().is_enabled


def test_environment_address_may_be_private(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_BASE_URL", "http://gpu:8188/")

    environment.sync()

    made = Connection.objects.get()
    assert (made.base_url, made.allows_private) == ("http://gpu:8188", True)


def create_running_attempt(connection, mika) -> Attempt:
    workspace, facts = mika.workspaces.get(), {"kind": "clip_elsewhere", "idem_key": "one", "request_hash": "-"}
    job = Job.objects.create(workspace=workspace, provider="echo", state=State.RUNNING, **facts)
    return Attempt.objects.create(
        job=job, n=1, client_ref="one", provider="echo", connection_id=connection.pk, outcome=Attempt.Outcome.ACCEPTED,
        provider_task_id="task-1",
    )  # fmt: skip


ADDRESSES = [
    ("ECHO_BASE_URL", "https://one.example", "https://two.example"), ("ECHO_BASE_URL", "http://gpu:8188", ""),
    ("ECHO_BASE_URL", "https://one.example/v1", "https://one.example/v2"),
    ("ECHO_REGION", "https://eu.example", "https://us.example"), ("ECHO_REGION", "eu", "us"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), ADDRESSES)
def test_new_address_creates_a_connection_and_the_old_one_finishes_its_clips(stub, monkeypatch, mika, name, old, new):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv(name, old)
    environment.sync()
    first = Connection.objects.get()
    Connection.objects.update(concurrency=7, is_default=True)
    before = open_connection(first)
    create_running_attempt(first, mika)

    monkeypatch.setenv(name, new)
    environment.sync()
    environment.sync()

    second = Connection.objects.get(deleted_at=None)
    first.refresh_from_db()
    assert first != second and not first.is_enabled and open_connection(first) == before
    opened = open_connection(second)
    assert {"ECHO_BASE_URL": opened.base_url, "ECHO_REGION": opened.extras.get("region")}[name] == (
        new or stub.base_url
    )
    assert (second.concurrency, second.is_default, second.is_enabled) == (7, True, True)
    assert second.webhook_token != first.webhook_token
    assert second in Connection.objects.usable_by(mika, None) and first not in Connection.objects.usable_by(mika, None)


def test_waiting_clips_move_to_the_new_connection(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    first = Connection.objects.get()
    running, workspace = create_running_attempt(first, mika), mika.workspaces.get()
    waiting = Job.objects.create(
        workspace=workspace, provider="echo", kind="clip_elsewhere", idem_key="two", request_hash="-"
    )
    for job in (running.job, waiting):
        Clip.objects.create(workspace=workspace, job=job, provider="echo", connection=first, prompt="a cat", seed=1)

    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")
    environment.sync()

    second = Connection.objects.get(deleted_at=None)
    assert Clip.objects.get(job=waiting).connection == second
    assert Clip.objects.get(job=running.job).connection == first


def test_idle_connection_gets_the_new_address(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")

    environment.sync()

    assert Connection.objects.get().base_url == "https://two.example"


@pytest.mark.parametrize("is_synced", [True, False])
def test_new_key_with_a_new_address_is_not_sent_to_the_old_one(stub, monkeypatch, mika, is_synced):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_BASE_URL", "https://one.example")
    environment.sync()
    first = Connection.objects.get()
    before = open_connection(first)
    create_running_attempt(first, mika)

    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")
    monkeypatch.setenv("ECHO_API_KEY", NEW_KEY)
    if is_synced:
        environment.sync()
        assert open_connection(Connection.objects.get(deleted_at=None)).keys["api_key"] == NEW_KEY

    first.refresh_from_db()
    with pytest.raises(RemoteError) as refused:
        open_connection(first)
    assert (refused.value.fault, refused.value.code) == (Fault.AUTH, MOVED)
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    assert open_connection(first) == before


def test_new_key_at_the_same_address_is_used_at_once(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    create_running_attempt(Connection.objects.get(), mika)
    monkeypatch.setenv("ECHO_API_KEY", NEW_KEY)

    assert open_connection(Connection.objects.get()).keys["api_key"] == NEW_KEY
    environment.sync()
    assert open_connection(Connection.objects.get()).keys["api_key"] == NEW_KEY


def test_keys_digest_hides_the_key_and_survives_a_new_secret(stub, monkeypatch, settings):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    first = Connection.objects.get().keys_digest
    assert len(first) == 64 and first not in {hashlib.sha256(KEY.encode()).hexdigest(), KEY}
    Connection.objects.update(health=Connection.Health.GOOD)

    settings.CONNECTION_KEYS = ["another-secret-of-the-install", *settings.CONNECTION_KEYS]
    environment.sync()

    connection = Connection.objects.get()
    assert connection.keys_digest != first and connection.health == Connection.Health.GOOD


def test_same_address_in_another_spelling_updates_the_connection(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_REGION", "https://eu.example")
    environment.sync()
    create_running_attempt(Connection.objects.get(), mika)

    monkeypatch.setenv("ECHO_REGION", "https://eu.example/")
    environment.sync()

    assert Connection.objects.get().facts == {"region": "https://eu.example/"}


def test_no_connection_without_a_required_key(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", " ")
    monkeypatch.setenv("ECHO_SIGNING", KEY)  # not a required key

    environment.sync()

    assert not Connection.objects.exists()


def test_workers_read_the_environment_at_start(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)

    job_maintenance.run_periodic_tasks()

    assert Connection.objects.get().environment


def test_one_of_two_alternative_keys_is_enough(monkeypatch):
    """Kling accepts one key or an older pair; neither is required by itself."""
    environment.sync()
    assert not Connection.objects.filter(provider="kling").exists()

    monkeypatch.setenv("KLING_API_KEY", KEY)
    environment.sync()

    assert Connection.objects.filter(provider="kling", environment=True).count() == 1


def test_environment_may_contain_extra_headers(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_HEADERS", r"X-Proxy-Key: abc-123\nX-Team: 7")

    environment.sync()

    connection = Connection.objects.get()
    assert open_connection(connection).headers == {"X-Proxy-Key": "abc-123", "X-Team": "7"}
    assert "abc-123" not in str(Connection.objects.values().get())


@pytest.mark.parametrize("value", ["abc-123", "Host: elsewhere", "X-Key: ключ"])
def test_invalid_environment_headers_are_reported_without_their_values(stub, monkeypatch, caplog, value):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_HEADERS", value)

    environment.sync()

    with pytest.raises(RemoteError) as refused:
        open_connection(Connection.objects.get())
    assert (refused.value.fault, refused.value.code) == (Fault.AUTH, "headers")
    assert "ECHO_HEADERS is invalid" in caplog.text and value not in caplog.text
