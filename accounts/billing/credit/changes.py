"""Services of operators for credit: give, correct and limit, above a set amount only with a second operator."""

import math
import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.billing import grants, held_plans
from accounts.billing.approvals import ChangeRefused, check_second_operator, create_change, decide, needs_approval
from accounts.billing.exchange import convert
from accounts.billing.models import CreditChange, Payer, Plan, Subscription, Wallet

LIMIT_REASON = "limited when billing began"
INVOICE = "invoice"  # the provider of subscriptions that are paid outside this site


@transaction.atomic
def request_change(
    workspace, *, key: uuid.UUID, kind: str, amount: int, reason: str, by, ends_at: datetime | None = None,
    details: dict | None = None,
) -> CreditChange:  # fmt: skip
    """Change credit at once, or leave the change to a second operator if it needs approval.

    A second call with the same key changes nothing and returns the first change. Raises ChangeRefused, or
    InsufficientFunds if a correction would take more than there is.
    """
    values = {"kind": kind, "amount": amount, "ends_at": ends_at, "reason": reason, "details": details or {}}
    change, is_new = create_change(key, workspace=workspace, by=by, **values)
    if not is_new:
        return change
    audit.record(by=by, verb="credit.requested", target=change, workspace=workspace, kind=kind, amount=amount)
    if not needs_approval(amount):
        _apply(change, by=by)
    return change


def request_paid_until(workspace, *, key: uuid.UUID, plan: Plan, paid_until: datetime, reason: str, by) -> CreditChange:
    """Give a workspace a plan that was paid by an invoice outside this site. As ``request_change``."""
    months = math.ceil((paid_until - timezone.now()) / held_plans.MONTH)
    prices = {row["period"]: convert(row["amount"], row["currency"]).amount for row in plan.prices}
    month = prices.get("month") or math.ceil(prices.get("year", 0) / 12) or plan.monthly_grant
    return request_change(
        workspace, key=key, kind=CreditChange.Kind.PAID_UNTIL, amount=month * months, reason=reason, by=by,
        ends_at=paid_until, details={"plan": plan.pk},
    )  # fmt: skip


def _set_paid_until(change: CreditChange) -> None:
    workspace, plan = change.workspace, Plan.objects.get(pk=change.details["plan"])
    held = held_plans.get_subscription(workspace)
    if held and held.provider == "stripe":
        raise ChangeRefused(_("Stripe renews a plan of this workspace. Its owner must cancel that first."))
    row = held_plans.apply_subscription(
        workspace, plan=plan, provider=INVOICE, ref=f"{INVOICE}:{workspace.pk}", status=Subscription.Status.ACTIVE,
        paid_until=change.ends_at,
    )  # fmt: skip
    held_plans.grant_month(row, f"{INVOICE}:{change.pk}")


@transaction.atomic
def approve(change: CreditChange, *, by) -> CreditChange:
    """Make a waiting change as the second operator.

    Raises ChangeRefused for whoever asked for it, and what ``request_change`` raises.
    """
    check_second_operator(change, by)
    _apply(change, by=by)
    return change


@transaction.atomic
def decline(change: CreditChange, *, by) -> CreditChange:
    """Decline a waiting change; whoever asked for it may withdraw it in this way."""
    decide(change, CreditChange.State.DECLINED, by=by)
    audit.record(by=by, verb="credit.declined", target=change, workspace=change.workspace)
    return change


def limit_all(*, amount: int, by) -> int:
    """Limit the wallets that have no limit, from the time before billing. Returns how many there were."""
    wallets = list(list_unlimited().select_related("workspace"))
    for wallet in wallets:
        request_change(
            wallet.workspace, key=uuid.uuid4(), kind=CreditChange.Kind.LIMIT, amount=amount, reason=LIMIT_REASON, by=by
        )
    return len(wallets)


def list_unlimited():
    """Return a query of the wallets of the site's money without a limit, and without one that waits for approval."""
    rows = Wallet.objects.filter(kind=Payer.SITE, currency=settings.SITE_CURRENCY, is_unlimited=True)
    waiting = CreditChange.objects.filter(kind=CreditChange.Kind.LIMIT, state=CreditChange.State.WAITING)
    return rows.exclude(workspace=None).exclude(workspace__in=waiting.values("workspace"))


def _apply(change: CreditChange, *, by) -> None:
    decide(change, CreditChange.State.DONE, by=by)
    if change.workspace is None:
        raise ChangeRefused(_("The workspace was deleted. Nothing was changed."))
    if change.ends_at and change.ends_at <= timezone.now():
        raise ChangeRefused(_("The day on which this credit ends is over. Nothing was given."))
    if change.kind == CreditChange.Kind.LIMIT:
        grants.set_limit(change.workspace, change.amount, by=by, reason=change.reason)
    elif change.kind == CreditChange.Kind.PAID_UNTIL:
        _set_paid_until(change)
    else:
        grants.add_grant(
            change.workspace, source=change.kind, key=str(change.pk), amount=change.amount, ends_at=change.ends_at,
            by=by, reason=change.reason,
        )  # fmt: skip
    audit.record(by=by, verb="credit.changed", target=change, workspace=change.workspace, amount=change.amount)
