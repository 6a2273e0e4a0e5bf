"""Submit a clip once, charge it once, and handle every answer of the provider."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from common import secrets
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Billing, Stopped
from generation.worker import download, ingest, poll
from jobs import services
from jobs.models import Attempt, Job, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import KNOWS, LEFT, story

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_clip_is_submitted_once_downloaded_and_charged(fake, site, order, go, purse):
    job = go(order(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert purse() == LEFT - PRICE
    clip = Clip.objects.get(job=job)
    assert clip.frames == 48 and clip.file("mezzanine")
    assert "Accepted by Echo as" in story(job)


def test_client_reference_is_random(fake, site, order, go):
    job = go(order(site))

    [task] = fake.created
    assert uuid.UUID(task.ref).version == 4 and str(job.pk) != task.ref


def test_style_is_added_to_the_prompt_and_downloads_carry_no_key(fake, site, order, go):
    go(order(site))

    sent = fake.created[0].request
    assert sent["prompt"].startswith("a cat on a roof. ") and "cel-shaded" in sent["prompt"]
    films = [call for call in fake.calls if call.path.startswith("/films/")]
    assert films and all("authorization" not in call.headers for call in films)


@pytest.mark.parametrize(
    "fault", ["cut_after_create", "html_502_after_create", "no_json_after_create", "no_id_after_create"]
)
def test_lost_submission_is_found_and_bought_once(fake, site, order, go, purse, fault):
    fake.next("submit", fault)

    job = go(order(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert purse() == LEFT - PRICE
    told = story(job)
    assert "Submitted to Echo" in told and "No response from Echo; checking" in told
    assert "Found at Echo" in told and "nothing was charged twice" in told


@pytest.mark.parametrize("fault", ["cut", "html_502"])
def test_request_that_never_arrived_is_resent_only_after_a_search(fake, site, order, go, purse, fault, monkeypatch):
    fake.next("submit", fault)
    job = go(order(site), until=State.SUBMITTING)

    go(job, until=State.QUEUED, steps=5)
    assert job.state == State.SUBMITTING, "absence was concluded at once"
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=10))
    job = go(job)

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert "never received this" in story(job)
    assert purse() == LEFT - PRICE


def test_few_searches_settle_a_submission_after_an_hour_of_downtime(fake, site, order, go):
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    go(job, steps=2)
    assert job.state == State.SUBMITTING, "it was called unknown though it can be found out"

    assert go(job).state == State.READY and len(fake.created) == 1


@pytest.mark.parametrize("kind", ["invalid", "moderation"])
def test_permanent_refusal_fails_the_job_uncharged(fake, site, order, go, purse, kind):
    fake.next("submit", kind)

    job = go(order(site))

    assert job.state == State.FAILED
    assert "Nothing was charged." in job.error_public
    assert purse() == LEFT and not fake.created


def test_missing_model_is_reported_as_retired_by_its_maker(fake, site, order, go, purse):
    fake.next("submit", "gone")

    job = go(order(site))

    assert job.state == State.FAILED and purse() == LEFT
    assert job.error_public == "Echo 1 was retired by its maker. Choose another model. Nothing was charged."


def test_missing_model_on_a_custom_url_is_not_called_retired(fake, site, order, go, monkeypatch):
    monkeypatch.setattr(EchoProvider, "base_url", "")
    fake.next("submit", "gone")

    job = go(order(site))

    assert job.state == State.FAILED and "retired" not in job.error_public


@pytest.mark.parametrize("kind", ["auth", "quota"])
def test_rejected_credentials_pause_the_job_without_failing_it(fake, site, order, go, purse, kind):
    fake.next("submit", kind)
    job = go(order(site), steps=3)

    site.refresh_from_db()
    assert job.state == State.QUEUED and "check the connection" in job.progress_note
    assert site.health == Connection.Health.BROKEN and site.last_error

    Connection.objects.update(paused_until=None)
    assert go(job).state == State.READY
    assert purse() == LEFT - PRICE
    site.refresh_from_db()
    assert (site.health, site.last_error) == (Connection.Health.GOOD, "")


def test_busy_provider_is_retried_silently(fake, site, order, go, purse):
    fake.next("submit", "busy", "busy_retry_after")

    job = go(order(site), steps=2)
    assert job.state == State.QUEUED and "Echo is busy" in job.progress_note
    Connection.objects.update(paused_until=timezone.now())
    job = go(job)

    assert job.state == State.READY and len(fake.created) == 1
    assert job.attempts.count() == 3


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUCCESS, 0), (Billing.SUBMIT, PRICE)])
def test_failed_task_costs_what_the_provider_declares(echo, connect, order, go, purse, billing, paid):
    fake = echo(billing=billing, **KNOWS)
    job = go(order(connect(base_url=fake.url)), until=State.RUNNING)
    fake.created[0].ends = "failed"

    job = go(job)

    assert job.state == State.FAILED
    assert purse() == LEFT - paid
    assert "charged" in job.error_public


def test_own_key_failure_says_may_have_been_charged(echo, connect, order, go, mika):
    fake = echo(billing=Billing.UNDECLARED, **KNOWS)
    job = go(order(connect(owner=mika, base_url=fake.url)), until=State.RUNNING)
    fake.created[0].ends = "failed"

    assert "Your Echo account may have been charged once." in go(job).error_public


def test_vanished_task_fails_after_several_polls(fake, site, order, go):
    job = go(order(site), until=State.RUNNING)
    fake.created[0].is_gone = True

    go(job, steps=2)
    assert job.state == State.RUNNING
    assert go(job).error_code == "lost"


def test_unknown_status_is_not_final_and_is_logged_once(fake, site, order, go, caplog, monkeypatch):
    monkeypatch.setattr(poll, "_unknown_words", set())
    fake.next("poll", "unknown_word", "unknown_word", "html_502", "cut", "unknown_word")

    assert go(order(site)).state == State.READY
    said = [each.getMessage() for each in caplog.records if "the unknown status" in each.getMessage()]
    assert len(said) == 1 and "echo" in said[0] and "'pondering'" in said[0]


def test_success_without_output_is_a_failure(fake, site, order, go):
    fake.next("poll", "without_film")

    assert go(order(site)).state == State.FAILED


def test_expired_download_url_is_requested_again(fake, site, order, go, purse):
    fake.next("film", "expired", "gone")

    job = go(order(site))

    assert job.state == State.READY and len(fake.created) == 1
    assert purse() == LEFT - PRICE


@pytest.mark.parametrize("fault", ["html", "redirect_inside"])
def test_invalid_download_is_retried_then_lost(fake, site, order, go, fault):
    fake.next("film", *[fault] * 10)

    job = go(order(site))

    assert job.state == State.LOST_RESULT
    assert "could not be downloaded" in job.error_public
    assert len(fake.created) == 1


def test_cancel_reaches_the_provider_and_refunds(fake, site, order, go, mika, purse):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.CANCELLED
    assert purse() == LEFT


def test_uncancellable_clip_is_delivered_and_kept(fake, site, order, go, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.UNSUPPORTED)
    job = go(order(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.READY
    assert "can no longer cancel this" in story(job)


def test_overdue_task_is_cancelled_and_times_out(fake, site, order, go):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))

    job = go(job)

    assert job.state == State.TIMED_OUT
    assert fake.created[0].is_cancelled


def test_deleted_connection_does_not_claim_nothing_was_charged(fake, connect, order, go, mika, purse):
    own = connect(owner=mika, base_url=fake.url)
    job = go(order(own), until=State.RUNNING)
    own.delete()

    job = go(job)

    assert (job.state, job.error_code) == (State.FAILED, "no_connection")
    assert "may have been charged once" in job.error_public
    assert "Nothing was charged" not in job.error_public
    assert purse() == LEFT


def test_killed_probe_costs_one_download_attempt(fake, site, order, go, monkeypatch):
    honest, left = download.probe, [5]

    def killed(*args, **more):
        if left[0]:
            left[0] -= 1
            raise MediaRefused("too_costly", "The video asks for more time, memory or space than one video may use.")
        return honest(*args, **more)

    monkeypatch.setattr(download, "probe", killed)

    assert go(order(site)).state == State.READY


def test_running_task_survives_a_key_replacement(fake, site, order, go):
    fake.running = 0.02
    job = go(order(site), until=State.RUNNING)
    ConnectionKey.objects.create(
        connection=site, version=1, sealed=secrets.encrypt({"keys": {"api_key": "new-and-wrong"}})
    )
    Connection.objects.update(key_version=1)

    assert go(job).state == State.READY


def test_task_id_of_another_job_is_rejected(fake, site, order, go):
    first = go(order(site))
    taken = Attempt.objects.get(job=first).provider_task_id
    fake.new_id = lambda: taken

    second = go(order(site), steps=3)

    assert second.state == State.SUBMITTING
    assert "No response from Echo; checking" in story(second), "it broke instead of being looked for"
    assert Attempt.objects.filter(provider_task_id=taken).count() == 1


def test_polling_bug_after_purchase_keeps_job_and_hold(fake, site, order, go, purse, monkeypatch):
    job = go(order(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: 1 / 0)

    job = go(job, until=State.STUCK)

    assert job.state == State.STUCK
    assert purse() == LEFT - PRICE, "held until somebody has looked"
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED


def test_failed_file_rows_leave_the_clip_unfinished_and_uncharged(fake, site, order, go, monkeypatch):
    keep, goes = ingest._keep, [OperationalError("gone")]

    def breaks(*facts):
        if goes:
            raise goes.pop()
        keep(*facts)

    monkeypatch.setattr(ingest, "_keep", breaks)
    job = go(order(site), until=State.STORED)
    assert (job.state, job.price_charged, goes) == (State.STORED, 0, [])

    job = go(job)
    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert Clip.objects.get(job=job).files.count() > 1


@pytest.mark.parametrize(("times", "state"), [(2, State.READY), (3, State.READY_DEGRADED)])
def test_killed_ingest_is_retried_before_the_clip_is_degraded(fake, site, order, go, monkeypatch, times, state):
    honest, left = ingest.ingest, [times]

    def killed(*args, **more):
        if left[0]:
            left[0] -= 1
            raise FfmpegFailed("ffmpeg ended with code -9.")
        return honest(*args, **more)

    monkeypatch.setattr(ingest, "ingest", killed)

    assert go(order(site)).state == state
    assert len(fake.created) == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.READY, State.FAILED])
def test_running_or_finished_job_cannot_be_reopened(fake, site, order, go, mika, state):
    fake.running = 1000
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(state=state)

    with pytest.raises(services.JobRefused):
        services.reopen(Job.objects.get(pk=job.pk), by=mika)
