"""Empty the trash of stories, scenes and characters; find pictures in use; export and erase personal data."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.privacy import ignore_progress
from common.database.counting import sum_bytes_by_owner
from jobs.maintenance import TRASH_DAYS
from studio.films import maintenance as film_maintenance
from studio.models import Character, CharacterPicture, Direction, Film, Music, Scene, Story
from studio.timeline.fields import IMAGE_FIELDS

STORY_FIELDS = ("id", "title", "synopsis", "ratio", "style", "provider", "created_at", "archived_at", "deleted_at")
SCENE_FIELDS = (
    "id",
    "story_id",
    "position",
    "prompt",
    "negative_prompt",
    "place_name",
    "time",
    "camera",
    "speaker",
    "line",
    "note",
    "staging",
    "seconds",
    "created_at",
    "deleted_at",
)
CHARACTER_FIELDS = ("id", "name", "kind", "description", "colours", "created_at")


def empty_trash() -> None:
    """Delete stories, scenes and characters that were in the trash for TRASH_DAYS. Their clips stay in the library.

    Each row is deleted in its own transaction, and only if nobody has restored it since the list was read.
    """
    old = Now() - timedelta(days=TRASH_DAYS)
    for rows, limit in ((Story, 20), (Character, 200), (Scene, 200)):
        expired = rows.objects.filter(deleted_at__lt=old)
        for pk in list(expired.order_by("deleted_at", "pk").values_list("pk", flat=True)[:limit]):
            _purge(expired, pk)


def _purge(rows, pk) -> None:
    """Delete a row. Films of a story are deleted first, one by one, so that the story is never locked for long."""
    if rows.model is Story:
        for film in Film.objects.filter(story=pk).order_by("version"):
            if not _hide_film(rows, film):
                return
            film_maintenance.delete_films_and_music([film], [])
    _purge_row(rows, pk)


@transaction.atomic
def _hide_film(rows, film: Film) -> bool:
    """Mark a film as not ready. Returns False, and changes nothing, if its story is not in the trash any more."""
    if rows.select_for_update().filter(pk=film.story_id).first() is None:
        return False
    Film.objects.filter(pk=film.pk).update(ready_at=None)
    return True


@transaction.atomic
def _purge_row(rows, pk) -> None:
    """Delete a row if it is still in the trash, and is not a story with films. Stories are locked before scenes."""
    if rows.model is Scene and not Story.objects.select_for_update(of=("self",), no_key=True).filter(scenes=pk).first():
        return
    row = rows.select_for_update().filter(pk=pk).first()
    if row is None or (rows.model is Story and row.films.exists()):
        return
    row.delete()


def get_used_picture_ids():
    """Return a query of the ids of all pictures that scenes and characters use."""
    rows = [Scene.objects.exclude(**{name: None}).values(f"{name}_id") for name in IMAGE_FIELDS]
    return rows[0].union(*rows[1:], CharacterPicture.objects.order_by().values("picture_id"))


def transfer_guest_work(guest, workspace, user) -> None:
    """Move a guest's stories, with films and characters, to the workspace of the account they signed up for."""
    Story.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)
    Character.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)
    Film.objects.filter(story__workspace=workspace, created_by=None).update(created_by=user)


def delete_stories(workspace, on_progress=ignore_progress) -> None:
    """Delete all stories, characters, films and music of a workspace. May be called again if it failed halfway."""
    films, music = Film.objects.filter(story__workspace=workspace), Music.objects.filter(workspace=workspace)
    film_maintenance.delete_films_and_music(films, music, on_progress)
    stories = Story.objects.filter(workspace=workspace)
    if stories.exists():  # cleared before stories are deleted, so that a repeated call clears the cache too
        film_maintenance.clear_cache()
    for story in stories:
        story.delete()
        on_progress()
    Character.objects.filter(workspace=workspace).delete()


def collect_personal_data(user) -> dict:
    """Return the data of the user's own stories and films for the export."""
    stories = Story.objects.filter(workspace__home_of=user)
    return {
        "stories": list(stories.values(*STORY_FIELDS)),
        "scenes": list(Scene.objects.filter(story__in=stories).order_by("story_id", "position").values(*SCENE_FIELDS)),
        "characters": list(Character.objects.filter(workspace__home_of=user).values(*CHARACTER_FIELDS)),
        "directions": list(
            Direction.objects.filter(story__in=stories).values("story_id", "idea", "concept", "shots", "prompts")
        ),
        "character_pictures": list(
            CharacterPicture.objects.filter(character__workspace__home_of=user).values(
                "character_id", "picture_id", "role", "position"
            )
        ),
        **film_maintenance.collect_personal_data(user),
    }


def erase_personal_data(user, on_progress=ignore_progress) -> None:
    """Delete the stories of the user's personal workspace. In other workspaces, only the user's name is removed."""
    for workspace in user.workspaces.filter(home_of=user):
        delete_stories(workspace, on_progress)


def measure_storage(users) -> dict:
    """Return user id → ``{"bytes": …}`` of the films and music in the users' own workspaces, for operators."""
    sources = ((Film.objects, "story__workspace__home_of"), (Music.objects, "workspace__home_of"))
    return {user: {"bytes": count} for user, count in sum_bytes_by_owner(sources, users).items()}


def list_largest_films(workspace, limit: int) -> list[tuple[str, str, int]]:
    """Return title, URL and bytes of the largest films of a workspace."""
    rows = Film.objects.filter(story__workspace=workspace, bytes__gt=0).select_related("story").order_by("-bytes")
    return [(film.story.title, film.get_absolute_url(), film.bytes) for film in rows[:limit]]


def measure_workspace(workspace) -> dict:
    """Return the bytes of films and music of a workspace."""
    films, music = Film.objects.filter(story__workspace=workspace), Music.objects.filter(workspace=workspace)
    return {
        _("Films"): films.aggregate(total=Sum("bytes", default=0))["total"],
        _("Music"): music.aggregate(total=Sum("bytes", default=0))["total"],
    }
