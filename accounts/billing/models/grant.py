"""Grants: money that a workspace may spend, with its source and its end."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.billing.models.wallet import Wallet


class Grant(models.Model):
    """Money that was added to a wallet, in millionths of the wallet's currency.

    ``key`` names what the grant is for (an invoice, a purchase, a voucher) and is unique within its source, so that
    nothing is granted twice. ``left``: what was not spent, expired or taken back yet; in a limited wallet the sum over
    its grants is what is available and on hold. ``expired`` and ``taken_back`` say what became of the rest that was not
    spent. A grant ends at ``ends_at``; null means never. A correction may be negative, and then has nothing left.

    ``ended_before``: ``ends_at`` before the grant was taken back, for when it is given back. ``part_of``: the grant
    that this one was split off, to be taken back because a part of the price was paid back.
    """

    is_due: bool  # annotated by queries

    class Source(models.TextChoices):
        PLAN = "plan", _("Plan")
        PACK = "pack", _("Pack")
        TRIAL = "trial", _("Trial")
        GIFT = "gift", _("Gift")
        VOUCHER = "voucher", _("Voucher")
        BANK = "bank", _("Bank transfer")
        CORRECTION = "correction", _("Correction")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="grants", verbose_name=_("wallet"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    key = models.CharField(_("key"), max_length=200)
    amount = models.BigIntegerField(_("amount"))
    left = models.BigIntegerField(_("left"))
    expired = models.BigIntegerField(_("expired"), default=0)
    taken_back = models.BigIntegerField(_("taken back"), default=0)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    taken_back_at = models.DateTimeField(_("taken back on"), null=True, blank=True)
    ended_before = models.DateTimeField(_("end before it was taken back"), null=True, blank=True)
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    taken_back_reason = models.CharField(_("reason for taking back"), max_length=300, blank=True)
    purchase_id = models.UUIDField(_("purchase ID"), null=True, blank=True)
    actor_id = models.UUIDField(_("granted by"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="granted_once"),
            models.CheckConstraint(
                condition=Q(left__gte=0) & Q(left__lte=F("amount")) | Q(left=0), name="left_of_grant"
            ),
        ]
        indexes = [
            models.Index(fields=["wallet", "ends_at"], condition=Q(left__gt=0), name="grant_spendable"),
            models.Index(fields=["ends_at"], condition=Q(left__gt=0), name="grant_ending"),
        ]

    def __str__(self):
        return f"{self.get_source_display()} · {self.key}"

    @property
    def spent(self) -> int:
        return max(0, self.amount - self.left - self.expired - self.taken_back)
