"""A worker that lost its job without noticing, as when its machine slept, writes over nothing."""

import pytest

from generation.worker import ingest as worker_ingest
from jobs import invariants
from jobs.lifecycle import engine
from jobs.models import Job, State

pytestmark = pytest.mark.django_db


def test_who_wakes_after_another_worker_has_finished_the_clip_leaves_its_files_as_they_are(ask, mika, monkeypatch):
    [clip] = ask(mika)
    for _state in (State.QUEUED, State.RUNNING):
        engine.take_step(engine.claim(clip.job_id))
    ingest = worker_ingest._ingest

    def sleepy(*args):
        made = ingest(*args)
        monkeypatch.setattr(worker_ingest, "_ingest", ingest)
        Job.objects.filter(pk=clip.job_id).update(lease_until="2020-01-01T00:00Z")
        engine.advance(clip.job_id)
        for path in made.files.values():
            path.write_bytes(b"made on another machine")
        return made

    monkeypatch.setattr(worker_ingest, "_ingest", sleepy)
    engine.take_step(engine.claim(clip.job_id))

    assert Job.objects.get(pk=clip.job_id).state == State.READY
    assert invariants.broken() == []
