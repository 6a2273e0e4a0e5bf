"""Plans and subscriptions: what a workspace may use, and what the payment providers say about it."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class Plan(models.Model):
    """One version of a plan. A version is never edited: a change makes a new one, and holders keep theirs.

    - ``limits``: name of a limit (accounts.billing.limits.PLAN_LIMITS) → number, list of names, or null for no limit;
      limits that are not named are those of the settings.
    - ``monthly_grant``: millionths of SITE_CURRENCY.
    - ``prices``: ``[{"provider": "stripe", "period": "month", "amount": 12000000, "currency": "USD", "ref": "price_1"},
      …]``; provider "bank" and no ref for a price that only prepaid months have.
    - ``moves_at``: from then on the holders of older versions have this one.
    """

    holders: int  # annotated by queries

    code = models.SlugField(_("code"), max_length=30)
    version = models.PositiveIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=60)
    words = models.CharField(_("description"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(_("offered"), default=True)
    limits = models.JSONField(_("limits"), default=dict)
    monthly_grant = models.BigIntegerField(_("credit a month"), default=0)
    prices = models.JSONField(_("prices"), default=list)
    trial_days = models.PositiveSmallIntegerField(_("days of the trial"), default=0)
    moves_at = models.DateTimeField(_("holders move at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["position", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_plan_per_version"),
            models.CheckConstraint(condition=Q(monthly_grant__gte=0), name="plan_grant_not_negative"),
        ]

    def __str__(self):
        return f"{self.name} ({self.code} {self.version})"


class Subscription(models.Model):
    """The plan of a workspace as a payment provider tells it; at most one is live. Written by billing.plans only.

    - ``provider``: that of payments; "trial" for a trial without payment, "free" for a chosen version of the free plan.
    - ``ref``: the provider's name of the subscription.
    - ``price_ref``: the payment provider's price of the next period; "" where no provider renews the subscription.
    - ``granted_until``: the end of the month whose grant was given.
    - ``month_credit``: the credit that was given for that month, also by upgrades.
    - ``next_plan``: a smaller plan that follows when the paid time is over.
    - ``announced_plan``: the coming version that the owners were told of.
    - ``is_replaced``: another subscription of the workspace took its place, and keeps it while it is live.
    """

    class Status(models.TextChoices):
        TRIALING = "trialing", _("Trial")
        ACTIVE = "active", _("Active subscription")
        LATE = "late", _("Payment late")
        PAUSED = "paused", _("Paused: payment late")
        ENDED = "ended", _("Ended subscription")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="subscriptions", verbose_name=_("workspace"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions", verbose_name=_("plan"))
    provider = models.CharField(_("payment provider"), max_length=20)
    ref = models.CharField(_("reference"), max_length=120)
    price_ref = models.CharField(_("price at the payment provider"), max_length=200, blank=True, db_default="")
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ACTIVE)
    paid_until = models.DateTimeField(_("paid until"), null=True)
    cancels_at = models.DateTimeField(_("ends at"), null=True)
    trial_ends = models.DateTimeField(_("trial ends"), null=True)
    late_since = models.DateTimeField(_("late since"), null=True)
    granted_until = models.DateTimeField(_("credit given until"), null=True)
    month_credit = models.BigIntegerField(_("credit of this month"), db_default=0)
    next_plan = models.ForeignKey(
        Plan, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("next plan")
    )
    seen_at = models.DateTimeField(_("seen at the provider"), null=True)
    is_replaced = models.BooleanField(_("replaced"), default=False)
    announced_plan = models.ForeignKey(
        Plan, models.SET_NULL, null=True, related_name="+", verbose_name=_("announced plan")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["provider", "ref"], name="one_subscription_per_ref"),
            models.UniqueConstraint(
                fields=["workspace"], condition=~Q(status="ended"), name="one_live_subscription_per_workspace"
            ),
        ]

    def __str__(self):
        return f"{self.workspace} · {self.plan} · {self.get_status_display()}"

    @property
    def look(self) -> str:
        return {"trialing": "film", "active": "done", "ended": "off"}.get(self.status, "fail")

    @property
    def pauses_at(self):
        """Return when a late payment pauses the subscription, or None."""
        return self.late_since and self.late_since + timedelta(days=settings.BILLING_GRACE_DAYS)


class PlanNotice(models.Model):
    """A mail to an owner that the terms of their plan change. The row is written before the mail is sent, so that two
    workers send one; ``sent_at`` is null until the mail server has taken it."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="notices")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    began_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "plan", "user"], name="one_notice_per_owner"),
        ]


class LimitCount(models.Model):
    """How often a workspace did in a month what leaves no rows to count, such as downloads. Written by limits.py."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    month = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name", "month"], name="one_limit_count_per_month"),
        ]
