"""Pages fit every width, pass axe in both themes, and work by keyboard and touch."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import large_text_problems, layout_problems
from tests.browser.stories import create_story, open_scene, wait_for_animatics
from tests.browser.test_connections import connect
from tests.browser.user import AXE, DESKTOP_SIZE, BrowserUser, choose

# device → widths, whether it has touch, and the width at which axe runs in both themes
DEVICES = {"phone": ((320, 375, 414), True, 375), "desk": ((768, 1280, 1920), False, 1280)}
SIGNED_OUT = [
    "/", "/account/login/", "/account/signup/", "/account/password/reset/", "/no/such/page/", "/explore/",
    "/explore/?q=nothing", "/templates/", "/templates/trailer/",
]  # fmt: skip
SIGNED_IN = [
    "/create/", "/create/?tab=picture", "/clips/", "/clips/?state=trashed", "/jobs/", "/settings/", "/settings/look/",
    "/settings/security/", "/settings/privacy/", "/settings/connections/",
    "/settings/connections/add/?provider=kling", "/account/email/",
    "/account/password/change/", "/account/2fa/", "/account/sessions/",
    "/no/such/page/", "/stories/", "/stories/?shelf=bin", "/stories/new/", "/stories/new/blank/", "/stories/import/",
    "/stories/characters/", "/explore/", "/following/", "/playlists/", "/templates/", "/templates/trailer/",
    "/settings/gallery/", "/settings/decisions/", "/operator/reports/",
]  # fmt: skip
CONNECTED = ["/create/", "/create/?provider=kling", "/create/?provider=kling&tab=picture", "/settings/connections/"]
FOCUS = (
    "(() => { const e = document.activeElement, r = e.getBoundingClientRect();"
    " return [e.id || e.name || e.textContent.trim().slice(0, 20), r.width * r.height > 0]; })()"
)


@pytest.fixture(scope="module")
def own_paths(site, chromium, studio):
    """The paths of a clip, its job, and a story with an edited and an empty scene."""
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP_SIZE, storage_state=studio.state)
    user = BrowserUser(context, "studio@example.test")
    story = create_story(user, "a girl on a hill", "a dog by the sea", "")
    page = user.page
    wait_for_animatics(page, 2)
    open_scene(page, 1)
    page.locator("#scene-line").fill("It always comes at four")
    expect(page.locator("#saved")).to_have_text("Saved")
    scene = page.locator(".storyboard-row .storyboard-edit").nth(0).get_attribute("href")
    work, profile = publish_clip(user, studio.clip)
    context.close()
    story_paths = ["", "settings/", "draw/?which=all", "characters/", "director/", "import/"]
    return [
        studio.clip,
        f"{studio.clip}effects/",
        f"{studio.clip}publish/",
        *(work + path for path in ("", "remix/", "save/", "comments/")),
        profile,
        studio.job,
        scene,
        f"{scene}history/",
        *(story + path for path in story_paths),
    ]


def publish_clip(user, clip) -> tuple[str, str]:
    """Make the clip public. Return the paths of the work and of its author's profile."""
    page = user.open(f"{clip}publish/").page
    choose(page, "visibility", "public")
    if (handle := page.get_by_label("Your handle")).count():
        handle.fill("pages_author")
    page.get_by_role("button", name=re.compile("Publish|Save")).click()
    work = urlsplit(page.locator("#work-link").get_attribute("href")).path
    return work, user.open(work).page.locator("main a[href^='/@']").first.get_attribute("href")


@pytest.fixture(scope="module")
def connected_state(site, chromium):
    """The browser state of a user with a connection to Kling."""
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP_SIZE)
    connect(BrowserUser(context, "connected@example.test").sign_up())
    yield context.storage_state()
    context.close()


def test_front_page_and_create_fit_a_phone_and_a_desk_and_pass_axe(new_user):
    user = new_user()
    themes = {"light": (375, 1280), "dark": (375,)}
    problems = layout_problems(user.open("/"), "/", themes, widths=(320, 375, 1280))
    problems += layout_problems(user.sign_up(), "/create/", themes, widths=(320, 375, 1280))
    problems += large_text_problems(user, "/create/")

    assert not problems, "\n".join(problems)


@pytest.mark.deep
@pytest.mark.parametrize("device", DEVICES)
def test_every_page_fits_each_width_and_passes_axe(new_user, studio, own_paths, connected_state, device):
    widths, touch, axe_width = DEVICES[device]
    visitor = new_user(axe_width, has_touch=touch)
    user = new_user(axe_width, has_touch=touch, storage_state=studio.state)
    customer = new_user(axe_width, has_touch=touch, storage_state=connected_state)
    for window in (visitor, user):
        window.expected = ("404",)
    pages = [(visitor, path) for path in SIGNED_OUT]
    pages += [(user, path) for path in [*SIGNED_IN, *own_paths]]
    pages += [(customer, path) for path in CONNECTED]
    problems = []
    for window, path in pages:
        window.open(path)
        problems += layout_problems(window, path, {"light": (axe_width,), "dark": (axe_width,)}, widths)
        if touch:
            problems += large_text_problems(window, path)

    assert not problems, "\n".join(problems)


@pytest.mark.deep
def test_landmarks_are_unique_and_targets_are_24_pixels_wide(new_user, studio, own_paths):
    user, problems = new_user(1280, storage_state=studio.state), []
    user.expected = ("404",)
    for path in [*SIGNED_IN, "/settings/usage/", "/settings/usage/jobs/", *own_paths]:
        page = user.open(path).page
        page.evaluate(AXE.read_text(encoding="utf-8"))
        rows = page.evaluate("axe.run({resultTypes: ['violations'], runOnly: ['landmark-unique', 'target-size']})")
        problems += [f"{path}: {row['id']} {row['nodes'][0]['target']}" for row in rows["violations"]]

    assert not problems, "\n".join(problems)


def test_touch_menu_leads_to_every_page(phone):
    page = phone.page

    page.locator(".bar button[popovertarget=side]").tap()
    page.locator("#side").get_by_role("link", name="Library").tap()

    page.wait_for_url("**/clips/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")


def test_create_is_used_by_keyboard_alone_and_the_focus_is_always_visible(mika):
    page = mika.open("/clips/").page
    page.keyboard.press("n")
    page.wait_for_url("**/create/")
    names, invisible = set(), []
    for _ in range(45):
        page.keyboard.press("Tab")
        name, is_visible = page.evaluate(FOCUS)
        names.add(name)
        if name and not is_visible:
            invisible.append(name)
    assert {"prompt", "seed", "style", "ratio"} <= names
    assert any("Generate" in name for name in names)
    assert invisible == []

    page.locator("#prompt").focus()
    page.keyboard.type("a dog on the beach, /tall clouds")
    expect(page.get_by_role("option", name="clear sky, tall clouds")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#prompt")).to_have_value(words := "a dog on the beach, clear sky, tall clouds")
    page.get_by_role("button", name="Improve").press("Enter")
    page.get_by_role("button", name="Use these words").press("Enter")
    expect(page.locator("#prompt")).to_have_value(re.compile(f"{words}.+"))
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#prompt")).to_have_value(words)
    page.keyboard.press("Control+Enter")
    expect(mika.job_card("a dog")).to_be_visible()


def test_pages_work_and_a_clip_is_created_without_scripts(new_user, studio):
    page = new_user(java_script_enabled=False, storage_state=studio.state).page
    for path in ("/clips/", "/clips/?state=trashed", "/jobs/", "/settings/", "/create/"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("#prompt").fill("lanterns at night")
    choose(page, "resolution", "480")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/clips/*-*/")

    expect(page.get_by_role("heading", level=1)).to_have_text("lanterns at night")


@pytest.mark.deep
def test_title_without_spaces_makes_no_page_wider(phone):
    phone.create_clip("a fox in the snow").open_clip("a fox")
    page, clip = phone.page, phone.page.url
    job = page.get_by_role("link", name="View history").get_attribute("href")
    page.get_by_role("link", name="Rename").click()
    page.locator("#id_title").fill("W" * 120)
    page.locator("#rename").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("W" * 120)

    overflow = {path: phone.open(path).overflow() for path in (clip, job, "/clips/", "/jobs/", "/create/")}

    assert [path for path, pixels in overflow.items() if pixels > 0] == []
