"""The ledger: money is reserved before work starts, settled or released when it ends, and never edited by hand.

Amounts are integers, in millionths of the wallet's currency. Jobs are referred to by plain UUID, since the layer of
jobs is above this one.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace

MOVEMENTS = {
    "grant": _("Granted"), "reserve": _("Put on hold"), "settle": _("Settled"), "release": _("Released"),
    "write_off": _("Written off"),
}  # fmt: skip


def movement_label(kind: str) -> str:
    """Return the label of a kind of movement; for write_off-2 with the number of the attempt."""
    name, _dash, n = kind.partition("-")
    if name not in MOVEMENTS:
        return kind
    label = str(MOVEMENTS[name])
    return gettext("%(movement)s, attempt %(n)s") % {"movement": label, "n": n} if n else label


class Wallet(models.Model):
    """What a workspace may spend in one currency. An unlimited wallet skips the guard but writes every entry.

    A wallet outlives its workspace, since entries are never deleted.
    """

    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, related_name="wallets", verbose_name=_("workspace")
    )
    is_unlimited = models.BooleanField(_("unlimited"), default=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    available = models.BigIntegerField(_("available"), default=0)
    reserved = models.BigIntegerField(_("on hold"), default=0)
    spent = models.BigIntegerField(_("spent"), default=0)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "currency"], name="one_wallet_per_currency"),
            models.CheckConstraint(condition=Q(is_unlimited=True) | Q(available__gte=0), name="wallet_not_overdrawn"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_not_negative"),
        ]

    def __str__(self):
        return f"{self.workspace or '–'} · {self.currency}"


class Hold(models.Model):
    """The amount reserved for one job."""

    class State(models.TextChoices):
        HELD = "held", _("On hold")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Released")

    job_id = models.UUIDField(_("job ID"), primary_key=True)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds", verbose_name=_("wallet"))
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.HELD)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="hold_not_negative")]

    def __str__(self):
        return f"{str(self.job_id)[:8]} ({self.get_state_display()})"


class Entry(models.Model):
    """Money that entered (+) or left (-) a bucket. The rows of one movement share ``txn`` and add up to zero.

    Append-only: triggers prevent changes (migration 0002).
    """

    class Bucket(models.TextChoices):
        GRANT = "grant", _("Granted")
        AVAILABLE = "available", _("Available")
        RESERVED = "reserved", _("On hold")
        SPENT = "spent", _("Spent")
        WRITE_OFF = "write_off", _("Written off")

    txn = models.UUIDField(_("transaction ID"), default=uuid.uuid4)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries", verbose_name=_("wallet"))
    bucket = models.CharField(_("ledger account"), max_length=10, choices=Bucket)
    amount = models.BigIntegerField(_("amount"))
    job_id = models.UUIDField(_("job ID"), null=True)
    kind = models.CharField(_("kind"), max_length=20)  # one of MOVEMENTS, or write_off-N for attempt N
    actor = models.CharField(_("done by"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["job_id", "kind", "bucket"], name="movement_once_per_job"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {movement_label(self.kind)}"
