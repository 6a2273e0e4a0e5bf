"""Subscriptions at payment providers, and prepaid months: both become a row of accounts.billing.plans.

What a provider says is fetched, never read from an event, and applied as "what is now true".
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.billing import grants, plans
from accounts.billing.models import Grant, Plan, Subscription
from accounts.models import Workspace
from accounts.payments.models import PaymentCustomer, Purchase
from accounts.payments.providers.base import ProviderSubscription
from accounts.payments.providers.registry import get_provider

PREPAID = "prepaid"  # the provider of subscriptions that are paid by the month and end by themselves
PREPAID_MONTHS = 3
MONTH = timedelta(days=31)
STALE = timedelta(hours=24)
Status = Subscription.Status


def sync_subscription(provider: str, ref: str) -> str:
    """Ask the provider about a subscription and apply the answer. Returns a code of a problem, or an empty string.

    Raises ProviderUnavailable.
    """
    asked_at = timezone.now()
    found = get_provider(provider).fetch_subscription(ref)
    if found is None:
        return "unmatched"
    return _apply(provider, found, asked_at) if found.status else ""  # its first invoice is not paid


@transaction.atomic
def _apply(provider: str, found: ProviderSubscription, asked_at) -> str:
    customer = PaymentCustomer.objects.filter(provider=provider, ref=found.customer).select_related("workspace").first()
    if customer is None or customer.workspace is None:
        return "unmatched" if customer is None else "no_workspace"
    if found.is_live != get_provider(provider).is_live():
        return "other_mode"
    plan = find_plan(provider, found.price_ref)
    if plan is None:
        return "unknown_price"
    row = plans.apply_subscription(
        customer.workspace, plan=plan, provider=provider, ref=found.ref, status=found.status, seen_at=asked_at,
        paid_until=found.paid_until, cancels_at=found.cancels_at, trial_ends=found.trial_ends,
    )  # fmt: skip
    if row.is_replaced:
        return "" if found.status == Status.ENDED else "second_subscription"
    if found.paid_invoice:
        plans.grant_month(row, found.paid_invoice)
    return ""


def find_plan(provider: str, price_ref: str) -> Plan | None:
    """Return the newest version of a plan with that price."""
    for plan in Plan.objects.order_by("-version", "-pk"):
        if any(price.get("ref") == price_ref and price.get("provider") == provider for price in plan.prices):
            return plan
    return None


def sync_invoice(provider: str, ref: str) -> str:
    """Give the month that an invoice paid for. Returns a code of a problem, or an empty string."""
    invoice = get_provider(provider).fetch_invoice(ref)
    if invoice is None:
        return "unmatched"
    if not invoice.subscription_ref:
        return ""  # of a single payment, which its session tells
    problem = sync_subscription(provider, invoice.subscription_ref)
    row = Subscription.objects.filter(provider=provider, ref=invoice.subscription_ref, is_replaced=False).first()
    if row and not problem and invoice.pays_for_period:
        plans.grant_month(row, invoice.ref)
    return problem


def take_back_invoice(ref: str) -> bool:
    """Take back the credit of a month whose invoice was paid back. Returns whether there was such a month."""
    granted = Grant.objects.filter(source=Grant.Source.PLAN, key=ref)
    return [grants.take_back(grant, by=None, reason="refunded") for grant in granted] != []


def sync_unseen(limit: int) -> None:
    """Ask about live subscriptions that nobody asked about for a day."""
    rows = plans.list_live().filter(provider="stripe", seen_at__lt=timezone.now() - STALE).order_by("seen_at")
    for row in rows[:limit]:
        sync_subscription(row.provider, row.ref)


def find_obstacle(held: Subscription | None, plan: Plan, *, is_prepaid: bool) -> str:
    """Return why a workspace with that subscription cannot buy the plan, as a code of payments.sentences, or ""."""
    if held is None or held.provider in (plans.FREE, plans.TRIAL):
        return ""
    if held.provider == PREPAID:
        return "" if is_prepaid and held.plan.code == plan.code else "has_prepaid_plan"
    return "has_subscription"


def find_obstacle_of(purchase: Purchase) -> str:
    """Return why prepaid months cannot be given now, which would end another plan that is paid; or ""."""
    if purchase.kind != Purchase.Kind.MONTHS or purchase.workspace is None:
        return ""
    return find_obstacle(_lock_subscription(purchase.workspace), get_plan_of(purchase), is_prepaid=True)


def add_months(purchase: Purchase) -> None:
    """Give a workspace the plan for the months of a purchase that was just paid: after those that are paid already."""
    plan, held = get_plan_of(purchase), _lock_subscription(purchase.workspace)
    since, is_longer = timezone.now(), False
    if held is not None and held.provider == PREPAID and held.plan.code == plan.code:
        since, is_longer = max(since, held.paid_until), True
    row = _set_prepaid(purchase.workspace, plan, since + MONTH * purchase.months)
    if not is_longer:  # those that follow are given when they begin
        plans.grant_month(row, f"months:{purchase.pk}", purchase_id=purchase.pk)


def take_months_back(purchase: Purchase) -> None:
    """Take the months of a purchase back that was paid back."""
    held = _lock_subscription(purchase.workspace)
    if held is not None and held.provider == PREPAID and held.plan.code == get_plan_of(purchase).code:
        _set_prepaid(purchase.workspace, held.plan, held.paid_until - MONTH * purchase.months)


def _lock_subscription(workspace: Workspace) -> Subscription | None:
    """Return the live subscription, which two purchases that are paid at the same moment change one after the other."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
    return plans.get_subscription(workspace)


def _set_prepaid(workspace: Workspace, plan: Plan, until) -> Subscription:
    status = Status.ACTIVE if until > timezone.now() else Status.ENDED
    return plans.apply_subscription(
        workspace, plan=plan, provider=PREPAID, ref=f"{workspace.pk}:{plan.code}", status=status, paid_until=until,
        cancels_at=until,
    )  # fmt: skip


def get_plan_of(purchase: Purchase) -> Plan:
    """Return the version of the plan that was bought. Its item is plan:CODE:VERSION:PERIOD."""
    _plan, code, version, _period = purchase.item.split(":")
    return Plan.objects.get(code=code, version=int(version))
