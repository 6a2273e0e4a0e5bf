"""The one way in which words get into a scene: what was there before is kept beside them."""

from django.db.models import F

from studio import mentions, order
from studio.fields import columns, values_of
from studio.models import Scene, SceneEdit


def write(scene: Scene, by, values: dict) -> Scene:
    """Write what differs, and keep what was there before. The caller holds the scene's row."""
    now = values_of(scene)
    changed = {name: value for name, value in values.items() if now[name] != value}
    if not changed:
        return scene
    Scene.objects.filter(pk=scene.pk).update(**columns(changed), rev=F("rev") + 1)
    scene.refresh_from_db()
    if "prompt" in changed:
        mentions.follow(scene, now["prompt"])
    before = {name: now[name] for name in changed}
    SceneEdit.objects.create(scene=scene, by=by, rev=scene.rev, before=before, after=changed)
    order.touch(scene.story)
    return scene
