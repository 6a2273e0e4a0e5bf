"""WeChat Pay for merchants of mainland China (API v3, native pay: a QR code), through the package wechatpayv3.

Facts: https://pay.weixin.qq.com/doc/v3/merchant/4012791877 (order), …/4013070356 (query), …/4013071036 (refund). The
package is an optional extra, so it is imported when the first request is sent.
"""

import json
import logging
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings
from django.urls import reverse

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
TIMEOUT = (5, 10)  # seconds to connect, and to wait for an answer
TOLERANCE = 300  # seconds by which the time of an event may differ from ours
ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
SIGNED_HEADERS = [f"Wechatpay-{name}" for name in ("Signature-Type", "Serial", "Timestamp", "Nonce", "Signature")]
STATES = {
    "SUCCESS": PaymentState.PAID, "REFUND": PaymentState.PAID, "NOTPAY": PaymentState.OPEN,
    "USERPAYING": PaymentState.OPEN, "CLOSED": PaymentState.EXPIRED, "REVOKED": PaymentState.EXPIRED,
    "PAYERROR": PaymentState.FAILED,
}  # fmt: skip
UNKNOWN = {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"}
REFUNDED = {"SUCCESS", "PROCESSING"}  # the others mean that the bank sent the money back


class WeChatProvider(OrderProvider):
    slug = "wechat"

    def open(self, purchase: "Purchase", customer: str) -> Opened:
        """Create an order. The address is what its QR code says. The same order again has the same number and terms."""
        number = order_number(purchase)
        order = call(
            "pay",
            description=purchase.name,
            out_trade_no=number,
            amount={"total": count_fen(purchase), "currency": CURRENCY},
            time_expire=to_china_time(purchase.expires_at).isoformat(timespec="seconds"),
            notify_url=build_notify_url(),
        )
        return Opened(number, read(order, "code_url"))

    def close(self, session_ref: str) -> None:
        try:
            call("close", out_trade_no=session_ref)
        except ProviderRefused as refusal:  # it was paid or closed before
            log.info("order %s was not closed: %s", session_ref, refusal.code)

    def fetch(self, session_ref: str) -> Payment | None:
        order = fetch_or_none("query", out_trade_no=session_ref) if is_order_number(session_ref) else None
        if order is None:
            return None
        is_refunded = order.get("trade_state") == "REFUND"  # in part or in full, which only the refund says
        refund = fetch_or_none("query_refund", out_refund_no=session_ref) if is_refunded else None
        return read_payment(order, refund)

    def refund(self, purchase: "Purchase") -> None:
        number, total = order_number(purchase), count_fen(purchase)
        amount = {"refund": total, "total": total, "currency": CURRENCY}
        call("refund", out_refund_no=number, out_trade_no=number, amount=amount, notify_url=build_notify_url())

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        signed = {name: headers.get(name) or "" for name in SIGNED_HEADERS}
        if not is_acceptable(signed):
            raise Forged
        try:
            return read_event(client().callback(signed, body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Forged from None
        except Exception as error:
            if type(error) is not Exception:  # what the package raises for another cipher
                raise
            raise Forged from None


def client() -> Any:
    """Return the package's client, which has the platform's public key and therefore asks for no certificates.

    Raises ProviderUnavailable on a site that no longer has WeChat Pay.
    """
    if not settings.WECHAT_PAY_MERCHANT_ID:
        raise ProviderUnavailable("not set up")
    return _build_client(
        mchid=settings.WECHAT_PAY_MERCHANT_ID,
        appid=settings.WECHAT_PAY_APP_ID,
        private_key=settings.WECHAT_PAY_PRIVATE_KEY,
        cert_serial_no=settings.WECHAT_PAY_CERTIFICATE_SERIAL,
        apiv3_key=settings.WECHAT_PAY_API_KEY,
        public_key=settings.WECHAT_PAY_PUBLIC_KEY,
        public_key_id=settings.WECHAT_PAY_PUBLIC_KEY_ID,
        base=settings.WECHAT_PAY_API_BASE,
    )


@cache
def _build_client(*, base: str, **values: str) -> Any:
    from wechatpayv3 import WeChatPay, WeChatPayType

    built = WeChatPay(WeChatPayType.NATIVE, timeout=TIMEOUT, **values)
    if base:
        built._core._gate_way = base  # the package has no public way to name another host
    return built


def call(method: str, **values: Any) -> dict:
    """Send a request and return the answer. Raises ProviderUnavailable or ProviderRefused.

    The package checks the signature of answers with status 2xx, and raises a plain Exception or, for a key that is
    not ours, a ValueError.
    """
    try:
        status, text = getattr(client(), method)(**values)
    except requests.RequestException as error:
        log.warning("WeChat Pay is not available: %s", type(error).__name__)
        raise ProviderUnavailable(type(error).__name__) from None
    except Exception as error:
        if type(error) is not Exception and not isinstance(error, ValueError):
            raise
        log.warning("WeChat Pay sent an answer without a valid signature")
        raise ProviderUnavailable("signature") from None
    return read_answer(status, text)


def read_answer(status: int, text: str | bytes) -> dict:
    try:
        answer = json.loads(text) if text else {}
    except ValueError:
        answer = None
    if status < 300 and isinstance(answer, dict):
        return answer
    code = str(answer.get("code", status))[:60] if isinstance(answer, dict) else str(status)
    log.warning("WeChat Pay answered %s %s", status, code)
    if status < 400 or status == 429 or status >= 500:
        raise ProviderUnavailable(code)
    raise ProviderRefused(code)


def fetch_or_none(method: str, **values: Any) -> dict | None:
    try:
        return call(method, **values)
    except ProviderRefused as refusal:
        if refusal.code in UNKNOWN:
            return None
        raise


def read(found: dict, name: str) -> Any:
    """Return a value that an answer must have. Raises ProviderUnavailable."""
    if name not in found:
        raise ProviderUnavailable(f"no {name}")
    return found[name]


def read_payment(order: dict, refund: dict | None) -> Payment:
    """Return the payment of an order. One that is not paid may name no amount, and never names its currency."""
    number, state, amount = read(order, "out_trade_no"), read(order, "trade_state"), order.get("amount") or {}
    if state not in STATES or not is_order_number(number):
        raise ProviderUnavailable(f"state {state}")
    is_returned = refund is not None and refund.get("status") in REFUNDED
    return Payment(
        session_ref=number,
        purchase_id=read_purchase_id(number),
        state=STATES[state],
        mode="payment",
        amount=amount.get("total"),
        currency=amount.get("currency") or CURRENCY,
        is_live=True,
        customer="",
        payment_ref=order.get("transaction_id") or "",
        paid=amount.get("total") or 0,
        refunded=refund["amount"]["refund"] if refund and is_returned else 0,
        has_unknown_refund=state == "REFUND" and refund is None,
    )


def is_acceptable(signed: Mapping[str, str]) -> bool:
    """Return whether a message names our key of the platform and the present time.

    For any other key the package would ask for certificates over the network; it does not look at the time.
    """
    is_known = signed["Wechatpay-Signature-Type"] == ALGORITHM
    is_known &= signed["Wechatpay-Serial"] == settings.WECHAT_PAY_PUBLIC_KEY_ID
    sent_at = signed["Wechatpay-Timestamp"]
    is_number = sent_at.isascii() and sent_at.isdecimal() and len(sent_at) < 15
    return is_known and is_number and abs(time.time() - int(sent_at)) <= TOLERANCE


def read_event(message: Any) -> Event:
    """Return the event of a decrypted message; the package returns None for a wrong signature or a broken tag."""
    order = message["resource"]
    problem = "" if order["mchid"] == settings.WECHAT_PAY_MERCHANT_ID else "other_account"
    return Event(str(message["id"])[:200], str(message["event_type"])[:80], str(order["out_trade_no"])[:200], problem)


def build_notify_url() -> str:
    return absolute_url(reverse("payments:wechat_webhook"))
