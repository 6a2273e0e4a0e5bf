"""Videos people bring, to be drawn anew: checked and re-encoded before anything else touches them."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from jobs.models import Job


class VideoQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(workspace__memberships__user=user)


class Video(models.Model):
    """``seconds`` and sizes are of the kept copy, known when ``ready_at`` is; ``poster_key`` is a small still of it.

    The file as it came lies at ``file_key("original")`` until it was checked; ``sha256`` is that file's.
    """

    MAX_BYTES, MAX_SECONDS = 200_000_000, 60.0  # of an upload

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
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
        """Where an object of it lies: original, kept or poster. Always the same, so that a repeated step leaves one."""
        suffix = "webp" if kind == "poster" else "mp4"
        return f"videos/{self.pk.hex[:2]}/{self.pk}/{kind}.{suffix}"

    def file_keys(self) -> list[str]:
        """Every object that may lie in the store for it."""
        return [self.file_key(kind) for kind in ("original", "kept", "poster")]
