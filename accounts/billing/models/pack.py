"""Packs of credit that can be bought."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.billing.amounts import smallest_unit


class Pack(models.Model):
    """Credit for a price. ``amount`` is in millionths of ``currency``, ``credit`` in those of the site's currency."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    amount = models.BigIntegerField(_("price"), validators=[MinValueValidator(500_000)])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="USD",
        validators=[RegexValidator("^[A-Z]{3}$", _("Enter three capital letters."))],
    )
    credit = models.BigIntegerField(_("credit"), validators=[MinValueValidator(1)])
    is_offered = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("pack of credit")
        verbose_name_plural = _("packs of credit")
        ordering = ["position", "amount"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="pack_costs_something"),
            models.CheckConstraint(condition=Q(credit__gt=0), name="pack_gives_something"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a price that is not a whole number of the currency's smallest unit."""
        unit = smallest_unit(self.currency)
        if self.amount and self.amount % unit:
            message = _("Give a whole number of the smallest unit, which is %(unit)s millionths.") % {"unit": unit}
            raise ValidationError({"amount": message})
