"""A task that is queued at the provider is shown as waiting, not as drawing."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from generation.models import Clip
from generation.providers.remote import Stopped
from jobs.models import Job, State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def report_stages(fake, site, create_job, run_job):
    """``report_stages("queued", "running")``: a job after polls that reported these stages. Returns the job."""
    job = create_job(site)

    def report(*stages):
        for stage in stages:
            setattr(fake, f"fault_{stage}", lambda request, act, stage=stage: Reply(200, {"stage": stage}))
        fake.next("poll", *stages)
        if job.state == State.QUEUED:
            run_job(job, until=State.RUNNING)
        if stages:
            run_job(job, steps=len(stages))
        job.refresh_from_db()
        return job

    return report


def list_tags(browser, job, language="en") -> set:
    """Return class and text of the job's tag on all pages that show it."""
    clip = Clip.objects.get(job=job)
    found = set()
    for path in ("/jobs/", f"/jobs/{job.pk}/", f"/clips/{clip.pk}/card/", clip.get_absolute_url(), "/clips/"):
        page = browser.get(path, headers={"Accept-Language": language}).content.decode()
        found |= set(re.findall(r'<span class="tag (wait|work)">.*?</svg>([^<]*)</span>', page, re.S))
    return found


@pytest.mark.parametrize(
    ("language", "waiting", "drawing"), [("en", "Waiting", "Drawing"), ("zh-hans", "排队中", "绘制中")]
)
def test_queued_at_the_provider_shows_waiting_until_it_starts(report_stages, sign_in, mika, language, waiting, drawing):
    browser = sign_in(mika)

    job = report_stages("queued")
    assert (job.state, job.progress_note) == (State.RUNNING, "In the queue at Echo")
    assert list_tags(browser, job, language) == {("wait", waiting)}

    job = report_stages("running")
    with translation.override("en"):
        assert (job.state, job.progress_note) == (State.RUNNING, "Echo is generating")
    assert list_tags(browser, job, language) == {("work", drawing)}

    assert list_tags(browser, report_stages("queued"), language) == {("wait", waiting)}


def test_accepted_job_waits_until_its_first_poll(report_stages, sign_in, mika):
    job = report_stages()

    assert (job.state, job.progress_note) == (State.RUNNING, "")
    assert list_tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_overdue_queued_job_still_shows_waiting(report_stages, sign_in, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.TOO_LATE)
    job = report_stages("queued")
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))

    job = report_stages("queued")

    assert "Deadline passed" in job.progress_note
    assert list_tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_finished_job_is_no_longer_queued(report_stages, run_job):
    job = run_job(report_stages("queued"))

    assert (job.state, job.is_queued_at_provider) == (State.READY, False)
