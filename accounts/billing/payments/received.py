"""Record what subscriptions paid, and add up the money that the site received."""

from collections import Counter
from datetime import datetime

from django.db.models import F, Sum

from accounts.billing.amounts import to_millionths
from accounts.billing.models import Subscription
from accounts.billing.payments.models import PlanPayment, Purchase
from accounts.billing.payments.providers.base import Charge, Invoice

Kind = PlanPayment.Kind


def record_invoice(row: Subscription, invoice: Invoice) -> None:
    """Record that the subscription paid an invoice, once. Does nothing for one that is not paid."""
    if not (invoice.pays_for_period or invoice.pays_for_change):
        return
    kind = Kind.CHANGE if invoice.pays_for_change else Kind.RENEWAL
    values = {
        "workspace": row.workspace,
        "kind": Kind.FIRST if invoice.is_first else kind,
        "name": row.plan.name,
        "amount": to_millionths(invoice.amount, invoice.currency),
        "currency": invoice.currency,
        "paid_at": invoice.created_at,
    }
    PlanPayment.objects.get_or_create(provider=row.provider, ref=invoice.ref, defaults=values)


def record_charge(provider: str, ref: str, charge: Charge) -> None:
    """Record what became of the money of an invoice: paid back in parts or whole, or withheld by the bank."""
    for payment in PlanPayment.objects.filter(provider=provider, ref=ref):
        payment.refunded = payment.amount * charge.refunded // max(1, charge.paid)
        payment.is_disputed = charge.is_disputed
        payment.save(update_fields=["refunded", "is_disputed"])


def sum_received(since: datetime, until: datetime) -> Counter[str]:
    """Return currency → millionths that the site received for what was paid in that time.

    Without tax, and without what has been paid back since or is withheld by a bank.
    """
    bought = Purchase.objects.filter(paid_at__gte=since, paid_at__lt=until).exclude(status=Purchase.Status.DISPUTED)
    plans = PlanPayment.objects.filter(paid_at__gte=since, paid_at__lt=until, is_disputed=False)
    received: Counter[str] = Counter()
    for rows in (bought.exclude(kind=Purchase.Kind.SUBSCRIPTION), plans):  # invoices tell what subscriptions paid
        for currency, amount in rows.order_by().values_list("currency").annotate(sum=Sum(F("amount") - F("refunded"))):
            received[currency] += amount
    return received
