"""Change scenes: merge changes of several users, record every change in the history, and restore earlier states."""

from django.db import transaction
from django.db.models import F

from accounts.models.user import display_name
from studio.errors import Collision, SceneChanged, SceneLocked
from studio.models import Character, Scene, SceneCharacter, SceneEdit, Story
from studio.scenes import mentions
from studio.timeline import order
from studio.timeline.fields import (
    ALLOWED_IF_LOCKED,
    EXTRA_FIELDS,
    IMAGE_FIELDS,
    get_extra_values,
    get_values,
    merge_fields,
    to_columns,
)

RELATIONS = ("cast", "position")  # fields that are not written as columns


def write_scene(scene: Scene, by, values: dict) -> Scene:
    """Write those of ``values`` that differ, and record them in the history.

    The caller must have locked the scene (``order.lock_scene_row``). No take is new after somebody chose one.
    """
    if values.get("chosen"):
        scene.takes.filter(is_new=True).update(is_new=False)
    now = get_current_values(scene, values)
    changed = {name: value for name, value in values.items() if now[name] != value}
    if not changed:
        return scene
    plain = {name: value for name, value in changed.items() if name not in RELATIONS}
    Scene.objects.filter(pk=scene.pk).update(**to_columns(plain), rev=F("rev") + 1)
    if "position" in changed:
        order.move_to(scene, changed["position"])
    scene.refresh_from_db()
    if "prompt" in changed:
        mentions.update_cast(scene, now["prompt"])
    if "cast" in changed:
        _write_cast(scene, changed["cast"])
    before = {name: now[name] for name in changed}
    SceneEdit.objects.create(scene=scene, by=by, rev=scene.rev, before=before, after=changed)
    order.touch_story(scene.story)
    return scene


def get_current_values(scene: Scene, names) -> dict:
    """Return the current values of the scene's fields, including EXTRA_FIELDS if ``names`` contains one of them."""
    return get_values(scene) | (get_extra_values(scene) if not set(names).isdisjoint(EXTRA_FIELDS) else {})


def write_order(story: Story, by, wanted: list) -> None:
    """Put all scenes of a locked story in the order ``wanted`` (ids), and record the moved ones in their histories."""
    before = order.get_scene_ids(story)
    order.renumber(story, wanted)
    moved = order.find_moved(before, wanted)
    Scene.objects.filter(pk__in=moved).update(rev=F("rev") + 1)
    revs = dict(Scene.objects.filter(pk__in=moved).values_list("pk", "rev"))
    old, new = ({pk: n for n, pk in enumerate(ids, 1)} for ids in (before, wanted))
    SceneEdit.objects.bulk_create(
        SceneEdit(scene_id=pk, by=by, rev=revs[pk], before={"position": old[pk]}, after={"position": new[pk]})
        for pk in moved
    )


def _write_cast(scene: Scene, ids: list[str]) -> None:
    SceneCharacter.objects.filter(scene=scene).exclude(character__in=ids).delete()
    rows = [SceneCharacter(scene=scene, character_id=pk) for pk in ids]
    SceneCharacter.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def edit_scene(*, scene: Scene, by, rev: int, changes: dict, seen: dict[str, int] | None = None) -> Scene:
    """Write ``changes`` (EDITABLE_FIELDS; images by id) of a user who saw revision ``rev`` of the scene.

    ``seen``: field → the revision at which the user saw that field, if newer than ``rev``. Changes that others made to
    other fields since are kept. Raises Collision, and writes nothing, if somebody else changed one of these fields to a
    different value; SceneLocked if the scene is locked.
    """
    scene = order.lock_scene_row(scene.pk)
    theirs = get_values(scene)
    seen_revs = {name: (seen or {}).get(name, rev) for name in changes}
    oldest = min(seen_revs.values(), default=rev)
    since = list(scene.edits.filter(rev__gt=oldest).order_by("rev").select_related("by"))
    base = dict(theirs)
    for edit in reversed(since):
        base |= {name: value for name, value in edit.before.items() if edit.rev > seen_revs.get(name, rev)}
    wanted, collisions = merge_fields(base, theirs, changes)
    if collisions:
        raise Collision(collisions, by=_find_last_writer(since, collisions))
    if wanted and scene.is_locked:
        raise SceneLocked
    return write_scene(scene, by, wanted)


def _find_last_writer(edits: list[SceneEdit], fields) -> str:
    writers = [edit.by for edit in edits if edit.by and not set(fields).isdisjoint(edit.after)]
    return display_name(writers[-1]) if writers else ""


@transaction.atomic
def restore_edit(*, edit: SceneEdit, by, rev: int | None = None) -> tuple[Scene, list[str]]:
    """Restore the scene as it was before ``edit``, with its take, characters, position and lock, as a new edit.

    Returns the scene, and the names of fields whose earlier value no longer exists. Raises SceneChanged if the scene is
    not at revision ``rev``, SceneLocked if more than the position or lock of a locked scene would change.
    """
    scene = order.lock_scene_row(edit.scene_id)
    if rev is not None and scene.rev != rev:
        raise SceneChanged
    before: dict = {}
    for later in scene.edits.filter(rev__gte=edit.rev).order_by("-rev"):
        before |= later.before
    wanted, missing = _drop_deleted(scene, before)
    now = get_current_values(scene, wanted)
    if scene.is_locked and not {name for name, value in wanted.items() if now[name] != value} <= ALLOWED_IF_LOCKED:
        raise SceneLocked
    return write_scene(scene, by, wanted), missing


def _drop_deleted(scene: Scene, values: dict) -> tuple[dict, list[str]]:
    """Return the values without deleted images, characters and takes, and the names of the fields that had them."""
    values = dict(values)
    requested = {values[name] for name in IMAGE_FIELDS if values.get(name)}
    image_ids = {str(pk) for pk in scene.story.workspace.pictures.filter(pk__in=requested).values_list("pk", flat=True)}
    existing = {name: values[name] if values[name] in image_ids else None for name in IMAGE_FIELDS if name in values}
    if "cast" in values:
        characters = Character.objects.available_in(scene.story).shown().filter(pk__in=values["cast"])
        existing["cast"] = sorted(str(pk) for pk in characters.values_list("pk", flat=True))
    ready = scene.takes.shown().exclude(clip__ready_at=None)
    if values.get("chosen") and not ready.filter(pk=values["chosen"]).exists():
        existing["chosen"] = scene.chosen_id
    if "position" in values:  # the story may have fewer scenes now; a scene in the trash has no position
        last = len(order.get_scene_ids(scene.story))
        values["position"] = min(values["position"], last) if scene.position else None
    missing = [name for name, value in existing.items() if value != values[name]]
    return values | existing, missing
