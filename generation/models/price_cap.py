"""What one request may cost at a model whose price is not known, as a member of the workspace agreed."""

from django.db import models
from django.db.models import Q

from accounts.billing.money import money
from accounts.models import Workspace


class PriceCap(models.Model):
    """The most that one request may cost, in millionths of ``currency``: asked once for each model of a workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="price_caps")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    agreed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "provider", "model"], name="one_price_cap_per_model"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_cap_positive"),
        ]

    def __str__(self):
        return money(self.amount, self.currency)
