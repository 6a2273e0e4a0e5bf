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
from jobs.views.health import collect_facts
from tests.factories import MembershipFactory
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
KILLED = [FfmpegFailed("ffmpeg ended with code -9."), MediaRefused("too_costly", "The video asks for too much.")]


@pytest.fixture
def killed(monkeypatch):
    """The tool that makes films ready is killed each time; ``killed(trouble)`` says how."""

    def each_time(trouble):
        def kill(*args, **more):
            raise trouble

        monkeypatch.setattr(ingest, "ingest", kill)

    each_time(KILLED[0])
    return each_time


@pytest.fixture
def plain(killed, site, create_job, run_job):
    """A clip of Mika's whose film is here only as Echo delivered it."""
    return Clip.objects.select_related("job").get(job=run_job(create_job(site)))


@pytest.fixture
def visit(client):
    def as_person(user, address):
        client.force_login(user)
        return client.get(address)

    return as_person


def fetch(url):
    parts = urlsplit(url)
    return Client(headers={"host": parts.netloc}).get(parts.path)


@pytest.mark.parametrize("trouble", KILLED)
def test_paid_clip_is_kept_as_delivered_after_three_killed_ingests(
    fake, killed, site, create_job, run_job, get_balance, trouble
):
    killed(trouble)

    job = run_job(create_job(site))

    assert job.state == State.READY_DEGRADED and len(fake.created) == 1
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    clip = Clip.objects.get(job=job)
    [kept] = clip.files.all()
    assert b"".join(storage.read_chunks(kept.key)) == fake.film_bytes
    assert (kept.kind, kept.bytes, kept.content_type) == ("original", len(fake.film_bytes), "video/mp4")
    assert not clip.is_ready and clip.is_degraded
    said = job.error_public
    assert "stored as Echo delivered it" in said and "The agreed price was charged." in said and "Download it" in said
    assert "Kept as delivered by Echo" in read_history(job)


@pytest.mark.parametrize("billing", [Billing.FREE, Billing.UNDECLARED])
def test_degraded_clip_costs_the_agreed_price_under_any_billing_rule(
    echo, connect, killed, create_job, run_job, get_balance, billing
):
    fake = echo(billing=billing, **SEARCHABLE)

    job = run_job(create_job(connect(base_url=fake.url)))

    assert (job.state, job.price_charged, LIMIT - get_balance()) == (State.READY_DEGRADED, PRICE, PRICE)
    assert "The agreed price was charged." in job.error_public


def test_degraded_clip_on_a_personal_connection_may_have_been_charged(echo, connect, killed, create_job, run_job, mika):
    fake = echo(billing=Billing.UNDECLARED, **SEARCHABLE)

    job = run_job(create_job(connect(owner=mika, base_url=fake.url)))

    assert "Your Echo account may have been charged once." in job.error_public


def test_degraded_clip_survives_a_removed_connection(killed, site, create_job, run_job):
    job = run_job(create_job(site), until=State.STORED)
    Connection.objects.all().delete()

    job = run_job(job)

    assert (job.state, job.price_charged) == (State.READY_DEGRADED, PRICE)
    said = job.error_public
    assert "The agreed price was charged. The account used for this job has been removed. It may have been" in said


def test_last_ingest_attempt_waits_five_minutes(killed, site, create_job, run_job):
    def gap():
        return (job.next_run_at - timezone.now()).total_seconds()

    job = run_job(create_job(site), until=State.STORED)  # the first try followed at once
    assert 10 < gap() <= 20
    job = run_job(job, steps=1)
    assert job.state == State.STORED and 280 < gap() <= 300

    assert run_job(job, steps=1).state == State.READY_DEGRADED


def test_free_degraded_clip_is_not_called_charged(killed, site, create_job, run_job):
    job = run_job(create_job(site), until=State.STORED)
    Connection.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(provider_price=0)

    said = run_job(job).error_public

    assert "has been removed. It may have been charged once." in said and "agreed price" not in said


def test_undecodable_video_is_not_kept(killed, site, create_job, run_job):
    killed(MediaRefused("undecodable", "It breaks off."))

    job = run_job(create_job(site))

    assert job.state == State.FAILED and not Clip.objects.get(job=job).files.exists()


def test_page_and_card_offer_the_delivered_file(plain, visit, mika):
    download = reverse("generation:download", args=[plain.pk])

    for address in (plain.get_absolute_url(), reverse("generation:card", args=[plain.pk])):
        page = visit(mika, address).text
        assert "stored as Echo delivered it" in page and f'href="{download}"' in page
        assert "Remix" not in page and reverse("jobs:retry", args=[plain.job_id]) not in page

    page = visit(mika, plain.get_absolute_url()).text
    assert "Make another take" in page and "as delivered" in page
    assert reverse("jobs:delete", args=[plain.job_id]) not in page, "one button deletes it, not two"
    for offer in ("Continue from last frame", "Add effects", "/stories/clips/"):
        assert offer not in page
    for done, failed, words in (
        ("/jobs/?state=done", "/jobs/?state=failed", "stored as Echo delivered it"),
        ("/clips/?state=finished", "/clips/?state=failed", "Download only"),
    ):
        assert words in visit(mika, done).text and words not in visit(mika, failed).text


def test_members_can_download_the_delivered_file_strangers_cannot(plain, fake, visit, mika, ren):
    address = reverse("generation:download", args=[plain.pk])
    assert visit(ren, address).status_code == 404
    assert Client().get(address).status_code == 404
    MembershipFactory(user=ren, workspace=plain.workspace, role="viewer")

    for person in (mika, ren):
        answer = fetch(visit(person, address).url)
        assert b"".join(answer) == fake.film_bytes
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "a cat on a roof 1.mp4" in answer.headers["Content-Disposition"]
    page = visit(ren, plain.get_absolute_url()).text
    assert f'href="{address}"' in page and "Make another take" not in page
    assert visit(mika, reverse("generation:play", args=[plain.pk])).status_code == 404

    jobs.delete(plain.job, by=mika)
    assert visit(mika, address).status_code == 404


def test_delivered_webm_downloads_as_webm(killed, site, create_job, run_job, visit, mika, monkeypatch):
    monkeypatch.setattr(ingest, "detect_container", lambda path: "matroska")
    clip = Clip.objects.get(job=run_job(create_job(site)))

    answer = fetch(visit(mika, reverse("generation:download", args=[clip.pk])).url)

    assert answer.headers["Content-Type"] == "video/webm"
    assert "a cat on a roof 1.webm" in answer.headers["Content-Disposition"]


def test_degraded_clip_cannot_be_continued_or_get_effects(plain, mika, client):
    spec = replace(ClipSpec.from_clip(plain), continues=plain)
    with pytest.raises(jobs.JobRefused, match="The clip to continue has no video"):
        clip_services.create_clips(spec, workspace=plain.workspace, by=mika, idem_key="on")
    assert "can only be downloaded" in effect_services.explain_unusable(plain)

    client.force_login(mika)
    client.post(reverse("generation:effects", args=[plain.pk]), {"effects": ["iris_in"]})
    with pytest.raises(jobs.JobRefused, match="unsuccessful jobs"):
        jobs.retry(plain.job, by=mika)

    assert Job.objects.count() == 1


def test_create_form_rejects_continuing_a_degraded_clip(plain, visit, mika, create_job, site, run_job, monkeypatch):
    """Also when it is asked for by hand, or by the settings of a clip that went on from it."""
    on = create_job(site, continues=None)
    Clip.objects.filter(job=on).update(continues=plain)
    said, promise = "has no video to continue from", "Starts on the last frame"

    for door in (f"continues={plain.pk}", f"from={on.clip.pk}"):
        page = visit(mika, f"{reverse('generation:create')}?{door}").content.decode()
        assert said in page and promise not in page

    Clip.objects.filter(pk=plain.pk).update(ready_at=timezone.now())
    page = visit(mika, f"{reverse('generation:create')}?continues={plain.pk}").content.decode()
    assert said not in page and promise in page


def test_delivered_file_is_checked_exported_and_purged(plain, mika):
    [kept] = plain.files.all()
    assert kept.key in str(collect(mika)["files"])
    storage.delete(kept.key)
    assert list(maintenance.finished_clips_have_their_files()) == [f"{kept.key} is not in the store"]
    plain.files.all().delete()
    assert "is done but has no original" in next(maintenance.finished_clips_have_their_files())

    jobs.delete(plain.job, by=mika)
    jobs.purge(plain.job)
    assert list(storage.list_objects("clips")) == [] and not Clip.objects.exists()


def test_health_page_counts_degraded_clips(plain):
    assert dict(collect_facts())["Of these unsuccessful"] == 1
