"""Models with fewer capabilities than their provider are searched, cancelled and polled accordingly."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.traits import Recovery, Stopping
from generation.worker import reconcile
from jobs import services
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from jobs.registry import kind_of
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = pytest.mark.django_db


@pytest.fixture
def declare(echo, fake):
    """``declare(recovery=…)`` sets traits of Echo's only model; Echo itself can search by our own id."""

    def set_capability(**facts):
        [model] = echo.engine.capabilities()
        echo.engine.capabilities = lambda: (replace(model, **facts),)

    return set_capability


def count_searches(fake) -> int:
    return sum(call.method == "GET" and call.path.startswith("/tasks") and "ref" in call.query for call in fake.calls)


def test_unsearchable_model_is_not_searched(fake, site, declare, create_job, run_job, get_balance):
    declare(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")

    job = run_job(create_job(site), until=State.UNKNOWN)

    assert job.state == State.UNKNOWN and count_searches(fake) == 0
    assert "cannot be asked" in read_history(job) or "cannot tell" in read_history(job)
    assert kind_of(job).describe_unanswered(job).source == "none"
    assert len(fake.created) == 1 and get_balance() < LIMIT


def test_callback_only_model_reads_no_list(echo, connect, declare, create_job, run_job):
    fake = echo(**SEARCHABLE, has_webhooks=True)
    declare(recovery=Recovery.WEBHOOK)
    fake.next("submit", "cut_after_create")

    job = run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN, steps=6)

    assert count_searches(fake) == 0 and len(fake.created) == 1
    assert job.state in (State.SUBMITTING, State.UNKNOWN)


def test_list_search_of_a_model_does_not_prove_absence(fake, site, declare, create_job, run_job, get_balance):
    declare(recovery=Recovery.LIST)
    fake.next("submit", "cut")
    job = run_job(create_job(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    job = run_job(job, steps=8)

    assert count_searches(fake) > 3 and job.state == State.UNKNOWN
    assert sum(call.method == "POST" for call in fake.calls) == 1


def test_released_job_of_an_unsearchable_model_is_not_searched(fake, site, declare, create_job, run_job, mika):
    declare(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)

    reconcile.search_abandoned()

    assert count_searches(fake) == 0 and Job.objects.count() == 1


def test_uncancellable_model_is_not_cancelled_and_its_clip_is_kept(fake, site, declare, create_job, run_job, mika):
    declare(stopping=Stopping.NONE)
    job = run_job(create_job(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = run_job(job)

    assert job.state == State.READY and "can no longer cancel this" in read_history(job)
    assert not any(call.method == "DELETE" for call in fake.calls)


def test_overdue_uncancellable_model_is_not_cancelled(fake, site, declare, create_job, run_job):
    declare(stopping=Stopping.NONE)
    fake.running = 100
    job = run_job(create_job(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))

    job = run_job(job, steps=2)

    assert job.state == State.RUNNING and not any(call.method == "DELETE" for call in fake.calls)


@pytest.mark.parametrize("has_progress", [False, None])
def test_invented_progress_of_a_model_is_not_shown(fake, site, declare, create_job, run_job, monkeypatch, has_progress):
    from generation.providers.remote import Snapshot, Stage
    from tests.fakes.echo import EchoProvider

    declare(has_progress=has_progress)
    job = run_job(create_job(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: Snapshot(Stage.RUNNING, 500))

    job = run_job(job, steps=1)

    assert job.progress == (0 if has_progress is False else 450)
