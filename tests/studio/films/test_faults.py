"""Real workers are killed in every step of a film, stopped, and starved: one whole film or none, and nothing lost."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from generation import storage
from jobs import invariants
from jobs import services as jobs
from jobs.models import Job, State
from studio import services
from studio.models import Film

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 150
KILLED = [
    "after_claim", "film_brought", "film_merging_1", "film_merging_5", "film_merging_9", "film_merged", "film_stored",
    "before_stored", "film_shown",
]  # fmt: skip


@pytest.fixture
def workers(tmp_path, settings):
    """``workers(FAILPOINTS="film_merged=kill")``: ``manage.py work`` on this test's own rows and files."""
    running = []

    def start(**more):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.studio.proving",
            "PROVING_DATABASE": str(connection.settings_dict["NAME"]),
            "SECRET_KEY": site.SECRET_KEY,
            "TAPWARI_VAR": str(tmp_path),
            "TESTING": "yes",
            "JOB_LEASE_SECONDS": "4",
            "WATCHDOG_SECONDS": "30",
            "FAILPOINT_DIR": str(tmp_path),
        } | more
        with (tmp_path / "work.log").open("ab") as log:
            command = [sys.executable, "manage.py", "work"]
            running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))

    yield start
    for process in running:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
    print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails


def until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def is_over(film):
    return lambda: not Job.objects.active().filter(pk=film.job_id).exists()


def joined(story):
    story.scenes.update(join_kind="crossfade", join_frames=12)
    return story


@pytest.mark.slow
@pytest.mark.parametrize("place", KILLED)
def test_a_worker_killed_anywhere_and_the_film_is_made_whole(board, ask, workers, place, tmp_path):
    film = ask(joined(board(3)))
    workers(FAILPOINTS=f"{place}=kill")

    until(is_over(film))

    film.refresh_from_db()
    assert film.job.state == State.READY, film.job.error_public
    assert list(tmp_path.glob(f"failpoint-{place}-{film.job_id}")), "nobody was killed"
    assert film.frames == 3 * 48 - 2 * 12
    assert invariants.broken() == []
    assert not list((tmp_path / "work").glob(f"{film.job_id}-*"))


def test_a_stopped_film_is_stopped_within_a_second_or_so(mika, board, ask, workers):
    story = joined(board(6, 240))
    services.change_film_settings(story=story, by=mika, changes={"resolution": 1080})
    film = ask(story)
    workers()
    until(lambda: Job.objects.get(pk=film.job_id).progress >= 70)

    began = time.monotonic()
    jobs.cancel(Job.objects.get(pk=film.job_id), by=mika)
    until(is_over(film))

    assert time.monotonic() - began < 2
    film.refresh_from_db()
    assert (film.job.state, film.is_ready) == (State.CANCELLED, False)
    assert not [key for key, _at in storage.listing("films") if str(film.pk) in key]


def test_what_a_killed_merge_had_finished_is_not_done_again(board, ask, workers, tmp_path):
    film = ask(joined(board(3)))
    workers(FAILPOINTS="film_merged=kill")

    until(is_over(film))

    kept = tmp_path / "work/films"
    made = [path for path in kept.rglob("*") if path.is_file() and "made" in path.parts]
    assert Film.objects.get(pk=film.pk).is_ready
    marks = list(tmp_path.glob("failpoint-film_merged-*"))
    assert made and all(path.stat().st_mtime <= marks[0].stat().st_mtime for path in made if path.suffix == ".mp4")
