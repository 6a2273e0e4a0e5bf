"""Two people at the same story: each sees the other, and nothing that either writes is lost."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.person import PASSWORD
from tests.browser.site import ROOT
from tests.browser.test_stories import begin

INVITE = (
    "from accounts.models import Membership, User; "
    "Membership.objects.create(user=User.objects.get(email={guest!r}), role='editor', "
    "workspace=User.objects.get(email={host!r}).workspaces.get())"
)


def sign_in_beside(page, email):
    """In another tab, where somebody else is signed in until now."""
    [session] = [each["name"] for each in page.context.cookies() if each["name"].endswith("session")]
    page.context.clear_cookies(name=session)
    tab = page.context.new_page()
    tab.goto("/account/login/")
    tab.locator("input[name=login]").fill(email)
    tab.locator("input[name=password]").fill(PASSWORD)
    tab.locator("input[name=password]").press("Enter")
    tab.wait_for_url("**/create/")
    tab.close()


@pytest.fixture
def two(site, person):
    """Mika and Ren, both in Mika's workspace, at one of her stories."""
    mika, ren = person(), person()
    for each in (mika, ren):
        each.sign_up()
    told = INVITE.format(guest=ren.email, host=mika.email)
    environment = os.environ | {"TAPWARI_VAR": str(site.folder)}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", told], cwd=ROOT, env=environment, check=True)
    url = begin(mika, "a girl on a hill", "a dog by the sea")
    for each in (mika, ren):
        each.go(url)
    return mika, ren, url


def test_each_sees_who_else_is_here_and_in_which_scene(two):
    mika, ren, _url = two
    ren.page.locator(".ekr .ek-e").nth(1).click()
    expect(ren.page.locator("#scene-prompt")).to_have_value("a dog by the sea")
    ren.page.reload()
    name = ren.email.partition("@")[0]

    mika.page.reload()

    expect(mika.page.locator("#story-here")).to_contain_text(f"{name} · scene 2")
    expect(mika.page.locator(f'.ekr[data-who="{name}"]')).to_contain_text("a dog by the sea")
    assert mika.violations() == []


def test_cards_written_by_two_are_both_kept_and_the_same_one_is_asked_about(two):
    mika, ren, url = two
    for each in two[:2]:
        each.go(f"{url}film/")
    title, end = mika.page.get_by_label("Title card", exact=True), ren.page.get_by_label("End card", exact=True)

    for words in ("Harbour", "Harbour in winter"):
        with mika.page.expect_response("**/film/settings/"):
            title.fill(words)
            title.press("Tab")
        with ren.page.expect_response("**/film/settings/"):
            end.fill(f"The end of {words}")
            end.press("Tab")
    ren.expected = ("409",)
    ren.page.get_by_label("Title card", exact=True).fill("Sea")
    ren.page.get_by_label("Title card", exact=True).press("Tab")

    expect(ren.page.locator("#film-note")).to_contain_text("“Harbour in winter” now, yours “Sea”")
    expect(ren.page.get_by_label("Title card", exact=True)).to_have_value("Harbour in winter")
    mika.page.reload()
    expect(mika.page.get_by_label("Title card", exact=True)).to_have_value("Harbour in winter")
    expect(mika.page.get_by_label("End card", exact=True)).to_have_value("The end of Harbour in winter")


def test_words_typed_into_a_scene_that_the_other_throws_away_come_back_with_it(two):
    mika, ren, _url = two
    mika.page.locator(".ed-acts [popovertarget]").click()
    mika.page.locator("#m-scene").get_by_role("button", name="Delete").click()
    expect(mika.page.locator(".ekr")).to_have_count(1)

    ren.page.locator("#scene-prompt").fill("a girl in the rain")

    expect(ren.page.locator("#merge")).to_contain_text("Your text was saved in it")
    ren.page.locator("#merge").get_by_role("button", name="Restore").click()
    expect(ren.page.locator(".ekr .cl3").first).to_have_text("a girl in the rain")


def test_what_one_wrote_is_not_saved_under_the_name_of_whoever_signed_in_meanwhile_in_the_same_browser(two):
    mika, ren, url = two
    page, mika.expected = mika.page, ("401", "403")
    sign_in_beside(page, ren.email)
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.locator(".ed").get_by_role("button", name="Retry").dispatch_event("click")
    expect(page.locator("#saved")).to_have_text("Not saved")
    ren.go(url)
    expect(ren.page.locator("#scene-line")).to_have_value("")

    sign_in_beside(page, mika.email)
    page.locator(".ed").get_by_role("button", name="Retry").dispatch_event("click")

    expect(page.locator("#saved")).to_have_text("Saved")
    ren.page.reload()
    expect(ren.page.locator("#scene-line")).to_have_value("I can fly")
