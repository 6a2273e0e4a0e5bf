"""Pages of unanswered clips offer exactly the recovery that is possible."""

import traceback

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from generation.providers.remote import Recovery
from jobs.lifecycle import recovery as jobs_recovery
from jobs.models import State
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
CHECKING = "We’re still checking and won’t resend it."
CALLBACK = "It may still notify us of the result; we won’t resend it."
UNSEARCHABLE = "can’t be asked about the result. We won’t resend it."
USAGE = "The Echo account may have been charged once; check its usage page."
STUDIO = "This used the studio’s own Echo account; you don’t pay for what it was charged."


@pytest.fixture
def lose_answer(echo, connect, create_job, run_job, mika, settings):
    """``lose_answer(recovery, scope)``: an unknown job whose response was lost. Returns the job."""

    def make(recovery, scope="personal", *, is_https=True):
        settings.IS_HTTPS = is_https
        fake = echo(recovery=recovery, has_webhooks=True)
        owner = {"personal": {"owner": mika}, "workspace": {"workspace": mika.workspaces.get()}, "site": {}}[scope]
        job = create_job(connect(base_url=fake.url, **owner))
        fake.next("submit", "cut")
        run_job(job, until=State.SUBMITTING)
        job.attempts.update(intent_at="2026-01-01T00:00Z")
        job = run_job(job, until=State.UNKNOWN, steps=3)
        assert job.state == State.UNKNOWN, read_history(job)
        return job

    return make


def open_page(job, user):
    browser = Client()
    browser.force_login(user)
    return " ".join(browser.get(reverse("jobs:job", args=[job.pk])).text.split())


@pytest.mark.parametrize(
    ("recovery", "sentence"),
    [
        (Recovery.LIST, CHECKING),
        (Recovery.WEBHOOK, CALLBACK),
        (Recovery.NONE, UNSEARCHABLE),
    ],
)
def test_page_promises_only_the_available_recovery(lose_answer, mika, recovery, sentence):
    job = lose_answer(recovery)

    text = open_page(job, mika)

    assert [words for words in (CHECKING, CALLBACK, UNSEARCHABLE) if words in text] == [sentence]
    assert ("cannot be asked whether it received this" in read_history(job)) == (recovery == Recovery.NONE)
    assert "still checking" not in read_history(job)


def test_site_without_https_expects_no_callback(lose_answer, mika):
    assert UNSEARCHABLE in open_page(lose_answer(Recovery.WEBHOOK, is_https=False), mika)


@pytest.mark.parametrize(("scope", "sentence"), [("personal", USAGE), ("workspace", USAGE), ("site", STUDIO)])
def test_only_connection_owners_are_sent_to_the_usage_page(lose_answer, mika, scope, sentence):
    text = open_page(lose_answer(Recovery.NONE, scope), mika)

    assert [words for words in (USAGE, STUDIO) if words in text] == [sentence]


@pytest.mark.parametrize("recovery", [Recovery.LIST, Recovery.WEBHOOK, Recovery.NONE])
def test_release_promises_a_clip_only_where_it_can_be_found(lose_answer, mika, recovery):
    job = lose_answer(recovery)

    jobs_recovery.release(job, by=mika)

    job.refresh_from_db()
    is_promised = "If the video arrives after all" in job.error_public
    assert is_promised == (recovery != Recovery.NONE)
    assert ("The studio cannot find out whether Echo generated this." in job.error_public) != is_promised


def test_unanswered_page_runs_no_queries_while_rendering(subtests, lose_answer, mika):
    job = lose_answer(Recovery.OWN_ID)
    browser, queries = Client(), []
    browser.force_login(mika)

    def record(execute, sql, *rest):
        frames = traceback.extract_stack()
        queries.extend(f"{frame.filename}:{frame.lineno}" for frame in frames if "templatetags/jobs" in frame.filename)
        return execute(sql, *rest)

    for name in ["jobs:job", "generation:clip"]:
        with subtests.test(name=name):
            with connection.execute_wrapper(record):
                text = browser.get(reverse(name, args=[job.pk if name == "jobs:job" else job.clip.pk])).text

            assert CHECKING in text and "Resend? You pay at most once" in text
            assert queries == []
