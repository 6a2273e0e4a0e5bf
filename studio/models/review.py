"""Reviews: links to a version of a film, the guests who opened one, their notes and verdicts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.models.film import Film
from studio.models.scene import Scene
from studio.models.story import Story
from studio.models.take import Take


class ReviewLink(models.Model):
    """A link through which people without an account see one version of a film.

    ``secret_hash``: SHA-256 of the secret, which only the link has. ``password``: as Django's hashers write it, "" for
    none. ``shows_newer``: whether later versions of the film can be seen, too.
    """

    class Right(models.TextChoices):
        VIEW = "view", _("Watch")
        COMMENT = "comment", _("Watch and write notes")
        APPROVE = "approve", _("Write notes and approve")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="review_links")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=120)
    right = models.CharField(_("guests may"), max_length=10, choices=Right, default=Right.APPROVE)
    password = models.CharField(max_length=128, blank=True)
    shows_newer = models.BooleanField(_("show newer versions"), default=False)
    allows_download = models.BooleanField(_("allow the download"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("review link")
        verbose_name_plural = _("review links")

    def __str__(self):
        return self.title

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.ends_at > timezone.now()


class ReviewGuest(models.Model):
    """Somebody without an account who opened a review link and said their name. The browser's session knows the id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(ReviewLink, models.CASCADE, related_name="guests")
    name = models.CharField(_("name"), max_length=40)
    created_at = models.DateTimeField(default=timezone.now)
    banned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("guest of a review")
        verbose_name_plural = _("guests of reviews")

    def __str__(self):
        return self.name


class Note(models.Model):
    """What a member or a guest says about frames of one version of a film, or an answer to that.

    ``start`` and ``end``: the first and the last frame of the film, 24 a second. ``x`` and ``y``: a point in the
    picture, 0 to 1. ``drawing``: lines, each a list of ``[x, y]``, 0 to 1. ``scene``, ``take`` and ``take_frame``:
    what the film shows at ``start``, by its frozen plan; ``take_frame`` counts from the start of the take's clip.
    ``retake``: the take that was requested with this note; ``done_in``: the version of the film that shows it.
    ``reason``: why it was declined. Answers have a ``parent`` and only a text.
    """

    class Kind(models.TextChoices):
        NOTE = "note", pgettext_lazy("review", "Note")
        CUT = "cut", _("Cut this")
        LONGER = "longer", _("Longer")
        SHORTER = "shorter", _("Shorter")
        WRONG = "wrong", _("Wrong")
        LOVE = "love", _("Love it")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("note", "Open")
        WORKING = "working", pgettext_lazy("note", "In work")
        DONE = "done", pgettext_lazy("note", "Done")
        DECLINED = "declined", pgettext_lazy("note", "Declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, models.CASCADE, related_name="notes")
    film = models.ForeignKey(Film, models.CASCADE, related_name="review_notes")
    link = models.ForeignKey(ReviewLink, models.CASCADE, null=True, related_name="notes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    guest = models.ForeignKey(ReviewGuest, models.CASCADE, null=True, related_name="notes")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NOTE)
    text = models.CharField(_("text"), max_length=2000, blank=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    drawing = models.JSONField(default=list)
    scene = models.ForeignKey(Scene, models.SET_NULL, null=True, related_name="notes")
    take = models.ForeignKey(Take, models.SET_NULL, null=True, related_name="notes")
    take_frame = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    retake = models.ForeignKey(Take, models.SET_NULL, null=True, related_name="retake_notes")
    done_in = models.ForeignKey(Film, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    rev = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = pgettext_lazy("review", "note")
        verbose_name_plural = pgettext_lazy("review", "notes")
        indexes = [
            models.Index(fields=["film", "start", "created_at"], name="notes_of_a_film"),
            models.Index(fields=["story", "state"], name="notes_of_a_story"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gte=models.F("start")),
                name="note_ends_after_its_start",
            ),
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def author(self) -> str:
        """Return the name of who wrote it, "" once their account was erased."""
        return str(self.guest or self.user or "")


class Verdict(models.Model):
    """What a member or a guest decided about one file of a film. ``film_sha256``: of the file that they saw."""

    class Choice(models.TextChoices):
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Changes asked for")

    film = models.ForeignKey(Film, models.CASCADE, related_name="verdicts")
    link = models.ForeignKey(ReviewLink, models.CASCADE, null=True, related_name="verdicts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    guest = models.ForeignKey(ReviewGuest, models.CASCADE, null=True, related_name="verdicts")
    choice = models.CharField(max_length=8, choices=Choice)
    text = models.CharField(_("text"), max_length=500, blank=True)
    film_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "guest"], condition=Q(guest__isnull=False), name="verdict_of_guest"
            ),
            models.UniqueConstraint(fields=["film", "user"], condition=Q(user__isnull=False), name="verdict_of_user"),
        ]

    def __str__(self):
        return self.get_choice_display()

    @property
    def author(self) -> str:
        return str(self.guest or self.user or "")
