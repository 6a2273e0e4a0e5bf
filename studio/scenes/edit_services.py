"""Words written into scenes: nothing of anybody's is lost, and everything can be taken back."""

from django.db import transaction

from accounts.models.user import display_name
from studio.errors import Collision, SceneChanged, SceneLocked
from studio.fields import FREE, PICTURES, values_of
from studio.models import Character, Scene, SceneEdit
from studio.scenes import order
from studio.scenes.edits import now_in, write
from studio.scenes.merge import merge


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
def restore_edit(*, edit: SceneEdit, by, rev: int | None = None) -> tuple[Scene, list[str]]:
    """Make the scene say again what it said before ``edit``, in every field that was changed since, show the take and
    have the people it had then, stand where it stood, and be locked if it was. A new edit.

    Returns the scene, and the fields whose earlier value is not there any more: those did not come back. SceneChanged
    when it is not the one any more that was seen at ``rev``: what others wrote since would be taken back unseen.
    SceneLocked where a locked scene would get more than its place or its lock back.
    """
    scene = order.hold_scene(edit.scene_id)
    if rev is not None and scene.rev != rev:
        raise SceneChanged
    before: dict = {}
    for each in scene.edits.filter(rev__gte=edit.rev).order_by("-rev"):
        before |= each.before
    wanted, lost = _still_there(scene, before)
    now = now_in(scene, wanted)
    if scene.is_locked and not {name for name, value in wanted.items() if now[name] != value} <= FREE:
        raise SceneLocked
    return write(scene, by, wanted), lost


def _still_there(scene: Scene, values: dict) -> tuple[dict, list[str]]:
    """Without what has been removed for good since: pictures, people, takes; and which fields those were in."""
    values = dict(values)
    asked = {values[name] for name in PICTURES if values.get(name)}
    kept = {str(pk) for pk in scene.story.workspace.pictures.filter(pk__in=asked).values_list("pk", flat=True)}
    there = {name: values[name] if values[name] in kept else None for name in PICTURES if name in values}
    if "cast" in values:
        people = Character.objects.of(scene.story).shown().filter(pk__in=values["cast"])
        there["cast"] = sorted(str(pk) for pk in people.values_list("pk", flat=True))
    ready = scene.takes.shown().exclude(clip__ready_at=None)
    if values.get("chosen") and not ready.filter(pk=values["chosen"]).exists():
        there["chosen"] = scene.chosen_id
    if "position" in values:  # a story that is shorter now ends before it; a scene in the bin stands nowhere
        last = len(order.ids(scene.story))
        values["position"] = min(values["position"], last) if scene.position else None
    lost = [name for name, value in there.items() if value != values[name]]
    return values | there, lost
