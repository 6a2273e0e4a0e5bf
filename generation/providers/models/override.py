"""What an operator knows better of a provider's ways than its adapter declares."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderManners(models.Model):
    """Empty fields leave what is declared alone; ``generation.providers.known`` lays the others over it.

    Times are seconds but for ``deadline_minutes``. ``ways``: the name of a form on the wire → the choice among those
    that the adapter has; ``status_words``: a word → the stage that it means. ``can_be_found`` is never true: what an
    adapter cannot do, nobody can say that it does.
    """

    class Billing(models.TextChoices):
        SUCCESS = "success", _("for finished videos only")
        SUBMIT = "submit", _("on acceptance")
        UNDECLARED = "undeclared", _("unknown")

    provider = models.CharField(_("provider"), max_length=40, unique=True, editable=False)
    busy_never_creates = models.BooleanField(_("A busy response (429) never creates a clip"), null=True, blank=True)
    billing = models.CharField(_("Billing rule"), max_length=12, choices=Billing, blank=True)
    can_be_found = models.BooleanField(_("What got no answer can be found again"), null=True, blank=True)
    absence_is_proof = models.BooleanField(_("What three looks do not show was never made"), null=True, blank=True)
    deadline_minutes = models.PositiveSmallIntegerField(_("Deadline (minutes)"), null=True, blank=True)
    misses = models.PositiveSmallIntegerField(
        _("So many times “not found” in a row mean that it is lost"), null=True, blank=True
    )
    first_look = models.PositiveSmallIntegerField(_("Seconds until it is asked first"), null=True, blank=True)
    look_every = models.PositiveSmallIntegerField(_("Seconds between questions at first"), null=True, blank=True)
    look_at_most_every = models.PositiveSmallIntegerField(_("Seconds between questions later"), null=True, blank=True)
    concurrency = models.PositiveSmallIntegerField(_("Concurrent clips"), null=True, blank=True)
    per_minute = models.PositiveSmallIntegerField(_("Requests per minute"), null=True, blank=True)
    good_key = models.CharField(
        _("HTTP statuses that a good key gets when Test asks for a task that nobody has"), max_length=60, blank=True
    )
    ways = models.JSONField(_("Forms on the wire"), default=dict, blank=True)
    status_words = models.JSONField(_("What its words mean"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(can_be_found=None) | models.Q(can_be_found=False), name="nobody_claims_to_find"
            )
        ]
        verbose_name = _("provider with known ways")
        verbose_name_plural = _("providers with known ways")

    def __str__(self):
        return self.provider
