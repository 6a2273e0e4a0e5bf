"""Download videos: slow connections, chunks, full disks, expired URLs and stale workers."""

import errno
import logging
import stat
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from generation.media import storage
from generation.models import ClipFile
from generation.providers.http import client, download_speed
from generation.providers.remote import Stopped
from generation.worker import download, files
from generation.worker.ingest import MAX_ATTEMPTS
from jobs import services
from jobs.lifecycle import engine, lease
from jobs.models import Attempt, Job, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.fakes.server import Reply
from tests.generation.worker.helpers import LIMIT

pytestmark = pytest.mark.django_db
MANY = 9  # more than the maximum number of attempts


def test_chunked_download_is_kept(fake, site, create_job, run_job):
    def send_chunked(request, act):
        def talk(line):
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, len(fake.video_bytes), 512):
                piece = fake.video_bytes[at : at + 512]
                line.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            line.sendall(b"0\r\n\r\n")

        return Reply(write_raw=talk)

    fake.fault_in_pieces = send_chunked
    fake.next("video", "in_pieces")

    job = run_job(create_job(site))

    assert job.state == State.READY and not fake.faults["video"]


@pytest.mark.rows
@pytest.mark.parametrize("total", [0, 2 << 30], ids=["of unknown length", "of two gigabytes"])
def test_slow_download_keeps_its_lease_while_bytes_arrive(fake, site, create_job, run_job, film, monkeypatch, total):
    monkeypatch.setattr(lease, "WRITE_EVERY", 0)
    monkeypatch.setattr(lease, "LEASE_PARTS", 1e9)  # report immediately
    leases, bars = [], []

    def fetch_slowly(self, connection, output, target, progress):
        job = Job.objects.get(state=State.FETCHING)
        for n in range(1, 6):
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now())
            progress(n * 1000, total)
            job.refresh_from_db()
            leases.append(job.lease_until - timezone.now())
            bars.append(job.progress)
        target.write_bytes(film)

    monkeypatch.setattr(EchoProvider, "fetch", fetch_slowly)

    assert run_job(create_job(site)).state == State.READY
    assert min(leases) > timedelta(seconds=1), "the lease expired"
    assert max(bars) < 890, "the progress bar was full too early"


@pytest.mark.rows
def test_hanging_download_loses_its_lease(fake, site, create_job, run_job, film, monkeypatch):
    monkeypatch.setattr(lease, "WRITE_EVERY", 0)
    monkeypatch.setattr(lease, "LEASE_PARTS", 1e9)
    leases = []

    def hang(self, connection, output, target, progress):
        progress(1000, 0)
        Job.objects.filter(state=State.FETCHING).update(lease_until=timezone.now())
        progress(1000, 0)
        leases.append(Job.objects.get(state=State.FETCHING).lease_until)
        target.write_bytes(film)

    monkeypatch.setattr(EchoProvider, "fetch", hang)
    run_job(create_job(site))

    assert leases[0] <= timezone.now()


def drip(request, act):
    """Announce a large file and send one byte now and then."""

    def talk(line):
        with suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 500000000\r\n\r\n")
            for _drop in range(400):
                line.sendall(b"x")
                time.sleep(0.2)

    return Reply(write_raw=talk)


@pytest.mark.deep
def test_dripping_download_is_given_up_while_no_second_worker_waits(
    fake, site, create_job, run_job, settings, monkeypatch
):
    settings.JOB_LEASE_SECONDS = 12
    monkeypatch.setattr(download_speed, "MINUTE", 14.0)
    monkeypatch.setattr(download, "MAX_TRANSFERS", 1)
    fake.fault_drips = drip
    fake.next("video", "drips")
    fetch, claims = EchoProvider.fetch, []

    def fetch_and_claim(*args):
        try:
            fetch(*args)
        finally:
            claims.append((engine.claim(job.pk), time.monotonic() - began))

    monkeypatch.setattr(EchoProvider, "fetch", fetch_and_claim)
    job, began = run_job(create_job(site), until=State.RUNNING), time.monotonic()
    run_job(job)

    [(claimed, seconds)] = claims
    assert claimed is None and seconds < 60
    assert job.state == State.LOST_RESULT
    assert job.error_public.startswith("Echo finished the video, but it could not be downloaded or was not a video.")


def test_dripping_download_succeeds_on_the_next_try(fake, site, create_job, run_job, monkeypatch):
    minute, fetch = download_speed.MINUTE, EchoProvider.fetch
    monkeypatch.setattr(download_speed, "MINUTE", 1.0)

    def fetch_once(*args):
        try:
            fetch(*args)
        finally:
            monkeypatch.setattr(download_speed, "MINUTE", minute)  # a normal download may take a second to begin

    monkeypatch.setattr(EchoProvider, "fetch", fetch_once)
    fake.fault_drips = drip
    fake.next("video", "drips")

    job = run_job(create_job(site))

    assert job.state == State.READY and job.attempts.get().downloads == 1


@pytest.mark.deep
def test_paid_clip_downloads_over_a_shared_slow_line(fake, site, create_job, run_job, monkeypatch):
    monkeypatch.setattr(download_speed, "MINUTE", 3.0)
    piece = b"\0" * 300_000  # every tenth of a minute: fifty kilobytes a second
    film = fake.video_bytes + len(piece * 40).to_bytes(4) + b"free" + (piece * 40)[8:]

    def send_slowly(request, act):
        def talk(line):
            with suppress(OSError):
                line.sendall(
                    f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {len(film)}\r\n\r\n".encode()
                )
                for at in range(0, len(film), len(piece)):
                    line.sendall(film[at : at + len(piece)])
                    time.sleep(0.1)

        return Reply(write_raw=talk)

    fake.fault_shared = send_slowly
    fake.next("video", *["shared"] * MANY)
    job = run_job(create_job(site), until=State.RUNNING)
    Attempt.objects.filter(job=job).update(downloads=6)

    assert run_job(job).state == State.READY


@pytest.mark.rows
@pytest.mark.parametrize("is_stopped", [False, True])
def test_stale_downloader_does_not_overwrite_the_stored_file(
    fake, site, create_job, run_job, mika, monkeypatch, tmp_path, is_stopped
):
    job = run_job(create_job(site), until=State.RUNNING)
    if is_stopped:  # too late: the clip is downloaded anyway
        monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.TOO_LATE)
        services.cancel(job, by=mika)
    key, probe_file = files.build_file_key(job.clip, ClipFile.Kind.ORIGINAL), download.probe

    def probe(path, **more):
        storage.store_file(_written(tmp_path / "film", b"file of the other worker"), key)
        Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1)
        return probe_file(path, **more)

    monkeypatch.setattr(download, "probe", probe)
    engine.advance(_due(job).pk)

    assert storage.download(key, tmp_path / "seen").read_bytes() == b"file of the other worker"
    job.refresh_from_db()
    assert job.state == State.FETCHING


def _written(path, content):
    path.write_bytes(content)
    return path


def _due(job):
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1), lease_until=None)
    return job


def test_job_folder_is_private_and_removed_afterwards(site, create_job):
    with files.open_private_folder(create_job(site)) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_full_local_disk_uses_up_no_download_attempts(fake, site, create_job, run_job, monkeypatch):
    probe_file, remaining = download.probe, [MANY]

    def probe(*args, **more):
        if remaining[0]:
            remaining[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return probe_file(*args, **more)

    monkeypatch.setattr(download, "probe", probe)
    fake.next("video", *[""] * MANY, "expired")

    job = run_job(create_job(site))

    assert job.state == State.READY, job.error_public
    assert job.attempts.get().downloads == 1


def test_full_disk_during_ingest_makes_a_paid_clip_wait(
    fake, site, create_job, run_job, get_balance, ffmpeg_without_room
):
    with ffmpeg_without_room():
        job = run_job(create_job(site), steps=5 * MAX_ATTEMPTS)
        assert (job.state, job.progress_note) == (State.STORED, "The disk is full. Waiting for free space.")
        assert job.price_charged == 0

    job = run_job(job)

    assert job.state == State.READY, job.error_public
    assert len(fake.created) == 1
    assert get_balance() == LIMIT - PRICE


@pytest.mark.parametrize("state", [State.FETCHING, State.STORED])
def test_missing_ffmpeg_leaves_a_paid_clip_stuck_for_an_operator(
    fake, site, create_job, run_job, get_balance, mika, no_ffmpeg, ffmpeg_without_room, state
):
    job = create_job(site)
    if state == State.STORED:
        with ffmpeg_without_room():
            assert run_job(job, steps=2).state == state
    with no_ffmpeg():
        job = run_job(job)
        assert job.state == State.STUCK, job.error_public
        assert job.events.filter(new=State.STUCK).first().old == state
        assert job.attempts.get().outcome in Attempt.LIVE

    job = run_job(services.requeue(job, by=mika))

    assert job.state == State.READY, job.error_public
    assert (len(fake.created), LIMIT - get_balance()) == (1, PRICE)


@pytest.mark.parametrize(
    ("fault", "limit"), [("", 3), ("html", 3), ("gone", 4)], ids=["endless", "not a video", "expired"]
)
def test_invalid_downloads_get_three_tries_expired_urls_four(
    fake, site, create_job, run_job, monkeypatch, fault, limit
):
    if not fault:
        monkeypatch.setattr(client, "FILE_LIMIT", 1000)
    fake.next("video", *[fault] * MANY)

    job = run_job(create_job(site))

    assert (job.state, job.attempts.get().downloads) == (State.LOST_RESULT, limit)
    assert "could not be downloaded" in job.error_public
    assert len([call for call in fake.calls if call.path.startswith("/outputs/")]) == limit


def test_download_url_age_is_logged(fake, site, create_job, run_job, monkeypatch, caplog):
    def raise_disk_full(*args, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    caplog.set_level(logging.INFO, "generation.worker")
    with monkeypatch.context() as patch:
        patch.setattr(download, "probe", raise_disk_full)
        job = run_job(create_job(site), steps=4)
    assert job.state == State.FETCHING
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=3))

    assert run_job(job).state == State.READY
    ages = [record.args[-1] for record in caplog.records if "after its link was reported" in record.getMessage()]
    assert ages[0] < 60 and 3 * 3600 <= ages[-1] < 4 * 3600


@pytest.mark.parametrize(("fault", "is_alerted"), [("redirect_inside", True), ("gone", False)])
def test_download_url_inside_our_network_alerts_operators(fake, site, create_job, run_job, caplog, fault, is_alerted):
    fake.next("video", fault)

    job = run_job(create_job(site))

    assert job.state == State.READY
    alerts = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert any(str(job.pk) in alert and "is not allowed" in alert for alert in alerts) == is_alerted
