"""A job is destroyed, and what it bought still stands in its provider's list: that is brought to nobody else."""

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
    """What these films are made by."""
    return echo_without_refs


@pytest.fixture
def lost(fake, site, create_job, run_job):
    """``lost()``: what Mika asked for was never made and never answered; ``lost(by=ren, is_made=True)``: it was."""

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
    User.objects.filter(pk=ren.pk).update(closing_at=timezone.now())  # nobody else is erased
    engine.advance(account_data_jobs.request_erasure(ren).pk)
    assert not User.objects.filter(pk=ren.pk).exists()


def empty(job):
    privacy.empty_workspace(job.workspace)


DESTROYED = [purge, erase, empty]


def got_nothing(job):
    return job.state in (State.SUBMITTING, State.UNKNOWN) and not job.attempts.get().provider_task_id


@pytest.mark.parametrize("destroy", DESTROYED)
def test_the_film_of_a_job_that_was_destroyed_is_brought_to_nobody_else(
    fake, site, create_job, lost, run_job, ren, destroy
):
    mikas = lost()
    rens = run_job(create_job(site, by=ren))
    assert rens.state == State.READY

    destroy(rens)

    assert not Job.objects.filter(pk=rens.pk).exists()
    assert got_nothing(run_job(mikas, steps=8))


@pytest.mark.parametrize("destroy", [erase, empty])
def test_nor_is_one_that_was_never_answered_before_its_job_was_destroyed(fake, lost, run_job, ren, destroy):
    mikas, rens = lost(), lost(by=ren, is_made=True)
    if destroy is erase:
        Job.objects.filter(pk=rens.pk).update(state=State.UNKNOWN)
        recovery.release(Job.objects.get(pk=rens.pk), by=ren)

    destroy(rens)

    assert len(fake.created) == 1 and not Job.objects.filter(pk=rens.pk).exists()
    assert got_nothing(run_job(mikas, steps=8))


@pytest.mark.parametrize(
    "other", [{"after": -HOUR / 2}, {"after": HOUR / 2}, {"model": "echo-2"}, {"server": "0" * 64}]
)
def test_of_another_time_or_model_or_elsewhere_it_holds_up_nobody(fake, lost, run_job, ren, other):
    mikas, rens = lost(is_made=True), lost(by=ren)
    empty(rens)
    if after := other.get("after"):
        other = {"sent_at": TaskTombstone.objects.get().sent_at + after}
    assert TaskTombstone.objects.update(**other) == 1

    assert run_job(mikas).state == State.READY


def test_where_nobody_knows_whose_address_it_was_it_is_brought_to_nobody(fake, connect, lost, create_job, run_job, ren):
    mikas, connection = lost(), connect(base_url=fake.url.replace("127.0.0.1", "localhost"))
    rens = run_job(create_job(connection, by=ren))
    Connection.objects.filter(pk=connection.pk).delete()

    purge(rens)

    assert TaskTombstone.objects.get().server == ""
    assert got_nothing(run_job(mikas, steps=8))


def test_a_server_that_counts_anew_elsewhere_hides_none_of_its_tasks(
    fake, connect, lost, create_job, run_job, ren, monkeypatch
):
    monkeypatch.setattr(fake, "new_id", lambda: "task-1")
    purge(run_job(create_job(connect(base_url=fake.url), by=ren)))

    mikas = lost(is_made=True, connection=connect(base_url=fake.url.replace("127.0.0.1", "localhost")))

    assert run_job(mikas).state == State.READY


def test_what_turned_up_and_waits_for_an_operator_is_remembered_by_its_name(fake, lost, run_job, ren):
    rens = lost(by=ren, is_made=True)
    task = fake.created[0].id
    Attempt.objects.filter(job=rens).update(outcome="abandoned", response={"task_id": task, "handle": {"id": task}})
    mikas = lost()

    empty(rens)

    assert [(row.task_id, row.model) for row in TaskTombstone.objects.all()] == [(task, "")]
    assert late_results.is_taken(Attempt.objects.get(job=mikas), task)


def test_a_free_film_whose_job_was_destroyed_is_not_given_once_more(fake, lost, run_job, mika):
    job = lost(is_made=True)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    recovery.release(Job.objects.get(pk=job.pk), by=mika)
    reconcile.search_abandoned()
    extra = run_job(Job.objects.exclude(pk=job.pk).get())
    assert extra.state == State.READY

    purge(extra)
    reconcile.search_abandoned()

    assert Job.objects.get() == job


def test_one_whose_film_turned_up_is_not_nameless_any_more(fake, lost, mika):
    job = lost(is_made=True)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    recovery.release(Job.objects.get(pk=job.pk), by=mika)
    reconcile.search_abandoned()

    purge(job)

    assert not TaskTombstone.objects.exists()


@pytest.mark.parametrize("outcome", ["not_sent", "refused", "absent"])
def test_of_what_is_not_there_nothing_is_kept(lost, ren, outcome):
    rens = lost(by=ren)
    Attempt.objects.filter(job=rens).update(outcome=outcome)

    empty(rens)

    assert not TaskTombstone.objects.exists()


@pytest.mark.parametrize("is_answered", [True, False])
def test_it_says_nothing_of_who_or_what_and_is_kept_once(fake, site, create_job, lost, run_job, ren, is_answered):
    rens = (
        run_job(create_job(site, by=ren, prompt="a cat on a roof"))
        if is_answered
        else lost(by=ren, prompt="a cat on a roof")
    )
    facts = [ren.pk, ren.email, ren.name, rens.pk, rens.workspace_id, site.pk, fake.url, "127.0.0.1", "cat"]
    late_results.create_tombstones(rens)

    erase(rens) if is_answered else empty(rens)

    [row] = TaskTombstone.objects.values()
    told = " ".join(map(str, row.values()))
    assert [fact for fact in facts if str(fact) in told] == []


def test_it_is_forgotten_when_no_provider_shows_the_task_any_more(site, create_job, run_job, ren):
    for days in (29, 31):
        job = run_job(create_job(site, by=ren))
        known = set(TaskTombstone.objects.values_list("pk", flat=True))
        purge(job)
        sent_at = timezone.now() - timedelta(days=days)
        TaskTombstone.objects.exclude(pk__in=known).update(sent_at=sent_at)

    job_maintenance.run_periodic_tasks()

    [left] = TaskTombstone.objects.all()
    assert timezone.now() - left.sent_at < timedelta(days=30)


def test_what_was_sent_longer_ago_than_that_is_not_written_down(site, create_job, run_job, ren):
    job = run_job(create_job(site, by=ren))
    Attempt.objects.filter(job=job).update(intent_at=timezone.now() - timedelta(days=31))

    purge(job)

    assert not TaskTombstone.objects.exists()
