"""Words written into scenes: nothing of anybody's is lost, and everything can be taken back."""

from django.db import transaction

from accounts.names import display_name
from studio import order
from studio.edits import write
from studio.errors import Collision, SceneChanged, SceneLocked
from studio.fields import PICTURES, values_of
from studio.merging import merge
from studio.models import Character, Scene, SceneEdit


@transaction.atomic
def edit_scene(*, scene: Scene, by, rev: int, changes: dict, seen: dict[str, int] | None = None) -> Scene:
    """Write ``changes`` (fields of ``studio.fields.EDITABLE``, pictures by id), made by someone who saw ``rev``,
    or single fields at the revisions in ``seen``.

    What others changed in other fields meanwhile stays. Collision, with both versions and nothing written, when
    the same field was changed to something else. SceneLocked for a locked scene.
    """
    scene = order.hold_scene(scene.pk)
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
def restore_edit(*, edit: SceneEdit, by, rev: int | None = None) -> Scene:
    """Make the scene say again what it said before ``edit``, in every field that was changed since, and show the take
    and have the people it had then. A new edit. SceneChanged when it is not the one any more that was seen at ``rev``:
    what others wrote since would be taken back unseen.
    """
    scene = order.hold_scene(edit.scene_id)
    if scene.is_locked:
        raise SceneLocked
    if rev is not None and scene.rev != rev:
        raise SceneChanged
    before: dict = {}
    for each in scene.edits.filter(rev__gte=edit.rev).order_by("-rev"):
        before |= each.before
    before.pop("is_locked", None)  # a lock is no words: whoever wants it sets it
    return write(scene, by, _still_there(scene, before))


def _still_there(scene: Scene, values: dict) -> dict:
    """Without what has been removed for good since: pictures, people, takes."""
    asked = {values[name] for name in PICTURES if values.get(name)}
    there = {str(pk) for pk in scene.story.workspace.pictures.filter(pk__in=asked).values_list("pk", flat=True)}
    values = {n: None if n in PICTURES and v not in there else v for n, v in values.items()}
    if "cast" in values:
        people = Character.objects.of(scene.story).shown().filter(pk__in=values["cast"])
        values["cast"] = sorted(str(pk) for pk in people.values_list("pk", flat=True))
    ready = scene.takes.shown().exclude(clip__ready_at=None)
    if values.get("chosen") and not ready.filter(pk=values["chosen"]).exists():
        del values["chosen"]
    return values
