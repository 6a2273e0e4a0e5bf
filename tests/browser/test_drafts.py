"""What was written into a form and not sent yet: it is given back in its tab, to whoever wrote it."""

from playwright.sync_api import expect

from tests.browser.person import PASSWORD

WORDS = "a lighthouse in the storm"


def sign_in(page, email):
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")


def name_a_story(page, title):
    page.goto("/stories/new/")
    page.get_by_label("Title").fill(title)


def test_the_draft_survives_a_reload(mika):
    page = mika.go("/create/").page
    page.locator("#prompt").fill(WORDS)

    page.reload()

    expect(page.locator("#prompt")).to_have_value(WORDS)


def test_who_signs_in_next_in_the_same_tab_sees_nothing_of_it(mika):
    page = mika.go("/create/").page
    page.locator("#prompt").fill(WORDS)
    mine, mika.email = mika.email, f"second-{mika.email}"
    mika.expected = ("403",)  # what the page still asked, with the key of the one before
    page.context.clear_cookies()
    mika.sign_up()

    expect(page.locator("#understood")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("")

    page.context.clear_cookies()
    page.goto("/account/login/?next=/create/")
    sign_in(page, mine)
    expect(page.locator("#prompt")).to_have_value(WORDS)


def test_a_plain_form_that_came_in_is_empty_the_next_time(mika):
    page = mika.page
    name_a_story(page, "The last ferry")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("The last ferry")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", name="The last ferry")).to_be_visible()

    page.goto("/stories/new/")

    expect(page.get_by_role("heading", name="What is the story?")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_plain_form_that_was_refused_is_as_it_was_whatever_page_comes_between(mika):
    page = mika.page
    name_a_story(page, "The last ferry")
    page.context.clear_cookies()
    mika.expected = ("403",)
    page.get_by_label("Title").press("Enter")
    page.get_by_role("link", name="To the front page").click()
    page.get_by_role("link", name="Sign in").first.click()
    sign_in(page, mika.email)
    page.wait_for_url("**/create/")

    page.goto("/stories/new/")
    expect(page.get_by_label("Title")).to_have_value("The last ferry")


def test_a_text_that_was_only_read_is_there_again_until_its_scenes_are_made(mika):
    page = mika.go("/stories/import/").page
    page.locator("textarea[name=text]").fill("INT. HARBOUR - NIGHT\n\nA ferry comes in.")
    page.get_by_role("button", name="Find the scenes").click()
    page.get_by_role("link", name="Another text").click()
    expect(page.locator("textarea[name=text]")).to_have_value("INT. HARBOUR - NIGHT\n\nA ferry comes in.")

    page.get_by_role("button", name="Find the scenes").click()
    page.locator("button[name=do][value=make]").first.click()
    page.wait_for_url("**/stories/*-*/")
    page.goto("/stories/import/")
    expect(page.locator("textarea[name=text]")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("")
