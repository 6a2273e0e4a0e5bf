"""The ledger: reserve, settle, release and write off."""

import uuid
from collections import defaultdict

import pytest
from django.db import DatabaseError, transaction

from accounts.billing import ledger
from accounts.billing.models import Entry, Hold, Wallet
from tests.factories import WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
COIN = 1_000_000


@pytest.fixture
def workspace():
    """A workspace that may spend five coins."""
    row = WorkspaceFactory()
    ledger.set_limit(row, 5 * COIN)
    return row


def books_balance() -> bool:
    """Return whether every movement adds up to zero and every wallet matches its entries."""
    per_txn, per_bucket = defaultdict(int), defaultdict(int)
    for entry in Entry.objects.all():
        per_txn[entry.txn] += entry.amount
        per_bucket[entry.wallet_id, entry.bucket] += entry.amount
    columns = {(w.pk, b): getattr(w, b) for w in Wallet.objects.all() for b in ("available", "reserved", "spent")}
    return not any(per_txn.values()) and all(per_bucket[place] == amount for place, amount in columns.items())


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


def test_each_currency_has_its_own_wallet(workspace):
    ledger.grant(workspace, 7 * COIN, currency="CNY")

    assert ledger.get_balance(workspace) == 5 * COIN
    assert ledger.get_wallet(workspace, "CNY").available == 7 * COIN


def test_limit_set_after_free_spending_counts_from_now(workspace):
    free, job = WorkspaceFactory(), uuid.uuid4()
    ledger.reserve(free, job_id=job, amount=9 * COIN)

    ledger.set_limit(free, 4 * COIN)

    assert ledger.get_balance(free) == 4 * COIN
    assert books_balance()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_database_refuses_to_change_a_ledger_entry(workspace, change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(amount=1) if change == "update" else Entry.objects.all()._raw_delete("default")

    assert books_balance()
