"""List deleted scenes, characters and films for the trash at the end of a page."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse

from common.pagination import fetch_page
from studio.models import Character, Film, Scene, Story
from studio.timeline.scene_names import scene_name


@dataclass(frozen=True)
class TrashedItem:
    """A row in the trash. ``details``: scene number, kind of character or version. ``restore_url``: to POST to."""

    row: Scene | Character | Film
    name: str
    details: str
    url: str
    restore_url: str


@dataclass(frozen=True)
class Trash:
    """A page of the trash, last deleted first.

    ``count``: items on all pages. ``next``: query string of the next page, "" if there is none. ``is_open``: whether to
    show the trash unfolded.
    """

    rows: list[TrashedItem]
    count: int
    next: str
    is_open: bool


EMPTY = Trash([], 0, "", is_open=False)
HAS_SCENES = Exists(Scene.objects.filter(story=OuterRef("pk")).in_trash())  # of a story, as has_trashed_scenes
HAS_FILMS = Exists(Film.objects.filter(story=OuterRef("pk")).in_trash())  # of a story, as has_trashed_films


def list_scenes(story: Story, after: str = "") -> Trash:
    if not getattr(story, "has_trashed_scenes", True):
        return EMPTY
    return _build_trash(story.scenes.all(), after, _describe_scene)


def list_characters(workspace, story: Story | None, after: str = "") -> Trash:
    """Return the deleted characters of the story or, if it is None, those shared in the workspace."""
    return _build_trash(Character.objects.filter(workspace=workspace, story=story), after, _describe_character)


def list_films(story: Story, after: str = "") -> Trash:
    if not getattr(story, "has_trashed_films", True):
        return EMPTY
    return _build_trash(Film.objects.filter(story=story), after, _describe_film)


def _build_trash(rows, after: str, describe) -> Trash:
    trashed = rows.in_trash()
    page = fetch_page(trashed, after, order=("-deleted_at", "-id"))
    count = trashed.count() if page.after or after else len(page.rows)
    next_page = f"?bin={page.after}" if page.after else ""
    return Trash([describe(row) for row in page.rows], count, next_page, is_open=bool(after))


def _describe_scene(scene: Scene) -> TrashedItem:
    name = scene.prompt or scene.line or str(scene)
    url, restore_url = (reverse(f"studio:{view}", args=[scene.pk]) for view in ("scene", "restore_scene"))
    return TrashedItem(scene, name, scene_name(scene.left_at), url, restore_url)


def _describe_character(character: Character) -> TrashedItem:
    url, restore_url = (reverse(f"studio:{view}", args=[character.pk]) for view in ("character", "restore_character"))
    return TrashedItem(character, character.name, character.get_kind_display(), url, restore_url)


def _describe_film(film: Film) -> TrashedItem:
    details, restore_url = film.numbered if film.name else "", reverse("studio:restore_film", args=[film.pk])
    return TrashedItem(film, str(film), details, film.get_absolute_url(), restore_url)
