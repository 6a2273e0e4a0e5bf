"""Credit is bought, spent, capped, topped up by a plan and paid back, in both languages, within the content policy."""

import pytest
from playwright.sync_api import expect

from tests.browser.site import running_site
from tests.browser.user import DESKTOP_SIZE, PASSWORD, TIMEOUT_MS, BrowserUser
from tests.fakes.server import FakeServer
from tests.fakes.stripe import SECRET, StripeFake

OFFER = """
from accounts.billing.models import Pack, Plan
Pack.objects.create(code="small", name="Small", amount=5_000_000, credit=5_000_000, currency="USD")
price = {"provider": "stripe", "period": "month", "amount": 12_000_000, "currency": "USD", "ref": "price_club"}
Plan.objects.create(code="club", version=1, name="Club", monthly_grant=30_000_000, is_offered=True, prices=[price])
"""


@pytest.fixture
def shop(tmp_path, prepared, providers):
    """A site that sells credit and a plan through a fake of Stripe, and has a connection to Kling of its own."""
    fake = StripeFake(prices={"price_club": {"unit_amount": 1200, "currency": "usd", "interval": "month"}})
    with FakeServer([fake]) as server:
        variables = {
            "BILLING": "on", "STRIPE_API_BASE": server.url("stripe"), "STRIPE_SECRET_KEY": fake.key,
            "STRIPE_WEBHOOK_SECRETS": SECRET, "PROVIDER_PRIVATE_HOSTS": providers.hosts,
            "KLING_API_KEY": providers.kling.key, "KLING_BASE_URL": providers.fake_server.url("kling"),
        }  # fmt: skip
        with running_site(tmp_path, prepared, **variables) as site:
            fake.webhook_url = f"{site.url}/payments/stripe/"
            site.run_python(OFFER)
            yield site


@pytest.fixture
def owner(shop, chromium):
    """The first user of the site, who is an operator, too. Errors in the console fail the test."""
    context = chromium.new_context(base_url=shop.url, locale="en-GB", viewport=DESKTOP_SIZE)
    context.set_default_timeout(TIMEOUT_MS)
    context.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # which the fake's page has not
    user = BrowserUser(context, "owner@example.test").sign_up()
    yield user
    context.close()
    assert user.console_errors == []


def pay(page, link: str) -> None:
    """Follow the link to the fake's payment page, pay there, and come back."""
    page.get_by_role("link", name=link).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.wait_for_url("**/payments/*-*/?from=payment")


def ask_for_clip(page, prompt: str):
    """Fill in Create for a clip of Kling, and return the button with its price."""
    page.goto("/create/?provider=kling")
    page.locator("#prompt").fill(prompt)
    return page.locator("#composer button.primary")


def test_credit_is_bought_spent_capped_topped_up_by_a_plan_and_paid_back(owner):
    owner.expected = ("402",)
    page = owner.open("/payments/").page
    page.locator("input[name=agree]").check()
    page.get_by_role("button", name="Continue to payment").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    pay(page, "Pay $5.00 at Stripe")
    expect(page.locator("#purchase")).to_contain_text("$5.00 of credit was added")

    button = ask_for_clip(page, "a fox under the lanterns")
    expect(button).to_contain_text("$0.42, leaves $4.58")
    button.click()
    owner.wait_until_done("a fox under the lanterns")
    page.goto("/settings/caps/")
    page.get_by_label("At most").fill("0.50")
    page.get_by_role("button", name="Set cap").click()
    expect(page.locator("main")).to_contain_text("$0.42 of $0.50 used")
    button = ask_for_clip(page, "a crow in the snow")
    expect(button).to_contain_text("only $0.08 left for today")
    button.click()
    expect(page.get_by_text("the workspace’s daily cap of $0.50 has only $0.08 left")).to_be_visible()

    page.goto("/plans/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.locator("form", has=page.locator("input[value=month]")).locator("button").click()
    pay(page, "$12.00")
    expect(page.locator("#purchase .tag.done")).to_be_visible()
    page.goto("/plans/")
    expect(page.locator("main")).to_contain_text("$34.58")

    page.goto("/operator/payments/")
    page.get_by_role("link", name="Small").click()
    page.get_by_label("原因").fill("Asked within a day")
    page.get_by_role("button", name="退款 $5.00").click()
    expect(page.locator("main .tag.off")).to_be_visible()
    page.goto("/plans/")
    expect(page.locator("main")).to_contain_text("$30.00")
