"""Two users edit one story: they see each other, and no text is lost."""

import pytest
from playwright.sync_api import expect

from tests.browser.stories import create_story, wait_for_animatics
from tests.browser.user import ANIMATIONS_ENDED

ADD_EDITOR = (
    "from accounts.models import Membership, User; "
    "Membership.objects.create(user=User.objects.get(email={guest!r}), role='editor', "
    "workspace=User.objects.get(email={host!r}).workspaces.get())"
)


@pytest.fixture
def two_editors(site, new_user):
    """Mika and Ren in one story of Mika's workspace, and its path."""
    mika, ren = new_user().sign_up(), new_user().sign_up()
    site.run_python(ADD_EDITOR.format(guest=ren.email, host=mika.email))
    story = create_story(mika, "a girl on a hill", "a dog by the sea")
    for user in (mika, ren):
        user.open(story)
    return mika, ren, story


def type_as_another_user(mika, ren, story):
    """Type into the open page of Mika while Ren is signed in in that browser."""
    page, mika.expected = mika.page, ("403",)
    wait_for_animatics(page, 2)
    page.wait_for_load_state("networkidle")  # a late response could bring back Mika's session
    own_cookies = page.context.cookies()
    page.context.add_cookies(ren.page.context.cookies())  # all at once: a request without a session leaves the page
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.locator(".editor").get_by_role("button", name="Retry").dispatch_event("click")
    expect(page.locator("#saved")).to_have_text("Not saved")
    ren.open(story)
    expect(ren.page.locator("#scene-line")).to_have_value("")

    page.context.add_cookies(own_cookies)
    page.locator(".editor").get_by_role("button", name="Retry").dispatch_event("click")

    expect(page.locator("#saved")).to_have_text("Saved")
    ren.page.reload()
    expect(ren.page.locator("#scene-line")).to_have_value("I can fly")


def test_editors_see_each_other_and_save_no_text_as_each_other_or_in_deleted_scenes(two_editors):
    """The text of a user is not saved as another one who has signed in in the same browser."""
    mika, ren, story = two_editors
    type_as_another_user(mika, ren, story)
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
    mika.wait_until(ANIMATIONS_ENDED)  # the menu moves while it opens
    # A key reaches the button wherever it is drawn; a click is lost if the button moves in the middle of it.
    mika.page.locator("#m-scene").get_by_role("button", name="Delete").press("Enter")
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
