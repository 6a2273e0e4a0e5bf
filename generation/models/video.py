"""Uploaded videos, checked and encoded again before anything else reads them."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Workspace, in_workspaces_of
from jobs.models import Job


class VideoQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class Video(models.Model):
    """An uploaded video. ``seconds`` and sizes are those of the encoded copy and set with ``ready_at``.

    ``poster_key`` is a small still. The uploaded file is at ``file_key("original")`` until it is checked; ``sha256`` is
    its digest.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="videos")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="video")
    name = models.CharField(max_length=120, blank=True)
    key = models.CharField(max_length=200, blank=True)
    poster_key = models.CharField(max_length=200, blank=True)
    seconds = models.FloatField(default=0)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    has_sound = models.BooleanField(default=False)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    objects = VideoQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="a_video_is_kept_once")]

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    def file_key(self, kind: str) -> str:
        """Return the storage key of original, kept or poster: always the same, so that steps can be repeated."""
        suffix = "webp" if kind == "poster" else "mp4"
        return f"videos/{self.pk.hex[:2]}/{self.pk}/{kind}.{suffix}"

    def file_keys(self) -> list[str]:
        """Return all keys that the video may have in storage."""
        return [self.file_key(kind) for kind in ("original", "kept", "poster")]
