"""The one way in which words get into a scene: what was there before is kept beside them."""

from django.db.models import F

from studio.fields import BESIDE, beside, columns, values_of
from studio.models import Scene, SceneCharacter, SceneEdit, Story
from studio.scenes import mentions, order

APART = ("cast", "position")  # no columns that are written by themselves


def write(scene: Scene, by, values: dict) -> Scene:
    """Write what differs, words and what stands beside them, and keep what was there before. The caller holds the
    scene's row with its story's (``order.hold_scene``)."""
    now = now_in(scene, values)
    changed = {name: value for name, value in values.items() if now[name] != value}
    if not changed:
        return scene
    plain = {name: value for name, value in changed.items() if name not in APART}
    Scene.objects.filter(pk=scene.pk).update(**columns(plain), rev=F("rev") + 1)
    if "position" in changed:
        order.put(scene, changed["position"])
    scene.refresh_from_db()
    if "prompt" in changed:
        mentions.follow(scene, now["prompt"])
    if "cast" in changed:
        _cast(scene, changed["cast"])
    before = {name: now[name] for name in changed}
    SceneEdit.objects.create(scene=scene, by=by, rev=scene.rev, before=before, after=changed)
    order.touch(scene.story)
    return scene


def now_in(scene: Scene, names) -> dict:
    """What stands in the scene, with what stands beside its words where ``names`` has any of that."""
    return values_of(scene) | (beside(scene) if not set(names).isdisjoint(BESIDE) else {})


def write_order(story: Story, by, wanted: list) -> None:
    """Put all scenes of a story that is held in the order of ``wanted``; each that was moved keeps where it stood."""
    before = order.ids(story)
    order.number(story, wanted)
    moved = order.moved(before, wanted)
    Scene.objects.filter(pk__in=moved).update(rev=F("rev") + 1)
    revs = dict(Scene.objects.filter(pk__in=moved).values_list("pk", "rev"))
    at, to = ({pk: n for n, pk in enumerate(each, 1)} for each in (before, wanted))
    SceneEdit.objects.bulk_create(
        SceneEdit(scene_id=pk, by=by, rev=revs[pk], before={"position": at[pk]}, after={"position": to[pk]})
        for pk in moved
    )


def _cast(scene: Scene, ids: list[str]) -> None:
    SceneCharacter.objects.filter(scene=scene).exclude(character__in=ids).delete()
    rows = [SceneCharacter(scene=scene, character_id=each) for each in ids]
    SceneCharacter.objects.bulk_create(rows, ignore_conflicts=True)
