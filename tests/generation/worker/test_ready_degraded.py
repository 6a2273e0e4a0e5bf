"""Paid videos that cannot be ingested are kept as delivered, for download only."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation import maintenance
from generation.clip_spec import ClipSpec
from generation.media import storage
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.privacy import collect
from generation.providers.models import Connection
from generation.providers.remote import Billing
from generation.services import clips as clip_services
from generation.services import effects as effect_services
from generation.worker import ingest
from jobs import services as jobs
from jobs.models import Job, State
from jobs.views.health import list_figures
from tests.factories import MembershipFactory
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
ERRORS = [FfmpegFailed("ffmpeg ended with code -9."), MediaRefused("too_costly", "The video asks for too much.")]


@pytest.fixture
def fail_ingest(monkeypatch):
    """Make every ingest fail; ``fail_ingest(error)`` sets the error."""

    def fail_with(error):
        def kill(*args, **more):
            raise error

        monkeypatch.setattr("generation.media.ingest.ingest", kill)

    fail_with(ERRORS[0])
    return fail_with


@pytest.fixture
def degraded(fail_ingest, site, create_job, run_job):
    """A degraded clip of Mika's: only the delivered file is stored."""
    return Clip.objects.select_related("job").get(job=run_job(create_job(site)))


@pytest.fixture
def open_page(client):
    def open_as(user, address):
        client.force_login(user)
        return client.get(address)

    return open_as


def download_file(url):
    parts = urlsplit(url)
    return Client(headers={"host": parts.netloc}).get(parts.path)


@pytest.mark.parametrize("error", ERRORS)
def test_paid_clip_is_kept_as_delivered_after_three_killed_ingests(
    fake, fail_ingest, site, create_job, run_job, get_balance, error
):
    fail_ingest(error)

    job = run_job(create_job(site))

    assert job.state == State.READY_DEGRADED and len(fake.created) == 1
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    clip = Clip.objects.get(job=job)
    [kept] = clip.files.all()
    assert b"".join(storage.read_chunks(kept.key)) == fake.video_bytes
    assert (kept.kind, kept.bytes, kept.content_type) == ("original", len(fake.video_bytes), "video/mp4")
    assert not clip.is_ready and clip.is_degraded
    message = job.error_public
    assert (
        "stored as Echo delivered it" in message
        and "The agreed price was charged." in message
        and "Download it" in message
    )
    assert "Kept as delivered by Echo" in read_history(job)


@pytest.mark.parametrize("billing", [Billing.FREE, Billing.UNDECLARED])
def test_degraded_clip_costs_the_agreed_price_under_any_billing_rule(
    echo, connect, fail_ingest, create_job, run_job, get_balance, billing
):
    fake = echo(billing=billing, **SEARCHABLE)

    job = run_job(create_job(connect(base_url=fake.url)))

    assert (job.state, job.price_charged, LIMIT - get_balance()) == (State.READY_DEGRADED, PRICE, PRICE)
    assert "The agreed price was charged." in job.error_public


def test_degraded_clip_on_a_personal_connection_may_have_been_charged(
    echo, connect, fail_ingest, create_job, run_job, mika
):
    fake = echo(billing=Billing.UNDECLARED, **SEARCHABLE)

    job = run_job(create_job(connect(owner=mika, base_url=fake.url)))

    assert "Your Echo account may have been charged once." in job.error_public


def test_degraded_clip_survives_a_removed_connection(fail_ingest, site, create_job, run_job):
    job = run_job(create_job(site), until=State.STORED)
    Connection.objects.all().delete()

    job = run_job(job)

    assert (job.state, job.price_charged) == (State.READY_DEGRADED, PRICE)
    message = job.error_public
    assert "The agreed price was charged. The account used for this job has been removed. It may have been" in message


def test_last_ingest_attempt_waits_five_minutes(fail_ingest, site, create_job, run_job):
    def seconds_to_next():
        return (job.next_run_at - timezone.now()).total_seconds()

    job = run_job(create_job(site), until=State.STORED)  # the first try was immediate
    assert 10 < seconds_to_next() <= 20
    job = run_job(job, steps=1)
    assert job.state == State.STORED and 280 < seconds_to_next() <= 300

    assert run_job(job, steps=1).state == State.READY_DEGRADED


def test_free_degraded_clip_is_not_called_charged(fail_ingest, site, create_job, run_job):
    job = run_job(create_job(site), until=State.STORED)
    Connection.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(provider_price=0)

    message = run_job(job).error_public

    assert "has been removed. It may have been charged once." in message and "agreed price" not in message


def test_undecodable_video_is_not_kept(fail_ingest, site, create_job, run_job):
    fail_ingest(MediaRefused("undecodable", "The video breaks off."))

    job = run_job(create_job(site))

    assert job.state == State.FAILED and not Clip.objects.get(job=job).files.exists()


def test_page_and_card_offer_the_delivered_file(degraded, open_page, mika):
    download = reverse("generation:download", args=[degraded.pk])

    for address in (degraded.get_absolute_url(), reverse("generation:card", args=[degraded.pk])):
        page = open_page(mika, address).text
        assert "stored as Echo delivered it" in page and f'href="{download}"' in page
        assert "Remix" not in page and reverse("jobs:retry", args=[degraded.job_id]) not in page

    page = open_page(mika, degraded.get_absolute_url()).text
    assert "Make another take" in page and "as delivered" in page
    assert reverse("jobs:delete", args=[degraded.job_id]) not in page, "there are two delete buttons"
    for offer in ("Continue from last frame", "Add effects", "/stories/clips/"):
        assert offer not in page
    for done, failed, words in (
        ("/jobs/?state=done", "/jobs/?state=failed", "stored as Echo delivered it"),
        ("/clips/?state=finished", "/clips/?state=failed", "Download only"),
    ):
        assert words in open_page(mika, done).text and words not in open_page(mika, failed).text


def test_members_can_download_the_delivered_file_strangers_cannot(degraded, fake, open_page, mika, ren):
    address = reverse("generation:download", args=[degraded.pk])
    assert open_page(ren, address).status_code == 404
    assert Client().get(address).status_code == 404
    MembershipFactory(user=ren, workspace=degraded.workspace, role="viewer")

    for person in (mika, ren):
        answer = download_file(open_page(person, address).url)
        assert b"".join(answer) == fake.video_bytes
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "a cat on a roof 1.mp4" in answer.headers["Content-Disposition"]
    page = open_page(ren, degraded.get_absolute_url()).text
    assert f'href="{address}"' in page and "Make another take" not in page
    assert open_page(mika, reverse("generation:play", args=[degraded.pk])).status_code == 404

    jobs.delete(degraded.job, by=mika)
    assert open_page(mika, address).status_code == 404


def test_delivered_webm_downloads_as_webm(fail_ingest, site, create_job, run_job, open_page, mika, monkeypatch):
    monkeypatch.setattr(ingest, "detect_container", lambda path: "matroska")
    clip = Clip.objects.get(job=run_job(create_job(site)))

    answer = download_file(open_page(mika, reverse("generation:download", args=[clip.pk])).url)

    assert answer.headers["Content-Type"] == "video/webm"
    assert "a cat on a roof 1.webm" in answer.headers["Content-Disposition"]


def test_degraded_clip_cannot_be_continued_or_get_effects(degraded, mika, client):
    spec = replace(ClipSpec.from_clip(degraded), continues=degraded)
    with pytest.raises(jobs.JobRefused, match="The clip to continue has no video"):
        clip_services.create_clips(spec, workspace=degraded.workspace, by=mika, idem_key="on")
    assert "can only be downloaded" in effect_services.explain_unusable(degraded)

    client.force_login(mika)
    client.post(reverse("generation:effects", args=[degraded.pk]), {"effects": ["iris_in"]})
    with pytest.raises(jobs.JobRefused, match="unsuccessful jobs"):
        jobs.retry(degraded.job, by=mika)

    assert Job.objects.count() == 1


def test_delivered_file_is_checked_exported_and_purged(degraded, mika):
    [kept] = degraded.files.all()
    assert kept.key in str(collect(mika)["files"])
    storage.delete(kept.key)
    assert list(maintenance.finished_clips_have_their_files()) == [f"{kept.key} is not in the store"]
    degraded.files.all().delete()
    assert "is done but has no original" in next(maintenance.finished_clips_have_their_files())

    jobs.delete(degraded.job, by=mika)
    jobs.purge(degraded.job)
    assert list(storage.list_objects("clips")) == [] and not Clip.objects.exists()


def test_health_page_counts_degraded_clips(degraded):
    assert dict(list_figures())["Of these unsuccessful"] == 1
