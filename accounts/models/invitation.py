"""Invitations into a workspace, and the transfer of a workspace to another owner."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Role, Workspace


class Invitation(models.Model):
    """An invitation by mail, for one person with that confirmed address, or by a link, for ``uses_left`` people.

    ``email``: "" for a link. ``secret_hash``: SHA-256 of the secret, which only the mail or the link has.
    ``may_spend``: of the membership that it makes. ``accepted_by``: of an invitation by mail.
    """

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations", verbose_name=_("workspace"))
    email = models.EmailField(_("email"), blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role)
    may_spend = models.BooleanField(_("may spend"), default=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    uses_left = models.PositiveSmallIntegerField(_("uses left"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=~Q(email="") & Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            ),
        ]

    def __str__(self):
        return f"{self.workspace} · {self.get_role_display()}"


class OwnerTransfer(models.Model):
    """The offer of an owner to hand a team to another member, open until it is answered or ``ends_at``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="transfers")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    offered_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("transfer of a workspace")
        verbose_name_plural = _("transfers of workspaces")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(answered_at=None), name="one_open_transfer_per_workspace"
            ),
        ]

    def __str__(self):
        return str(self.workspace)
