"""Subscriptions at payment providers, and prepaid months: both become a row of accounts.billing.held_plans.

What a provider says is fetched, never read from an event, and applied as "what is now true".
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Least
from django.utils import timezone

from accounts import audit
from accounts.billing import grants, held_plans
from accounts.billing.models import Grant, Plan, Subscription
from accounts.billing.payments import disputes
from accounts.billing.payments.models import PaymentCustomer, Purchase
from accounts.billing.payments.providers.base import Charge, Invoice, ProviderSubscription
from accounts.billing.payments.providers.registry import get_provider, get_subscription_provider
from accounts.billing.payments.received import record_charge, record_invoice
from accounts.models import Workspace

PREPAID = "prepaid"  # the provider of subscriptions that are paid by the month and end by themselves
PREPAID_MONTHS = 3
MONTH = timedelta(days=31)
STALE = timedelta(hours=24)
REFUNDED, DISPUTED = "refunded", "disputed"  # why a grant was taken back
Status = Subscription.Status


def sync_subscription(provider: str, ref: str) -> str:
    """Ask the provider about a subscription and apply the answer. Returns a code of a problem, or an empty string.

    Raises ProviderUnavailable.
    """
    asked_at = timezone.now()
    found = get_subscription_provider(provider).fetch_subscription(ref)
    if found is None:
        return "unmatched"
    return _apply(provider, found, asked_at) if found.status else ""  # its first invoice is not paid


@transaction.atomic
def _apply(provider: str, found: ProviderSubscription, asked_at) -> str:
    customer = PaymentCustomer.objects.filter(provider=provider, ref=found.customer).select_related("workspace").first()
    if customer is None:
        return "unmatched"
    if customer.workspace is None:
        return "" if found.status == Status.ENDED else "no_workspace"
    if found.is_live != get_provider(provider).is_live():
        return "other_mode"
    plan = find_plan(provider, found.price_ref)
    if plan is None:
        return "unknown_price"
    kept = _find_kept_plan(provider, found, plan)
    row = held_plans.apply_subscription(
        customer.workspace,
        plan=kept or plan,
        provider=provider,
        ref=found.ref,
        status=found.status,
        seen_at=asked_at,
        paid_until=found.paid_until,
        cancels_at=found.cancels_at,
        trial_ends=found.trial_ends,
        next_plan=plan if kept else None,
        price_ref=found.price_ref,
    )
    if found.invoice:
        record_invoice(row, found.invoice)
    if row.is_replaced:
        return "" if found.status == Status.ENDED else "second_subscription"
    if found.invoice:
        _give_credit(row, found.invoice)
    return ""


def _give_credit(row: Subscription, invoice: Invoice) -> None:
    if invoice.pays_for_period:
        held_plans.grant_month(row, invoice.ref)
    if invoice.pays_for_change:
        held_plans.grant_upgrade(row, invoice.ref)


def _find_kept_plan(provider: str, found: ProviderSubscription, plan: Plan) -> Plan | None:
    """Return the plan that the workspace keeps until its paid time is over, if ``plan`` is a smaller one."""
    row = Subscription.objects.filter(provider=provider, ref=found.ref).select_related("plan").first()
    if row is None or row.plan.code == plan.code or {row.status, found.status} != {Status.ACTIVE}:
        return None
    is_in_period = row.paid_until and found.paid_until <= row.paid_until and row.paid_until > timezone.now()
    return row.plan if is_in_period and _read_month_price(plan) < _read_month_price(row.plan) else None


def _read_month_price(plan: Plan) -> float:
    """Return the lowest price of a month of a plan, to compare plans; 0 for one without a price."""
    months = {"month": 1, "year": 12}
    return min((price["amount"] / months.get(price["period"], 1) for price in plan.prices), default=0)


def find_plan(provider: str, price_ref: str) -> Plan | None:
    """Return the newest version of a plan with that price."""
    for plan in Plan.objects.order_by("-version", "-pk"):
        if any(price.get("ref") == price_ref and price.get("provider") == provider for price in plan.prices):
            return plan
    return None


def sync_invoice(provider: str, ref: str) -> str:
    """Give the credit that an invoice paid for. Returns a code of a problem, or an empty string."""
    invoice = get_subscription_provider(provider).fetch_invoice(ref)
    return _apply_invoice(provider, invoice) if invoice else "unmatched"


def _apply_invoice(provider: str, invoice: Invoice) -> str:
    if not invoice.subscription_ref:
        return ""  # of a single payment, which its session tells
    problem = sync_subscription(provider, invoice.subscription_ref)
    row = Subscription.objects.filter(provider=provider, ref=invoice.subscription_ref).first()
    if row:
        record_invoice(row, invoice)
    if row and not row.is_replaced and not problem:
        _give_credit(row, invoice)
    return problem


def sync_invoice_charge(provider: str, ref: str, charge: Charge) -> str:
    """Apply what became of the money of an invoice to the credit that it paid for, which is given first.

    Returns a code of a problem, or an empty string.
    """
    invoice = get_subscription_provider(provider).fetch_invoice(ref)
    if invoice is None:
        return "unmatched"
    problem = _apply_invoice(provider, invoice)
    record_charge(provider, ref, charge)
    found = _apply_charge(provider, invoice, charge)
    if found is not None:
        return found
    return "" if charge.is_refunded and problem != "unmatched" else problem


@transaction.atomic
def _apply_charge(provider: str, invoice: Invoice, charge: Charge) -> str | None:
    """Return a code of a problem, or an empty string; None if the invoice gave no credit."""
    grant = Grant.objects.filter(source=Grant.Source.PLAN, key=invoice.ref).first()
    row = Subscription.objects.filter(provider=provider, ref=invoice.subscription_ref).first()
    if charge.is_disputed and row:
        is_reopened = grant is not None and not grant.taken_back_at
        disputes.stop_paid_work(row.workspace, ref=invoice.ref, is_reopened=is_reopened)
    if grant is None:
        return None
    if charge.is_refunded or charge.is_disputed:
        grants.take_back(grant, by=None, reason=DISPUTED if charge.is_disputed else REFUNDED)
        return ""
    if grant.taken_back_reason == REFUNDED:
        return "refund_failed"
    if grant.taken_back_reason == DISPUTED:
        grants.give_back(grant, by=None)
    if charge.refunded:
        grants.take_back_share(grant, part=charge.refunded, whole=charge.paid, by=None, reason=REFUNDED)
    return ""


def sync_unseen(limit: int) -> None:
    """Ask about live subscriptions that nobody asked about for a day."""
    rows = held_plans.list_live().filter(provider="stripe", seen_at__lt=timezone.now() - STALE).order_by("seen_at")
    for row in rows[:limit]:
        sync_subscription(row.provider, row.ref)


def find_price(held: Subscription) -> dict | None:
    """Return the price (Plan.prices) of the next period of a subscription that renews by itself, else None."""
    is_renewed = held.price_ref and not held.cancels_at and held.status != Status.ENDED
    plan = find_plan(held.provider, held.price_ref) if is_renewed else None
    return next((price for price in plan.prices if price.get("ref") == held.price_ref), None) if plan else None


def may_change(held: Subscription | None) -> bool:
    """Return whether an owner can change, cancel and resume the subscription here: a paid one at Stripe."""
    return held is not None and held.provider == "stripe" and held.status in (Status.ACTIVE, Status.TRIALING)


def set_renewal(held: Subscription, *, renews: bool, by) -> None:
    """Let a subscription end when its paid time is over, or renew again. No money moves now.

    The wish is in the audit log before the provider is asked. Raises ProviderUnavailable, ProviderRefused.
    """
    verb = "subscription.resumed" if renews else "subscription.cancelled"
    audit.record(by=by, verb=verb, target=held, workspace=held.workspace)
    get_subscription_provider(held.provider).set_renewal(held.ref, renews=renews)
    sync_subscription(held.provider, held.ref)


def find_obstacle(held: Subscription | None, plan: Plan, *, is_prepaid: bool) -> str:
    """Return a code of payments.sentences: why a workspace that has ``held`` cannot buy ``plan``; "" if it can."""
    if held is None or held.provider in (held_plans.FREE, held_plans.TRIAL):
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
        held_plans.grant_month(row, f"months:{purchase.pk}", purchase_id=purchase.pk)


def take_months_back(purchase: Purchase, time: timedelta, *, by, reason: str) -> timedelta:
    """Let the prepaid plan of a purchase that was paid back end earlier by ``time``. Returns the time to come that it
    lost.

    Credit of months that begin after the new end is taken back. That of the month in which the plan ends lasts until
    then.
    """
    held = _lock_subscription(purchase.workspace)
    if held is None or held.provider != PREPAID or held.plan.code != get_plan_of(purchase).code:
        return timedelta(0)
    lost = held.paid_until - max(held.paid_until - time, timezone.now())
    until = held.paid_until - time
    _set_prepaid(purchase.workspace, held.plan, until)
    Subscription.objects.filter(pk=held.pk).update(granted_until=Least("granted_until", until))
    for grant in _list_months(held).filter(ends_at__gt=until):
        if grant.created_at >= until:
            grants.take_back(grant, by=by, reason=reason)
        else:
            Grant.objects.filter(pk=grant.pk).update(ends_at=until)
    return max(lost, timedelta(0))


def _list_months(held: Subscription):
    """Return a query of the grants of a prepaid plan."""
    keys = Q(key__startswith=f"{held.pk}:") | Q(key__startswith="months:")
    return Grant.objects.filter(keys, source=Grant.Source.PLAN, wallet__workspace=held.workspace_id)


def give_months_back(purchase: Purchase, *, reason: str) -> bool:
    """Give the time and the credit back that ``take_months_back`` took for that reason, from now on.

    Returns False, and changes nothing, if the workspace has another plan by now, or if the time is not known.
    """
    plan, held = get_plan_of(purchase), _lock_subscription(purchase.workspace)
    if purchase.time_taken is None or find_obstacle(held, plan, is_prepaid=True):
        return False
    now = timezone.now()
    since = granted_until = now
    if held is not None and held.provider == PREPAID:
        since, granted_until = max(now, held.paid_until or now), held.granted_until or now
    taken = Grant.objects.filter(wallet__workspace=purchase.workspace, taken_back_reason=reason)
    for grant in taken:  # only the month that was interrupted has an end to come
        ends_at = grants.give_back(grant, by=None)
        granted_until += max(ends_at - now, timedelta(0)) if ends_at else timedelta(0)
    if purchase.time_taken:
        row = _set_prepaid(purchase.workspace, plan, since + purchase.time_taken)
        Subscription.objects.filter(pk=row.pk).update(granted_until=granted_until)
    return True


def _lock_subscription(workspace: Workspace) -> Subscription | None:
    """Return the live subscription, which two purchases that are paid at the same moment change one after the other."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
    return held_plans.get_subscription(workspace)


def _set_prepaid(workspace: Workspace, plan: Plan, until) -> Subscription:
    status = Status.ACTIVE if until > timezone.now() else Status.ENDED
    return held_plans.apply_subscription(
        workspace,
        plan=plan,
        provider=PREPAID,
        ref=f"{workspace.pk}:{plan.code}",
        status=status,
        paid_until=until,
        cancels_at=until,
    )


def get_plan_of(purchase: Purchase) -> Plan:
    """Return the version of the plan that was bought. Its item is plan:CODE:VERSION:PERIOD."""
    _plan, code, version, _period = purchase.item.split(":")
    return Plan.objects.get(code=code, version=int(version))
