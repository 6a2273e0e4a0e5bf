"""Job services, and that refusals change nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from accounts.billing import grants, ledger
from accounts.billing.models import Hold
from accounts.billing.refusals import LimitReached
from common.database.transitions import IllegalTransition
from jobs import events, registry, services
from jobs.lifecycle import engine
from jobs.models import Job, JobEvent, State
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = [pytest.mark.usefixtures("check_invariants"), pytest.mark.rows]


def test_same_key_and_request_give_one_job(submit):
    first = submit(idem_key="k", params={"a": 1, "b": [2]})
    again = submit(idem_key="k", params={"b": [2], "a": 1})

    assert (again, again.was_replayed, first.was_replayed) == (first, True, False)
    assert Job.objects.count() == Hold.objects.count() == OrmQ.objects.count() == 1


def test_replay_works_with_an_empty_wallet(submit, workspace):
    grants.set_limit(workspace, 100)
    first = submit(idem_key="k", price=100)

    assert submit(idem_key="k", price=100) == first


def test_same_key_with_another_request_is_refused(submit):
    submit(idem_key="k", params={"a": 1})

    with pytest.raises(services.KeyReused):
        submit(idem_key="k", params={"a": 2})

    assert Job.objects.count() == 1


def test_keys_of_other_workspaces_are_independent(submit):
    assert submit(idem_key="k") != submit(idem_key="k", workspace=WorkspaceFactory())


def test_request_identity_may_differ_from_the_parameters(submit):
    first = submit(idem_key="k", params={"clip": "1"}, request={"prompt": "rain"})

    assert submit(idem_key="k", params={"clip": "2"}, request={"prompt": "rain"}) == first


def test_unaffordable_job_is_not_queued(submit, workspace):
    grants.set_limit(workspace, 50)

    with pytest.raises(ledger.InsufficientFunds):
        submit(price=51)

    assert not (Job.objects.exists() or Hold.objects.exists() or OrmQ.objects.exists() or JobEvent.objects.exists())


def test_unfinished_job_limit_is_enforced(submit, settings):
    settings.JOBS_PER_WORKSPACE = 2
    submit()
    submit()

    with pytest.raises(services.TooManyJobs, match=r"Unfinished jobs: 2 of 2\. This needs 1 more\. Wait until one"):
        submit()

    assert submit(is_limited=False)


def test_ended_and_stuck_jobs_do_not_count_against_the_limit(submit, settings, mika):
    settings.JOBS_PER_WORKSPACE = 1
    services.cancel(submit(), by=mika)
    stuck = submit()
    Job.objects.filter(pk=stuck.pk).update(state=State.STUCK)

    assert submit().state == State.QUEUED


def test_video_that_the_site_pays_for_is_limited_each_month(submit, settings, mika):
    settings.SECONDS_A_MONTH = 10
    first = submit(price=100, seconds=4)
    submit(price=100, seconds=6)
    submit(seconds=60)  # free
    submit(price=100, seconds=60, payer="own")

    with pytest.raises(LimitReached, match=r"10 are used, and this needs 1. The count starts again on"):
        submit(price=100, seconds=1)

    services.cancel(first, by=mika)
    assert submit(price=100, seconds=4)
    Job.objects.update(created_at=timezone.now() - timedelta(days=32))
    assert submit(price=100, seconds=10)


def test_cancelling_a_queued_job_refunds_at_once(submit, mika, workspace):
    grants.set_limit(workspace, 100)
    job = services.cancel(submit(price=100), by=mika)

    assert job.state == State.CANCELLED
    assert ledger.get_balance(workspace) == 100
    assert job.events.last().actor == "Mika"


def test_lease_of_a_cancelled_job_is_lost(submit, mika):
    job = submit()
    lease = engine.claim(job.pk)
    services.cancel(job, by=mika)

    with pytest.raises(engine.LeaseLost):
        lease.move_to(State.RUNNING)

    assert Job.objects.get(pk=job.pk).state == State.CANCELLED


def test_cancelled_running_job_ends_as_cancelled(register_kind, submit, run_steps, mika):
    def draw(lease):
        services.cancel(Job.objects.get(pk=lease.job.pk), by=mika)
        lease.report(500)

    register_kind(running=draw)
    job = run_steps(submit(price=100))

    assert (job.state, job.price_charged) == (State.CANCELLED, 0)
    assert [(line.text, line.actor) for line in events.list_history(job)][-2:] == [
        ("Cancellation requested", "Mika"),
        ("Cancelled", ""),
    ]


def test_job_cancelled_just_before_its_end_stays_cancelled(register_kind, submit, run_steps, mika):
    def keep(lease):
        services.cancel(Job.objects.get(pk=lease.job.pk), by=mika)
        lease.move_to(State.READY)

    register_kind(stored=keep)

    assert run_steps(submit()).state == State.CANCELLED


def test_second_cancel_changes_nothing(submit, run_steps, mika):
    job = run_steps(submit())
    rev = job.rev

    assert services.cancel(job, by=mika).rev == rev


def test_retry_creates_a_job_that_replaces_the_old_one(register_kind, submit, mika):
    retries = []
    register_kind(
        running=lambda lease: lease.fail("no", "No."), on_retry=lambda old, new: retries.append((old.pk, new.pk))
    )
    old = submit(params={"a": 1}, price=7, page="/clips/1/")
    engine.advance(old.pk)

    new = services.retry(Job.objects.get(pk=old.pk), by=mika)
    twice = services.retry(Job.objects.get(pk=old.pk), by=mika)

    assert twice == new
    assert (new.retry_of, new.params, new.price_reserved, new.page) == (old, {"a": 1}, 7, "/clips/1/")
    assert retries == [(old.pk, new.pk)]


def test_only_failed_jobs_can_be_retried(submit, run_steps, mika):
    for job in (submit(), run_steps(submit())):
        with pytest.raises(services.JobRefused):
            services.retry(job, by=mika)


def test_deleted_running_job_is_hidden_and_cancelled(submit, mika):
    job = submit()
    lease = engine.claim(job.pk)
    lease.move_to(State.RUNNING)
    lease = engine.claim(job.pk)
    services.delete(job, by=mika)

    assert not Job.objects.shown().exists()
    with pytest.raises(engine.Cancelled):
        lease.report(10)


def test_deleted_job_can_be_restored(register_kind, submit, run_steps, mika):
    calls = []
    register_kind(on_delete=lambda job: calls.append("deleted"), on_restore=lambda job: calls.append("restored"))
    job = run_steps(submit())

    services.delete(job, by=mika)
    services.delete(job, by=mika)
    services.restore(job, by=mika)

    assert calls == ["deleted", "restored"]
    assert Job.objects.shown().get() == job
    assert job.state == State.READY


def test_operator_requeues_or_gives_up_a_stuck_job(submit, run_steps, mika, workspace):
    grants.set_limit(workspace, 100)
    job = submit(price=100)
    Job.objects.update(state=State.STUCK)
    job.refresh_from_db()

    services.requeue(job, by=mika)
    assert job.state == State.QUEUED
    Job.objects.update(state=State.STUCK)
    job.refresh_from_db()
    services.give_up(job, by=mika)

    assert (job.state, ledger.get_balance(workspace)) == (State.FAILED, 100)
    with pytest.raises(IllegalTransition):
        services.requeue(job, by=mika)


def test_purge_removes_results_before_the_row(register_kind, submit, run_steps):
    row_exists = []
    register_kind(on_purge=lambda job: row_exists.append(Job.objects.filter(pk=job.pk).exists()))

    services.purge(run_steps(submit()))

    assert row_exists == [True]
    assert not Job.objects.exists()


def test_history_shows_no_address_of_a_nameless_user(sign_in, ren, workspace, submit):
    nameless = UserFactory(name="", email="secret.person@gate.example")
    MembershipFactory(user=nameless, workspace=workspace, role="editor")
    MembershipFactory(user=ren, workspace=workspace, role="viewer")
    job = services.cancel(submit(by=nameless), by=nameless)

    page = sign_in(ren).get(reverse("jobs:job", args=[job.pk])).text

    assert "secret.person" in page and "gate.example" not in page
    assert not job.events.filter(actor__contains="@").exists()


def test_job_kind_names_fit_their_column():
    """SQLite takes any length, PostgreSQL does not."""
    max_length = Job._meta.get_field("kind").max_length

    assert [kind.name for kind in registry.all_kinds() if len(kind.name) > max_length] == []
