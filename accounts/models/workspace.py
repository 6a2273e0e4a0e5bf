"""Workspaces: every clip, job and picture belongs to one, and users reach it by membership."""

import uuid
from typing import Protocol

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import avatars
from common.database.read_once import ReadOnce


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


class WorkspaceQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(memberships__user=user)


def in_workspaces_of(user, field: str = "workspace") -> models.Q:
    """Return a filter for the rows of the user's workspaces. ``field``: the path to the workspace of a row.

    The ids are constants of the query, so that the database can read the newest rows of a workspace from an index: with
    a join it reads and sorts all of them.
    """
    ids = get_workspace_ids(user)
    return models.Q(**{f"{field}_id": ids[0]}) if len(ids) == 1 else models.Q(**{f"{field}_id__in": ids})


class HasMemberships(Protocol):
    """A user, or the viewer of a page, of whom they are read once."""

    def list_memberships(self) -> "list[Membership]": ...


def get_memberships(user: HasMemberships) -> "list[Membership]":
    """Return the memberships of a user or viewer with their workspaces."""
    return user.list_memberships()


def get_workspace_ids(user: HasMemberships) -> list[uuid.UUID]:
    """Return the ids of the workspaces that a user or viewer may see; for a guest that of the session."""
    if isinstance(ids := getattr(user, "workspace_ids", None), list):
        return ids
    return [membership.workspace_id for membership in user.list_memberships()]


class Workspace(models.Model):
    """A user's own workspace, that of a team, or that of a guest until sign-up.

    ``picture``: key in the clip store. ``closes_at``: when a team that an owner closed is deleted.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("Personal")
        TEAM = "team", _("Team")
        GUEST = "guest", _("Guest")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERSONAL)
    # PROTECT: accounts.privacy.erase_all erases users; deleting the row would leave their work behind
    home_of = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="home",
        editable=False,
        verbose_name=_("personal workspace of"),
    )
    picture = models.CharField(_("picture"), max_length=200, blank=True, db_default="", editable=False)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="workspaces", verbose_name=_("users")
    )
    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self):
        return self.name

    @property
    def is_team(self) -> bool:
        return self.kind == self.Kind.TEAM

    @property
    def picture_url(self) -> str:
        """Return a short-lived signed URL of the picture, or ""."""
        return avatars.get_url(self.picture)

    @cached_property
    def reads(self) -> ReadOnce:
        """Return what was read for this row in memory."""
        return ReadOnce()


def count_members(workspace) -> int:
    return Membership.objects.filter(workspace=workspace).count()


class Membership(models.Model):
    """The role of a user in a workspace.

    ``may_spend``: whether their role's permission to spend counts. ``last_seen_at``: when they last opened a page with
    the workspace at hand, to within minutes.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships", verbose_name=_("workspace"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OWNER)
    may_spend = models.BooleanField(_("may spend"), db_default=True, default=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_user")]

    def __str__(self):
        return f"{self.user} · {self.workspace} · {self.get_role_display()}"
