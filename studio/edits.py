"""The one way in which words get into a scene: what was there before is kept beside them."""

from django.db.models import F

from studio import mentions, order
from studio.fields import BESIDE, beside, columns, values_of
from studio.models import Scene, SceneCharacter, SceneEdit


def write(scene: Scene, by, values: dict) -> Scene:
    """Write what differs, words and what stands beside them, and keep what was there before. The caller holds the
    scene's row (``order.hold_scene``)."""
    now = values_of(scene) | (beside(scene) if not values.keys().isdisjoint(BESIDE) else {})
    changed = {name: value for name, value in values.items() if now[name] != value}
    if not changed:
        return scene
    plain = {name: value for name, value in changed.items() if name != "cast"}
    Scene.objects.filter(pk=scene.pk).update(**columns(plain), rev=F("rev") + 1)
    scene.refresh_from_db()
    if "prompt" in changed:
        mentions.follow(scene, now["prompt"])
    if "cast" in changed:
        _cast(scene, changed["cast"])
    before = {name: now[name] for name in changed}
    SceneEdit.objects.create(scene=scene, by=by, rev=scene.rev, before=before, after=changed)
    order.touch(scene.story)
    return scene


def _cast(scene: Scene, ids: list[str]) -> None:
    SceneCharacter.objects.filter(scene=scene).exclude(character__in=ids).delete()
    rows = [SceneCharacter(scene=scene, character_id=each) for each in ids]
    SceneCharacter.objects.bulk_create(rows, ignore_conflicts=True)
