"""Buying: a purchase is a row before it is a payment page, and what is paid is granted once.

The payment provider is asked outside of transactions. What it says is applied to the locked row of the purchase,
together with the grant, so that a process that dies in between leaves either all or nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.billing import grants
from accounts.billing.amounts import to_smallest_units
from accounts.billing.models import Pack, Plan
from accounts.billing.payments import customers, disputes, subscriptions
from accounts.billing.payments.models import OTHER_PLAN, PaymentCustomer, Purchase
from accounts.billing.payments.providers.base import Payment, PaymentState, ProviderRefused
from accounts.billing.payments.providers.registry import get_provider, list_providers_to_ask
from accounts.billing.payments.taking_back import give_back, take_back, take_share_back
from accounts.models import Workspace
from common.failpoints import failpoint
from common.live.hints import hint_after_commit, workspace_group

Status, Kind = Purchase.Status, Purchase.Kind
LOOK_AGAIN_AFTER = timedelta(minutes=5)  # after the end of a page, when a payment of the last moment is known
LOOK_AGAIN_FOR = timedelta(days=7)
ENDS = {
    PaymentState.WAITING: Status.WAITING,
    PaymentState.FAILED: Status.FAILED,
    PaymentState.EXPIRED: Status.EXPIRED,
}
SETTLED = (Status.PAID, Status.REFUNDED, Status.DISPUTED)


@dataclass(frozen=True)
class Offer:
    """Something to buy, with the price of this site. Browsers name it; they never say what it costs."""

    kind: Purchase.Kind
    item: str
    name: str
    amount: int
    currency: str
    credit: int = 0
    months: int | None = None
    price_ref: str = ""


def offer_pack(pack: Pack) -> Offer:
    return Offer(Kind.PACK, f"pack:{pack.code}", pack.name, pack.amount, pack.currency, pack.credit)


def offer_plan(plan: Plan, price: dict) -> Offer:
    """Return the offer of a subscription at one of the plan's prices (Plan.prices)."""
    item = f"plan:{plan.code}:{plan.version}:{price['period']}"
    return Offer(Kind.SUBSCRIPTION, item, plan.name, price["amount"], price["currency"], price_ref=price["ref"])


def offer_months(plan: Plan, price: dict, months: int) -> Offer:
    """Return the offer of months that are paid at once, at the plan's price for one month, and do not renew."""
    item = f"plan:{plan.code}:{plan.version}:{months}-months"
    return Offer(Kind.MONTHS, item, plan.name, price["amount"] * months, price["currency"], months=months)


def buy(workspace: Workspace, offer: Offer, *, by, provider: str, agreed_words: str) -> Purchase:
    """Return a purchase with an open payment page: the one that is open for the same offer, or a new one.

    Raises ProviderUnavailable; the purchase, which has no page yet, is then taken up by the next call. Raises
    ProviderRefused; the next call then begins another one.
    """
    purchase, others = _begin(workspace, offer, by=by, provider=provider, agreed_words=agreed_words)
    failpoint("purchase-begun", str(purchase.pk))
    for other in others:
        _close(other)
    if purchase.status == Status.OPEN:
        return purchase
    customer = customers.get_customer(workspace, provider, email=by.email)
    try:
        opened = get_provider(provider).open(purchase, customer)
    except ProviderRefused as refusal:  # nobody has seen a page; the next click begins a new purchase
        failed = {"status": Status.FAILED, "failure": f"open:{refusal.code}"[:80]}
        Purchase.objects.filter(pk=purchase.pk, status=Status.NEW).update(**failed)
        raise
    failpoint("session-opened", str(purchase.pk))
    values = {"session_ref": opened.session_ref, "url": opened.url, "status": Status.OPEN}
    Purchase.objects.filter(pk=purchase.pk, status=Status.NEW).update(**values)
    purchase.refresh_from_db()
    return purchase


def _close(purchase: Purchase) -> None:
    """Close the payment page of a purchase. What is paid on it nevertheless is granted all the same."""
    adapter = get_provider(purchase.provider)
    if purchase.session_ref:
        adapter.close(purchase.session_ref)
    if not adapter.ends_by_itself:
        Purchase.objects.filter(pk=purchase.pk, status=Status.OPEN).update(status=Status.EXPIRED)


@transaction.atomic
def _begin(workspace: Workspace, offer: Offer, *, by, provider: str, agreed_words: str):
    """Return the purchase, and those whose open pages must be closed so that nobody pays twice by mistake.

    Transfers for other offers stay open, since they may be on their way.
    """
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    live = list(workspace.purchases.filter(status__in=Purchase.LIVE))
    same = next((purchase for purchase in live if purchase.item == offer.item), None)
    others = [row for row in live if row is not same and row.status == Status.OPEN and row.provider == provider]
    others = [] if provider == "bank" else others
    if same and same.provider == provider and _is_usable(same, offer):
        return same, others
    if same:
        Purchase.objects.filter(pk=same.pk).update(status=Status.EXPIRED)
        others += [same] if same.status == Status.OPEN else []
    now = timezone.now()
    purchase = Purchase.objects.create(
        workspace=workspace,
        bought_by=by,
        kind=offer.kind,
        item=offer.item,
        name=offer.name,
        months=offer.months,
        amount=offer.amount,
        currency=offer.currency,
        credit=offer.credit,
        provider=provider,
        price_ref=offer.price_ref,
        agreed_words=agreed_words,
        agreed_at=now,
        expires_at=now + get_provider(provider).life,
    )
    audit.record(by=by, verb="purchase.begun", target=purchase, workspace=workspace)
    return purchase, others


def _is_usable(purchase: Purchase, offer: Offer) -> bool:
    """Return whether the page of a purchase can still be paid, at the price of today."""
    terms = (purchase.amount, purchase.currency, purchase.credit, purchase.price_ref)
    is_same = terms == (offer.amount, offer.currency, offer.credit, offer.price_ref)
    return is_same and purchase.expires_at > timezone.now() + get_provider(purchase.provider).min_left


def sync_purchase(purchase: Purchase) -> str:
    """Ask the provider about a purchase and apply the answer. Returns a code of problem, or an empty string.

    A page whose time is over is closed first, unless the provider does that. Raises ProviderUnavailable.
    """
    if not purchase.session_ref or purchase.provider == "bank":
        return ""
    is_unpaid = purchase.status in (Status.OPEN, Status.EXPIRED)
    is_over = is_unpaid and purchase.expires_at < timezone.now() - LOOK_AGAIN_AFTER
    if not is_over or get_provider(purchase.provider).ends_by_itself:
        return sync_session(purchase.provider, purchase.session_ref)
    _close(purchase)
    problem = sync_session(purchase.provider, purchase.session_ref)
    if problem:  # also if the buyer never opened the link: there is nothing to ask about any more
        Purchase.objects.filter(pk=purchase.pk).update(url="")
    return problem


def sync_session(provider: str, session_ref: str) -> str:
    """Ask the provider about a payment page and apply the answer to its purchase.

    Returns a code of problem: "unmatched" if no purchase is known. Raises ProviderUnavailable.
    """
    payment = get_provider(provider).fetch(session_ref)
    if payment is None:
        return "unmatched"
    failpoint("session-fetched", session_ref)
    problem = apply_payment(provider, payment)
    if payment.subscription_ref and not problem:
        return subscriptions.sync_subscription(provider, payment.subscription_ref)
    return problem


@transaction.atomic
def apply_payment(provider: str, payment: Payment) -> str:
    """Apply what is true about a payment to its purchase: grant what was paid, take back what was paid back.

    May be called any number of times, in any order. Returns a code of problem, and then changes no money.
    """
    purchase = _find(provider, payment)
    if purchase is None:
        return "unmatched"
    purchase.checked_at, purchase.problem = timezone.now(), find_mismatch(purchase, payment)
    if purchase.problem:
        purchase.save(update_fields=["checked_at", "problem"])
        return purchase.problem
    purchase.session_ref, purchase.payment_ref = payment.session_ref, payment.payment_ref or None
    purchase.url = purchase.url if payment.state == PaymentState.OPEN else ""  # nobody can pay there any more
    if payment.state == PaymentState.PAID:
        purchase.problem = _apply_paid(purchase, payment)
    elif payment.state in ENDS and purchase.status not in SETTLED:
        purchase.status = ENDS[payment.state]
        purchase.failure = f"pay:{payment.failure}"[:80] if purchase.status == Status.FAILED else ""
    purchase.save()
    hint_after_commit(workspace_group(purchase.workspace_id), f"purchase:{purchase.pk}")
    failpoint("payment-applied", str(purchase.pk))
    return purchase.problem


def _find(provider: str, payment: Payment) -> Purchase | None:
    """Return the locked purchase of a payment: by its page, or by our id if the answer with the page was lost."""
    rows = Purchase.objects.select_for_update().filter(provider=provider)
    if found := rows.filter(session_ref=payment.session_ref).first():
        return found
    if not is_uuid(payment.purchase_id):
        return None
    return rows.filter(pk=payment.purchase_id, session_ref=None).first()


def find_mismatch(purchase: Purchase, payment: Payment) -> str:
    """Return why a payment cannot be that of the purchase, or an empty string."""
    customers = PaymentCustomer.objects.filter(workspace=purchase.workspace, provider=purchase.provider)
    adapter = get_provider(purchase.provider)
    is_unnamed = payment.amount is None and payment.state != PaymentState.PAID
    facts = {
        "other_purchase": payment.purchase_id == str(purchase.pk),
        "other_mode": payment.is_live == adapter.is_live(),
        "other_kind": payment.mode == ("subscription" if purchase.kind == Kind.SUBSCRIPTION else "payment"),
        "other_currency": payment.currency == purchase.currency,
        "other_amount": is_unnamed or payment.amount == to_smallest_units(purchase.amount, purchase.currency),
    }
    if adapter.has_customers and purchase.workspace:
        facts["other_customer"] = customers.filter(ref=payment.customer).exists()
    return next((code for code, holds in facts.items() if not holds), "")


def _apply_paid(purchase: Purchase, payment: Payment) -> str:
    """Grant what was paid, and take it back if it was paid back. Returns a code of what an operator has to decide."""
    _stop_paid_work(purchase, payment)
    is_paid_back = payment.refunded >= payment.paid > 0
    if purchase.paid_at is None and subscriptions.find_obstacle_of(purchase):
        if not is_paid_back:
            return OTHER_PLAN
        purchase.status, purchase.refunded = Status.REFUNDED, purchase.amount
        return ""
    if purchase.paid_at is None:
        deliver(purchase, source="pack")
        audit.record(by=None, verb="purchase.paid", target=purchase, workspace=purchase.workspace)
    if is_paid_back:
        take_back(purchase, Status.REFUNDED)
        return ""
    if purchase.workspace is None:
        return "no_workspace"
    if payment.is_disputed:
        take_back(purchase, Status.DISPUTED)
        return ""
    return _apply_refunds(purchase, payment)


def _apply_refunds(purchase: Purchase, payment: Payment) -> str:
    """Take back the share that was paid back. Returns a code of what an operator has to decide."""
    if payment.has_unknown_refund:
        return "refunded_there"
    refunded = purchase.amount * payment.refunded // payment.paid if payment.paid else 0
    if purchase.status == Status.REFUNDED or refunded < purchase.refunded:
        return "refund_failed"
    problem = give_back(purchase) if purchase.status == Status.DISPUTED else ""
    if refunded > purchase.refunded:
        take_share_back(purchase, payment, refunded)
    return problem


def _stop_paid_work(purchase: Purchase, payment: Payment) -> None:
    if payment.is_disputed and purchase.workspace:
        is_reopened = purchase.status == Status.PAID
        disputes.stop_paid_work(purchase.workspace, ref=str(purchase.pk), purchase=purchase, is_reopened=is_reopened)


def deliver(purchase: Purchase, *, source: str, by=None, reason: str = "") -> None:
    """Give the workspace what a locked purchase was paid for. A subscription is told by the provider itself."""
    purchase.paid_at, purchase.status = timezone.now(), Status.PAID
    if purchase.workspace and purchase.credit:
        grants.add_grant(
            purchase.workspace,
            source=source,
            key=str(purchase.pk),
            amount=purchase.credit,
            purchase_id=purchase.pk,
            by=by,
            reason=reason,
        )
    if purchase.workspace and purchase.kind == Kind.MONTHS:
        subscriptions.add_months(purchase)


def cancel(purchase: Purchase, *, by) -> None:
    """Close the payment page of a purchase that nobody has paid. An event says how the page ended."""
    if purchase.status in Purchase.LIVE:
        _close(purchase)
        audit.record(by=by, verb="purchase.cancelled", target=purchase, workspace=purchase.workspace)
        sync_purchase(purchase)
        Purchase.objects.filter(pk=purchase.pk, status=Status.NEW).update(status=Status.EXPIRED)


def settle_purchase(purchase: Purchase, *, by) -> bool:
    """Say that an operator has dealt with the problem of a purchase. Returns False if it has none."""
    if not Purchase.objects.exclude(problem="").filter(pk=purchase.pk).update(problem=""):
        return False
    audit.record(
        by=by, verb="purchase.settled", target=purchase, workspace=purchase.workspace, problem=purchase.problem
    )
    return True


def list_unchecked(before: datetime):
    """Return unfinished purchases at a provider that nobody has asked about since ``before``.

    Pages that the provider does not close are asked about after they end, too, until it says how they ended: somebody
    may have paid without an event that told of it.
    """
    now, providers = timezone.now(), list_providers_to_ask()
    unfinished = Q(status__in=[Status.OPEN, Status.WAITING], created_at__lt=before)
    unfinished &= Q(checked_at=None) | Q(checked_at__lt=before)
    closed_here = [slug for slug in providers if not get_provider(slug).ends_by_itself]
    ended = Q(status__in=[Status.OPEN, Status.EXPIRED], provider__in=closed_here) & ~Q(url="")
    ended &= Q(expires_at__range=(now - LOOK_AGAIN_FOR, now - LOOK_AGAIN_AFTER))
    return Purchase.objects.filter(unfinished | ended, provider__in=providers).order_by("checked_at", "created_at")


def expire_unpaid() -> None:
    """Mark purchases whose page was never opened, and transfers that never arrived, when their time is over."""
    late = Purchase.objects.filter(expires_at__lt=timezone.now())
    late.filter(Q(status=Status.NEW) | Q(status=Status.OPEN, provider="bank")).update(status=Status.EXPIRED)


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
