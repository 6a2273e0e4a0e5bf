"""The audit log, without foreign keys so that it outlives its subjects."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """An event of the audit log. Append-only: only the name or the IP address may be erased later (migration 0002)."""

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor_id = models.UUIDField(_("user ID"), null=True)
    actor = models.CharField(_("done by"), max_length=120, blank=True)
    verb = models.CharField(_("action"), max_length=60)
    target = models.CharField(_("target"), max_length=120, blank=True)
    workspace_id = models.UUIDField(_("workspace ID"), null=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    facts = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}"
