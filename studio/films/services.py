"""Request, rename, delete and restore films; change their settings and music."""

import hashlib
import tempfile
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.billing.limits import check_limit, limit_of
from common.database import connections
from generation.media import storage
from generation.services import storage_use
from jobs import services as jobs
from jobs.estimates import monthly
from jobs.models import Job
from studio.errors import Collision, FilmChanged, MusicRefused, NoFilm
from studio.films import plan_json, prefetch
from studio.films.messages import music_message
from studio.films.plan import build_film_plan
from studio.models import Film, FilmSettings, Music, Story
from studio.timeline import order
from studio.timeline.fields import merge_fields
from studio.timeline.film_settings import get_film_settings

SETTING_FIELDS = (
    "title_text", "title_subtitle", "title_seconds", "title_join", "title_join_frames", "end_text", "end_subtitle",
    "end_seconds", "paper", "resolution", "fit", "is_levelled", "has_scene_sound", "music_gain", "music_duck", "music",
    "mood",
)  # fmt: skip


@transaction.atomic
def request_film(*, story: Story, by, idem_key: str, name: str = "", agreed: str | None = None) -> Film:
    """Store the plan of the film as it would be made now, queue its job and return the film.

    ``agreed``: the mark of the film that the user saw (plan_json.get_mark). Raises FilmChanged if the film differs from
    that, NoFilm if it cannot be made, LimitReached. A second call with the same ``idem_key`` returns the film of the
    first one.
    """
    jobs.lock_workspace(story.workspace)
    if found := Film.objects.filter(story=story, job__idem_key=idem_key, job__workspace=story.workspace_id).first():
        return found
    locked = order.lock_story_row(story)  # scenes must not change while they are read
    film_plan = build_film_plan(locked)
    if film_plan.problems:
        raise NoFilm(film_plan.problems)
    if agreed not in (None, plan_json.get_mark(film_plan)):
        raise FilmChanged
    film = Film(story=locked, created_by=by, name=name)
    film.plan, film.made_from = plan_json.dump_plan(film_plan), plan_json.describe_scenes(film_plan)
    film.version = (Film.objects.filter(story=locked).aggregate(last=Max("version"))["last"] or 0) + 1
    film.chapters, film.frames = plan_json.list_chapters(film_plan), film_plan.render_plan.frames
    film.width, film.height = film_plan.format.width, film_plan.format.height
    film.poster = next((number for number, chapter in enumerate(film.chapters) if chapter["n"]), 0)
    _check_limits(film)
    film.job = _submit_job(film, locked, by, idem_key)
    film.save(force_insert=True)
    return film


def _check_limits(film: Film) -> None:
    """Raise LimitReached if the workspace may make no film of this size and length now."""
    workspace, lines = film.story.workspace, min(film.width, film.height)
    check_limit(workspace, "highest_lines", count=lambda: 0, needed=lines)
    monthly.check_film_minutes(workspace, round(film.seconds))
    storage_use.check_storage(workspace)


def _submit_job(film: Film, story: Story, by, idem_key: str) -> Job:
    title = _("Film of “%(title)s”, version %(n)d") % {"title": story.title, "n": film.version}
    return jobs.submit(
        workspace=story.workspace, by=by, kind="film", title=title, page=film.get_absolute_url(),
        params={"film": str(film.pk)}, request={"story": str(story.pk)}, idem_key=idem_key,
        seconds=round(film.seconds), resolution=min(film.width, film.height), story_id=story.pk,
    )  # fmt: skip


@transaction.atomic
def change_film_settings(*, story: Story, by, changes: dict, base: dict | None = None) -> FilmSettings:
    """Write ``changes`` (fields of SETTING_FIELDS; ``music`` is a row of the same workspace, or None).

    ``base``: what the page showed, as texts, to detect changes by others. Raises Collision, and writes nothing, if
    somebody else changed one of these fields to a different value.
    """
    locked = order.lock_story_row(story)
    row, _created = FilmSettings.objects.get_or_create(
        story=locked, defaults={"resolution": get_film_settings(locked).resolution}
    )
    theirs, mine = (
        settings_as_texts(row),
        {name: value_as_text(changes[name]) for name in changes.keys() & set(SETTING_FIELDS)},
    )
    wanted, collisions = merge_fields({**theirs, **(base or theirs)}, theirs, mine)
    if collisions:
        raise Collision(collisions)
    for name in wanted:
        setattr(row, name, changes[name])
    row.save()
    order.touch_story(locked)
    if {"resolution", "fit"} & changes.keys():
        prefetch.schedule(locked)
    return row


def settings_as_texts(row: FilmSettings) -> dict[str, str]:
    """Return the settings as texts, which pages contain and send back so that changes by others are detected."""
    return {name: value_as_text(getattr(row, name)) for name in SETTING_FIELDS}


def value_as_text(value) -> str:
    return str(value.pk if isinstance(value, Music) else "" if value is None else value)


def upload_music(*, upload, story: Story, by) -> Music:
    """Store a music track, use it in the story's film, and queue the job that decodes it. Returns the track.

    If the workspace has a readable track with the same file, that one is used. Raises MusicRefused, LimitReached, or
    what jobs.services.submit raises; then nothing is stored.
    """
    if not upload.size or upload.size > limit_of(story.workspace, "music_bytes"):
        raise _music_refused("too_many_bytes" if upload.size else "empty")
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source = Path(folder) / "upload"
        digest = hashlib.sha256()
        with source.open("wb") as file:
            for chunk in upload.chunks():
                digest.update(chunk)
                file.write(chunk)
        if music := _find_music(digest.hexdigest(), story.workspace):
            change_film_settings(story=story, by=by, changes={"music": music, "mood": ""})
            return music
        music = Music(
            pk=uuid.uuid4(), workspace=story.workspace, created_by=by, title=_title_from_name(upload.name or ""),
            sha256=digest.hexdigest(), bytes=source.stat().st_size,
        )  # fmt: skip
        _check_room(music)
        connections.release_connection()
        storage.store_file(source, music.get_storage_key("original"))
    with storage.delete_on_error(music.get_storage_key("original")):
        return _attach_music(music, story, by)


def _music_refused(code: str) -> MusicRefused:
    return MusicRefused(code, music_message(code))


def _title_from_name(name: str) -> str:
    return " ".join(char for char in Path(name).stem.split() if char.isprintable())[:120] or _("Music")


def _find_music(digest: str, workspace) -> Music | None:
    """Return the workspace's track with this digest if it is readable or being read, otherwise None."""
    known = Music.objects.select_related("job").filter(workspace=workspace, sha256=digest).first()
    return known if known and (known.is_ready or (known.job and known.job.is_active)) else None


def _check_room(music: Music) -> None:
    used = Music.objects.filter(workspace=music.workspace).aggregate(all=Sum("bytes"))["all"] or 0
    if used + music.bytes > limit_of(music.workspace, "music_storage"):
        raise _music_refused("no_room")
    storage_use.check_storage(music.workspace, music.bytes)


@transaction.atomic
def _attach_music(music: Music, story: Story, by) -> Music:
    """Create the row and job of a stored track, and use the track in the story's film.

    If the same file was uploaded in the meantime, that track is used and the stored file is deleted.
    """
    jobs.lock_workspace(music.workspace)
    if known := _find_music(music.sha256, music.workspace):
        storage.delete(music.get_storage_key("original"))
        music = known
    else:
        Music.objects.filter(workspace=music.workspace, sha256=music.sha256).delete()
        _check_room(music)
        music.job = jobs.submit(
            workspace=music.workspace, by=by, kind="music", title=music.title, params={"music": str(music.pk)},
            idem_key=f"music-{music.pk}", page=reverse("studio:stories"),
        )  # fmt: skip
        music.save(force_insert=True)
    change_film_settings(story=story, by=by, changes={"music": music, "mood": ""})
    return music


@transaction.atomic
def remove_music(*, music: Music, by) -> None:
    """Delete the music track permanently. Films that were made with the track are kept."""
    if music.job and music.job.is_active:
        jobs.cancel(music.job, by=by)
    for key in music.get_storage_keys():
        storage.delete(key)
    music.delete()


@transaction.atomic
def rename_film(*, film: Film, by, name: str) -> None:
    Film.objects.filter(pk=film.pk).update(name=name)


@transaction.atomic
def choose_poster(*, film: Film, by, number: int) -> None:
    """Use the still of chapter ``number`` as the film's poster. An unknown number changes nothing."""
    if 0 <= number < len(film.chapters):
        Film.objects.filter(pk=film.pk).update(poster=number)


def stop_film(*, film: Film, by) -> None:
    jobs.cancel(film.job, by=by)


def delete_film(*, film: Film, by) -> None:
    """Move the film to the trash, and cancel its job if it is unfinished."""
    jobs.delete(film.job, by=by)


def restore_film(*, film: Film, by) -> None:
    jobs.restore(film.job, by=by)
