"""Fake of WeChat Pay's API v3 for native pay: orders, refunds and signed events, as wechatpayv3 speaks to it.

Written from https://pay.weixin.qq.com/doc/v3/merchant/4012791877 and the pages beside it. It checks the signature of
each request and the names of its parameters, and signs each answer.
"""

import base64
import json
import re
import time
import uuid
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.fakes.rsa_keys import is_signed, private_pem, public_pem, sign
from tests.fakes.server import Fake, Reply, Request

MERCHANT, APP, SERIAL, PUBLIC_KEY_ID = "1900000109", "wxfake0123456789", "4F4864EA9B34415F", "PUB_KEY_ID_0119000001"
API_KEY = "0123456789abcdef0123456789abcdef"
ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
ORDER = {"appid", "mchid", "description", "out_trade_no", "amount", "time_expire", "notify_url"}
REFUND = {"out_refund_no", "out_trade_no", "amount", "notify_url"}


def build_settings(url: str) -> dict[str, str]:
    """Return the settings of a site that sells through this fake."""
    return {
        "WECHAT_PAY_MERCHANT_ID": MERCHANT, "WECHAT_PAY_APP_ID": APP, "WECHAT_PAY_CERTIFICATE_SERIAL": SERIAL,
        "WECHAT_PAY_PRIVATE_KEY": private_pem("merchant"), "WECHAT_PAY_API_KEY": API_KEY,
        "WECHAT_PAY_PUBLIC_KEY": public_pem("wechat"), "WECHAT_PAY_PUBLIC_KEY_ID": PUBLIC_KEY_ID,
        "WECHAT_PAY_API_BASE": url,
    }  # fmt: skip


class WeChatFake(Fake):
    slug = "wechat"
    routes = [
        ("POST", "/v3/pay/transactions/native", "create_order"),
        ("GET", "/v3/pay/transactions/out-trade-no/([^/]+)", "get_order"),
        ("POST", "/v3/pay/transactions/out-trade-no/([^/]+)/close", "close_order"),
        ("POST", "/v3/refund/domestic/refunds", "create_refund"),
        ("GET", "/v3/refund/domestic/refunds/([^/]+)", "get_refund"),
    ]

    def __init__(self):
        super().__init__()
        self.orders: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.signs_as = "wechat"  # whose key signs the answers

    # --- for tests --------------------------------------------------------------------------------------------------

    def pay(self, number: str, **values) -> None:
        """Pay an order, as a buyer who scanned its code."""
        order = self.orders[number]
        assert order["trade_state"] == "NOTPAY", order["trade_state"]
        order |= {"trade_state": "SUCCESS", "transaction_id": f"42000{uuid.uuid4().int:023}"[:28]}
        order["amount"] = {"total": order["total"], "currency": "CNY", "payer_total": order["total"]} | values

    # --- requests ---------------------------------------------------------------------------------------------------

    def is_authorised(self, request: Request) -> bool:
        kind, _space, rest = request.headers.get("authorization", "").partition(" ")
        facts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        path = request.path + (f"?{urlencode(request.query)}" if request.query else "")
        text = (
            f"{request.method}\n{path}\n{facts.get('timestamp')}\n{facts.get('nonce_str')}\n{request.body.decode()}\n"
        )
        is_ours = (facts.get("mchid"), facts.get("serial_no")) == (MERCHANT, SERIAL)
        is_ours &= request.headers.get("wechatpay-serial") == PUBLIC_KEY_ID
        return kind == ALGORITHM and is_ours and is_signed("merchant", text, facts.get("signature", ""))

    def refusal(self, kind: str) -> Reply:
        status, code = {"auth": (401, "SIGN_ERROR"), "busy": (429, "FREQUENCY_LIMITED")}.get(
            kind, (500, "SYSTEM_ERROR")
        )
        return Reply(status, {"code": code, "message": "-"})

    def respond(self, request: Request) -> Reply:
        reply = super().respond(request)
        body = json.dumps(reply.body) if isinstance(reply.body, dict) else ""
        headers = sign_headers(body, owner=self.signs_as) | {"Content-Type": "application/json"}
        return Reply(reply.status, body, headers, cut=reply.cut, delay=reply.delay)

    def create_order(self, request: Request) -> Reply:
        terms = request.json()
        number, total = terms["out_trade_no"], terms["amount"]["total"]
        is_valid = set(terms) == ORDER and re.fullmatch(r"[\w|*-]{6,32}", number) and type(total) is int
        if not is_valid or terms["amount"]["currency"] != "CNY" or not terms["time_expire"].endswith("+08:00"):
            return Reply(400, {"code": "PARAM_ERROR", "message": "-"})
        order = {"out_trade_no": number, "mchid": MERCHANT, "appid": APP, "trade_state": "NOTPAY", "total": total}
        known = self.orders.setdefault(number, order | {"terms": terms})
        if known["terms"] != terms:
            return Reply(400, {"code": "OUT_TRADE_NO_USED", "message": "-"})
        return Reply(200, {"code_url": f"weixin://wxpay/bizpayurl?pr={number[:9]}"})

    def get_order(self, request: Request, number: str) -> Reply:
        if number not in self.orders or request.query.get("mchid") != MERCHANT:
            return Reply(404, {"code": "ORDER_NOT_EXIST", "message": "-"})
        order = self.orders[number]
        return Reply(200, {name: value for name, value in order.items() if name not in ("terms", "total")})

    def close_order(self, request: Request, number: str) -> Reply:
        if self.orders[number]["trade_state"] not in ("NOTPAY", "CLOSED"):
            return Reply(400, {"code": "ORDERPAID", "message": "-"})
        self.orders[number]["trade_state"] = "CLOSED"
        return Reply(204)

    def create_refund(self, request: Request) -> Reply:
        terms = request.json()
        order, amount = self.orders[terms["out_trade_no"]], terms["amount"]
        is_valid = set(terms) == REFUND and amount == {
            "refund": order["total"],
            "total": order["total"],
            "currency": "CNY",
        }
        if not is_valid or order["trade_state"] not in ("SUCCESS", "REFUND"):
            return Reply(400, {"code": "INVALID_REQUEST", "message": "-"})
        order["trade_state"] = "REFUND"
        refund = {"out_refund_no": terms["out_refund_no"], "status": "PROCESSING", "amount": amount}
        return Reply(200, self.refunds.setdefault(terms["out_refund_no"], refund))

    def get_refund(self, request: Request, number: str) -> Reply:
        if number not in self.refunds:
            return Reply(404, {"code": "RESOURCE_NOT_EXISTS", "message": "-"})
        return Reply(200, self.refunds[number])


def sign_headers(body: str, *, owner="wechat", serial=PUBLIC_KEY_ID, at: float | None = None) -> dict[str, str]:
    """Return the headers by which the platform signs an answer or an event."""
    sent_at, nonce = str(int(at or time.time())), uuid.uuid4().hex
    return {
        "Wechatpay-Signature-Type": ALGORITHM, "Wechatpay-Serial": serial, "Wechatpay-Timestamp": sent_at,
        "Wechatpay-Nonce": nonce, "Wechatpay-Signature": sign(owner, f"{sent_at}\n{nonce}\n{body}\n"),
    }  # fmt: skip


def build_event(number: str, *, api_key=API_KEY, kind="TRANSACTION.SUCCESS", algorithm="AEAD_AES_256_GCM", **values):
    """Return the body of an event about an order, with its figures encrypted."""
    order = {"mchid": MERCHANT, "appid": APP, "out_trade_no": number, "trade_state": "SUCCESS"} | values
    nonce, extra = uuid.uuid4().hex[:12], "transaction"
    sealed = AESGCM(api_key.encode()).encrypt(nonce.encode(), json.dumps(order).encode(), extra.encode())
    resource = {
        "algorithm": algorithm, "ciphertext": base64.b64encode(sealed).decode(), "nonce": nonce,
        "associated_data": extra, "original_type": extra,
    }  # fmt: skip
    head = {"id": str(uuid.uuid4()), "event_type": kind, "resource_type": "encrypt-resource", "summary": "-"}
    return json.dumps(head | {"resource": resource})
