"""Story templates, and the remixes that grew from a work."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from generation.models import Picture
from jobs.models import Job


class StoryTemplateQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class StoryTemplate(models.Model):
    """Scenes, cast, style and film settings of a story, with named blanks.

    ``body``: validated JSON (studio/story_templates/body.py). ``cover``: a copy of a poster, as WebP. Templates that
    come with the studio are files, not rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="story_templates")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(_("title"), max_length=120)
    body = models.JSONField()
    cover = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    objects = StoryTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("story template")
        verbose_name_plural = _("story templates")

    def __str__(self):
        return self.title


class Remix(models.Model):
    """A clip, story or template that was made from a work.

    ``child`` is the id of a clip, story or template, without a foreign key, so that the row outlives it. Title, author
    and licence of the parent are copied when it is made, for the credit.
    """

    class How(models.TextChoices):
        WORDS = "words", _("Uses the words of")
        FIRST_FRAME = "first_frame", _("Animates a frame of")
        LAST_FRAME = "last_frame", _("Continues")
        SCENE = "scene", _("Takes a scene of")
        TEMPLATE = "template", _("Made from the template")

    class ChildKind(models.TextChoices):
        CLIP = "clip", _("Clip")
        STORY = "story", _("Story")
        TEMPLATE = "template", _("Story template")

    parent = models.ForeignKey("gallery.Work", models.SET_NULL, null=True, related_name="remixes")
    parent_code = models.CharField(max_length=11)
    parent_title = models.CharField(max_length=120)
    parent_author = models.CharField(max_length=60)
    parent_licence = models.CharField(max_length=8)
    parent_revision = models.PositiveIntegerField(default=1)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="remixes")
    child_kind = models.CharField(max_length=8, choices=ChildKind)
    child = models.UUIDField(db_index=True)
    how = models.CharField(max_length=11, choices=How)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("remix")
        verbose_name_plural = _("remixes")
        constraints = [
            models.UniqueConstraint(fields=["child", "parent_code", "how"], name="remix_is_recorded_once"),
        ]
        indexes = [models.Index(fields=["parent", "-created_at"], name="remix_by_parent")]

    @property
    def credited_title(self) -> str:
        """Return the title of the parent for credits, which name no work that was withdrawn, taken down or deleted."""
        is_public = self.parent is not None and self.parent.is_listed
        return self.parent_title if is_public else gettext("a work that is no longer public")


class RemixFrame(models.Model):
    """A frame of a work that a job copies into the workspace of whoever remixes it.

    Each clip that starts from ``picture`` is a remix of the work. ``seconds``: where the frame is, from the start of
    the work. ``licence`` is the work's when the frame was requested.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="remix_frames")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="remix_frame")
    work = models.ForeignKey("gallery.Work", models.SET_NULL, null=True, related_name="+")
    work_code = models.CharField(max_length=11)
    revision = models.PositiveIntegerField(default=1)
    licence = models.CharField(max_length=8)
    how = models.CharField(max_length=11, choices=Remix.How)
    seconds = models.FloatField(default=0)
    picture = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="remix_frames")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("frame of a work")
        verbose_name_plural = _("frames of works")
