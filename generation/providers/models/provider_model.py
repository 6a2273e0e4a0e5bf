"""Changes by administrators to the models that ship with the studio, and models that they added."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderModel(models.Model):
    """A changed or added model. An empty field keeps the built-in value; ``facts`` may set any key of models.toml."""

    provider = models.CharField(_("provider"), max_length=40)
    model = models.CharField(
        _("model"),
        max_length=80,
        help_text=_("The provider’s own name for the model. An unlisted name adds a new model."),
    )
    label = models.CharField(_("name"), max_length=80, blank=True)
    is_offered = models.BooleanField(_("offered"), default=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    price_per_clip = models.BigIntegerField(
        _("price per clip"), null=True, blank=True, help_text=_("In millionths of the currency.")
    )
    price_per_second = models.BigIntegerField(
        _("price per second"), null=True, blank=True, help_text=_("In millionths of the currency.")
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    price_dated = models.DateField(_("price date"), null=True, blank=True)
    facts = models.JSONField(_("parameters"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "model"], name="one_row_per_model")]
        verbose_name = _("provider model")
        verbose_name_plural = _("provider models")

    def __str__(self):
        return f"{self.provider} {self.model}"

    def changes(self) -> dict:
        """Return the fields that are not empty, in the form of models.toml."""
        given = {"is_offered": self.is_offered, "label": self.label, "retired_on": self.retired_on}
        changed = {name: value for name, value in given.items() if value not in ("", None)}
        if self.price_per_clip is not None or self.price_per_second is not None:
            changed["price"] = [self._price()]
        return self._facts() | changed

    def _facts(self) -> dict:
        """Return the facts with the dates of prices parsed, since JSON has no dates."""
        rows = [
            row | {"dated": date.fromisoformat(row["dated"])} if row.get("dated") else row
            for row in self.facts.get("price", ())
        ]
        return dict(self.facts) | ({"price": rows} if rows else {})

    def _price(self) -> dict:
        return {
            "per_clip": self.price_per_clip or 0,
            "per_second": self.price_per_second or 0,
            "currency": self.currency or "USD",
            "dated": self.price_dated,
        }
