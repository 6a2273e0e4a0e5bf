"""Words written into scenes: nothing of anybody's is lost, and everything can be taken back."""

from django.db import transaction

from accounts.names import display_name
from studio.edits import write
from studio.errors import Collision, SceneLocked
from studio.fields import PICTURES, values_of
from studio.merging import merge
from studio.models import Scene, SceneEdit


@transaction.atomic
def edit_scene(*, scene: Scene, by, rev: int, changes: dict, seen: dict[str, int] | None = None) -> Scene:
    """Write ``changes`` (fields of ``studio.fields.EDITABLE``, pictures by id), made by someone who saw ``rev``,
    or single fields at the revisions in ``seen``.

    What others changed in other fields meanwhile stays. Collision, with both versions and nothing written, when
    the same field was changed to something else. SceneLocked for a locked scene.
    """
    scene = Scene.objects.select_for_update().select_related("story").get(pk=scene.pk)
    theirs = values_of(scene)
    saw = {name: (seen or {}).get(name, rev) for name in changes}
    since = list(scene.edits.filter(rev__gt=min(saw.values(), default=rev)).order_by("rev").select_related("by"))
    base = dict(theirs)
    for edit in reversed(since):
        base |= {name: value for name, value in edit.before.items() if edit.rev > saw.get(name, rev)}
    wanted, collisions = merge(base, theirs, changes)
    if collisions:
        raise Collision(collisions, by=_last_writer(since, collisions))
    if wanted and scene.is_locked:
        raise SceneLocked
    return write(scene, by, wanted)


def _last_writer(edits: list[SceneEdit], fields) -> str:
    writers = [edit.by for edit in edits if edit.by and not set(fields).isdisjoint(edit.after)]
    return display_name(writers[-1]) if writers else ""


@transaction.atomic
def restore_edit(*, edit: SceneEdit, by) -> Scene:
    """Make the scene say again what it said before ``edit``, in every field that was changed since. A new edit."""
    scene = Scene.objects.select_for_update().select_related("story").get(pk=edit.scene_id)
    if scene.is_locked:
        raise SceneLocked
    before: dict = {}
    for each in scene.edits.filter(rev__gte=edit.rev).order_by("-rev"):
        before |= each.before
    return write(scene, by, _still_there(scene, before))


def _still_there(scene: Scene, values: dict) -> dict:
    """Without pictures that have been removed for good since."""
    asked = {values[name] for name in PICTURES if values.get(name)}
    there = {str(pk) for pk in scene.story.workspace.pictures.filter(pk__in=asked).values_list("pk", flat=True)}
    return {n: None if n in PICTURES and v not in there else v for n, v in values.items()}
