"""Fake of Stripe's API 2026-10-28.endive: customers, Checkout and portal sessions, payments, subscriptions, events.

Written from docs.stripe.com; tests/accounts/billing/payments/test_stripe_fake.py holds it to the official SDK: the
names of its fields, the errors that the SDK raises, signatures and idempotency keys. It refuses what Stripe refuses:
another API version, an unknown parameter, an idempotency key with other parameters. ``/pay/SESSION`` is the page where
a buyer pays. Events are posted to ``webhook_url`` by ``deliver``; ``fake.holds_events`` keeps them until then.
"""

import json
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import parse_qsl

from stripe import WebhookSignature

from tests.fakes.server import Fake, Reply, Request
from tests.fakes.stripe_objects import (
    DAYS,
    build_charge,
    build_dispute,
    build_event,
    build_intent,
    build_invoice,
    build_invoice_payment,
    build_price,
    build_refund,
    build_session,
    build_subscription,
)
from tests.fakes.stripe_pages import StripePages

VERSION = "2026-10-28.endive"
SECRET = "whsec_fake_0123456789abcdef"
# parameters that our requests may have; Stripe refuses unknown ones as this fake does
PARAMETERS = {
    "create_customer": {"email", "metadata"},
    "create_session": {
        "mode", "line_items", "customer", "client_reference_id", "metadata", "success_url", "cancel_url", "expires_at",
        "adaptive_pricing", "subscription_data", "payment_intent_data", "automatic_tax", "tax_id_collection",
        "customer_update", "payment_method_types",
    },
    "expire_session": set(),
    "create_refund": {"payment_intent", "amount", "metadata"},
    "create_portal": {"customer", "configuration", "return_url", "flow_data"},
    "preview_invoice": {"customer", "subscription", "subscription_details"},
    "update_subscription": {"cancel_at_period_end"},
}  # fmt: skip


class StripeFake(StripePages, Fake):
    slug = "stripe"
    key = "sk_test_fake0123456789"
    routes = [
        ("POST", "/v1/customers", "create_customer"),
        ("DELETE", "/v1/customers/([^/]+)", "delete_customer"),
        ("POST", "/v1/checkout/sessions", "create_session"),
        ("GET", "/v1/checkout/sessions", "list_sessions"),
        ("GET", "/v1/checkout/sessions/([^/]+)", "get_session"),
        ("POST", "/v1/checkout/sessions/([^/]+)/expire", "expire_session"),
        ("GET", "/v1/charges/([^/]+)", "get_charge"),
        ("GET", "/v1/refunds/([^/]+)", "get_refund"),
        ("POST", "/v1/refunds", "create_refund"),
        ("GET", "/v1/disputes", "list_disputes"),
        ("GET", "/v1/disputes/([^/]+)", "get_dispute"),
        ("GET", "/v1/subscriptions/([^/]+)", "get_subscription"),
        ("POST", "/v1/subscriptions/([^/]+)", "update_subscription"),
        ("DELETE", "/v1/subscriptions/([^/]+)", "cancel_subscription"),
        ("POST", "/v1/invoices/create_preview", "preview_invoice"),
        ("GET", "/v1/invoices/([^/]+)", "get_invoice"),
        ("GET", "/v1/invoice_payments", "list_invoice_payments"),
        ("GET", "/v1/events", "list_events"),
        ("POST", "/v1/billing_portal/sessions", "create_portal"),
        ("GET", "/pay/([^/]+)", "show_page"),
        ("POST", "/pay/([^/]+)", "use_page"),
        ("GET", "/portal/([^/]+)", "show_portal"),
        ("POST", "/portal/([^/]+)", "use_portal"),
    ]

    def __init__(self, webhook_url: str = "", *, prices: dict | None = None, write_line=lambda line: None):
        super().__init__()
        self.webhook_url, self.holds_events, self.write_line = webhook_url, False, write_line
        self.prices = prices or {}  # id → {"unit_amount": 900, "currency": "usd", "interval": "month"}
        self.objects: dict[str, dict] = {}
        self.replies: dict[str, tuple] = {}  # idempotency key → parameters, reply
        self.events: list[dict] = []
        self.undelivered: set[str] = set()
        self.answered_in: list[float] = []  # seconds

    # --- for tests --------------------------------------------------------------------------------------------------

    def pay(self, session_ref: str, *, is_slow: bool = False, outcome: str = "paid") -> None:
        """Pay at a session's page. ``is_slow``: the bank confirms later (``confirm``)."""
        with self.lock:
            session = self.objects[session_ref]
            if session["status"] != "open":
                raise ValueError(f"{session_ref} is {session['status']}")
            session["status"], session["url"] = "complete", None
            if session["mode"] == "subscription":
                return self._subscribe(session)
            intent = self._add(build_intent(self.new_ref("pi"), session, status="processing"))
            session["payment_intent"] = intent["id"]
            if not is_slow:
                return self.confirm(session_ref, outcome=outcome, kind="completed")
            return self.emit("checkout.session.completed", session)

    def confirm(self, session_ref: str, *, outcome: str = "paid", kind: str = "") -> None:
        """Let the bank say how a payment ended: paid or failed."""
        session = self.objects[session_ref]
        intent = self.objects[session["payment_intent"]]
        is_paid = outcome == "paid"
        intent["status"] = "succeeded" if is_paid else "requires_payment_method"
        if is_paid:
            charge = self._add(build_charge(self.new_ref("ch"), intent))
            intent["latest_charge"], intent["amount_received"] = charge["id"], intent["amount"]
            session["payment_status"] = "paid"
        else:
            intent["last_payment_error"] = {"code": "payment_method_provider_decline", "type": "invalid_request_error"}
        kind = kind or ("async_payment_succeeded" if is_paid else "async_payment_failed")
        self.emit(f"checkout.session.{kind}", session)

    def dispute(self, payment_ref: str, status: str = "needs_response") -> dict:
        charge = self.objects[self.objects[payment_ref]["latest_charge"]]
        charge["disputed"] = True
        dispute = self._add(build_dispute(self.new_ref("du"), charge, status))
        self.emit("charge.dispute.created", dispute)
        return dispute

    def change(self, ref: str, kind: str, **values) -> None:
        """Change an object, and send an event of that kind about it."""
        self.objects[ref].update(values)
        self.emit(kind, self.objects[ref])

    def renew(self, subscription_ref: str, *, is_paid: bool = True, days: int = 30) -> dict:
        """Send the invoice of the next period."""
        subscription = self.objects[subscription_ref]
        item = subscription["items"]["data"][0]
        item["current_period_start"] = item["current_period_end"]  # also if the invoice is not paid
        item["current_period_end"] += days * 86_400
        subscription["status"] = "active" if is_paid else "past_due"
        invoice = self._add(build_invoice(self.new_ref("in"), subscription, "subscription_cycle", is_paid=is_paid))
        subscription["latest_invoice"] = invoice["id"]
        if is_paid:
            self._charge_invoice(invoice)
        self.emit("invoice.paid" if is_paid else "invoice.payment_failed", invoice)
        self.emit("customer.subscription.updated", subscription)
        return invoice

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """Let a subscription end with its period, or renew."""
        end = None if renews else self.objects[ref]["items"]["data"][0]["current_period_end"]
        self.change(ref, "customer.subscription.updated", cancel_at_period_end=not renews, cancel_at=end)

    def end_subscription(self, ref: str) -> None:
        self.change(ref, "customer.subscription.deleted", status="canceled", ended_at=now(), canceled_at=now())

    def prorate(self, subscription_ref: str, price_ref: str) -> int:
        """Return what a change of the plan costs now, half of the period being over; negative for a cheaper one. With
        another interval a new period begins, whose whole price is due."""
        old, known = self.objects[subscription_ref]["items"]["data"][0]["price"], self.prices[price_ref]
        if known.get("interval", "month") == old["recurring"]["interval"]:
            return (known["unit_amount"] - old["unit_amount"]) // 2
        return known["unit_amount"] - old["unit_amount"] // 2

    def change_price(self, subscription_ref: str, price_ref: str) -> dict | None:
        """Change the plan of a subscription now. A dearer one sends a paid invoice of the difference; of a cheaper one
        the difference is credited to the customer's next invoice."""
        subscription, known = self.objects[subscription_ref], self.prices[price_ref]
        difference, item = self.prorate(subscription_ref, price_ref), subscription["items"]["data"][0]
        is_new_period = known.get("interval", "month") != item["price"]["recurring"]["interval"]
        item["price"] |= build_price(price_ref, known)
        if is_new_period:
            days = DAYS[known.get("interval", "month")]
            item |= {"current_period_start": now(), "current_period_end": now() + days * 86_400}
        invoice = None
        if difference > 0:
            reason = "subscription_update"
            invoice = build_invoice(self.new_ref("in"), subscription, reason, is_paid=True, amount=difference)
            self._add(invoice)
            subscription["latest_invoice"] = invoice["id"]
            self._charge_invoice(invoice)
            self.emit("invoice.paid", invoice)
        self.emit("customer.subscription.updated", subscription)
        return invoice

    def emit(self, kind: str, found: dict) -> dict:
        """Record an event, and deliver it unless ``holds_events``."""
        event = build_event(self.new_ref("evt"), kind, found)
        with self.lock:
            self.events.append(event)
            self.undelivered.add(event["id"])
        if self.webhook_url and not self.holds_events:
            threading.Thread(target=self.deliver, args=(event,), daemon=True).start()
        return event

    def deliver(self, event: dict) -> int:
        """Post an event as Stripe does, up to three times. Returns the last status, 0 without an answer."""
        status = 0
        for attempt in range(3):
            body, headers = sign(event)
            request = urllib.request.Request(self.webhook_url, body, headers)
            started = time.monotonic()
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    status = answer.status
                    self.answered_in.append(time.monotonic() - started)
            except urllib.error.HTTPError as refusal:
                status = refusal.code
            except OSError:
                status = 0
            if 200 <= status < 300:
                self.undelivered.discard(event["id"])
                break
            time.sleep(0.2 * (attempt + 1))
        self.write_line(f"{event['type']} → {status}")
        return status

    # --- requests ---------------------------------------------------------------------------------------------------

    def is_authorised(self, request: Request) -> bool:
        return request.path.startswith(("/pay/", "/portal/")) or super().is_authorised(request)

    def refusal(self, kind: str) -> Reply:
        if kind == "auth":
            return error(401, "invalid_request_error", None, "Invalid API Key provided")
        if kind == "busy":
            return error(429, "invalid_request_error", "rate_limit", "Too many requests")
        return error(500, "api_error", None, "Sorry, there was a problem on Stripe's end")

    def respond(self, request: Request) -> Reply:
        if not request.path.startswith("/v1/"):
            return super().respond(request)
        if request.headers.get("stripe-version") != VERSION:
            return error(400, "invalid_request_error", None, f"Invalid Stripe API version, not {VERSION}")
        if request.method == "POST":
            return self._respond_once(request)
        return super().respond(request)

    def _respond_once(self, request: Request) -> Reply:
        """Answer a request with a known idempotency key as the first time; errors of the server are not kept."""
        key = request.headers.get("idempotency-key", "")
        if not key:
            return super().respond(request)
        asked = (request.path, request.body)
        with self.lock:
            if known := self.replies.get(key):
                self.calls.append(request)
                if known[0] != asked:
                    message = "Keys for idempotent requests can only be used with the same parameters"
                    return error(400, "idempotency_error", None, message)
                reply = Reply(known[1].status, known[1].body, {"Idempotent-Replayed": "true"})
                return self._with_fault(self._route_of(request), request, lambda: reply)
            kept: list[Reply] = []
            reply = self._respond_and_keep(request, kept)
            if kept and kept[0].status < 500:
                self.replies[key] = (asked, kept[0])
            return reply

    def _route_of(self, request: Request) -> str:
        routes = (name for method, path, name in self.routes if method == request.method)
        paths = {name: path for method, path, name in self.routes if method == request.method}
        return next(name for name in routes if re.fullmatch(paths[name], request.path))

    def _respond_and_keep(self, request: Request, kept: list) -> Reply:
        """Keep what the handler returned, also if a fault then loses it on its way."""
        request.kept = kept  # type: ignore[attr-defined]
        return super().respond(request)

    def _read(self, request: Request, route: str) -> dict | Reply:
        values = parse_form(request.body)
        for name in values:
            if name not in PARAMETERS[route]:
                message = f"Received unknown parameter: {name}"
                return error(400, "invalid_request_error", "parameter_unknown", message)
        return values

    def _keep(self, request: Request, reply: Reply) -> Reply:
        getattr(request, "kept", []).append(Reply(reply.status, json.loads(json.dumps(reply.body))))
        return reply

    def create_customer(self, request: Request) -> Reply:
        if isinstance(values := self._read(request, "create_customer"), Reply):
            return values
        customer = {"id": self.new_ref("cus"), "object": "customer", "livemode": False, "created": now()}
        customer |= {"email": values.get("email"), "metadata": values.get("metadata", {})}
        return self._keep(request, Reply(200, self._add(customer)))

    def delete_customer(self, request: Request, ref: str) -> Reply:
        """Delete a customer, which cancels their subscriptions. Payments stay."""
        customer = self.objects.get(ref)
        if customer is None or customer.get("deleted"):
            return missing("customer", ref)
        for row in list(self.objects.values()):
            if row["object"] == "subscription" and row["customer"] == ref and row["status"] != "canceled":
                self.change(row["id"], "customer.subscription.deleted", status="canceled", ended_at=now())
        self.objects[ref] = {"id": ref, "object": "customer", "deleted": True}
        return Reply(200, self.objects[ref])

    def create_session(self, request: Request) -> Reply:
        if isinstance(values := self._read(request, "create_session"), Reply):
            return values
        if problem := self._find_problem(values):
            return error(400, "invalid_request_error", *problem)
        session = build_session(self.new_ref("cs_test"), values, self.prices, request.origin)
        return self._keep(request, Reply(200, self._add(session)))

    def _find_problem(self, values: dict) -> tuple[str, str] | None:
        for name in ("mode", "line_items", "success_url"):
            if name not in values:
                return "parameter_missing", f"Missing required param: {name}."
        if values["mode"] not in ("payment", "setup", "subscription"):
            return "parameter_invalid_enum", "Invalid mode: must be one of payment, setup, or subscription"
        customer = self.objects.get(values.get("customer"))
        if customer is None or customer.get("deleted"):
            return "resource_missing", f"No such customer: '{values.get('customer')}'"
        if not now() + 1800 - 60 <= int(values["expires_at"]) <= now() + 86_400:
            return "parameter_invalid", "The `expires_at` timestamp must be between 30 minutes and 24 hours from now"
        return next(filter(None, map(self._find_problem_of_line, values["line_items"].values())), None)

    def _find_problem_of_line(self, line: dict) -> tuple[str, str] | None:
        if int(line["quantity"]) < 1:
            return "parameter_invalid_integer", "This value must be greater than or equal to 1."
        if "price" in line and line["price"] not in self.prices:
            return "resource_missing", f"No such price: '{line['price']}'"
        if "price_data" in line and not re.fullmatch("[a-z]{3}", line["price_data"]["currency"]):
            return "parameter_invalid", "Invalid currency"
        if int(line.get("price_data", {}).get("unit_amount", 50)) < 50:
            return "amount_too_small", "The amount is below the minimum charge amount"
        return None

    def list_sessions(self, request: Request) -> Reply:
        found = [row for row in self.objects.values() if row["object"] == "checkout.session"]
        return list_of([row for row in found if row["payment_intent"] == request.query.get("payment_intent")], request)

    def get_session(self, request: Request, ref: str) -> Reply:
        return self._get("checkout.session", ref, request)

    def get_charge(self, request: Request, ref: str) -> Reply:
        return self._get("charge", ref, request)

    def get_refund(self, request: Request, ref: str) -> Reply:
        return self._get("refund", ref, request)

    def get_dispute(self, request: Request, ref: str) -> Reply:
        return self._get("dispute", ref, request)

    def get_subscription(self, request: Request, ref: str) -> Reply:
        return self._get("subscription", ref, request)

    def cancel_subscription(self, request: Request, ref: str) -> Reply:
        if (found := self.objects.get(ref)) is None or found["status"] == "canceled":
            return missing("subscription", ref)
        self.end_subscription(ref)
        return Reply(200, found)

    def update_subscription(self, request: Request, ref: str) -> Reply:
        if isinstance(values := self._read(request, "update_subscription"), Reply):
            return values
        if (found := self.objects.get(ref)) is None or found["status"] == "canceled":
            return missing("subscription", ref)
        self.set_renewal(ref, renews=values["cancel_at_period_end"] == "false")
        return self._keep(request, Reply(200, found))

    def preview_invoice(self, request: Request) -> Reply:
        """Return the invoice that a change of the price would send now. It is no object that could be fetched."""
        if isinstance(values := self._read(request, "preview_invoice"), Reply):
            return values
        item = values["subscription_details"]["items"]["0"]
        if problem := self._find_problem_of_change(values["subscription"], item):
            return problem
        amount = self.prorate(values["subscription"], item["price"])
        preview = build_invoice(
            self.new_ref("upcoming_in"),
            self.objects[values["subscription"]],
            "subscription_update",
            is_paid=False,
            amount=amount,
        )
        return Reply(200, preview | {"status": "draft", "amount_due": max(0, amount)})

    def _find_problem_of_change(self, subscription_ref: str, item: dict) -> Reply | None:
        subscription = self.objects.get(subscription_ref)
        if subscription is None or subscription["items"]["data"][0]["id"] != item["id"]:
            return missing("subscription_item", item["id"])
        return None if item["price"] in self.prices else missing("price", item["price"])

    def get_invoice(self, request: Request, ref: str) -> Reply:
        return self._get("invoice", ref, request)

    def list_disputes(self, request: Request) -> Reply:
        found = [row for row in self.objects.values() if row["object"] == "dispute"]
        return list_of([row for row in found if row["charge"] == request.query.get("charge")], request)

    def list_invoice_payments(self, request: Request) -> Reply:
        ref = request.query.get("payment[payment_intent]")
        found = [row for row in self.objects.values() if row["object"] == "invoice_payment"]
        return list_of([row for row in found if row["payment"]["payment_intent"] == ref], request)

    def expire_session(self, request: Request, ref: str) -> Reply:
        session = self.objects.get(ref)
        if session is None:
            return missing("checkout.session", ref)
        if session["status"] != "open":
            return error(400, "invalid_request_error", "resource_invalid_state", "Only open sessions can be expired")
        session["status"], session["url"] = "expired", None
        self.emit("checkout.session.expired", session)
        return self._keep(request, Reply(200, session))

    def create_refund(self, request: Request) -> Reply:
        if isinstance(values := self._read(request, "create_refund"), Reply):
            return values
        intent = self.objects.get(values["payment_intent"])
        if intent is None:
            return missing("payment_intent", values["payment_intent"])
        charge = self.objects[intent["latest_charge"]]
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(values.get("amount") or left)
        if not left:
            return error(400, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded.")
        if amount > left:
            return error(400, "invalid_request_error", "parameter_invalid", "Refund amount is greater than the charge")
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        refund = self._add(build_refund(self.new_ref("re"), intent, amount, values.get("metadata", {})))
        self.emit("charge.refunded", charge)
        return self._keep(request, Reply(200, refund))

    def create_portal(self, request: Request) -> Reply:
        if isinstance(values := self._read(request, "create_portal"), Reply):
            return values
        if values["customer"] not in self.objects:
            return missing("customer", values["customer"])
        ref = self.new_ref("bps")
        session = {
            "id": ref, "object": "billing_portal.session", "created": now(), "customer": values["customer"],
            "livemode": False, "return_url": values.get("return_url"), "url": f"{request.origin}/portal/{ref}",
            "configuration": values.get("configuration", "bpc_fake"), "locale": None, "on_behalf_of": None,
            "flow": None,
        }  # fmt: skip
        if flow := values.get("flow_data"):
            confirm = flow["subscription_update_confirm"]
            items = list(confirm["items"].values())
            if problem := self._find_problem_of_change(confirm["subscription"], items[0]):
                return problem
            session["flow"] = flow | {"subscription_update_confirm": confirm | {"items": items}}
        return self._keep(request, Reply(200, self._add(session)))

    def list_events(self, request: Request) -> Reply:
        events = list(reversed(self.events))
        if request.query.get("delivery_success") == "false":
            events = [event for event in events if event["id"] in self.undelivered]
        kinds = {value for name, value in request.query.items() if name.startswith("types[")}
        events = [event for event in events if not kinds or event["type"] in kinds]
        since = int(request.query.get("created[gte]") or 0)
        return list_of([event for event in events if event["created"] >= since], request)

    # --- objects ----------------------------------------------------------------------------------------------------

    def new_ref(self, prefix: str) -> str:
        return f"{prefix}_{uuid.uuid4().hex[:24]}"

    def _add(self, found: dict) -> dict:
        with self.lock:
            self.objects[found["id"]] = found
        return found

    def _get(self, kind: str, ref: str, request: Request) -> Reply:
        found = self.objects.get(ref)
        if found is None or found["object"] != kind:
            return missing(kind, ref)
        expand = [value for name, value in request.query.items() if name.startswith("expand[")]
        return Reply(200, self._expand(found, expand))

    def _expand(self, found: dict, paths: list[str]) -> dict:
        found = dict(found)
        for path in paths:
            name, _dot, rest = path.partition(".")
            if (target := self.objects.get(found.get(name) or "")) is not None:
                found[name] = self._expand(target, [rest] if rest else [])
        return found

    def _charge_invoice(self, invoice: dict) -> None:
        facts = {"amount_total": invoice["total"], "metadata": {}}
        intent = self._add(build_intent(self.new_ref("pi"), invoice | facts, status="succeeded"))
        charge = self._add(build_charge(self.new_ref("ch"), intent))
        intent["latest_charge"], intent["amount_received"] = charge["id"], intent["amount"]
        self._add(build_invoice_payment(self.new_ref("inpay"), invoice, intent))

    def payment_of(self, invoice_ref: str) -> str:
        """Return the payment intent of an invoice."""
        rows = [row for row in self.objects.values() if row["object"] == "invoice_payment"]
        return next(row["payment"]["payment_intent"] for row in rows if row["invoice"] == invoice_ref)

    def _subscribe(self, session: dict) -> None:
        price = session["line_items"]["data"][0]["price"]
        subscription = self._add(build_subscription(self.new_ref("sub"), session, price))
        invoice = self._add(build_invoice(self.new_ref("in"), subscription, "subscription_create", is_paid=True))
        subscription["latest_invoice"] = session["invoice"] = invoice["id"]
        self._charge_invoice(invoice)
        session["subscription"], session["payment_status"] = subscription["id"], "paid"
        self.emit("customer.subscription.created", subscription)
        self.emit("invoice.paid", invoice)
        self.emit("checkout.session.completed", session)


def sign(event: dict, *, secret: str = SECRET, at: int | None = None) -> tuple[bytes, dict]:
    """Return the body of an event and its headers, with Stripe's signature."""
    body = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(body, secret, at)
    return body.encode(), {"Content-Type": "application/json", "Stripe-Signature": signature}


def parse_form(body: bytes) -> dict:
    """Return the values of a form with nested names: ``a[b][0]=c`` is ``{"a": {"b": {"0": "c"}}}``."""
    found: dict = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        *outer, last = re.findall(r"[^\[\]]+", name)
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def list_of(rows: list[dict], request: Request) -> Reply:
    """Return a page of rows after ``starting_after``, as Stripe's lists."""
    limit, after = int(request.query.get("limit", 10)), request.query.get("starting_after")
    if after:
        rows = rows[[row["id"] for row in rows].index(after) + 1 :]
    page = {"object": "list", "url": request.path, "has_more": len(rows) > limit, "data": rows[:limit]}
    return Reply(200, page)


def error(status: int, kind: str, code: str | None, message: str) -> Reply:
    return Reply(status, {"error": {"type": kind, "code": code, "message": message}})


def missing(kind: str, ref: str) -> Reply:
    return error(404, "invalid_request_error", "resource_missing", f"No such {kind}: '{ref}'")


def now() -> int:
    return int(time.time())
