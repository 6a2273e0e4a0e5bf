"""A connection to a provider: its owner, address and limits, and every version of its encrypted keys still in use."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, Q, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Workspace
from accounts.permissions import SPEND, build_condition


def webhook_token() -> str:
    return secrets.token_urlsafe(24)


class ConnectionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the user's own connections and those of their workspaces, without the site's own."""
        return self.filter(Q(owner=user.pk) | Q(workspace__memberships__user=user.pk)).distinct()

    def usable_by(self, user, workspace):
        """Return the connections that the user may use in the workspace: their own, and if they may spend there, the
        workspace's and the site's."""
        shared = Q(owner=None, workspace=None)
        if workspace is not None:
            shared |= Q(workspace=workspace)
        if user is None or not user.is_authenticated:
            return self.filter(shared, is_enabled=True, deleted_at=None)
        if workspace is not None:
            members = Membership.objects.filter(build_condition(SPEND), user=user.pk, workspace=workspace)
            shared &= Q(Exists(members))
        return self.filter(shared | Q(owner=user.pk), is_enabled=True, deleted_at=None)

    def belonging_to(self, workspace):
        """Return the workspace's connections; for a personal workspace, also the personal connections of its user."""
        return self.filter(Q(workspace=workspace) | Q(owner__home=workspace))

    def preferred(self):
        """Sort personal connections first, then the workspace's, then the site's; within each, the default, then by
        age.
        """
        nearness = Case(When(owner__isnull=False, then=0), When(workspace__isnull=False, then=1), default=2)
        return self.annotate(nearness=nearness).order_by("nearness", "-is_default", "created_at")


class Connection(models.Model):
    """A credential for a provider: a personal one has an ``owner``, a workspace's a ``workspace``, the site's neither.

    ``facts`` are the key fields that are not secret. With ``environment``, the keys are read from environment variables
    and never stored. Only administrators may set ``allows_private``.
    """

    class Health(models.TextChoices):
        UNTESTED = "untested", _("Not tested yet")
        GOOD = "good", _("Works")
        BROKEN = "broken", _("Does not work")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(_("provider"), max_length=40)
    label = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="connections",
        verbose_name=_("owner"),
    )
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, blank=True, related_name="connections", verbose_name=_("workspace")
    )
    base_url = models.CharField(_("address"), max_length=300, blank=True)
    facts = models.JSONField(_("details"), default=dict, blank=True)
    environment = models.BooleanField(_("keys in environment variables"), default=False, editable=False)
    keys_digest = models.CharField(_("digest of the keys"), max_length=64, blank=True, default="", editable=False)
    allows_private = models.BooleanField(_("private network addresses allowed"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    default_model = models.CharField(_("default model"), max_length=80, blank=True)
    default_style = models.CharField(_("default style"), max_length=20, blank=True)
    concurrency = models.PositiveSmallIntegerField(_("concurrent clips"), null=True, blank=True)
    per_minute = models.PositiveSmallIntegerField(_("requests per minute"), null=True, blank=True)
    # None: never used for failover
    failover_position = models.PositiveSmallIntegerField(_("failover position"), null=True, blank=True)
    webhook_token = models.CharField(
        _("callback token"), max_length=40, unique=True, default=webhook_token, editable=False
    )
    key_version = models.PositiveIntegerField(_("key version"), default=0, editable=False)
    health = models.CharField(_("state"), max_length=10, choices=Health, default=Health.UNTESTED)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    checked_at = models.DateTimeField(_("tested"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(owner=None) | Q(workspace=None), name="connection_has_one_owner"),
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(environment=True, deleted_at=None),
                name="one_connection_of_the_environment",
            ),
        ]
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self):
        return self.label

    def belongs_to(self, workspace) -> bool:
        is_personal = self.owner_id is not None and self.owner_id == workspace.home_of_id
        return is_personal or self.workspace_id == workspace.pk

    @property
    def scope(self) -> str:
        return "personal" if self.owner_id else "workspace" if self.workspace_id else "site"


class ConnectionKey(models.Model):
    """One encrypted version of a connection's secrets, kept while attempts that were sent with it are awaited."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="keys")
    version = models.PositiveIntegerField()
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("connection key")
        verbose_name_plural = _("connection keys")
        constraints = [models.UniqueConstraint(fields=["connection", "version"], name="key_versions_are_numbered")]

    def __str__(self):
        return f"{self.connection} · {self.version}"
