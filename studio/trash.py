"""What lies in the bin of a page: what each was, until when it is kept, and where it comes back."""

from dataclasses import dataclass

from django.urls import reverse

from common.pagination import fetch_page
from studio.films.messages import scene_name
from studio.models import Character, Film, Scene, Story


@dataclass(frozen=True)
class Thrown:
    """``about`` is what the name does not say: which scene it was, what kind of character, which version.
    A POST to ``back`` brings it back."""

    row: Scene | Character | Film
    name: str
    about: str
    url: str
    back: str


@dataclass(frozen=True)
class Bin:
    """Some of ``count``, what was thrown away last first; ``next`` is the question for earlier ones."""

    rows: list[Thrown]
    count: int
    next: str
    is_open: bool


def scenes(story: Story, after: str = "") -> Bin:
    return _bin(story.scenes.all(), after, _scene)


def characters(workspace, story: Story | None, after: str = "") -> Bin:
    """Those of the story, or without one those that its workspace shares."""
    return _bin(Character.objects.filter(workspace=workspace, story=story), after, _character)


def films(story: Story, after: str = "") -> Bin:
    return _bin(Film.objects.filter(story=story), after, _film)


def _bin(rows, after: str, shown) -> Bin:
    thrown = rows.thrown()
    page = fetch_page(thrown, after, by="deleted_at")
    count = thrown.count() if page.after or after else len(page.rows)
    following = f"?bin={page.after}" if page.after else ""
    return Bin([shown(row) for row in page.rows], count, following, is_open=bool(after))


def _scene(scene: Scene) -> Thrown:
    name, places = scene.prompt or scene.line or str(scene), [scene.pk]
    back = reverse("studio:restore_scene", args=places)
    return Thrown(scene, name, scene_name(scene.left_at), reverse("studio:scene", args=places), back)


def _character(character: Character) -> Thrown:
    url, back = (reverse(f"studio:{name}", args=[character.pk]) for name in ("character", "restore_character"))
    return Thrown(character, character.name, character.get_kind_display(), url, back)


def _film(film: Film) -> Thrown:
    about = film.numbered if film.name else ""
    return Thrown(film, str(film), about, film.get_absolute_url(), reverse("studio:restore_film", args=[film.pk]))
