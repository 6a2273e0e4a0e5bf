"""Profiles: how a workspace appears in the gallery, who follows whom, and who keeps away from whom."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace

HANDLE_PATTERN = r"^[a-z0-9_]{3,30}\Z"


class Profile(models.Model):
    """The public face of a workspace. The shown name is that of the user, never their email address.

    ``links``: at most three https addresses. ``defaults``: what the dialog for publishing offers first.
    """

    workspace_id: uuid.UUID
    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="profile")
    handle = models.CharField(_("handle"), max_length=30, unique=True, validators=[RegexValidator(HANDLE_PATTERN)])
    handle_changed_at = models.DateTimeField(null=True)
    bio = models.CharField(_("about"), max_length=500, blank=True)
    links = models.JSONField(default=list)
    defaults = models.JSONField(default=dict)
    follower_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(condition=Q(handle=Lower("handle")), name="handle_is_in_lower_case"),
        ]

    def __str__(self):
        return f"@{self.handle}"

    def get_absolute_url(self):
        return reverse("gallery:profile", args=[self.handle])


def get_public_name(user, profile: Profile | None) -> str:
    """Return the name that the user chose, else the handle: never a part of their email address."""
    if user and user.name:
        return user.name
    return profile.handle if profile else gettext("An author without a name")


class FormerHandle(models.Model):
    """A handle that a profile had: links with it lead to the profile until ``ends_at``, and nobody else may take it."""

    handle = models.CharField(max_length=30, unique=True)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="former_handles")
    ends_at = models.DateTimeField()


class Follow(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "profile"], name="user_follows_a_profile_once")]


class Block(models.Model):
    """A user keeps away from a profile.

    mute: the user no longer sees its works and comments. block: in addition, the members of its workspace can neither
    follow the user, nor react to their works, nor answer their comments.
    """

    class Kind(models.TextChoices):
        MUTE = "mute", _("Muted")
        BLOCK = "block", _("Blocked")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="blocks")
    kind = models.CharField(max_length=5, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "profile"], name="user_blocks_a_profile_once")]


class ViewerSettings(models.Model):
    """What a user chose about the works of others. Without a row: mature works are not listed."""

    class Mature(models.TextChoices):
        HIDE = "hide", _("Do not list them")
        BLUR = "blur", _("List them blurred")
        SHOW = "show", _("Show them")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="viewer_settings")
    mature = models.CharField(_("mature works"), max_length=4, choices=Mature, default=Mature.HIDE)
