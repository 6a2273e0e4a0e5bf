"""Alipay for merchants of mainland China (page pay: a link), through the package python-alipay-sdk.

Facts: https://opendocs.alipay.com/open/270/105898 (page pay, events), alipay.trade.query, .refund, .close and
.fastpay.refund.query. The package is an optional extra, so it is imported when the first request is sent. It knows the
buyer's trade only after the buyer has opened the link.
"""

import logging
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.billing.payments.providers.base import (
    Event,
    Forged,
    Opened,
    Payment,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    absolute_url,
)
from accounts.billing.payments.providers.orders import (
    CURRENCY,
    OrderProvider,
    count_fen,
    is_order_number,
    order_number,
    read_purchase_id,
    to_china_time,
)

if TYPE_CHECKING:
    from accounts.billing.payments.models import Purchase

log = logging.getLogger(__name__)
TIMEOUT = 10  # seconds for one request
GATEWAY = "https://openapi.alipay.com/gateway.do"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
MAX_FIELDS = 100  # of an event
SIGNATURE = "RSA2"
DONE = "10000"
UNKNOWN = "ACQ.TRADE_NOT_EXIST"
CLOSED = "TRADE_CLOSED"  # never paid, or paid and paid back in full
STATES = {
    "WAIT_BUYER_PAY": PaymentState.OPEN,
    "TRADE_SUCCESS": PaymentState.PAID,
    "TRADE_FINISHED": PaymentState.PAID,
    CLOSED: PaymentState.EXPIRED,
}


class AlipayProvider(OrderProvider):
    slug = "alipay"

    def open(self, purchase: "Purchase", customer: str) -> Opened:
        """Return the link to the page where the buyer pays. Nothing is sent: Alipay learns of it from the buyer."""
        number = order_number(purchase)
        terms = {
            "subject": re.sub("[/=&]", " ", purchase.name),  # which Alipay refuses
            "out_trade_no": number,
            "total_amount": to_yuan(count_fen(purchase)),
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": to_china_time(purchase.expires_at).strftime(TIME_FORMAT),
        }
        addresses = {
            # Alipay adds out_trade_no and others, for which reason the address has no parameters of its own.
            "return_url": absolute_url(reverse("payments:purchase", args=[purchase.pk])),
            "notify_url": absolute_url(reverse("payments:alipay_webhook")),
        }
        signed = client().client_api("alipay.trade.page.pay", terms, timestamp=format_now(), **addresses)
        return Opened(number, f"{settings.ALIPAY_GATEWAY or GATEWAY}?{signed}")

    def close(self, session_ref: str) -> None:
        try:
            call("alipay.trade.close", out_trade_no=session_ref)
        except ProviderRefused as refusal:  # nobody has opened the link, or it was paid or closed before
            log.info("trade %s was not closed: %s", session_ref, refusal.code)

    def fetch(self, session_ref: str) -> Payment | None:
        trade = fetch_or_none("alipay.trade.query", out_trade_no=session_ref) if is_order_number(session_ref) else None
        if trade is None:
            return None
        numbers = {"out_trade_no": session_ref, "out_request_no": session_ref}
        is_open = trade.get("trade_status") == "WAIT_BUYER_PAY"
        refund = None if is_open else fetch_or_none("alipay.trade.fastpay.refund.query", **numbers)
        return read_payment(trade, refund or {})

    def refund(self, purchase: "Purchase") -> None:
        number = order_number(purchase)
        amount = to_yuan(count_fen(purchase))
        call("alipay.trade.refund", out_trade_no=number, out_request_no=number, refund_amount=amount)

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
            values = dict(pairs)
            signature = values.pop("sign")
            is_plain = len(values) + 1 == len(pairs) and values["sign_type"] == SIGNATURE
            if not is_plain or not client().verify(dict(values), signature):
                raise Forged
            return read_event(values)
        except (ValueError, KeyError):
            raise Forged from None


def client() -> Any:
    """Return the package's client. Raises ProviderUnavailable on a site that no longer has Alipay."""
    if not settings.ALIPAY_APP_ID:
        raise ProviderUnavailable("not set up")
    keys = {
        "app_private_key_string": settings.ALIPAY_PRIVATE_KEY,
        "alipay_public_key_string": settings.ALIPAY_PUBLIC_KEY,
    }
    return _build_client(settings.ALIPAY_GATEWAY or GATEWAY, appid=settings.ALIPAY_APP_ID, **keys)


@cache
def _build_client(gateway: str, **values: str) -> Any:
    from alipay import AliPay
    from alipay.utils import AliPayConfig

    built = AliPay(sign_type=SIGNATURE, config=AliPayConfig(timeout=TIMEOUT), **values)
    built._gateway = gateway  # the package knows only the real one and the sandbox
    return built


def call(api: str, **content: str) -> dict:
    """Send a request and return the answer, whose signature the package checks.

    Raises ProviderUnavailable or ProviderRefused.
    """
    service = client()
    from alipay.exceptions import AliPayException, AliPayValidationError

    try:
        answer = service.server_api(api, content, timestamp=format_now())
    except (OSError, HTTPException, ValueError, AttributeError, AliPayValidationError) as error:
        log.warning("Alipay is not available: %s", type(error).__name__)
        raise ProviderUnavailable(type(error).__name__) from None
    except AliPayException as error:  # an error without a signature, such as an unknown app
        log.warning("Alipay did not sign its answer to %s: %.300s", api, error)
        raise ProviderUnavailable("signature") from None
    if answer.get("code") == DONE:
        return answer
    code = str(answer.get("sub_code") or answer.get("code"))[:60]
    if code != UNKNOWN:
        log.warning("Alipay answered %s: %s", api, code)
    if answer.get("code") == "20000" or code.endswith("SYSTEM_ERROR"):
        raise ProviderUnavailable(code)
    raise ProviderRefused(code)


def fetch_or_none(api: str, **content: str) -> dict | None:
    try:
        return call(api, **content)
    except ProviderRefused as refusal:
        if refusal.code == UNKNOWN:
            return None
        raise


def read_payment(trade: dict, refund: dict) -> Payment:
    """Return the payment of a trade. ``refund``: what this site paid back of it, else empty."""
    number, status = str(trade.get("out_trade_no")), trade.get("trade_status")
    total = read_fen(trade.get("total_amount"))
    if status not in STATES or not is_order_number(number) or total is None:
        raise ProviderUnavailable(f"trade status {status}")
    refunded = read_fen(refund.get("refund_amount")) or 0 if refund.get("refund_status") == "REFUND_SUCCESS" else 0
    was_paid = status == CLOSED and bool(trade.get("send_pay_date") or refunded)
    return Payment(
        session_ref=number,
        purchase_id=read_purchase_id(number),
        state=PaymentState.PAID if was_paid else STATES[status],
        mode="payment",
        amount=total,
        currency=trade.get("trans_currency") or CURRENCY,
        is_live=True,
        customer="",
        payment_ref=trade.get("trade_no") or "",
        paid=total,
        refunded=total if was_paid else refunded,
    )


def read_event(values: Mapping[str, str]) -> Event:
    problem = "" if values["app_id"] == settings.ALIPAY_APP_ID else "other_account"
    kind = f"{values['notify_type']} {values.get('trade_status', '')}".strip()
    return Event(values["notify_id"][:200], kind[:80], values["out_trade_no"][:200], problem)


def to_yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def read_fen(yuan: Any) -> int | None:
    """Return an amount such as "12.00" in fen, or None if it is not a whole number of them."""
    try:
        fen = Decimal(str(yuan)) * 100
        return int(fen) if fen == int(fen) else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def format_now() -> str:
    return to_china_time(timezone.now()).strftime(TIME_FORMAT)
