"""Caps count holds, refuse in words, warn once, and show what a price leaves."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.billing import caps, grants, ledger
from accounts.billing.credit.cap_warnings import send_cap_warnings
from accounts.billing.models import Cap, Hold
from accounts.billing.spender import Spender
from tests.accounts.billing.test_ledger import COIN
from tests.accounts.billing.test_ledger_races import run_at_once
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING = True


@pytest.fixture
def workspace():
    """A workspace with 100 coins of credit."""
    row = WorkspaceFactory()
    grants.add_grant(row, source="gift", key="start", amount=100 * COIN)
    return row


def set_cap(workspace, amount, scope=Cap.Scope.WORKSPACE, period=Cap.Period.DAY, subject_id=None) -> Cap:
    return Cap.objects.create(
        workspace=workspace, scope=scope, period=period, subject_id=subject_id, amount=amount * COIN
    )


def reserve(workspace, coins, by=None, **values) -> uuid.UUID:
    job = uuid.uuid4()
    ledger.reserve(workspace, job_id=job, amount=coins * COIN, currency="USD", by=by, **values)
    return job


def test_cap_counts_holds_and_then_what_was_charged(workspace):
    set_cap(workspace, 5)
    cheap, free = reserve(workspace, 3), reserve(workspace, 2)

    with pytest.raises(caps.CapReached) as refusal:
        reserve(workspace, 1)
    ledger.settle(cheap, amount=COIN)
    ledger.release(free)
    reserve(workspace, 4)

    assert "costs $1.00, but the workspace’s daily cap of $5.00 has only $0.00 left" in str(refusal.value)
    assert ledger.get_balance(workspace) == 95 * COIN
    assert Hold.objects.count() == 3


def test_lower_cap_leaves_what_runs_alone(workspace):
    job = reserve(workspace, 5)
    set_cap(workspace, 1)

    assert ledger.settle(job, amount=5 * COIN)
    assert Hold.objects.get().charged == 5 * COIN
    with pytest.raises(caps.CapReached):
        reserve(workspace, 1)


def test_several_takes_are_refused_with_the_sum_that_they_need(workspace):
    set_cap(workspace, 5)
    needs = {"by": None, "story_id": None}

    ledger.check_spendable(workspace, 5 * COIN, "USD", **needs)
    with pytest.raises(caps.CapReached, match=r"costs \$6.00, .* of \$5.00 has only \$5.00 left"):
        ledger.check_spendable(workspace, 6 * COIN, "USD", **needs)
    with pytest.raises(ledger.InsufficientFunds, match=r"costs \$101.00, but only \$100.00 is left. .* buy credit"):
        ledger.check_spendable(workspace, 101 * COIN, "USD", **needs)


@pytest.mark.parametrize(("period", "days"), [("day", 1), ("month", 32)])
def test_cap_starts_again_with_its_period(workspace, period, days):
    set_cap(workspace, 5, period=period)
    job = reserve(workspace, 5)
    with pytest.raises(caps.CapReached):
        reserve(workspace, 1)

    Hold.objects.filter(pk=job).update(created_at=timezone.now() - timedelta(days=days))

    reserve(workspace, 5)


def test_caps_of_members_and_stories_limit_only_these(workspace):
    mika, ren, story = UserFactory(), UserFactory(), uuid.uuid4()
    set_cap(workspace, 2, scope=Cap.Scope.MEMBER, subject_id=mika.pk)
    set_cap(workspace, 4, scope=Cap.Scope.STORY, period=Cap.Period.TOTAL)

    reserve(workspace, 3, by=ren)
    reserve(workspace, 4, by=ren, story_id=story)

    with pytest.raises(caps.CapReached, match="member’s daily cap"):
        reserve(workspace, 3, by=mika)
    with pytest.raises(caps.CapReached, match="story’s overall cap"):
        reserve(workspace, 1, by=ren, story_id=story)


def test_own_connection_and_free_work_pass_a_full_cap(workspace):
    set_cap(workspace, 0)

    reserve(workspace, 0)
    reserve(workspace, 50, payer="own")

    with pytest.raises(caps.CapReached):
        reserve(workspace, 1)


def test_caps_do_not_hold_without_billing(workspace, settings):
    set_cap(workspace, 0)
    settings.BILLING = False

    job = reserve(workspace, 1)

    assert ledger.settle(job, amount=COIN)
    assert (Hold.objects.get().charged, ledger.get_wallet(workspace).spent) == (COIN, COIN)


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_jobs_stop_at_the_cap(workspace):
    mika = UserFactory()
    set_cap(workspace, 5, scope=Cap.Scope.MEMBER)

    outcomes = run_at_once(20, lambda n: reserve(workspace, 1, by=mika))

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(outcome) for outcome in refused} == {caps.CapReached}
    assert len(refused) == 15
    assert ledger.get_balance(workspace) == 95 * COIN


def test_price_says_what_it_leaves_of_the_tightest_limit(workspace):
    mika = UserFactory()
    assert Spender(workspace, mika).describe_after(COIN, "USD") == "leaves $99.00"

    set_cap(workspace, 5, scope=Cap.Scope.MEMBER)
    reserve(workspace, 1, by=mika)

    assert Spender(workspace, mika).describe_after(COIN, "USD") == "leaves $3.00 for today"
    assert Spender(workspace, mika).describe_after(9 * COIN, "USD") == "only $4.00 left for today"
    assert Spender(workspace, mika).describe_after(0, "USD") == ""


def test_price_says_nothing_without_billing(workspace, settings, django_assert_num_queries):
    settings.BILLING = False

    with django_assert_num_queries(0):
        assert Spender(workspace, UserFactory.build()).describe_after(COIN, "USD") == ""


def test_owner_and_member_are_warned_once_at_each_level(workspace, has_mail, django_capture_on_commit_callbacks):
    owner, member = (MembershipFactory(workspace=workspace, role=role).user for role in ("owner", "editor"))
    set_cap(workspace, 10, scope=Cap.Scope.MEMBER)

    with django_capture_on_commit_callbacks(execute=True):
        for coins in (5, 3, 2):
            reserve(workspace, coins, by=member)
            send_cap_warnings()
            send_cap_warnings()

    assert sorted(message.to[0] for message in mail.outbox[:2]) == sorted([owner.email, member.email])
    levels = [message.body.partition(" of the member’s daily cap")[0].rpartition("\n")[2] for message in mail.outbox]
    assert levels == ["50%"] * 2 + ["80%"] * 2 + ["100%"] * 2
    assert "$5.00 of $10.00" in mail.outbox[0].body


def test_cap_without_a_period_holds_beside_one_of_a_member(workspace):
    mika = UserFactory()
    set_cap(workspace, 3, period=Cap.Period.TOTAL)
    set_cap(workspace, 2, scope=Cap.Scope.MEMBER)
    job = reserve(workspace, 2)
    Hold.objects.filter(pk=job).update(created_at=timezone.now() - timedelta(days=400))

    with pytest.raises(caps.CapReached, match="workspace’s overall cap"):
        reserve(workspace, 2, by=mika)
    reserve(workspace, 1, by=mika)
