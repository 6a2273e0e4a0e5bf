"""The objects of the fake of Stripe, with the fields that the site reads and those around them."""

import time
import uuid

DAYS = {"month": 30, "year": 365}  # of a period


def now() -> int:
    return int(time.time())


def build_session(ref: str, values: dict, prices: dict, origin: str) -> dict:
    lines = [build_line(line, prices) for line in values["line_items"].values()]
    total = sum(line["price"]["unit_amount"] * line["quantity"] for line in lines)
    return {
        "id": ref, "object": "checkout.session", "mode": values["mode"], "status": "open", "payment_status": "unpaid",
        "amount_subtotal": total, "amount_total": total, "currency": lines[0]["price"]["currency"],
        "client_reference_id": values.get("client_reference_id"), "customer": values.get("customer"),
        "created": now(), "expires_at": int(values["expires_at"]), "livemode": False,
        "metadata": values.get("metadata", {}), "payment_intent": None, "subscription": None, "invoice": None,
        "success_url": values["success_url"], "cancel_url": values["cancel_url"], "url": f"{origin}/pay/{ref}",
        "payment_method_types": ["card"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "automatic_tax": {"enabled": "automatic_tax" in values, "liability": None, "provider": None, "status": None},
        "line_items": {"object": "list", "data": lines, "has_more": False, "url": f"/v1/checkout/sessions/{ref}/lines"},
        "shipping_options": [], "custom_fields": [],
    }  # fmt: skip


def build_line(line: dict, prices: dict) -> dict:
    if "price" in line:
        price = build_price(line["price"], prices[line["price"]])
    else:
        data = line["price_data"]
        price = {"id": f"price_{uuid.uuid4().hex[:24]}", "unit_amount": int(data["unit_amount"])}
        price |= {"currency": data["currency"], "recurring": None}
    return {"price": {"object": "price", **price}, "quantity": int(line["quantity"])}


def build_price(ref: str, known: dict) -> dict:
    recurring = {"interval": known.get("interval", "month"), "interval_count": 1, "usage_type": "licensed"}
    return {"id": ref, "unit_amount": known["unit_amount"], "currency": known["currency"], "recurring": recurring}


def build_intent(ref: str, session: dict, status: str) -> dict:
    return {
        "id": ref, "object": "payment_intent", "amount": session["amount_total"], "amount_received": 0,
        "currency": session["currency"], "customer": session["customer"], "created": now(), "livemode": False,
        "metadata": session["metadata"], "status": status, "latest_charge": None, "capture_method": "automatic",
        "confirmation_method": "automatic", "payment_method_types": ["card"],
    }  # fmt: skip


def build_charge(ref: str, intent: dict) -> dict:
    return {
        "id": ref, "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount"],
        "amount_refunded": 0, "currency": intent["currency"], "customer": intent["customer"], "created": now(),
        "livemode": False, "disputed": False, "paid": True, "captured": True, "refunded": False, "status": "succeeded",
        "payment_intent": intent["id"], "metadata": intent["metadata"],
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
    }  # fmt: skip


def build_refund(ref: str, intent: dict, amount: int, metadata: dict) -> dict:
    return {
        "id": ref, "object": "refund", "amount": amount, "charge": intent["latest_charge"], "created": now(),
        "currency": intent["currency"], "metadata": metadata, "payment_intent": intent["id"], "reason": None,
        "status": "succeeded",
    }  # fmt: skip


def build_dispute(ref: str, charge: dict, status: str) -> dict:
    return {
        "id": ref, "object": "dispute", "amount": charge["amount"], "charge": charge["id"], "created": now(),
        "currency": charge["currency"], "is_charge_refundable": False, "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"], "reason": "fraudulent", "status": status,
        "balance_transactions": [], "evidence": {}, "evidence_details": {"due_by": None, "has_evidence": False},
        "enhanced_eligibility_types": [],
    }  # fmt: skip


def build_subscription(ref: str, session: dict, price: dict) -> dict:
    start = now()
    days = DAYS[(price["recurring"] or {}).get("interval", "month")]
    item = {
        "id": f"si_{uuid.uuid4().hex[:20]}", "object": "subscription_item", "price": price, "quantity": 1,
        "created": start, "current_period_start": start, "current_period_end": start + days * 86_400, "metadata": {},
        "subscription": ref, "discounts": [], "tax_rates": [],
    }  # fmt: skip
    return {
        "id": ref, "object": "subscription", "status": "active", "customer": session["customer"], "created": start,
        "currency": session["currency"], "livemode": False, "metadata": session["metadata"], "start_date": start,
        "items": {"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"},
        "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "ended_at": None, "trial_end": None,
        "trial_start": None, "latest_invoice": None, "schedule": None, "billing_cycle_anchor": start,
        "collection_method": "charge_automatically", "discounts": [],
    }  # fmt: skip


def build_invoice(ref: str, subscription: dict, reason: str, *, is_paid: bool, amount: int | None = None) -> dict:
    item = subscription["items"]["data"][0]
    amount = item["price"]["unit_amount"] if amount is None else amount
    details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    parent = {"type": "subscription_details", "quote_details": None, "subscription_details": details}
    return {
        "id": ref, "object": "invoice", "status": "paid" if is_paid else "open", "billing_reason": reason,
        "amount_due": amount, "amount_paid": amount if is_paid else 0, "amount_remaining": 0 if is_paid else amount,
        "currency": subscription["currency"], "customer": subscription["customer"], "created": now(),
        "livemode": False, "metadata": {}, "parent": parent, "period_start": item["current_period_start"],
        "period_end": item["current_period_end"], "subtotal": amount, "total": amount,
        "hosted_invoice_url": None, "number": None,
    }  # fmt: skip


def build_invoice_payment(ref: str, invoice: dict, intent: dict) -> dict:
    return {
        "id": ref, "object": "invoice_payment", "amount_paid": invoice["total"], "amount_requested": invoice["total"],
        "created": now(), "currency": invoice["currency"], "invoice": invoice["id"], "is_default": True,
        "livemode": False, "payment": {"type": "payment_intent", "payment_intent": intent["id"]}, "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": now()},
    }  # fmt: skip


def build_event(ref: str, kind: str, found: dict) -> dict:
    """Return an event. Its object is a snapshot, which may be out of date when it arrives."""
    return {
        "id": ref, "object": "event", "api_version": "2026-10-28.endive", "created": now(), "livemode": False,
        "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
        "data": {"object": dict(found)},
    }  # fmt: skip
