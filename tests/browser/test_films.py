"""A film of animatics and of scenes of a paid provider is merged, watched and downloaded."""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import layout_problems
from tests.browser.stories import create_story, wait_for_animatics
from tests.browser.test_first_paid_clip import connect_kling
from tests.browser.user import DESKTOP_SIZE, DRAWING_TIMEOUT_MS, TIMEOUT_MS, BrowserUser

FILM = "document.querySelector('cel-player video')"
DELAY_SAVING = """() => {
  const send = window.fetch;
  window.fetch = async (...request) => {
    if (String(request[0]).includes("/join/")) await new Promise((done) => setTimeout(done, 800));
    return send(...request);
  };
}"""


def list_versions(page):
    return page.locator("#film-versions article")


def render_film(page) -> None:
    """Make a film and wait until it can be watched."""
    before = list_versions(page).count()
    page.get_by_role("button", name=re.compile("^Make the film")).click()
    expect(list_versions(page)).to_have_count(before + 1)
    expect(list_versions(page).first.get_by_role("link", name="Watch")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)


def draw_scene(page, story: str, n: int, engine: str) -> None:
    """Draw the n-th scene with a provider and use the take."""
    page.goto(story)
    scene = page.locator(".storyboard-row").nth(n - 1).get_attribute("data-id")
    page.goto(f"/stories/scenes/{scene}/")
    page.locator(".editor details summary", has_text="Style, transition").click()
    with page.expect_response(lambda response: response.request.method == "POST" and response.ok):
        page.locator(".editor [name=engine]").select_option(engine)
    page.locator(".editor a.primary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Draw 1 final take with Kling").click()
    page.goto(story)
    row = page.locator(".storyboard-row").nth(n - 1)
    row.get_by_role("button", name="Use the new take").click(timeout=DRAWING_TIMEOUT_MS)
    expect(row).to_have_attribute("data-look", "done")


def select_transition(page, kind: str) -> None:
    with page.expect_response(lambda response: "/join/" in response.url):
        page.locator("#row-1 [name=join_kind]").select_option(kind)


def test_idea_becomes_a_film_that_plays_to_its_last_frame_and_downloads(site, providers, mika):
    page, earlier = mika.page, len(providers.kling.created)
    expect(connect_kling(mika, providers, providers.kling.key)).to_contain_text("Works")
    story = create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a roof")
    page.goto(f"{story}settings/")
    page.get_by_label("Drawing mode").select_option("coherent")
    page.get_by_role("button", name="Save").click()
    page.goto(story)
    engine = find_kling_option(page)
    draw_scene(page, story, 1, engine)
    draw_scene(page, story, 2, engine)
    first, second = providers.kling.created[earlier:]
    assert "image" not in first.request
    assert second.request["image"], "the second scene starts from the last frame of the first"

    page.goto(f"{story}film/")
    select_transition(page, "crossfade")
    page.locator("#row-1 [name=join_frames]").fill("24")
    page.locator("#row-1 [name=join_frames]").press("Tab")
    expect(page.locator("#film-facts")).to_contain_text("08+00")
    expect(page.locator("#film-make")).to_contain_text("2 of 3 scenes are final. Scene 3 plays as a draft.")
    render_film(page)
    list_versions(page).first.get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    check_playback(mika)
    check_download(page, site)


def find_kling_option(page) -> str:
    """Return the value of Kling's option in the scene editor."""
    options = page.locator(".editor [name=engine] option").evaluate_all("all => all.map((option) => option.value)")
    return next(value for value in options if value.startswith("kling|"))


def check_playback(user) -> None:
    """Play the film of eight seconds to its end, then jump to its third scene, which starts after three seconds."""
    page = user.page
    page.evaluate(f"() => {{ const film = {FILM}; film.muted = true; film.playbackRate = 4; film.play(); }}")
    user.wait_until(f"{FILM}.ended")
    length, position = page.evaluate(f"[{FILM}.duration, {FILM}.currentTime]")
    assert page.evaluate(f"{FILM}.error") is None and page.evaluate(f"{FILM}.videoWidth") == 1280
    assert abs(length - 8) < 1 / 24 and position >= length - 1 / 24

    page.evaluate("""() => { const film = document.querySelector("cel-player video");
        film.playbackRate = 1;
        const land = () => { window.landedAt = film.currentTime; film.pause(); };
        film.addEventListener("seeked", land, {once: true}); }""")
    page.locator("[data-chapter]").nth(2).click()
    user.wait_until("window.landedAt !== undefined")
    assert 3 <= page.evaluate("window.landedAt") < 4
    expect(page.locator("[data-chapter]").nth(2)).to_have_attribute("aria-current", "true")


def check_download(page, site) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    content = Path(download.value.path()).read_bytes()
    assert content in [path.read_bytes() for path in (site.folder / "media/films").rglob("film.mp4")]
    expect(page.locator(".fact-sheet")).to_contain_text(hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="session")
def film_state(site, chromium):
    """The browser state of a user with two versions of a film of two scenes, and the path of the film page."""
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP_SIZE)
    context.set_default_timeout(TIMEOUT_MS)
    author = BrowserUser(context, "films@example.test").sign_up()
    story = create_story(author, "a girl on a hill", "a dog by the sea")
    page = author.page
    wait_for_animatics(page, 2)
    page.get_by_role("link", name="Film", exact=True).click()
    expect(page.locator("#film-make")).to_contain_text("Scenes 1 and 2 play as drafts.")
    render_film(page)
    expect(list_versions(page).first).to_contain_text("10+00")
    select_transition(page, "iris")
    render_film(page)
    state = context.storage_state()
    context.close()
    assert author.console_errors == []
    return state, f"{story}film/"


@pytest.fixture
def author(film_state, new_user):
    """The user on the film page, with an iris between the scenes and two or more versions."""
    state, path = film_state
    user = new_user(storage_state=state).open(path)
    if user.page.locator("#row-1 [name=join_kind]").input_value() != "iris":
        select_transition(user.page, "iris")
    return user.open(path)


def test_versions_are_compared_renamed_deleted_and_restored(author):
    page = author.page
    count = list_versions(page).count()
    list_versions(page).first.get_by_role("link", name="Watch").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("With an iris")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="With an iris")).to_be_visible()

    page.get_by_role("link", name="Compare With an iris with Version 1").click()
    expect(page.locator("cel-player")).to_have_count(2)
    expect(page.get_by_text("Some transitions differ.")).to_be_visible()
    page.get_by_role("link", name="Back to one version").click()

    page.get_by_role("button", name="Delete").click()
    expect(list_versions(page)).to_have_count(count - 1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="With an iris")).to_be_visible()


def test_film_is_made_by_keyboard_alone_and_its_pages_pass_axe(author):
    page = author.page
    page.locator("#row-1 [name=join_kind]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("6")
    page.keyboard.press("Tab")
    expect(page.locator("#film-facts")).to_contain_text("09+18")
    count = list_versions(page).count()
    page.locator("#film-name").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(list_versions(page)).to_have_count(count + 1)
    expect(list_versions(page).first).to_contain_text("By keyboard")

    themes = {"light": (375, 1280)}
    problems = layout_problems(author, "the film page", themes, widths=(320, 375, 1280))
    list_versions(page).last.get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    problems += layout_problems(author, "a version", themes, widths=(320, 375, 1280))
    assert not problems, "\n".join(problems)


def test_changes_during_a_pending_save_are_in_the_film(author):
    page = author.page
    page.evaluate(DELAY_SAVING)
    transition, frames = (page.locator(f"#row-1 [name={name}]") for name in ("join_kind", "join_frames"))
    with page.expect_response(
        lambda response: re.search(r"join_frames\W+24\b", response.request.post_data or "") is not None
    ):
        for length in (20, 22, 24):
            frames.fill(str(length))
            frames.press("Tab")
    expect(page.locator("#film-note")).to_be_empty()
    with (
        page.expect_response("**/join/"),
        page.expect_response(lambda response: "fade_black" in (response.request.post_data or "")),
    ):
        transition.select_option("crossfade")
        transition.select_option("fade_black")
    expect(page.locator("#film-note")).to_be_empty()
    page.reload()
    expect(frames).to_have_value("24")
    expect(transition).to_have_value("fade_black")

    page.evaluate(DELAY_SAVING)
    transition.select_option("cut")
    render_film(page)  # before the change is saved
    expect(page.locator("#film-note")).to_be_empty()
    expect(list_versions(page).first).to_contain_text("10+00")


@pytest.mark.deep
def test_pending_change_keeps_the_change_of_another_window(author, new_user):
    page = author.page
    other = new_user(storage_state=page.context.storage_state()).open(page.url).page
    page.evaluate(DELAY_SAVING)
    transition, frames = (page.locator(f"#row-1 [name={name}]") for name in ("join_kind", "join_frames"))
    with page.expect_response(lambda response: "wipe" in (response.request.post_data or "")):
        transition.select_option("crossfade")
        transition.select_option("wipe")
        with other.expect_response("**/join/"):
            other.locator("#row-1 [name=join_frames]").fill("18")
            other.locator("#row-1 [name=join_frames]").press("Tab")

    expect(page.locator("#film-note")).to_be_empty()
    page.reload()
    expect(transition).to_have_value("wipe")
    expect(frames).to_have_value("18")


def test_film_is_made_and_watched_without_scripts(author, new_user):
    plain = new_user(java_script_enabled=False, storage_state=author.page.context.storage_state())
    page = plain.open(author.page.url).page
    count = list_versions(page).count()
    page.locator("#row-1 [name=join_kind]").select_option("cut")
    page.locator("#row-1").get_by_role("button", name="Save").click()
    expect(page.locator("#film-facts")).to_contain_text("10+00")
    page.get_by_role("button", name=re.compile("^Make the film")).click()

    expect(list_versions(page)).to_have_count(count + 1)
    list_versions(page).last.get_by_role("link", name="Watch").click()
    expect(page.locator("video[controls]")).to_be_visible()


@pytest.mark.deep
def test_film_pages_fit_each_width_and_pass_axe_in_both_themes(author):
    page = author.page
    axe_widths = {"light": (320, 768, 1920), "dark": (320, 1920)}
    problems = layout_problems(author, "the film page", axe_widths)
    list_versions(page).last.get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    problems += layout_problems(author, "a version", axe_widths)

    assert not problems, "\n".join(problems)
