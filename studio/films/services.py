"""Request, rename, delete and restore films; change their settings and music."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.billing.limits import check_limit
from generation.services import storage_use
from jobs import services as jobs
from jobs.estimates import monthly
from jobs.models import Job
from studio.errors import Collision, FilmChanged, NoFilm
from studio.films import plan_json, prefetch
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
        workspace=story.workspace,
        by=by,
        kind="film",
        title=title,
        page=film.get_absolute_url(),
        params={"film": str(film.pk)},
        request={"story": str(story.pk)},
        idem_key=idem_key,
        seconds=round(film.seconds),
        resolution=min(film.width, film.height),
        story_id=story.pk,
    )


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
