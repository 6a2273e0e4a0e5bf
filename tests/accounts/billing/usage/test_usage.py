"""Usage: nightly sums, the page, the list of jobs, CSV, and operators' figures."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing import grants, ledger
from accounts.billing.models import Hold, SiteDay, UsageDay
from accounts.billing.usage import charts, rollup, site_figures
from accounts.billing.usage.csv_export import quote_formula
from accounts.billing.usage.overview import read_overview
from accounts.billing.usage.periods import read_period
from accounts.models import Membership
from accounts.viewer import Viewer
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CENTS = 10_000


@pytest.fixture
def charge():
    """``charge(mika, 12, days_ago=3)`` charges 12 cents for a job that ended then. Returns the id of the job."""

    def write(user, cents, days_ago=0, provider="kling", by=None, **more):
        job_id = uuid.uuid4()
        amount, names = cents * CENTS, {"by": by or user, "provider": provider}
        ledger.reserve(user.home, job_id=job_id, amount=amount * 2, currency="USD", **names, **more)
        ledger.settle(job_id, amount=amount, by=user)
        Hold.objects.filter(pk=job_id).update(closed_at=timezone.now() - timedelta(days=days_ago))
        return job_id

    return write


@pytest.fixture(autouse=True)
def no_late_commits(monkeypatch):
    """Days are rolled up at once: the tests also run in the first hour of a day."""
    monkeypatch.setattr(rollup, "LATE_COMMITS", timedelta(0))


def read(user):
    return read_overview(Viewer(user), read_period("30"))


def list_lines(found, name):
    return [(line.label, line.jobs, str(line.spent)) for line in getattr(found, name)]


def test_rolled_up_days_add_up_to_their_holds(mika, ren, charge):
    story = uuid.uuid4()
    for days_ago in (0, 1, 1, 5, 40):
        charge(mika, 10, days_ago, story_id=story)
    charge(mika, 7, 2, provider="runway")
    charge(ren, 99, 1)
    before = read(mika)

    assert rollup.roll_up_days() > 0
    while rollup.roll_up_days():
        pass
    after = read(mika)

    assert str(before.total.spent) == str(after.total.spent) == "$0.47"
    for name in ("providers", "stories", "members"):
        lines = [
            [(line.label, line.jobs, str(line.spent)) for line in getattr(found, name)] for found in (before, after)
        ]
        assert lines[0] == lines[1]
    assert [(line.label, str(line.spent)) for line in after.providers] == [("Kling", "$0.40"), ("Runway", "$0.07")]
    assert list(rollup.check_days_match_holds()) == []
    rows = UsageDay.objects.count()
    assert rollup.rebuild_days(timezone.localdate() - timedelta(days=60)) == 40
    assert UsageDay.objects.count() == rows and list(rollup.check_days_match_holds()) == []


def test_a_worker_whose_clock_is_fast_rolls_up_no_unfinished_day(mika, charge, monkeypatch):
    charge(mika, 10)
    today, fast = timezone.localdate(), timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: fast)

    rollup.roll_up_days()

    assert not SiteDay.objects.filter(day__gte=today).exists()


def test_a_later_write_off_counts_on_its_own_day(mika, charge):
    job_id = charge(mika, 10, days_ago=3)
    rollup.roll_up_days()
    ledger.write_off(job_id, amount=4 * CENTS, n=2)

    rollup._write_sums(timezone.localdate())  # as in the night after today

    sums = list(UsageDay.objects.exclude(written_off=0).values_list("day", "provider", "charged", "written_off"))
    assert sums == [(timezone.localdate(), "kling", 0, 4 * CENTS)]


def test_the_usage_page_shows_prices_without_words_of_plans(mika, sign_in, charge, settings):
    settings.BILLING = False
    charge(mika, 12)

    page = sign_in(mika).get("/settings/usage/").content.decode()

    assert "$0.12" in page and "Paid to providers" in page and "Kling" in page
    for word in ("balance", "plan", "credit", "grant"):
        assert word not in page.partition("<main")[2].partition("</main>")[0].lower().replace("explan", "")


def test_the_usage_page_shows_the_balance_by_source(mika, sign_in, settings):
    settings.BILLING = True
    grants.add_grant(mika.home, source="gift", key="a", amount=3_000_000, reason="welcome")
    ends_at = timezone.now() + timedelta(days=3)
    grants.add_grant(mika.home, source="plan", key="b", amount=2_000_000, ends_at=ends_at)

    page = sign_in(mika).get("/settings/usage/").content.decode()

    assert "Balance by source" in page and "$5.00" in page and "$3.00" in page and "$2.00" in page


def test_jobs_behind_the_figures_are_only_ones_own(mika, ren, sign_in, charge):
    charge(mika, 12, provider="kling")
    charge(ren, 34, provider="runway")
    charge(mika, 5, provider="=1+1", story_id=uuid.uuid4())

    browser = sign_in(mika)
    page = browser.get("/settings/usage/jobs/", {"period": "30", "story": "none"}).content.decode()
    rows = list(csv.reader(io.StringIO(browser.get("/settings/usage/usage.csv").content.decode())))

    assert "$0.12" in page and "$0.34" not in page and "$0.05" not in page
    assert len(rows) == 3 and rows[1][3] == "'=1+1"
    assert rows[2][3] == "Kling" and rows[2][9:12] == ["0.24", "0.12", "0.12"]
    assert browser.get("/settings/usage/jobs/", {"provider": "runway"}).content.decode().count("usage-job-amount") == 0
    assert browser.get("/settings/usage/jobs/", {"story": "x"}).status_code == 404


def test_members_see_totals_and_their_own_jobs_and_owners_see_all(mika, ren, sign_in, charge):
    charge(mika, 12)
    charge(mika, 34, by=ren)
    browser = sign_in(mika)

    def read_pages():
        pages = ("/settings/usage/", f"/settings/usage/jobs/?member={ren.pk}", "/settings/usage/usage.csv")
        return [browser.get(page).content.decode() for page in pages]

    Membership.objects.filter(user=mika).update(role="editor")
    usage, jobs, table = read_pages()
    assert "$0.46" in usage and "Other members" in usage and str(ren.pk) not in usage
    assert "$0.34" not in jobs and ",0.34," not in table and ",0.12," in table

    Membership.objects.filter(user=mika).update(role="owner")
    usage, jobs, table = read_pages()
    assert "Other members" not in usage and f"member={ren.pk}" in usage
    assert "$0.34" in jobs and ",0.34," in table


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_spreadsheets_take_no_cell_for_a_formula(title):
    assert quote_formula(title) == f"'{title}"


def test_a_square_stands_for_more_clips_on_busy_days():
    assert [charts.find_unit(highest) for highest in (0, 12, 13, 25, 121, 1000)] == [1, 1, 2, 5, 20, 100]


def test_operators_see_figures_and_others_do_not(mika, sign_in, charge, settings):
    operator = UserFactory(name="Op", is_staff=True, is_superuser=True)
    charge(mika, 12, days_ago=1)
    charge(mika, 50, days_ago=1, payer="own")
    settings.BILLING = True
    while rollup.roll_up_days():
        pass

    assert sign_in(mika).get("/operator/figures/").status_code == 404
    yesterday = timezone.localdate() - timedelta(days=1)
    [line] = site_figures.read_providers(yesterday.replace(day=1))
    assert (line.label, line.jobs, str(line.cost), str(line.margin)) == ("Kling", 1, "$0.12", "–")
    months = site_figures.read_months(timezone.localdate())
    month = next(found for found in months if found.first == yesterday.replace(day=1))
    assert month.active == 1 and month.daily_active > 0
    assert operator.has_perm("accounts.view_usageday")
    for source, key in [("gift", "g"), ("plan", "free:1:2026-11"), ("plan", "in_1"), ("pack", "p")]:
        grants.add_grant(mika.home, source=source, key=key, amount=1_000_000)
    credit = site_figures.read_credit(timezone.localdate().replace(day=1))
    assert (credit["given"], credit["unused"]) == (2_000_000, 2_000_000)
    assert site_figures.read_conversion() == {"people": 2, "buyers": 1, "percent": 50.0}
