"""Users."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import avatars

if TYPE_CHECKING:
    from accounts.models.workspace import Membership


class UserManager(BaseUserManager["User"]):
    """Creates users by email address; ``createsuperuser`` uses it too."""

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractUser):
    """A user, identified by email address; other users see only ``name``."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("Match device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    avatar = models.CharField(
        _("profile picture"), max_length=200, blank=True, help_text="key of the picture in the clip store"
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    closing_at = models.DateTimeField(
        _("closing since"), null=True, blank=True, help_text=_("Set while the account is being erased.")
    )
    is_first = models.BooleanField(
        _("first user"), default=False, editable=False, help_text="opened this install, and so runs it"
    )
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]
        constraints = [
            # Of two users who sign up at the same moment only one becomes the operator.
            models.UniqueConstraint(fields=["is_first"], condition=models.Q(is_first=True), name="one_first_user"),
        ]

    def __str__(self):
        return self.name or self.email

    def list_memberships(self) -> "list[Membership]":
        """Return the memberships with their workspaces. A viewer reads them once (accounts.viewer)."""
        return list(self.memberships.select_related("workspace").order_by("pk"))

    @property
    def avatar_url(self):
        """Return a short-lived signed URL of the picture, or ""."""
        return avatars.get_url(self.avatar)


def display_name(user) -> str:
    """Return the chosen name, else the part of the email address before the @, never the whole address."""
    return user.name or user.email.partition("@")[0]
