"""What a workspace loses when a payment is paid back or disputed, and gets again when the site wins the dispute.

All act on a locked purchase and may be repeated. Whoever calls them saves it.
"""

from datetime import timedelta

from accounts import audit
from accounts.billing import grants
from accounts.billing.models import Grant
from accounts.billing.payments import subscriptions
from accounts.billing.payments.models import Purchase
from accounts.billing.payments.providers.base import Payment

Status, Kind = Purchase.Status, Purchase.Kind


def take_back(purchase: Purchase, status: Purchase.Status, *, by=None) -> None:
    """Take the credit or the months of a locked purchase back. A second call takes nothing more."""
    if purchase.status != status:
        reason = f"{status} {purchase.pk}"
        if purchase.kind == Kind.MONTHS:
            if purchase.workspace and purchase.status == Status.PAID:
                left = _time_of(purchase, purchase.amount - purchase.refunded)
                purchase.time_taken = subscriptions.take_months_back(purchase, left, by=by, reason=reason)
        else:
            for grant in Grant.objects.filter(purchase_id=purchase.pk):
                grants.take_back(grant, by=by, reason=reason)
        audit.record(by=by, verb=f"purchase.{status}", target=purchase, workspace=purchase.workspace)
    purchase.status = status
    if status == Status.REFUNDED:
        purchase.refunded = purchase.amount
    _count_taken(purchase)


def take_share_back(purchase: Purchase, payment: Payment, refunded: int) -> None:
    """Take the share of the credit or of the months back that was paid back: ``refunded`` of the purchase's amount."""
    reason = f"{Status.REFUNDED} {purchase.pk}"
    if purchase.kind == Kind.MONTHS:
        time = _time_of(purchase, refunded - purchase.refunded)
        subscriptions.take_months_back(purchase, time, by=None, reason=reason)
    else:
        for grant in Grant.objects.filter(purchase_id=purchase.pk, part_of=None):
            grants.take_back_share(grant, part=payment.refunded, whole=payment.paid, by=None, reason=reason)
    purchase.refunded = refunded
    _count_taken(purchase)
    facts = {"refunded": refunded, "amount": purchase.amount}
    audit.record(by=None, verb="purchase.partly_refunded", target=purchase, workspace=purchase.workspace, **facts)


def give_back(purchase: Purchase) -> str:
    """Give back what a dispute took that the site won. Returns a code of what an operator has to decide."""
    purchase.status = Status.PAID
    if purchase.kind == Kind.MONTHS:
        if not subscriptions.give_months_back(purchase, reason=f"{Status.DISPUTED} {purchase.pk}"):
            return "dispute_won"
    else:
        disputed = Grant.objects.filter(purchase_id=purchase.pk, taken_back_reason__startswith=Status.DISPUTED)
        for grant in disputed:
            grants.give_back(grant, by=None)
    purchase.time_taken = None
    _count_taken(purchase)
    audit.record(by=None, verb="purchase.dispute_won", target=purchase, workspace=purchase.workspace)
    return ""


def _time_of(purchase: Purchase, amount: int) -> timedelta:
    """Return how much of the prepaid time that part of the price paid for."""
    return subscriptions.MONTH * purchase.months * (amount / purchase.amount)


def _count_taken(purchase: Purchase) -> None:
    """Set what was taken back and written off of the credit of a purchase. Months have no credit of their own."""
    rows = Grant.objects.filter(purchase_id=purchase.pk)
    if purchase.kind == Kind.MONTHS:
        rows = Grant.objects.filter(wallet__workspace=purchase.workspace, taken_back_reason__endswith=str(purchase.pk))
    taken = [grants.read_taken_back(grant) for grant in rows]
    purchase.taken_back = sum(part.amount for part in taken)
    purchase.written_off = sum(part.written_off for part in taken)
