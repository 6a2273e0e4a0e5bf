"""``manage.py fake_payments`` plays plans: bought, renewed, changed, cancelled and ended at the fake's pages."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.urls import reverse

from accounts.billing import held_plans
from accounts.billing.models import Plan
from accounts.management.commands import fake_payments
from tests.accounts.billing.payments.buying import DOLLAR, balance, selling, send_all, sign_in_again, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings):
    fake_payments.create_plans()
    fake_payments.create_plans()
    with selling(settings, prices=fake_payments.read_prices()) as fake:
        yield fake


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None  # back to the site, which does not run


def click(url, **fields):
    """Send the form of a page of the fake, which then leads back to the site."""
    with pytest.raises(urllib.error.HTTPError) as back:
        urllib.request.build_opener(StayHere).open(url, urllib.parse.urlencode(fields).encode())
    back.value.close()
    assert back.value.code == 303


def test_a_plan_is_played_from_the_purchase_to_its_end(fake, mika, client, sign_in, settings):
    ref = subscribe(mika, fake, Plan.objects.get(code="club"))
    send_all(client, fake)
    browser = sign_in(mika)
    sign_in_again(browser)
    browser.post(reverse("payments:portal"))
    session = next(row for row in fake.objects.values() if row["object"] == "billing_portal.session")
    with urllib.request.urlopen(session["url"]) as answer:
        assert "Change to price_studio_year" in answer.read().decode()

    def play(what):
        click(session["url"], subscription=ref, do=what)
        send_all(client, fake)
        return held_plans.get_subscription(mika.workspaces.get())

    assert (play("renew").status, balance(mika)) == ("active", 30 * DOLLAR)
    assert play("price_studio_month").plan.code == "studio"
    assert (play("cancel").cancels_at is None, play("resume").cancels_at) == (False, None)
    assert play("fail").status == "late"
    play("cancel")
    assert play("end") is None
