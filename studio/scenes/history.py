"""Describe the history of a scene for users, with takes by number and images as links; list the prompts of scenes."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models.user import display_name
from accounts.viewer import Viewer
from generation.media import storage
from generation.models import Picture
from generation.prompts.history import Asked, filter_asked
from studio.models import Character, Scene, SceneEdit
from studio.timeline.fields import ALLOWED_IF_LOCKED, FIELD_LABELS, IMAGE_FIELDS


@dataclass
class _References:
    """The takes, characters and images to which edits refer by id. ``takes``: id → number."""

    takes: dict
    characters: dict
    pictures: dict

    def format_value(self, name: str, value) -> str:
        if name == "chosen" and value:
            return _("Take %(n)s") % {"n": self.takes[value]} if value in self.takes else _deleted_label()
        if name == "cast":
            return ", ".join(self.characters.get(pk) or _deleted_label() for pk in value)
        if name == "staging":
            return _("Directed") if value else _("From the words")
        if name == "is_locked":
            return _("Locked") if value else ""
        if name in IMAGE_FIELDS and value:
            return "" if value in self.pictures else _deleted_label()
        return value


def _deleted_label() -> str:
    return _("no longer available")


def describe_edits(scene: Scene, edits: list[SceneEdit]) -> list[dict]:
    """Return each edit with its author and changed fields, and whether the scene can be restored (``is_open``)."""
    rows = scene.takes.shown().order_by("id")
    takes = {pk: n for n, pk in enumerate(rows.values_list("pk", flat=True), 1)}
    known = _References(takes, _character_names(edits), _image_links(scene, edits))
    limit = _find_restore_limit(scene)
    return [
        {
            "edit": edit,
            "rows": [_describe_field(edit, name, known) for name in edit.after if name in _field_labels()],
            "by": display_name(edit.by) if edit.by else _("Someone"),
            "is_open": edit.pk > limit,
        }
        for edit in edits
    ]


def join_labels(names) -> str:
    """Return the labels of these fields, separated by commas."""
    return ", ".join(str(_field_labels()[name]) for name in names)


def _field_labels() -> dict:
    extra_labels = {
        "chosen": _("selected take"),
        "cast": _("Who appears"),
        "is_locked": _("Lock"),
        "position": _("Position"),
    }
    return FIELD_LABELS | extra_labels


def _find_restore_limit(scene: Scene) -> int:
    """Return the id of the newest edit that a locked scene does not allow to restore, like all older ones; 0: none."""
    if not scene.is_locked:
        return 0
    rows = scene.edits.values_list("pk", "after").iterator(chunk_size=50)
    return next((pk for pk, after in rows if not after.keys() <= ALLOWED_IF_LOCKED), 0)


def _character_names(edits: list[SceneEdit]) -> dict[str, str]:
    ids = {pk for edit in edits for side in (edit.before, edit.after) for pk in side.get("cast", [])}
    return {str(pk): name for pk, name in Character.objects.filter(pk__in=ids).values_list("pk", "name")}


def _image_links(scene: Scene, edits: list[SceneEdit]) -> dict[str, str]:
    """Return id → link of the edits' images, of those in the scene's own workspace."""
    ids = {
        side[name] for edit in edits for side in (edit.before, edit.after) for name in IMAGE_FIELDS if side.get(name)
    }
    rows = Picture.objects.filter(workspace=scene.story.workspace_id, pk__in=ids)
    return {str(pk): storage.create_link(key) for pk, key in rows.values_list("pk", "key")}


def _describe_field(edit: SceneEdit, name: str, known: _References) -> dict:
    """Return the field's label, and (text, link to the image or None) ``before`` and ``after`` the edit."""
    both = edit.before[name], edit.after[name]
    sides = [
        (known.format_value(name, value), known.pictures.get(value) if name in IMAGE_FIELDS else None) for value in both
    ]
    return {"label": _field_labels()[name], "before": sides[0], "after": sides[1]}


def list_asked_scenes(viewer: Viewer, words: str, before, limit: int) -> list[Asked]:
    """Return the newest prompts of the scenes in the workspace at hand."""
    scenes = Scene.objects.visible_to(viewer.at_hand).shown().exclude(prompt="").filter(story__deleted_at=None)
    rows = filter_asked(scenes.select_related("story"), words, before)
    return [
        Asked(scene.prompt, scene.created_at, reverse("studio:scene", args=[scene.pk]), _build_title(scene))
        for scene in rows[:limit]
    ]


def _build_title(scene: Scene) -> str:
    return _("Scene %(n)s of “%(title)s”") % {"n": scene.position, "title": scene.story.title}
