"""WeChat Pay and Alipay: from the click to the credit, spoken to by their packages; signed vectors of their events."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone

from accounts.billing.models import Grant
from accounts.billing.payments import events, purchases, refunds, worker
from accounts.billing.payments.models import PaymentEvent, Purchase
from accounts.billing.payments.providers.base import ProviderUnavailable
from config import env
from tests.accounts.billing.payments.buying import DOLLAR, balance, create_pack, create_plan, sign_in_again
from tests.fakes import alipay, wechat
from tests.fakes.alipay import AlipayFake
from tests.fakes.rsa_keys import private_pem, public_pem
from tests.fakes.server import Fake, FakeServer
from tests.fakes.wechat import WeChatFake, sign_headers

pytestmark = pytest.mark.django_db
YUAN = DOLLAR


@dataclass
class Shop:
    """A site that sells through the fake of one provider."""

    fake: Fake
    module: ModuleType
    accept: Callable  # how a buyer comes to the order
    answers: tuple[tuple, tuple]  # to an event that is taken, and to a forged one

    @property
    def slug(self):
        return self.fake.slug

    def begin(self, user, pack):
        offer = purchases.offer_pack(pack)
        purchase = purchases.buy(user.workspaces.get(), offer, by=user, provider=self.slug, agreed_words="-")
        self.accept(purchase)
        return purchase

    def pay(self, user, pack, **values):
        purchase = self.begin(user, pack)
        self.fake.pay(purchase.session_ref, **values)
        return purchase

    def notify(self, client, purchase, *, order="", **values):
        """Send an event and let a worker apply it. Returns status and text of the answer."""
        return self.send(client, self.module.build_event(order or purchase.session_ref, **values))

    def send(self, client, body, headers=None):
        kind = "application/json" if self.slug == "wechat" else "application/x-www-form-urlencoded"
        signed = sign_headers(body) if headers is None and self.slug == "wechat" else headers
        address = reverse(f"payments:{self.slug}_webhook")
        response = client.post(address, body.encode(), content_type=kind, headers=signed or {})
        worker.apply_events()
        return response.status_code, response.content.decode()


@pytest.fixture
def wechat_shop(settings):
    fake = WeChatFake()
    with FakeServer([fake]) as server:
        use(settings, wechat.build_settings(server.url("wechat")))
        yield Shop(fake, wechat, lambda purchase: None, ((204, ""), (401, '{"code": "FAIL", "message": "signature"}')))


@pytest.fixture
def alipay_shop(settings):
    fake = AlipayFake()
    with FakeServer([fake]) as server:
        use(settings, alipay.build_settings(server.url("alipay")))
        yield Shop(fake, alipay, lambda purchase: fake.open_link(purchase.url), ((200, "success"), (401, "fail")))


def use(settings, values):
    for name, value in ({"BILLING": True, "SITE_CURRENCY": "CNY"} | values).items():
        setattr(settings, name, value)


@pytest.fixture(params=["wechat", "alipay"])
def shop(request):
    return request.getfixturevalue(f"{request.param}_shop")


@pytest.fixture
def pack(db):
    return create_pack(currency="CNY")


def test_a_pack_is_bought_by_code_or_link_and_granted_once(shop, pack, mika, sign_in, client):
    browser = sign_in(mika)
    sign_in_again(browser)
    page = browser.post(reverse("payments:buy"), {"pack": "small", "agree": "yes", "provider": shop.slug}).url
    purchase = Purchase.objects.get()
    shown = browser.get(page).content.decode()
    assert ("data:image/svg+xml" in shown, "gateway.do" in shown) == (shop.slug == "wechat", shop.slug == "alipay")
    assert "¥12.00" in shown and private_pem("merchant")[60:90] not in shown

    shop.accept(purchase)
    shop.fake.pay(purchase.session_ref)
    if shop.slug == "alipay":
        assert "We are waiting for Alipay" in browser.get(f"{page}?out_trade_no=1&sign=x").content.decode()
    body = shop.module.build_event(purchase.session_ref)
    for _ in range(2):  # the same event twice
        assert shop.send(client, body) == shop.answers[0]
    assert shop.notify(client, purchase) == shop.answers[0]  # and one more about the same order

    assert (balance(mika), PaymentEvent.objects.count(), Grant.objects.count()) == (12 * YUAN, 2, 1)
    assert "The payment has arrived" in browser.get(page).content.decode()


FORGED_WECHAT = {
    "wrong serial": lambda body: (body, sign_headers(body, serial="PUB_KEY_ID_0119000002")),
    "serial of a certificate": lambda body: (body, sign_headers(body, serial="5157F09EFDC096DE")),
    "signed by another": lambda body: (body, sign_headers(body, owner="merchant")),
    "one byte changed": lambda body: (body.replace("TRANSACTION", "TRANSACTIOM"), sign_headers(body)),
    "old": lambda body: (body, sign_headers(body, at=time.time() - 301)),
    "of tomorrow": lambda body: (body, sign_headers(body, at=time.time() + 86_400)),
    "no signature": lambda body: (body, {}),
    "tag broken": lambda body: resign(wechat.build_event("0" * 32, api_key="x" * 32)),
    "other cipher": lambda body: resign(wechat.build_event("0" * 32, algorithm="AEAD_SM4_GCM")),
    "signed, but no event": lambda body: resign("[]"),
}
FORGED_ALIPAY = {
    "signed by another": lambda number: alipay.build_event(number, signer="app"),
    "amount changed": lambda number: alipay.build_event(number, tampered={"total_amount": "0.01"}),
    "field added": lambda number: alipay.build_event(number) + "&total_amount=12.00",
    "weaker signature": lambda number: alipay.build_event(number, tampered={"sign_type": "RSA"}),
    "no signature": lambda number: alipay.build_event(number).replace("&sign=", "&sigh="),
    "signature cut": lambda number: alipay.build_event(number, tampered={"sign": "x"}),
    "not a form": lambda number: "{",
}


def resign(body):
    return body, sign_headers(body)


@pytest.mark.parametrize("forge", FORGED_WECHAT.values(), ids=FORGED_WECHAT)
def test_a_forged_event_of_wechat_is_refused_and_asks_nobody(wechat_shop, client, forge):
    body, headers = forge(wechat.build_event("0" * 32))

    assert wechat_shop.send(client, body, headers) == wechat_shop.answers[1]
    assert not PaymentEvent.objects.exists() and wechat_shop.fake.calls == []


@pytest.mark.parametrize("forge", FORGED_ALIPAY.values(), ids=FORGED_ALIPAY)
def test_a_forged_event_of_alipay_is_refused_and_asks_nobody(alipay_shop, client, forge):
    assert alipay_shop.send(client, forge("0" * 32)) == alipay_shop.answers[1]
    assert not PaymentEvent.objects.exists() and alipay_shop.fake.calls == []


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("wechat_shop", {"total": 1199}, "other_amount"),
        ("wechat_shop", {"currency": "HKD"}, "other_currency"),
        ("alipay_shop", {"total_amount": "11.99"}, "other_amount"),
        ("alipay_shop", {"trans_currency": "USD"}, "other_currency"),
    ],
)
def test_another_amount_or_currency_grants_nothing_and_is_shown(request, pack, mika, client, name, values, problem):
    shop = request.getfixturevalue(name)
    purchase = shop.pay(mika, pack, **values)
    shop.notify(client, purchase)

    assert (balance(mika), [event.problem for event in events.list_unmatched()]) == (0, [problem])


def test_orders_of_others_and_unpaid_ones_change_nothing(shop, pack, mika, client):
    purchase = shop.begin(mika, pack)
    shop.notify(client, purchase)  # says paid, but the order is not
    shop.notify(client, purchase, order="another-shop-17")
    shop.notify(client, purchase, **{"mchid" if shop.slug == "wechat" else "app_id": "1900000001"})

    purchase.refresh_from_db()
    assert (balance(mika), purchase.status, purchase.problem) == (0, "open", "")
    assert sorted(event.problem for event in events.list_unmatched()) == ["other_account", "unmatched"]


def test_a_refund_pays_back_once_and_takes_the_credit_back(shop, pack, mika, client):
    purchase = shop.pay(mika, pack)
    shop.notify(client, purchase)
    for _ in range(2):
        purchase.refresh_from_db()
        assert refunds.refund(purchase, by=mika, reason="asked for") == ""

    purchase.refresh_from_db()
    assert (purchase.status, balance(mika), len(shop.fake.refunds)) == ("refunded", 0, 1)


@pytest.mark.parametrize(("status", "problem"), [("ABNORMAL", "refund_failed"), (None, "refunded_there")])
def test_a_refund_that_failed_or_was_made_elsewhere_is_shown(wechat_shop, pack, mika, client, status, problem):
    purchase = wechat_shop.pay(mika, pack)
    wechat_shop.notify(client, purchase)
    purchase.refresh_from_db()
    if status:
        refunds.refund(purchase, by=mika, reason="asked for")
        wechat_shop.fake.refunds[purchase.session_ref]["status"] = status
    else:
        wechat_shop.fake.orders[purchase.session_ref]["trade_state"] = "REFUND"
    wechat_shop.notify(client, purchase, kind="REFUND.ABNORMAL")

    assert [event.problem for event in events.list_unmatched()] == [problem]


def test_a_trade_that_alipay_paid_back_in_its_own_pages_takes_the_credit_back(alipay_shop, pack, mika, client):
    purchase = alipay_shop.pay(mika, pack)
    alipay_shop.notify(client, purchase)
    alipay_shop.fake.trades[purchase.session_ref]["trade_status"] = "TRADE_CLOSED"
    alipay_shop.notify(client, purchase)

    purchase.refresh_from_db()
    assert (purchase.status, balance(mika)) == ("refunded", 0)


def test_an_order_ends_after_its_time_and_one_paid_without_an_event_is_granted(shop, pack, mika, sign_in):
    unpaid, paid = shop.begin(mika, pack), shop.pay(mika, create_pack(code="large", currency="CNY"))
    untouched = purchases.buy(
        mika.workspaces.get(), purchases.offer_pack(create_pack(code="third", currency="CNY")), by=mika,
        provider=shop.slug, agreed_words="-",
    )  # fmt: skip
    Purchase.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert (
        "The time to pay is over"
        in sign_in(mika).get(reverse("payments:purchase", args=[untouched.pk])).content.decode()
    )
    Purchase.objects.update(expires_at=timezone.now() - timedelta(minutes=6))

    shop.fake.refuses = "auth"
    worker.reconcile()  # in vain: a later round asks again
    shop.fake.refuses = ""
    worker.reconcile()
    asked = len(shop.fake.calls)
    worker.reconcile()

    assert (balance(mika), len(shop.fake.calls)) == (12 * YUAN, asked)
    assert {row.pk: row.status for row in Purchase.objects.all()} == {
        unpaid.pk: "expired", paid.pk: "paid", untouched.pk: "expired",
    }  # fmt: skip


def test_an_order_that_is_being_paid_at_its_end_is_asked_about_again(wechat_shop, pack, mika):
    purchase = wechat_shop.begin(mika, pack)
    order = wechat_shop.fake.orders[purchase.session_ref]
    Purchase.objects.update(expires_at=timezone.now() - timedelta(minutes=6))
    order["trade_state"] = "USERPAYING"
    worker.reconcile()
    order["trade_state"] = "NOTPAY"
    wechat_shop.fake.pay(purchase.session_ref)
    worker.reconcile()

    assert balance(mika) == 12 * YUAN


def test_a_second_click_shows_the_same_order_and_cancelling_closes_it(shop, pack, mika):
    first, second = shop.begin(mika, pack), shop.begin(mika, pack)
    assert first.pk == second.pk
    Purchase.objects.update(expires_at=timezone.now() + timedelta(minutes=4))
    third = shop.begin(mika, pack)  # too little time is left of the first one
    purchases.cancel(third, by=mika)

    assert set(Purchase.objects.values_list("status", flat=True)) == {"expired"}
    with pytest.raises(AssertionError):
        shop.fake.pay(third.session_ref)


def test_an_answer_that_is_lost_or_not_signed_by_the_provider_is_not_believed(shop, pack, mika, client):
    purchase = shop.pay(mika, pack)
    shop.fake.signs_as = "somebody"
    with pytest.raises(ProviderUnavailable):
        purchases.sync_purchase(purchase)
    shop.fake.signs_as = shop.slug
    shop.fake.next("get_order" if shop.slug == "wechat" else "answer", "html_502")
    shop.notify(client, purchase)
    assert (balance(mika), PaymentEvent.objects.get().problem) == (0, "provider_unavailable")

    purchases.sync_purchase(purchase)
    assert balance(mika) == 12 * YUAN


def test_only_prices_in_yuan_are_sold_and_only_in_advance(shop, mika, sign_in):
    price = {"provider": "bank", "period": "month", "amount": 9 * YUAN, "currency": "CNY"}
    create_plan(prices=[price])
    create_pack(currency="USD")
    browser = sign_in(mika)
    sign_in_again(browser)

    assert (
        browser.post(reverse("payments:buy"), {"pack": "small", "agree": "yes", "provider": shop.slug}).status_code
        == 404
    )
    assert "Buy credit" not in browser.get(reverse("payments:purchases")).content.decode()
    subscribe = reverse("payments:subscribe", args=["pro", 1])
    assert browser.post(subscribe, {"way": "month", "provider": shop.slug}).status_code == 409
    browser.post(subscribe, {"way": "months", "provider": shop.slug})
    assert [(row.kind, row.amount) for row in Purchase.objects.all()] == [("months", 27 * YUAN)]


@pytest.mark.parametrize("missing", ["BILLING", "WECHAT_PAY_MERCHANT_ID"])
def test_no_event_is_taken_where_the_provider_is_not_set_up(wechat_shop, client, settings, missing):
    setattr(settings, missing, type(getattr(settings, missing))())

    assert wechat_shop.send(client, wechat.build_event("0" * 32))[0] == 404


def test_a_half_made_setting_or_a_missing_package_stops_the_start_in_words(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="A: set B, too"):
        env.check_extra("china", "wechatpayv3", A="1", B="")
    with pytest.raises(ImproperlyConfigured, match=r"the package no-such-package .* requirements-china\.txt"):
        env.check_extra("china", "no-such-package", A="1")
    env.check_extra("china", "no-such-package", A="")
    bare = "".join(private_pem("app").splitlines()[1:-1])  # as Alipay's tool writes it
    monkeypatch.setenv("ALIPAY_PRIVATE_KEY", bare)
    assert env.private_key("ALIPAY_PRIVATE_KEY") == private_pem("app")
    monkeypatch.setenv("ALIPAY_PUBLIC_KEY", public_pem("app"))
    assert env.public_key("ALIPAY_PUBLIC_KEY") == public_pem("app")
    monkeypatch.setenv("ALIPAY_PRIVATE_KEY", "MIIno")
    with pytest.raises(ImproperlyConfigured, match="ALIPAY_PRIVATE_KEY must be a private key") as raised:
        env.private_key("ALIPAY_PRIVATE_KEY")
    assert "MIIno" not in str(raised.value)
