"""The ledger: reserve, settle, release and write off."""

import uuid
from collections import defaultdict
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from accounts.billing import grants, ledger
from accounts.billing.exchange import RateUnknown, convert
from accounts.billing.models import Entry, ExchangeRate, Hold, Wallet
from tests.factories import WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
COIN = 1_000_000


@pytest.fixture
def workspace():
    """A workspace that may spend five coins."""
    row = WorkspaceFactory()
    grants.set_limit(row, 5 * COIN)
    return row


def books_balance() -> bool:
    """Return whether every movement adds up to zero, and every wallet matches its entries and its grants."""
    per_txn, per_bucket = defaultdict(int), defaultdict(int)
    for entry in Entry.objects.all():
        per_txn[entry.txn] += entry.amount
        per_bucket[entry.wallet_id, entry.bucket] += entry.amount
    columns = {(w.pk, b): getattr(w, b) for w in Wallet.objects.all() for b in ("available", "reserved", "spent")}
    matches = all(per_bucket[place] == amount for place, amount in columns.items())
    return matches and not any(per_txn.values()) and not grants.find_unbalanced_wallets().exists()


def read_wallet(workspace) -> list[int]:
    """Return what is available, reserved and spent, in coins."""
    wallet = ledger.get_wallet(workspace)
    return [amount // COIN for amount in (wallet.available, wallet.reserved, wallet.spent)]


def test_reserve_puts_the_price_on_hold(workspace):
    ledger.reserve(workspace, job_id=uuid.uuid4(), amount=3 * COIN)

    assert read_wallet(workspace) == [2, 3, 0]
    assert ledger.get_balance(workspace) == 2 * COIN
    assert books_balance()


def test_reserving_twice_reserves_once(workspace):
    job = uuid.uuid4()

    first = ledger.reserve(workspace, job_id=job, amount=3 * COIN)
    again = ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    assert first == again
    assert read_wallet(workspace) == [2, 3, 0]


def test_price_above_the_balance_is_refused(workspace):
    before = Entry.objects.count()

    with pytest.raises(ledger.InsufficientFunds) as refusal:
        ledger.reserve(workspace, job_id=uuid.uuid4(), amount=6 * COIN)

    assert str(refusal.value) == (
        "This costs $6.00, but only $5.00 is left. Nothing was started and nothing was charged."
    )
    assert read_wallet(workspace) == [5, 0, 0]
    assert Hold.objects.count() == 0
    assert Entry.objects.count() == before


def test_settle_charges_the_cost_and_refunds_the_rest(workspace):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    assert ledger.settle(job, amount=2 * COIN)

    assert read_wallet(workspace) == [3, 0, 2]
    assert books_balance()


def test_settling_twice_charges_once(workspace):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    outcomes = [ledger.settle(job, amount=2 * COIN), ledger.settle(job, amount=2 * COIN), ledger.release(job)]

    assert outcomes == [True, False, False]
    assert read_wallet(workspace) == [3, 0, 2]


def test_release_refunds_once(workspace):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    outcomes = [ledger.release(job), ledger.release(job), ledger.settle(job, amount=COIN)]

    assert outcomes == [True, False, False]
    assert read_wallet(workspace) == [5, 0, 0]
    assert books_balance()


def test_cost_above_the_hold_is_written_off(workspace):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    ledger.settle(job, amount=4 * COIN)

    assert read_wallet(workspace) == [2, 0, 3]
    assert Entry.objects.get(bucket=Entry.Bucket.WRITE_OFF).amount == COIN
    assert books_balance()


def test_unlimited_wallet_never_refuses_and_records_everything():
    workspace, job = WorkspaceFactory(), uuid.uuid4()

    ledger.reserve(workspace, job_id=job, amount=900 * COIN)
    ledger.settle(job, amount=900 * COIN)

    assert ledger.get_balance(workspace) is None
    assert read_wallet(workspace) == [-900, 0, 900]
    assert books_balance()


def test_zero_price_is_valid(workspace):
    job = uuid.uuid4()

    ledger.reserve(workspace, job_id=job, amount=0)

    assert ledger.settle(job, amount=0)
    assert read_wallet(workspace) == [5, 0, 0]


def test_negative_price_is_refused(workspace):
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.reserve(workspace, job_id=uuid.uuid4(), amount=-COIN)

    assert read_wallet(workspace) == [5, 0, 0]


def test_prices_in_any_currency_are_paid_from_the_one_limited_wallet(workspace):
    ExchangeRate.objects.create(currency="CNY", rate=140_001, dated=date(2026, 11, 20))
    job = uuid.uuid4()

    hold = ledger.reserve(workspace, job_id=job, amount=30 * COIN, currency="CNY")
    ExchangeRate.objects.update(rate=900_000)
    ledger.settle(job, amount=10 * COIN)

    assert (hold.amount, hold.price, hold.price_currency) == (4_200_030, 30 * COIN, "CNY")
    assert (hold.rate, hold.rated_on) == (140_001, date(2026, 11, 20))
    assert Hold.objects.get().charged == 1_400_010  # at the rate of the hold
    with pytest.raises(ledger.InsufficientFunds):
        ledger.reserve(workspace, job_id=uuid.uuid4(), amount=5 * COIN, currency="EUR")
    assert Wallet.objects.count() == 1
    assert books_balance()


def test_price_without_an_exchange_rate_is_refused_in_words(workspace):
    with pytest.raises(RateUnknown) as refusal:
        ledger.reserve(workspace, job_id=uuid.uuid4(), amount=COIN, currency="SEK")

    assert "has no exchange rate for it into USD" in str(refusal.value)
    assert read_wallet(workspace) == [5, 0, 0]


def test_price_without_an_exchange_rate_is_recorded_where_nothing_limits_it():
    workspace, job = WorkspaceFactory(), uuid.uuid4()

    hold = ledger.reserve(workspace, job_id=job, amount=COIN, currency="SEK")

    assert (hold.amount, hold.wallet.currency) == (COIN, "SEK")
    assert books_balance()


def test_converted_prices_are_never_rounded_down(settings):
    assert (convert(1, "CNY").amount, convert(0, "SEK").amount) == (1, 0)
    settings.SITE_CURRENCY = "CNY"
    assert convert(COIN, "USD").amount * 136_999 >= COIN * COIN


def test_own_account_is_recorded_and_limited_by_nothing(workspace):
    for price, currency in ((90 * COIN, "USD"), (COIN, "SEK")):
        job = uuid.uuid4()
        ledger.reserve(workspace, job_id=job, amount=price, currency=currency, payer="own")
        ledger.settle(job, amount=price)

    assert read_wallet(workspace) == [5, 0, 0]
    assert ledger.get_wallet(workspace, "own").spent == 90 * COIN
    assert ledger.get_wallet(workspace, "own", "SEK").spent == COIN
    assert books_balance()


def test_hold_moves_to_the_own_account_once_and_gives_the_money_back(workspace):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    moved = [ledger.let_user_pay(job), ledger.let_user_pay(job)]
    ledger.settle(job, amount=2 * COIN)

    assert moved == [True, False]
    assert read_wallet(workspace) == [5, 0, 0]
    assert ledger.get_wallet(workspace, "own").spent == 2 * COIN
    assert books_balance()


def test_new_wallets_are_empty_and_limited_with_billing(settings):
    settings.BILLING = True
    workspace = WorkspaceFactory()

    assert ledger.get_balance(workspace) == 0
    ledger.reserve(workspace, job_id=uuid.uuid4(), amount=0)
    with pytest.raises(ledger.InsufficientFunds):
        ledger.reserve(workspace, job_id=uuid.uuid4(), amount=1)


def test_limit_set_after_free_spending_counts_from_now(workspace):
    free, job = WorkspaceFactory(), uuid.uuid4()
    ledger.reserve(free, job_id=job, amount=9 * COIN)

    grants.set_limit(free, 4 * COIN)

    assert ledger.get_balance(free) == 4 * COIN
    assert books_balance()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_database_refuses_to_change_a_ledger_entry(workspace, change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(amount=1) if change == "update" else Entry.objects.all()._raw_delete("default")

    assert books_balance()
