"""The trash at the end of a page: deleted scenes, characters and films."""

from dataclasses import dataclass

from django.urls import reverse

from common.pagination import fetch_page
from studio.films.messages import scene_name
from studio.models import Character, Film, Scene, Story


@dataclass(frozen=True)
class TrashedItem:
    """``about``: scene number, kind of character or version. A POST to ``back`` restores it."""

    row: Scene | Character | Film
    name: str
    about: str
    url: str
    back: str


@dataclass(frozen=True)
class Trash:
    """A page of ``count`` items, last deleted first; ``next`` is the query string of the next page."""

    rows: list[TrashedItem]
    count: int
    next: str
    is_open: bool


def list_scenes(story: Story, after: str = "") -> Trash:
    return _build_trash(story.scenes.all(), after, _scene)


def list_characters(workspace, story: Story | None, after: str = "") -> Trash:
    """Return deleted characters of the story, or without one those that its workspace shares."""
    return _build_trash(Character.objects.filter(workspace=workspace, story=story), after, _character)


def list_films(story: Story, after: str = "") -> Trash:
    return _build_trash(Film.objects.filter(story=story), after, _film)


def _build_trash(rows, after: str, shown) -> Trash:
    trashed = rows.in_trash()
    page = fetch_page(trashed, after, by="deleted_at")
    count = trashed.count() if page.after or after else len(page.rows)
    following = f"?bin={page.after}" if page.after else ""
    return Trash([shown(row) for row in page.rows], count, following, is_open=bool(after))


def _scene(scene: Scene) -> TrashedItem:
    name, places = scene.prompt or scene.line or str(scene), [scene.pk]
    back = reverse("studio:restore_scene", args=places)
    return TrashedItem(scene, name, scene_name(scene.left_at), reverse("studio:scene", args=places), back)


def _character(character: Character) -> TrashedItem:
    url, back = (reverse(f"studio:{name}", args=[character.pk]) for name in ("character", "restore_character"))
    return TrashedItem(character, character.name, character.get_kind_display(), url, back)


def _film(film: Film) -> TrashedItem:
    about = film.numbered if film.name else ""
    return TrashedItem(film, str(film), about, film.get_absolute_url(), reverse("studio:restore_film", args=[film.pk]))
