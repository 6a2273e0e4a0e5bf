"""What goes wrong around a film: a tool that hangs, a disk without room, a worker that is told to stop."""

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from generation.media.child import ChildLimits
from jobs import engine, invariants
from jobs import services as jobs
from jobs.models import Job, State
from studio import film_steps, services
from studio.models import FilmSettings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """An ffmpeg that never says anything."""
    script = tmp_path / "ffmpeg"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    monkeypatch.setattr("generation.media.ffmpeg.binary", lambda: str(script))


def children() -> list[str]:
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-a"], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if "sleep 600" in line]


def test_a_tool_that_hangs_ends_the_job_with_a_sentence(board, ask, hanging, monkeypatch):
    """F44."""
    monkeypatch.setattr("studio.film.conform.ChildLimits", lambda: ChildLimits(silent_seconds=1.0))
    film = ask(board(2))

    engine.advance(film.job_id)

    film.job.refresh_from_db()
    assert film.job.state == State.FAILED
    assert film.job.error_public.startswith("Scene ")
    assert children() == [] and invariants.broken() == []


def test_a_film_whose_tool_hangs_is_stopped_within_a_second_or_so(mika, board, ask, hanging):
    film = ask(board(2))
    ended = {}

    def press_stop():
        time.sleep(2)
        ended["pressed"] = time.monotonic()
        jobs.cancel(Job.objects.get(pk=film.job_id), by=mika)
        connection.close()

    presser = threading.Thread(target=press_stop)
    presser.start()
    engine.advance(film.job_id)
    took = time.monotonic() - ended["pressed"]
    presser.join()

    film.job.refresh_from_db()
    assert (film.job.state, children()) == (State.CANCELLED, [])
    assert took < 2


@pytest.fixture
def small_disk(settings, tmp_path):
    """The work folder lies on a disk of two megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    settings.WORK_DIR = place
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_without_room_is_waited_for_and_then_the_film_is_made(board, ask, small_disk, settings, tmp_path):
    """F25."""
    film = ask(board(3, 240))
    engine.advance(film.job_id)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for room.")
    assert not list(small_disk.glob(f"{film.job_id}-*"))

    settings.WORK_DIR = tmp_path / "roomy"
    Job.objects.filter(pk=film.job_id).update(next_run_at="2020-01-01T00:00Z")
    engine.advance(film.job_id)

    film.refresh_from_db()
    assert (film.job.state, film.frames, invariants.broken()) == (State.READY, 720, [])


def test_workers_that_are_stopped_hand_the_film_back_unfinished(board, ask, work, monkeypatch):
    film = ask(board(2))
    monkeypatch.setattr("jobs.processes.is_stopping", lambda: bool(list(film_steps.cache_folder().glob("*"))))
    Job.objects.filter(pk=film.job_id).update(state=State.RUNNING)

    engine.take_step(engine.claim(film.job_id))

    film.job.refresh_from_db()
    assert (film.job.state, film.job.lease_until, film.job.error_code) == (State.RUNNING, None, "")
    monkeypatch.undo()


def test_a_copy_of_a_story_has_its_cards_and_no_films(mika, board, ask):
    story = board(1)
    services.change_film_settings(story=story, by=mika, changes={"title_text": "Harbour"})
    ask(story)

    copy = services.duplicate_story(story=story, by=mika)

    assert FilmSettings.objects.get(story=copy).title_text == "Harbour"
    assert not copy.films.exists()
    assert Path(film_steps.cache_folder()).name == "films"
