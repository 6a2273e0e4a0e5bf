"""Plans: which one a workspace has, and how payments, time and operators change it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing import ledger, plans
from accounts.billing.limits import LimitReached, limit_of
from accounts.billing.models import Grant, Plan, Subscription
from accounts.models import Workspace
from accounts.plans import services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOW, DAY = timezone.now(), timedelta(days=1)


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING, settings.STORIES_PER_WORKSPACE = True, 7


@pytest.fixture
def pro(db):
    return Plan.objects.create(code="pro", name="Pro", limits={"stories": 50, "exports": None}, monthly_grant=5_000_000)


@pytest.fixture
def free(db):
    return Plan.objects.create(code="free", name="Free", limits={"stories": 3})


def fresh(user) -> Workspace:
    return user.workspaces.get()


def subscribe(user, plan, **facts):
    facts = {"provider": "stripe", "ref": "sub_1", "status": "active", "paid_until": NOW + 30 * DAY} | facts
    return plans.apply_subscription(fresh(user), plan=plan, **facts)


def test_limits_are_those_of_the_plan_and_else_of_the_settings(mika, settings, free, pro, django_assert_num_queries):
    settings.EXPORTS_A_MONTH = 9
    workspace = fresh(mika)

    with django_assert_num_queries(1):
        assert [limit_of(workspace, name) for name in ("stories", "exports", "members")] == [3, 9, None]
    subscribe(mika, pro)
    assert [limit_of(fresh(mika), name) for name in ("stories", "exports")] == [50, None]
    settings.BILLING = False
    with django_assert_num_queries(0):
        assert limit_of(workspace, "stories") == 7


def test_subscription_is_applied_once_and_older_answers_change_nothing(mika, pro):
    first = subscribe(mika, pro, seen_at=NOW)
    again = subscribe(mika, pro, seen_at=NOW)
    old = subscribe(mika, pro, seen_at=NOW - DAY, status="ended")

    assert first == again == old
    assert Subscription.objects.get().status == "active"


def test_new_subscription_replaces_the_other_for_good(mika, pro):
    subscribe(mika, pro, ref="sub_1")
    subscribe(mika, pro, ref="sub_2")

    assert subscribe(mika, pro, ref="sub_1").status == "ended"
    assert plans.get_subscription(fresh(mika)).ref == "sub_2"


def test_month_of_credit_is_given_once_for_each_invoice(mika, pro):
    row = subscribe(mika, pro)

    assert [plans.grant_month(row, key)[1] for key in ("in_1", "in_1", "in_2")] == [True, False, True]
    assert ledger.get_balance(fresh(mika)) == 10_000_000


def test_months_of_a_longer_paid_period_follow_by_themselves(mika, pro):
    row = subscribe(mika, pro, provider="bank", paid_until=NOW + 90 * DAY)
    plans.grant_month(row, "invoice 1")
    assert plans.grant_due_months() == 0

    Subscription.objects.update(granted_until=timezone.now() - DAY)

    assert [plans.grant_due_months(), plans.grant_due_months()] == [1, 0]
    assert Grant.objects.count() == 2


def test_workspace_with_the_free_plan_gets_its_credit_once_a_month(mika, ren, free, pro):
    Plan.objects.filter(pk=free.pk).update(monthly_grant=1_000_000)
    plans.grant_month(subscribe(ren, pro), "in_1")

    assert [plans.grant_due_months(), plans.grant_due_months()] == [1, 0]
    assert ledger.get_balance(fresh(mika)) == 1_000_000


@pytest.mark.parametrize(
    ("days", "status"), [(0, "active"), (2, "late"), (6, "late"), (8, "paused"), (36, "paused"), (38, "ended")]
)
def test_unpaid_plan_stays_a_week_is_paused_a_month_and_then_ends(mika, free, pro, days, status):
    subscribe(mika, pro, paid_until=timezone.now() - days * DAY)

    for _again in range(2):
        plans.update_late_subscriptions()

    assert Subscription.objects.get().status == status
    assert limit_of(fresh(mika), "stories") == (3 if status == "ended" else 50)
    if status == "paused":
        with pytest.raises(LimitReached, match="A payment is late"):
            plans.check_payment(fresh(mika))
    else:
        plans.check_payment(fresh(mika))


def test_payment_makes_a_paused_subscription_active_again(mika, pro):
    subscribe(mika, pro, status="late")
    Subscription.objects.update(late_since=timezone.now() - 20 * DAY)
    assert subscribe(mika, pro, status="late").status == "paused"

    row = subscribe(mika, pro)

    assert (row.status, row.late_since) == ("active", None)


def test_cancelled_plan_stays_until_the_paid_end(mika, pro):
    subscribe(mika, pro, cancels_at=NOW + DAY)
    plans.update_late_subscriptions()
    assert plans.get_plan(fresh(mika)) == pro

    Subscription.objects.update(cancels_at=NOW)
    plans.update_late_subscriptions()

    assert plans.get_plan(fresh(mika)) is None


def test_each_person_has_one_trial(mika, pro):
    Plan.objects.update(trial_days=14)
    pro.refresh_from_db()
    services.start_trial(fresh(mika), pro, by=mika)
    assert ledger.get_balance(fresh(mika)) == 5_000_000

    with pytest.raises(plans.TrialRefused):
        services.start_trial(fresh(mika), pro, by=mika)
    Subscription.objects.update(trial_ends=timezone.now())
    plans.update_late_subscriptions()

    assert plans.get_subscription(fresh(mika)) is None
    with pytest.raises(plans.TrialRefused):
        services.start_trial(fresh(mika), pro, by=mika)


def test_holders_keep_their_version_until_they_are_moved(mika, ren, free, pro):
    subscribe(mika, pro)
    changed = services.create_version(code="pro", by=mika, name="Pro", limits={"stories": 20})
    fewer = services.create_version(code="free", by=mika, name="Free", limits={"stories": 1})
    assert subscribe(mika, changed).plan == pro
    assert [limit_of(fresh(user), "stories") for user in (mika, ren)] == [50, 3]
    assert plans.list_offered() == [fewer, changed]
    newcomer = UserFactory()
    assert limit_of(fresh(newcomer), "stories") == 1

    for plan in (changed, fewer):
        services.schedule_move(plan, timezone.now() + DAY, by=mika)
    services.run_due_changes()
    assert [limit_of(fresh(user), "stories") for user in (mika, ren)] == [50, 3]
    Plan.objects.exclude(moves_at=None).update(moves_at=timezone.now())
    services.run_due_changes()

    assert [limit_of(fresh(user), "stories") for user in (mika, ren)] == [20, 1]
