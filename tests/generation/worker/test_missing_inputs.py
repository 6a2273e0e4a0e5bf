"""Clips whose inputs were deleted are neither generated nor charged."""

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
from tests.generation.uploads import picture_file
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
SENTENCE = "The source image or video was deleted. Nothing was started."
ROWS = ["picture", "last_picture", "video", "references"]


@pytest.fixture
def team(db):
    """Another workspace, which tests erase."""
    return WorkspaceFactory(name="Team")


@pytest.fixture
def add_input(team, mika):
    """``add_input(job, "picture")`` makes the clip start from a file of the team, which Mika joins."""

    def add(job, field):
        MembershipFactory(workspace=team, user=mika)
        if field == "video":
            made = Video.objects.create(workspace=team, sha256="v", bytes=9, seconds=2)
        else:
            made = uploads.save_picture(SimpleUploadedFile("a.png", picture_file().read()), workspace=team, by=mika)
        if field == "references":
            ClipReference.objects.create(clip=job.clip, picture=made)
        else:
            Clip.objects.filter(job=job).update(**{field: made})
        return job

    return add


@pytest.fixture
def fail_job(fake, site, create_job, run_job):
    """``fail_job(continues=…)``: a job of Mika's that the provider refused."""

    def fail(**more):
        fake.next("submit", "invalid")
        job = run_job(create_job(site, **more))
        assert job.is_retryable and not fake.created[1:]
        return job

    return fail


@pytest.fixture
def browser(mika):
    client = Client()
    client.force_login(mika)
    return client


def purge_job(job, by):
    jobs.delete(job, by=by)
    Job.objects.filter(pk=job.pk).update(deleted_at=Now() - timedelta(days=31))
    job_maintenance.purge_trash()
    assert not Job.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("view", ["jobs:retry", "generation:retry", "generation:vary"])
def test_clip_that_continues_a_purged_clip_cannot_be_requested_again(
    get_balance, fake, site, create_job, run_job, fail_job, mika, browser, view
):
    purged = run_job(create_job(site))
    job = fail_job(prompt="", continues=purged.clip)
    purge_job(purged, mika)
    balance, clip = get_balance(), Clip.objects.get()

    answer = browser.post(reverse(view, args=[job.pk if view == "jobs:retry" else clip.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (Job.objects.count(), len(fake.created), get_balance()) == (1, 1, balance)


@pytest.mark.parametrize("field", ROWS)
def test_clip_with_missing_inputs_cannot_be_requested_again(get_balance, fake, fail_job, add_input, team, mika, field):
    job = add_input(fail_job(), field)
    delete_workspace_work(team)
    clip = Clip.objects.get()

    for action in (retry_clip, vary_clip):
        with pytest.raises(jobs.JobRefused, match=SENTENCE):
            action(clip, by=mika, idem_key="more")
    with pytest.raises(jobs.JobRefused, match=SENTENCE):
        jobs.retry(job, by=mika)

    assert (Job.objects.count(), len(fake.created), get_balance()) == (1, 0, LIMIT)


@pytest.mark.parametrize("field", ROWS)
def test_waiting_clip_with_missing_inputs_fails_unsent_and_uncharged(
    get_balance, fake, site, create_job, run_job, add_input, team, field
):
    job = add_input(create_job(site), field)
    delete_workspace_work(team)

    run_job(job)

    assert (job.state, job.error_code, job.price_charged) == ("failed", "start_lost", 0)
    assert job.error_public == "The source image or video was deleted. Nothing was charged."
    assert not fake.created and not job.attempts.exists() and get_balance() == LIMIT


def test_inputs_removed_during_submit_are_detected(
    get_balance, fake, site, create_job, run_job, add_input, team, monkeypatch
):
    job = add_input(create_job(site), "references")
    monkeypatch.setattr("generation.worker.submit.queueing.line_position", lambda *_of: delete_workspace_work(team))

    run_job(job)

    assert (job.state, job.error_code, len(fake.created), get_balance()) == ("failed", "start_lost", 0, LIMIT)


def test_late_result_remembers_that_its_inputs_are_missing(echo, connect, create_job, run_job, add_input, team, mika):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = add_input(run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN), "picture")
    recovery.release(job, by=mika)
    delete_workspace_work(team)
    [task] = fake.created
    extra = late_results.keep_late_result(job.attempts.get(), Submitted(task.id, {"id": task.id}))

    with pytest.raises(jobs.JobRefused, match=SENTENCE):
        retry_clip(extra.clip, by=mika, idem_key="more")

    assert len(fake.created) == 1


def test_pages_of_a_clip_with_missing_inputs_offer_only_a_remix(fail_job, add_input, team, browser):
    job = add_input(fail_job(), "picture")
    clip = Clip.objects.get()
    assert "Retry" in browser.get(reverse("generation:card", args=[clip.pk])).text
    delete_workspace_work(team)

    page, card = (browser.get(reverse(f"generation:{name}", args=[clip.pk])).text for name in ("clip", "card"))

    for text in (page, card):
        assert not any(words in text for words in ("Make another take", "3 variations", "Retry", f"{job.pk}/retry"))
    assert f"?from={clip.pk}" in card


def test_finished_clip_stays_playable_after_its_inputs_are_deleted(site, create_job, run_job, add_input, team, browser):
    add_input(run_job(create_job(site)), "picture")
    delete_workspace_work(team)
    clip = Clip.objects.get()

    page = browser.get(clip.get_absolute_url())

    assert page.status_code == 200 and "Make another take" not in page.text and "Remix this clip" in page.text
    assert "The source image or video was deleted." in page.text
    assert browser.get(reverse("generation:play", args=[clip.pk])).status_code == 302
    assert browser.get(reverse("generation:download", args=[clip.pk])).status_code == 302


def test_clip_with_other_inputs_is_unaffected(get_balance, site, create_job, run_job, fail_job, add_input, team, mika):
    gone, other = run_job(create_job(site)), fail_job()
    add_input(gone, "picture")
    delete_workspace_work(team)

    assert jobs.retry(other, by=mika).state == "queued"
