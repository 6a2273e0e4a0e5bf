"""Scenes: what happens, how it is drawn, how long it is, and the transition to the next scene."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import in_workspaces_of
from common.search.changes import IndexedQuerySet
from generation.models import Picture
from studio.models.story import Story


class SceneQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"story", "deleted_at"})

    def visible_to(self, user):
        return self.filter(in_workspaces_of(user, "story__workspace"))

    def shown(self):
        return self.filter(deleted_at=None)

    def in_trash(self):
        return self.exclude(deleted_at=None)

    def in_order(self):
        return self.order_by("position")


class Scene(models.Model):
    """One scene of a story. Positions run from 1 without a gap.

    A scene in the trash has no position; ``left_at`` is its last one. Empty ``style`` and ``provider`` mean the
    story's, an empty ``model`` the provider's default. ``join_kind`` and ``join_frames``: the transition to the next
    scene. ``join_frames``, ``trim_in`` and ``trim_out``: frames of the mezzanine (24 per second). ``gain``: decibels,
    added to the levelling. ``camera`` and ``time``: values of the animatic's options. ``follows``: whether the scene is
    to start on the last frame of the one before. ``staging``: the storyboard panel that a person or the director
    made (JSON of generation.animatic.storyboard.panel_json), None to read it from the words. ``rev`` grows
    with every change.
    """

    active_jobs: int  # annotated by queries
    is_stale: bool  # annotated by queries
    story_revision: int  # annotated by queries

    class Join(models.TextChoices):
        CUT = "cut", _("Cut")
        CROSSFADE = "crossfade", _("Crossfade")
        FADE_BLACK = "fade_black", _("Fade through black")
        FADE_WHITE = "fade_white", _("Fade through white")
        SLIDE = "slide", _("Slide")
        PUSH = "push", _("Push")
        WIPE = "wipe", _("Wipe")
        IRIS = "iris", _("Iris")

    class Sound(models.TextChoices):
        KEPT = "kept", _("Kept")
        MUTED = "muted", _("Muted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, models.CASCADE, related_name="scenes")
    position = models.IntegerField(null=True)
    left_at = models.PositiveIntegerField(default=0)

    prompt = models.CharField(_("what happens"), max_length=2000, blank=True)
    negative_prompt = models.CharField(_("negative prompt"), max_length=500, blank=True)
    place_name = models.CharField(_("place"), max_length=80, blank=True)
    time = models.CharField(_("time of day"), max_length=20, blank=True)
    camera = models.CharField(_("camera"), max_length=20, blank=True)
    speaker = models.CharField(_("speaker"), max_length=80, blank=True)
    line = models.CharField(_("line"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    staging = models.JSONField(_("directed by hand"), null=True, blank=True, default=None)

    style = models.CharField(max_length=20, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=80, blank=True)
    seconds = models.PositiveSmallIntegerField(_("length"), default=5)
    seed = models.BigIntegerField(null=True, blank=True)
    picture = models.ForeignKey(Picture, models.SET_NULL, null=True, blank=True, related_name="+")
    first_frame = models.ForeignKey(Picture, models.SET_NULL, null=True, blank=True, related_name="+")
    last_frame = models.ForeignKey(Picture, models.SET_NULL, null=True, blank=True, related_name="+")
    follows = models.BooleanField(
        _("start from the last frame of the previous scene"),
        default=False,
    )

    join_kind = models.CharField(max_length=12, choices=Join, default=Join.CUT)
    join_frames = models.PositiveSmallIntegerField(default=12)
    trim_in = models.PositiveSmallIntegerField(default=0)
    trim_out = models.PositiveSmallIntegerField(default=0)
    sound = models.CharField(max_length=6, choices=Sound, default=Sound.KEPT)
    gain = models.SmallIntegerField(_("volume"), default=0)

    chosen = models.ForeignKey("studio.Take", models.SET_NULL, null=True, blank=True, related_name="+")
    characters = models.ManyToManyField("studio.Character", through="studio.SceneCharacter", related_name="scenes")
    is_locked = models.BooleanField(default=False)
    rev = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    objects = SceneQuerySet.as_manager()

    class Meta:
        verbose_name = _("scene")
        verbose_name_plural = _("scenes")
        constraints = [
            models.UniqueConstraint(fields=["story", "position"], name="one_scene_per_position"),
            models.CheckConstraint(
                condition=Q(deleted_at=None, position__isnull=False) | Q(deleted_at__isnull=False, position=None),
                name="scene_has_a_position_or_is_deleted",
            ),
            models.CheckConstraint(condition=Q(seconds__range=(1, 60)), name="scene_lasts_1_to_60_seconds"),
            models.CheckConstraint(condition=Q(gain__range=(-24, 24)), name="scene_is_within_24_decibels"),
        ]

    def __str__(self):
        return self.prompt[:60] or str(_("Empty scene"))

    @property
    def has_content(self) -> bool:
        """Return whether the scene can be drawn, because it has text, a line or an image to start on."""
        return bool(self.prompt or self.line or self.picture_id or self.first_frame_id)


class SceneEdit(models.Model):
    """One change of a scene, which is never changed itself. ``before`` and ``after``: values of the changed fields."""

    # DO_NOTHING: a trigger deletes the history with its scene and protects it otherwise (see the migration).
    scene = models.ForeignKey(Scene, models.DO_NOTHING, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rev = models.PositiveIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["scene", "-id"], name="edits_of_a_scene")]
