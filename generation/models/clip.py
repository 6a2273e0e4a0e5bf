"""A few seconds of animation, the words that asked for it, and the files it became."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from generation.models.picture import Picture
from generation.models.video import Video
from generation.providers.models.connection import Connection
from jobs.models import TERMINAL, Job, State

EFFECTS = "effects"  # what makes a clip out of a finished one (generation/providers/adapters/local/effects.py)


class ClipQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(workspace__memberships__user=user)

    def shown(self):
        return self.filter(deleted_at=None)

    def thrown(self):
        return self.exclude(deleted_at=None)

    def finished(self):
        return self.filter(job__state__in=[State.READY, State.READY_DEGRADED])

    def failed(self):
        return self.filter(job__state__in=sorted(TERMINAL - {State.READY, State.READY_DEGRADED}))

    def unfinished(self):
        return self.exclude(job__state__in=TERMINAL)

    def made_from(self, source):
        return self.filter(picture__isnull=source != "picture")

    def matching(self, words):
        every = Q()
        for word in words.split()[:8]:
            every &= Q(title__icontains=word) | Q(prompt__icontains=word)
        return self.filter(every)

    def with_files(self):
        return self.select_related("job", "picture").prefetch_related("files")


class Clip(models.Model):
    """One take: its own job, grouped with its siblings of the same request by ``request``."""

    class Ratio(models.TextChoices):
        WIDE = "16:9", "16:9"
        TALL = "9:16", "9:16"
        SQUARE = "1:1", "1:1"
        CLASSIC = "4:3", "4:3"
        PORTRAIT = "3:4", "3:4"
        CINEMA = "21:9", "21:9"

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="clips", verbose_name=_("workspace"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="clip", verbose_name=_("job"))
    request = models.UUIDField(_("request"), default=uuid.uuid4, db_index=True)
    take = models.PositiveSmallIntegerField(_("take"), default=1)
    title = models.CharField(_("title"), max_length=120)
    prompt = models.CharField(_("prompt"), max_length=2000)
    negative_prompt = models.CharField(_("what must not be seen"), max_length=500, blank=True)
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="clips", verbose_name=_("picture")
    )
    last_picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="clips_ending", verbose_name=_("last picture")
    )
    video = models.ForeignKey(
        Video, models.SET_NULL, null=True, blank=True, related_name="clips", verbose_name=_("video")
    )
    paint = models.BooleanField(_("painted as anime"), default=True)
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="continued_by", verbose_name=_("goes on from")
    )
    variation_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="variations", verbose_name=_("variation of")
    )
    lays_over = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="laid_over_by", verbose_name=_("laid over")
    )
    has_lost_start = models.BooleanField(
        _("lost what it begins with"),
        default=False,
        db_default=False,  # code of before the column may run beside it
        help_text="something that it begins with was removed for good: it cannot be asked for again",
    )
    drawn_by = models.CharField(
        _("drawn by"),
        max_length=40,
        blank=True,
        help_text="whose film effects lie over, also when it is gone; empty: somebody's own",
    )
    provider = models.CharField(_("provider"), max_length=40, default="animatic")
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, blank=True, related_name="clips", verbose_name=_("connection")
    )
    model = models.CharField(_("model"), max_length=80, blank=True)
    style = models.CharField(_("style"), max_length=20, default="cel")
    ratio = models.CharField(_("shape"), max_length=5, choices=Ratio, default=Ratio.WIDE)
    resolution = models.PositiveSmallIntegerField(_("sharpness"), default=720)
    seconds = models.PositiveSmallIntegerField(_("seconds"), default=5)
    seed = models.BigIntegerField(_("seed"))
    chips_off = models.JSONField(
        _("not drawn though understood"), default=list, help_text="understood things the person switched off"
    )
    options = models.JSONField(_("options"), default=dict, help_text="what else the model was told, by option name")

    width = models.PositiveSmallIntegerField(_("width"), default=0)
    height = models.PositiveSmallIntegerField(_("height"), default=0)
    frames = models.PositiveIntegerField(_("number of frames"), default=0)
    has_sound = models.BooleanField(_("with sound"), default=False)
    colour = models.CharField(_("colour"), max_length=7, default="#c9d9cf")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    ready_at = models.DateTimeField(_("ready since"), null=True)
    deleted_at = models.DateTimeField(_("in the bin since"), null=True)
    objects = ClipQuerySet.as_manager()

    class Meta:
        verbose_name = _("clip")
        verbose_name_plural = _("clips")
        constraints = [
            models.CheckConstraint(condition=Q(seconds__range=(1, 60)), name="clip_lasts_1_to_60_seconds"),
            models.UniqueConstraint(fields=["request", "take"], name="takes_are_numbered"),
        ]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="clip_by_workspace")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("generation:clip", args=[self.pk])

    @property
    def is_ready(self):
        return self.ready_at is not None

    @property
    def can_be_continued(self) -> bool:
        """Whether its file can be played, or will come: another clip may start on its last frame."""
        return self.is_ready or self.job.is_active

    @property
    def is_plain(self):
        """Its film is here only as its provider delivered it, to be downloaded by whoever may see the clip: this studio
        could not make it ready for its player, so it goes into nothing else. It stays so while that is tried again."""
        if self.job.was_reopened:
            return not self.is_ready and self.file(ClipFile.Kind.ORIGINAL) is not None
        return self.job.state == State.READY_DEGRADED

    @property
    def is_laid_over(self):
        """Whether it is another film with effects laid over it. Size, length and sound are that film's."""
        return self.provider == EFFECTS

    def bare(self):
        """The clip without the effects that were laid over it; itself where there are none, or it is gone."""
        clip = self
        while clip.lays_over is not None:
            clip = clip.lays_over
        return clip

    def file(self, kind):
        """The file of that kind, or None; reads the prefetched rows."""
        return next((file for file in self.files.all() if file.kind == kind), None)


class ClipReference(models.Model):
    """A picture that shows an engine who or what appears, in the order in which the engine is given them."""

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="references")
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="references")
    role = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["clip", "position"], name="references_are_numbered")]


class ClipFile(models.Model):
    """One stored object of a clip. Its key never changes, so a step repeated after a crash writes the same place."""

    class Kind(models.TextChoices):
        ORIGINAL = "original"
        MEZZANINE = "mezzanine"
        POSTER = "poster"
        POSTER_LARGE = "poster_large"
        GENGA = "genga"
        PREVIEW = "preview"
        SPRITE = "sprite"

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "kind"], name="one_file_per_kind")]
