"""Slow or unavailable storage loses no finished clip."""

import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.utils import timezone

from generation.media import storage
from generation.services import video_uploads
from generation.worker import files, storage_wait
from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.views import health

pytestmark = pytest.mark.django_db
LEASE = 60


@pytest.fixture
def lease_margins(settings, monkeypatch):
    """Name of each stored file → seconds of its lease beyond the allowed storing time."""
    margins, put = {}, storage.store_file

    def record_margin(path, key):
        for job in Job.objects.exclude(lease_until=None):
            left = (job.lease_until - timezone.now()).total_seconds()
            margins[Path(key).name] = left - path.stat().st_size
        return put(path, key)

    monkeypatch.setattr(storage, "store_file", record_margin)
    monkeypatch.setattr(files, "SLOW_STORAGE_SPEED", 1)  # byte
    settings.JOB_LEASE_SECONDS = LEASE
    return margins


def are_long_enough(lease_margins, count):
    return len(lease_margins) == count and min(lease_margins.values()) > LEASE / 2


def test_drawn_clip_keeps_its_lease_until_stored(mika, queue_clips, draw, lease_margins):
    [clip] = queue_clips(mika, seconds=2)

    assert draw(clip).job.state == State.READY
    assert are_long_enough(lease_margins, 7), lease_margins


def test_paid_clip_keeps_its_lease_until_stored(fake, site, create_job, run_job, lease_margins):
    assert run_job(create_job(site)).state == State.READY
    assert are_long_enough(lease_margins, 7), lease_margins


def test_uploaded_video_keeps_its_lease_until_stored(mika, film, lease_margins):
    upload = SimpleUploadedFile("my cat.mp4", film, "video/mp4")
    video = video_uploads.save_video(upload, workspace=mika.workspaces.get(), by=mika)
    lease_margins.clear()

    engine.advance(video.job_id)

    assert Job.objects.get(pk=video.job_id).state == State.READY
    assert are_long_enough(lease_margins, 2), lease_margins


def client_error(status, code="x"):
    return ClientError({"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "state", "note"),
    [
        (EndpointConnectionError(endpoint_url="http://s3"), State.FETCHING, "is not responding"),
        (client_error(503, "SlowDown"), State.STORED, "is not responding"),
        (client_error(429), State.STORED, "is not responding"),
        (client_error(403, "RequestTimeTooSkewed"), State.STORED, "its clock and ours differ"),
        (client_error(403, "InvalidAccessKeyId"), State.FETCHING, "refused our keys"),
    ],
    ids=["unreachable", "503", "429", "clock", "keys"],
)
def test_paid_clip_waits_for_unavailable_storage(fake, site, create_job, run_job, monkeypatch, error, state, note):
    job, put = run_job(create_job(site), until=State.RUNNING), storage.store_file

    def fail_store(path, key):
        if ("original" in key) == (state == State.FETCHING):
            raise error
        return put(path, key)

    with monkeypatch.context() as broken:
        broken.setattr(storage, "store_file", fail_store)
        for _try in range(8):  # a job is stuck after five steps without progress
            job = run_job(job, steps=1)
    assert job.state == state and note in job.progress_note
    assert [sentence for sentence in health.find_warnings() if note in sentence]

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_missing_file_is_not_a_temporary_error():
    assert not storage.find_transient_reason(client_error(404)) and not storage.find_transient_reason(OSError())


def test_pauses_grow_with_the_outage(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(storage_wait.time, "monotonic", lambda: now)
    monkeypatch.setattr(storage_wait, "_outage_began", [])
    pauses = []
    for _try in range(6):
        pauses.append(storage_wait._next_pause())
        now += pauses[-1]

    assert pauses == [5, 15, 30, 60, 60, 60]


def test_waiting_jobs_resume_when_storage_works_for_another(fake, site, create_job, run_job, monkeypatch):
    waiting, other = (run_job(create_job(site), until=State.RUNNING) for _job in range(2))
    Job.objects.filter(pk=waiting.pk).update(language="zh-hans")
    with monkeypatch.context() as broken:
        broken.setattr(storage, "store_file", raise_no_response)
        run_job(waiting, steps=1)
    assert "Jobs that wait for storage: 1. Storage is not responding. Waiting for it." in health.find_warnings()
    assert Job.objects.filter(pk=waiting.pk, next_run_at__gt=Now()).exists()

    run_job(other, steps=1)

    assert Job.objects.filter(pk=waiting.pk, next_run_at__lte=Now()).exists()


def raise_no_response(path, key):
    raise EndpointConnectionError(endpoint_url="http://s3")


def test_stored_file_is_synced_before_its_row(tmp_path, monkeypatch, db):
    synced, sync = [], os.fsync

    def record_sync(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    monkeypatch.setattr(os, "fsync", record_sync)
    (tmp_path / "film").write_bytes(b"a film")

    storage.store_file(tmp_path / "film", "clips/aa/film.mp4")

    assert synced == ["film.mp4", "aa"]
