"""Events of payment providers: stored once, applied by a worker that fetches the object anew.

The order of events therefore does not matter, and neither does how often one comes.
"""

import hashlib
import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts import audit
from accounts.billing.payments import purchases, subscriptions
from accounts.billing.payments.models import PaymentEvent, Purchase
from accounts.billing.payments.providers.base import Event, ProviderRefused, ProviderUnavailable
from accounts.billing.payments.providers.registry import get_subscription_provider
from common import secrets
from common.failpoints import failpoint

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=45)  # after which another worker takes an event over; its requests take at most 40
MAX_PAUSE = timedelta(hours=1)
SHOWN_AFTER = 6  # attempts, which take about five minutes
KEPT_DAYS = 60  # providers list missed events for 30
BODY_DAYS = 30


def store_event(provider: str, event: Event, body: bytes = b"") -> bool:
    """Store an event. Returns False if it is known. One with problem is only shown to the operators."""
    values: dict = {"kind": event.kind, "object_ref": event.object_ref, "problem": event.problem}
    if body:
        values["digest"] = hashlib.sha256(body).hexdigest()
        values["sealed_body"] = secrets.encrypt({"body": body.decode(errors="replace")})
    if event.problem:
        values["done_at"] = timezone.now()
    try:
        with transaction.atomic():
            PaymentEvent.objects.create(provider=provider, ref=event.ref, **values)
    except IntegrityError:
        if PaymentEvent.objects.filter(provider=provider, ref=event.ref).exists():
            return False
        raise
    return True


def list_due():
    return PaymentEvent.objects.filter(done_at=None, next_try_at__lte=Now()).order_by("next_try_at", "pk")


def apply_due_events(limit: int = 100) -> int:
    """Apply the events that are due. Returns how many this call applied; another worker may apply the rest."""
    applied = 0
    for event in list_due()[:limit]:
        if _claim(event):
            failpoint("event-claimed", event.ref)
            applied += _apply(event)
    return applied


def _claim(event: PaymentEvent) -> bool:
    """Return whether this worker may apply the event, for as long as CLAIM."""
    unclaimed = PaymentEvent.objects.filter(pk=event.pk, done_at=None, tries=event.tries)
    return bool(unclaimed.update(next_try_at=Now() + CLAIM, tries=F("tries") + 1))


def _apply(event: PaymentEvent) -> bool:
    try:
        problem = apply_event(event)
    except ProviderUnavailable:
        _put_off(event, "provider_unavailable")
        return False
    except ProviderRefused:
        _put_off(event, "provider_refused")
        return False
    except Exception:
        log.exception("payment event %s", event.ref)
        _put_off(event, "error")
        return False
    PaymentEvent.objects.filter(pk=event.pk).update(done_at=timezone.now(), problem=problem)
    if problem:
        log.error("payment event %s (%s) needs an operator: %s", event.ref, event.kind, problem)
    return True


def _put_off(event: PaymentEvent, problem: str) -> None:
    pause = min(timedelta(seconds=5 * 2 ** min(event.tries, 10)), MAX_PAUSE)
    PaymentEvent.objects.filter(pk=event.pk).update(next_try_at=Now() + pause, problem=problem)


def apply_event(event: PaymentEvent) -> str:
    """Fetch the object of an event and apply it. Returns a code of problem for operators, or an empty string."""
    if event.provider != "stripe" or event.kind.startswith("checkout.session."):
        return purchases.sync_session(event.provider, event.object_ref)
    if event.kind.startswith("customer.subscription."):
        return subscriptions.sync_subscription(event.provider, event.object_ref)
    if event.kind.startswith("invoice."):
        return subscriptions.sync_invoice(event.provider, event.object_ref)
    if event.kind.startswith("charge."):
        return _sync_payment_of(event)
    return ""


def _sync_payment_of(event: PaymentEvent) -> str:
    """Apply a charge, refund or dispute to the purchase or the month that it paid for."""
    adapter = get_subscription_provider(event.provider)
    charge = adapter.fetch_charge(event.kind, event.object_ref)
    if charge is None:
        return "unmatched"
    bought = Purchase.objects.filter(provider=event.provider, payment_ref=charge.payment_ref)
    known = bought.exclude(session_ref=None).first()
    session_ref = known.session_ref if known else adapter.find_session(charge.payment_ref)
    if session_ref:
        return purchases.sync_session(event.provider, session_ref)
    invoice = adapter.find_invoice(charge.payment_ref)
    return subscriptions.sync_invoice_charge(event.provider, invoice, charge) if invoice else "unmatched"


def read_body(event: PaymentEvent) -> str:
    """Return what the provider sent; "" if that was removed. Raises DecryptionError. Never write it to a log."""
    return secrets.decrypt(event.sealed_body)["body"] if event.sealed_body else ""


def delete_old_events() -> None:
    """Delete events that were applied long ago, except those that an operator has to decide about, and the bodies of
    younger ones."""
    now = timezone.now()
    PaymentEvent.objects.filter(done_at__lt=now - timedelta(days=KEPT_DAYS), problem="").delete()
    with_body = PaymentEvent.objects.exclude(sealed_body="")
    with_body.filter(came_at__lt=now - timedelta(days=BODY_DAYS)).update(sealed_body="")


def reencrypt_bodies() -> tuple[int, list]:
    """Encrypt all bodies with the first of CONNECTION_KEYS. One that no key decrypts is of no use and is removed.

    Returns how many were encrypted again, and an empty list: nobody can enter a body again.
    """
    count = 0
    for pk, sealed in PaymentEvent.objects.exclude(sealed_body="").values_list("pk", "sealed_body").iterator():
        try:
            fresh = secrets.reencrypt(sealed)
        except secrets.DecryptionError:
            fresh = ""
        updated = PaymentEvent.objects.filter(pk=pk, sealed_body=sealed).update(sealed_body=fresh)
        count += updated if fresh else 0
    return count, []


def list_unmatched():
    """Return the events that only an operator can decide about, and those that could not be applied for a while."""
    shown = Q(done_at__isnull=False) | Q(tries__gte=SHOWN_AFTER)
    return PaymentEvent.objects.exclude(problem="").filter(shown, settled_by=None)


def settle_event(event: PaymentEvent, *, by) -> bool:
    """Say that an operator has dealt with an event. Returns False if somebody did before."""
    rows = PaymentEvent.objects.exclude(problem="").exclude(done_at=None).filter(pk=event.pk, settled_by=None)
    if not rows.update(settled_by=by):
        return False
    audit.record(by=by, verb="payment_event.settled", target=event, problem=event.problem)
    return True
