"""Purchases, the payment providers' events and customers, and vouchers.

Amounts are integers, in millionths of the currency beside them. Rows outlive their workspace and their buyer, since
they are the site's records of money.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace

BANK = "bank"  # the provider of transfers, which operators confirm
OTHER_PLAN = "other_plan"  # the problem of months that would end another plan


class Purchase(models.Model):
    """What a workspace buys, from the first click on: the only row that decides whether something was paid."""

    class Kind(models.TextChoices):
        PACK = "pack", _("Credit")
        SUBSCRIPTION = "subscription", _("Subscription")
        MONTHS = "months", _("Prepaid months")

    class Status(models.TextChoices):
        NEW = "new", _("Not at the payment provider yet")
        OPEN = "open", _("Waiting for payment")
        WAITING = "waiting", _("Waiting for the bank")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Payment failed")
        EXPIRED = "expired", _("Expired")
        REFUNDED = "refunded", _("Refunded")
        DISPUTED = "disputed", _("Disputed")

    LIVE = (Status.NEW, Status.OPEN)

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, related_name="purchases", verbose_name=_("workspace")
    )
    bought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("bought by")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    item = models.CharField(_("code"), max_length=100, help_text="pack:CODE, plan:CODE:VERSION:PERIOD")
    name = models.CharField(_("name"), max_length=120)
    months = models.PositiveSmallIntegerField(_("months"), null=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    credit = models.BigIntegerField(_("credit"), default=0, help_text="in the currency of the site")
    provider = models.CharField(_("payment provider"), max_length=20)
    price_ref = models.CharField(_("price at the payment provider"), max_length=200, blank=True)
    session_ref = models.CharField(_("session"), max_length=200, null=True, unique=True)  # noqa: DJ001 - null is not unique
    payment_ref = models.CharField(_("payment"), max_length=200, null=True, unique=True)  # noqa: DJ001
    url = models.TextField(_("address of the payment page"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    problem = models.CharField(
        _("problem"), max_length=40, blank=True, help_text="code of accounts.billing.payments.sentences"
    )
    failure = models.CharField(
        _("why it failed"),
        max_length=80,
        blank=True,
        db_default="",
        help_text="open: or pay:, and the payment provider’s own code",
    )
    agreed_words = models.TextField(_("agreed to"), blank=True)
    agreed_at = models.DateTimeField(_("agreed"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    checked_at = models.DateTimeField(_("last checked"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)
    refunded = models.BigIntegerField(_("paid back"), db_default=0, help_text="of the amount")
    taken_back = models.BigIntegerField(_("credit taken back"), default=0)
    written_off = models.BigIntegerField(_("credit written off"), default=0)
    time_taken = models.DurationField(_("months taken back by a dispute"), null=True)

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "item"],
                condition=Q(status__in=["new", "open"]),
                name="one_live_purchase_per_item",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="purchase_costs_something"),
            models.CheckConstraint(condition=Q(credit__gte=0), name="purchase_credit_not_negative"),
        ]

    def __str__(self):
        return f"{self.name} ({self.get_status_display()})"

    @property
    def revision(self) -> str:
        """Return what changes with what the buyer sees (common.live.topics)."""
        return f"{self.status}-{self.refunded}-{bool(self.url)}-{self.problem}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in (*self.LIVE, self.Status.WAITING)


class PlanPayment(models.Model):
    """A paid invoice of a subscription: the first one, that of a later period, or of a change to a dearer plan.

    Its amounts are without tax. The purchase that began the subscription stands beside its first invoice.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("First payment")
        RENEWAL = "renewal", _("Renewal")
        CHANGE = "change", _("Change of plan")

    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, related_name="plan_payments", verbose_name=_("workspace")
    )
    provider = models.CharField(_("payment provider"), max_length=20)
    ref = models.CharField(_("invoice"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=120, help_text="of the plan")
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    refunded = models.BigIntegerField(_("paid back"), db_default=0, help_text="of the amount")
    is_disputed = models.BooleanField(_("withheld by the bank"), db_default=False)
    paid_at = models.DateTimeField(_("paid"))

    class Meta:
        verbose_name = _("payment of a plan")
        verbose_name_plural = _("payments of plans")
        ordering = ["-paid_at"]
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_payment_per_invoice")]

    def __str__(self):
        return f"{self.name} ({self.get_kind_display()})"


class PaymentCustomer(models.Model):
    """The customer that a payment provider knows a workspace as.

    The erasure of an account sets ``delete_asked_at``; workers repeat the request until the provider has deleted the
    customer. The row stays, so that later events of the customer are recognised.
    """

    workspace = models.ForeignKey(Workspace, models.SET_NULL, null=True, related_name="+", verbose_name=_("workspace"))
    provider = models.CharField(_("payment provider"), max_length=20)
    ref = models.CharField(_("ID there"), max_length=200)
    delete_asked_at = models.DateTimeField(_("to be deleted there since"), null=True)
    deleted_at = models.DateTimeField(_("deleted there"), null=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "provider"], name="one_customer_per_workspace"),
            models.UniqueConstraint(fields=["provider", "ref"], name="one_workspace_per_customer"),
        ]


class PaymentEvent(models.Model):
    """An event that a payment provider sent, at least once. Nobody believes its own figures: it only says which object
    to fetch.

    ``sealed_body``: what was sent, encrypted, for operators who look into an event that fits nothing
    (``manage.py payment_event``). It is removed after 30 days; the digest stays.
    """

    provider = models.CharField(_("payment provider"), max_length=20)
    ref = models.CharField(_("ID there"), max_length=200)
    kind = models.CharField(_("kind"), max_length=80)
    object_ref = models.CharField(_("object"), max_length=200)
    digest = models.CharField(_("digest of the body"), max_length=64, blank=True)
    sealed_body = models.TextField(_("encrypted body"), blank=True, db_default="", editable=False)
    came_at = models.DateTimeField(_("received"), db_default=Now())
    done_at = models.DateTimeField(_("applied"), null=True)
    next_try_at = models.DateTimeField(_("next attempt"), db_default=Now())
    tries = models.PositiveIntegerField(_("attempts"), default=0)
    problem = models.CharField(
        _("problem"), max_length=40, blank=True, help_text="code of accounts.billing.payments.sentences"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("settled by")
    )

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        ordering = ["-came_at"]
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_row_per_payment_event")]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(done_at=None), name="payment_events_due")]

    def __str__(self):
        return f"{self.provider} {self.kind}"


class Voucher(models.Model):
    """A code that gives credit once. Only its digest is stored; the operator sees the code when it is made."""

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    hint = models.CharField(_("last characters"), max_length=4)
    credit = models.BigIntegerField(_("credit"), help_text="in the currency of the site")
    reason = models.CharField(_("reason"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    ends_at = models.DateTimeField(_("valid until"))
    credit_days = models.PositiveSmallIntegerField(_("days the credit lasts"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    used_at = models.DateTimeField(_("used"), null=True)
    used_in = models.ForeignKey(Workspace, models.SET_NULL, null=True, related_name="+", verbose_name=_("used in"))
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("used by")
    )

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(credit__gt=0), name="voucher_gives_something"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("created_at")), name="voucher_ends_later"),
        ]

    def __str__(self):
        return f"…{self.hint}"
