"""What operators decide about payments: transfers, refunds and vouchers, above a set amount with a second operator."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.billing.approvals import check_second_operator, create_change, decide, needs_approval
from accounts.billing.exchange import convert
from accounts.billing.models import CreditChange
from accounts.billing.payments import bank, purchases, vouchers
from accounts.billing.payments.models import PaymentEvent, Purchase
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable

Kind, State = CreditChange.Kind, CreditChange.State
REFUSALS = (purchases.PurchaseRefused, ProviderUnavailable, ProviderRefused)


@dataclass(frozen=True)
class Outcome:
    """A change, and what only this call knows: the ``codes`` of new vouchers, and the code of a ``problem`` that the
    payment provider's answer led to."""

    change: CreditChange
    codes: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.change.state == State.WAITING


def confirm_transfer(purchase: Purchase, *, key: uuid.UUID, reason: str, by) -> Outcome:
    """Say that the money of a bank transfer has arrived. Raises PurchaseRefused, RateUnknown."""
    return _request(Kind.TRANSFER, purchase, key, reason, by)


def refund(purchase: Purchase, *, key: uuid.UUID, reason: str, by) -> Outcome:
    """Pay a purchase back. Raises PurchaseRefused, RateUnknown, ProviderUnavailable or ProviderRefused."""
    return _request(Kind.REFUND, purchase, key, reason, by)


def _request(kind: str, purchase: Purchase, key: uuid.UUID, reason: str, by) -> Outcome:
    amount = convert(purchase.amount, purchase.currency).amount
    values = {"kind": kind, "amount": amount, "reason": reason, "purchase_id": purchase.pk}
    return _begin(key, purchase.workspace, by, values)


def request_vouchers(
    *, key: uuid.UUID, count: int, credit: int, ends_at: datetime, reason: str, by, credit_days: int | None = None
) -> Outcome:
    """Create vouchers of ``credit`` each. The codes are returned once, to whoever creates or approves them."""
    details = {"count": count, "credit": credit, "credit_days": credit_days}
    values = {"kind": Kind.VOUCHERS, "amount": count * credit, "reason": reason, "ends_at": ends_at, "details": details}
    return _begin(key, None, by, values)


def _begin(key: uuid.UUID, workspace, by, values: dict) -> Outcome:
    """Record what is asked for, and do it at once unless a second operator is needed. A repeated key does nothing."""
    with transaction.atomic():
        change, is_new = create_change(key, workspace=workspace, by=by, **values)
        if is_new:
            facts = {"kind": str(values["kind"]), "amount": values["amount"]}
            audit.record(by=by, verb="credit.requested", target=change, workspace=workspace, **facts)
    if not is_new or needs_approval(change.amount):
        return Outcome(change)
    try:
        return _apply(change, by)
    except Exception:
        CreditChange.objects.filter(pk=change.pk, state=State.WAITING).update(state=State.DECLINED)
        raise


def approve(change: CreditChange, *, by) -> Outcome:
    """Do what waits, as the second operator. Raises ChangeRefused, and what the request would raise."""
    check_second_operator(change, by)
    return _apply(change, by)


@transaction.atomic
def decline(change: CreditChange, *, by) -> None:
    """Decline what waits; whoever asked for it may withdraw it in this way. Raises ChangeRefused."""
    decide(change, State.DECLINED, by=by)
    audit.record(by=by, verb="credit.declined", target=change, workspace=change.workspace)


def _apply(change: CreditChange, by) -> Outcome:
    purchase = Purchase.objects.select_related("workspace").filter(pk=change.purchase_id).first()
    if change.kind == Kind.REFUND and purchase and purchase.provider != bank.BANK:
        # Outside a transaction, since the provider is asked. A second call pays nothing more.
        problem = purchases.refund(purchase, by=by, reason=change.reason)
        decide(change, State.DONE, by=by)
        return Outcome(change, problem=problem)
    with transaction.atomic():
        decide(change, State.DONE, by=by)
        if change.kind == Kind.VOUCHERS:
            facts = {"ends_at": change.ends_at, "reason": change.reason, "by": by}
            return Outcome(change, codes=vouchers.create_vouchers(**change.details, **facts))
        if purchase is None:
            raise purchases.PurchaseRefused("transfer_not_open")
        act = bank.confirm_transfer if change.kind == Kind.TRANSFER else bank.confirm_refund
        act(purchase, by=by, note=change.reason)
        return Outcome(change)


def settle_purchase(purchase: Purchase, *, by) -> bool:
    """Say that an operator has dealt with the problem of a purchase. Returns False if it has none."""
    if not Purchase.objects.exclude(problem="").filter(pk=purchase.pk).update(problem=""):
        return False
    audit.record(
        by=by, verb="purchase.settled", target=purchase, workspace=purchase.workspace, problem=purchase.problem
    )
    return True


def settle_event(event: PaymentEvent, *, by) -> bool:
    """Say that an operator has dealt with an event. Returns False if somebody did before."""
    rows = PaymentEvent.objects.exclude(problem="").exclude(done_at=None).filter(pk=event.pk, settled_by=None)
    if not rows.update(settled_by=by):
        return False
    audit.record(by=by, verb="payment_event.settled", target=event, problem=event.problem)
    return True
