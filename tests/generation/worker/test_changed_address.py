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
from tests.fakes.server import Town

pytestmark = pytest.mark.django_db
OLD, NEW = EchoFake.key, "new-key-0123456789abcdef"


@pytest.fixture
def connection(fake, connect, mika):
    made = connect(owner=mika, base_url=fake.url)
    ConnectionKey.objects.update(version=1)
    Connection.objects.update(key_version=1)
    return made


@pytest.fixture
def elsewhere(film, fake, settings):
    """Another host, at which another key counts."""
    other = EchoFake(film)
    other.key = NEW
    with Town([other]) as town:
        hosts = [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
        settings.PROVIDER_PRIVATE_HOSTS = [*settings.PROVIDER_PRIVATE_HOSTS, *hosts]
        other.url = town.url("echo")
        yield other


@pytest.fixture
def move(connection, elsewhere, mika):
    """``move()`` gives Mika's connection the other address and a key."""

    def to(key=NEW):
        held = Connection.objects.get(pk=connection.pk)
        connection_services.change_connection(held, by=mika, base_url=elsewhere.url, secret={"keys": {"api_key": key}})

    return to


def keys_heard(fake) -> set:
    return {call.headers.get("authorization", "").removeprefix("Bearer ") for call in fake.calls}


@pytest.fixture
def given_up(fake, connection, create_job, run_job, mika):
    """A submission without a response that Mika gave up."""
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connection), until=State.SUBMITTING)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    job.refresh_from_db()
    recovery.release(job, by=mika)
    assert job.attempts.get().outcome == Attempt.Outcome.ABANDONED and len(fake.created) == 1
    return job


@pytest.mark.parametrize("key", [NEW, "any-junk-0123456789"])
def test_search_for_abandoned_attempts_sends_no_old_key_to_the_new_address(given_up, fake, elsewhere, move, key):
    asked = len(fake.calls)
    move(key)

    for _again in range(2):
        reconcile.search_abandoned()

    assert OLD not in keys_heard(elsewhere) and keys_heard(elsewhere) <= {key}
    assert len(fake.calls) == asked, "it is not looked for at the old one either"
    assert list(ConnectionKey.objects.values_list("version", flat=True)) == [2]
    assert not Job.objects.exclude(pk=given_up.pk).exists()


def test_key_of_the_new_address_is_not_sent_to_the_old_one_by_a_running_search(
    given_up, fake, elsewhere, move, monkeypatch
):
    fake.key = "revoked-since-0123456789"
    find, asked = EchoProvider.find, []

    def slowly(*facts):
        if not asked:
            move()
        asked.append(1)
        return find(*facts)

    monkeypatch.setattr(EchoProvider, "find", slowly)
    reconcile.search_abandoned()

    assert asked and keys_heard(fake) == {OLD}
    assert elsewhere.calls == []


def test_request_prepared_for_the_old_address_is_prepared_again(
    fake, connection, elsewhere, create_job, run_job, move, monkeypatch
):
    prepare = EchoProvider.prepare

    def slowly(*facts):
        if Connection.objects.get(pk=connection.pk).key_version == 1:
            move()
        return prepare(*facts)

    monkeypatch.setattr(EchoProvider, "prepare", slowly)
    job = run_job(create_job(connection), steps=1)

    assert (job.state, list(job.attempts.all()), fake.calls, elsewhere.calls) == (State.QUEUED, [], [], [])
    assert run_job(job).state == State.READY and Clip.objects.get(job=job).is_ready
    assert fake.calls == [] and len(elsewhere.created) == 1
    assert OLD not in keys_heard(elsewhere)
    assert [each.key_version for each in job.attempts.all()] == [2]


def test_connection_is_not_marked_broken_by_its_old_address(
    fake, connection, elsewhere, create_job, run_job, move, monkeypatch
):
    """The address changes before the key is decrypted: no request is sent without a key."""
    build_request_with_files, prepare, heard = submit.build_request_with_files, EchoProvider.prepare, []

    def slowly(*facts, **more):
        if Connection.objects.get(pk=connection.pk).key_version == 1:
            move()
        return build_request_with_files(*facts, **more)

    def refusing(self, opened, *facts):
        heard.append(opened.keys.get("api_key"))
        if not heard[-1]:
            raise RemoteError(Fault.AUTH, "401", "no key")
        return prepare(self, opened, *facts)

    monkeypatch.setattr(submit, "build_request_with_files", slowly)
    monkeypatch.setattr(EchoProvider, "prepare", refusing)
    job = run_job(create_job(connection), steps=1)

    connection.refresh_from_db()
    assert (connection.health, connection.paused_until) == ("untested", None)
    assert None not in heard
    assert run_job(job).state == State.READY and len(elsewhere.created) == 1 and fake.calls == []


@pytest.mark.parametrize("facts", [{"base_url": "/v2"}, {"facts": {"region": "eu"}}], ids=["path", "fact"])
def test_request_prepared_before_a_change_of_path_or_field_is_not_sent(
    fake, connection, create_job, run_job, mika, monkeypatch, facts
):
    prepare = EchoProvider.prepare

    def slowly(*given):
        wanted = facts if "facts" in facts else {"base_url": fake.url + facts["base_url"]}
        connection_services.change_connection(Connection.objects.get(pk=connection.pk), by=mika, **wanted)
        return prepare(*given)

    monkeypatch.setattr(EchoProvider, "prepare", slowly)
    job = run_job(create_job(connection), steps=1)

    assert job.state == State.QUEUED and not job.attempts.exists() and fake.calls == []


def test_path_cannot_change_while_a_clip_is_in_progress(fake, connection, create_job, run_job, mika):
    job = run_job(create_job(connection), until=State.RUNNING)

    with pytest.raises(connection_services.ConnectionRefused, match="1 clip still uses the old address"):
        connection_services.change_connection(Connection.objects.get(), by=mika, base_url=f"{fake.url}/v2")

    assert run_job(job).state == State.READY
    connection_services.change_connection(Connection.objects.get(), by=mika, base_url=f"{fake.url}/v2")
    assert Connection.objects.get().base_url == f"{fake.url}/v2"
