"""What of films and music is thrown away, what must be true of them, and what they say about a person."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from accounts.guest_transfer import quietly
from generation.media import storage
from jobs.models import Job, State
from studio.films.worker import CACHE_BYTES, cache_folder, remove_files
from studio.models import Film, FilmSettings, Music
from studio.render.cache import Cache

YOUNG = timedelta(hours=24)
PARTS_LAST = timedelta(days=3)  # without use
FILM_FACTS = (
    "id", "story_id", "version", "name", "frames", "width", "height", "key", "sha256", "bytes", "created_at",
    "ready_at", "deleted_at",
)  # fmt: skip
MUSIC_FACTS = ("id", "title", "seconds", "key", "created_at")


def shrink_cache() -> None:
    """Keep of the finished parts of films only what was used last, and nothing for long: parts of what was erased on
    another machine lie here too."""
    if cache_folder().is_dir():
        cache = Cache(cache_folder())
        cache.remove_unfinished()
        cache.shrink(CACHE_BYTES, PARTS_LAST.total_seconds())


def forget_parts() -> None:
    """Remove the finished parts of all films that this machine keeps: whose they are cannot be told from their names,
    and everybody else's are made again when they are needed."""
    if cache_folder().is_dir():
        Cache(cache_folder()).shrink(0)


def drop_unread_music() -> None:
    """Remove music that could not be read, a day after it was brought."""
    strays = Music.objects.filter(ready_at=None, created_at__lt=Now() - YOUNG).exclude(job__in=Job.objects.active())
    for music in strays[:100]:
        forget(music)


def forget(music: Music) -> None:
    for key in music.places():
        storage.delete(key)
    music.delete()


def empty(films, music, got_on=quietly) -> None:
    """Destroy these films and these pieces of music with their files; may be repeated after it failed halfway."""
    for film in films:
        remove_files(film)
        film.delete()
        got_on()
    for each in music:
        forget(each)
        got_on()


def finish_removing() -> None:
    """Remove what is left of films that were being removed for good when the store failed or a worker was killed, also
    where their story was taken back since: only those are not there although their job made them."""
    empty(Film.objects.filter(ready_at=None, job__state=State.READY)[:100], [])


def collect(user) -> dict:
    films = Film.objects.filter(story__workspace__home_of=user)
    return {
        "films": list(films.values(*FILM_FACTS)),
        "music": list(Music.objects.filter(workspace__home_of=user).values(*MUSIC_FACTS)),
        "cards": list(
            FilmSettings.objects.filter(story__workspace__home_of=user).values(
                "story_id", "title_text", "title_subtitle", "end_text", "end_subtitle"
            )
        ),
    }


def finished_films_are_there() -> Iterator[str]:
    """Each finished film is in the store as it was written; bytes are compared for those of the last day."""
    since = timezone.now() - YOUNG
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


def objects_have_an_owner() -> Iterator[str]:
    """Nothing older than a day lies under films or music that no row speaks of."""
    known = {key for film in Film.objects.only("pk", "plan") for key in film.places()}
    known |= {key for music in Music.objects.only("pk") for key in music.places()}
    before = timezone.now() - YOUNG
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
    "finished films are there": finished_films_are_there,
    "films and music have an owner": objects_have_an_owner,
}
PERIODIC_TASKS = {
    "shrink what is kept of films": shrink_cache,
    "drop unread music": drop_unread_music,
    "finish removing films": finish_removing,
}
