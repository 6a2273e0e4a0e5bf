"""The ledger: money is reserved before work starts, settled or released when it ends, and never edited by hand.

Amounts are integers, in millionths of the wallet's currency unless a field says otherwise. Jobs, stories and members
are referred to by plain UUID: the layers of jobs and stories are above this one, and holds outlive all three.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace

MOVEMENTS = {
    "grant": _("Granted"), "reserve": _("Put on hold"), "settle": _("Settled"), "release": _("Released"),
    "write_off": _("Written off"), "expire": _("Expired"), "take_back": _("Taken back"),
    "take_again": _("Taken back again"), "give_back": _("Given back"),
    "recover": _("Taken back after the job"), "leave_site": _("Hold moved to own account"),
    "enter_own": _("Hold taken over by own account"),
}  # fmt: skip


class Payer(models.TextChoices):
    """Who pays the provider for a job: the site, or the user or workspace whose connection is used."""

    SITE = "site", _("the site")
    OWN = "own", _("own account")


def movement_label(kind: str) -> str:
    """Return the label of a kind of movement; for write_off-2 with the number of the attempt."""
    name, _dash, n = kind.partition("-")
    if name not in MOVEMENTS:
        return kind
    label = str(MOVEMENTS[name])
    return gettext("%(movement)s, attempt %(n)s") % {"movement": label, "n": n} if n else label


class Wallet(models.Model):
    """What a workspace may spend. An unlimited wallet skips the guard but writes every entry.

    The site's money is in the wallet of kind "site" and of the site's currency. A wallet of kind "own" records what
    jobs cost at users' own accounts, and is never limited. A wallet outlives its workspace, since entries are never
    deleted.
    """

    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, related_name="wallets", verbose_name=_("workspace")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=Payer, default=Payer.SITE, db_default=Payer.SITE)
    is_unlimited = models.BooleanField(_("unlimited"), default=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    available = models.BigIntegerField(_("available"), default=0)
    reserved = models.BigIntegerField(_("on hold"), default=0)
    spent = models.BigIntegerField(_("spent"), default=0)

    has_due = False  # whether the time of a grant is over, if spending.find_wallet read the wallet

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "currency"], name="one_wallet_per_kind"),
            models.CheckConstraint(condition=Q(is_unlimited=True) | Q(available__gte=0), name="wallet_not_overdrawn"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_not_negative"),
        ]

    def __str__(self):
        return f"{self.workspace or '–'} · {self.currency} · {self.get_kind_display()}"


class Hold(models.Model):
    """The amount reserved for one job, and what the job cost in the end.

    ``price``: the amount in the provider's currency, ``price_currency``. ``rate`` and ``rated_on``: the exchange rate
    by which ``price`` became ``amount``, in millionths of the wallet's currency, and its date. ``member_id``: the user
    who requested the job. ``charged``: what was paid, null until the hold is closed. ``written_off``: what the site
    paid beyond that. Price, rate and member are null in holds from before these columns existed, whose price was in
    the currency of the wallet.
    """

    class State(models.TextChoices):
        HELD = "held", _("On hold")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Released")

    job_id = models.UUIDField(_("job ID"), primary_key=True)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds", verbose_name=_("wallet"))
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.HELD)
    payer = models.CharField(_("payer"), max_length=4, choices=Payer, default=Payer.SITE, db_default=Payer.SITE)
    price = models.BigIntegerField(_("price"), null=True)
    price_currency = models.CharField(_("currency of the price"), max_length=3, blank=True, db_default="")
    rate = models.BigIntegerField(_("exchange rate"), null=True)
    rated_on = models.DateField(_("date of the exchange rate"), null=True)
    member_id = models.UUIDField(_("requested by"), null=True)
    provider = models.CharField(_("provider"), max_length=40, blank=True, db_default="")
    story_id = models.UUIDField(_("story"), null=True)
    charged = models.BigIntegerField(_("charged"), null=True)
    written_off = models.BigIntegerField(_("written off"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(fields=["wallet", "created_at"], name="hold_by_wallet"),
            models.Index(fields=["wallet", "closed_at"], name="hold_by_end"),
            models.Index(fields=["story_id"], condition=Q(story_id__isnull=False), name="hold_by_story"),
        ]
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
        EXPIRED = "expired", _("Expired")
        REFUNDED = "refunded", _("Taken back")

    txn = models.UUIDField(_("transaction ID"), default=uuid.uuid4)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries", verbose_name=_("wallet"))
    bucket = models.CharField(_("ledger account"), max_length=10, choices=Bucket)
    amount = models.BigIntegerField(_("amount"))
    job_id = models.UUIDField(_("job ID"), null=True)
    grant = models.UUIDField(_("grant ID"), null=True)
    kind = models.CharField(_("kind"), max_length=20)  # one of MOVEMENTS, or write_off-N for attempt N
    actor = models.CharField(_("done by"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["job_id", "kind", "bucket"], name="movement_once_per_job"),
            models.UniqueConstraint(  # with a condition: SQLite then need not rebuild the table
                fields=["grant", "kind", "bucket"],
                condition=Q(grant__isnull=False, kind__in=["grant", "take_back"]),
                name="movement_once_per_grant",
            ),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {movement_label(self.kind)}"
