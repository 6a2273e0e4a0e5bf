"""Where the studio can send mail: sign up, read the code, and be at the desk."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.letters import letterbox
from tests.browser.person import PASSWORD, Person
from tests.browser.site import running_site


@pytest.fixture(scope="module")
def posted(tmp_path_factory):
    """A site of its own with a mail server, and the letters it sent."""
    with letterbox() as box, running_site(tmp_path_factory.mktemp("posted"), EMAIL_URL=box.url) as site:
        yield site, box


def test_sign_up_then_the_code_from_the_letter_then_a_clip(posted, chromium):
    site, box = posted
    context = chromium.new_context(base_url=site.url, locale="en-GB")
    mika = Person(context, "mika@example.test")
    page = mika.go("/account/signup/").page
    page.get_by_label("Email").fill(mika.email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password1]").press("Enter")

    code = page.locator("input[name=code]")
    expect(code).to_be_visible()
    [letter] = [each for each in box.letters if mika.email in each]
    code.fill(re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", letter, re.MULTILINE)[1])
    code.press("Enter")
    page.wait_for_url("**/create/")

    mika.ask("a cat by the window").wait_until_done("a cat")
    assert mika.complaints == []
    context.close()


def test_a_wrong_code_lets_nobody_in(posted, chromium):
    site, _box = posted
    context = chromium.new_context(base_url=site.url, locale="en-GB")
    ren = Person(context, "ren@example.test")
    page = ren.go("/account/signup/").page
    page.get_by_label("Email").fill(ren.email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password1]").press("Enter")
    page.locator("input[name=code]").fill("WRONG1")
    page.locator("input[name=code]").press("Enter")

    expect(page.locator("input[name=code]")).to_be_visible()
    page.goto("/create/")
    assert "/create/" not in page.url
    context.close()
