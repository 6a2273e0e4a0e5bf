"""Tombstones: tasks of deleted jobs that the provider still lists are adopted by nobody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import privacy
from accounts.models import User
from generation.models import TaskTombstone
from generation.providers.models import Connection
from generation.worker import late_results, reconcile
from jobs import maintenance as job_maintenance
from jobs import services
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine, recovery
from jobs.models import Attempt, Job, State

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def fake(echo_without_refs):
    """A provider whose list shows no reference of ours."""
    return echo_without_refs


@pytest.fixture
def lose_job(fake, site, create_job, run_job):
    """``lose_job(by=ren, is_made=True)``: a job without a response. By default Mika's, whose clip was never made."""

    def lose(is_made=False, **more):
        job = create_job(more.pop("connection", site), **more)
        fake.next("submit", "html_502_after_create" if is_made else "html_502")
        assert run_job(job, until=State.SUBMITTING).state == State.SUBMITTING
        Attempt.objects.filter(job=job).update(intent_at=timezone.now() - HOUR, outcome=Attempt.Outcome.AMBIGUOUS)
        return job

    return lose


def purge(job):
    services.purge(Job.objects.get(pk=job.pk))


def erase(job):
    ren = job.created_by
    User.objects.filter(pk=ren.pk).update(closing_at=timezone.now())  # erases Ren only
    engine.advance(account_data_jobs.request_erasure(ren).pk)
    assert not User.objects.filter(pk=ren.pk).exists()


def empty_workspace(job):
    privacy.empty_workspace(job.workspace)


DESTROYERS = [purge, erase, empty_workspace]


def has_no_task(job):
    return job.state in (State.SUBMITTING, State.UNKNOWN) and not job.attempts.get().provider_task_id


@pytest.mark.parametrize("destroy", DESTROYERS)
def test_task_of_a_deleted_job_is_not_adopted(fake, site, create_job, lose_job, run_job, ren, destroy):
    mikas = lose_job()
    rens = run_job(create_job(site, by=ren))
    assert rens.state == State.READY

    destroy(rens)

    assert not Job.objects.filter(pk=rens.pk).exists()
    assert has_no_task(run_job(mikas, steps=8))


@pytest.mark.parametrize("destroy", [erase, empty_workspace])
def test_unanswered_task_of_a_deleted_job_is_not_adopted(fake, lose_job, run_job, ren, destroy):
    mikas, rens = lose_job(), lose_job(by=ren, is_made=True)
    if destroy is erase:
        Job.objects.filter(pk=rens.pk).update(state=State.UNKNOWN)
        recovery.release(Job.objects.get(pk=rens.pk), by=ren)

    destroy(rens)

    assert len(fake.created) == 1 and not Job.objects.filter(pk=rens.pk).exists()
    assert has_no_task(run_job(mikas, steps=8))


@pytest.mark.parametrize(
    "other", [{"after": -HOUR / 2}, {"after": HOUR / 2}, {"model": "echo-2"}, {"server": "0" * 64}]
)
def test_tombstone_of_another_time_model_or_server_hides_no_task(fake, lose_job, run_job, ren, other):
    mikas, rens = lose_job(is_made=True), lose_job(by=ren)
    empty_workspace(rens)
    if after := other.get("after"):
        other = {"sent_at": TaskTombstone.objects.get().sent_at + after}
    assert TaskTombstone.objects.update(**other) == 1

    assert run_job(mikas).state == State.READY


def test_tombstone_without_a_server_hides_tasks_of_all_servers(fake, connect, lose_job, create_job, run_job, ren):
    mikas, connection = lose_job(), connect(base_url=fake.url.replace("127.0.0.1", "localhost"))
    rens = run_job(create_job(connection, by=ren))
    Connection.objects.filter(pk=connection.pk).delete()

    purge(rens)

    assert TaskTombstone.objects.get().server == ""
    assert has_no_task(run_job(mikas, steps=8))


def test_reported_task_of_a_deleted_job_is_remembered_by_its_id(fake, lose_job, run_job, ren):
    rens = lose_job(by=ren, is_made=True)
    task = fake.created[0].id
    Attempt.objects.filter(job=rens).update(outcome="abandoned", response={"task_id": task, "handle": {"id": task}})
    mikas = lose_job()

    empty_workspace(rens)

    assert [(row.task_id, row.model) for row in TaskTombstone.objects.all()] == [(task, "")]
    assert late_results.is_taken(Attempt.objects.get(job=mikas), task)


def test_purged_free_take_is_not_created_again(fake, lose_job, run_job, mika):
    job = lose_job(is_made=True)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    recovery.release(Job.objects.get(pk=job.pk), by=mika)
    reconcile.search_abandoned()
    late_job = run_job(Job.objects.exclude(pk=job.pk).get())
    assert late_job.state == State.READY

    purge(late_job)
    reconcile.search_abandoned()

    assert Job.objects.get() == job


def test_found_task_leaves_no_tombstone_without_an_id(fake, lose_job, mika):
    job = lose_job(is_made=True)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    recovery.release(Job.objects.get(pk=job.pk), by=mika)
    reconcile.search_abandoned()

    purge(job)

    assert not TaskTombstone.objects.exists()


@pytest.mark.parametrize("outcome", ["not_sent", "refused", "absent"])
def test_attempt_that_created_no_task_leaves_no_tombstone(lose_job, ren, outcome):
    rens = lose_job(by=ren)
    Attempt.objects.filter(job=rens).update(outcome=outcome)

    empty_workspace(rens)

    assert not TaskTombstone.objects.exists()


@pytest.mark.parametrize("is_answered", [True, False])
def test_tombstone_is_created_once_and_contains_no_personal_data(
    fake, site, create_job, lose_job, run_job, ren, is_answered
):
    rens = (
        run_job(create_job(site, by=ren, prompt="a cat on a roof"))
        if is_answered
        else lose_job(by=ren, prompt="a cat on a roof")
    )
    secrets = [ren.pk, ren.email, ren.name, rens.pk, rens.workspace_id, site.pk, fake.url, "127.0.0.1", "cat"]
    late_results.create_tombstones(rens)

    erase(rens) if is_answered else empty_workspace(rens)

    [row] = TaskTombstone.objects.values()
    text = " ".join(map(str, row.values()))
    assert [fact for fact in secrets if str(fact) in text] == []


def test_tombstone_is_deleted_after_thirty_days(site, create_job, run_job, ren):
    for days in (29, 31):
        job = run_job(create_job(site, by=ren))
        known = set(TaskTombstone.objects.values_list("pk", flat=True))
        purge(job)
        sent_at = timezone.now() - timedelta(days=days)
        TaskTombstone.objects.exclude(pk__in=known).update(sent_at=sent_at)

    job_maintenance.run_periodic_tasks()

    [tombstone] = TaskTombstone.objects.all()
    assert timezone.now() - tombstone.sent_at < timedelta(days=30)


def test_attempt_older_than_thirty_days_leaves_no_tombstone(site, create_job, run_job, ren):
    job = run_job(create_job(site, by=ren))
    Attempt.objects.filter(job=job).update(intent_at=timezone.now() - timedelta(days=31))

    purge(job)

    assert not TaskTombstone.objects.exists()
