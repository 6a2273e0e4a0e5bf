"""Likes, playlists and comments."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from gallery.models.work import Work, make_code
from generation.media.mezzanine import MEZZANINE_FPS


class Like(models.Model):
    """``counts``: whether the like raises the score; those of new accounts and of the work's own members do not."""

    work = models.ForeignKey(Work, models.CASCADE, related_name="like_rows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes")
    counts = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "user"], name="user_likes_a_work_once")]
        indexes = [models.Index(fields=["user", "-created_at"], name="like_by_user")]


class PlaylistQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))


class Playlist(models.Model):
    """An ordered list of works that a workspace saved. ``is_saved``: the list "Saved", made on the first save."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Private")
        PUBLIC = "public", _("Public")

    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="playlists")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    code = models.CharField(max_length=11, unique=True, default=make_code, editable=False)
    title = models.CharField(_("title"), max_length=80)
    description = models.CharField(_("description"), max_length=500, blank=True)
    visibility = models.CharField(_("visibility"), max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    is_saved = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    works = models.ManyToManyField(Work, through="PlaylistEntry", related_name="playlists")
    objects = PlaylistQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], condition=Q(is_saved=True), name="one_list_of_saved_works")
        ]

    def __str__(self):
        return str(_("Saved")) if self.is_saved else self.title

    def get_absolute_url(self):
        return reverse("gallery:playlist", args=[self.code])


class PlaylistEntry(models.Model):
    """A work in a playlist. ``share_digest``: of the link by which an unlisted work was saved; when the author renews
    the link, the work can no longer be opened from the playlist."""

    playlist = models.ForeignKey(Playlist, models.CASCADE, related_name="entries")
    work = models.ForeignKey(Work, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    share_digest = models.CharField(max_length=64, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["playlist", "work"], name="playlist_has_a_work_once")]


class Comment(models.Model):
    """A comment on a work, or an answer to a comment (one level). ``frame``: the frame it speaks of, at 24 fps.

    ``user`` is empty after the account was erased. The text of a removed comment stays in the row for appeals only.
    """

    answers_of_thread: int  # annotated by queries

    newest_answers: list["Comment"]  # set by thread
    answer_count: int
    is_gone: bool
    is_removable: bool

    class State(models.TextChoices):
        SHOWN = "shown", _("Shown")
        WAITING = "waiting", _("Waiting for review")
        HIDDEN = "hidden", _("Hidden")
        REMOVED = "removed", _("Removed")  # by its writer, the author of the work, or an operator

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=11, unique=True, default=make_code, editable=False)
    work = models.ForeignKey(Work, models.CASCADE, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="work_comments")
    answer_to = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")
    frame = models.PositiveIntegerField(null=True)
    text = models.CharField(_("comment"), max_length=1000)
    state = models.CharField(max_length=8, choices=State, default=State.SHOWN)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["work", "answer_to", "-created_at", "-id"], name="comment_by_work")]

    def __str__(self):
        return self.text[:40]

    @property
    def seconds(self) -> float | None:
        """Return the time that the comment speaks of; None if it speaks of the whole work."""
        return None if self.frame is None else self.frame / MEZZANINE_FPS
