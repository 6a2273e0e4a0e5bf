"""Grants: added once, spent in the order of their ends, ended and taken back."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing import grants, ledger
from accounts.billing.models import Entry, Grant
from tests.accounts.billing.test_ledger import COIN, books_balance
from tests.factories import WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def workspace(settings):
    """A workspace with an empty, limited wallet."""
    settings.BILLING = True
    return WorkspaceFactory()


def add(workspace, amount, key="-", source="pack", days=None):
    ends_at = timezone.now() + timedelta(days=days) if days else None
    return grants.add_grant(workspace, source=source, key=key, amount=amount * COIN, ends_at=ends_at)[0]


def end(grant):
    """Let the time of the grant be over."""
    Grant.objects.filter(pk=grant.pk).update(ends_at=timezone.now() - timedelta(minutes=1))


def hold(workspace, amount):
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=amount * COIN)
    return job


def read_left(*rows):
    return [Grant.objects.get(pk=row.pk).left // COIN for row in rows]


def test_same_key_grants_once(workspace):
    first, was_new = grants.add_grant(workspace, source="plan", key="in_1", amount=3 * COIN)
    again, is_new = grants.add_grant(workspace, source="plan", key="in_1", amount=3 * COIN)

    assert (first, was_new, is_new) == (again, True, False)
    assert ledger.get_balance(workspace) == 3 * COIN
    assert books_balance()


def test_grants_are_spent_in_the_order_of_their_ends(workspace):
    bought = add(workspace, 5, "bought")
    late, soon = add(workspace, 5, "late", "plan", days=30), add(workspace, 5, "soon", "trial", days=3)

    ledger.settle(hold(workspace, 7), amount=7 * COIN)

    assert read_left(soon, late, bought) == [0, 3, 5]
    shown = [(row.source, row.left // COIN) for row in grants.read_balance_by_source(workspace)]
    assert shown == [("plan", 3), ("pack", 5)]
    assert books_balance()


def test_grant_that_ends_keeps_what_is_on_hold_until_its_job_ends(workspace):
    bought, month = add(workspace, 5, "bought"), add(workspace, 5, "month", "plan", days=3)
    first, second = hold(workspace, 2), hold(workspace, 2)
    end(month)

    assert grants.expire_grants() == 1
    assert ledger.get_balance(workspace) == 5 * COIN
    assert read_left(month, bought) == [4, 5]
    ledger.settle(first, amount=2 * COIN)
    ledger.release(second)

    assert ledger.get_balance(workspace) == 5 * COIN  # the released part has ended, too
    assert read_left(month, bought) == [0, 5]
    assert Grant.objects.get(pk=month.pk).expired == 3 * COIN
    assert books_balance()


def test_ended_grant_pays_for_nothing_before_the_periodic_task(workspace):
    end(add(workspace, 5, days=3))

    with pytest.raises(ledger.InsufficientFunds):
        hold(workspace, 1)


def test_refund_after_half_was_spent_takes_the_rest_and_writes_off_the_half(workspace):
    grant = add(workspace, 6)
    ledger.settle(hold(workspace, 3), amount=3 * COIN)

    taken = [grants.take_back(grant, by=None, reason="refund") for _n in range(2)]

    assert taken == [grants.TakenBack(3 * COIN, 3 * COIN)] * 2
    assert ledger.get_balance(workspace) == 0
    assert books_balance()


def test_refunded_money_on_hold_does_not_come_back_with_the_job(workspace):
    grant = add(workspace, 6)
    job = hold(workspace, 6)

    assert grants.take_back(grant, by=None, reason="dispute") == grants.TakenBack(0, 6 * COIN)
    ledger.release(job)

    assert ledger.get_balance(workspace) == 0
    written_off = Entry.objects.filter(grant=grant.pk, bucket=Entry.Bucket.WRITE_OFF)
    assert sum(written_off.values_list("amount", flat=True)) == 0  # nothing was lost in the end
    assert books_balance()


def test_correction_takes_away_only_what_is_available(workspace):
    bought = add(workspace, 5)
    hold(workspace, 2)

    with pytest.raises(ledger.InsufficientFunds):
        grants.add_grant(workspace, source="correction", key="too much", amount=-4 * COIN)
    grants.add_grant(workspace, source="correction", key="fits", amount=-3 * COIN)

    assert ledger.get_balance(workspace) == 0
    assert read_left(bought) == [2]
    assert books_balance()
