"""Workspaces that may not use the site's money until an operator allows it again."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class SpendingFreeze(models.Model):
    """A workspace starts nothing new at the site's expense, since a bank disputes one of its payments.

    ``ref``: the id of the purchase, or the payment provider's id of the invoice. A payment freezes its workspace once:
    after an operator has allowed the work, news of the same payment change nothing, unless a dispute that the site had
    won is opened again.
    """

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="freezes", verbose_name=_("workspace"))
    ref = models.CharField(_("payment"), max_length=200, unique=True)
    purchase_id = models.UUIDField(_("purchase ID"), null=True)
    began_at = models.DateTimeField(_("began"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.UUIDField(_("allowed by"), null=True)

    class Meta:
        verbose_name = _("freeze of paid work")
        verbose_name_plural = _("freezes of paid work")
        ordering = ["began_at"]
        indexes = [models.Index(fields=["workspace"], condition=Q(ended_at=None), name="freeze_of_workspace")]

    def __str__(self):
        return f"{self.workspace}"
