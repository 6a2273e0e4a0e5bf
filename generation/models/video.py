"""Videos people bring, to be drawn anew: checked and re-encoded before anything else touches them."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Workspace


class VideoQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(workspace__memberships__user=user)


class Video(models.Model):
    """``seconds`` and sizes are of the kept copy; ``poster_key`` is a small still of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="videos")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=200)
    poster_key = models.CharField(max_length=200, blank=True)
    seconds = models.FloatField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    has_sound = models.BooleanField(default=False)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    objects = VideoQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="a_video_is_kept_once")]
