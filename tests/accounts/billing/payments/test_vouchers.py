"""Vouchers and bank transfers: what brings credit without a payment page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.billing.models import Grant
from accounts.billing.payments import bank, purchases, refunds, vouchers
from accounts.billing.payments.errors import PurchaseRefused
from accounts.billing.payments.models import Purchase, Voucher
from accounts.models import AuditEvent
from tests.accounts.billing.payments.buying import DOLLAR, balance, create_pack, sign_in_again
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING, settings.SITE_CURRENCY, settings.BANK_ACCOUNT = True, "USD", "Harbour Studio, DE00 1234"


def create_voucher(**values):
    standard = {"credit": 5 * DOLLAR, "ends_at": timezone.now() + timedelta(days=30), "reason": "club", "by": None}
    [code] = vouchers.create_vouchers(1, **standard | values)
    return code


def enter(browser, code):
    return browser.post(reverse("payments:voucher"), {"code": code})


def test_a_voucher_gives_credit_once_however_it_is_typed(mika, sign_in):
    code = create_voucher(credit_days=90)
    typed = f"  {code.lower().replace('-', ' ').replace('0', 'o')} "

    assert enter(sign_in(mika), typed).status_code == 302
    second = enter(sign_in(UserFactory()), code)

    assert (second.status_code, balance(mika)) == (422, 5 * DOLLAR)
    assert "was used before" in second.content.decode()
    assert Grant.objects.get().ends_at > timezone.now() + timedelta(days=89)
    assert code.replace("-", "") not in str(list(Voucher.objects.values()) + list(AuditEvent.objects.values()))


@pytest.mark.parametrize("typed", ["", "ABCD-EFGH-JKMN-PQRS", "A" * 10_000, "'; --", "\0", "１２３４"])
def test_a_code_that_is_none_changes_nothing(mika, sign_in, typed):
    create_voucher()

    assert enter(sign_in(mika), typed).status_code == 422
    assert not Grant.objects.exists()


def test_a_voucher_that_ended_or_was_cancelled_gives_nothing(mika, sign_in):
    ended, cancelled = create_voucher(), create_voucher()
    Voucher.objects.filter(hint=ended[-4:]).update(
        ends_at=timezone.now(), created_at=timezone.now() - timedelta(days=1)
    )
    assert vouchers.cancel_voucher(Voucher.objects.get(hint=cancelled[-4:]), by=mika)

    assert [enter(sign_in(mika), code).status_code for code in (ended, cancelled)] == [422, 422]
    assert not Grant.objects.exists()


def test_guessing_codes_is_limited_to_five_in_a_quarter_of_an_hour(mika, sign_in):
    code, browser = create_voucher(), sign_in(mika)
    for _ in range(5):
        enter(browser, "ABCD-EFGH-JKMN-PQRS")

    assert enter(browser, code).status_code == 429
    assert not Grant.objects.exists()


def test_a_transfer_is_granted_when_an_operator_confirms_it(mika, sign_in):
    create_pack()
    browser = sign_in(mika)
    sign_in_again(browser)
    response = browser.post(reverse("payments:buy"), {"pack": "small", "agree": "yes", "provider": "bank"})
    page = browser.get(response.url).content.decode()
    purchase = Purchase.objects.get()
    assert purchase.session_ref in page and "DE00 1234" in page and balance(mika) == 0

    for _ in range(2):
        bank.confirm_transfer(purchase, by=mika, note="statement of 3 Dec")
    assert balance(mika) == 12 * DOLLAR
    refunds.refund(purchase, by=mika, reason="wrong sum")
    assert balance(mika) == 0
    with pytest.raises(PurchaseRefused):
        bank.confirm_transfer(purchase, by=mika, note="again")


def test_a_transfer_that_was_cancelled_can_be_begun_again(mika):
    offer = purchases.offer_pack(create_pack())
    first = purchases.buy(mika.workspaces.get(), offer, by=mika, provider="bank", agreed_words="-")
    purchases.cancel(first, by=mika)
    second = purchases.buy(mika.workspaces.get(), offer, by=mika, provider="bank", agreed_words="-")
    first.refresh_from_db()

    assert (first.status, second.status) == ("expired", "open")
