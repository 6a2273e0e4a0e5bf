"""Clips whose inputs were deleted are neither made nor charged."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from generation.models import Clip, ClipReference, Video
from generation.privacy import delete_workspace_work
from generation.providers.remote import Recovery, Submitted
from generation.services import uploads
from generation.services.clips import retry_clip, vary_clip
from generation.worker import late_results
from jobs import maintenance as job_maintenance
from jobs import services as jobs
from jobs.lifecycle import recovery
from jobs.models import Job, State
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.generation.test_create import picture_file
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
SENTENCE = "The source image or video was deleted. Nothing was started."
ROWS = ["picture", "last_picture", "video", "references"]


@pytest.fixture
def team(db):
    """Another workspace, that may be erased."""
    return WorkspaceFactory(name="Team")


@pytest.fixture
def begins(team, mika):
    """``begins(job, "picture")``: its clip begins with one of the team's, which Mika works for by now."""

    def with_one(job, row):
        MembershipFactory(workspace=team, user=mika)
        if row == "video":
            made = Video.objects.create(workspace=team, sha256="v", bytes=9, seconds=2)
        else:
            made = uploads.save_picture(SimpleUploadedFile("a.png", picture_file().read()), workspace=team, by=mika)
        if row == "references":
            ClipReference.objects.create(clip=job.clip, picture=made)
        else:
            Clip.objects.filter(job=job).update(**{row: made})
        return job

    return with_one


@pytest.fixture
def failed(fake, site, create_job, run_job):
    """``failed(continues=…)``: what Mika asked for, and its provider refused."""

    def made(**more):
        fake.next("submit", "invalid")
        job = run_job(create_job(site, **more))
        assert job.is_retryable and not fake.created[1:]
        return job

    return made


@pytest.fixture
def browser(mika):
    made = Client()
    made.force_login(mika)
    return made


def empty_the_bin(job, by):
    jobs.delete(job, by=by)
    Job.objects.filter(pk=job.pk).update(deleted_at=Now() - timedelta(days=31))
    job_maintenance.purge_trash()
    assert not Job.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("way", ["jobs:retry", "generation:retry", "generation:vary"])
def test_clip_that_continues_a_purged_clip_cannot_be_requested_again(
    get_balance, fake, site, create_job, run_job, failed, mika, browser, way
):
    before = run_job(create_job(site))
    job = failed(prompt="", continues=before.clip)
    empty_the_bin(before, mika)
    left, clip = get_balance(), Clip.objects.get()

    answer = browser.post(reverse(way, args=[job.pk if way == "jobs:retry" else clip.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (Job.objects.count(), len(fake.created), get_balance()) == (1, 1, left)


@pytest.mark.parametrize("row", ROWS)
def test_clip_with_missing_inputs_cannot_be_requested_again(get_balance, fake, failed, begins, team, mika, row):
    job = begins(failed(), row)
    delete_workspace_work(team)
    clip = Clip.objects.get()

    for deed in (retry_clip, vary_clip):
        with pytest.raises(jobs.JobRefused, match=SENTENCE):
            deed(clip, by=mika, idem_key="more")
    with pytest.raises(jobs.JobRefused, match=SENTENCE):
        jobs.retry(job, by=mika)

    assert (Job.objects.count(), len(fake.created), get_balance()) == (1, 0, LIMIT)


@pytest.mark.parametrize("row", ROWS)
def test_waiting_clip_with_missing_inputs_fails_unsent_and_uncharged(
    get_balance, fake, site, create_job, run_job, begins, team, row
):
    job = begins(create_job(site), row)
    delete_workspace_work(team)

    run_job(job)

    assert (job.state, job.error_code, job.price_charged) == ("failed", "start_lost", 0)
    assert job.error_public == "The source image or video was deleted. Nothing was charged."
    assert not fake.created and not job.attempts.exists() and get_balance() == LIMIT


def test_inputs_removed_during_submit_are_detected(
    get_balance, fake, site, create_job, run_job, begins, team, monkeypatch
):
    job = begins(create_job(site), "references")
    monkeypatch.setattr("generation.worker.submit.queueing.line_position", lambda *_of: delete_workspace_work(team))

    run_job(job)

    assert (job.state, job.error_code, len(fake.created), get_balance()) == ("failed", "start_lost", 0, LIMIT)


def test_late_result_remembers_that_its_inputs_are_missing(echo, connect, create_job, run_job, begins, team, mika):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = begins(run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN), "picture")
    recovery.release(job, by=mika)
    delete_workspace_work(team)
    [task] = fake.created
    extra = late_results.keep_late_result(job.attempts.get(), Submitted(task.id, {"id": task.id}))

    with pytest.raises(jobs.JobRefused, match=SENTENCE):
        retry_clip(extra.clip, by=mika, idem_key="more")

    assert len(fake.created) == 1


def test_pages_of_a_clip_with_missing_inputs_offer_only_a_remix(failed, begins, team, browser):
    job = begins(failed(), "picture")
    clip = Clip.objects.get()
    assert "Retry" in browser.get(reverse("generation:card", args=[clip.pk])).text
    delete_workspace_work(team)

    page, card = (browser.get(reverse(f"generation:{name}", args=[clip.pk])).text for name in ("clip", "card"))

    for text in (page, card):
        assert not any(words in text for words in ("Make another take", "3 variations", "Retry", f"{job.pk}/retry"))
    assert f"?from={clip.pk}" in card


def test_finished_clip_stays_playable_after_its_inputs_are_deleted(site, create_job, run_job, begins, team, browser):
    begins(run_job(create_job(site)), "picture")
    delete_workspace_work(team)
    clip = Clip.objects.get()

    page = browser.get(clip.get_absolute_url())

    assert page.status_code == 200 and "Make another take" not in page.text and "Remix this clip" in page.text
    assert "The source image or video was deleted." in page.text
    assert browser.get(reverse("generation:play", args=[clip.pk])).status_code == 302
    assert browser.get(reverse("generation:download", args=[clip.pk])).status_code == 302


def test_clip_with_other_inputs_is_unaffected(get_balance, site, create_job, run_job, failed, begins, team, mika):
    gone, other = run_job(create_job(site)), failed()
    begins(gone, "picture")
    delete_workspace_work(team)

    assert jobs.retry(other, by=mika).state == "queued"
