"""Results that arrive late, or after a change of the connection, are still delivered."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generation.models import Clip
from generation.providers import registry
from generation.providers.connections import keys
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Recovery
from generation.worker import late_results, reconcile
from jobs import services
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.fakes.echo import EchoFake, EchoProvider
from tests.fakes.server import Task
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = pytest.mark.django_db
NEW_KEY = "new-key-0123456789abcdef"


@dataclass
class Lost:
    """A lost submission: Echo has the task, and only a callback can recover it."""

    job: Job
    task: Task
    fake: EchoFake
    connection: Connection


@pytest.fixture
def lose_clip(echo, connect, create_job, run_job, get_balance, mika):
    """``lose_clip()``: an unknown job of Mika's whose clip Echo made. Returns a ``Lost``."""

    def lose(**fields):
        fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
        fake.next("submit", "cut_after_create")
        connection = connect(owner=mika, base_url=fake.url)
        job = run_job(create_job(connection, **fields), until=State.SUBMITTING)
        Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN, state_since=timezone.now())
        job.refresh_from_db()
        [task] = fake.created
        return Lost(job, task, fake, connection)

    return lose


def send_callback(lost: Lost) -> int:
    """Send the callback of the lost task. Returns the status code."""
    url, body = f"/webhooks/echo/{lost.connection.webhook_token}/", {"id": lost.task.id, "ref": lost.task.ref}
    return Client().post(url, json.dumps(body), "application/json").status_code


def get_free_take(lost: Lost, run_job) -> Clip:
    [late_job] = Job.objects.exclude(pk=lost.job.pk)
    assert run_job(late_job).state == State.READY and late_job.price_charged == 0
    assert len(lost.fake.created) == 1
    return Clip.objects.get(job=late_job)


def test_reported_result_is_downloaded_after_three_days(lose_clip, run_job):
    lost = lose_clip()
    job = lost.job
    assert send_callback(lost) == 204
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=73))

    assert run_job(job).state == State.READY, job.error_public
    assert Clip.objects.get(job=job).is_ready and len(lost.fake.created) == 1
    assert "Found at Echo" in read_history(job)


def test_cancelled_job_with_a_reported_result_is_cancelled_at_the_provider(lose_clip, run_job, mika, get_balance):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    lost.task.running = 3600
    services.cancel(job, by=mika)

    run_job(job)

    assert job.state == State.CANCELLED and lost.task.is_cancelled
    assert job.attempts.get().provider_task_id == lost.task.id


@pytest.mark.parametrize("resolve", [recovery.release, recovery.resend])
def test_callback_right_before_a_release_or_resend_gives_one_free_take(lose_clip, run_job, mika, monkeypatch, resolve):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    with monkeypatch.context() as patch:
        patch.setattr(late_results, "find_reported_submission", lambda attempt: None)
        resolve(job, by=mika)

    for _again in range(2):
        reconcile.search_abandoned()

    assert get_free_take(lost, run_job).take == 2


def test_reported_result_blocks_retry_while_it_is_searched_for(lose_clip, mika, monkeypatch):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    with monkeypatch.context() as patch:
        patch.setattr(late_results, "find_reported_submission", lambda attempt: None)
        recovery.release(job, by=mika)

    with pytest.raises(services.JobRefused, match="Echo has since confirmed that it has this job"):
        services.retry(job, by=mika)

    assert Job.objects.count() == 1 and len(lost.fake.created) == 1
    Attempt.objects.update(intent_at=timezone.now() - late_results.SEARCH_PERIOD)
    assert services.retry(job, by=mika).state == State.QUEUED, "the retry was refused after the search ended"


def test_late_result_during_erasure_is_kept_only_if_the_erasure_is_cancelled(lose_clip, run_job, mika):
    lost = lose_clip()
    job = lost.job
    recovery.release(job, by=mika)
    User.objects.filter(pk=mika.pk).update(closing_at=timezone.now())

    assert send_callback(lost) == 204
    reconcile.search_abandoned()

    assert not Job.objects.exclude(pk=job.pk).exists()
    User.objects.filter(pk=mika.pk).update(closing_at=None)
    reconcile.search_abandoned()
    assert get_free_take(lost, run_job).take == 2, "the erasure was cancelled"


def test_attempt_of_an_uninstalled_provider_does_not_stop_the_search(lose_clip, create_job, mika, monkeypatch):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    with monkeypatch.context() as patch:
        patch.setattr(late_results, "find_reported_submission", lambda attempt: None)
        recovery.release(job, by=mika)
    taken = {
        "provider": "echo",
        "connection_id": lost.connection.pk,
        "provider_task_id": lost.task.id,
        "outcome": "accepted",
    }
    Attempt.objects.create(job=create_job(lost.connection), n=1, client_ref="another", **taken)
    monkeypatch.setattr(reconcile, "providers", dict)

    reconcile.search_abandoned()

    assert job.attempts.get().reconcile_after, "the attempt was not searched for"


@pytest.mark.parametrize("resolve", [recovery.release, recovery.resend])
def test_job_with_a_reported_result_cannot_be_released_or_resent(lose_clip, run_job, mika, get_balance, resolve):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    balance = get_balance()

    with pytest.raises(services.JobRefused, match="Echo has since confirmed that it has this job"):
        resolve(job, by=mika)

    assert run_job(job).state == State.READY and len(lost.fake.created) == 1
    assert get_balance() == balance


def test_reported_result_of_an_uninstalled_provider_can_be_refunded(lose_clip, mika, get_balance, monkeypatch):
    """The result can no longer be downloaded."""
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    monkeypatch.delitem(registry.providers(), "echo")

    recovery.release(job, by=mika)

    assert job.state == State.FAILED and get_balance() == LIMIT


@pytest.mark.parametrize("action", ["switch off", "delete"])
@pytest.mark.parametrize("is_given_up", [False, True])
def test_disabled_or_deleted_connection_receives_callbacks_of_its_clips(lose_clip, run_job, mika, action, is_given_up):
    lost = lose_clip()
    job = lost.job
    if is_given_up:
        recovery.release(job, by=mika)
    if action == "delete":
        connection_services.delete_connection(lost.connection, by=mika)
    else:
        connection_services.set_enabled(lost.connection, by=mika, on=False)
    ConnectionKey.objects.update(created_at=timezone.now() - timedelta(days=2))
    Connection.objects.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(days=2))
    keys.delete_unused()

    assert send_callback(lost) == 204

    if is_given_up:
        get_free_take(lost, run_job)
    else:
        assert run_job(job).state == State.READY


def test_callback_url_of_an_idle_deleted_connection_is_not_found(lose_clip, mika, run_job):
    lost = lose_clip()
    job = lost.job
    send_callback(lost)
    assert run_job(job).state == State.READY
    connection_services.set_enabled(lost.connection, by=mika, on=False)
    assert send_callback(lost) == 404

    connection_services.set_enabled(lost.connection, by=mika, on=True)
    assert send_callback(lost) == 204
    Attempt.objects.update(outcome=Attempt.Outcome.ABANDONED, intent_at=timezone.now() - timedelta(days=8))
    connection_services.delete_connection(lost.connection, by=mika)
    assert send_callback(lost) == 404


@pytest.mark.parametrize("is_old_kept", [True, False], ids=["refused", "destroyed"])
def test_abandoned_attempt_is_found_with_the_newer_key(lose_clip, echo, run_job, mika, monkeypatch, is_old_kept):
    lost = lose_clip()
    job = lost.job
    recovery.release(job, by=mika)
    monkeypatch.setattr(lost.fake, "key", NEW_KEY)
    connection_services.change_connection(lost.connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    connection_services.change_connection(lost.connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    if not is_old_kept:
        Attempt.objects.update(key_version=1)
        ConnectionKey.objects.filter(version__lt=2).delete()
    echo(**SEARCHABLE)

    reconcile.search_abandoned()

    get_free_take(lost, run_job)


def test_keys_are_kept_while_abandoned_attempts_are_searched_for(lose_clip, mika):
    lost = lose_clip()
    job = lost.job
    recovery.release(job, by=mika)
    connection_services.change_connection(lost.connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    connection_services.change_connection(lost.connection, by=mika, secret={"keys": {"api_key": f"{NEW_KEY}-2"}})
    connection_services.delete_connection(lost.connection, by=mika)
    ConnectionKey.objects.update(created_at=timezone.now() - timedelta(days=2))
    Connection.objects.update(deleted_at=timezone.now() - timedelta(days=2))

    keys.delete_unused()
    kept = ConnectionKey.objects.order_by("version").values_list("version", flat=True)
    assert list(kept) == [0, 2], "the submitting key and the newest one"

    Attempt.objects.update(intent_at=timezone.now() - late_results.SEARCH_PERIOD)
    keys.delete_unused()
    assert not ConnectionKey.objects.exists()


@pytest.fixture
def team(mika, ren):
    """A workspace of Mika and Ren."""
    made = WorkspaceFactory(name="Team")
    for person in (mika, ren):
        MembershipFactory(workspace=made, user=person)
    return made


@pytest.fixture
def lost(lose_clip, mika, team):
    """A lost clip of Mika's in the team, submitted with her personal connection and released."""
    lost = lose_clip(workspace=team)
    recovery.release(lost.job, by=mika)
    return lost


@pytest.fixture
def retried(lost, connect, mika, ren, team):
    """Ren's retry of the lost clip through the team's connection, which has another key."""
    team_connection = connect(workspace=team, base_url=lost.fake.url)
    connection_services.change_connection(team_connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    ConnectionKey.objects.filter(connection=team_connection, version=0).delete()
    retry = services.retry(lost.job, by=ren)
    assert Clip.objects.get(job=retry).connection == team_connection
    return retry


def find_late_job() -> Job:
    reconcile.search_abandoned()
    [late_job] = Job.objects.filter(kind=late_results.KIND, idem_key__startswith=late_results.KEY_PREFIX)
    return late_job


def test_late_result_after_a_retry_is_downloaded_with_the_buying_connection(lost, retried, run_job):
    assert send_callback(lost) == 204

    late_job = run_job(find_late_job())

    assert late_job.state == State.READY, late_job.error_public
    assert Clip.objects.get(job=late_job).connection == lost.connection
    assert Clip.objects.get(job=retried).connection != lost.connection, "the retry uses another connection"


def test_late_result_is_downloaded_by_its_submission_not_by_the_clip(lost, retried, run_job):
    send_callback(lost)
    late_job = find_late_job()
    Clip.objects.filter(job=late_job).update(connection=Clip.objects.get(job=retried).connection)

    assert run_job(late_job).state == State.READY, late_job.error_public


def test_search_uses_the_submitted_model_after_a_retry_with_another(lost, retried, echo, run_job, monkeypatch):
    Clip.objects.filter(job=retried).update(model="echo-2", provider="another")
    models, find = [], EchoProvider.find
    echo(**SEARCHABLE)

    def record_search(self, connection, lost):
        models.append(lost.request.model)
        return find(self, connection, lost)

    monkeypatch.setattr(EchoProvider, "find", record_search)

    late_job = run_job(find_late_job())

    assert late_job.state == State.READY, late_job.error_public
    clip = Clip.objects.get(job=late_job)
    assert (clip.provider, clip.model, late_job.provider, late_job.model) == ("echo", "echo-1", "echo", "echo-1")
    assert models == ["echo-1"]
