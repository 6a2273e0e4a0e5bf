"""Films on an S3-compatible store: merged from there, stored there and downloaded."""

import hashlib

import pytest
import requests
from django.urls import reverse

from generation.media import storage
from jobs import maintenance
from jobs import services as jobs
from jobs.models import Job, State
from studio.films import cached_files
from studio.films import music as film_music
from studio.films import services as film_services

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture
def film(clips_on_s3, mika, create_storyboard, update_scene, request_film, run_jobs, music_upload):
    """A film of three scenes with a transition and music, with all files in the store."""
    story = create_storyboard(3)
    update_scene(story, 1, join_kind="crossfade", join_frames=12)
    film_music.upload_music(upload=music_upload(), story=story, by=mika)
    run_jobs()
    film = request_film(story)
    run_jobs(film.job)
    film.refresh_from_db()
    return film


def test_a_downloaded_film_equals_the_stored_one(film, mika, sign_in, settings):
    assert film.job.state == State.READY, film.job.error_public
    stored = b"".join(storage.read_chunks(film.key))

    link = sign_in(mika).get(reverse("studio:download_film", args=[film.pk]))["Location"]
    response = requests.get(link, timeout=60)
    part = requests.get(link, headers={"Range": "bytes=1000-1999"}, timeout=60)

    assert response.content == stored
    assert (hashlib.sha256(stored).hexdigest(), len(stored)) == (film.sha256, film.bytes)
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert (part.status_code, part.content) == (206, stored[1000:2000])
    assert [path.name for path in settings.WORK_DIR.iterdir()] == [cached_files.cache_folder().name]
    assert not list((cached_files.cache_folder() / "unfinished").iterdir())
    assert maintenance.find_violations() == []


@pytest.mark.usefixtures("commits")
def test_a_purged_film_leaves_nothing_in_the_store(film, mika):
    film_services.delete_film(film=film, by=mika)
    jobs.purge(Job.objects.get(pk=film.job_id))

    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]


def test_a_clip_missing_in_the_store_fails_the_film_by_scene(
    clips_on_s3, create_storyboard, request_film, run_jobs, settings
):
    story = create_storyboard(2)
    film = request_film(story)
    storage.delete(story.scenes.get(position=2).chosen.clip.file("mezzanine").key)

    run_jobs(film.job)

    film.job.refresh_from_db()
    assert film.job.error_public.startswith("Scene 2: The clip no longer exists.")
    assert not list(settings.WORK_DIR.glob(f"{film.job_id}-*"))
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]
