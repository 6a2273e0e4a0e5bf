"""Two users edit one story: they see each other, and no text is lost."""

import pytest
from playwright.sync_api import expect

from tests.browser.stories import create_story, wait_for_animatics
from tests.browser.user import sign_in

ADD_EDITOR = (
    "from accounts.models import Membership, User; "
    "Membership.objects.create(user=User.objects.get(email={guest!r}), role='editor', "
    "workspace=User.objects.get(email={host!r}).workspaces.get())"
)


def change_session(page, email):
    """Sign in as another user in another tab, which replaces the session of the browser."""
    [session] = [cookie["name"] for cookie in page.context.cookies() if cookie["name"].endswith("session")]
    page.context.clear_cookies(name=session)
    tab = page.context.new_page()
    tab.goto("/account/login/")
    sign_in(tab, email)
    tab.wait_for_url("**/create/")
    tab.close()


@pytest.fixture
def two_editors(site, new_user):
    """Mika and Ren in one story of Mika's workspace, and its path."""
    mika, ren = new_user().sign_up(), new_user().sign_up()
    site.run_python(ADD_EDITOR.format(guest=ren.email, host=mika.email))
    story = create_story(mika, "a girl on a hill", "a dog by the sea")
    for user in (mika, ren):
        user.open(story)
    return mika, ren, story


def test_editors_see_each_other_and_text_typed_into_a_deleted_scene_restores_it(two_editors):
    mika, ren, _story = two_editors
    ren.page.locator(".storyboard-row .storyboard-edit").nth(1).click()
    expect(ren.page.locator("#scene-prompt")).to_have_value("a dog by the sea")
    ren.page.reload()
    name = ren.email.partition("@")[0]
    mika.page.reload()
    expect(mika.page.locator("#presence")).to_contain_text(f"{name} · scene 2")
    expect(mika.page.locator(f'.storyboard-row[data-editors="{name}"]')).to_contain_text("a dog by the sea")
    assert mika.axe_violations() == []

    mika.page.locator(".storyboard-row .storyboard-edit").nth(1).click()
    expect(mika.page.locator("#scene-prompt")).to_have_value("a dog by the sea")
    mika.page.locator(".editor-actions [popovertarget]").click()
    mika.page.locator("#m-scene").get_by_role("button", name="Delete").click()
    expect(mika.page.locator(".storyboard-row")).to_have_count(1)
    ren.page.locator("#scene-prompt").fill("a dog in the rain")
    expect(ren.page.locator("#merge")).to_contain_text("Your text was saved in it")
    ren.page.locator("#merge").get_by_role("button", name="Restore").click()
    expect(ren.page.locator(".storyboard-row .clamp-3").nth(1)).to_have_text("a dog in the rain")


def test_cards_of_two_editors_are_both_saved_and_a_conflict_names_both_texts(two_editors):
    mika, ren, story = two_editors
    for user in two_editors[:2]:
        user.open(f"{story}film/")
    title, end = mika.page.get_by_label("Title card", exact=True), ren.page.get_by_label("End card", exact=True)

    for text in ("Harbour", "Harbour in winter"):
        with mika.page.expect_response("**/film/settings/"):
            title.fill(text)
            title.press("Tab")
        with ren.page.expect_response("**/film/settings/"):
            end.fill(f"The end of {text}")
            end.press("Tab")
    ren.expected = ("409",)
    ren.page.get_by_label("Title card", exact=True).fill("Sea")
    ren.page.get_by_label("Title card", exact=True).press("Tab")

    expect(ren.page.locator("#film-note")).to_contain_text("is now “Harbour in winter”; you wrote “Sea”")
    expect(ren.page.get_by_label("Title card", exact=True)).to_have_value("Harbour in winter")
    mika.page.reload()
    expect(mika.page.get_by_label("Title card", exact=True)).to_have_value("Harbour in winter")
    expect(mika.page.get_by_label("End card", exact=True)).to_have_value("The end of Harbour in winter")


def test_text_is_not_saved_for_another_user_who_signed_in_in_the_same_browser(two_editors):
    mika, ren, story = two_editors
    page, mika.expected = mika.page, ("401", "403")
    wait_for_animatics(page, 2)  # afterwards the page sends no requests by itself
    change_session(page, ren.email)
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.locator(".editor").get_by_role("button", name="Retry").dispatch_event("click")
    expect(page.locator("#saved")).to_have_text("Not saved")
    ren.open(story)
    expect(ren.page.locator("#scene-line")).to_have_value("")

    change_session(page, mika.email)
    page.locator(".editor").get_by_role("button", name="Retry").dispatch_event("click")

    expect(page.locator("#saved")).to_have_text("Saved")
    ren.page.reload()
    expect(ren.page.locator("#scene-line")).to_have_value("I can fly")
