"""Malformed submit responses stay open, alert operators and are never trusted."""

import json
import logging

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as generated

from accounts.billing.models import Hold
from generation.providers.remote import Recovery
from jobs import maintenance, services
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.server import Reply
from tests.generation.providers.malformed_bodies import malformed_bodies

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
STATES = {Recovery.OWN_ID: State.SUBMITTING, Recovery.NONE: State.UNKNOWN}


@pytest.mark.parametrize("recovery", STATES)
def test_malformed_submit_response_stays_open_keeps_the_hold_and_alerts_operators(
    echo, connect, create_job, recovery, caplog, settings
):
    settings.JOBS_PER_WORKSPACE = 100
    fake = echo(recovery=recovery, absence_is_proof=True)
    site = connect(base_url=fake.url)

    @generated(max_examples=8, derandomize=True, database=None,
               suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
    @given(malformed_bodies)
    def check_body(body):
        caplog.clear()
        fake.fault_made_up = lambda request, act: (act(), Reply(200, body))[1]
        fake.next("submit", "made_up")
        job = create_job(site)
        engine.advance(job.pk)
        job.refresh_from_db()

        [attempt] = job.attempts.all()
        assert (job.state, attempt.outcome, attempt.provider_task_id) == (STATES[recovery], "ambiguous", "")
        assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD
        alerts = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert any(str(job.pk) in record.getMessage() for record in alerts), body[:200]
        Job.objects.filter(pk=job.pk).update(next_run_at="2200-01-01T00:00Z")

    check_body()
    assert Attempt.objects.count() == len(fake.created)


@pytest.mark.parametrize("recovery", STATES)
def test_database_rejects_a_task_id_of_another_job(echo, connect, create_job, run_job, recovery, caplog, mika):
    fake = echo(recovery=recovery)
    site = connect(base_url=fake.url)
    first = run_job(create_job(site))
    taken = Attempt.objects.get(job=first).provider_task_id
    fake.fault_foreign = lambda request, act: (act(), Reply(200, json.dumps({"id": taken})))[1]
    fake.next("submit", "foreign")

    second = create_job(site)
    engine.advance(second.pk)

    assert Attempt.objects.filter(provider_task_id=taken).count() == 1
    assert Job.objects.get(pk=second.pk).state == STATES[recovery]
    assert "the task id of another job" in caplog.text
    services.cancel(second, by=mika)
    assert maintenance.find_violations() == []
