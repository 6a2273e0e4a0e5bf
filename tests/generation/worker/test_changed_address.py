"""Connections whose address changes: no old key is sent to the new address."""

import pytest

from generation.models import Clip
from generation.providers.connections import services as connection_services
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection, ConnectionKey
from generation.worker import reconcile, submit
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoFake, EchoProvider
from tests.fakes.server import FakeServer

pytestmark = pytest.mark.django_db
OLD_KEY, NEW_KEY = EchoFake.key, "new-key-0123456789abcdef"


@pytest.fixture
def connection(fake, connect, mika):
    made = connect(owner=mika, base_url=fake.url)
    ConnectionKey.objects.update(version=1)
    Connection.objects.update(key_version=1)
    return made


@pytest.fixture
def other_host(film, fake, settings):
    """Another host that accepts another key."""
    other = EchoFake(film)
    other.key = NEW_KEY
    with FakeServer([other]) as fake_server:
        hosts = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        settings.PROVIDER_PRIVATE_HOSTS = [*settings.PROVIDER_PRIVATE_HOSTS, *hosts]
        other.url = fake_server.url("echo")
        yield other


@pytest.fixture
def change_address(connection, other_host, mika):
    """``change_address()`` moves Mika's connection to the other host with a new key."""

    def change(key=NEW_KEY):
        current = Connection.objects.get(pk=connection.pk)
        connection_services.change_connection(
            current, by=mika, base_url=other_host.url, secret={"keys": {"api_key": key}}
        )

    return change


def received_keys(fake) -> set:
    return {call.headers.get("authorization", "").removeprefix("Bearer ") for call in fake.calls}


@pytest.fixture
def abandoned(fake, connection, create_job, run_job, mika):
    """A submission without a response that Mika released."""
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connection), until=State.SUBMITTING)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    job.refresh_from_db()
    recovery.release(job, by=mika)
    assert job.attempts.get().outcome == Attempt.Outcome.ABANDONED and len(fake.created) == 1
    return job


@pytest.mark.parametrize("key", [NEW_KEY, "any-junk-0123456789"])
def test_search_for_abandoned_attempts_sends_no_old_key_to_the_new_address(
    abandoned, fake, other_host, change_address, key
):
    polls = len(fake.calls)
    change_address(key)

    for _again in range(2):
        reconcile.search_abandoned()

    assert OLD_KEY not in received_keys(other_host) and received_keys(other_host) <= {key}
    assert len(fake.calls) == polls, "the old address was searched"
    assert list(ConnectionKey.objects.values_list("version", flat=True)) == [2]
    assert not Job.objects.exclude(pk=abandoned.pk).exists()


def test_key_of_the_new_address_is_not_sent_to_the_old_one_by_a_running_search(
    abandoned, fake, other_host, change_address, monkeypatch
):
    fake.key = "revoked-since-0123456789"
    find, polls = EchoProvider.find, []

    def find_after_change(*args):
        if not polls:
            change_address()
        polls.append(1)
        return find(*args)

    monkeypatch.setattr(EchoProvider, "find", find_after_change)
    reconcile.search_abandoned()

    assert polls and received_keys(fake) == {OLD_KEY}
    assert other_host.calls == []


def test_request_prepared_for_the_old_address_is_prepared_again(
    fake, connection, other_host, create_job, run_job, change_address, monkeypatch
):
    prepare = EchoProvider.prepare

    def prepare_after_change(*args):
        if Connection.objects.get(pk=connection.pk).key_version == 1:
            change_address()
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", prepare_after_change)
    job = run_job(create_job(connection), steps=1)

    assert (job.state, list(job.attempts.all()), fake.calls, other_host.calls) == (State.QUEUED, [], [], [])
    assert run_job(job).state == State.READY and Clip.objects.get(job=job).is_ready
    assert fake.calls == [] and len(other_host.created) == 1
    assert OLD_KEY not in received_keys(other_host)
    assert [attempt.key_version for attempt in job.attempts.all()] == [2]


def test_connection_is_not_marked_broken_by_its_old_address(
    fake, connection, other_host, create_job, run_job, change_address, monkeypatch
):
    """The address changes before the key is decrypted: no request is sent without a key."""
    build_request_with_files, prepare, keys = submit.build_request_with_files, EchoProvider.prepare, []

    def build_after_change(*args, **more):
        if Connection.objects.get(pk=connection.pk).key_version == 1:
            change_address()
        return build_request_with_files(*args, **more)

    def refusing(self, opened, *args):
        keys.append(opened.keys.get("api_key"))
        if not keys[-1]:
            raise RemoteError(Fault.AUTH, "401", "no key")
        return prepare(self, opened, *args)

    monkeypatch.setattr(submit, "build_request_with_files", build_after_change)
    monkeypatch.setattr(EchoProvider, "prepare", refusing)
    job = run_job(create_job(connection), steps=1)

    connection.refresh_from_db()
    assert (connection.health, connection.paused_until) == ("untested", None)
    assert None not in keys
    assert run_job(job).state == State.READY and len(other_host.created) == 1 and fake.calls == []


@pytest.mark.parametrize("facts", [{"base_url": "/v2"}, {"facts": {"region": "eu"}}], ids=["path", "fact"])
def test_request_prepared_before_a_change_of_path_or_field_is_not_sent(
    fake, connection, create_job, run_job, mika, monkeypatch, facts
):
    prepare = EchoProvider.prepare

    def change_and_prepare(*args):
        wanted = facts if "facts" in facts else {"base_url": fake.url + facts["base_url"]}
        connection_services.change_connection(Connection.objects.get(pk=connection.pk), by=mika, **wanted)
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", change_and_prepare)
    job = run_job(create_job(connection), steps=1)

    assert job.state == State.QUEUED and not job.attempts.exists() and fake.calls == []
