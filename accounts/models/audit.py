"""Who did what, kept without foreign keys so that it outlives what it speaks of."""

from django.db import models


class AuditEvent(models.Model):
    """Append-only: later only a name or an address may be forgotten (see migration 0002)."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=120, blank=True)
    verb = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    workspace_id = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target}"
