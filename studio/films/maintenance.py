"""Delete old data of films and music periodically, check invariants, and export personal data."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from accounts.privacy import ignore_progress
from common.hooks import OwnedFile
from generation.media import storage
from jobs.models import Job, State
from studio.films.cached_files import CACHE_BYTES, cache_folder
from studio.films.music import delete_music
from studio.films.worker import remove_film_files
from studio.models import Film, FilmSettings, Music
from studio.render.cache import Cache

MIN_AGE = timedelta(hours=24)  # of unread music, before it is deleted
CACHE_LIFETIME = timedelta(days=3)  # of a cached part, since its last use
FILM_FIELDS = (
    "id",
    "story_id",
    "version",
    "name",
    "frames",
    "width",
    "height",
    "key",
    "sha256",
    "bytes",
    "created_at",
    "ready_at",
    "deleted_at",
)
MUSIC_FIELDS = ("id", "title", "seconds", "key", "created_at")


def shrink_cache() -> None:
    """Delete cached parts of films that were unused for CACHE_LIFETIME, and the oldest ones beyond CACHE_BYTES.

    The cache may also contain parts of films that were erased by another machine.
    """
    if cache_folder().is_dir():
        cache = Cache(cache_folder())
        cache.remove_unfinished()
        cache.shrink(CACHE_BYTES, CACHE_LIFETIME.total_seconds())


def clear_cache() -> None:
    """Delete all cached parts of films on this machine, since their keys do not tell whose they are."""
    if cache_folder().is_dir():
        Cache(cache_folder()).shrink(0)


def delete_unread_music() -> None:
    """Delete music that could not be read, a day after its upload."""
    unread_tracks = Music.objects.filter(ready_at=None, created_at__lt=Now() - MIN_AGE).exclude(
        job__in=Job.objects.active()
    )
    for music in unread_tracks[:100]:
        delete_music(music)


def delete_films_and_music(films, music, on_progress=ignore_progress) -> None:
    """Delete films and music tracks with their files. May be called again if it failed halfway."""
    for film in films:
        remove_film_files(film)
        film.delete()
        on_progress()
    for track in music:
        delete_music(track)
        on_progress()


def finish_deletions() -> None:
    """Delete films whose deletion was interrupted, which are not ready although their job succeeded."""
    delete_films_and_music(Film.objects.filter(ready_at=None, job__state=State.READY)[:100], [])


def collect_personal_data(user) -> dict:
    films = Film.objects.filter(story__workspace__home_of=user)
    return {
        "films": list(films.values(*FILM_FIELDS)),
        "music": list(Music.objects.filter(workspace__home_of=user).values(*MUSIC_FIELDS)),
        "cards": list(
            FilmSettings.objects.filter(story__workspace__home_of=user).values(
                "story_id", "title_text", "title_subtitle", "end_text", "end_subtitle"
            )
        ),
    }


def check_finished_films() -> Iterator[str]:
    """Yield a message for each finished film or music track whose file is missing or damaged in the storage.

    The size is checked, and for films of the last 24 hours also the digest.
    """
    since = timezone.now() - MIN_AGE
    for film in Film.objects.exclude(ready_at=None).shown().iterator(chunk_size=200):
        size = storage.get_size(film.storage_key)
        if size != film.bytes:
            yield f"film {film.pk} has {size} bytes in the store, {film.bytes} on record"
        elif film.ready_at > since and storage.compute_sha256(film.storage_key) != film.sha256:
            yield f"film {film.pk} is not what was written"
        if storage.get_size(film.poster_key) is None:
            yield f"film {film.pk} has no poster"
    for music in Music.objects.exclude(ready_at=None):
        if storage.get_size(music.get_storage_key("bed")) != music.bytes:
            yield f"music {music.pk} is not in the store"


def list_film_files() -> Iterator[OwnedFile]:
    """Yield the files of films: of a finished one the film and its poster, and what else may have been made."""
    for film in Film.objects.only("pk", "plan", "poster", "ready_at", "bytes", "sha256").iterator():
        yield from (OwnedFile(key, must_exist=False) for key in film.get_storage_keys())
        if film.is_ready:
            yield OwnedFile(film.storage_key, film.bytes, film.sha256)
            yield OwnedFile(film.poster_key)


def list_music_files() -> Iterator[OwnedFile]:
    for music in Music.objects.only("pk", "ready_at").iterator():
        yield OwnedFile(music.get_storage_key("original"), must_exist=False)
        yield OwnedFile(music.get_storage_key("bed"), must_exist=music.is_ready)


CHECKS = {
    "finished films are stored": check_finished_films,
}
PERIODIC_TASKS = {
    "shrink the cache of films": shrink_cache,
    "delete unread music": delete_unread_music,
    "finish deletions of films": finish_deletions,
}
