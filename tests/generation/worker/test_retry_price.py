"""A retry costs the current price; a higher price needs agreement."""

import re

import pytest
from django.urls import reverse

from accounts.billing import grants, ledger
from generation.providers.base import Estimate
from generation.providers.remote import Recovery
from jobs import services
from jobs.models import Job, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
HIGHER, LOWER = 50_000, 30_000


@pytest.fixture
def failed_job(echo, connect, create_job, run_job):
    fake = echo(recovery=Recovery.OWN_ID)
    fake.next("submit", "invalid")
    return run_job(create_job(connect(base_url=fake.url)))


@pytest.fixture
def set_price(monkeypatch):
    return lambda price: monkeypatch.setattr(EchoProvider, "estimate", lambda *_: Estimate(price, "USD", 5))


def test_unchanged_price_is_not_mentioned(failed_job, mika, run_job):
    retry = services.retry(failed_job, by=mika)

    assert retry.price_reserved == PRICE and "costs" not in read_history(retry)
    assert run_job(retry).price_charged == PRICE


def test_higher_price_needs_agreement(failed_job, set_price, mika, get_balance):
    set_price(HIGHER)

    with pytest.raises(services.JobRefused, match=r"now costs \$0.05, and it was \$0.04 before"):
        services.retry(failed_job, by=mika)
    with pytest.raises(services.JobRefused):
        services.retry(failed_job, by=mika, agreed=(HIGHER - 1, "USD"))
    with pytest.raises(services.JobRefused):
        services.retry(failed_job, by=mika, agreed=(HIGHER, "CNY"))

    assert Job.objects.count() == 1 and get_balance() == 1_000_000


def test_agreed_higher_price_is_held_and_noted_in_history(failed_job, set_price, mika, get_balance, run_job):
    set_price(HIGHER)

    balance = get_balance()
    retry = services.retry(failed_job, by=mika, agreed=(HIGHER, "USD"))

    assert get_balance() == balance - HIGHER
    assert "The price is now $0.05; it was $0.04 when first requested" in read_history(retry)
    assert run_job(retry).price_charged == HIGHER


def test_lower_price_is_charged_without_agreement(failed_job, set_price, mika, run_job):
    set_price(LOWER)

    retry = run_job(services.retry(failed_job, by=mika))

    assert (retry.state, retry.price_charged) == (State.READY, LOWER)
    assert "The price is now $0.03; it was $0.04" in read_history(retry)


def test_agreed_lower_price_is_an_upper_limit(failed_job, set_price, mika):
    """Even if the price is what the clip cost the first time."""
    set_price(PRICE)

    with pytest.raises(services.JobRefused, match="The price has changed"):
        services.retry(failed_job, by=mika, agreed=(LOWER, "USD"))


def test_workspace_limit_counts_the_current_price(failed_job, set_price, mika):
    set_price(HIGHER)
    grants.set_limit(mika.workspaces.get(), HIGHER - 1)

    with pytest.raises(ledger.InsufficientFunds):
        services.retry(failed_job, by=mika, agreed=(HIGHER, "USD"))


def test_retry_button_shows_and_agrees_to_the_new_price(failed_job, set_price, mika, sign_in):
    set_price(HIGHER)
    browser = sign_in(mika)
    page = browser.get("/jobs/?state=all").content.decode()
    (agreed,) = re.findall(r'name="agreed" value="(50000 USD[^"]*)"', page)
    assert "$0.05" in page

    refused = browser.post(f"/jobs/{failed_job.pk}/retry/", follow=True)
    assert "The price has changed" in refused.content.decode() and Job.objects.count() == 1
    answer = browser.post(f"/jobs/{failed_job.pk}/retry/", {"agreed": agreed}, follow=True)

    assert "The price is now $0.05; it was $0.04." in answer.content.decode()
    assert failed_job.retries.get().price_reserved == HIGHER


def test_operator_sees_a_price_change_without_the_prompt(failed_job, set_price, ren, sign_in, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    ren.is_staff = ren.is_superuser = True
    ren.save()
    Job.objects.filter(pk=failed_job.pk).update(title="a canary that nobody else reads")
    set_price(HIGHER)

    form = {"action": "retry", "_selected_action": [str(failed_job.pk)]}
    page = sign_in(ren).post(reverse("admin:jobs_job_changelist"), form, follow=True).text

    assert "The price has changed" in page and "now costs $0.05, and it was $0.04 before" in page
    assert "canary" not in page
