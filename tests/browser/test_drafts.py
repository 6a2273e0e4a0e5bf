"""The text of unsent forms returns in the same tab, and only to its author."""

from playwright.sync_api import expect

from tests.browser.user import sign_in

PROMPT = "a lighthouse in the storm"
SCRIPT = "INT. HARBOUR - NIGHT\n\nA ferry comes in."


def test_draft_survives_a_reload_and_is_hidden_from_the_next_account_in_the_tab(mika):
    page = mika.open("/create/").page
    page.locator("#prompt").fill(PROMPT)
    page.reload()
    expect(page.locator("#prompt")).to_have_value(PROMPT)

    author, mika.email = mika.email, f"second-{mika.email}"
    mika.expected = ("403",)  # requests with the token of the first user
    page.context.clear_cookies()
    mika.sign_up()
    expect(page.locator("#understood")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("")

    page.context.clear_cookies()
    page.goto("/account/login/?next=/create/")
    sign_in(page, author)
    expect(page.locator("#prompt")).to_have_value(PROMPT)


def test_draft_of_a_plain_form_is_kept_after_a_refusal_and_cleared_after_success(mika):
    page = mika.open("/stories/new/blank/").page
    page.get_by_label("Title").fill("The last ferry")
    page.context.clear_cookies()
    mika.expected = ("403",)
    page.get_by_label("Title").press("Enter")
    page.get_by_role("link", name="To the front page").click()
    page.get_by_role("link", name="Sign in").first.click()
    sign_in(page, mika.email)
    page.wait_for_url("**/create/")

    page.goto("/stories/new/blank/")
    expect(page.get_by_label("Title")).to_have_value("The last ferry")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("The last ferry")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", name="The last ferry")).to_be_visible()

    page.goto("/stories/new/blank/")
    expect(page.get_by_role("heading", name="Empty storyboard")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("")


def test_imported_text_is_kept_until_its_scenes_are_created(mika):
    page = mika.open("/stories/import/").page
    page.locator("textarea[name=text]").fill(SCRIPT)
    page.get_by_role("button", name="Find the scenes").click()
    page.get_by_role("link", name="Another text").click()
    expect(page.locator("textarea[name=text]")).to_have_value(SCRIPT)

    page.get_by_role("button", name="Find the scenes").click()
    page.locator("button[name=do][value=make]").first.click()
    page.wait_for_url("**/stories/*-*/")
    page.goto("/stories/import/")
    expect(page.locator("textarea[name=text]")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("")
