"""Fake of Alipay's gateway for page pay: trades, refunds and signed events, as python-alipay-sdk speaks to it.

Written from https://opendocs.alipay.com/open/270/105898 and the pages beside it. It checks the signature of each
request and signs each answer; it knows a trade once a buyer has opened the link.
"""

import json
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fakes.rsa_keys import is_signed, private_pem, public_pem, sign
from tests.fakes.server import Fake, Reply, Request

APP = "2021000000000001"
PAGE = {"subject", "out_trade_no", "total_amount", "product_code", "time_expire"}
METHODS = {
    "alipay.trade.query": "query", "alipay.trade.close": "close", "alipay.trade.refund": "refund",
    "alipay.trade.fastpay.refund.query": "query_refund",
}  # fmt: skip


def build_settings(url: str) -> dict[str, str]:
    """Return the settings of a site that sells through this fake."""
    return {
        "ALIPAY_APP_ID": APP, "ALIPAY_PRIVATE_KEY": private_pem("app"), "ALIPAY_PUBLIC_KEY": public_pem("alipay"),
        "ALIPAY_GATEWAY": f"{url}/gateway.do",
    }  # fmt: skip


class AlipayFake(Fake):
    slug = "alipay"
    routes = [("GET", "/gateway.do", "answer")]

    def __init__(self):
        super().__init__()
        self.trades: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.signs_as = "alipay"  # whose key signs the answers

    # --- for tests --------------------------------------------------------------------------------------------------

    def open_link(self, url: str) -> str:
        """Open the link of a purchase, as its buyer. Returns the number of the trade."""
        values = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert is_from_app(values) and values["method"] == "alipay.trade.page.pay", values
        terms = json.loads(values["biz_content"])
        assert set(terms) == PAGE and values["notify_url"].endswith("/payments/alipay/"), values
        assert "/payments/" in values["return_url"] and "?" not in values["return_url"], values
        trade = {
            "out_trade_no": terms["out_trade_no"], "total_amount": terms["total_amount"],
            "trade_no": f"2026{uuid.uuid4().int:024}"[:28], "trade_status": "WAIT_BUYER_PAY",
        }  # fmt: skip
        return self.trades.setdefault(trade["out_trade_no"], trade)["out_trade_no"]

    def pay(self, number: str, **values) -> None:
        assert self.trades[number]["trade_status"] == "WAIT_BUYER_PAY"
        self.trades[number] |= {"trade_status": "TRADE_SUCCESS", "send_pay_date": "2026-11-30 09:00:00"} | values

    # --- requests ---------------------------------------------------------------------------------------------------

    def is_authorised(self, request: Request) -> bool:
        return is_from_app(request.query)

    def refusal(self, kind: str) -> Reply:
        if kind != "auth":
            return Reply(502, b"")
        return Reply(200, {"error_response": {"code": "40002", "sub_code": "isv.invalid-signature", "msg": "-"}})

    def answer(self, request: Request) -> Reply:
        method = request.query["method"]
        content = json.loads(request.query["biz_content"])
        answer = getattr(self, METHODS[method])(content)
        text = json.dumps({"code": "10000", "msg": "Success"} | answer, separators=(",", ":"))
        name = method.replace(".", "_") + "_response"
        body = f'{{"{name}":{text},"sign":"{sign(self.signs_as, text)}"}}'
        return Reply(200, body, {"Content-Type": "text/html;charset=utf-8"})

    def query(self, content: dict) -> dict:
        return self.trades.get(content["out_trade_no"]) or refuse("ACQ.TRADE_NOT_EXIST")

    def close(self, content: dict) -> dict:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return refuse("ACQ.TRADE_NOT_EXIST")
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return refuse("ACQ.TRADE_STATUS_ERROR")
        trade["trade_status"] = "TRADE_CLOSED"
        return {"out_trade_no": trade["out_trade_no"]}

    def refund(self, content: dict) -> dict:
        trade = self.trades[content["out_trade_no"]]
        if trade["trade_status"] != "TRADE_SUCCESS" and content["out_request_no"] not in self.refunds:
            return refuse("ACQ.TRADE_STATUS_ERROR")
        if content["refund_amount"] != trade["total_amount"]:
            return refuse("ACQ.INVALID_PARAMETER")
        trade["trade_status"] = "TRADE_CLOSED"
        self.refunds[content["out_request_no"]] = {"refund_amount": content["refund_amount"]}
        return {"fund_change": "Y"}

    def query_refund(self, content: dict) -> dict:
        refund = self.refunds.get(content["out_request_no"])
        return {"refund_status": "REFUND_SUCCESS"} | refund if refund else {}


def refuse(code: str) -> dict:
    return {"code": "40004", "msg": "Business Failed", "sub_code": code}


def is_from_app(values: dict[str, str]) -> bool:
    is_ours = (values.get("app_id"), values.get("sign_type")) == (APP, "RSA2")
    return is_ours and is_signed("app", join(values), values.get("sign", ""))


def join(values: dict[str, str]) -> str:
    """Return what is signed of a request."""
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()) if name != "sign")


def build_event(number: str, *, signer="alipay", tampered: dict | None = None, **values: str) -> str:
    """Return the body of a signed event about a trade. ``tampered``: what somebody changed on the way."""
    facts = {
        "app_id": APP, "notify_id": uuid.uuid4().hex, "notify_type": "trade_status_sync", "out_trade_no": number,
        "notify_time": "2026-11-30 09:00:01", "trade_status": "TRADE_SUCCESS", "total_amount": "12.00", "body": "",
        "subject": "小额度包", "charset": "utf-8",
    } | values  # fmt: skip
    signature = sign(signer, "&".join(f"{name}={value}" for name, value in sorted(facts.items())))
    return urlencode(facts | {"sign_type": "RSA2", "sign": signature} | (tampered or {}))
