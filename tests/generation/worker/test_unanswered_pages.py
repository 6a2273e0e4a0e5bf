"""Pages of unanswered clips offer exactly the recovery that is possible."""

import traceback

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from generation.models import Clip
from generation.providers.remote import Recovery
from jobs.lifecycle import recovery as jobs_recovery
from jobs.models import State
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
KEEP = "We’re still checking and won’t resend it."
CALL = "It may still notify us of the result; we won’t resend it."
NOBODY = "can’t be asked about the result. We won’t resend it."
USAGE = "The Echo account may have been charged once; check its usage page."
STUDIO = "This used the studio’s own Echo account; you don’t pay for what it was charged."


@pytest.fixture
def unanswered(echo, connect, create_job, run_job, mika, settings):
    """``unanswered(recovery, scope)``: a clip whose answer was lost, and that nobody found since."""

    def make(recovery, scope="personal", *, is_https=True):
        settings.IS_HTTPS = is_https
        fake = echo(recovery=recovery, has_webhooks=True)
        whose = {"personal": {"owner": mika}, "workspace": {"workspace": mika.workspaces.get()}, "site": {}}[scope]
        job = create_job(connect(base_url=fake.url, **whose))
        fake.next("submit", "cut")
        run_job(job, until=State.SUBMITTING)
        job.attempts.update(intent_at="2026-01-01T00:00Z")
        job = run_job(job, until=State.UNKNOWN, steps=3)
        assert job.state == State.UNKNOWN, read_history(job)
        return job

    return make


def page(job, who):
    browser = Client()
    browser.force_login(who)
    return " ".join(browser.get(reverse("jobs:job", args=[job.pk])).text.split())


@pytest.mark.parametrize(
    ("recovery", "said"),
    [
        (Recovery.OWN_ID, KEEP),
        (Recovery.LIST, KEEP),
        (Recovery.WEBHOOK, CALL),
        (Recovery.NONE, NOBODY),
    ],
)
def test_page_promises_only_the_available_recovery(unanswered, mika, recovery, said):
    job = unanswered(recovery)

    told = page(job, mika)

    assert [words for words in (KEEP, CALL, NOBODY) if words in told] == [said]
    assert ("cannot be asked whether it received this" in read_history(job)) == (recovery == Recovery.NONE)
    assert "still checking" not in read_history(job)


def test_site_without_https_expects_no_callback(unanswered, mika):
    assert NOBODY in page(unanswered(Recovery.WEBHOOK, is_https=False), mika)


@pytest.mark.parametrize(("scope", "said"), [("personal", USAGE), ("workspace", USAGE), ("site", STUDIO)])
def test_only_connection_owners_are_sent_to_the_usage_page(unanswered, mika, scope, said):
    told = page(unanswered(Recovery.NONE, scope), mika)

    assert [words for words in (USAGE, STUDIO) if words in told] == [said]


@pytest.mark.parametrize("recovery", [Recovery.LIST, Recovery.WEBHOOK, Recovery.NONE])
def test_release_promises_a_clip_only_where_it_can_be_found(unanswered, mika, recovery):
    job = unanswered(recovery)

    jobs_recovery.release(job, by=mika)

    job.refresh_from_db()
    is_hoped_for = "If the video arrives after all" in job.error_public
    assert is_hoped_for == (recovery != Recovery.NONE)
    assert ("The studio cannot find out whether Echo generated this." in job.error_public) != is_hoped_for


def test_viewer_is_offered_neither_release_nor_resend(unanswered, ren):
    job = unanswered(Recovery.NONE)
    Membership.objects.create(user=ren, workspace=job.workspace, role="viewer")
    browser = Client()
    browser.force_login(ren)

    told = browser.get(Clip.objects.get(job=job).get_absolute_url()).text

    assert "got no response" in told
    assert reverse("jobs:release", args=[job.pk]) not in told and reverse("jobs:resend", args=[job.pk]) not in told


def test_unanswered_page_offers_exactly_release_and_resend(unanswered, mika):
    clip = Clip.objects.get(job=unanswered(Recovery.OWN_ID))
    browser = Client()
    browser.force_login(mika)

    told = browser.get(clip.get_absolute_url()).text

    doors = [name for name in ("release", "resend", "cancel") if reverse(f"jobs:{name}", args=[clip.job_id]) in told]
    assert doors == ["release", "resend"]


def test_unanswered_page_runs_no_queries_while_rendering(subtests, unanswered, mika):
    job = unanswered(Recovery.OWN_ID)
    browser, queries = Client(), []
    browser.force_login(mika)

    def record(execute, sql, *rest):
        frames = traceback.extract_stack()
        queries.extend(f"{frame.filename}:{frame.lineno}" for frame in frames if "templatetags/jobs" in frame.filename)
        return execute(sql, *rest)

    for name in ["jobs:job", "generation:clip"]:
        with subtests.test(name=name):
            with connection.execute_wrapper(record):
                told = browser.get(reverse(name, args=[job.pk if name == "jobs:job" else job.clip.pk])).text

            assert KEEP in told and "Resend? You pay at most once" in told
            assert queries == []
