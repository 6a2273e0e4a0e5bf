"""Concurrent requests cannot spend the same money twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from accounts import services
from accounts.billing import grants, ledger
from accounts.models import User
from tests.accounts.test_ledger import COIN, books_balance
from tests.factories import WorkspaceFactory
from tests.processes import TIMEOUT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def run_at_once(count, action) -> list:
    """Run ``action(n)`` in that many threads that start together. Returns the results and exceptions."""
    start = Barrier(count, timeout=TIMEOUT)

    def run(n):
        try:
            start.wait()
            return action(n)
        except Exception as error:  # noqa: BLE001 - a result of the race
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_fifty_concurrent_reserves_never_overspend():
    workspace = WorkspaceFactory()
    grants.set_limit(workspace, 5 * COIN)

    outcomes = run_at_once(50, lambda n: ledger.reserve(workspace, job_id=uuid.uuid4(), amount=COIN))

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(outcomes) - len(refused) == 5
    assert {type(outcome) for outcome in refused} == {ledger.InsufficientFunds}
    assert ledger.get_balance(workspace) == 0
    assert books_balance()


def test_concurrent_reserves_of_one_job_reserve_once():
    workspace, job = WorkspaceFactory(), uuid.uuid4()
    grants.set_limit(workspace, 5 * COIN)

    outcomes = run_at_once(12, lambda n: ledger.reserve(workspace, job_id=job, amount=COIN))

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert ledger.get_balance(workspace) == 4 * COIN
    assert books_balance()


def test_concurrent_settle_and_release_end_the_hold_once():
    workspace, job = WorkspaceFactory(), uuid.uuid4()
    grants.set_limit(workspace, 5 * COIN)
    ledger.reserve(workspace, job_id=job, amount=3 * COIN)

    outcomes = run_at_once(12, lambda n: ledger.settle(job, amount=COIN) if n % 2 else ledger.release(job))

    assert sorted(outcomes) == [False] * 11 + [True]
    assert ledger.get_wallet(workspace).reserved == 0
    assert books_balance()


def test_concurrent_sign_ups_make_one_operator():
    def sign_up(n):
        with transaction.atomic():
            user = User.objects.create_user(f"person{n}@example.test", "petals in the wind")
            services.set_up_account(user)

    outcomes = run_at_once(8, sign_up)

    assert outcomes == [None] * 8
    assert User.objects.filter(is_superuser=True, is_first=True).count() == 1
