"""Filters, groups, numbers and bulk actions of the list of jobs."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.billing import grants
from jobs import services
from jobs.listing.pages import PAGE_SIZE
from jobs.models import Job, State
from jobs.registry import RetryTerms

pytestmark = pytest.mark.django_db
QUEUE = "/jobs/"


@pytest.fixture
def store_jobs(workspace, mika, register_kind):
    """``store_jobs(state, n)``: store jobs that were created one minute after the other."""
    register_kind()

    def create(state, count=1, *, age=timedelta(), **values):
        now = timezone.now() - age
        return Job.objects.bulk_create(
            Job(
                workspace=workspace, created_by=mika, kind="test", state=state, title=f"{state} {n}",
                idem_key=f"{state}-{age}-{values}-{n}", created_at=now - timedelta(minutes=n),
                finished_at=None if state in ("queued", "running") else now, **values,
            )
            for n in range(count)
        )  # fmt: skip

    return create


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def list_groups(page):
    return [(job.heading, job.title) for job in page.context["rows"]]


def test_jobs_in_progress_come_before_those_of_today_and_earlier(browser, store_jobs):
    store_jobs("ready", 2)
    store_jobs("failed", age=timedelta(days=2))
    store_jobs("queued", age=timedelta(days=3))

    page = browser.get(QUEUE)

    assert [heading for heading, _title in list_groups(page)] in (
        ["open", "today", "", "earlier"], ["open", "today", "earlier", ""],  # at midnight
    )  # fmt: skip
    assert list_groups(page)[0][1] == "queued 0"
    assert "job-list-group" not in browser.get(QUEUE, {"sort": "oldest"}).text


def test_jobs_of_a_story_stand_together_below_one_heading(browser, store_jobs, monkeypatch):
    monkeypatch.setattr("jobs.listing.pages.PAGE_SIZE", 4)
    ready = store_jobs("ready", 6)
    story = uuid.uuid4()
    Job.objects.filter(pk__in=[ready[n].pk for n in (1, 3, 4, 5)]).update(story_id=story)

    first = browser.get(QUEUE)
    second = browser.get(QUEUE + first.context["next"])

    assert [job.title for job in first.context["rows"]] == ["ready 0", "ready 1", "ready 3", "ready 2"]
    assert first.text.count("A deleted story") == 1 and f"story={story}" in first.text
    assert [bool(job.story_heading) for job in second.context["rows"]] == [True, False]


@pytest.mark.rows
def test_each_job_is_on_one_page_although_jobs_end_meanwhile(browser, store_jobs):
    waiting, ended = store_jobs("queued", PAGE_SIZE + 4), store_jobs("ready", PAGE_SIZE + 4, age=timedelta(days=3))
    seen, url, headings = [], QUEUE, []
    while url:
        page = browser.get(url)
        seen += [job.pk for job in page.context["rows"]]
        headings += [heading for heading, _title in list_groups(page) if heading]
        Job.objects.filter(pk__in=[waiting[0].pk, waiting[-1].pk]).update(state=State.READY, finished_at=timezone.now())
        store_jobs("cancelled", model=str(len(seen)))  # newer than the page
        url = page.context["next"] and QUEUE + page.context["next"]

    assert sorted(seen) == sorted(job.pk for job in [*waiting, *ended])
    assert headings == ["open", "earlier"]


def test_filters_are_in_the_address(browser, store_jobs):
    store_jobs("ready", provider="kling")
    store_jobs("failed", age=timedelta(days=8))

    def list_states(**query):
        return [job.state for job in browser.get(QUEUE, query).context["rows"]]

    assert list_states(provider="kling") == list_states(age="week") == ["ready"]
    assert list_states(age="older") == [] and list_states(age="month") == ["ready", "failed"]
    assert list_states(sort="oldest") == ["failed", "ready"]
    assert list_states(q=str(Job.objects.get(state="failed").pk)) == ["failed"]
    assert list_states(story="nonsense", age="never", sort="best") == ["ready", "failed"]
    next_state = browser.get(QUEUE, {"provider": "kling", "age": "week"}).context["chips"][4]["url"]
    assert next_state == "?provider=kling&age=week&state=failed"


def test_kinds_with_one_label_are_one_choice(browser, store_jobs, register_kind):
    register_kind("test_elsewhere")
    store_jobs("ready")
    store_jobs("failed")
    Job.objects.filter(state="failed").update(kind="test_elsewhere")

    for name in ("test", "test_elsewhere"):
        page = browser.get(QUEUE, {"kind": name})
        assert [job.state for job in page.context["rows"]] == ["failed", "ready"]
        [kinds] = [menu["options"] for menu in page.context["bar"].menus if menu["name"] == "kind"]
        assert re.findall(r'<option value="(\w+)" selected>Test<', kinds) == [name] and kinds.count(">Test<") == 1


def test_numbers_are_counted_to_a_thousand(browser, store_jobs, monkeypatch):
    monkeypatch.setattr("jobs.listing.counts.LIMIT", 3)
    monkeypatch.setattr("jobs.listing.counts.count_up_to.__defaults__", (3,))
    store_jobs("ready", 4)
    store_jobs("failed", 2)

    def count(**query):
        headers = {"HX-Request": "true", "HX-Target": "nav#job-counts"}
        chips = browser.get(QUEUE, query, headers=headers).context["chips"]
        return {str(chip["label"]): chip["count"] for chip in chips}

    assert count() == {
        "All": "3+", "Running": "0", "Waiting": "0", "Done": "3+", "Failed": "2", "Cancelled": "0", "System": "",
    }  # fmt: skip
    assert (count(q="failed")["Failed"], count(q="e")["All"], count(q="e")["Failed"]) == ("2", "3+", "")


class TestRetryAllFailed:
    URL = "/jobs/retry-failed/"

    @pytest.fixture
    def failed(self, submit, register_kind, mika):
        """One free and one paid job that failed."""
        free, paid = submit(), submit(kind="paid")
        for job in (free, paid):
            services.cancel(job, by=mika)
        Job.objects.update(state=State.FAILED)
        return free, paid

    @pytest.fixture
    def submit(self, submit, register_kind):
        terms = RetryTerms("here", "$0.40")
        register_kind("paid", retry_terms=lambda job, by: terms, price_today=lambda job: (400_000, "USD"))
        return submit

    def test_free_jobs_start_at_once_and_paid_ones_after_their_price(self, browser, failed, workspace, settings):
        free, paid = failed
        Job.objects.filter(pk=paid.pk).update(price_reserved=400_000)

        answer = browser.post(self.URL, follow=True)

        assert list(Job.objects.filter(retry_of__isnull=False).values_list("retry_of", flat=True)) == [free.pk]
        assert answer.redirect_chain == [("/jobs/retry-failed/?", 302)]
        assert "1 paid job · $0.40" in " ".join(answer.text.split())
        again = browser.post(self.URL, {"agreed": "USD 100; 0 unpriced; 1 jobs"}, follow=True)
        assert "The price has changed. Nothing was started" in again.text
        assert not paid.retries.exists()
        grants.set_limit(workspace, 500_000)
        settings.BILLING = True
        assert "Retry all$0.40, leaves $0.10" in strip_tags(browser.get(self.URL).text)
        browser.post(self.URL, {"agreed": "USD 400000; 0 unpriced; 1 jobs"})
        assert paid.retries.get().price_reserved == 400_000
