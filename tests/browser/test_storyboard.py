"""The storyboard plays transitions, and edits scenes in a dialog on narrow screens."""

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import layout_problems
from tests.browser.stories import PROMPTS, create_story, open_scene, scene_texts, wait_for_animatics
from tests.browser.user import ANIMATIONS_ENDED, DESKTOP_SIZE

REEL = "document.querySelector('cel-reel')"
# a transition takes a second, which a blocked page could miss at full speed
SLOW_MOTION = f"{REEL}.videos.forEach((clip) => (clip.defaultPlaybackRate = clip.playbackRate = 0.25))"
# records the positions of the second clip, and whether both clips and then only the second one played
RECORD_FRAMES = """() => {
    const reel = document.querySelector('cel-reel'), second = reel.videos[1];
    window.secondTimes = [];
    const note = () => {
        if (!second.paused) window.secondTimes.push(second.currentTime);
        const playing = [...reel.querySelectorAll('video')].filter((clip) => !clip.paused && !clip.hidden).length;
        window.sawBoth ||= playing === 2 && reel.dataset.join === 'crossfade';
        window.sawSecondAlone ||= window.sawBoth && reel.at === 1 && playing === 1;
        requestAnimationFrame(note);
    };
    note();
}"""
VEIL_OPACITY = "Number(getComputedStyle(document.querySelector('[data-fade]')).opacity)"


def open_editor(page):
    page.locator("#edit-now").click()
    expect(page.locator("#scene-dialog")).to_be_visible()
    expect(page.locator("#scene-dialog #scene-form")).to_be_visible()


def test_preview_plays_transitions_as_the_film_will(mika):
    page = mika.page
    story = create_story(mika, *PROMPTS[:2])
    wait_for_animatics(page, 2)
    page.locator(".storyboard-join a").click()
    expect(page.locator("#scene-join_kind")).to_be_focused()
    page.locator("#scene-join_kind").select_option("fade_black")
    expect(page.locator(".storyboard-join")).to_contain_text("Fade through black")
    mika.wait_until(f"{REEL}.shots[0].join === 'fade_black'")
    for frame, min_opacity, max_opacity in ((60, 0, 0), (119, 0.8, 1), (120, 0.8, 1), (200, 0, 0)):
        page.evaluate(f"{REEL}.seek({frame})")
        assert min_opacity <= page.evaluate(VEIL_OPACITY) <= max_opacity, frame

    page.locator("#scene-join_frames").fill("24")
    page.locator("#scene-join_kind").select_option("crossfade")
    expect(page.locator(".storyboard-join")).to_contain_text("Crossfade 24 f")
    expect(page.locator("#story-facts")).to_contain_text("09+00")
    expect(page.locator("cel-reel [data-end]")).to_have_text("09+00")
    page.evaluate(SLOW_MOTION)
    page.evaluate(f"{REEL}.seek(98)")
    mika.wait_until(f"{REEL}.videos.every((clip) => clip.readyState > 1)")
    page.evaluate(RECORD_FRAMES)
    page.locator("cel-reel .buttons [data-act=play]").click()
    mika.wait_until("window.sawBoth")
    mika.wait_until("window.sawSecondAlone")
    mika.wait_until(f"{REEL}.frame >= 36")
    times = page.evaluate("window.secondTimes")
    assert times and times == sorted(times), "frames of the transition were shown twice"

    page.goto(f"{story}film/")
    expect(page.locator("#film-facts")).to_contain_text("09+00")


def test_a_panel_is_directed_by_mouse_and_keyboard(mika):
    page = mika.open("/stories/new/blank/").page
    page.locator("#id_words").fill("a witch gives a letter to a cat in the library")
    page.locator("[name=style][value=storyboard]").check(force=True)
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    page.locator(".storyboard-row .storyboard-edit").first.click()
    page.locator("a[href$='/direct/']").first.click()
    picture, witch = page.locator(".staging-sheet img"), page.locator(".staging-handle").first
    x, first = page.locator("[name=figure-0-x]"), picture.get_attribute("src")
    page.wait_for_load_state("load")
    before, box = float(x.input_value()), witch.bounding_box()

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()

    expect(picture).not_to_have_attribute("src", first)
    moved = float(x.input_value())
    assert moved > before
    assert witch.bounding_box()["x"] == pytest.approx(box["x"] + 60, abs=3), "the handle is over its figure"
    second = picture.get_attribute("src")
    witch.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    expect(picture).not_to_have_attribute("src", second)
    assert float(x.input_value()) == pytest.approx(moved - 2, abs=0.1)
    page.keyboard.press("Control+z")
    expect(picture).to_have_attribute("src", second)
    expect(x).to_have_value(str(moved))
    with page.expect_event("dialog") as asked:  # whether to leave a panel that is not saved
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.locator(".back-link").click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/stories/*-*/?scene=*")


def check_edit_bar(page):
    """Check that the edit button is in a bar from edge to edge, which covers neither the focus nor the end."""
    bar, last_link = page.locator("#edit-now").locator(".."), page.locator(".storyboard-row .storyboard-edit").last
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    end = page.locator(".storyboard > :not(:has(#edit-now))").last.bounding_box()
    box = bar.bounding_box()
    assert end["y"] + end["height"] <= box["y"]
    assert box["x"] <= 0 and box["x"] + box["width"] >= page.evaluate("document.documentElement.clientWidth")
    assert bar.evaluate("bar => getComputedStyle(bar).backgroundColor") != "rgba(0, 0, 0, 0)"
    last_link.evaluate("link => scrollTo(0, scrollY + link.getBoundingClientRect().top - innerHeight + 30)")
    last_link.focus()
    link = last_link.bounding_box()
    assert link["y"] + link["height"] <= bar.bounding_box()["y"]


def check_total_of_the_quote(page):
    """Check that the button of the quote is at the lower edge of the dialog, and the last row ends above it."""
    page.set_viewport_size({"width": 375, "height": 480})
    dialog, total, last_row = (page.locator(part) for part in ("#draw", ".draw-total", ".draw-rows li >> nth=-1"))
    for end in (0, 10_000):
        dialog.evaluate("(dialog, end) => dialog.scrollTo(0, end)", end)
        box, foot = dialog.bounding_box(), total.bounding_box()
        assert abs(foot["y"] + foot["height"] - box["y"] - box["height"]) <= 2, "rows appear below the button"
    row = last_row.bounding_box()
    assert row["y"] + row["height"] <= foot["y"]


def test_narrow_screen_edits_in_a_dialog_that_saves_on_close_and_returns_the_focus(phone):
    page = phone.page
    create_story(phone, *PROMPTS[:2])
    expect(page.locator("#edit-now")).to_have_text("Edit scene 2")
    page.evaluate("scrollTo(0, 0)")
    player, button = (page.locator(part).bounding_box() for part in (".story-side", "#edit-now"))
    assert button["y"] >= player["y"] + player["height"], "the button covers the player"
    check_edit_bar(page)
    page.locator(".storyboard-row .storyboard-edit").nth(0).click()
    expect(page.locator("#scene-dialog #scene-h")).to_have_text("Scene 1")
    page.locator("#scene-prompt").fill("a unicorn in the sky")
    # the reading follows the saved text
    expect(page.locator("#scene-reading")).to_contain_text("does not draw: unicorn")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.keyboard.press("Escape")
    expect(page.locator("#scene-dialog")).to_be_hidden()
    expect(page.locator(".storyboard-row .storyboard-edit").nth(0)).to_be_focused()
    expect(page.locator("#edit-now")).to_have_text("Edit scene 1")

    open_editor(page)
    page.locator("#scene-prompt").fill("a fox in the snow")
    page.get_by_role("button", name="Close").click()  # before the text was saved
    expect(page.locator(".storyboard-row .clamp-3").nth(0)).to_have_text("a fox in the snow")
    page.reload()
    assert scene_texts(page) == ["a fox in the snow", PROMPTS[1]]

    open_editor(page)
    text = page.locator("#scene-dialog #scene-prompt").input_value()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#scene-dialog")).to_be_hidden()
    expect(page.locator(".story-side #scene-prompt")).to_have_value(text)


def test_dialog_steps_through_scenes_moves_them_and_deletes_with_undo(phone):
    page = phone.page
    create_story(phone, *PROMPTS)
    open_editor(page)
    dialog = page.locator("#scene-dialog")
    expect(dialog.get_by_role("button", name="Next scene")).to_be_disabled()
    dialog.get_by_role("button", name="Previous scene").click()
    expect(dialog.locator("#scene-h")).to_have_text("Scene 2")
    dialog.get_by_role("button", name="Move up").click()
    expect(dialog.locator("#scene-h")).to_have_text("Scene 1")
    expect(dialog.get_by_role("button", name="Move up")).to_be_focused()
    expect(page.locator(".storyboard-row .clamp-3").nth(0)).to_have_text(PROMPTS[1])
    phone.wait_until(ANIMATIONS_ENDED)
    assert phone.axe_violations() == []
    assert phone.overflow() <= 0

    dialog.locator(".editor-actions [popovertarget]").click()
    page.locator("#m-scene").get_by_role("button", name="Delete").click()
    expect(page.locator(".storyboard-row")).to_have_count(2)
    expect(dialog).to_be_hidden()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".storyboard-row")).to_have_count(3)


@pytest.mark.deep
def test_playing_scene_becomes_the_one_to_edit(phone):
    page = phone.page
    create_story(phone, *PROMPTS)
    wait_for_animatics(page, 3)

    expect(page.locator("#edit-now")).to_have_text("Edit scene 3")
    page.evaluate(f"{REEL}.show(1, 0)")
    expect(page.locator("#edit-now")).to_have_text("Edit scene 2")


def test_double_click_adds_one_scene_and_keeps_text_typed_meanwhile(mika):
    page = mika.page
    create_story(mika, PROMPTS[0])
    routes = []
    page.route("**/add/", lambda route: routes.append(route))  # noqa: PLW0108 - Playwright sets attributes on the handler
    page.locator("#add-words").fill(PROMPTS[1])
    page.get_by_role("button", name="Add a scene").dblclick(no_wait_after=True)
    page.locator("#add-words").press_sequentially(" and more")
    mika.wait_until(lambda: routes)
    for route in routes:
        route.continue_()
    page.unroute("**/add/")

    expect(page.locator(".storyboard-row")).to_have_count(2)
    expect(page.locator("#add-words")).to_have_value(f"{PROMPTS[1]} and more")
    page.wait_for_load_state("load")
    expect(page.locator(".storyboard-row")).to_have_count(2)


def test_quote_fits_passes_axe_and_never_shows_the_price_of_another_scene(owner, studio):
    themes, widths = {"light": (375, 1280), "dark": (1280,)}, (320, 375, 1280)
    problems = layout_problems(owner.open(f"{studio.story}draw/?which=all"), "the quote", themes, widths)
    page = owner.open(studio.story).page
    page.locator("#story-acts [data-open=draw]").first.click()
    expect(page.locator("#draw .draw-total")).to_be_visible()
    problems += layout_problems(owner, "the quote over the storyboard", themes, widths)
    assert not problems, "\n".join(problems)
    check_total_of_the_quote(page)

    page.set_viewport_size(DESKTOP_SIZE)
    page.emulate_media(color_scheme="light")
    page.keyboard.press("Escape")
    quote, draw = page.locator("#draw"), page.locator("#editor-draw a")
    open_scene(page, 1)
    draw.click()
    expect(quote).to_contain_text("Draw scene 1")
    page.keyboard.press("Escape")
    open_scene(page, 2)
    routes = []
    page.route("**/draw/?*", lambda route: routes.append(route))  # noqa: PLW0108

    draw.click()

    expect(quote).to_contain_text("Calculating")
    expect(quote).not_to_contain_text("Draw scene 1")
    owner.wait_until(lambda: routes)
    routes[0].continue_()
    expect(quote).to_contain_text("Draw scene 2")


@pytest.mark.deep
def test_editor_that_does_not_load_says_so_and_leaves_no_empty_dialog(phone):
    page = phone.page
    create_story(phone, *PROMPTS[:2])
    phone.expected = ("Failed to load", "htmx")
    page.route("**/stories/scenes/**", lambda route: route.abort())
    page.locator(".storyboard-row .storyboard-edit").nth(0).click()

    expect(page.locator("#toasts")).to_contain_text("Couldn’t reach the studio")
    expect(page.locator("#scene-dialog")).to_be_hidden()


@pytest.mark.deep
def test_large_text_keeps_the_storyboard_within_the_window(mika):
    page = mika.page
    create_story(mika, *PROMPTS[:2])
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert mika.overflow() <= 0
    parts = page.locator(".storyboard-picture").first, page.locator(".storyboard-action").first
    picture, text = (part.evaluate("(part) => part.getBoundingClientRect().toJSON()") for part in parts)
    assert picture["top"] >= text["bottom"], "the picture is not below its text"
