"""Collections: named lists of clips that the members of a workspace put together."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import Workspace, in_workspaces_of
from generation.models.clip import Clip


class CollectionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class Collection(models.Model):
    """A named list of clips of one workspace. A clip may be in several; deleting a collection deletes no clip."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="collections")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    clips = models.ManyToManyField(Clip, through="CollectionClip", related_name="collections")
    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="collection_names_differ")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("generation:collection", args=[self.pk])


class CollectionClip(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="entries")
    clip = models.ForeignKey(Clip, models.CASCADE, related_name="entries")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "clip"], name="collection_has_a_clip_once")]
