"""Late results of attempts that were given up: one free take for the owner."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import late_results
from jobs import recovery, registry
from jobs.models import Attempt, Job, State
from jobs.templatetags.jobs import price
from tests.generation.worker.helpers import KNOWS, LEFT, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def given_up(echo, connect, order, go, mika):
    """A submission whose answer was lost, given up by Mika; the provider has made its film all the same."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = go(order(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)
    return site, fake.created[0], job


def call_back(site, task):
    door = f"/webhooks/echo/{site.webhook_token}/"
    return Client().post(door, json.dumps({"id": task.id, "ref": task.ref}), "application/json")


def test_late_result_becomes_one_free_take(given_up, go, purse):
    site, task, job = given_up
    for _again in range(2):
        call_back(site, task)

    [extra] = Job.objects.exclude(pk=job.pk)
    go(extra)

    first, second = Clip.objects.order_by("take")
    assert (extra.state, extra.price_charged) == (State.READY, 0)
    assert first.request == second.request and second.is_ready
    assert purse() == LEFT
    assert "yours for free" in story(extra)
    assert price(extra) == "free"
    Connection.objects.update(owner=job.created_by)
    assert price(extra) == "nothing booked here", "what one's own account was charged stands there"


def test_pages_announce_a_late_result_instead_of_a_retry(sign_in, mika, given_up):
    site, task, job = given_up
    browser, page = sign_in(mika), Clip.objects.get(job=job).get_absolute_url()
    pages = {
        "page": lambda: browser.get(page).text,
        "card": lambda: browser.get(f"{page}card/").text,
        "create": lambda: browser.get(reverse("generation:create")).text,
        "live": lambda: browser.get(reverse("jobs:live"), {"ids": str(job.pk)}).text,
    }
    button, words = f"/jobs/{job.pk}/retry/", "It turned up at Echo after all, as one more take."
    assert {name for name, text in pages.items() if button in text()} == set(pages)

    call_back(site, task)

    told = {name: text() for name, text in pages.items()}
    assert {name for name, text in told.items() if button not in text and words in text} == set(pages)
    answer = browser.post(button, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and f"{words} Nothing was started." in answer.text


def test_abandoned_job_under_review_is_not_retryable(sign_in, mika, given_up):
    """Ticked together with others in the list it keeps none of them from being tried again."""
    site, task, job = given_up
    were_free(job, 3)
    page = Clip.objects.get(job=job).get_absolute_url()

    call_back(site, task)

    told = sign_in(mika).get(page).text
    assert f"/jobs/{job.pk}/retry/" not in told and "Echo has said meanwhile that it has this." in told
    assert not registry.retryable_ids([job])


def test_released_jobs_do_not_yield_unlimited_free_clips(given_up):
    several_were_free(given_up)


def test_third_free_clip_of_a_month_is_granted(given_up):
    site, task, job = given_up
    were_free(job, 2)
    were_free(job, 3, timezone.now() - timedelta(days=31))

    call_back(site, task)

    assert Job.objects.filter(idem_key=f"extra-{job.attempts.get().pk}").exists()


def were_free(job, many, at=None):
    """Mika had so many films for free lately, or at that time."""
    for _film in range(many):
        Job.objects.create(
            workspace=job.workspace, created_by=job.created_by, kind="clip_elsewhere", title="free",
            idem_key=f"extra-before-{uuid.uuid4()}", request_hash="-", state=State.READY,
            created_at=at or timezone.now() - timedelta(days=29),
        )  # fmt: skip


def several_were_free(given_up):
    site, task, job = given_up
    were_free(job, 3)
    call_back(site, task)

    attempt = Attempt.objects.get()
    assert not Job.objects.filter(idem_key=f"extra-{attempt.pk}").exists()
    return attempt


def test_operator_grants_the_fourth_free_clip(given_up, go, client, mika, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    attempt = several_were_free(given_up)
    mika.is_staff = mika.is_superuser = True
    mika.save()
    client.force_login(mika)
    url = reverse("admin:jobs_attempt_changelist")

    page = client.get(url).text
    assert str(attempt.job_id)[:8] in page and "Give the person this film for free" in page
    client.post(url, {"action": "give", "_selected_action": [str(attempt.pk)]})

    extra = Job.objects.get(idem_key=f"extra-{attempt.pk}")
    assert go(extra).state == State.READY and extra.price_charged == 0
    assert str(attempt.job_id)[:8] not in client.get(url).text


def test_missing_abandoned_attempt_does_not_block_others(given_up, echo, order, go, mika, monkeypatch):
    site, _task, first = given_up
    monkeypatch.setattr(late_results, "AT_ONCE", 1)
    echo(recovery=Recovery.NONE, has_webhooks=True).next("submit", "cut")
    missing = go(order(site), until=State.UNKNOWN)
    recovery.release(missing, by=mika)
    echo(**KNOWS)

    for _look in range(3):
        late_results.look_for_abandoned()

    assert Job.objects.filter(idem_key=f"extra-{first.attempts.get().pk}").exists()


def test_abandoned_attempt_is_searched_where_the_provider_allows_it(given_up, echo, go):
    _site, task, job = given_up
    echo(**KNOWS)

    late_results.look_for_abandoned()
    late_results.look_for_abandoned()

    [extra] = Job.objects.exclude(pk=job.pk)
    assert go(extra).state == State.READY
    assert extra.attempts.get().provider_task_id == task.id
