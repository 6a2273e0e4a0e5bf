"""Retry: only the newest job is retried, and purged clips are not."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job, State
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
GONE = "What this job was to produce has been permanently deleted. Nothing was started."
NEW = "Retrying as a new job."


@pytest.fixture
def old(fake, site, create_job, run_job):
    """What its provider refused."""
    fake.next("submit", "invalid")
    return run_job(create_job(site))


@pytest.fixture
def browser(mika):
    made = Client()
    made.force_login(mika)
    return made


def again(browser, job):
    return browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)


def test_retry_restores_a_newer_deleted_job(get_balance, fake, old, run_job, mika, browser):
    newer = run_job(jobs.retry(old, by=mika))
    jobs.delete(newer, by=mika)
    left = get_balance()

    answer = again(browser, old)

    assert "Restored." in answer.text and NEW not in answer.text
    assert Clip.objects.shown().get().job == Job.objects.shown().exclude(pk=old.pk).get() == newer
    assert (Job.objects.count(), len(fake.created), get_balance()) == (2, 1, left)


def test_restored_cancelled_retry_is_retried_next(old, run_job, mika, browser):
    newer = jobs.retry(old, by=mika)
    jobs.delete(newer, by=mika)

    assert "Restored." in again(browser, old).text
    assert not newer.retries.exists()
    answer = again(browser, newer)

    clip = Clip.objects.shown().get()
    assert NEW in answer.text
    assert (clip.job.retry_of, clip.job.state) == (newer, "queued")
    assert run_job(clip.job).state == "ready"


def test_running_retry_is_not_started_twice(get_balance, old, mika, browser):
    jobs.retry(old, by=mika)
    left = get_balance()

    answer = again(browser, old)

    assert "This job was already retried. Nothing new was started." in answer.text and NEW not in answer.text
    assert (Job.objects.count(), get_balance()) == (2, left)


def test_retry_of_a_purged_clip_starts_nothing(get_balance, fake, old, run_job, mika, browser):
    fake.next("submit", "invalid")
    newer = run_job(jobs.retry(old, by=mika))
    jobs.delete(newer, by=mika)
    jobs.purge(newer)

    for _time in range(2):
        answer = again(browser, old)
        assert GONE in answer.text and NEW not in answer.text

    assert (Job.objects.get(), Clip.objects.count(), get_balance()) == (old, 0, LIMIT)


def test_retry_button_appears_only_where_it_works(old, mika, browser):
    def offers(job):
        pages = reverse("jobs:queue"), reverse("jobs:job", args=[job.pk])
        return [reverse("jobs:retry", args=[job.pk]) in browser.get(page).text for page in pages]

    assert offers(old) == [True, True]

    newer = jobs.cancel(jobs.retry(old, by=mika), by=mika)
    assert (offers(old), offers(newer)) == ([False, False], [True, True])

    Clip.objects.update(has_missing_source=True)
    assert offers(newer) == [False, False]

    jobs.purge(newer)
    assert offers(old) == [False, False]


def test_bulk_retry_counts_only_new_jobs(old, mika, browser):
    newer = jobs.cancel(jobs.retry(old, by=mika), by=mika)
    both = {"act": "retry", "id": [old.pk, newer.pk]}

    assert "Retrying 1 job." in browser.post(reverse("jobs:bulk"), both, follow=True).text
    assert "This job was already retried." in browser.post(reverse("jobs:bulk"), both, follow=True).text
    assert Job.objects.filter(state=State.QUEUED).count() == 1 and Job.objects.count() == 3


def test_stale_retry_button_buys_nothing(get_balance, fake, old, run_job, mika, browser):
    """Whoever presses it has not seen that, nor what it costs by now."""
    fake.next("submit", "invalid")
    newer = run_job(jobs.retry(old, by=mika))
    assert newer.state == State.FAILED
    left = get_balance()

    answer = again(browser, old)

    assert "This job was already retried. Nothing new was started." in answer.text
    assert (Job.objects.count(), get_balance()) == (2, left)


def test_bulk_retry_skips_jobs_that_cannot_be_retried(fake, old, create_job, site, run_job, browser):
    fake.next("submit", "invalid")
    good = run_job(create_job(site))
    Clip.objects.filter(job=old).update(has_missing_source=True)

    answer = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": [old.pk, good.pk]}, follow=True)

    assert "Retrying 1 job." in answer.text
    assert good.retries.count() == 1 and not old.retries.exists()
