"""Concurrent requests cannot spend the same money twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts import services
from accounts.billing import grants, ledger
from accounts.billing.models import Grant, Hold
from accounts.models import User
from tests.accounts.billing.test_ledger import COIN, books_balance
from tests.factories import WorkspaceFactory
from tests.processes import TIMEOUT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def run_at_once(count, action, refusal=ledger.InsufficientFunds) -> list:
    """Run ``action(n)`` in that many threads that start together. Returns the results, and the exceptions of the kinds
    ``refusal``; any other exception is raised."""
    start = Barrier(count, timeout=TIMEOUT)

    def run(n):
        try:
            start.wait()
            return action(n)
        except refusal as expected:
            return expected
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def count_refusals(outcomes) -> int:
    return sum(isinstance(outcome, ledger.InsufficientFunds) for outcome in outcomes)


def test_fifty_concurrent_reserves_never_overspend():
    workspace = WorkspaceFactory()
    grants.set_limit(workspace, 5 * COIN)

    outcomes = run_at_once(50, lambda n: ledger.reserve(workspace, job_id=uuid.uuid4(), amount=COIN))

    assert count_refusals(outcomes) == 45
    assert ledger.get_balance(workspace) == 0
    assert books_balance()


def test_concurrent_reserves_of_one_job_reserve_once():
    workspace, job = WorkspaceFactory(), uuid.uuid4()
    grants.set_limit(workspace, 5 * COIN)

    outcomes = run_at_once(12, lambda n: ledger.reserve(workspace, job_id=job, amount=COIN))

    assert count_refusals(outcomes) == 0
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


def test_concurrent_events_of_one_purchase_grant_once(settings):
    settings.BILLING = True
    workspace = WorkspaceFactory()

    def grant(n):
        return grants.add_grant(workspace, source="pack", key="purchase 1", amount=COIN)[1]

    assert sorted(run_at_once(12, grant)) == [False] * 11 + [True]
    assert ledger.get_balance(workspace) == COIN
    assert books_balance()


def test_grants_that_end_and_are_taken_back_during_jobs_keep_the_books(settings):
    settings.BILLING = True
    workspace, jobs = WorkspaceFactory(), [uuid.uuid4() for _n in range(4)]
    ended, refunded, _kept = (
        grants.add_grant(workspace, source="pack", key=key, amount=3 * COIN)[0] for key in ("ended", "refunded", "kept")
    )
    for job in jobs:
        ledger.reserve(workspace, job_id=job, amount=COIN)
    Grant.objects.filter(pk=ended.pk).update(ends_at=Now())
    actions = [
        *(lambda job=job: ledger.settle(job, amount=COIN // 2) for job in jobs[:2]),
        *(lambda job=job: ledger.release(job) for job in jobs[2:]),
        *[grants.expire_grants, lambda: grants.take_back(refunded, by=None, reason="refund")] * 2,
        *[lambda: ledger.reserve(workspace, job_id=uuid.uuid4(), amount=COIN)] * 4,
    ]

    outcomes = run_at_once(len(actions), lambda n: actions[n]())

    assert count_refusals(outcomes[:-4]) == 0
    assert count_refusals(outcomes[-4:]) == 4 - Hold.objects.filter(state=Hold.State.HELD).count()
    assert ledger.get_wallet(workspace).spent == COIN
    assert books_balance()


def test_concurrent_sign_ups_make_one_operator():
    def sign_up(n):
        with transaction.atomic():
            user = User.objects.create_user(f"person{n}@example.test", "petals in the wind")
            services.set_up_account(user)

    outcomes = run_at_once(8, sign_up)

    assert outcomes == [None] * 8
    assert User.objects.filter(is_superuser=True, is_first=True).count() == 1
