"""A take: a clip offered to a scene. One clip may be of several: of a scene made twice, of a story and its copies."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Clip
from studio.models.scene import Scene


class TakeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(scene__story__workspace__memberships__user=user)

    def shown(self):
        """Those whose clip is not in the bin."""
        return self.filter(clip__deleted_at=None)


class Take(models.Model):
    """``recipe`` is a fingerprint of what the scene said when this take was asked for: another one now means that the
    take shows older words. ``stale_since`` is set when a character of a final one was changed afterwards, ``stale_why``
    names those characters. Which of them it is out of date for follows from when their looks changed."""

    class Purpose(models.TextChoices):
        ANIMATIC = "animatic", _("Animatic")
        FINAL = "final", _("Final")

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="takes")
    clip = models.ForeignKey(Clip, models.CASCADE, related_name="scene_takes")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.FINAL)
    recipe = models.CharField(max_length=64, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_why = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    objects = TakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("take")
        verbose_name_plural = _("takes")
        indexes = [models.Index(fields=["scene", "-created_at"], name="takes_of_a_scene")]
        constraints = [models.UniqueConstraint(fields=["scene", "clip"], name="a_clip_once_per_scene")]

    @property
    def is_stale(self) -> bool:
        return self.stale_since is not None and self.purpose == self.Purpose.FINAL
