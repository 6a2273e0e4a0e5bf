"""Submit a clip once, charge it once, and handle every answer of the provider."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from generation.media import ingest as media_ingest
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.remote import Billing, Stopped
from generation.worker import download, ingest, poll
from jobs import services
from jobs.models import Attempt, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT, SEARCHABLE, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_clip_is_submitted_once_downloaded_and_charged(fake, site, create_job, run_job, get_balance):
    job = run_job(create_job(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE
    clip = Clip.objects.get(job=job)
    assert clip.frames == 48 and clip.file("mezzanine")
    assert "Accepted by Echo as" in read_history(job)


def test_client_reference_is_random(fake, site, create_job, run_job):
    job = run_job(create_job(site))

    [task] = fake.created
    assert uuid.UUID(task.ref).version == 4 and str(job.pk) != task.ref


def test_style_is_added_to_the_prompt_and_downloads_carry_no_key(fake, site, create_job, run_job):
    run_job(create_job(site))

    sent = fake.created[0].request
    assert sent["prompt"].startswith("a cat on a roof. ") and "cel-shaded" in sent["prompt"]
    films = [call for call in fake.calls if call.path.startswith("/outputs/")]
    assert films and all("authorization" not in call.headers for call in films)


@pytest.mark.parametrize(
    "fault", ["cut_after_create", "html_502_after_create", "no_json_after_create", "no_id_after_create"]
)
def test_lost_submission_is_found_and_bought_once(fake, site, create_job, run_job, get_balance, fault):
    fake.next("submit", fault)

    job = run_job(create_job(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE
    history = read_history(job)
    assert "Submitted to Echo" in history and "No response from Echo; checking" in history
    assert "Found at Echo" in history and "nothing was charged twice" in history


@pytest.mark.parametrize("fault", ["cut", "html_502"])
def test_request_that_never_arrived_is_resent_only_after_a_search(
    fake, site, create_job, run_job, get_balance, fault, monkeypatch
):
    fake.next("submit", fault)
    job = run_job(create_job(site), until=State.SUBMITTING)

    run_job(job, until=State.QUEUED, steps=5)
    assert job.state == State.SUBMITTING, "absence was concluded at once"
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=10))
    job = run_job(job)

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert "never received this" in read_history(job)
    assert get_balance() == LIMIT - PRICE


def test_few_searches_settle_a_submission_after_an_hour_of_downtime(fake, site, create_job, run_job):
    fake.next("submit", "cut")
    job = run_job(create_job(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    run_job(job, steps=2)
    assert job.state == State.SUBMITTING, "the job became unknown before the search was finished"

    assert run_job(job).state == State.READY and len(fake.created) == 1


@pytest.mark.parametrize("kind", ["invalid", "moderation"])
def test_permanent_refusal_fails_the_job_uncharged(fake, site, create_job, run_job, get_balance, kind):
    fake.next("submit", kind)

    job = run_job(create_job(site))

    assert job.state == State.FAILED
    assert "Nothing was charged." in job.error_public
    assert get_balance() == LIMIT and not fake.created


def test_missing_model_is_reported_as_retired_by_its_maker(fake, site, create_job, run_job, get_balance):
    fake.next("submit", "gone")

    job = run_job(create_job(site))

    assert job.state == State.FAILED and get_balance() == LIMIT
    assert job.error_public == "Echo 1 was retired by its maker. Choose another model. Nothing was charged."


def test_missing_model_on_a_custom_url_is_not_called_retired(fake, site, create_job, run_job, monkeypatch):
    monkeypatch.setattr(EchoProvider, "base_url", "")
    fake.next("submit", "gone")

    job = run_job(create_job(site))

    assert job.state == State.FAILED and "retired" not in job.error_public


@pytest.mark.parametrize("kind", ["auth", "quota"])
def test_rejected_credentials_pause_the_job_without_failing_it(fake, site, create_job, run_job, get_balance, kind):
    fake.next("submit", kind)
    job = run_job(create_job(site), steps=3)

    site.refresh_from_db()
    assert job.state == State.QUEUED and "does not accept this studio’s own account" in job.progress_note
    assert site.health == Connection.Health.BROKEN and site.last_error

    Connection.objects.update(paused_until=None)
    assert run_job(job).state == State.READY
    assert get_balance() == LIMIT - PRICE
    site.refresh_from_db()
    assert (site.health, site.last_error) == (Connection.Health.GOOD, "")


def test_busy_provider_is_retried_silently(fake, site, create_job, run_job, get_balance):
    fake.next("submit", "busy", "busy_retry_after")

    job = run_job(create_job(site), steps=2)
    assert job.state == State.QUEUED and "Echo is busy" in job.progress_note
    Connection.objects.update(paused_until=timezone.now())
    job = run_job(job)

    assert job.state == State.READY and len(fake.created) == 1
    assert job.attempts.count() == 3


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUCCESS, 0), (Billing.SUBMIT, PRICE)])
def test_failed_task_costs_what_the_provider_declares(echo, connect, create_job, run_job, get_balance, billing, paid):
    fake = echo(billing=billing, **SEARCHABLE)
    job = run_job(create_job(connect(base_url=fake.url)), until=State.RUNNING)
    fake.created[0].outcome = "failed"

    job = run_job(job)

    assert job.state == State.FAILED
    assert get_balance() == LIMIT - paid
    assert "charged" in job.error_public


def test_vanished_task_fails_after_several_polls(fake, site, create_job, run_job):
    job = run_job(create_job(site), until=State.RUNNING)
    fake.created[0].is_deleted = True

    run_job(job, steps=2)
    assert job.state == State.RUNNING
    assert run_job(job).error_code == "lost"


def test_unknown_status_is_not_final_and_is_logged_once(fake, site, create_job, run_job, caplog, monkeypatch):
    monkeypatch.setattr(poll, "_logged_statuses", set())
    fake.next("poll", "unknown_word", "unknown_word", "html_502", "cut", "unknown_word")

    assert run_job(create_job(site)).state == State.READY
    messages = [record.getMessage() for record in caplog.records if "the unknown status" in record.getMessage()]
    assert len(messages) == 1 and "echo" in messages[0] and "'pondering'" in messages[0]


def test_expired_download_url_is_requested_again(fake, site, create_job, run_job, get_balance):
    fake.next("video", "expired", "gone")

    job = run_job(create_job(site))

    assert job.state == State.READY and len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE


def test_uncancellable_clip_is_delivered_and_kept(fake, site, create_job, run_job, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.UNSUPPORTED)
    job = run_job(create_job(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = run_job(job)

    assert job.state == State.READY
    assert "can no longer cancel this" in read_history(job)


def test_deleted_connection_does_not_claim_nothing_was_charged(fake, connect, create_job, run_job, mika, get_balance):
    own = connect(owner=mika, base_url=fake.url)
    job = run_job(create_job(own), until=State.RUNNING)
    own.delete()

    job = run_job(job)

    assert (job.state, job.error_code) == (State.FAILED, "no_connection")
    assert "may have been charged once" in job.error_public
    assert "Nothing was charged" not in job.error_public
    assert get_balance() == LIMIT


def test_killed_probe_costs_one_download_attempt(fake, site, create_job, run_job, monkeypatch):
    original, remaining = download.probe, [5]

    def fail(*args, **more):
        if remaining[0]:
            remaining[0] -= 1
            raise MediaRefused("too_costly", "The video asks for more time, memory or space than one video may use.")
        return original(*args, **more)

    monkeypatch.setattr(download, "probe", fail)

    assert run_job(create_job(site)).state == State.READY


def test_polling_bug_after_purchase_keeps_job_and_hold(fake, site, create_job, run_job, get_balance, monkeypatch):
    job = run_job(create_job(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: 1 / 0)

    job = run_job(job, until=State.STUCK)

    assert job.state == State.STUCK
    assert get_balance() == LIMIT - PRICE, "the hold was released"
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED


def test_failed_file_rows_leave_the_clip_unfinished_and_uncharged(fake, site, create_job, run_job, monkeypatch):
    keep, errors = ingest._keep, [OperationalError("gone")]

    def fail_once(*facts):
        if errors:
            raise errors.pop()
        keep(*facts)

    monkeypatch.setattr(ingest, "_keep", fail_once)
    job = run_job(create_job(site), until=State.STORED)
    assert (job.state, job.price_charged, errors) == (State.STORED, 0, [])

    job = run_job(job)
    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert Clip.objects.get(job=job).files.count() > 1


@pytest.mark.parametrize(("times", "state"), [(2, State.READY), (3, State.READY_DEGRADED)])
def test_killed_ingest_is_retried_before_the_clip_is_degraded(
    fake, site, create_job, run_job, monkeypatch, times, state
):
    original, remaining = media_ingest.ingest, [times]

    def fail(*args, **more):
        if remaining[0]:
            remaining[0] -= 1
            raise FfmpegFailed("ffmpeg ended with code -9.")
        return original(*args, **more)

    monkeypatch.setattr(media_ingest, "ingest", fail)

    assert run_job(create_job(site)).state == state
    assert len(fake.created) == 1
