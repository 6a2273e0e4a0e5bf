"""What a provider has and has not begun is waiting, and nobody says that it is being drawn."""

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
def says(fake, site, order, go):
    """``says("queued", "running")``: a job after its provider has said these of it, one at each look."""
    job = order(site)

    def told(*stages):
        for stage in stages:
            setattr(fake, f"fault_{stage}", lambda request, act, stage=stage: Reply(200, {"stage": stage}))
        fake.next("poll", *stages)
        if job.state == State.QUEUED:
            go(job, until=State.RUNNING)
        if stages:
            go(job, steps=len(stages))
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
def test_in_line_at_a_provider_a_job_waits_and_draws_once_it_is_begun(says, sign_in, mika, language, waiting, drawing):
    browser = sign_in(mika)

    job = says("queued")
    assert (job.state, job.progress_note) == (State.RUNNING, "In line at Echo")
    assert tags(browser, job, language) == {("wait", waiting)}

    job = says("running")
    assert (job.state, job.progress_note) == (State.RUNNING, "Echo is drawing")
    assert tags(browser, job, language) == {("work", drawing)}

    assert tags(browser, says("queued"), language) == {("wait", waiting)}


def test_what_a_provider_took_waits_until_the_first_look_and_is_in_no_line_of_ours_any_more(says, sign_in, mika):
    job = says()

    assert (job.state, job.progress_note) == (State.RUNNING, "")
    assert tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_past_its_time_and_still_in_line_it_waits(says, sign_in, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.TOO_LATE)
    job = says("queued")
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))

    job = says("queued")

    assert "Over its time" in job.progress_note
    assert tags(sign_in(mika), job) == {("wait", "Waiting")}


def test_what_was_in_line_to_its_end_is_in_none_any_more(says, go):
    job = go(says("queued"))

    assert (job.state, job.is_in_line) == (State.READY, False)
