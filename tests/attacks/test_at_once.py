"""Many hands at the same moment, on a database with real rows to lock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from generation.models import Clip
from jobs import invariants, services
from jobs.lifecycle import transitions
from jobs.models import Job, State
from tests.processes import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True)]
WORDS = {"prompt": "rain on the roofs", "seconds": 2, "resolution": 480}


@pytest.fixture
def at_once(settings):
    """``at_once([deed, …])`` does all of them at the same moment; what each gave."""
    settings.JOBS_PER_WORKSPACE = 10
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "1000/m/user"}  # races, not pace

    def run(deeds):
        line = Barrier(len(deeds))

        def one(deed):
            try:
                line.wait(PATIENCE)
                return deed()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(deeds)) as pool:
            return list(pool.map(one, deeds))

    return run


def browsers(user, n):
    first = Client(raise_request_exception=False)
    first.force_login(user)
    found = [Client(raise_request_exception=False) for _ in range(n)]
    for browser in found:
        browser.cookies = first.cookies.copy()
    return found


def test_fifty_posts_with_one_key_make_one_clip(mika, at_once):
    answers = at_once(
        [
            lambda browser=browser: browser.post("/create/", WORDS | {"idem_key": "one"})
            for browser in browsers(mika, 50)
        ]
    )

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert Clip.objects.count() == Job.objects.count() == 1


def test_the_limit_of_unfinished_jobs_holds_against_a_crowd(mika, at_once):
    answers = at_once([lambda browser=browser: browser.post("/create/", WORDS) for browser in browsers(mika, 20)])

    assert sorted(answer.status_code for answer in answers) == [302] * 10 + [429] * 10
    assert Job.objects.count() == 10


def test_takes_asked_for_at_once_have_numbers_of_their_own(mika, ask, at_once):
    clip = ask(mika)[0]

    at_once([lambda browser=browser: browser.post(f"{clip.get_absolute_url()}again/") for browser in browsers(mika, 8)])

    assert sorted(Clip.objects.values_list("take", flat=True)) == list(range(1, 10))


def test_retry_delete_and_stop_at_once_leave_one_story(mika, ask, at_once):
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
    assert invariants.broken() == []
