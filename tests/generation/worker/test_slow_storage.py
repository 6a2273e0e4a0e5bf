"""Slow or unavailable storage loses no finished clip."""

import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generation.media import storage
from generation.services import video_uploads
from generation.worker import files
from jobs.lifecycle import engine
from jobs.models import Job, State

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


def client_error(status):
    return ClientError({"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": "x"}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "state"),
    [(EndpointConnectionError(endpoint_url="http://s3"), State.FETCHING), (client_error(503), State.STORED)],
    ids=["unreachable", "503"],
)
def test_paid_clip_waits_for_unavailable_storage(fake, site, create_job, run_job, monkeypatch, error, state):
    job, put = run_job(create_job(site), until=State.RUNNING), storage.store_file

    def fail_store(path, key):
        if ("original" in key) == (state == State.FETCHING):
            raise error
        return put(path, key)

    with monkeypatch.context() as broken:
        broken.setattr(storage, "store_file", fail_store)
        for _try in range(8):  # a job is stuck after five steps without progress
            job = run_job(job, steps=1)
    assert job.state == state and "is not responding" in job.progress_note

    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_storage_refusal_is_not_temporary():
    assert not storage.is_transient_error(client_error(403)) and not storage.is_transient_error(OSError())


def test_stored_file_is_synced_before_its_row(tmp_path, monkeypatch, db):
    synced, sync = [], os.fsync

    def record_sync(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    monkeypatch.setattr(os, "fsync", record_sync)
    (tmp_path / "film").write_bytes(b"a film")

    storage.store_file(tmp_path / "film", "clips/aa/film.mp4")

    assert synced == ["film.mp4", "aa"]
