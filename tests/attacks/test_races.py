"""Concurrent requests leave consistent rows and keep limits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from generation.models import Clip
from jobs import maintenance, services
from jobs.lifecycle import transitions
from jobs.models import Job, State
from tests.processes import TIMEOUT

pytestmark = [pytest.mark.django_db(transaction=True)]
FORM = {"prompt": "rain on the roofs", "seconds": 2, "resolution": 480}


@pytest.fixture
def run_at_once(settings):
    """``run_at_once(actions)`` calls all actions at the same time. Returns their results."""
    settings.JOBS_PER_WORKSPACE = 10
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "1000/m/user"}  # effectively none

    def run(actions):
        barrier = Barrier(len(actions))

        def run_action(action):
            try:
                barrier.wait(TIMEOUT)
                return action()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(actions)) as pool:
            return list(pool.map(run_action, actions))

    return run


def open_browsers(user, n):
    first = Client(raise_request_exception=False)
    first.force_login(user)
    created = [Client(raise_request_exception=False) for _ in range(n)]
    for browser in created:
        browser.cookies = first.cookies.copy()
    return created


def test_twenty_posts_with_one_key_create_one_clip(mika, run_at_once):
    responses = run_at_once(
        [
            lambda browser=browser: browser.post("/create/", FORM | {"idem_key": "one"})
            for browser in open_browsers(mika, 20)
        ]
    )

    assert {response.status_code for response in responses} == {302}
    assert len({response.url for response in responses}) == 1
    assert Clip.objects.count() == Job.objects.count() == 1


def test_the_limit_of_unfinished_jobs_holds_under_concurrency(mika, run_at_once):
    responses = run_at_once(
        [lambda browser=browser: browser.post("/create/", FORM) for browser in open_browsers(mika, 20)]
    )

    assert sorted(response.status_code for response in responses) == [302] * 10 + [429] * 10
    assert Job.objects.count() == 10


def test_concurrent_takes_get_different_numbers(mika, request_clips, run_at_once):
    clip = request_clips(mika)[0]

    run_at_once(
        [lambda browser=browser: browser.post(f"{clip.get_absolute_url()}retry/") for browser in open_browsers(mika, 8)]
    )

    assert sorted(Clip.objects.values_list("take", flat=True)) == list(range(1, 10))


def test_concurrent_retry_delete_and_cancel_leave_a_consistent_job(mika, request_clips, run_at_once):
    for _ in range(3):
        clip = request_clips(mika)[0]
        transitions.move(clip.job, State.FAILED, error_code="broken", error_public="It broke.")
        actions = ["retry", "delete", "cancel", "retry", "restore", "delete"]
        responses = run_at_once(
            [
                lambda browser=browser, url=f"/jobs/{clip.job_id}/{url}/": browser.post(url)
                for browser, url in zip(open_browsers(mika, len(actions)), actions, strict=True)
            ]
        )

        assert max(response.status_code for response in responses) < 500
        clip.refresh_from_db()
        assert Job.objects.filter(retry_of__isnull=False, params__clip=str(clip.pk)).count() == 1
        assert (clip.deleted_at is None) == (clip.job.deleted_at is None)
        services.cancel(clip.job, by=mika)
    assert maintenance.find_violations() == []
