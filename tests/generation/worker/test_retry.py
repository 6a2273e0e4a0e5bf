"""Retry: only the newest job is retried, and purged clips are not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.models import Clip
from generation.providers.models import Connection
from jobs import services as jobs
from jobs.models import Job, State
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
PURGED_MESSAGE = "What this job was to produce has been permanently deleted. Nothing was started."
RETRY_MESSAGE = "Retrying as a new job."


@pytest.fixture
def failed_job(fake, site, create_job, run_job):
    """A job that its provider refused."""
    fake.next("submit", "invalid")
    return run_job(create_job(site))


@pytest.fixture
def browser(mika):
    made = Client()
    made.force_login(mika)
    return made


def post_retry(browser, job):
    return browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)


def test_retry_restores_a_newer_deleted_job(get_balance, fake, failed_job, run_job, mika, browser):
    newer = run_job(jobs.retry(failed_job, by=mika))
    jobs.delete(newer, by=mika)
    balance = get_balance()

    answer = post_retry(browser, failed_job)

    assert "Restored." in answer.text and RETRY_MESSAGE not in answer.text
    assert Clip.objects.shown().get().job == Job.objects.shown().exclude(pk=failed_job.pk).get() == newer
    assert (Job.objects.count(), len(fake.created), get_balance()) == (2, 1, balance)


def test_retry_over_a_paused_connection_says_so_and_is_sent_later(fake, site, failed_job, run_job, browser):
    Connection.objects.filter(pk=site.pk).update(paused_until=timezone.now() + timedelta(minutes=5))
    waits = "The connection to Echo is paused. What you start now waits until it can be sent."
    for page in (reverse("jobs:queue"), Clip.objects.get().get_absolute_url()):
        assert waits in browser.get(page).text, page

    assert RETRY_MESSAGE in post_retry(browser, failed_job).text
    retry = run_job(failed_job.retries.get())
    assert (retry.state, len(fake.created)) == ("queued", 0)

    Connection.objects.filter(pk=site.pk).update(paused_until=None)
    assert (run_job(retry).state, len(fake.created)) == ("ready", 1)


def test_restored_cancelled_retry_is_retried_next(failed_job, run_job, mika, browser):
    newer = jobs.retry(failed_job, by=mika)
    jobs.delete(newer, by=mika)

    assert "Restored." in post_retry(browser, failed_job).text
    assert not newer.retries.exists()
    answer = post_retry(browser, newer)

    clip = Clip.objects.shown().get()
    assert RETRY_MESSAGE in answer.text
    assert (clip.job.retry_of, clip.job.state) == (newer, "queued")
    assert run_job(clip.job).state == "ready"


def test_running_retry_is_not_started_twice(get_balance, failed_job, mika, browser):
    jobs.retry(failed_job, by=mika)
    balance = get_balance()

    answer = post_retry(browser, failed_job)

    assert "This job was already retried. Nothing new was started." in answer.text and RETRY_MESSAGE not in answer.text
    assert (Job.objects.count(), get_balance()) == (2, balance)


def test_retry_of_a_purged_clip_starts_nothing(get_balance, fake, failed_job, run_job, mika, browser):
    fake.next("submit", "invalid")
    newer = run_job(jobs.retry(failed_job, by=mika))
    jobs.delete(newer, by=mika)
    jobs.purge(newer)

    for _time in range(2):
        answer = post_retry(browser, failed_job)
        assert PURGED_MESSAGE in answer.text and RETRY_MESSAGE not in answer.text

    assert (Job.objects.get(), Clip.objects.count(), get_balance()) == (failed_job, 0, LIMIT)


def test_retry_button_appears_only_where_it_works(failed_job, mika, browser):
    def list_offers(job):
        pages = reverse("jobs:queue"), reverse("jobs:job", args=[job.pk])
        return [reverse("jobs:retry", args=[job.pk]) in browser.get(page).text for page in pages]

    assert list_offers(failed_job) == [True, True]

    newer = jobs.cancel(jobs.retry(failed_job, by=mika), by=mika)
    assert (list_offers(failed_job), list_offers(newer)) == ([False, False], [True, True])

    Clip.objects.update(has_missing_source=True)
    assert list_offers(newer) == [False, False]

    jobs.purge(newer)
    assert list_offers(failed_job) == [False, False]


def test_bulk_retry_counts_only_new_jobs(failed_job, mika, browser):
    newer = jobs.cancel(jobs.retry(failed_job, by=mika), by=mika)
    form = {"act": "retry", "id": [failed_job.pk, newer.pk]}

    assert "Retrying 1 job." in browser.post(reverse("jobs:bulk"), form, follow=True).text
    assert "This job was already retried." in browser.post(reverse("jobs:bulk"), form, follow=True).text
    assert Job.objects.filter(state=State.QUEUED).count() == 1 and Job.objects.count() == 3


def test_stale_retry_button_buys_nothing(get_balance, fake, failed_job, run_job, mika, browser):
    """The user has seen neither the newer job nor the current price."""
    fake.next("submit", "invalid")
    newer = run_job(jobs.retry(failed_job, by=mika))
    assert newer.state == State.FAILED
    balance = get_balance()

    answer = post_retry(browser, failed_job)

    assert "This job was already retried. Nothing new was started." in answer.text
    assert (Job.objects.count(), get_balance()) == (2, balance)


def test_bulk_retry_skips_jobs_that_cannot_be_retried(fake, failed_job, create_job, site, run_job, browser):
    fake.next("submit", "invalid")
    retryable = run_job(create_job(site))
    Clip.objects.filter(job=failed_job).update(has_missing_source=True)

    answer = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": [failed_job.pk, retryable.pk]}, follow=True)

    assert "Retrying 1 job." in answer.text
    assert retryable.retries.count() == 1 and not failed_job.retries.exists()
