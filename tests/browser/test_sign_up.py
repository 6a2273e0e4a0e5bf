"""Signing up on a site that sends mail requires the code of the mail."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.mail_server import mail_server
from tests.browser.site import running_site
from tests.browser.user import DESKTOP_SIZE, BrowserUser


@pytest.fixture
def site_with_mail(tmp_path, prepared):
    drawings = str(prepared.with_name("drawings"))
    with (
        mail_server() as server,
        running_site(tmp_path, prepared, EMAIL_URL=server.url, SHARED_DRAWINGS=drawings) as site,
    ):
        yield site, server


@pytest.mark.deep  # tests/accounts/sign_in/test_sign_up.py reads the code from a mail in every run
def test_code_from_the_mail_completes_sign_up_and_a_wrong_code_does_not(site_with_mail, chromium):
    site, server = site_with_mail
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP_SIZE)
    mika = BrowserUser(context, "mika@example.test")
    page, code = mika.fill_in_sign_up().page, mika.page.locator("input[name=code]")
    expect(code).to_be_visible()
    code.fill("WRONG1")
    code.press("Enter")
    expect(code).to_have_attribute("aria-invalid", "true")
    other_tab = context.new_page()
    other_tab.goto("/create/")
    assert "/create/" not in other_tab.url
    other_tab.close()

    [mail] = [mail for mail in server.mails if mika.email in mail]
    code.fill(re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail, re.MULTILINE)[1])
    code.press("Enter")
    page.wait_for_url("**/create/")
    mika.create_clip("a cat by the window").wait_until_done("a cat")
    assert mika.console_errors == []
    context.close()
