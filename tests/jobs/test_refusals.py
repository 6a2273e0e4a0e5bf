"""A refusal for want of credit, or beyond a limit, links to what can be bought."""

import pytest
from django.urls import reverse

from accounts.billing import grants
from accounts.billing.models import Cap
from jobs.models import Job, State
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
BUY, COMPARE, HTMX = 'href="/payments/"', 'href="/plans/"', {"HX-Request": "true"}


@pytest.fixture
def failed_job(submit, workspace, settings):
    """A job that costs $0.40 again, in a workspace with $0.10."""
    settings.BILLING = True
    job = submit()
    Job.objects.filter(pk=job.pk).update(state=State.FAILED, price_reserved=400_000, currency="USD")
    grants.set_limit(workspace, 100_000)
    return job


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
@pytest.mark.parametrize("is_bulk", [False, True])
def test_retry_without_credit_links_to_buying_it(sign_in, mika, failed_job, headers, is_bulk):
    url = reverse("jobs:bulk" if is_bulk else "jobs:retry", args=[] if is_bulk else [failed_job.pk])
    browser = sign_in(mika)

    answer = browser.post(url, {"act": "retry", "id": str(failed_job.pk)}, headers=headers, follow=not headers)

    page = answer if answer.content else browser.get(reverse("jobs:queue"))  # htmx goes there after an act on many
    assert "This costs $0.40, but only $0.10 is left." in page.text
    assert f'<a class="button" {BUY}' in page.text


def test_retry_in_the_workspace_of_another_links_to_nothing(sign_in, ren, workspace, failed_job):
    MembershipFactory(user=ren, workspace=workspace, role="editor")

    answer = sign_in(ren).post(reverse("jobs:retry", args=[failed_job.pk]), headers=HTMX)

    assert answer.status_code == 402 and "An owner of the workspace can buy credit" in answer.text
    assert BUY not in answer.text


def test_retry_beyond_a_cap_offers_nothing_that_would_not_help(sign_in, mika, workspace, failed_job):
    grants.set_limit(workspace, 9_000_000)
    Cap.objects.create(workspace=workspace, scope=Cap.Scope.WORKSPACE, period=Cap.Period.DAY, amount=100_000)

    answer = sign_in(mika).post(reverse("jobs:retry", args=[failed_job.pk]), headers=HTMX)

    assert answer.status_code == 402 and "daily cap" in answer.text
    assert BUY not in answer.text and COMPARE not in answer.text


@pytest.mark.parametrize("has_billing", [True, False])
def test_retry_beyond_a_limit_links_to_the_plans(sign_in, mika, submit, settings, has_billing):
    job = submit()
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)
    settings.BILLING, settings.JOBS_PER_WORKSPACE = has_billing, 0

    answer = sign_in(mika).post(reverse("jobs:retry", args=[job.pk]), headers=HTMX)

    assert answer.status_code == 429 and "Unfinished jobs: 0 of 0." in answer.text
    assert (COMPARE in answer.text) is has_billing
