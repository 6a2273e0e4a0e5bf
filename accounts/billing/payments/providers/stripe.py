"""Stripe, through its official SDK (https://docs.stripe.com/api, the version that the SDK is pinned to).

Requests that create something carry an idempotency key made of our own ids, so that a repetition after a lost answer
creates nothing new.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import stripe
from django.conf import settings
from django.urls import reverse

from accounts.billing.amounts import to_smallest_units
from accounts.billing.payments.providers.base import (
    Charge,
    Event,
    Forged,
    Invoice,
    Opened,
    OpenedChange,
    Payment,
    PaymentState,
    ProviderRefused,
    ProviderSubscription,
    ProviderUnavailable,
    SubscriptionProvider,
    absolute_url,
)

if TYPE_CHECKING:
    from accounts.billing.payments.models import Purchase

log = logging.getLogger(__name__)
TIMEOUT = 10  # seconds for one request
RETRIES = 1
EVENT_KINDS = (
    "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed", "invoice.paid",
    "invoice.payment_failed", "charge.refunded", "charge.refund.updated", "charge.dispute.created",
    "charge.dispute.updated", "charge.dispute.closed",
)  # fmt: skip
# https://docs.stripe.com/api/subscriptions/object#subscription_object-status → accounts.billing.held_plans
SUBSCRIPTION_STATUSES = {
    "trialing": "trialing",
    "active": "active",
    "past_due": "late",
    "unpaid": "late",
    "paused": "paused",
    "canceled": "ended",
    "incomplete_expired": "ended",
}
FIRST_REASON = "subscription_create"
PERIOD_REASONS = {FIRST_REASON, "subscription_cycle"}  # of invoices for a period, not for a change within one
CHANGE_REASON = "subscription_update"
UNPAID = {"draft", "open", "uncollectible"}
NOT_DISPUTED = {"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"}


class StripeProvider(SubscriptionProvider):
    slug = "stripe"
    life = timedelta(hours=23)  # Stripe allows 24
    has_customers = True
    ends_by_itself = True

    def is_live(self) -> bool:
        return is_live()

    def create_customer(self, workspace_id: str, email: str) -> str:
        values: Any = {"metadata": {"workspace": workspace_id}, "email": email}
        same = hashlib.sha256(email.encode()).hexdigest()[:16]  # a key allows no other parameters
        with translated_errors():
            return client().v1.customers.create(values, {"idempotency_key": f"customer:{workspace_id}:{same}"}).id

    def open(self, purchase: "Purchase", customer: str) -> Opened:
        with translated_errors():
            options: Any = {"idempotency_key": str(purchase.pk)}
            session = client().v1.checkout.sessions.create(build_session(purchase, customer), options)
        return Opened(session.id, session.url or "")

    def close(self, session_ref: str) -> None:
        try:
            with translated_errors():
                client().v1.checkout.sessions.expire(session_ref)
        except ProviderRefused as refusal:  # it is no longer open; an event says how it ended
            log.info("session %s was not closed: %s", session_ref, refusal.code)

    def fetch(self, session_ref: str) -> Payment | None:
        values: Any = {"expand": ["payment_intent.latest_charge"]}
        found = fetch_or_none(lambda: client().v1.checkout.sessions.retrieve(session_ref, values))
        if not found:
            return None
        intent = found.get("payment_intent")
        charge = intent.get("latest_charge") if isinstance(intent, dict) else None
        return read_payment(found, isinstance(charge, dict) and self._is_disputed(charge))

    def _is_disputed(self, charge: dict) -> bool:
        """Return whether a dispute withholds the money: not one that was won, nor a bank's mere inquiry."""
        if not charge.get("disputed"):
            return False
        with translated_errors():
            disputes = client().v1.disputes.list({"charge": charge["id"], "limit": 10}).data
        return any(dispute.status not in NOT_DISPUTED for dispute in disputes)

    def find_session(self, payment_ref: str) -> str:
        """Return the id of the session of a payment intent, or an empty string."""
        with translated_errors():
            sessions = client().v1.checkout.sessions.list({"payment_intent": payment_ref, "limit": 1}).data
        return sessions[0].id if sessions else ""

    def refund(self, purchase: "Purchase") -> None:
        values: Any = {"payment_intent": purchase.payment_ref, "metadata": {"purchase": str(purchase.pk)}}
        try:
            with translated_errors():
                client().v1.refunds.create(values, {"idempotency_key": f"refund:{purchase.pk}"})
        except ProviderRefused as refusal:
            if refusal.code != "charge_already_refunded":
                raise

    def fetch_charge(self, kind: str, object_ref: str) -> Charge | None:
        """Return the charge of an event about a charge, refund or dispute."""
        api, ref = client().v1, object_ref
        if kind.startswith("charge.dispute."):
            ref = id_of((fetch_or_none(lambda: api.disputes.retrieve(object_ref)) or {}).get("charge"))
        elif kind.startswith("charge.refund."):
            ref = id_of((fetch_or_none(lambda: api.refunds.retrieve(object_ref)) or {}).get("charge"))
        charge = fetch_or_none(lambda: api.charges.retrieve(ref)) if ref else None
        if charge is None:
            return None
        paid, refunded = charge.get("amount") or 0, charge.get("amount_refunded") or 0
        return Charge(id_of(charge.get("payment_intent")), paid, refunded, self._is_disputed(charge))

    def find_invoice(self, payment_ref: str) -> str:
        """Return the id of the invoice that a payment intent paid, or an empty string."""
        values: Any = {"payment": {"type": "payment_intent", "payment_intent": payment_ref}, "limit": 1}
        with translated_errors():
            found = client().v1.invoice_payments.list(values).data
        return id_of(found[0].to_dict()["invoice"]) if found else ""

    def fetch_subscription(self, ref: str) -> ProviderSubscription | None:
        values: Any = {"expand": ["latest_invoice"]}
        found = fetch_or_none(lambda: client().v1.subscriptions.retrieve(ref, values))
        return read_subscription(found) if found else None

    def cancel_subscription(self, ref: str) -> None:
        """End a subscription now. Raises ProviderRefused if it has ended, ProviderUnavailable."""
        with translated_errors():
            client().v1.subscriptions.cancel(ref)

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        with translated_errors():
            client().v1.subscriptions.update(ref, {"cancel_at_period_end": not renews})

    def open_change(self, customer: str, ref: str, price_ref: str) -> OpenedChange:
        """Open the portal's page of one change (https://docs.stripe.com/customer-management/portal-deep-links).

        The portal's configuration must allow the change; otherwise ProviderRefused.
        """
        with translated_errors():
            item = client().v1.subscriptions.retrieve(ref).to_dict()["items"]["data"][0]
            items = [{"id": item["id"], "price": price_ref}]
            details = {"items": items, "proration_behavior": "always_invoice"}
            asked: Any = {"customer": customer, "subscription": ref, "subscription_details": details}
            preview = client().v1.invoices.create_preview(asked)
        change = {"subscription": ref, "items": [items[0] | {"quantity": 1}]}
        flow = {"type": "subscription_update_confirm", "subscription_update_confirm": change}
        flow["after_completion"] = {"type": "redirect", "redirect": {"return_url": billing_page()}}
        return OpenedChange(self._open_portal(customer, flow_data=flow), max(0, preview.amount_due))

    def fetch_invoice(self, ref: str) -> Invoice | None:
        found = fetch_or_none(lambda: client().v1.invoices.retrieve(ref))
        return read_invoice(found) if found else None

    def open_portal(self, customer: str) -> str:
        """Return the address of the page where a customer changes cards, cancels and reads invoices."""
        return self._open_portal(customer)

    def _open_portal(self, customer: str, **more: Any) -> str:
        values: Any = {"customer": customer, "return_url": billing_page(), **more}
        if settings.STRIPE_PORTAL_CONFIGURATION:
            values["configuration"] = settings.STRIPE_PORTAL_CONFIGURATION
        with translated_errors():
            return client().v1.billing_portal.sessions.create(values).url

    def delete_customer(self, ref: str) -> None:
        try:
            with translated_errors():
                client().v1.customers.delete(ref)
        except ProviderRefused as refusal:
            if refusal.code != "resource_missing":
                raise

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        signature = headers.get("Stripe-Signature")
        if not any(is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise Forged
        try:
            return read_event(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Forged from None

    def list_missed_events(self, since: datetime) -> Iterator[Event]:
        values: Any = {"delivery_success": False, "types": list(EVENT_KINDS), "limit": 100}
        values["created"] = {"gte": int(since.timestamp())}
        with translated_errors():
            for found in client().v1.events.list(values).auto_paging_iter():
                yield read_event(found.to_dict())


def billing_page() -> str:
    return absolute_url(reverse("payments:purchases"))


def client() -> stripe.StripeClient:
    return _build_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def _build_client(key: str, base: str) -> stripe.StripeClient:
    addresses: Any = {"api": base} if base else None
    requests = stripe.RequestsClient(timeout=TIMEOUT)
    return stripe.StripeClient(key, base_addresses=addresses, http_client=requests, max_network_retries=RETRIES)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise ProviderUnavailable or ProviderRefused instead of the SDK's errors, whose texts may name people."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        log.warning("Stripe refused a request: %s %s", type(error).__name__, error.code)
        raise ProviderRefused(error.code or type(error).__name__) from None
    except stripe.StripeError as error:
        log.warning("Stripe is not available: %s %s", type(error).__name__, error.http_status)
        raise ProviderUnavailable(type(error).__name__) from None


def fetch_or_none(retrieve) -> dict | None:
    try:
        with translated_errors():
            return retrieve().to_dict()
    except ProviderRefused as refusal:
        if refusal.code == "resource_missing":
            return None
        raise


def build_session(purchase: "Purchase", customer: str) -> Any:
    """Return the parameters of the session, which depend on the row alone: an idempotency key allows no others."""
    page = absolute_url(reverse("payments:purchase", args=[purchase.pk]))
    is_subscription = purchase.kind == purchase.Kind.SUBSCRIPTION
    facts = {"purchase": str(purchase.pk)}
    values: dict[str, Any] = {
        "mode": "subscription" if is_subscription else "payment",
        "line_items": [build_line(purchase)],
        "customer": customer,
        "client_reference_id": str(purchase.pk),
        "metadata": facts,
        "success_url": f"{page}?from=payment",
        "cancel_url": f"{page}?from=cancel",
        "expires_at": int(purchase.expires_at.timestamp()),
        "adaptive_pricing": {"enabled": False},  # the amount must be the one that was agreed to
    }
    values["subscription_data" if is_subscription else "payment_intent_data"] = {"metadata": facts}
    if settings.STRIPE_TAX:
        values["automatic_tax"] = {"enabled": True}
        values["tax_id_collection"] = {"enabled": True}
        values["customer_update"] = {"address": "auto", "name": "auto"}
    return values


def build_line(purchase: "Purchase") -> dict[str, Any]:
    if purchase.price_ref:
        return {"price": purchase.price_ref, "quantity": 1}
    price = {
        "currency": purchase.currency.lower(),
        "unit_amount": to_smallest_units(purchase.amount, purchase.currency),
        "product_data": {"name": purchase.name},
    }
    return {"price_data": price, "quantity": 1}


def is_live() -> bool:
    """Return whether the key moves real money."""
    return settings.STRIPE_SECRET_KEY.split("_")[1:2] == ["live"]


def is_signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Return whether the secret signed the body within the last five minutes, give or take as much for clocks."""
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    sent_at = dict(part.split("=", 1) for part in str(signature).split(","))["t"]
    return int(sent_at) <= time.time() + stripe.Webhook.DEFAULT_TOLERANCE  # the SDK refuses old ones only


def read_event(found: dict) -> Event:
    """Return an event of the API v1. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
    if found["object"] != "event":
        raise ValueError(found["object"])
    problem = ""
    if found.get("account"):
        problem = "other_account"
    elif bool(found["livemode"]) != is_live():
        problem = "other_mode"
    return Event(
        str(found["id"])[:200], str(found["type"])[:80], str(found["data"]["object"].get("id", ""))[:200], problem
    )


def id_of(value: Any) -> str:
    """Return the id of an object, which may be expanded."""
    return (value.get("id", "") if isinstance(value, dict) else value) or ""


def read_payment(session: dict, is_disputed: bool) -> Payment:
    intent = session.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    return Payment(
        session_ref=session["id"],
        purchase_id=session.get("client_reference_id") or "",
        state=read_state(session, intent),
        mode=session["mode"],
        amount=session.get("amount_subtotal") or 0,
        currency=(session.get("currency") or "").upper(),
        is_live=session["livemode"],
        customer=id_of(session.get("customer")),
        payment_ref=id_of(session.get("payment_intent")),
        subscription_ref=id_of(session.get("subscription")),
        paid=charge.get("amount") or 0,
        refunded=charge.get("amount_refunded") or 0,
        is_disputed=is_disputed,
        failure=read_failure(intent),
    )


def read_state(session: dict, intent: dict) -> PaymentState:
    """Return the state of a session. One that is complete but unpaid waits for the bank (WeChat Pay, transfers)."""
    if session.get("status") == "expired":
        return PaymentState.EXPIRED
    if session.get("status") != "complete":
        return PaymentState.OPEN
    if session.get("payment_status") in ("paid", "no_payment_required"):
        return PaymentState.PAID
    is_failed = intent.get("status") in ("canceled", "requires_payment_method")
    return PaymentState.FAILED if is_failed else PaymentState.WAITING


def read_failure(intent: dict) -> str:
    """Return Stripe's code of why the last attempt to pay failed: the bank's own, if there is one."""
    error = intent.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or "")


def read_subscription(found: dict) -> ProviderSubscription:
    item = found["items"]["data"][0]
    latest = found.get("latest_invoice")
    latest = latest if isinstance(latest, dict) else {}
    # A new period begins about an hour before its invoice is paid, and the subscription is active meanwhile.
    is_unpaid = latest.get("billing_reason") in PERIOD_REASONS and latest.get("status") in UNPAID
    paid_until = item["current_period_start" if is_unpaid else "current_period_end"]
    return ProviderSubscription(
        ref=found["id"],
        status=SUBSCRIPTION_STATUSES.get(found["status"], ""),
        customer=id_of(found["customer"]),
        price_ref=item["price"]["id"],
        is_live=found["livemode"],
        paid_until=datetime.fromtimestamp(paid_until, UTC),
        cancels_at=read_time(found.get("cancel_at")),
        trial_ends=read_time(found.get("trial_end")),
        invoice=read_invoice(latest) if latest else None,
    )


def read_invoice(found: dict) -> Invoice:
    parent = (found.get("parent") or {}).get("subscription_details") or {}
    reason = found.get("billing_reason")
    is_paid = found.get("status") == "paid" and found.get("total", 0) > 0  # not that of a trial, or of a cheaper plan
    untaxed = found.get("total_excluding_tax")
    return Invoice(
        ref=found["id"],
        subscription_ref=id_of(parent.get("subscription")),
        pays_for_period=is_paid and reason in PERIOD_REASONS,
        pays_for_change=is_paid and reason == CHANGE_REASON,
        is_first=reason == FIRST_REASON,
        amount=found["total"] if untaxed is None else untaxed,
        currency=found["currency"].upper(),
        created_at=datetime.fromtimestamp(found["created"], UTC),
    )


def read_time(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
