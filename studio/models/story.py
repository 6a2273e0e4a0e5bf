"""Stories: scenes in one order, and the settings that they share."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from common.database.read_once import ReadOnce
from common.search.changes import IndexedQuerySet
from common.web.paths import path_of
from generation.models import Clip
from jobs.models import Job


class StoryQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"workspace", "title", "style", "deleted_at"})

    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))

    def shown(self):
        return self.filter(deleted_at=None)


class Story(models.Model):
    """A story with the settings that its scenes share.

    ``rev`` counts changes of the story's own fields, ``order_rev`` changes of its list of scenes, so that requests from
    an outdated page can be refused. An empty ``model`` means the provider's default.
    """

    active_jobs: int  # annotated by queries
    is_shared: bool  # annotated by queries

    class Mode(models.TextChoices):
        FAST = "fast", _("Fast: all scenes at once")
        COHERENT = "coherent", _("Coherent: people, place and light carry over from scene to scene")

    class OnFailure(models.TextChoices):
        STOP = "stop", _("Stop there")
        CONTINUE = "continue", _("Continue without it")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="stories")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(_("title"), max_length=120)
    synopsis = models.CharField(_("synopsis"), max_length=2000, blank=True)
    ratio = models.CharField(max_length=5, choices=Clip.Ratio, default=Clip.Ratio.WIDE)
    style = models.CharField(max_length=20, default="cel")
    provider = models.CharField(max_length=40, default="animatic")
    model = models.CharField(max_length=80, blank=True)
    resolution = models.PositiveSmallIntegerField(default=720)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.FAST)
    on_failure = models.CharField(max_length=8, choices=OnFailure, default=OnFailure.STOP)
    cover = models.ForeignKey(Clip, models.SET_NULL, null=True, blank=True, related_name="+")
    copy_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="copies")
    rev = models.PositiveIntegerField(default=1)
    order_rev = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        indexes = [models.Index(fields=["workspace", "-touched_at", "-id"], name="story_by_workspace")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return path_of("studio:story", self.pk)

    @property
    def aspect(self) -> float:
        """Return width ÷ height of the frame."""
        width, height = self.ratio.split(":")
        return int(width) / int(height)

    @cached_property
    def reads(self) -> ReadOnce:
        """Return what was read for this row in memory."""
        return ReadOnce()

    def is_being_written(self) -> bool:
        """Return whether a language model is writing the scenes of the story's first film."""
        return self.directions.filter(makes_film=True, job__in=Job.objects.active()).exists()
