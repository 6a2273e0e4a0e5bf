"""The steps of payments that workers run. Each may be lost, repeated or late."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.billing.payments import customers, events, purchases, subscriptions
from accounts.billing.payments.models import Purchase
from accounts.billing.payments.providers.base import ProviderRefused, ProviderUnavailable
from accounts.billing.payments.providers.registry import get_provider, has_stripe, list_providers_to_ask
from accounts.viewer import Viewer
from common.hooks import SiteHooks

log = logging.getLogger(__name__)
APPLY, CHECK = "accounts.billing.payments.worker.apply_events", "accounts.billing.payments.worker.check_purchase"
DELETE_CUSTOMERS = "accounts.billing.payments.worker.delete_customers"
MISSED_DAYS = 7
CHECK_AFTER = timedelta(hours=1)
CHECK_PAUSE = timedelta(seconds=5)  # the event usually comes first
CHECKS_A_ROUND = 50  # of each provider
MAX_FAILURES = 3  # after which a provider is not asked any more in a round


def run_soon(path: str, *arguments: str) -> None:
    for run in SiteHooks.values_of("run_soon"):
        run(path, *arguments)


def apply_events() -> None:
    events.apply_due_events()


def has_due_events() -> bool:
    """Return whether an event waits for a worker. Without billing no query is made."""
    return bool(settings.BILLING) and events.list_due().exists()


def check_soon(purchase: Purchase) -> None:
    """Let a worker ask about a purchase whose buyer came back, unless that was done a moment ago."""
    now = timezone.now()
    pause = max(CHECK_PAUSE, (now - purchase.created_at) / 20)  # a bank may take days
    rows = Purchase.objects.filter(pk=purchase.pk).exclude(checked_at__gt=now - pause)
    if rows.update(checked_at=now):
        run_soon(CHECK, str(purchase.pk))


def check_watched(ids: list[UUID], viewer: Viewer) -> None:
    """Let a worker ask about the purchases that a viewer's pages show, as long as they wait for the payment."""
    for purchase in Purchase.objects.filter(pk__in=ids):
        if purchase.is_unfinished:
            check_soon(purchase)


def check_purchase(pk: str) -> None:
    """Ask the payment provider about a purchase whose buyer is waiting."""
    if purchase := Purchase.objects.filter(pk=pk).first():
        try:
            purchases.sync_purchase(purchase)
        except (ProviderUnavailable, ProviderRefused) as error:
            log.warning("purchase %s could not be checked: %s", pk, error)


def delete_customers() -> None:
    """Delete the customers of erased accounts at Stripe."""
    if has_stripe():
        customers.delete_leaving(CHECKS_A_ROUND)


def reconcile() -> None:
    """Find what no event told: missed events, purchases and subscriptions that nobody has asked about for long."""
    events.delete_old_events()
    if settings.BILLING:
        purchases.expire_unpaid()
    if has_stripe():
        _reconcile_stripe()
    for provider in list_providers_to_ask():
        _check_purchases(provider)
    delete_customers()


def _reconcile_stripe() -> None:
    try:
        since = timezone.now() - timedelta(days=MISSED_DAYS)
        for event in get_provider("stripe").list_missed_events(since):
            events.store_event("stripe", event)
        events.apply_due_events()
        subscriptions.sync_unseen(CHECKS_A_ROUND)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("payments could not be reconciled, the next round tries again: %s", error)


def _check_purchases(provider: str) -> None:
    """Ask a provider about the purchases that nobody asked about for long."""
    failures = 0
    unchecked = purchases.list_unchecked(timezone.now() - CHECK_AFTER).filter(provider=provider)
    for purchase in unchecked[:CHECKS_A_ROUND]:
        Purchase.objects.filter(pk=purchase.pk).update(checked_at=timezone.now())
        try:
            purchases.sync_purchase(purchase)
        except (ProviderUnavailable, ProviderRefused) as error:
            log.warning("purchase %s could not be checked, a later round tries again: %s", purchase.pk, error)
            failures += isinstance(error, ProviderUnavailable)
        if failures == MAX_FAILURES:
            return
