"""What of films and music is thrown away, what must be true of them, and what they say about a person."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from accounts.guest_transfer import quietly
from generation.media import storage
from jobs.models import Job, State
from studio.films.worker import CACHE_BYTES, cache_folder, remove_film_files
from studio.models import Film, FilmSettings, Music
from studio.render.cache import Cache

MIN_AGE = timedelta(hours=24)
CACHE_LIFETIME = timedelta(days=3)  # without use
FILM_FIELDS = (
    "id", "story_id", "version", "name", "frames", "width", "height", "key", "sha256", "bytes", "created_at",
    "ready_at", "deleted_at",
)  # fmt: skip
MUSIC_FIELDS = ("id", "title", "seconds", "key", "created_at")


def shrink_cache() -> None:
    """Keep of the finished parts of films only what was used last, and nothing for long: parts of what was erased on
    another machine lie here too."""
    if cache_folder().is_dir():
        cache = Cache(cache_folder())
        cache.remove_unfinished()
        cache.shrink(CACHE_BYTES, CACHE_LIFETIME.total_seconds())


def clear_cache() -> None:
    """Remove the finished parts of all films that this machine keeps: whose they are cannot be told from their names,
    and everybody else's are made again when they are needed."""
    if cache_folder().is_dir():
        Cache(cache_folder()).shrink(0)


def delete_unread_music() -> None:
    """Remove music that could not be read, a day after it was brought."""
    strays = Music.objects.filter(ready_at=None, created_at__lt=Now() - MIN_AGE).exclude(job__in=Job.objects.active())
    for music in strays[:100]:
        delete_music(music)


def delete_music(music: Music) -> None:
    for key in music.places():
        storage.delete(key)
    music.delete()


def delete_films_and_music(films, music, got_on=quietly) -> None:
    """Destroy these films and these pieces of music with their files; may be repeated after it failed halfway."""
    for film in films:
        remove_film_files(film)
        film.delete()
        got_on()
    for track in music:
        delete_music(track)
        got_on()


def finish_deletions() -> None:
    """Remove what is left of films that were being removed for good when the store failed or a worker was killed, also
    where their story was taken back since: only those are not there although their job made them."""
    delete_films_and_music(Film.objects.filter(ready_at=None, job__state=State.READY)[:100], [])


def collect(user) -> dict:
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
    """Each finished film is in the store as it was written; bytes are compared for those of the last day."""
    since = timezone.now() - MIN_AGE
    for film in Film.objects.exclude(ready_at=None).shown().iterator(chunk_size=200):
        size = storage.get_size(film.place)
        if size != film.bytes:
            yield f"film {film.pk} has {size} bytes in the store, {film.bytes} on record"
        elif film.ready_at > since and _digest(film.place) != film.sha256:
            yield f"film {film.pk} is not what was written"
        if storage.get_size(film.poster_key) is None:
            yield f"film {film.pk} has no poster"
    for music in Music.objects.exclude(ready_at=None):
        if storage.get_size(music.place("bed")) != music.bytes:
            yield f"music {music.pk} is not in the store"


def check_orphans() -> Iterator[str]:
    """Nothing older than a day lies under films or music that no row speaks of."""
    known = {key for film in Film.objects.only("pk", "plan") for key in film.places()}
    known |= {key for music in Music.objects.only("pk") for key in music.places()}
    before = timezone.now() - MIN_AGE
    for prefix in ("films", "music"):
        for key, changed in storage.list_objects(prefix):
            if key not in known and changed < before:
                yield f"{key} belongs to nothing"


def _digest(key: str) -> str:
    digest = hashlib.sha256()
    for chunk in storage.read_chunks(key):
        digest.update(chunk)
    return digest.hexdigest()


CHECKS = {
    "finished films are there": check_finished_films,
    "films and music have an owner": check_orphans,
}
PERIODIC_TASKS = {
    "shrink what is kept of films": shrink_cache,
    "drop unread music": delete_unread_music,
    "finish removing films": finish_deletions,
}
