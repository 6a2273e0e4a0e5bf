"""Verified callbacks of providers. They only make a poll due or name a lost task; nothing else in them is used."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from generation.providers.models.connection import Connection


class WebhookEventQuerySet(models.QuerySet):
    def tasks_of(self, attempt):
        """Return the task ids that callbacks named for the attempt, in the order of arrival."""
        rows = self.filter(connection=attempt.connection_id, ref=attempt.client_ref).exclude(task_id="")
        return rows.order_by("pk").values_list("task_id", flat=True)


class WebhookEvent(models.Model):
    """A callback. ``digest`` is the SHA-256 of its body, so that a repeated callback is stored once."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="webhook_events")
    digest = models.CharField(max_length=64)
    task_id = models.CharField(max_length=200, blank=True, db_index=True)
    ref = models.CharField(max_length=64, blank=True, db_index=True)
    received_at = models.DateTimeField(auto_now_add=True)
    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider callback")
        verbose_name_plural = _("provider callbacks")
        constraints = [models.UniqueConstraint(fields=["connection", "digest"], name="a_callback_counts_once")]

    def __str__(self):
        return f"{self.received_at:%Y-%m-%d %H:%M} {self.task_id}"
