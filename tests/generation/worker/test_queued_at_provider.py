"""A task that is queued at the provider is shown as waiting, not as drawing."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Clip
from generation.providers.remote import Stopped
from jobs.models import Job, State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def says(fake, site, create_job, run_job):
    """``says("queued", "running")``: a job after its provider has said these of it, one at each look."""
    job = create_job(site)

    def told(*stages):
        for stage in stages:
            setattr(fake, f"fault_{stage}", lambda request, act, stage=stage: Reply(200, {"stage": stage}))
        fake.next("poll", *stages)
        if job.state == State.QUEUED:
            run_job(job, until=State.RUNNING)
        if stages:
            run_job(job, steps=len(stages))
        job.refresh_from_db()
        return job

    return told


def tags(browser, job, language="en") -> set:
    """The look and the words of the job's tag, wherever a page shows one."""
    clip = Clip.objects.get(job=job)
    found = set()
    for path in ("/jobs/", f"/jobs/{job.pk}/", f"/clips/{clip.pk}/card/", clip.get_absolute_url(), "/clips/"):
        page = browser.get(path, headers={"Accept-Language": language}).content.decode()
        found |= set(re.findall(r'<span class="tag (wait|work)">.*?</svg>([^<]*)</span>', page, re.S))
    return found


@pytest.mark.parametrize(
    ("language", "waiting", "drawing"), [("en", "Waiting", "Drawing"), ("zh-hans", "排队中", "绘制中")]
)
def test_queued_at_the_provider_shows_waiting_until_it_starts(says, sign_in, mika, language, waiting, drawing):
    browser = sign_in(mika)

    job = says("queued")
    assert (job.state, job.progress_note) == (State.RUNNING, "In the queue at Echo")
    assert tags(browser, job, language) == {("wait", waiting)}

    job = says("running")
    assert (job.state, job.progress_note) == (State.RUNNING, "Echo is generating")
    assert tags(browser, job, language) == {("work", drawing)}

    assert tags(browser, says("queued"), language) == {("wait", waiting)}


def test_accepted_job_waits_until_its_first_poll(says, sign_in, mika):
    job = says()

    assert (job.state, job.progress_note) == (State.RUNNING, "")
    assert tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_overdue_queued_job_still_shows_waiting(says, sign_in, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.TOO_LATE)
    job = says("queued")
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))

    job = says("queued")

    assert "Deadline passed" in job.progress_note
    assert tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_finished_job_is_no_longer_queued(says, run_job):
    job = run_job(says("queued"))

    assert (job.state, job.is_queued_at_provider) == (State.READY, False)
