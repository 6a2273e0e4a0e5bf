"""Films: the settings of a story's film, music, and the versions that were made."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from common import messages
from common.search.changes import IndexedQuerySet
from common.web.paths import path_of
from jobs.models import Job
from studio.models.scene import Scene
from studio.models.story import Story


class MusicQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class Music(models.Model):
    """An uploaded music track.

    ``sha256``: of the uploaded file. ``seconds`` and ``bed_sha256``: of the decoded samples. ``bytes``: of the uploaded
    file, and of the samples from ``ready_at`` on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="music")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="music")
    title = models.CharField(_("title"), max_length=120)
    key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    bed_sha256 = models.CharField(max_length=64, blank=True)
    seconds = models.FloatField(default=0)
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    objects = MusicQuerySet.as_manager()

    class Meta:
        verbose_name = _("music")
        verbose_name_plural = _("music")
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="a_piece_of_music_is_kept_once")]

    def __str__(self):
        return self.title

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    def count_other_stories(self, story: Story) -> tuple[int, str]:
        """Return how many other stories use the track, and the title of one of them."""
        rows = FilmSettings.objects.filter(music=self, story__workspace=self.workspace_id).exclude(story=story)
        found = rows.aggregate(count=Count("pk"), title=Min("story__title"))
        return found["count"], found["title"] or ""

    def get_storage_key(self, kind: str) -> str:
        """Return the storage key of the "original" or the "bed" (decoded samples).

        Keys never change, so a repeated step replaces its object.
        """
        suffix = {"original": "sound", "bed": "s16"}[kind]
        return f"music/{self.pk.hex[:2]}/{self.pk}/{kind}.{suffix}"

    def get_storage_keys(self) -> list[str]:
        return [self.get_storage_key(kind) for kind in ("original", "bed")]


class FilmSettings(models.Model):
    """Settings for the next film of a story.

    A card without text is omitted. ``mood``: of the music that the studio composes, unless ``music`` is chosen; empty
    for none. ``music_gain`` and ``music_duck`` are decibels; ``music_duck`` (0 or less) lowers the music while a clip
    is audible.
    """

    class Mood(models.TextChoices):
        GENTLE = "gentle", _("Gentle")
        HOPEFUL = "hopeful", _("Hopeful")
        TENSE = "tense", _("Tense")
        MYSTERIOUS = "mysterious", _("Mysterious")
        PLAYFUL = "playful", _("Playful")

    class Fit(models.TextChoices):
        PAD = "pad", _("Fit the whole picture, with bars")
        CROP = "crop", _("Fill the frame, crop the rest")

    class Paper(models.TextChoices):
        DARK = "dark", _("Light on dark")
        LIGHT = "light", _("Dark on light")

    story = models.OneToOneField(Story, models.CASCADE, related_name="film_settings")
    title_text = models.CharField(_("title card"), max_length=120, blank=True)
    title_subtitle = models.CharField(_("text below the title"), max_length=150, blank=True)
    title_seconds = models.PositiveSmallIntegerField(_("title card length"), default=3)
    title_join = models.CharField(
        _("transition into the first scene"), max_length=12, choices=Scene.Join, default=Scene.Join.CUT
    )
    title_join_frames = models.PositiveSmallIntegerField(default=12)
    end_text = models.CharField(_("end card"), max_length=120, blank=True)
    end_subtitle = models.CharField(_("text below the ending"), max_length=150, blank=True)
    end_seconds = models.PositiveSmallIntegerField(_("end card length"), default=3)
    paper = models.CharField(_("card style"), max_length=5, choices=Paper, default=Paper.DARK)
    resolution = models.PositiveSmallIntegerField(_("size"), choices=[(720, "720p"), (1080, "1080p")], default=720)
    fit = models.CharField(_("clips with another aspect ratio"), max_length=4, choices=Fit, default=Fit.PAD)
    is_levelled = models.BooleanField(_("level the loudness of all scenes"), default=True)
    has_scene_sound = models.BooleanField(_("play the sound of the scenes"), default=True)
    mood = models.CharField(_("music"), max_length=12, choices=Mood, blank=True, default=Mood.GENTLE)
    music = models.ForeignKey(Music, models.SET_NULL, null=True, blank=True, related_name="+")
    music_gain = models.SmallIntegerField(_("music volume"), default=-6)
    music_duck = models.SmallIntegerField(_("music volume while scenes have sound"), default=-12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(title_seconds__range=(1, 60), end_seconds__range=(1, 60)),
                name="cards_stay_1_to_60_seconds",
            ),
            models.CheckConstraint(
                condition=Q(music_gain__range=(-24, 24), music_duck__range=(-24, 0)), name="music_is_within_24_decibels"
            ),
        ]

    @property
    def has_extras(self) -> bool:
        """Return whether the film has cards or music, which the storyboard does not play."""
        return bool(self.title_text or self.end_text or self.has_music)

    @property
    def has_music(self) -> bool:
        return bool(self.music_id or self.mood)

    @property
    def music_name(self) -> str:
        """Return the name of the mood or the title of the track; "" without music."""
        return self.music.title if self.music else str(self.get_mood_display())


class FilmQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"name"})

    def visible_to(self, user):
        return self.filter(in_workspaces_of(user, "story__workspace"))

    def shown(self):
        return self.filter(deleted_at=None)

    def in_trash(self):
        return self.exclude(deleted_at=None)

    def newest_first(self):
        return self.order_by("-version")


class Film(models.Model):
    """One version of a story's film.

    ``plan``: the confirmed plan (studio/films/plan_json.py). ``made_from``: provider, seed and transition of each
    scene, for the page. ``chapters``: ``[{"n", "place", "title", "start", "end"}]`` in frames, each with a still, and
    with "line" and "speaker" if somebody speaks. ``poster``: the number of the chapter whose still is the poster.
    ``sprite_tiles``: the number of small pictures in the strip for seeking, 0 for films without one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, models.CASCADE, related_name="films")
    job = models.OneToOneField(Job, models.PROTECT, related_name="film")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=120, blank=True)
    plan = models.JSONField()
    made_from = models.JSONField(default=list)
    chapters = models.JSONField(default=list)
    poster = models.PositiveSmallIntegerField(default=0)
    sprite_tiles = models.PositiveSmallIntegerField(default=0, db_default=0)
    frames = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    objects = FilmQuerySet.as_manager()

    class Meta:
        verbose_name = _("film")
        verbose_name_plural = _("films")
        constraints = [models.UniqueConstraint(fields=["story", "version"], name="versions_are_numbered")]

    def __str__(self):
        return self.name or self.numbered

    def get_absolute_url(self):
        return path_of("studio:film_page", self.pk)

    @property
    def notes(self) -> list[str]:
        """Return what users should know about the film, in the active language. Old films have plain texts."""
        return [note if isinstance(note, str) else messages.from_json(note) for note in self.plan.get("notes", ())]

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    @property
    def numbered(self) -> str:
        return str(_("Version %(n)d") % {"n": self.version})

    @property
    def file_title(self) -> str:
        """Return the name of the downloaded file, without its suffix."""
        return f"{self.story.title[:80]} {self.name or self.version}"

    @property
    def seconds(self) -> float:
        return self.frames / 24

    @property
    def first_scene_start(self) -> int:
        """Return the frame at which the first scene starts, after the title card."""
        return next((chapter["start"] for chapter in self.chapters if chapter["n"]), 0)

    @property
    def has_sound(self) -> bool:
        """Return whether the film has music, or a scene whose sound is kept. Older plans do not say which clips have
        sound: their animatics had none.
        """
        shots = [piece for piece in self.plan["pieces"] if piece["kind"] == "shot" and piece.get("sound") == "kept"]
        has_scene_sound = any(shot.get("has_sound", not shot.get("is_sketch")) for shot in shots)
        return bool(self.plan.get("music")) or has_scene_sound

    @property
    def music_name(self) -> str:
        """Return the name of the mood or the title of the track; "" without music."""
        music = self.plan.get("music") or {}
        return str(FilmSettings.Mood(music["mood"]).label) if music.get("mood") else music.get("title", "")

    @property
    def storage_key(self) -> str:
        """Return the storage key of the film, which never changes, so that a repeated step replaces the object."""
        return f"films/{self.pk.hex[:2]}/{self.pk}/film.mp4"

    def get_still_key(self, number: int) -> str:
        """Return the storage key of the still of chapter ``number``."""
        return f"films/{self.pk.hex[:2]}/{self.pk}/still-{number}.webp"

    @property
    def sprite_key(self) -> str:
        return f"films/{self.pk.hex[:2]}/{self.pk}/sprite.webp"

    @property
    def has_lines(self) -> bool:
        """Return whether somebody speaks, so that the film has subtitles."""
        return any(chapter.get("line") for chapter in self.chapters)

    @property
    def poster_key(self) -> str:
        return self.get_still_key(self.poster)

    def get_storage_keys(self) -> list[str]:
        """Return all storage keys that the film's files may have."""
        return [
            self.storage_key,
            self.sprite_key,
            *(self.get_still_key(number) for number in range(len(self.plan["pieces"]))),
        ]
