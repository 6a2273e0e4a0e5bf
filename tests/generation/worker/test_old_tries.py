"""A try that a newer one took the place of: only the newest is tried again, and what is gone is not begun anew."""

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job, State
from tests.generation.worker.told import LEFT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_is_well")]
GONE = "What this was to make is gone for good. Nothing was started."
NEW = "Trying again as a new job."


@pytest.fixture
def old(fake, site, order, go):
    """What its provider refused."""
    fake.next("submit", "invalid")
    return go(order(site))


@pytest.fixture
def browser(mika):
    made = Client()
    made.force_login(mika)
    return made


def again(browser, job):
    return browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)


def test_a_newer_try_that_was_made_and_thrown_away_comes_out_of_the_bin(purse, fake, old, go, mika, browser):
    newer = go(jobs.retry(old, by=mika))
    jobs.delete(newer, by=mika)
    left = purse()

    answer = again(browser, old)

    assert "It is back." in answer.text and NEW not in answer.text
    assert Clip.objects.shown().get().job == Job.objects.shown().exclude(pk=old.pk).get() == newer
    assert (Job.objects.count(), len(fake.created), purse()) == (2, 1, left)


def test_a_newer_try_that_was_stopped_by_throwing_it_away_comes_back_and_is_what_is_tried_again(old, go, mika, browser):
    newer = jobs.retry(old, by=mika)
    jobs.delete(newer, by=mika)

    assert "It is back." in again(browser, old).text
    assert not newer.retries.exists()
    answer = again(browser, newer)

    clip = Clip.objects.shown().get()
    assert NEW in answer.text
    assert (clip.job.retry_of, clip.job.state) == (newer, "queued")
    assert go(clip.job).state == "ready"


def test_what_is_being_tried_again_is_not_said_to_be_started_once_more(purse, old, mika, browser):
    jobs.retry(old, by=mika)
    left = purse()

    answer = again(browser, old)

    assert "That was tried again before. Nothing new was started." in answer.text and NEW not in answer.text
    assert (Job.objects.count(), purse()) == (2, left)


def test_a_try_whose_clip_is_gone_for_good_begins_nothing(purse, fake, old, go, mika, browser):
    fake.next("submit", "invalid")
    newer = go(jobs.retry(old, by=mika))
    jobs.delete(newer, by=mika)
    jobs.purge(newer)

    for _time in range(2):
        answer = again(browser, old)
        assert GONE in answer.text and NEW not in answer.text

    assert (Job.objects.get(), Clip.objects.count(), purse()) == (old, 0, LEFT)


def test_the_button_stands_where_it_would_try_something_again(old, mika, browser):
    def offers(job):
        pages = reverse("jobs:queue"), reverse("jobs:job", args=[job.pk])
        return [reverse("jobs:retry", args=[job.pk]) in browser.get(page).text for page in pages]

    assert offers(old) == [True, True]

    newer = jobs.cancel(jobs.retry(old, by=mika), by=mika)
    assert (offers(old), offers(newer)) == ([False, False], [True, True])

    Clip.objects.update(has_lost_start=True)
    assert offers(newer) == [False, False]

    jobs.purge(newer)
    assert offers(old) == [False, False]


def test_of_several_jobs_only_what_is_new_is_counted(old, mika, browser):
    newer = jobs.cancel(jobs.retry(old, by=mika), by=mika)
    both = {"act": "retry", "id": [old.pk, newer.pk]}

    assert "1 job is tried again." in browser.post(reverse("jobs:bulk"), both, follow=True).text
    assert "That was tried again before." in browser.post(reverse("jobs:bulk"), both, follow=True).text
    assert Job.objects.filter(state=State.QUEUED).count() == 1 and Job.objects.count() == 3


def test_an_old_button_buys_nothing_once_more_whatever_came_of_the_try_since(purse, fake, old, go, mika, browser):
    """Whoever presses it has not seen that, nor what it costs by now."""
    fake.next("submit", "invalid")
    newer = go(jobs.retry(old, by=mika))
    assert newer.state == State.FAILED
    left = purse()

    answer = again(browser, old)

    assert "That was tried again before. Nothing new was started." in answer.text
    assert (Job.objects.count(), purse()) == (2, left)


def test_one_that_cannot_be_tried_again_does_not_keep_the_others_from_it(fake, old, order, site, go, browser):
    fake.next("submit", "invalid")
    good = go(order(site))
    Clip.objects.filter(job=old).update(has_lost_start=True)

    answer = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": [old.pk, good.pk]}, follow=True)

    assert "1 job is tried again." in answer.text
    assert good.retries.count() == 1 and not old.retries.exists()
