"""Customers at payment providers: the provider's record of a workspace, until its owner's account is erased."""

import logging

from django.utils import timezone

from accounts.billing.payments.models import PaymentCustomer
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.providers.registry import get_provider
from accounts.models import Workspace

log = logging.getLogger(__name__)


def get_customer(workspace: Workspace, provider: str, *, email: str) -> str:
    """Return the provider's id of a workspace, which it gets before its first payment page; "" if it needs none."""
    if not get_provider(provider).has_customers:
        return ""
    if known := PaymentCustomer.objects.filter(workspace=workspace, provider=provider).first():
        return known.ref
    ref = get_provider(provider).create_customer(str(workspace.pk), email)
    customer, _created = PaymentCustomer.objects.get_or_create(
        workspace=workspace, provider=provider, defaults={"ref": ref}
    )
    return customer.ref


def ask_to_delete(user) -> bool:
    """Record that the customers of the user's own workspace have to be deleted at their providers, which workers do.

    Returns whether there are any.
    """
    rows = PaymentCustomer.objects.filter(workspace__home_of=user, delete_asked_at=None)
    return bool(rows.update(delete_asked_at=timezone.now()))


def delete_leaving(limit: int) -> int:
    """Delete the customers at their providers that have to be deleted. Returns how many were.

    One that cannot be deleted now is tried again in the next round; the site's own data are erased meanwhile.
    """
    waiting = PaymentCustomer.objects.filter(deleted_at=None).exclude(delete_asked_at=None)
    return sum(_delete(row) for row in waiting.order_by("delete_asked_at")[:limit])


def _delete(row: PaymentCustomer) -> bool:
    try:
        get_provider(row.provider).delete_customer(row.ref)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("customer %s is not deleted at %s yet: %s", row.ref, row.provider, error)
        return False
    PaymentCustomer.objects.filter(pk=row.pk).update(deleted_at=timezone.now())
    return True
