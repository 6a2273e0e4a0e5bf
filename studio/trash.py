"""What lies in the bin of a page: what each was, until when it is kept, and where it comes back."""

from dataclasses import dataclass

from django.urls import reverse

from common.pagination import fetch_page
from studio.films.messages import scene_name
from studio.models import Character, Film, Scene, Story


@dataclass(frozen=True)
class TrashedItem:
    """``about`` is what the name does not say: which scene it was, what kind of character, which version.
    A POST to ``back`` brings it back."""

    row: Scene | Character | Film
    name: str
    about: str
    url: str
    back: str


@dataclass(frozen=True)
class Trash:
    """Some of ``count``, what was thrown away last first; ``next`` is the question for earlier ones."""

    rows: list[TrashedItem]
    count: int
    next: str
    is_open: bool


def list_scenes(story: Story, after: str = "") -> Trash:
    return _build_trash(story.scenes.all(), after, _scene)


def list_characters(workspace, story: Story | None, after: str = "") -> Trash:
    """Those of the story, or without one those that its workspace shares."""
    return _build_trash(Character.objects.filter(workspace=workspace, story=story), after, _character)


def list_films(story: Story, after: str = "") -> Trash:
    return _build_trash(Film.objects.filter(story=story), after, _film)


def _build_trash(rows, after: str, shown) -> Trash:
    thrown = rows.thrown()
    page = fetch_page(thrown, after, by="deleted_at")
    count = thrown.count() if page.after or after else len(page.rows)
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
