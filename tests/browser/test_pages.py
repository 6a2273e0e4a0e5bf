"""Every page at every width, in both lights and both languages, for the eye, the keyboard and axe."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.look_over import trouble, with_large_letters
from tests.browser.person import choose

# A device has its widths, is touched or not, and axe looks at its layout in both lights.
DEVICES = {"phone": ((320, 375, 414), True, 375), "desk": ((768, 1280, 1920), False, 1280)}
SIGNED_OUT = ["/", "/account/login/", "/account/signup/", "/account/password/reset/", "/no/such/page/"]
SIGNED_IN = [
    "/create/", "/create/?tab=picture", "/clips/", "/clips/?state=thrown", "/jobs/", "/settings/", "/settings/look/",
    "/settings/security/", "/settings/privacy/", "/settings/connections/",
    "/settings/connections/add/?provider=kling", "/account/email/",
    "/account/password/change/", "/account/2fa/", "/account/sessions/",
    "/no/such/page/", "/stories/", "/stories/?shelf=bin", "/stories/new/", "/stories/import/", "/stories/characters/",
]  # fmt: skip
CONNECTED = ["/create/", "/create/?provider=kling", "/create/?provider=kling&tab=picture", "/settings/connections/"]


@pytest.fixture(scope="module")
def desk(site, chromium):
    """Somebody whose desk has been used: a finished clip and a stopped one."""
    from tests.browser.person import Person

    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    someone = Person(context, "desk@example.test")
    someone.sign_up()
    someone.ask("a girl in the school yard").wait_until_done("a girl")
    someone.open_clip("a girl")
    clip = someone.page.url.removeprefix(site.url)
    job = someone.page.get_by_role("link", name="View history").get_attribute("href")
    yield context.storage_state(), [clip, f"{clip}effects/", job, *story_pages(someone)]
    context.close()


@pytest.fixture(scope="module")
def payer(site, chromium):
    """Somebody with an account at Kling: Create has engines, models and more to choose from."""
    from tests.browser.person import Person
    from tests.browser.test_connections import connect

    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    connect(Person(context, "payer@example.test").sign_up())
    yield context.storage_state()
    context.close()


def story_pages(someone):
    """Paths of a story with a drawn scene, one that was changed, and an empty one."""
    from tests.browser.test_stories import begin

    story = begin(someone, "a girl on a hill", "a dog by the sea", "")
    page = someone.page
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=120_000)
    page.locator(".ekr .ek-e").nth(0).click()
    expect(page.locator("#scene-h")).to_have_text("Scene 1")
    page.locator("#scene-line").fill("It always comes at four")
    expect(page.locator("#saved")).to_have_text("Saved")
    scene = page.locator(".ekr .ek-e").nth(0).get_attribute("href")
    beside = [f"{story}characters/", f"{story}director/", f"{story}import/"]
    return [story, f"{story}settings/", f"{story}draw/?which=all", scene, f"{scene}history/", *beside]


def pages_for(person, desk, payer, width, touch):
    state, own = desk
    out = person(width, has_touch=touch)
    into = person(width, has_touch=touch, storage_state=state)
    paying = person(width, has_touch=touch, storage_state=payer)
    for window in (out, into):
        window.expected = ("404",)
    yield from ((out, path) for path in SIGNED_OUT)
    yield from ((into, path) for path in [*SIGNED_IN, *own])
    yield from ((paying, path) for path in CONNECTED)


@pytest.mark.parametrize("device", DEVICES)
def test_every_page_fits_each_window_and_is_clean_to_axe(person, desk, payer, device):
    widths, touch, axe_width = DEVICES[device]
    found = []
    for window, path in pages_for(person, desk, payer, axe_width, touch):
        window.go(path)
        found += trouble(window, path, {"light": (axe_width,), "dark": (axe_width,)}, widths)
        if touch:
            found += with_large_letters(window, path)

    assert not found, "\n".join(found)


def test_the_hamburger_opens_the_way_to_every_page_by_touch(person, desk):
    phone = person(375, 720, storage_state=desk[0], has_touch=True, is_mobile=True)
    page = phone.go("/create/").page

    page.locator(".bar button[popovertarget=side]").tap()
    page.locator("#side").get_by_role("link", name="Library").tap()

    page.wait_for_url("**/clips/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")


def test_a_clip_is_asked_for_by_keyboard_alone(mika):
    page = mika.go("/clips/").page
    page.keyboard.press("n")
    page.wait_for_url("**/create/")
    page.locator("#prompt").focus()
    page.keyboard.type("a dog on the beach")
    page.keyboard.press("Control+Enter")

    expect(mika.card("a dog")).to_be_visible()


def test_the_whole_page_can_be_reached_by_tab_and_the_focus_is_always_seen(mika):
    page = mika.go("/create/").page
    names, unseen = set(), []
    for _ in range(45):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const e = document.activeElement, r = e.getBoundingClientRect();"
            " return [e.id || e.name || e.textContent.trim().slice(0, 20), r.width * r.height > 0]; })()"
        )
        names.add(seen[0])
        if not seen[1] and seen[0]:
            unseen.append(seen[0])

    assert {"prompt", "seed", "style", "ratio"} <= names
    assert any("Generate" in name for name in names)
    assert unseen == []


def test_language_and_light_change_and_stay(mika):
    page = mika.go("/settings/look/").page
    page.get_by_role("button", name=re.compile("中文")).first.click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    page.goto("/create/")
    expect(page.get_by_role("heading", level=1)).to_have_text("这个镜头里发生什么？")

    page.goto("/settings/look/")
    page.locator("#id_theme").select_option("dark")
    page.locator("#main").get_by_role("button", name="保存").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/clips/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


@pytest.mark.parametrize("path", ["/create/", "/clips/", "/clips/?state=thrown", "/jobs/", "/settings/"])
def test_pages_work_without_any_script(person, desk, path):
    plain = person(java_script_enabled=False, storage_state=desk[0])
    page = plain.go(path).page

    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_clip_is_made_without_any_script(person, desk):
    plain = person(java_script_enabled=False, storage_state=desk[0])
    page = plain.go("/create/").page
    page.locator("#prompt").fill("lanterns at night")
    choose(page, "resolution", "480")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/clips/*-*/")

    expect(page.get_by_role("heading", level=1)).to_have_text("lanterns at night")


def test_a_title_without_a_space_makes_no_page_wider(person, desk):
    window = person(375, storage_state=desk[0])
    clip, job = desk[1][:2]
    page = window.go(clip).page
    page.get_by_role("link", name="Rename").click()
    page.locator("#id_title").fill("W" * 120)
    page.locator("#rename").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("W" * 120)

    found = {path: window.go(path).overflow() for path in (clip, job, "/clips/", "/jobs/", "/create/")}

    assert [path for path, over in found.items() if over > 0] == []
