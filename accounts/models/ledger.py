"""Money, as a ledger: reserved before work starts, settled or released when it ends, never edited by hand.

Amounts are integers: millionths of the wallet's currency. Jobs are named by plain UUID, since jobs stand a
floor above.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class Wallet(models.Model):
    """What a workspace may spend in one currency. An unlimited wallet skips the guard but still writes every entry.

    It outlives its workspace: movements are never deleted, they only stop having a name.
    """

    workspace = models.ForeignKey(Workspace, models.SET_NULL, null=True, related_name="wallets")
    is_unlimited = models.BooleanField(default=True)
    currency = models.CharField(max_length=3, default="USD")
    available = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "currency"], name="one_wallet_per_currency"),
            models.CheckConstraint(condition=Q(is_unlimited=True) | Q(available__gte=0), name="wallet_not_overdrawn"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_not_negative"),
        ]


class Hold(models.Model):
    """The price kept aside for one job."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Released")

    job_id = models.UUIDField(primary_key=True)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="hold_not_negative")]


class Entry(models.Model):
    """Money that entered (+) or left (-) a bucket. The rows of one movement share ``txn`` and add up to zero.

    Append-only: the database refuses changes (migration 0002).
    """

    class Bucket(models.TextChoices):
        GRANT = "grant"
        AVAILABLE = "available"
        RESERVED = "reserved"
        SPENT = "spent"
        ABSORBED = "absorbed"

    txn = models.UUIDField(default=uuid.uuid4)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries")
    bucket = models.CharField(max_length=10, choices=Bucket)
    amount = models.BigIntegerField()
    job_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)  # grant, reserve, settle, release, absorb, absorb-N of the N-th try
    actor = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["job_id", "kind", "bucket"], name="each_movement_once_per_job"),
        ]
