"""Deletion, export and erasure of films, and the invariant checks of their files."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from accounts import privacy
from generation.media import storage
from generation.services import owned_files
from jobs import maintenance
from jobs import maintenance as job_maintenance
from jobs.models import Job
from studio.films import cached_files
from studio.films import maintenance as film_maintenance
from studio.films import music as film_music
from studio.films import services as film_services
from studio.models import Film, FilmSettings, Music, Story
from studio.render.cache import Cache
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(mika, create_storyboard, music_upload, run_jobs, request_film):
    """A finished film of Mika's with a card and music."""
    story = create_storyboard(1)
    film_music.upload_music(upload=music_upload(), story=story, by=mika)
    film_services.change_film_settings(story=story, by=mika, changes={"end_text": "Goodbye"})
    run_jobs()
    finished_film = request_film(story)
    run_jobs()
    finished_film.refresh_from_db()
    assert finished_film.is_ready
    return finished_film


def list_stored_keys():
    return [key for prefix in ("films", "music") for key, *_ in storage.list_objects(prefix)]


def list_cached_files():
    """Return the files in the film cache."""
    return [path for path in cached_files.cache_folder().rglob("*") if path.is_file()]


def test_erasing_a_user_empties_the_film_cache(mika, film):
    """The cache holds playable clips, transitions and cards."""
    assert [path for path in list_cached_files() if path.suffix == ".mp4"]

    privacy.erase_all(mika)

    assert not list_cached_files()


def test_cached_film_parts_expire_within_days(film):
    for days in (2, 4):
        for path in list_cached_files():
            old = time.time() - days * 86_400
            os.utime(path, (old, old))
        remaining = list_cached_files()

        job_maintenance.run_periodic_tasks()

        assert list_cached_files() == (remaining if days == 2 else [])


def test_erasing_a_user_without_stories_keeps_the_film_cache(ren, film):
    before = list_cached_files()

    privacy.erase_all(ren)

    assert list_cached_files() == before


def test_purging_a_story_purges_its_films(mika, film):
    Story.objects.filter(pk=film.story_id).update(deleted_at=timezone.now() - timedelta(days=31))

    job_maintenance.run_periodic_tasks()

    assert not Film.objects.exists() and not [key for key in list_stored_keys() if str(film.pk) in key]
    assert Music.objects.count() == 1


def test_emptying_a_workspace_removes_films_and_music(mika, film):
    privacy.empty_workspace(mika.workspaces.get())

    assert not Film.objects.exists() and not Music.objects.exists()
    assert not [key for key in list_stored_keys() if str(film.pk) in key or "music" in key]


def test_films_are_exported_and_erased_with_their_user(mika, film):
    export = privacy.collect_all(mika)["stories"]
    assert [row["sha256"] for row in export["films"]] == [film.sha256]
    assert [row["title"] for row in export["music"]] == ["harbour"]
    assert export["cards"][0]["end_text"] == "Goodbye"

    privacy.erase_all(mika)

    assert not Film.objects.exists() and not FilmSettings.objects.exists()
    assert not [key for key in list_stored_keys() if str(film.pk) in key]
    assert not list_cached_files()


def test_the_invariant_check_finds_missing_and_changed_films(film):
    assert maintenance.find_violations() == []
    path = Path(storages["clips"].path(film.key))
    content = path.read_bytes()

    path.write_bytes(content[:-1] + b"\0")
    changed = list(film_maintenance.check_finished_films())
    path.unlink()
    missing = list(film_maintenance.check_finished_films())

    assert changed == [f"film {film.pk} is not what was written"]
    assert missing == [f"film {film.pk} has None bytes in the store, {film.bytes} on record"]


def test_every_file_of_a_film_has_an_owner_and_strays_have_none(tmp_path, film):
    old = time.time() - 2 * 86_400
    (tmp_path / "stray.mp4").write_bytes(b"x")
    stray = "films/00/00000000-0000-0000-0000-000000000000/film.mp4"
    storage.store_file(tmp_path / "stray.mp4", stray)
    for key in list_stored_keys():
        os.utime(storages["clips"].path(key), (old, old))

    assert [found.key for found in owned_files.compare_with_storage().ownerless] == [stray]
    for key in (film.storage_key, film.poster_key):
        storage.delete(key)
    missing = {file.key for file in owned_files.compare_with_storage().missing}
    assert missing >= {film.storage_key, film.poster_key}


def test_the_film_cache_outlives_jobs_and_has_a_size_limit(film, monkeypatch):
    folder = cached_files.cache_folder()
    old = time.time() - 3 * 3600
    os.utime(folder, (old, old))

    job_maintenance.run_periodic_tasks()
    assert any(path.is_file() for path in folder.rglob("*"))

    monkeypatch.setattr("studio.films.maintenance.CACHE_BYTES", 0)
    job_maintenance.run_periodic_tasks()
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_unreadable_music_is_removed_after_a_day(mika, create_storyboard, run_jobs):
    from django.core.files.uploadedfile import SimpleUploadedFile

    music = film_music.upload_music(
        upload=SimpleUploadedFile("a.mp3", b"words" * 99), story=create_storyboard(1), by=mika
    )
    run_jobs()
    job_maintenance.run_periodic_tasks()
    assert Music.objects.filter(pk=music.pk).exists()
    Music.objects.update(created_at=timezone.now() - timedelta(days=2))

    job_maintenance.run_periodic_tasks()

    assert not Music.objects.exists()


def test_deleting_a_story_cancels_its_film_job(mika, create_storyboard, request_film):
    film = request_film(create_storyboard(1))

    story_services.delete_story(story=film.story, by=mika)

    assert Job.objects.get(pk=film.job_id).state == "cancelled"


def test_the_cache_removes_stale_merges_and_keeps_running_ones(tmp_path):
    cache = Cache(tmp_path)
    stale, fresh = cache.unfinished / "stale", cache.unfinished / "fresh"
    for folder in (stale, fresh):
        folder.mkdir()
        (folder / "out.mp4").write_bytes(b"x" * 100)
    os.utime(stale, (time.time() - 7 * 3600,) * 2)

    cache.remove_unfinished()
    cache.shrink(0)

    assert not stale.exists() and (fresh / "out.mp4").exists()
