"""Exchange rates that operators set."""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def today():
    return timezone.now().date()


def get_site_currency() -> str:
    return settings.SITE_CURRENCY


class ExchangeRate(models.Model):
    """What one unit of ``currency`` costs, in millionths of the site's currency, since ``dated``.

    A rate applies to jobs that are requested from then on; the hold of a job keeps the rate that it was made with.
    """

    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator("^[A-Z]{3}$", _("Enter three capital letters."))]
    )
    into = models.CharField(_("site currency"), max_length=3, default=get_site_currency, editable=False)
    rate = models.BigIntegerField(
        _("exchange rate"),
        validators=[MinValueValidator(1)],
        help_text=_("One unit in millionths of the site’s currency: 140000 is 0.14."),
    )
    dated = models.DateField(_("date"), default=today)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "into"], name="one_rate_per_currency"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self):
        return f"{self.currency} → {self.into}"
