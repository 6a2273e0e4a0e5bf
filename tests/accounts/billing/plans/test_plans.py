"""Plans: which one a workspace has, and how payments, time and operators change it."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.billing import held_plans, ledger
from accounts.billing.limits import count_act, count_exports, plan_limit_of
from accounts.billing.models import Grant, LimitCount, Plan, Subscription
from accounts.billing.months import start_of_month
from accounts.billing.plans import services
from accounts.billing.refusals import LimitReached
from accounts.models import AuditEvent, Workspace
from accounts.services import set_up_account
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW, DAY = timezone.now(), timedelta(days=1)
PRICE = {"provider": "bank", "amount": 9_000_000, "currency": "USD", "ref": ""}


@pytest.fixture(autouse=True)
def billing(settings):
    settings.BILLING, settings.IS_EMBEDDED, settings.STORIES_PER_WORKSPACE = True, True, 7


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
    return held_plans.apply_subscription(fresh(user), plan=plan, **facts)


def test_limits_are_those_of_the_plan_and_else_of_the_settings(mika, settings, free, pro, django_assert_num_queries):
    settings.EXPORTS_A_MONTH = 9
    workspace = fresh(mika)

    with django_assert_num_queries(1):
        assert [plan_limit_of(workspace, name) for name in ("stories", "exports", "members")] == [3, 9, None]
    subscribe(mika, pro)
    assert [plan_limit_of(fresh(mika), name) for name in ("stories", "exports")] == [50, None]
    settings.BILLING = False
    with django_assert_num_queries(0):
        assert plan_limit_of(workspace, "stories") == 7


def test_subscription_is_applied_once_and_older_answers_change_nothing(mika, pro):
    first = subscribe(mika, pro, seen_at=NOW)
    again = subscribe(mika, pro, seen_at=NOW)
    old = subscribe(mika, pro, seen_at=NOW - DAY, status="ended")

    assert first == again == old
    assert Subscription.objects.get().status == "active"


def test_new_subscription_replaces_the_other_as_long_as_it_is_live(mika, pro):
    subscribe(mika, pro, ref="sub_1")
    subscribe(mika, pro, ref="sub_2")

    assert subscribe(mika, pro, ref="sub_1").status == "ended"
    assert held_plans.get_subscription(fresh(mika)).ref == "sub_2"
    subscribe(mika, pro, ref="sub_2", status="ended")
    assert subscribe(mika, pro, ref="sub_1").status == "active"


def test_month_of_credit_is_given_once_for_each_invoice(mika, pro):
    row = subscribe(mika, pro)

    assert [held_plans.grant_month(row, key)[1] for key in ("in_1", "in_1", "in_2")] == [True, False, True]
    assert ledger.get_balance(fresh(mika)) == 10_000_000


def test_months_of_a_longer_paid_period_follow_by_themselves(mika, pro):
    row = subscribe(mika, pro, provider="bank", paid_until=NOW + 90 * DAY)
    held_plans.grant_month(row, "invoice 1")
    assert held_plans.grant_due_months() == 0

    Subscription.objects.update(granted_until=timezone.now() - DAY)

    assert [held_plans.grant_due_months(), held_plans.grant_due_months()] == [1, 0]
    assert Grant.objects.count() == 2


def test_workspace_with_the_free_plan_gets_its_credit_once_a_month(mika, ren, free, pro):
    Plan.objects.filter(pk=free.pk).update(monthly_grant=1_000_000)
    held_plans.grant_month(subscribe(ren, pro), "in_1")

    assert [held_plans.grant_due_months(), held_plans.grant_due_months()] == [1, 0]
    assert ledger.get_balance(fresh(mika)) == 1_000_000
    newcomer = UserFactory()
    set_up_account(newcomer)
    assert ledger.get_balance(fresh(newcomer)) == 1_000_000


def test_workspaces_without_monthly_credit_do_not_hold_up_others(mika, ren, free, monkeypatch):
    Plan.objects.filter(pk=free.pk).update(monthly_grant=1_000_000)
    without = Plan.objects.create(code="free", version=2, name="Free")
    subscribe(mika, without, provider="free")
    monkeypatch.setattr(held_plans, "BATCH", 1)

    assert held_plans.grant_due_months() == 1
    assert ledger.get_balance(fresh(ren)) == 1_000_000


@pytest.mark.parametrize(
    ("days", "status"), [(0, "active"), (2, "late"), (6, "late"), (8, "paused"), (36, "paused"), (38, "ended")]
)
def test_unpaid_plan_stays_a_week_is_paused_a_month_and_then_ends(mika, free, pro, days, status):
    subscribe(mika, pro, paid_until=timezone.now() - days * DAY)

    for _again in range(2):
        held_plans.update_late_subscriptions()

    assert Subscription.objects.get().status == status
    assert plan_limit_of(fresh(mika), "stories") == (3 if status == "ended" else 50)
    if status == "paused":
        with pytest.raises(LimitReached, match="A payment is late"):
            held_plans.check_payment(fresh(mika))
    else:
        held_plans.check_payment(fresh(mika))


def test_payment_makes_a_paused_subscription_active_again(mika, pro):
    subscribe(mika, pro, status="late")
    Subscription.objects.update(late_since=timezone.now() - 20 * DAY)
    assert subscribe(mika, pro, status="late").status == "paused"

    row = subscribe(mika, pro)

    assert (row.status, row.late_since) == ("active", None)


def test_cancelled_plan_stays_until_the_paid_end(mika, pro):
    subscribe(mika, pro, cancels_at=NOW + DAY)
    held_plans.update_late_subscriptions()
    assert held_plans.get_plan(fresh(mika)) == pro

    Subscription.objects.update(cancels_at=NOW)
    held_plans.update_late_subscriptions()

    assert held_plans.get_plan(fresh(mika)) is None


def test_each_person_has_one_trial(mika, pro):
    Plan.objects.update(trial_days=14)
    pro.refresh_from_db()
    services.start_trial(fresh(mika), pro, by=mika)
    assert ledger.get_balance(fresh(mika)) == 5_000_000

    with pytest.raises(held_plans.TrialRefused):
        services.start_trial(fresh(mika), pro, by=mika)
    Subscription.objects.update(trial_ends=timezone.now())
    held_plans.update_late_subscriptions()

    assert held_plans.get_subscription(fresh(mika)) is None
    with pytest.raises(held_plans.TrialRefused):
        services.start_trial(fresh(mika), pro, by=mika)


def test_mail_that_failed_is_sent_again_and_nobody_is_told_twice(mika, ren, pro, settings, mailoutbox, monkeypatch):
    settings.HAS_MAIL = True
    MembershipFactory(user=ren, workspace=subscribe(mika, pro).workspace)
    changed = services.create_version(code="pro", by=mika, name="Pro")
    services.schedule_move(changed, timezone.now() + DAY, by=mika)
    send, failures = EmailMessage.send, [SMTPServerDisconnected("gone")]

    def fail_once(mail):
        if mail.to == [mika.email] and failures:
            raise failures.pop()
        return send(mail)

    monkeypatch.setattr(EmailMessage, "send", fail_once)
    counts = [services.run_due_changes()["told"] for _ in range(3)]

    assert (counts, sorted(mail.to for mail in mailoutbox)) == ([1, 1, 0], [[mika.email], [ren.email]])


def test_holders_keep_their_version_until_they_are_moved(mika, ren, free, pro, settings, mailoutbox):
    settings.HAS_MAIL = True
    subscribe(mika, pro)
    changed = services.create_version(code="pro", by=mika, name="Pro", limits={"stories": 20})
    fewer = services.create_version(code="free", by=mika, name="Free", limits={"stories": 1})
    assert subscribe(mika, changed).plan == pro
    assert [plan_limit_of(fresh(user), "stories") for user in (mika, ren)] == [50, 3]
    assert held_plans.list_offered() == [fewer, changed]
    newcomer = UserFactory()
    assert plan_limit_of(fresh(newcomer), "stories") == 1

    for plan in (changed, fewer):
        services.schedule_move(plan, timezone.now() + DAY, by=mika)
    for _again in range(2):
        services.run_due_changes()
    assert [plan_limit_of(fresh(user), "stories") for user in (mika, ren)] == [50, 3]
    assert [mail.to for mail in mailoutbox] == [[mika.email]] and "Stories: 20" in mailoutbox[0].body
    Plan.objects.exclude(moves_at=None).update(moves_at=timezone.now())
    services.run_due_changes()

    assert [plan_limit_of(fresh(user), "stories") for user in (mika, ren)] == [20, 1]


def test_page_of_plans_shows_what_is_offered_and_starts_the_trial(sign_in, mika, free, pro, settings):
    Plan.objects.filter(pk=pro.pk).update(trial_days=14)
    browser = sign_in(mika)

    page = browser.get("/plans/").content.decode()
    answer = browser.post("/plans/pro/1/try/", follow=True)

    assert "Your plan: Free" in page and "Try for 14 days" in page and "$5.00" in page
    assert "Your plan: Pro" in answer.content.decode() and "The trial ends on" in answer.content.decode()
    assert browser.post("/plans/pro/2/try/").status_code == 404
    settings.BILLING = False
    assert browser.get("/plans/").status_code == browser.post("/plans/pro/1/try/").status_code == 404


def test_page_of_limits_names_what_is_over_first(sign_in, mika, settings):
    settings.BILLING, settings.EXPORTS_A_MONTH, settings.STORAGE_PER_WORKSPACE = False, 3, 100
    workspace = fresh(mika)
    LimitCount.objects.create(workspace=workspace, name="exports", month=start_of_month().date(), used=4)

    page = sign_in(mika).get("/settings/limits/").content.decode()

    assert "1 limit is exceeded" in page and "4 of 3" in page and "10" in page
    assert page.index("ZIP downloads a month") < page.index("Unfinished jobs")
    assert "plan" not in page.lower().replace("explan", "")


def test_act_without_rows_is_counted_up_to_the_limit(mika, settings):
    settings.EXPORTS_A_MONTH = 2
    for _n in range(2):
        count_act(fresh(mika), "exports")

    with pytest.raises(LimitReached, match="2 of 2"):
        count_act(fresh(mika), "exports")
    assert count_exports(fresh(mika)) == 2


def test_operator_makes_versions_and_moves_holders_with_notice(sign_in, mika, ren, pro):
    mika.is_staff = mika.is_superuser = True
    mika.save()
    subscribe(ren, pro)
    browser, day = sign_in(mika), (timezone.localtime() + 8 * DAY).date()
    sent = {"name": "Pro", "position": 1, "monthly_grant": "2.50", "trial_days": 0, "limit_stories": 9, "storage": "2"}
    sent["has_no_providers"] = "on"

    assert browser.post(f"/operator/plans/{pro.pk}/", sent).status_code == 302
    newest = Plan.objects.get(code="pro", version=2)
    assert (newest.monthly_grant, newest.limits["stories"], newest.limits["exports"]) == (2_500_000, 9, None)
    assert (newest.limits["storage_bytes"], newest.limits["providers"]) == (2 * 1024**3, [])
    assert browser.post(f"/operator/plans/{newest.pk}/move/", {"day": str((NOW + DAY).date())}).status_code == 422
    assert browser.post(f"/operator/plans/{newest.pk}/move/", {"day": str(day)}).status_code == 302
    assert "From" in sign_in(ren).get("/plans/").content.decode()
    assert browser.post(f"/operator/plans/{newest.pk}/offer/", {"offered": "no"}).status_code == 302
    assert held_plans.list_offered() == []
    assert browser.post("/operator/plans/", sent | {"code": "pro"}).status_code == 422
    assert sign_in(ren).get("/operator/plans/").status_code == 404
    verbs = AuditEvent.objects.filter(verb__startswith="plan.", actor_id=mika.pk).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["plan.created", "plan.moved", "plan.withdrawn"]


def test_holder_may_take_a_new_version_at_the_same_price(sign_in, mika, ren, free, pro):
    subscribe(ren, pro)
    Plan.objects.create(code="free", version=2, name="Free", limits={"stories": 30})
    Plan.objects.create(code="pro", version=2, name="Pro", limits={}, prices=[{"period": "month"} | PRICE])
    Plan.objects.filter(version=1).update(is_offered=False)

    assert "New version of yours" in sign_in(mika).get("/plans/").content.decode()
    sign_in(mika).post("/plans/free/2/take/")
    sign_in(ren).post("/plans/pro/2/take/")  # dearer
    sign_in(ren).post("/plans/free/2/take/")

    assert plan_limit_of(fresh(mika), "stories") == 30
    assert held_plans.get_plan(fresh(ren)) == pro
    assert subscribe(mika, pro, ref="sub_2").status == "active"
