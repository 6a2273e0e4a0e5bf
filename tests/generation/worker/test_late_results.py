"""A paid film is heard of when nobody looks any more, or looked for after a change of its account: it still comes."""

import json
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
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = pytest.mark.django_db
NEW = "new-key-0123456789abcdef"


@pytest.fixture
def lost(echo, connect, create_job, run_job, get_balance, mika):
    """``lost()``: a clip that Echo made and whose answer never came; only a callback can tell of it."""

    def make(**wish):
        fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
        fake.next("submit", "cut_after_create")
        make.site = connect(owner=mika, base_url=fake.url)
        make.fake, make.job = fake, run_job(create_job(make.site, **wish), until=State.SUBMITTING)
        Job.objects.filter(pk=make.job.pk).update(state=State.UNKNOWN, state_since=timezone.now())
        make.job.refresh_from_db()
        [make.task] = fake.created
        return make.job

    return make


def call_back(lost) -> int:
    door, said = f"/webhooks/echo/{lost.site.webhook_token}/", {"id": lost.task.id, "ref": lost.task.ref}
    return Client().post(door, json.dumps(said), "application/json").status_code


def free_take(lost, run_job) -> Clip:
    [extra] = Job.objects.exclude(pk=lost.job.pk)
    assert run_job(extra).state == State.READY and extra.price_charged == 0
    assert len(lost.fake.created) == 1
    return Clip.objects.get(job=extra)


def test_what_a_callback_named_is_fetched_though_three_days_are_over(lost, run_job):
    job = lost()
    assert call_back(lost) == 204
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=73))

    assert run_job(job).state == State.READY, job.error_public
    assert Clip.objects.get(job=job).is_ready and len(lost.fake.created) == 1
    assert "Found at Echo" in read_history(job)


def test_what_a_callback_named_is_stopped_there_and_not_given_up_when_its_owner_stops_it(
    lost, run_job, mika, get_balance
):
    job = lost()
    call_back(lost)
    lost.task.running = 3600
    services.cancel(job, by=mika)

    run_job(job)

    assert job.state == State.CANCELLED and lost.task.is_cancelled
    assert job.attempts.get().provider_task_id == lost.task.id


@pytest.mark.parametrize("give_up", [recovery.release, recovery.resend])
def test_a_callback_that_came_just_before_it_was_given_up_brings_the_free_take(
    lost, run_job, mika, monkeypatch, give_up
):
    job = lost()
    call_back(lost)
    with monkeypatch.context() as at_the_same_moment:
        at_the_same_moment.setattr(late_results, "find_reported_submission", lambda attempt: None)
        give_up(job, by=mika)

    for _again in range(2):
        reconcile.search_abandoned()

    assert free_take(lost, run_job).take == 2


def test_reported_result_blocks_retry_while_it_is_searched_for(lost, mika, monkeypatch):
    job = lost()
    call_back(lost)
    with monkeypatch.context() as at_the_same_moment:
        at_the_same_moment.setattr(late_results, "find_reported_submission", lambda attempt: None)
        recovery.release(job, by=mika)

    with pytest.raises(services.JobRefused, match="Echo has since confirmed that it has this job"):
        services.retry(job, by=mika)

    assert Job.objects.count() == 1 and len(lost.fake.created) == 1
    Attempt.objects.update(intent_at=timezone.now() - late_results.SEARCH_PERIOD)
    assert services.retry(job, by=mika).state == State.QUEUED, "nobody looks for it any more"


def test_what_turns_up_while_its_person_is_being_erased_breaks_nothing_off(lost, run_job, mika):
    job = lost()
    recovery.release(job, by=mika)
    User.objects.filter(pk=mika.pk).update(closing_at=timezone.now())

    assert call_back(lost) == 204
    reconcile.search_abandoned()

    assert not Job.objects.exclude(pk=job.pk).exists()
    User.objects.filter(pk=mika.pk).update(closing_at=None)
    reconcile.search_abandoned()
    assert free_take(lost, run_job).take == 2, "an operator let them in again"


def test_what_an_engine_that_is_gone_left_behind_keeps_nobody_from_being_looked_for(
    lost, create_job, mika, monkeypatch
):
    job = lost()
    call_back(lost)
    with monkeypatch.context() as at_the_same_moment:
        at_the_same_moment.setattr(late_results, "find_reported_submission", lambda attempt: None)
        recovery.release(job, by=mika)
    taken = {"provider": "echo", "connection_id": lost.site.pk, "provider_task_id": lost.task.id, "outcome": "accepted"}
    Attempt.objects.create(job=create_job(lost.site), n=1, client_ref="another", **taken)
    monkeypatch.setattr(reconcile, "providers", dict)

    reconcile.search_abandoned()

    assert job.attempts.get().reconcile_after, "it was not looked at: this test shows nothing"


@pytest.mark.parametrize("give_up", [recovery.release, recovery.resend])
def test_what_a_callback_named_is_neither_asked_for_once_more_nor_given_back(lost, run_job, mika, get_balance, give_up):
    job = lost()
    call_back(lost)
    left = get_balance()

    with pytest.raises(services.JobRefused, match="Echo has since confirmed that it has this job"):
        give_up(job, by=mika)

    assert run_job(job).state == State.READY and len(lost.fake.created) == 1
    assert get_balance() == left


def test_money_is_given_back_for_what_an_engine_that_is_gone_told_of(lost, mika, get_balance, monkeypatch):
    """Nobody here can fetch it any more."""
    job = lost()
    call_back(lost)
    monkeypatch.delitem(registry.providers(), "echo")

    recovery.release(job, by=mika)

    assert job.state == State.FAILED and get_balance() == LIMIT


@pytest.mark.parametrize("leave", ["switch off", "delete"])
@pytest.mark.parametrize("is_given_up", [False, True])
def test_an_account_switched_off_or_deleted_still_hears_of_what_was_begun(lost, run_job, mika, leave, is_given_up):
    job = lost()
    if is_given_up:
        recovery.release(job, by=mika)
    if leave == "delete":
        connection_services.delete_connection(lost.site, by=mika)
    else:
        connection_services.set_enabled(lost.site, by=mika, on=False)
    ConnectionKey.objects.update(created_at=timezone.now() - timedelta(days=2))
    Connection.objects.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(days=2))
    keys.delete_unused()

    assert call_back(lost) == 204

    if is_given_up:
        free_take(lost, run_job)
    else:
        assert run_job(job).state == State.READY


def test_an_account_that_is_gone_and_waits_for_nothing_has_no_door(lost, mika, run_job):
    job = lost()
    call_back(lost)
    assert run_job(job).state == State.READY
    connection_services.set_enabled(lost.site, by=mika, on=False)
    assert call_back(lost) == 404

    connection_services.set_enabled(lost.site, by=mika, on=True)
    assert call_back(lost) == 204
    Attempt.objects.update(outcome=Attempt.Outcome.ABANDONED, intent_at=timezone.now() - timedelta(days=8))
    connection_services.delete_connection(lost.site, by=mika)
    assert call_back(lost) == 404


@pytest.mark.parametrize("is_old_kept", [True, False], ids=["refused", "destroyed"])
def test_what_was_given_up_is_found_with_the_newer_key(lost, echo, run_job, mika, monkeypatch, is_old_kept):
    job = lost()
    recovery.release(job, by=mika)
    monkeypatch.setattr(lost.fake, "key", NEW)
    connection_services.change_connection(lost.site, by=mika, secret={"keys": {"api_key": NEW}})
    connection_services.change_connection(lost.site, by=mika, secret={"keys": {"api_key": NEW}})
    if not is_old_kept:
        Attempt.objects.update(key_version=1)
        ConnectionKey.objects.filter(version__lt=2).delete()
    echo(**SEARCHABLE)

    reconcile.search_abandoned()

    free_take(lost, run_job)


def test_the_keys_of_what_was_given_up_are_kept_for_as_long_as_it_is_looked_for(lost, mika):
    job = lost()
    recovery.release(job, by=mika)
    connection_services.change_connection(lost.site, by=mika, secret={"keys": {"api_key": NEW}})
    connection_services.change_connection(lost.site, by=mika, secret={"keys": {"api_key": f"{NEW}-2"}})
    connection_services.delete_connection(lost.site, by=mika)
    ConnectionKey.objects.update(created_at=timezone.now() - timedelta(days=2))
    Connection.objects.update(deleted_at=timezone.now() - timedelta(days=2))

    keys.delete_unused()
    kept = ConnectionKey.objects.order_by("version").values_list("version", flat=True)
    assert list(kept) == [0, 2], "what it was sent with, and what stands in for it"

    Attempt.objects.update(intent_at=timezone.now() - late_results.SEARCH_PERIOD)
    keys.delete_unused()
    assert not ConnectionKey.objects.exists()


@pytest.fixture
def team(mika, ren):
    """Mika and Ren work there together."""
    made = WorkspaceFactory(name="Team")
    for person in (mika, ren):
        MembershipFactory(workspace=made, user=person)
    return made


@pytest.fixture
def retried(lost, connect, mika, ren, team):
    """Mika's clip in the team, sent through her own account and lost; Ren tried it again through the team's, which has
    nothing to do with it."""
    job = lost(workspace=team)
    recovery.release(job, by=mika)
    theirs = connect(workspace=team, base_url=lost.fake.url)
    connection_services.change_connection(theirs, by=mika, secret={"keys": {"api_key": NEW}})
    ConnectionKey.objects.filter(connection=theirs, version=0).delete()
    again = services.retry(job, by=ren)
    assert Clip.objects.get(job=again).connection == theirs
    return again


def found_take(retried) -> Job:
    reconcile.search_abandoned()
    [extra] = Job.objects.filter(kind=late_results.KIND, idem_key__startswith=late_results.KEY_PREFIX)
    return extra


def test_what_is_told_of_after_a_retry_is_fetched_by_the_account_that_bought_it(lost, retried, run_job):
    assert call_back(lost) == 204

    extra = run_job(found_take(retried))

    assert extra.state == State.READY, extra.error_public
    assert Clip.objects.get(job=extra).connection == lost.site
    assert Clip.objects.get(job=retried).connection != lost.site, "the retry goes its own way"


def test_what_is_fetched_goes_by_its_submission_though_the_clip_points_elsewhere(lost, retried, run_job):
    call_back(lost)
    extra = found_take(retried)
    Clip.objects.filter(job=extra).update(connection=Clip.objects.get(job=retried).connection)

    assert run_job(extra).state == State.READY, extra.error_public


def test_after_a_retry_that_went_to_another_model_the_first_is_looked_for_as_it_was_sent(
    lost, retried, echo, run_job, monkeypatch
):
    Clip.objects.filter(job=retried).update(model="echo-2", provider="another")
    sought, find = [], EchoProvider.find
    echo(**SEARCHABLE)
    told = lambda self, connection, lost: sought.append(lost.request.model) or find(self, connection, lost)  # noqa: E731
    monkeypatch.setattr(EchoProvider, "find", told)

    extra = run_job(found_take(retried))

    assert extra.state == State.READY, extra.error_public
    clip = Clip.objects.get(job=extra)
    assert (clip.provider, clip.model, extra.provider, extra.model) == ("echo", "echo-1", "echo", "echo-1")
    assert sought == ["echo-1"]
