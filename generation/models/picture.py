"""Uploaded pictures, rebuilt from their pixels so that nothing else of the file is left."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Workspace, in_workspaces_of


class PictureQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class Picture(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="pictures")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=200)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    colour = models.CharField(max_length=7, default="#888888")
    was_reduced = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    is_layout = models.BooleanField(
        default=False, db_default=False, help_text="the drawing of a panel: who stands where, not how it looks"
    )
    kept_at = models.DateTimeField(null=True, help_text="in the library since; others are deleted unused")
    objects = PictureQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="a_picture_is_kept_once")]
        indexes = [
            models.Index(
                fields=["workspace", "-kept_at", "-id"],
                condition=models.Q(kept_at__isnull=False),
                name="kept_pictures",
            )
        ]
