"""What operators do about money: gifts, corrections, limits, plans paid by invoice, transfers, refunds and vouchers.

Each is a row that says why (CreditChange). Above a set amount it waits until a second operator approves it.
"""

import math
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.billing import held_plans
from accounts.billing.amounts import MILLION
from accounts.billing.credit import acts
from accounts.billing.exchange import convert
from accounts.billing.models import CreditChange, Plan
from accounts.billing.payments import bank, refunds, vouchers
from accounts.billing.payments.models import BANK, Purchase
from accounts.billing.refusals import ChangeRefused

Kind, State = CreditChange.Kind, CreditChange.State
LIMIT_REASON = "limited when billing began"


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


def needs_approval(amount: int) -> bool:
    """Return whether a second operator must approve this amount (millionths of the site's currency)."""
    return abs(amount) > settings.BILLING_APPROVAL_ABOVE * MILLION


def ask(kind: str, *, key: uuid.UUID, amount: int, by, workspace=None, **values) -> Outcome:
    """Make a change at once, or leave it to a second operator if it needs approval. ``values``: its other columns.

    A second call with the same key changes nothing and returns the first change. Raises ChangeRefused, and what the
    act raises: InsufficientFunds, PurchaseRefused, ProviderUnavailable, ProviderRefused.
    """
    with transaction.atomic():
        change, is_new = _create(key, workspace=workspace, by=by, kind=kind, amount=amount, **values)
        if is_new:
            audit.record(
                by=by, verb="credit.requested", target=change, workspace=workspace, kind=str(kind), amount=amount
            )
        if not is_new or needs_approval(amount):
            return Outcome(change)
        if not _asks_provider(change):
            return _carry_out(change, by)  # in the same transaction, so that nothing stays of what is refused
    try:
        return _carry_out(change, by)
    except Exception:
        CreditChange.objects.filter(pk=change.pk, state=State.WAITING).update(state=State.DECLINED)
        raise


def _create(key: uuid.UUID, *, workspace, by, **values) -> tuple[CreditChange, bool]:
    """Return the change with this id, and whether this call created it. ``values``: the columns of a new one."""
    try:
        with transaction.atomic():
            return CreditChange.objects.create(id=key, workspace=workspace, asked_by=by.pk, **values), True
    except IntegrityError:
        if existing := CreditChange.objects.filter(pk=key, workspace=workspace, kind=values["kind"]).first():
            return existing, False
        raise


def approve(change: CreditChange, *, by) -> Outcome:
    """Make a waiting change as the second operator. Raises ChangeRefused for whoever asked for it, and what ``ask``
    raises."""
    if change.state != State.WAITING:
        raise ChangeRefused(_("Already decided. Nothing was changed."))
    if change.asked_by == by.pk:
        raise ChangeRefused(_("You asked for this yourself. Another administrator must approve it."))
    return _carry_out(change, by)


@transaction.atomic
def decline(change: CreditChange, *, by) -> None:
    """Decline a waiting change; whoever asked for it may withdraw it in this way. Raises ChangeRefused."""
    _decide(change, State.DECLINED, by=by)
    audit.record(by=by, verb="credit.declined", target=change, workspace=change.workspace)


def _decide(change: CreditChange, state: CreditChange.State, *, by) -> None:
    """Set the state of a waiting change. Raises ChangeRefused if it was decided before."""
    decision = {"state": state, "decided_by": by.pk, "decided_at": timezone.now()}
    if not CreditChange.objects.filter(pk=change.pk, state=State.WAITING).update(**decision):
        raise ChangeRefused(_("Already decided. Nothing was changed."))
    change.refresh_from_db()


def _carry_out(change: CreditChange, by) -> Outcome:
    if _asks_provider(change):  # not in a transaction; a second call pays nothing more
        problem = refunds.refund(_get_purchase(change), by=by, reason=change.reason)
        _decide(change, State.DONE, by=by)
        return Outcome(change, problem=problem)
    with transaction.atomic():
        _decide(change, State.DONE, by=by)
        return Outcome(change, codes=ACTS[change.kind](change, by) or [])


def _get_purchase(change: CreditChange) -> Purchase | None:
    return Purchase.objects.select_related("workspace").filter(pk=change.purchase_id).first()


def _asks_provider(change: CreditChange) -> bool:
    purchase = _get_purchase(change) if change.kind == Kind.REFUND else None
    return purchase is not None and purchase.provider != BANK


def _confirm_transfer(change: CreditChange, by) -> None:
    bank.confirm_transfer(_get_purchase(change), by=by, note=change.reason)


def _refund(change: CreditChange, by) -> None:
    refunds.refund(_get_purchase(change), by=by, reason=change.reason)


def _create_vouchers(change: CreditChange, by) -> list[str]:
    return vouchers.create_vouchers(**change.details, ends_at=change.ends_at, reason=change.reason, by=by)


ACTS = {
    Kind.GIFT: acts.add_credit,
    Kind.CORRECTION: acts.add_credit,
    Kind.LIMIT: acts.set_limit,
    Kind.PAID_UNTIL: acts.set_paid_until,
    Kind.TRANSFER: _confirm_transfer,
    Kind.REFUND: _refund,
    Kind.VOUCHERS: _create_vouchers,
}


def ask_paid_until(workspace, *, key: uuid.UUID, plan: Plan, paid_until: datetime, reason: str, by) -> Outcome:
    """Give a workspace a plan that was paid by an invoice outside this site. As ``ask``."""
    months = math.ceil((paid_until - timezone.now()) / held_plans.MONTH)
    prices = {row["period"]: convert(row["amount"], row["currency"]).amount for row in plan.prices}
    month = prices.get("month") or math.ceil(prices.get("year", 0) / 12) or plan.monthly_grant
    values = {"ends_at": paid_until, "reason": reason, "details": {"plan": plan.pk}}
    return ask(Kind.PAID_UNTIL, key=key, amount=month * months, by=by, workspace=workspace, **values)


def ask_about_purchase(kind: str, purchase: Purchase, *, key: uuid.UUID, reason: str, by) -> Outcome:
    """Say that the money of a bank transfer has arrived, or pay a purchase back. As ``ask``; raises RateUnknown."""
    values = {"reason": reason, "purchase_id": purchase.pk}
    amount = convert(purchase.amount, purchase.currency).amount
    return ask(kind, key=key, amount=amount, by=by, workspace=purchase.workspace, **values)


def ask_vouchers(
    *, key: uuid.UUID, count: int, credit: int, ends_at: datetime, reason: str, by, credit_days: int | None = None
) -> Outcome:
    """Create vouchers of ``credit`` each. The codes are returned once, to whoever creates or approves them."""
    details = {"count": count, "credit": credit, "credit_days": credit_days}
    return ask(Kind.VOUCHERS, key=key, amount=count * credit, by=by, reason=reason, ends_at=ends_at, details=details)


def limit_all(*, amount: int, by) -> int:
    """Limit the wallets that have no limit, from the time before billing. Returns how many there were."""
    wallets = list(acts.list_unlimited().select_related("workspace"))
    for wallet in wallets:
        ask(Kind.LIMIT, key=uuid.uuid4(), amount=amount, by=by, workspace=wallet.workspace, reason=LIMIT_REASON)
    return len(wallets)
