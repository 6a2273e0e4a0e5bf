"""Refunds that an operator decides: the payment provider sends the money back, or the operator transferred it back.

What a refund takes from the workspace is in ``taking_back``, also for one that was made at the provider.
"""

from django.db import transaction

from accounts import audit
from accounts.billing.payments.errors import PurchaseRefused
from accounts.billing.payments.models import BANK, OTHER_PLAN, Purchase
from accounts.billing.payments.providers.registry import get_provider
from accounts.billing.payments.purchases import sync_purchase
from accounts.billing.payments.taking_back import take_back
from common.failpoints import failpoint

Status = Purchase.Status


def can_refund(purchase: Purchase) -> bool:
    """Return whether there is money to pay back: a payment provider holds it, or a transfer has arrived.

    Also true for one that a provider has paid back, whose answer may have been lost.
    """
    if purchase.provider == BANK:
        return purchase.status == Status.PAID
    is_paid = purchase.status in (Status.PAID, Status.REFUNDED) or purchase.problem == OTHER_PLAN
    return is_paid and bool(purchase.payment_ref)


def refund(purchase: Purchase | None, *, by, reason: str) -> str:
    """Pay a purchase back and take its credit back. Returns a code of problem, or an empty string.

    The money of a transfer is not sent from here: the operator says that it was. Raises PurchaseRefused if there is
    nothing to pay back, ProviderUnavailable or ProviderRefused.
    """
    if purchase is not None and purchase.provider == BANK:
        _record_transfer_back(purchase, by=by, reason=reason)
        return ""
    if purchase is None or not can_refund(purchase):
        raise PurchaseRefused("purchase_not_refundable")
    audit.record(by=by, verb="purchase.refund_asked", target=purchase, workspace=purchase.workspace, reason=reason)
    get_provider(purchase.provider).refund(purchase)
    failpoint("refund-sent", str(purchase.pk))
    return sync_purchase(purchase)


@transaction.atomic
def _record_transfer_back(purchase: Purchase, *, by, reason: str) -> None:
    purchase = Purchase.objects.select_for_update().get(pk=purchase.pk)
    if not can_refund(purchase):
        raise PurchaseRefused("purchase_not_refundable")
    take_back(purchase, Status.REFUNDED, by=by)
    purchase.save(update_fields=["status", "refunded", "taken_back", "written_off", "time_taken"])
    audit.record(by=by, verb="purchase.refund_asked", target=purchase, workspace=purchase.workspace, note=reason)
