"""What payments keep about a user, and how their erasure ends what they pay for."""

import logging

from django.db.models import Q

from accounts.billing.models import Subscription
from accounts.billing.payments import customers, purchases, worker
from accounts.billing.payments.models import PaymentCustomer, PlanPayment, Purchase, Voucher
from accounts.billing.payments.providers.base import ProviderRefused
from accounts.billing.payments.providers.registry import get_subscription_provider, has_stripe, list_providers_to_ask

log = logging.getLogger(__name__)
FIELDS = (
    "id",
    "kind",
    "name",
    "amount",
    "currency",
    "credit",
    "months",
    "provider",
    "status",
    "payment_ref",
    "refunded",
    "taken_back",
    "agreed_words",
    "agreed_at",
    "created_at",
    "paid_at",
)


def collect(user) -> dict:
    bought = Purchase.objects.filter(Q(workspace__home_of=user) | Q(bought_by=user))
    paid = PlanPayment.objects.filter(workspace__home_of=user)
    used = Voucher.objects.filter(Q(used_in__home_of=user) | Q(used_by=user))
    known_as = PaymentCustomer.objects.filter(workspace__home_of=user)
    return {
        "purchases": list(bought.values(*FIELDS)),
        "plan_payments": list(
            paid.values("name", "kind", "amount", "currency", "refunded", "provider", "ref", "paid_at")
        ),
        "vouchers": list(used.values("hint", "credit", "credit_days", "used_at")),
        "customers": list(known_as.values("provider", "ref")),
    }


def erase(user, on_progress) -> None:
    """Close the open payment pages and cancel the subscriptions of the user's own workspace, so that nobody pays on.

    Subscriptions that have ended here are cancelled, too, since Stripe may still renew them. Workers then delete the
    customer there.

    The rows of money stay, without the person. Raises ProviderUnavailable; the erasure then tries again later.
    """
    bought = Purchase.objects.filter(
        workspace__home_of=user, provider__in=list_providers_to_ask(), status__in=Purchase.LIVE
    )
    for purchase in bought:
        try:
            purchases.cancel(purchase, by=user)  # also records a subscription that was paid a moment ago
        except ProviderRefused as refusal:
            log.warning("purchase %s could not be checked: %s", purchase.pk, refusal)
        on_progress()
    rows = Subscription.objects.filter(workspace__home_of=user, provider="stripe")
    for ref in rows.values_list("ref", flat=True):
        if not has_stripe():
            log.error("subscription %s is not cancelled: this site has no key of Stripe any more", ref)
            continue
        try:
            get_subscription_provider("stripe").cancel_subscription(ref)
        except ProviderRefused as refusal:  # it ended before
            log.warning("subscription %s was not cancelled: %s", ref, refusal)
        on_progress()
    if customers.ask_to_delete(user):
        worker.run_soon(worker.DELETE_CUSTOMERS)
