"""Values that an administrator sets instead of the traits that an adapter declares."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderOverride(models.Model):
    """Overridden traits of one provider; an empty field keeps the value that the adapter declares (overrides.py)."""

    class Billing(models.TextChoices):
        SUCCESS = "success", _("for finished videos only")
        SUBMIT = "submit", _("on acceptance")
        UNDECLARED = "undeclared", _("unknown")

    provider = models.CharField(_("provider"), max_length=40, unique=True, editable=False)
    is_busy_refusal = models.BooleanField(_("A busy response (429) never creates a clip"), null=True, blank=True)
    billing = models.CharField(_("Billing rule"), max_length=12, choices=Billing, blank=True)
    deadline_minutes = models.PositiveSmallIntegerField(_("Deadline (minutes)"), null=True, blank=True)
    concurrency = models.PositiveSmallIntegerField(_("Concurrent clips"), null=True, blank=True)
    per_minute = models.PositiveSmallIntegerField(_("Requests per minute"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("provider override")
        verbose_name_plural = _("provider overrides")

    def __str__(self):
        return self.provider
