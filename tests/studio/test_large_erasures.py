"""One worker erases a user with much data, however slow the store is."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import OperationalError
from django.db.models.functions import Now

from accounts import privacy
from accounts import services as accounts
from accounts.access import get_home
from accounts.models import User
from generation.models import Clip, Picture, Video
from jobs import services as jobs
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine, lease, transitions
from jobs.models import Job, State
from studio.models import Film, Music

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
CLIPS = 8


def create_finished_job(workspace, kind):
    job = jobs.submit(
        workspace=workspace,
        by=None,
        kind=kind,
        title="finished",
        params={},
        idem_key=uuid.uuid4().hex,
        is_limited=False,
    )
    for state in (State.RUNNING, State.STORED, State.READY):
        transitions.move(job, state)
    return job


@pytest.fixture
def clips(mika):
    home = get_home(mika)
    for _n in range(CLIPS):
        Clip.objects.create(
            workspace=home, job=create_finished_job(home, "clip"), title="a hill", prompt="a hill", seed=1
        )


@pytest.fixture
def erasure(mika, clips, monkeypatch):
    """The running job that erases Mika and writes its progress at once."""
    monkeypatch.setattr(lease, "WRITE_EVERY", 0)
    monkeypatch.setattr(lease, "LEASE_PARTS", 1e9)
    job = account_data_jobs.request_erasure(mika)
    accounts.close_account(mika, by=mika)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
    return job


@pytest.fixture
def before_each_file(monkeypatch):
    """``before_each_file(action)`` runs the action before the first file of each clip is deleted."""
    delete = storages["clips"].delete

    def plan(action):
        numbers = itertools.count(1)

        def remove(key):
            if key.endswith("/original.mp4"):
                action(next(numbers))
            return delete(key)

        monkeypatch.setattr(storages["clips"], "delete", remove)

    return plan


def test_a_running_erasure_keeps_its_lease(mika, erasure, before_each_file):
    was_due = []

    def expire_lease(_number):
        was_due.append(Job.objects.due().filter(pk=erasure.pk).exists())
        Job.objects.filter(pk=erasure.pk).update(lease_until=Now() - timedelta(seconds=1))

    before_each_file(expire_lease)
    engine.take_step(engine.claim(erasure.pk))

    assert was_due == [False] * CLIPS
    assert not User.objects.filter(pk=mika.pk).exists()


def test_an_erasure_finishes_if_every_attempt_removes_something(mika, erasure, before_each_file):
    def fail_every_second(number):
        if number % 2 == 0:
            raise OperationalError("the connection is gone")

    before_each_file(fail_every_second)
    for _worker in range(CLIPS):
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now(), lease_until=None)
        if claimed := engine.claim(erasure.pk):
            engine.take_step(claimed)

    assert not Job.objects.filter(pk=erasure.pk, state=State.STUCK).exists()
    assert not User.objects.filter(pk=mika.pk).exists()


def test_an_erasure_without_progress_is_stuck(erasure, before_each_file):
    def fail(_number):
        raise OperationalError("the connection is gone")

    before_each_file(fail)
    for _worker in range(lease.MAX_FRUITLESS + 3):
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now(), lease_until=None)
        if claimed := engine.claim(erasure.pk):
            engine.take_step(claimed)

    assert Job.objects.get(pk=erasure.pk).state == State.STUCK


def test_an_erasure_reports_every_deletion(mika, create_story, clips):
    home, story = get_home(mika), create_story(mika, "a hill")
    film = create_finished_job(home, "film")
    fields = {"sha256": "0" * 64, "bytes": 1}
    Picture.objects.create(workspace=home, key="pictures/a.png", width=1, height=1, **fields)
    Video.objects.create(workspace=home, **fields)
    Music.objects.create(workspace=home, title="a song", **fields)
    Film.objects.create(story=story, job=film, version=1, plan={"pieces": []}, frames=1, width=1, height=1)
    reports = []

    privacy.erase_all(mika, lambda: reports.append(1))

    rows = 5  # a picture, a video, music, a film and its story
    assert len(reports) == CLIPS + rows + CLIPS + 1, "clips, rows, and the jobs of clips and film"
