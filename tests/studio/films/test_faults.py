"""A film whose workers are killed in any step is rendered completely, and a cancelled one leaves nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from generation.media import storage
from generation.models import Clip
from jobs import maintenance
from jobs import services as jobs
from jobs.lifecycle import lease
from jobs.models import Job, State
from studio.films import music as film_music
from studio.films import prefetch
from studio.films import services as film_services
from studio.models import Film, Take
from studio.scenes import services as scene_services
from tests.processes import kill_processes_of, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[3]
FAILPOINTS = [  # three per film: a job stalls after five deaths without progress
    ("after_claim", "film_merging_5", "film_stored"),
    ("film_downloaded", "film_merging_9", "before_stored"),
    ("film_merging_1", "film_merged", "film_shown"),
]
OTHER_FAILPOINTS = ("film_placeholders", "film_still", "music_read", "music_kept", "film_preparing")


@pytest.fixture
def workers(tmp_path, settings):
    """``workers(FAILPOINTS="film_merged=kill")`` starts ``manage.py work`` on the rows and files of the test."""
    processes = []

    def start(**more):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.studio.fault_settings",
            "TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "SECRET_KEY": site.SECRET_KEY,
            "TAPWARI_VAR": str(tmp_path),
            "TESTING": "yes",
            "TMPDIR": str(tmp_path),
            "JOB_LEASE_SECONDS": "4",
            "WATCHDOG_SECONDS": "30",
            "FAILPOINT_DIR": str(tmp_path),
        } | more
        with (tmp_path / "work.log").open("ab") as log:
            command = [sys.executable, "manage.py", "work"]
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))

    yield start
    kill_processes_of(tmp_path)
    for process in processes:
        process.wait()
    print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails


def has_ended(film):
    return lambda: not Job.objects.active().filter(pk=film.job_id).exists()


def add_transitions(story):
    story.scenes.update(join_kind="crossfade", join_frames=12)
    return story


@pytest.mark.slow
def test_a_film_is_rendered_completely_although_workers_are_killed_in_any_step(
    create_storyboard, request_film, workers, tmp_path
):
    films = {failpoints: request_film(add_transitions(create_storyboard(3))) for failpoints in FAILPOINTS}
    workers(
        FAILPOINTS=",".join(
            f"{failpoint}@{film.job_id}=kill" for failpoints, film in films.items() for failpoint in failpoints
        )
    )

    until(lambda: not Job.objects.active().exists())

    for failpoints, film in films.items():
        film.refresh_from_db()
        assert film.job.state == State.READY, (failpoints, film.job.error_public)
        assert all(list(tmp_path.glob(f"failpoint-{failpoint}-{film.job_id}")) for failpoint in failpoints), (
            "no worker was killed"
        )
        assert film.frames == 3 * 48 - 2 * 12
    assert maintenance.find_violations() == []
    for film in films.values():
        until(lambda job=film.job_id: not list((tmp_path / "work").glob(f"{job}-*")))  # removed after the job has ended


@pytest.mark.slow
@pytest.mark.deep
def test_stills_animatics_music_and_prefetched_takes_survive_killed_workers(
    create_storyboard, mika, scenes, add_take, request_film, music_upload, workers, tmp_path, full_size
):  # full_size: workers do not see the patched size
    story, other = create_storyboard(1), create_storyboard(2)
    add_take(
        scene_services.add_scene(story=story, by=mika, prompt="A girl waits on a hill"), purpose=Take.Purpose.ANIMATIC
    )
    Clip.objects.update(seconds=2)  # the length of the fixture's clips
    film = request_film(story)
    music = film_music.upload_music(upload=music_upload(), story=other, by=mika)
    prefetch.schedule(other)
    workers(FAILPOINTS=",".join(f"{failpoint}=kill" for failpoint in OTHER_FAILPOINTS), JOB_LEASE_SECONDS="6")

    until(lambda: not Job.objects.active().exists())

    killed = {mark.name.split("-")[1] for mark in tmp_path.glob("failpoint-*")}
    assert killed == set(OTHER_FAILPOINTS), "no worker was killed"
    film.refresh_from_db()
    music.refresh_from_db()
    assert (film.job.state, film.frames) == (State.READY, 96), film.job.error_public
    assert all(storage.get_size(film.get_still_key(number)) for number in range(2))
    assert music.is_ready and storage.get_size(music.get_storage_key("bed")) == music.bytes
    assert storage.get_size(music.get_storage_key("original")) is None
    assert not Job.objects.exclude(state=State.READY).exists()
    assert prefetch._list_unprepared_files(other) == []
    assert maintenance.find_violations() == []
    until(lambda: not list((tmp_path / "work").glob(f"{film.job_id}-*")))  # removed after the job has ended


@pytest.mark.deep  # jobs/test_faults.py cancels a running job in every run
def test_a_film_is_cancelled_long_before_its_end(mika, create_storyboard, request_film, workers, tmp_path):
    story = add_transitions(create_storyboard(6, 240))
    film_services.change_film_settings(story=story, by=mika, changes={"resolution": 1080})
    film = request_film(story)
    workers(FAILPOINTS="film_merging_1=hold", JOB_LEASE_SECONDS="600")
    marker = tmp_path / f"failpoint-film_merging_1-{film.job_id}"
    until(marker.exists)

    jobs.cancel(Job.objects.get(pk=film.job_id), by=mika)
    time.sleep(lease.CANCEL_CHECK_SECONDS)  # so that the next check is due
    marker.with_name(f"{marker.name}-go").touch()
    until(has_ended(film))

    film.refresh_from_db()
    assert film.job.progress < 900  # merged at 940
    assert (film.job.state, film.is_ready) == (State.CANCELLED, False)
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]


@pytest.mark.deep  # tests/studio/render/test_failures.py resumes a killed merge without workers
def test_a_killed_merge_does_not_repeat_finished_parts(create_storyboard, request_film, workers, tmp_path):
    film = request_film(add_transitions(create_storyboard(3)))
    workers(
        FAILPOINTS="film_merged=kill", JOB_LEASE_SECONDS="12"
    )  # long, so that no other worker has taken the job by then

    until(lambda: list(tmp_path.glob("failpoint-film_merged-*")))
    cached = (tmp_path / "work/films").rglob("*.mp4")
    finished = {path: path.stat().st_ino for path in cached if "clips" in path.parts}

    until(has_ended(film))

    assert Film.objects.get(pk=film.pk).is_ready
    assert finished and {path: path.stat().st_ino for path in finished} == finished, "a file was made again"
