"""Find clips by their story and characters, and films beside clips: what stories add to the search of the library."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _

from common.listing import Filter
from common.pagination import NEWEST_FIRST
from common.search.changes import is_indexed, rows_changed
from common.search.index import Description, SearchIndex, schedule
from generation.library.documents import name_style
from generation.library.filters import DAYS, LibraryChosen, LibraryKind, is_since
from generation.library.pages import fetch_rows
from generation.media import storage
from generation.services.archive import ArchiveFile
from studio import access
from studio.models import Character, Film, Scene, SceneCharacter, Story, Take

OFFERED = 200  # stories in the filter
NO_STORY = "none"
FILM_SORTS = {
    "newest": NEWEST_FIRST,
    "oldest": ("created_at", "id"),
    "longest": ("-frames", "-created_at", "-id"),
    "title": ("title", "id"),
}
FRAMES = {"short": (0, 5 * 24), "medium": (5 * 24 + 1, 10 * 24), "long": (10 * 24 + 1, 10**9)}
IN_STORY = Q(scene__deleted_at=None, scene__story__deleted_at=None)


# --- What can be found -----------------------------------------------------------------------------------------


def find_clip_texts(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the titles of the stories whose scenes have these clips as takes, and the names of the characters."""
    found = defaultdict(list)
    takes = Take.objects.filter(IN_STORY, clip__in=ids)
    for pk, title in (
        takes.values_list("clip", "scene__story__title").order_by("clip", "scene__story__title").distinct()
    ):
        found[pk].append(title)
    cast = takes.filter(scene__cast__character__deleted_at=None).exclude(scene__cast__character=None)
    names = cast.values_list("clip", "scene__cast__character__name")
    for pk, name in names.order_by("clip", "scene__cast__character__name").distinct():
        found[pk].append(name)
    return found


def describe_films(ids: Sequence[UUID]) -> dict[UUID, Description]:
    films = list(Film.objects.filter(pk__in=ids).select_related("story"))
    names = defaultdict(list)
    cast = SceneCharacter.objects.filter(
        scene__story__in={film.story_id for film in films}, scene__deleted_at=None, character__deleted_at=None
    )
    pairs = cast.values_list("scene__story", "character__name").order_by("scene__story", "character__name").distinct()
    for story, name in pairs:
        names[story].append(name)
    return {
        film.pk: Description(
            film.story.workspace_id,
            [film.name, film.story.title, *names[film.story_id], *name_style(film.story.style)],
        )
        for film in films
    }


FILM_INDEX = SearchIndex(rows=Film.objects.all, describe=describe_films)


# --- Keep it up to date ----------------------------------------------------------------------------------------


def _schedule_scenes(condition: Q) -> None:
    """Index the clips and films of these scenes (a condition for scenes)."""
    scenes = Scene.objects.filter(condition)
    schedule("clip", Take.objects.filter(scene__in=scenes).values_list("clip", flat=True))
    schedule("film", Film.objects.filter(story__scenes__in=scenes).values_list("pk", flat=True))


def _schedule_story(ids) -> None:
    _schedule_scenes(Q(story__in=ids))
    schedule("film", Film.objects.filter(story__in=ids).values_list("pk", flat=True))


CHANGES = {
    Story: _schedule_story,
    Scene: lambda ids: _schedule_scenes(Q(pk__in=ids)),
    SceneCharacter: lambda ids: _schedule_scenes(Q(pk__in=ids)),
    Character: lambda ids: _schedule_scenes(Q(characters__in=ids)),
    Take: lambda ids: schedule("clip", ids),
    Film: lambda ids: schedule("film", ids),
}


def index_changed(sender, keys: Iterable, **more) -> None:
    CHANGES[sender](list(keys))


def index_saved(sender, instance, created=False, update_fields=None, **more) -> None:
    is_empty = created and sender in (Story, Scene, Character)  # nothing refers to a new one yet
    if not is_empty and is_indexed(sender, update_fields):
        CHANGES[sender]([getattr(instance, sender.objects.all().indexed_key)])


def index_deleted(sender, instance, **more) -> None:
    CHANGES[sender]([getattr(instance, sender.objects.all().indexed_key)])


def connect() -> None:
    """Index clips and films whenever a story, scene, character or take of theirs changes."""
    for model in CHANGES:
        rows_changed.connect(index_changed, sender=model, dispatch_uid="studio.search")
        post_save.connect(index_saved, sender=model, dispatch_uid="studio.search")
    for model in (SceneCharacter, Take, Film):  # with a story, scene or character, these are deleted, too
        post_delete.connect(index_deleted, sender=model, dispatch_uid="studio.search")


# --- In the library --------------------------------------------------------------------------------------------


def is_take():
    """Return a condition for clips that are takes of a story, which the library shows below their story."""
    return Exists(Take.objects.filter(IN_STORY, clip=OuterRef("pk")))


def _list_choices(viewer) -> list[tuple[str, str]]:
    stories = access.visible_stories(viewer.at_hand).shown().order_by("-touched_at", "-id")
    rows = [(str(pk), title) for pk, title in stories.values_list("pk", "title")[:OFFERED]]
    return [(NO_STORY, _("Not in a story")), *rows]


def _is_in_story(viewer, value: str):
    return (
        ~is_take() if value == NO_STORY else Q(pk__in=Take.objects.filter(IN_STORY, scene__story=value).values("clip"))
    )


def _is_known(viewer, value: str) -> bool:
    try:
        return value == NO_STORY or access.visible_stories(viewer).shown().filter(pk=UUID(value)).exists()
    except ValueError:
        return False


STORY_FILTER = Filter(_("Story"), _("All stories"), _list_choices, _is_in_story, _is_known)


def list_films(viewer):
    """Return the finished films of the workspace at hand."""
    stories = access.visible_stories(viewer.at_hand).shown()
    return Film.objects.shown().filter(story__in=stories).exclude(ready_at=None).select_related("story", "job")


def fetch_films(viewer, chosen: LibraryChosen, cursor: str, size: int):
    """Return a page of the finished films that the filters choose. What only clips have, no film has."""
    rows = list_films(viewer).annotate(title=Coalesce(NullIf("name", Value("")), "story__title"))
    values = chosen.values
    if {"source", "provider", "favourite"} & values.keys() or values.get("state", "finished") != "finished":
        rows = rows.none()
    for name, column in (("style", "story__style"), ("ratio", "story__ratio")):
        rows = rows.filter(**{column: values[name]}) if name in values else rows
    if "length" in values:
        rows = rows.filter(frames__range=FRAMES[values["length"]])
    if "date" in values:
        rows = rows.filter(is_since(DAYS[values["date"]]))
    if "story" in values:
        rows = rows.none() if values["story"] == NO_STORY else rows.filter(story=values["story"])
    return fetch_rows(rows, "film", viewer, chosen, cursor, size=size, order=FILM_SORTS[chosen.sort])


def list_film_files(viewer, ids: list[UUID]) -> list[ArchiveFile]:
    films = list_films(viewer).filter(pk__in=ids).order_by("-created_at", "-id")
    return [
        ArchiveFile(film.file_title, film.key, ".mp4", is_stored=storage.get_size(film.key) is not None)
        for film in films
    ]


def list_film_jobs(viewer, ids: list[UUID]) -> list:
    films = list_films(viewer).filter(pk__in=ids).select_related("story__workspace", "job__workspace")
    return [film.job for film in films if viewer.may_edit(film.story.workspace)]


FILMS = LibraryKind(_("Films"), "studio/library.html#found_film", fetch_films, list_film_files, list_film_jobs)
