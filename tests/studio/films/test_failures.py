"""A broken ffmpeg, a full disk or a stopping worker fails or postpones a film cleanly."""

import contextlib
import hashlib
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from generation.media import storage
from generation.media.child_process import ChildLimits
from generation.models import ClipFile
from generation.worker import files
from jobs import maintenance
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from studio.films import cached_files
from studio.films import music as film_music
from studio.films import services as film_services
from studio.films import worker as film_worker
from studio.models import FilmSettings
from studio.stories import copy_story
from tests.matrix import deep_except

pytestmark = pytest.mark.django_db(transaction=True)


STUBS = {
    "hangs": "exec sleep 600",
    "is killed": "kill -KILL $$",
    "crashes": "kill -SEGV $$",
    "has no memory left": "echo 'out.mp4: Cannot allocate memory' >&2; exit 1",
    "never stops writing": "exec yes > out.mp4",
    "lacks an option": "echo 'Unrecognized option profile:v' >&2; exit 1",
}


@pytest.fixture
def replace_ffmpeg(tmp_path, monkeypatch):
    """``replace_ffmpeg("hangs")`` replaces ffmpeg with a stub that behaves like this."""

    def replace(behaviour):
        script = tmp_path / "ffmpeg"
        script.write_text(f"#!/bin/sh\n{STUBS[behaviour]}\n")
        script.chmod(0o755)
        monkeypatch.setattr("generation.media.ffmpeg.find_binary", lambda: str(script))

    return replace


def list_hanging_children() -> list[str]:
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-a"], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if "sleep 600" in line]


@pytest.mark.parametrize("behaviour", deep_except(STUBS, "hangs", "is killed", "lacks an option"))
def test_a_broken_ffmpeg_fails_the_film_without_blaming_a_clip(
    create_storyboard, request_film, replace_ffmpeg, monkeypatch, behaviour
):

    limits = ChildLimits(silent_seconds=1.0, file_bytes=1_000_000)
    monkeypatch.setattr("studio.render.resize.ChildLimits", lambda: limits)
    film = request_film(create_storyboard(2))

    replace_ffmpeg(behaviour)
    engine.advance(film.job_id)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "tool")
    assert "A tool for merging films failed." in film.job.error_public
    assert "Draw the scene again" not in film.job.error_public
    assert not list(film_worker.settings.WORK_DIR.glob(f"{film.job_id}-*"))
    assert list_hanging_children() == [] and maintenance.find_violations() == []


def test_a_film_failed_by_ffmpeg_can_be_retried(
    mika, create_storyboard, request_film, run_jobs, replace_ffmpeg, monkeypatch
):
    film = request_film(create_storyboard(2))
    replace_ffmpeg("is killed")
    engine.advance(film.job_id)
    monkeypatch.undo()

    run_jobs(jobs.retry(Job.objects.get(pk=film.job_id), by=mika))

    film.refresh_from_db()
    assert film.is_ready


def test_an_undecodable_clip_is_blamed_when_ffmpeg_fails(create_storyboard, request_film, replace_ffmpeg):
    story = create_storyboard(2)
    for scene in story.scenes.shown():  # all, because several are resized at the same time
        file = scene.chosen.clip.file(ClipFile.Kind.MEZZANINE)
        path = Path(storages["clips"].path(file.key))
        content = bytearray(path.read_bytes())
        start = content.index(b"mdat") + 5000
        content[start:] = bytes(len(content) - start)
        path.write_bytes(content)
        ClipFile.objects.filter(pk=file.pk).update(sha256=hashlib.sha256(content).hexdigest())
    film = request_film(story)

    replace_ffmpeg("lacks an option")
    engine.advance(film.job_id)

    film.job.refresh_from_db()
    assert film.job.error_code == "undecodable"
    assert "The clip cannot be played to the end. Draw the scene again." in film.job.error_public


def test_a_film_with_a_hanging_ffmpeg_can_be_cancelled(mika, create_storyboard, request_film, replace_ffmpeg):
    film = request_film(create_storyboard(2))
    replace_ffmpeg("hangs")
    ended = {}

    def cancel():
        time.sleep(2)
        ended["pressed"] = time.monotonic()
        jobs.cancel(Job.objects.get(pk=film.job_id), by=mika)
        connection.close()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    engine.advance(film.job_id)
    took = time.monotonic() - ended["pressed"]
    canceller.join()

    film.job.refresh_from_db()
    assert (film.job.state, list_hanging_children()) == (State.CANCELLED, [])
    assert took < 60, "the stub hangs for ten minutes"


@pytest.fixture
def small_disk(settings, tmp_path):
    """Put the work folder on a disk of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    settings.WORK_DIR = folder
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Fill the disk of a folder."""
    with contextlib.suppress(OSError), (folder / "other-data").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


@pytest.mark.slow
def test_a_film_waits_for_disk_space_while_pages_work(
    ren, create_story, sign_in, create_storyboard, request_film, small_disk, settings, tmp_path
):

    film = request_film(create_storyboard(3, 240))
    engine.advance(film.job_id)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for free space.")
    assert not list(small_disk.glob(f"{film.job_id}-*"))

    fill(small_disk)
    assert os.statvfs(small_disk).f_bavail == 0
    story, browser = create_story(ren, "A girl waits"), sign_in(ren)
    url = story.get_absolute_url()
    assert browser.post(f"{url}add/", {"prompt": "The train comes"}).status_code == 302
    for page in ("/stories/", url, f"{url}film/", "/jobs/"):
        assert browser.get(page).status_code == 200
    assert "The train comes" in browser.get(url).content.decode()

    settings.WORK_DIR = tmp_path / "large"
    Job.objects.filter(pk=film.job_id).update(next_run_at="2020-01-01T00:00Z")
    engine.advance(film.job_id)

    film.refresh_from_db()
    assert (film.job.state, film.frames, maintenance.find_violations()) == (State.READY, 720, [])


def test_a_stopping_worker_releases_an_unfinished_film(create_storyboard, request_film, run_jobs, monkeypatch):
    film = request_film(create_storyboard(2))
    monkeypatch.setattr(
        "jobs.runtime.child_process.is_stopping", lambda: bool(list(cached_files.cache_folder().glob("*")))
    )
    Job.objects.filter(pk=film.job_id).update(state=State.RUNNING)

    engine.take_step(engine.claim(film.job_id))

    film.job.refresh_from_db()
    assert (film.job.state, film.job.lease_until, film.job.error_code) == (State.RUNNING, None, "")
    monkeypatch.undo()


def test_the_lease_lasts_while_a_film_is_stored_slowly(
    mika, create_storyboard, music_upload, request_film, run_jobs, settings, monkeypatch
):
    story, store, margins = create_storyboard(1), storage.store_file, {}
    music = film_music.upload_music(upload=music_upload(), story=story, by=mika)

    def store_slowly(path, key):
        lease = Job.objects.exclude(lease_until=None).get().lease_until - timezone.now()
        margins[Path(key).suffix] = lease.total_seconds() - path.stat().st_size
        return store(path, key)

    monkeypatch.setattr(storage, "store_file", store_slowly)
    monkeypatch.setattr(files, "SLOW_STORAGE_SPEED", 1)  # byte
    settings.JOB_LEASE_SECONDS = 60
    run_jobs(music.job)
    film = request_film(story)
    run_jobs(film.job)

    film.job.refresh_from_db()
    assert film.job.state == State.READY and set(margins) == {".s16", ".webp", ".mp4"}
    assert min(margins.values()) > 30, "the lease ended while the film was stored"


def test_a_copied_story_has_the_cards_and_no_films(mika, create_storyboard, request_film):
    story = create_storyboard(1)
    film_services.change_film_settings(story=story, by=mika, changes={"title_text": "Harbour"})
    request_film(story)

    copy = copy_story.duplicate_story(story=story, by=mika)

    assert FilmSettings.objects.get(story=copy).title_text == "Harbour"
    assert not copy.films.exists()
    assert Path(cached_files.cache_folder()).name == "films"
