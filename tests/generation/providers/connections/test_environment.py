"""Connections configured by environment variables."""

import hashlib

import pytest

from generation.providers.connections import environment
from generation.providers.connections.open_connection import MOVED, account_of
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from jobs import maintenance as job_maintenance
from jobs.models import Attempt, Job, State
from tests.generation.providers.connections.conftest import KEY

pytestmark = pytest.mark.django_db
NEW = "another-key-0123456789abcdef"


def test_environment_key_creates_one_site_connection(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_REGION", "eu")

    for _start in range(2):
        environment.sync()

    made = Connection.objects.get()
    assert (made.provider, made.scope, made.environment, made.facts) == ("echo", "site", True, {"region": "eu"})
    assert made in Connection.objects.usable_by(mika, None)
    assert account_of(made).keys["api_key"] == KEY
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


def being_made(connection, mika) -> Attempt:
    workspace, facts = mika.workspaces.get(), {"kind": "clip_elsewhere", "idem_key": "one", "request_hash": "-"}
    job = Job.objects.create(workspace=workspace, provider="echo", state=State.RUNNING, **facts)
    return Attempt.objects.create(
        job=job, n=1, client_ref="one", provider="echo", account=connection.pk, outcome=Attempt.Outcome.ACCEPTED,
        provider_task_id="task-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("ECHO_BASE_URL", "https://one.example", "https://two.example"), ("ECHO_BASE_URL", "http://gpu:8188", ""),
     ("ECHO_BASE_URL", "https://one.example/v1", "https://one.example/v2"),
     ("ECHO_REGION", "https://eu.example", "https://us.example"), ("ECHO_REGION", "eu", "us")],
)  # fmt: skip
def test_what_is_being_made_is_asked_after_at_its_address_and_the_new_one_counts_when_it_has_ended(
    stub, monkeypatch, mika, caplog, name, old, new
):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv(name, old)
    environment.sync()
    account = Connection.objects.get()
    before = account_of(account)
    attempt = being_made(account, mika)

    monkeypatch.setenv(name, new)
    environment.sync()

    account.refresh_from_db()
    assert account_of(account) == before
    [said] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (
        said.getMessage().startswith(f"{name} says something else than before.") and "(clips: 1)" in said.getMessage()
    )

    Job.objects.filter(pk=attempt.job_id).update(state=State.READY)
    environment.sync()

    account.refresh_from_db()
    after = account_of(account)
    reported = {"ECHO_BASE_URL": after.base_url, "ECHO_REGION": after.extras.get("region")}
    assert reported[name] == (new or stub.base_url) and after.allows_private == (name == "ECHO_BASE_URL" and bool(new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("ECHO_BASE_URL", "https://one.example", "https://two.example"), ("ECHO_BASE_URL", "http://gpu:8188", ""),
     ("ECHO_REGION", "https://eu.example", "https://us.example"), ("ECHO_REGION", "eu", "us")],
)  # fmt: skip
@pytest.mark.parametrize("is_synced", [True, False], ids=["synced", "before the first look"])
def test_a_new_key_that_came_with_a_new_address_is_not_sent_to_the_old_one(
    stub, monkeypatch, mika, caplog, name, old, new, is_synced
):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv(name, old)
    environment.sync()
    account = Connection.objects.get()
    before, attempt = account_of(account), being_made(account, mika)

    monkeypatch.setenv(name, new)
    monkeypatch.setenv("ECHO_API_KEY", NEW)
    if is_synced:
        environment.sync()
        [said] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
        assert "is not sent to the old address" in said and "(clips: 1)" in said and NEW not in said

    account.refresh_from_db()
    with pytest.raises(RemoteError) as refused:
        account_of(account)
    assert refused.value.fault == Fault.AUTH

    monkeypatch.setenv("ECHO_API_KEY", KEY)  # the old key alone, which the old address knows
    assert account_of(account) == before
    monkeypatch.setenv("ECHO_API_KEY", NEW)
    Job.objects.filter(pk=attempt.job_id).update(state=State.READY)
    Connection.objects.update(health=Connection.Health.BROKEN, last_error="refused")
    environment.sync()

    account.refresh_from_db()
    after = account_of(account)
    reported = {"ECHO_BASE_URL": after.base_url, "ECHO_REGION": after.extras.get("region")}
    assert reported[name] == (new or stub.base_url) and after.keys["api_key"] == NEW
    assert (account.health, account.last_error) == (Connection.Health.UNTESTED, "")


def test_a_new_key_at_the_same_address_counts_at_once_whatever_is_being_made(stub, monkeypatch, mika, caplog):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_BASE_URL", "https://one.example")
    environment.sync()
    being_made(Connection.objects.get(), mika)
    monkeypatch.setenv("ECHO_API_KEY", NEW)

    assert account_of(Connection.objects.get()).keys["api_key"] == NEW
    environment.sync()
    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")
    environment.sync()

    kept = account_of(Connection.objects.get())
    assert (kept.base_url, kept.keys["api_key"]) == ("https://one.example", NEW)


def test_the_row_tells_nobody_its_key_and_knows_it_again_under_a_new_secret_of_the_install(stub, monkeypatch, settings):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    first = Connection.objects.get().keys_digest
    assert len(first) == 64 and first not in {hashlib.sha256(KEY.encode()).hexdigest(), KEY}
    Connection.objects.update(health=Connection.Health.GOOD)

    settings.CONNECTION_KEYS = ["another-secret-of-the-install", *settings.CONNECTION_KEYS]
    environment.sync()

    account = Connection.objects.get()
    assert account.keys_digest != first and account.health == Connection.Health.GOOD


@pytest.fixture
def held_back(stub, monkeypatch, mika):
    """``held_back()``: what is being made is asked after at the old address; the environment names a new one, and the
    same key."""
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_BASE_URL", "https://one.example")
    environment.sync()
    being_made(Connection.objects.get(), mika)
    return lambda: monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")


def reached_with() -> tuple[str, str]:
    account = account_of(Connection.objects.get())
    return account.base_url, account.keys["api_key"]


def test_a_row_from_before_its_keys_were_known_again_goes_on_at_its_address_with_the_same_key(
    held_back, monkeypatch, caplog
):
    Connection.objects.update(keys_digest="")
    held_back()

    assert reached_with() == ("https://one.example", KEY), "before the first look"
    environment.sync()

    assert reached_with() == ("https://one.example", KEY)
    assert "The old words count until" in caplog.text and "is not sent to the old" not in caplog.text
    monkeypatch.setenv("ECHO_API_KEY", NEW)  # one that comes after that is known for a new one
    with pytest.raises(RemoteError):
        reached_with()


def test_a_row_from_before_its_keys_were_known_again_stays_as_well_as_it_is_at_the_first_look(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    Connection.objects.update(keys_digest="", health=Connection.Health.GOOD)

    environment.sync()

    account = Connection.objects.get()
    assert account.keys_digest and account.health == Connection.Health.GOOD


def test_what_is_held_back_knows_its_key_again_once_the_older_secret_of_the_install_is_gone(held_back, settings):
    held_back()
    environment.sync()

    settings.CONNECTION_KEYS = ["another-secret-of-the-install", *settings.CONNECTION_KEYS]
    environment.sync()
    settings.CONNECTION_KEYS = ["another-secret-of-the-install"]
    environment.sync()

    assert reached_with() == ("https://one.example", KEY)


def test_what_names_the_same_place_counts_at_once_whatever_is_being_made(stub, monkeypatch, mika, caplog):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_REGION", "https://eu.example")
    environment.sync()
    being_made(Connection.objects.get(), mika)

    monkeypatch.setenv("ECHO_REGION", "https://eu.example/")
    environment.sync()

    assert Connection.objects.get().facts == {"region": "https://eu.example/"}
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_no_connection_without_a_required_key(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", " ")
    monkeypatch.setenv("ECHO_SIGNING", KEY)  # it can do without this one, and not with this one alone

    environment.sync()

    assert not Connection.objects.exists()


def test_workers_read_the_environment_at_start(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)

    job_maintenance.run()

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

    account = Connection.objects.get()
    assert account_of(account).headers == {"X-Proxy-Key": "abc-123", "X-Team": "7"}
    assert "abc-123" not in str(Connection.objects.values().get())


@pytest.mark.parametrize("words", ["abc-123", "Host: elsewhere", "X-Key: ключ"])
def test_invalid_environment_headers_are_reported_without_their_values(stub, monkeypatch, caplog, words):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_HEADERS", words)

    environment.sync()

    with pytest.raises(RemoteError) as refused:
        account_of(Connection.objects.get())
    assert (refused.value.fault, refused.value.code) == (Fault.AUTH, "headers")
    assert "ECHO_HEADERS is not understood" in caplog.text and words not in caplog.text


def test_another_header_that_came_with_another_address_is_not_sent_to_the_old_one(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_HEADERS", "X-Proxy-Key: one")
    environment.sync()
    being_made(Connection.objects.get(), mika)
    monkeypatch.setenv("ECHO_HEADERS", "X-Proxy-Key: two")
    monkeypatch.setenv("ECHO_BASE_URL", "https://two.example")

    environment.sync()

    with pytest.raises(RemoteError) as refused:
        account_of(Connection.objects.get())
    assert refused.value.code == MOVED
