"""A retry costs the current price; a higher price needs agreement."""

import re

import pytest
from django.urls import reverse

from accounts.billing import ledger
from generation.providers.base import Estimate
from generation.providers.remote import Recovery
from jobs import services
from jobs.models import Job, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import read_history

pytestmark = pytest.mark.django_db
DEARER, CHEAPER = 50_000, 30_000


@pytest.fixture
def failed(echo, connect, create_job, run_job, mika):
    fake = echo(recovery=Recovery.OWN_ID)
    fake.next("submit", "invalid")
    return run_job(create_job(connect(owner=mika, base_url=fake.url)))


@pytest.fixture
def now_costs(monkeypatch):
    return lambda price: monkeypatch.setattr(EchoProvider, "estimate", lambda *_: Estimate(price, "USD", 5))


def test_unchanged_price_is_not_mentioned(failed, mika, run_job):
    again = services.retry(failed, by=mika)

    assert again.price_reserved == PRICE and "costs" not in read_history(again)
    assert run_job(again).price_charged == PRICE


def test_higher_price_needs_agreement(failed, now_costs, mika, get_balance):
    now_costs(DEARER)

    with pytest.raises(services.JobRefused, match=r"now costs \$0.05, and it was \$0.04 before"):
        services.retry(failed, by=mika)
    with pytest.raises(services.JobRefused):
        services.retry(failed, by=mika, agreed=(DEARER - 1, "USD"))
    with pytest.raises(services.JobRefused):
        services.retry(failed, by=mika, agreed=(DEARER, "CNY"))

    assert Job.objects.count() == 1 and get_balance() == 1_000_000


def test_agreed_higher_price_is_held_and_noted_in_history(failed, now_costs, mika, get_balance, run_job):
    now_costs(DEARER)

    left = get_balance()
    again = services.retry(failed, by=mika, agreed=(DEARER, "USD"))

    assert get_balance() == left - DEARER
    assert "The price is now $0.05; it was $0.04 when first requested" in read_history(again)
    assert run_job(again).price_charged == DEARER


def test_lower_price_is_charged_without_agreement(failed, now_costs, mika, run_job):
    now_costs(CHEAPER)

    again = run_job(services.retry(failed, by=mika))

    assert (again.state, again.price_charged) == (State.READY, CHEAPER)
    assert "The price is now $0.03; it was $0.04" in read_history(again)


def test_agreed_lower_price_is_an_upper_limit(failed, now_costs, mika):
    """Though it would be no more than it cost the first time."""
    now_costs(PRICE)

    with pytest.raises(services.JobRefused, match="The price has changed"):
        services.retry(failed, by=mika, agreed=(CHEAPER, "USD"))


def test_workspace_limit_counts_the_current_price(failed, now_costs, mika):
    now_costs(DEARER)
    ledger.set_limit(mika.workspaces.get(), DEARER - 1)

    with pytest.raises(ledger.InsufficientFunds):
        services.retry(failed, by=mika, agreed=(DEARER, "USD"))


def test_retry_button_shows_and_agrees_to_the_new_price(failed, now_costs, mika, sign_in):
    now_costs(DEARER)
    browser = sign_in(mika)
    page = browser.get("/jobs/?state=all").content.decode()
    (agreed,) = re.findall(r'name="agreed" value="(50000 USD[^"]*)"', page)
    assert "$0.05" in page

    silent = browser.post(f"/jobs/{failed.pk}/retry/", follow=True)
    assert "The price has changed" in silent.content.decode() and Job.objects.count() == 1
    said = browser.post(f"/jobs/{failed.pk}/retry/", {"agreed": agreed}, follow=True)

    assert "The price is now $0.05; it was $0.04." in said.content.decode()
    assert failed.retries.get().price_reserved == DEARER


def test_operator_sees_a_price_change_without_the_prompt(failed, now_costs, ren, sign_in, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    ren.is_staff = ren.is_superuser = True
    ren.save()
    Job.objects.filter(pk=failed.pk).update(title="a canary that nobody else reads")
    now_costs(DEARER)

    form = {"action": "retry", "_selected_action": [str(failed.pk)]}
    page = sign_in(ren).post(reverse("admin:jobs_job_changelist"), form, follow=True).text

    assert "The price has changed" in page and "now costs $0.05, and it was $0.04 before" in page
    assert "canary" not in page


def test_malformed_agreement_starts_nothing(subtests, failed, now_costs, mika, sign_in):
    now_costs(DEARER)
    browser = sign_in(mika)
    for agreed in ["", "50000", "x USD", "-1 USD", "9" * 40 + " USD", "٥٠٠٠٠ USD"]:
        with subtests.test(agreed=agreed):
            browser.post(f"/jobs/{failed.pk}/retry/", {"agreed": agreed})

            assert Job.objects.count() == 1
