"""Unknown outcome: keep the hold, release it, or resend once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers.remote import Recovery
from jobs.models import Attempt, Job, State
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_unsearchable_lost_submission_becomes_unknown_and_keeps_the_hold(
    echo, connect, create_job, run_job, get_balance
):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")

    job = run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN)

    assert job.state == State.UNKNOWN
    assert get_balance() == LIMIT - PRICE
    run_job(job, steps=5)
    assert len(fake.created) == 1


def test_unknown_job_is_released_after_three_days(echo, connect, create_job, run_job, get_balance):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=73))

    job = run_job(job)

    assert (job.state, job.error_code) == (State.FAILED, "auto_released")
    assert get_balance() == LIMIT


@pytest.mark.parametrize("recovery", [Recovery.OWN_ID, Recovery.LIST])
def test_unknown_job_is_searched_once_more_before_release(echo, connect, create_job, run_job, get_balance, recovery):
    """The studio may have been down for all that time."""
    fake = echo(recovery=recovery)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN, state_since=timezone.now() - timedelta(hours=73))

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1 and get_balance() == LIMIT - PRICE


def test_unknown_job_keeps_its_hold_until_three_days_are_over(echo, connect, create_job, run_job, get_balance):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=71))

    assert run_job(job, steps=3).state == State.UNKNOWN
    assert get_balance() == LIMIT - PRICE
    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS
