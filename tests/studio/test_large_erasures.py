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


def done(workspace, kind):
    job = jobs.submit(
        workspace=workspace, by=None, kind=kind, title="made", params={}, idem_key=uuid.uuid4().hex, is_limited=False
    )
    for state in (State.RUNNING, State.STORED, State.READY):
        transitions.move(job, state)
    return job


@pytest.fixture
def clips(mika):
    home = get_home(mika)
    for _n in range(CLIPS):
        Clip.objects.create(workspace=home, job=done(home, "clip"), title="a hill", prompt="a hill", seed=1)


@pytest.fixture
def erasure(mika, clips, monkeypatch):
    """The job that erases Mika, just started; it writes its progress at once."""
    monkeypatch.setattr(lease, "WRITE_EVERY", 0)
    monkeypatch.setattr(lease, "LEASE_PARTS", 1e9)
    job = account_data_jobs.request_erasure(mika)
    accounts.close_account(mika)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
    return job


@pytest.fixture
def store_does(monkeypatch):
    """``store_does(action)`` runs the action before the store removes the first file of each clip."""
    honest = storages["clips"].delete

    def planned(deed):
        numbers = itertools.count(1)

        def remove(key):
            if key.endswith("/original.mp4"):
                deed(next(numbers))
            return honest(key)

        monkeypatch.setattr(storages["clips"], "delete", remove)

    return planned


def test_a_running_erasure_keeps_its_lease(mika, erasure, store_does):
    due = []

    def slowly(_number):
        due.append(Job.objects.due().filter(pk=erasure.pk).exists())
        Job.objects.filter(pk=erasure.pk).update(lease_until=Now() - timedelta(seconds=1))

    store_does(slowly)
    engine.take_step(engine.claim(erasure.pk))

    assert due == [False] * CLIPS
    assert not User.objects.filter(pk=mika.pk).exists()


def test_an_erasure_finishes_if_every_attempt_removes_something(mika, erasure, store_does):
    def dies_over_the_second(number):
        if number % 2 == 0:
            raise OperationalError("the connection is gone")

    store_does(dies_over_the_second)
    for _worker in range(CLIPS):
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now(), lease_until=None)
        if held := engine.claim(erasure.pk):
            engine.take_step(held)

    assert not Job.objects.filter(pk=erasure.pk, state=State.STUCK).exists()
    assert not User.objects.filter(pk=mika.pk).exists()


def test_an_erasure_without_progress_is_stuck(erasure, store_does):
    def dies(_number):
        raise OperationalError("the connection is gone")

    store_does(dies)
    for _worker in range(lease.MAX_FRUITLESS + 3):
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now(), lease_until=None)
        if held := engine.claim(erasure.pk):
            engine.take_step(held)

    assert Job.objects.get(pk=erasure.pk).state == State.STUCK


def test_an_erasure_reports_every_deletion(mika, create_story, clips):
    home, story = get_home(mika), create_story(mika, "a hill")
    film = done(home, "film")
    facts = {"sha256": "0" * 64, "bytes": 1}
    Picture.objects.create(workspace=home, key="pictures/a.png", width=1, height=1, **facts)
    Video.objects.create(workspace=home, **facts)
    Music.objects.create(workspace=home, title="a song", **facts)
    Film.objects.create(story=story, job=film, version=1, plan={"pieces": []}, frames=1, width=1, height=1)
    told = []

    privacy.erase_all(mika, lambda: told.append(1))

    a_picture_a_video_music_a_film_and_its_story, jobs_of_them = 5, CLIPS + 1
    assert len(told) == CLIPS + a_picture_a_video_music_a_film_and_its_story + jobs_of_them
