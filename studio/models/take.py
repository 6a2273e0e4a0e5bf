"""Takes: clips that a scene can show. Duplicated scenes and stories share clips."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import in_workspaces_of
from common.search.changes import IndexedQuerySet
from generation.models import Clip
from studio.models.scene import Scene


class TakeQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"scene", "clip"})
    indexed_key = "clip_id"

    def visible_to(self, user):
        return self.filter(in_workspaces_of(user, "scene__story__workspace"))

    def shown(self):
        """Return takes whose clip is not in the trash."""
        return self.filter(clip__deleted_at=None)


class Take(models.Model):
    """A clip that a scene can show.

    ``recipe``: fingerprint of the scene when the take was requested (get_recipe); if it differs from the scene's
    current one, the take shows an older text. ``stale_since``: when one of its characters was first changed after it
    was drawn; ``stale_characters``: the names of the changed characters. ``is_new``: it is finished, and since then
    nobody has chosen a take for the scene.
    """

    class Purpose(models.TextChoices):
        ANIMATIC = "animatic", _("Animatic")
        FINAL = "final", _("Final")

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="takes")
    clip = models.ForeignKey(Clip, models.CASCADE, related_name="scene_takes")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.FINAL)
    recipe = models.CharField(max_length=64, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_characters = models.CharField(max_length=120, blank=True)
    is_new = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    objects = TakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("take")
        verbose_name_plural = _("takes")
        indexes = [models.Index(fields=["scene", "-created_at"], name="takes_of_a_scene")]
        constraints = [models.UniqueConstraint(fields=["scene", "clip"], name="a_clip_once_per_scene")]

    @property
    def is_final(self) -> bool:
        """Return whether somebody chose this take, which is no draft."""
        return self.purpose == self.Purpose.FINAL and not self.is_new

    @property
    def is_stale(self) -> bool:
        return self.stale_since is not None and self.purpose == self.Purpose.FINAL
