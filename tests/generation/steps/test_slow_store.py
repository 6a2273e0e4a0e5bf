"""A store that takes its time: nobody else begins meanwhile what is made and only has to be put away."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generation import storage, videos
from generation.steps import files
from jobs import engine
from jobs.models import Job, State

pytestmark = pytest.mark.django_db
LEASE = 60


@pytest.fixture
def held(settings, monkeypatch):
    """Name of each file that a worker stores -> how much longer its job was held than the store may take, in s."""
    seen, put = {}, storage.put

    def slowly(path, key):
        for job in Job.objects.exclude(lease_until=None):
            left = (job.lease_until - timezone.now()).total_seconds()
            seen[Path(key).name] = left - path.stat().st_size
        return put(path, key)

    monkeypatch.setattr(storage, "put", slowly)
    monkeypatch.setattr(files, "STORED_A_SECOND", 1)  # byte
    settings.JOB_LEASE_SECONDS = LEASE
    return seen


def is_long_enough(held, count):
    return len(held) == count and min(held.values()) > LEASE / 2


def test_a_drawn_clip_is_held_until_all_of_it_is_stored(mika, ask, draw, held):
    [clip] = ask(mika, seconds=2)

    assert draw(clip).job.state == State.READY
    assert is_long_enough(held, 7), held


def test_a_clip_that_was_paid_is_held_until_all_of_it_is_stored(fake, site, order, go, held):
    assert go(order(site)).state == State.READY
    assert is_long_enough(held, 7), held


def test_a_video_that_somebody_brought_is_held_until_it_is_stored(mika, film, held):
    upload = SimpleUploadedFile("my cat.mp4", film, "video/mp4")
    video = videos.keep(upload, workspace=mika.workspaces.get(), by=mika)
    held.clear()

    engine.advance(video.job_id)

    assert Job.objects.get(pk=video.job_id).state == State.READY
    assert is_long_enough(held, 2), held
