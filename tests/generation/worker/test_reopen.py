"""Reopen a degraded clip: ingest it again without another charge."""

from contextlib import contextmanager

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from generation.media import storage
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.providers import registry
from generation.worker import ingest
from jobs import services
from jobs.models import Job, State
from jobs.templatetags.jobs import price
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]
KILLED = FfmpegFailed("ffmpeg ended with code -9.")
UNFIT = MediaRefused("undecodable", "It breaks off.")


@pytest.fixture
def broken(monkeypatch):
    """``with broken(trouble): …``: the tool that makes films ready ends so each time."""

    @contextmanager
    def make(trouble):
        def end(*args, **more):
            raise trouble

        with monkeypatch.context() as patch:
            patch.setattr(ingest, "ingest", end)
            yield

    return make


@pytest.fixture
def plain(broken, get_balance, site, create_job, run_job):
    """A film that Mika paid for and can only download."""
    with broken(KILLED):
        job = run_job(create_job(site))
    assert (job.state, LIMIT - get_balance()) == (State.READY_DEGRADED, PRICE)
    return job


def test_reopened_clip_is_ingested_without_another_charge(plain, fake, run_job, get_balance, mika):
    fake.created[0].is_gone = True  # its provider has forgotten it: what is stored here is all there is

    services.reopen(plain, by=mika)
    assert plain.state == State.STORED and price(plain) == "$0.04"
    job = run_job(plain)

    assert job.state == State.READY and Clip.objects.get(job=job).file("mezzanine")
    assert (job.error_code, job.error_public, len(fake.created)) == ("", "", 1)
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    assert "Processed again by the administrator" in read_history(job)


@pytest.mark.parametrize("trouble", [KILLED, UNFIT])
def test_clip_that_fails_again_is_kept_as_delivered(plain, broken, fake, run_job, get_balance, mika, trouble):
    services.reopen(plain, by=mika)
    with broken(trouble):
        job = run_job(plain)

    assert job.state == State.READY_DEGRADED and "The agreed price was charged." in job.error_public
    [kept] = Clip.objects.get(job=job).files.all()
    assert kept.kind == "original" and b"".join(storage.read_chunks(kept.key)) == fake.film_bytes
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)


@pytest.fixture
def stuck(plain, broken, run_job, mika):
    """It was to be made ready once more, and a bug of ours broke that until nobody tried any more."""
    said = plain.error_public
    services.reopen(plain, by=mika)
    with broken(ZeroDivisionError()):
        job = run_job(plain, until=State.STUCK)
    assert job.state == State.STUCK
    job.said_before = said
    return job


def gets_the_film(browser, job, fake):
    """What is behind the button, by its own address."""
    clip = Clip.objects.get(job=job)
    address = reverse("generation:download", args=[clip.pk])
    assert f'href="{address}"' in browser.get(clip.get_absolute_url()).content.decode()
    assert browser.get(address).status_code == 302
    return b"".join(storage.read_chunks(clip.file("original").key)) == fake.film_bytes


def test_delivered_file_stays_downloadable_during_ingest(plain, stuck, fake, sign_in, mika):
    assert gets_the_film(sign_in(mika), stuck, fake)

    services.requeue(stuck, by=mika)

    assert stuck.state == State.STORED and gets_the_film(sign_in(mika), stuck, fake)


@pytest.mark.parametrize(
    ("end", "name"), [(services.give_up, "Echo"), (services.cancel, "echo")], ids=["installed", "uninstalled"]
)
def test_stuck_reopened_clip_keeps_its_file_after_giving_up(
    stuck, broken, fake, run_job, get_balance, sign_in, mika, monkeypatch, end, name
):
    if name == "echo":  # nobody knows its label where this install does not have it any more
        monkeypatch.delitem(registry.providers(), "echo")

    end(stuck, by=mika)
    with broken(ZeroDivisionError()):  # who stops it has it tried once more first
        job = run_job(stuck, until=State.STUCK)
    if job.state == State.STUCK:
        end(job, by=mika)

    assert (job.state, job.error_public) == (State.READY_DEGRADED, stuck.said_before.replace("Echo", name))
    assert gets_the_film(sign_in(mika), job, fake)
    assert (job.price_charged, LIMIT - get_balance()) == (PRICE, PRICE)
    assert services.reopen(job, by=mika).state == State.STORED


@pytest.mark.parametrize(
    ("end", "asker", "ender"), [(services.give_up, "zh-hans", "en"), (services.cancel, "en", "zh-hans")]
)
def test_final_message_uses_the_requesters_language(stuck, broken, run_job, mika, end, asker, ender):
    Job.objects.filter(pk=stuck.pk).update(language=asker)
    stuck.refresh_from_db()

    with translation.override(ender):
        end(stuck, by=mika)
        with broken(ZeroDivisionError()):
            job = run_job(stuck, until=State.STUCK)
        if job.state == State.STUCK:
            end(job, by=mika)

    with translation.override(asker):
        assert translation.gettext("The agreed price was charged.") in job.error_public


def test_operator_reopens_a_clip_in_the_admin(plain, client, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    client.force_login(User.objects.create_superuser("op@tapwari.example", "pw-of-the-operator"))

    client.post(reverse("admin:jobs_job_changelist"), {"action": "reopen", "_selected_action": [plain.pk]})

    plain.refresh_from_db()
    assert plain.state == State.STORED


def test_ready_clip_cannot_be_reopened(site, create_job, run_job, mika):
    job = run_job(create_job(site))

    with pytest.raises(services.JobRefused):
        services.reopen(job, by=mika)

    assert job.state == State.READY
