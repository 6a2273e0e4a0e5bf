"""Many requests at the same moment."""

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
WORDS = {"prompt": "rain on the roofs", "seconds": 2, "resolution": 480}


@pytest.fixture
def at_once(settings):
    """``at_once([action, …])`` calls all of them at the same moment and returns their results."""
    settings.JOBS_PER_WORKSPACE = 10
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "1000/m/user"}  # no rate limit here

    def run(actions):
        line = Barrier(len(actions))

        def one(action):
            try:
                line.wait(TIMEOUT)
                return action()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(actions)) as pool:
            return list(pool.map(one, actions))

    return run


def browsers(user, n):
    first = Client(raise_request_exception=False)
    first.force_login(user)
    found = [Client(raise_request_exception=False) for _ in range(n)]
    for browser in found:
        browser.cookies = first.cookies.copy()
    return found


def test_twenty_posts_with_one_key_create_one_clip(mika, at_once):
    answers = at_once(
        [
            lambda browser=browser: browser.post("/create/", WORDS | {"idem_key": "one"})
            for browser in browsers(mika, 20)
        ]
    )

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert Clip.objects.count() == Job.objects.count() == 1


def test_the_limit_of_unfinished_jobs_holds_under_concurrency(mika, at_once):
    answers = at_once([lambda browser=browser: browser.post("/create/", WORDS) for browser in browsers(mika, 20)])

    assert sorted(answer.status_code for answer in answers) == [302] * 10 + [429] * 10
    assert Job.objects.count() == 10


def test_concurrent_takes_get_different_numbers(mika, ask, at_once):
    clip = ask(mika)[0]

    at_once([lambda browser=browser: browser.post(f"{clip.get_absolute_url()}retry/") for browser in browsers(mika, 8)])

    assert sorted(Clip.objects.values_list("take", flat=True)) == list(range(1, 10))


def test_concurrent_retry_delete_and_cancel_leave_a_consistent_job(mika, ask, at_once):
    for _ in range(3):
        clip = ask(mika)[0]
        transitions.move(clip.job, State.FAILED, error_code="broken", error_public="It broke.")
        doors = ["retry", "delete", "cancel", "retry", "restore", "delete"]
        answers = at_once(
            [
                lambda browser=browser, door=f"/jobs/{clip.job_id}/{door}/": browser.post(door)
                for browser, door in zip(browsers(mika, len(doors)), doors, strict=True)
            ]
        )

        assert max(answer.status_code for answer in answers) < 500
        clip.refresh_from_db()
        assert Job.objects.filter(retry_of__isnull=False, params__clip=str(clip.pk)).count() == 1
        assert (clip.deleted_at is None) == (clip.job.deleted_at is None)
        services.cancel(clip.job, by=mika)
    assert maintenance.find_violations() == []
