"""Overrides of a provider apply from the next response on and add no queries to polls."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from generation.providers import overrides
from generation.providers.connections import override_services
from generation.providers.models import ProviderOverride
from generation.providers.remote import Billing, Recovery
from generation.worker import queueing
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.fakes.server import Reply
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = pytest.mark.django_db


@pytest.fixture
def override(mika):
    """``override(per_minute=2)`` saves overrides of Echo."""

    def save(**values):
        row, _is_new = ProviderOverride.objects.get_or_create(provider="echo")
        for name, value in values.items():
            setattr(row, name, value)
        override_services.save_override(row, by=mika, fields=list(values))
        return row

    return save


def create_and_refuse(request, act):
    act()
    return Reply(429, {"kind": "transient", "error": "busy"})


def test_busy_overridden_as_unclear_is_searched_and_not_resent(fake, site, create_job, run_job, override):
    fake.fault_busy_and_made = create_and_refuse
    fake.next("submit", "busy_and_made")
    override(is_busy_refusal=False)

    job = run_job(create_job(site))

    assert job.state == State.READY
    assert len(fake.created) == 1, "a clip was bought twice"
    assert "busy" not in read_history(job) and job.attempts.count() == 1


def test_busy_declared_as_refusal_is_resent(fake, site, create_job, run_job):
    fake.fault_busy_and_made = create_and_refuse
    fake.next("submit", "busy_and_made")

    job = run_job(create_job(site))

    assert job.state == State.READY and len(fake.created) == 2


def test_unclear_busy_without_search_becomes_unknown(echo, connect, create_job, run_job, override):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "busy")
    override(is_busy_refusal=False)

    assert run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN).state == State.UNKNOWN


def test_busy_overridden_as_refusal_is_resent(echo, connect, create_job, run_job, override):
    fake = echo(is_busy_refusal=False, recovery=Recovery.NONE)
    fake.next("submit", "busy_without_a_code", "busy_without_a_code")
    site = connect(base_url=fake.url)
    assert run_job(create_job(site), until=State.UNKNOWN).state == State.UNKNOWN, "the declared trait was ignored"

    override(is_busy_refusal=True)

    assert run_job(create_job(site)).state == State.READY and len(fake.created) == 1


def test_shorter_deadline_applies_to_running_jobs(fake, site, create_job, run_job, override):
    fake.running = 100
    job = run_job(create_job(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() + timedelta(minutes=20))

    assert run_job(job, steps=2).state == State.RUNNING
    override(deadline_minutes=30)  # the clip has been running for forty

    assert run_job(job).state == State.TIMED_OUT
    assert "did not finish within 30 minutes" in job.error_public


def test_longer_deadline_applies_to_running_jobs_until_it_is_deleted(fake, site, create_job, run_job, override, mika):
    fake.running = 100
    job = run_job(create_job(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))

    row = override(deadline_minutes=90)
    assert run_job(job, steps=2).state == State.RUNNING

    override_services.delete_override(row, by=mika)
    assert run_job(job).state == State.TIMED_OUT


def test_acceptance_reads_the_deadline_past_the_cache(fake, site, create_job, run_job):
    assert overrides.override_traits("echo", overrides.ProviderTraits()).deadline == 3600, (
        "the cached value is not the declared one"
    )
    ProviderOverride.objects.create(provider="echo", deadline_minutes=240)

    job = run_job(create_job(site), until=State.RUNNING)

    assert job.deadline_at - job.started_at == timedelta(hours=4)


def test_failed_clip_is_charged_by_the_overridden_billing_rule(
    echo, connect, create_job, run_job, get_balance, override
):
    fake = echo(billing=Billing.SUBMIT, **SEARCHABLE)
    fake.fault_failed = lambda request, act: Reply(200, {"stage": "failed", "fault": "provider_fault"})
    fake.next("poll", "failed")
    override(billing="success")

    job = run_job(create_job(connect(base_url=fake.url)))

    assert job.state == State.FAILED and get_balance() == LIMIT
    assert "charges only for finished videos" in job.error_public


def test_overridden_concurrency_limits_a_connection(fake, site, override):
    assert queueing.count_room(site).free > 7

    override(concurrency=7)

    assert queueing.count_room(site).free == 7


def list_override_queries(jobs) -> list[str]:
    """Poll each job once and return the queries that read overrides."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(next_run_at=Now(), lease_until=None)
    with CaptureQueriesContext(connection) as queries:
        leases = engine.claim_polls(10)
        for lease in leases:
            engine.poll(lease)
    assert len(leases) == len(jobs) and len(queries) > 0
    return [query["sql"] for query in queries if ProviderOverride._meta.db_table in query["sql"]]


def test_polls_query_overrides_once_per_cache_period(fake, site, create_job, run_job, override):
    fake.running = 1000
    jobs = [run_job(create_job(site), until=State.RUNNING) for _ in range(3)]
    assert list_override_queries(jobs) == []

    override(per_minute=7)
    assert overrides.override_traits("echo", overrides.ProviderTraits()).per_minute == 7
    assert list_override_queries(jobs) == []

    overrides.clear_cache()
    assert len(list_override_queries(jobs)) == 1


def test_acceptance_queries_its_own_provider_and_keeps_the_cache(fake, site, create_job, run_job, monkeypatch):
    monkeypatch.setattr(overrides, "CACHE_SECONDS", 3600.0)
    fake.running, job = 1000, create_job(site)
    overrides.override_traits("echo", overrides.ProviderTraits())

    with CaptureQueriesContext(connection) as queries:
        run_job(job, until=State.RUNNING)

    [question] = [query["sql"] for query in queries if ProviderOverride._meta.db_table in query["sql"]]
    assert "'echo'" in question


def test_cache_expires_within_seconds(fake, site, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(overrides, "CACHE_SECONDS", 5.0)
    monkeypatch.setattr(overrides.time, "monotonic", lambda: clock[0])
    overrides.clear_cache()
    declared = overrides.ProviderTraits()
    assert overrides.override_traits("echo", declared) is declared
    ProviderOverride.objects.create(provider="echo", per_minute=9)

    clock[0] = 4.0
    assert overrides.override_traits("echo", declared) is declared
    clock[0] = 5.1
    assert overrides.override_traits("echo", declared).per_minute == 9


def test_saved_override_is_audited_with_its_values(fake, override, mika):
    override(is_busy_refusal=False, per_minute=9)

    event = AuditEvent.objects.get(verb="override.changed")
    assert (event.target, event.actor_id) == ("echo", mika.pk)
    assert event.facts == {"values": {"is_busy_refusal": False, "per_minute": 9}}
