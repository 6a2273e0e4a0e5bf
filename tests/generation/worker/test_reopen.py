"""Reopen a degraded clip: ingest it again without another charge."""

from contextlib import contextmanager

import pytest
from django.urls import reverse

from accounts.models import User
from generation.media import ingest, storage
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.providers import registry
from jobs import services
from jobs.models import State
from jobs.templatetags.jobs import price
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
KILLED = FfmpegFailed("ffmpeg ended with code -9.")
UNDECODABLE = MediaRefused("undecodable", "The video breaks off.")


@pytest.fixture
def fail_ingest(monkeypatch):
    """``with fail_ingest(error): …`` makes every ingest raise this error."""

    @contextmanager
    def make(error):
        def end(*args, **more):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(ingest, "ingest", end)
            yield

    return make


@pytest.fixture
def degraded(fail_ingest, get_balance, site, create_job, run_job):
    """A degraded clip that Mika paid for. Returns its job."""
    with fail_ingest(KILLED):
        job = run_job(create_job(site))
    assert (job.state, LIMIT - get_balance()) == (State.READY_DEGRADED, PRICE)
    return job


def test_reopened_clip_is_ingested_without_another_charge(degraded, fake, run_job, get_balance, mika):
    fake.created[0].is_deleted = True  # the provider has deleted it: only the stored file is left

    services.reopen(degraded, by=mika)
    assert degraded.state == State.STORED and price(degraded) == "$0.04"
    job = run_job(degraded)

    assert job.state == State.READY and Clip.objects.get(job=job).file("mezzanine")
    assert (job.error_code, job.error_public, len(fake.created)) == ("", "", 1)
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    assert "Processed again by the administrator" in read_history(job)


@pytest.mark.parametrize("error", [KILLED, UNDECODABLE])
def test_clip_that_fails_again_is_kept_as_delivered(degraded, fail_ingest, fake, run_job, get_balance, mika, error):
    services.reopen(degraded, by=mika)
    with fail_ingest(error):
        job = run_job(degraded)

    assert job.state == State.READY_DEGRADED and "The agreed price was charged." in job.error_public
    [kept] = Clip.objects.get(job=job).files.all()
    assert kept.kind == "original" and b"".join(storage.read_chunks(kept.key)) == fake.video_bytes
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)


@pytest.fixture
def stuck(degraded, fail_ingest, run_job, mika):
    """A degraded clip that was reopened and got stuck by a bug in ingest. Returns its job."""
    message = degraded.error_public
    services.reopen(degraded, by=mika)
    with fail_ingest(ZeroDivisionError()):
        job = run_job(degraded, until=State.STUCK)
    assert job.state == State.STUCK
    job.previous_message = message
    return job


def can_download(browser, job, fake):
    """Return whether the page links to the delivered file and the link works."""
    clip = Clip.objects.get(job=job)
    url = reverse("generation:download", args=[clip.pk])
    assert f'href="{url}"' in browser.get(clip.get_absolute_url()).content.decode()
    assert browser.get(url).status_code == 302
    return b"".join(storage.read_chunks(clip.file("original").key)) == fake.video_bytes


def test_delivered_file_stays_downloadable_during_ingest(degraded, stuck, fake, sign_in, mika):
    assert can_download(sign_in(mika), stuck, fake)

    services.requeue(stuck, by=mika)

    assert stuck.state == State.STORED and can_download(sign_in(mika), stuck, fake)


@pytest.mark.parametrize(
    ("end", "name"), [(services.give_up, "Echo"), (services.cancel, "echo")], ids=["installed", "uninstalled"]
)
def test_stuck_reopened_clip_keeps_its_file_after_giving_up(
    stuck, fail_ingest, fake, run_job, get_balance, sign_in, mika, monkeypatch, end, name
):
    if name == "echo":  # the label of an uninstalled provider is unknown
        monkeypatch.delitem(registry.providers(), "echo")

    end(stuck, by=mika)
    with fail_ingest(ZeroDivisionError()):  # a cancel tries once more first
        job = run_job(stuck, until=State.STUCK)
    if job.state == State.STUCK:
        end(job, by=mika)

    assert (job.state, job.error_public) == (State.READY_DEGRADED, stuck.previous_message.replace("Echo", name))
    assert can_download(sign_in(mika), job, fake)
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    assert services.reopen(job, by=mika).state == State.STORED


def test_operator_reopens_a_clip_in_the_admin(degraded, client, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    client.force_login(User.objects.create_superuser("op@tapwari.example", "pw-of-the-operator"))

    client.post(reverse("admin:jobs_job_changelist"), {"action": "reopen", "_selected_action": [degraded.pk]})

    degraded.refresh_from_db()
    assert degraded.state == State.STORED


def test_running_ready_or_failed_job_cannot_be_reopened(fake, site, create_job, run_job, mika):
    fake.next("submit", "invalid")
    failed, ready = run_job(create_job(site)), run_job(create_job(site))
    running = run_job(create_job(site), until=State.RUNNING)
    assert [job.state for job in (failed, ready, running)] == [State.FAILED, State.READY, State.RUNNING]

    for job in (failed, ready, running):
        with pytest.raises(services.JobRefused):
            services.reopen(job, by=mika)
