"""Jobs with an unknown outcome: page, release, resend, permissions."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.billing import grants, ledger
from jobs.models import Attempt, Job, State
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
UNKNOWN_JOBS = reverse_lazy("admin:jobs_unknownjob_changelist")


@pytest.fixture
def lost(submit, workspace):
    """A job of Mika's with 4 cents on hold, submitted and never answered."""
    grants.set_limit(workspace, 100_000)
    job = submit(price=40_000, provider="echo")
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    Attempt.objects.create(job=job, n=1, client_ref="ref-1", provider="echo", outcome="ambiguous")
    return job


def test_unknown_page_shows_the_hold_and_both_actions(sign_in, mika, lost):
    page = sign_in(mika).get(reverse("jobs:job", args=[lost.pk])).content.decode()

    assert "got no response" in page
    assert "$0.04" in page and "will be refunded automatically in 3 days" in page
    assert reverse("jobs:release", args=[lost.pk]) in page
    assert reverse("jobs:resend", args=[lost.pk]) in page


def test_unknown_page_says_when_the_hold_is_refunded(subtests, sign_in, mika, lost, settings):
    browser = sign_in(mika)
    for hours, delay in [(24, "1 day"), (36, "36 hours"), (1, "1 hour")]:
        with subtests.test(hours=hours):
            settings.UNKNOWN_HOURS = hours

            page = browser.get(reverse("jobs:job", args=[lost.pk])).content.decode()

            assert f"will be refunded automatically in {delay}." in page


def test_viewer_sees_no_action_on_an_unknown_job(sign_in, ren, workspace, lost):
    MembershipFactory(user=ren, workspace=workspace, role="viewer")
    browser = sign_in(ren, at=workspace)

    page = browser.get(reverse("jobs:job", args=[lost.pk])).content.decode()

    assert "got no response" in page and "$0.04" in page
    for action in ("release", "resend"):
        url = reverse(f"jobs:{action}", args=[lost.pk])
        assert url not in page
        assert browser.post(url).status_code == 403
    rows = browser.get(reverse("jobs:queue")).content.decode()
    assert "see details" in rows and "see your options" not in rows


def test_release_refunds_at_once(sign_in, mika, workspace, lost):
    sign_in(mika).post(reverse("jobs:release", args=[lost.pk]))

    lost.refresh_from_db()
    assert lost.state == State.FAILED
    assert ledger.get_balance(workspace) == 100_000
    assert lost.attempts.get().outcome == "abandoned"


def test_resend_opens_a_second_attempt_and_holds_once(sign_in, mika, workspace, lost):
    sign_in(mika).post(reverse("jobs:resend", args=[lost.pk]))

    lost.refresh_from_db()
    assert lost.state == State.QUEUED
    assert ledger.get_balance(workspace) == 60_000
    assert lost.attempts.get().outcome == "abandoned"


def test_known_job_cannot_be_released_or_resent(subtests, sign_in, mika, workspace, lost):
    """A job that is being submitted, generated or downloaded is paid for, so it is neither refunded nor resent."""
    browser = sign_in(mika)
    for action in ["release", "resend"]:
        for state in [state for state in State if state != State.UNKNOWN]:
            with subtests.test(action=action, state=state):
                Job.objects.filter(pk=lost.pk).update(state=state)

                answer = browser.post(reverse(f"jobs:{action}", args=[lost.pk]), follow=True)

                lost.refresh_from_db()
                assert (lost.state, lost.fence, lost.attempts.get().outcome) == (state, 0, "ambiguous")
                assert ledger.get_balance(workspace) == 60_000
                assert "already settled" in answer.content.decode()


@pytest.mark.parametrize("action", ["release", "resend"])
def test_second_request_changes_nothing(sign_in, mika, workspace, lost, action):
    browser = sign_in(mika)
    browser.post(reverse(f"jobs:{action}", args=[lost.pk]))
    lost.refresh_from_db()
    balance, state = ledger.get_balance(workspace), lost.state

    answer = browser.post(reverse(f"jobs:{action}", args=[lost.pk]), follow=True)

    lost.refresh_from_db()
    assert (ledger.get_balance(workspace), lost.state) == (balance, state)
    assert "already settled" in answer.content.decode()


def test_operators_see_long_unknown_jobs_with_a_hold(admin_client, lost, settings):
    settings.IS_EMBEDDED = True  # so that the admin needs no second factor, which tests/accounts covers
    Job.objects.filter(pk=lost.pk).update(state_since=timezone.now() - timedelta(minutes=14))
    fresh = admin_client.get(UNKNOWN_JOBS)
    Job.objects.filter(pk=lost.pk).update(state_since=timezone.now() - timedelta(minutes=16))
    old = admin_client.get(UNKNOWN_JOBS)

    assert str(lost.pk) not in fresh.content.decode()
    assert str(lost.pk) in old.content.decode() and "$0.04" in old.content.decode()
    assert lost.title not in old.content.decode()


@pytest.fixture
def old(lost, settings):
    """A job that an operator should look at: unanswered for two hours and five minutes."""
    settings.IS_EMBEDDED = True
    Job.objects.filter(pk=lost.pk).update(state_since=timezone.now() - timedelta(hours=2, minutes=5))
    return lost


def read_cells(page) -> dict[str, str]:
    """Return the one row of the operators' list: column → text."""
    found = re.findall(r'<t[dh] class="field-(\w+)[^"]*">(.*?)</t[dh]>', page.text, re.DOTALL)
    return {name: strip_tags(cell).replace("\xa0", " ").strip() for name, cell in found}


def test_operator_list_names_provider_and_duration(admin_client, old):
    row = read_cells(admin_client.get(UNKNOWN_JOBS))

    assert (row["provider_label"], row["age"], row["amount_on_hold"], row["attempt_count"]) == (
        "echo",
        "2 hours, 5 minutes",
        "$0.04",
        "1",
    )


@pytest.mark.parametrize(
    ("action", "state", "balance"), [("release", State.FAILED, 100_000), ("resend", State.QUEUED, 60_000)]
)
def test_operator_release_and_resend_leave_the_list(admin_client, old, workspace, action, state, balance):
    form = {"action": action, "_selected_action": [str(old.pk)]}

    answer = admin_client.post(UNKNOWN_JOBS, form, follow=True)

    old.refresh_from_db()
    assert (old.state, ledger.get_balance(workspace)) == (state, balance)
    assert old.attempts.get().outcome == "abandoned"
    assert "Applied to 1 job." in answer.text and str(old.pk) not in answer.text
