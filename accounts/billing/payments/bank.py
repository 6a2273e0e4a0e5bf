"""What operators say about bank transfers."""

from django.db import transaction

from accounts import audit
from accounts.billing.payments import subscriptions
from accounts.billing.payments.errors import PurchaseRefused
from accounts.billing.payments.models import BANK, Purchase
from accounts.billing.payments.purchases import deliver

Status = Purchase.Status


def list_open():
    """Return the purchases whose transfer has not arrived."""
    return Purchase.objects.filter(provider=BANK, status__in=[Status.OPEN, Status.EXPIRED]).select_related("workspace")


@transaction.atomic
def confirm_transfer(purchase: Purchase | None, *, by, note: str) -> Purchase:
    """Say that the whole amount has arrived, and grant what was bought. A second call changes nothing.

    Raises PurchaseRefused if it is no transfer, was paid back, or its workspace is gone or has another plan meanwhile.
    """
    if purchase is None:
        raise PurchaseRefused("transfer_not_open")
    purchase = Purchase.objects.select_for_update().get(pk=purchase.pk)
    if purchase.status == Status.PAID:
        return purchase
    is_open = purchase.status in (Status.OPEN, Status.EXPIRED)
    if purchase.provider != BANK or not is_open or purchase.workspace is None:
        raise PurchaseRefused("transfer_not_open")
    if obstacle := subscriptions.find_obstacle_of(purchase):
        raise PurchaseRefused(obstacle)
    deliver(purchase, source="bank", by=by, reason=note)
    purchase.save()
    audit.record(by=by, verb="purchase.transfer_confirmed", target=purchase, workspace=purchase.workspace, note=note)
    return purchase
