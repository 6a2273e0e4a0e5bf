"""The storyboard on desks wide and narrow: how scenes join, and the editor in its dialog."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS, STANDS_STILL
from tests.browser.test_stories import WORDS, begin

REEL = "document.querySelector('cel-reel')"
# the join takes a second: a page that stands still for so long must not have missed it
SLOWLY = f"{REEL}.films.forEach((film) => (film.defaultPlaybackRate = film.playbackRate = 0.25))"
# what stands on the screen picture by picture: of the second film from the moment it plays, both at once, it alone
FOLLOW = """() => {
    const reel = document.querySelector('cel-reel'), second = reel.films[1];
    window.seenOfTheSecond = [];
    const note = () => {
        if (!second.paused) window.seenOfTheSecond.push(second.currentTime);
        const seen = [...reel.querySelectorAll('video')].filter((film) => !film.paused && !film.hidden).length;
        window.sawBoth ||= seen === 2 && reel.dataset.join === 'crossfade';
        window.sawTheSecondAlone ||= window.sawBoth && reel.at === 1 && seen === 1;
        requestAnimationFrame(note);
    };
    note();
}"""


@pytest.fixture
def phone(person):
    new = person(375, 760, has_touch=True, is_mobile=True)
    new.sign_up()
    return new


def open_editor(page):
    page.locator("#edit-now").click()
    expect(page.locator("#scene-dialog")).to_be_visible()
    expect(page.locator("#scene-dialog #scene-form")).to_be_visible()


def test_the_reel_shows_scenes_joined_as_they_will_be_in_the_film(mika):
    page = mika.page
    story = begin(mika, *WORDS[:2])
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    page.locator(".ek-j a").click()
    expect(page.locator("#scene-join_kind")).to_be_focused()
    page.locator("#scene-join_frames").fill("24")
    page.locator("#scene-join_kind").select_option("crossfade")
    expect(page.locator(".ek-j")).to_contain_text("Crossfade 24 f")
    expect(page.locator("#story-facts")).to_contain_text("09+00")
    expect(page.locator("cel-reel [data-end]")).to_have_text("09+00")

    page.evaluate(SLOWLY)
    page.evaluate(f"{REEL}.seek(98)")
    mika.wait_until(f"{REEL}.films.every((film) => film.readyState > 1)")
    page.evaluate(FOLLOW)
    page.locator("cel-reel .btns [data-act=play]").click()
    mika.wait_until("window.sawBoth")
    mika.wait_until("window.sawTheSecondAlone")
    mika.wait_until(f"{REEL}.frame >= 36")
    times = page.evaluate("window.seenOfTheSecond")
    assert times and times == sorted(times), "what was seen during the join is not shown again"

    page.goto(f"{story}film/")
    expect(page.locator("#film-facts")).to_contain_text("09+00")


def test_a_fade_through_black_covers_the_reel_and_uncovers_it(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    page.locator(".ek-j a").click()
    page.locator("#scene-join_kind").select_option("fade_black")
    expect(page.locator(".ek-j")).to_contain_text("Fade through black")
    mika.wait_until(f"{REEL}.shots[0].join === 'fade_black'")

    veil = "Number(getComputedStyle(document.querySelector('[data-veil]')).opacity)"
    for frame, least, most in ((60, 0, 0), (119, 0.8, 1), (120, 0.8, 1), (200, 0, 0)):
        page.evaluate(f"{REEL}.seek({frame})")
        assert least <= page.evaluate(veil) <= most, frame


def test_on_a_narrow_desk_the_editor_is_a_dialog_that_gives_the_focus_back(phone):
    page = phone.page
    begin(phone, *WORDS)
    expect(page.locator("#edit-now")).to_have_text("Edit scene 3")
    page.locator(".ekr .ek-e").nth(1).click()
    expect(page.locator("#scene-dialog #scene-h")).to_have_text("Scene 2")
    page.locator("#scene-prompt").fill("a whale in the sky")
    expect(page.locator("#scene-reading")).to_contain_text("can’t draw: whale")  # read anew with what was saved
    expect(page.locator("#saved")).to_have_text("Saved")
    page.keyboard.press("Escape")
    expect(page.locator("#scene-dialog")).to_be_hidden()

    expect(page.locator(".ekr .ek-e").nth(1)).to_be_focused()
    expect(page.locator(".ekr .cl3").nth(1)).to_have_text("a whale in the sky")
    expect(page.locator("#edit-now")).to_have_text("Edit scene 2")


def test_a_film_that_comes_into_the_reel_chooses_no_other_scene(phone):
    page = phone.page
    begin(phone, *WORDS)
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(3, timeout=DRAWN_MS)

    expect(page.locator("#edit-now")).to_have_text("Edit scene 3")
    page.evaluate(f"{REEL}.show(1, 0)")
    expect(page.locator("#edit-now")).to_have_text("Edit scene 2")


def test_a_scene_is_added_once_however_often_one_presses_and_what_is_written_meanwhile_stays(mika):
    page = mika.page
    begin(mika, WORDS[0])
    held = []

    def hold(route):
        held.append(route)

    page.route("**/add/", hold)
    page.locator("#add-words").fill(WORDS[1])
    page.get_by_role("button", name="Add a scene").dblclick(no_wait_after=True)
    page.locator("#add-words").press_sequentially(" and more")
    mika.wait_until(lambda: held)
    for each in held:
        each.continue_()
    page.unroute("**/add/")

    expect(page.locator(".ekr")).to_have_count(2)
    expect(page.locator("#add-words")).to_have_value(f"{WORDS[1]} and more")
    page.wait_for_timeout(1500)
    expect(page.locator(".ekr")).to_have_count(2)


def test_the_sheet_never_shows_the_price_of_another_scene(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    sheet, draw = page.locator("#draw"), page.get_by_role("link", name="Draw this scene")
    page.locator(".ekr .ek-e").nth(0).click()
    expect(page.locator("#scene-h")).to_have_text("Scene 1")
    draw.click()
    expect(sheet).to_contain_text("Draw scene 1")
    page.keyboard.press("Escape")
    page.locator(".ekr .ek-e").nth(1).click()
    expect(page.locator("#scene-h")).to_have_text("Scene 2")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/draw/?*", hold)

    draw.click()

    expect(sheet).to_contain_text("Reckoning")
    expect(sheet).not_to_contain_text("Draw scene 1")
    mika.wait_until(lambda: held)
    held[0].continue_()
    expect(sheet).to_contain_text("Draw scene 2")


def test_words_typed_just_before_the_dialog_closes_are_saved(phone):
    page = phone.page
    url = begin(phone, WORDS[0])
    open_editor(page)
    page.locator("#scene-prompt").fill("a fox in the snow")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".ekr .cl3")).to_have_text("a fox in the snow")

    page.goto(url)
    expect(page.locator(".ekr .cl3")).to_have_text("a fox in the snow")


def test_in_the_dialog_one_goes_from_scene_to_scene_and_moves_them(phone):
    page = phone.page
    begin(phone, *WORDS)
    open_editor(page)
    box = page.locator("#scene-dialog")
    expect(box.get_by_role("button", name="Next scene")).to_be_disabled()
    box.get_by_role("button", name="Previous scene").click()
    expect(box.locator("#scene-h")).to_have_text("Scene 2")
    box.get_by_role("button", name="Move up").click()
    expect(box.locator("#scene-h")).to_have_text("Scene 1")

    expect(box.get_by_role("button", name="Move up")).to_be_focused()
    expect(page.locator(".ekr .cl3").nth(0)).to_have_text(WORDS[1])
    phone.wait_until(STANDS_STILL)
    assert phone.violations() == []
    assert phone.overflow() <= 0


def test_a_scene_deleted_in_the_dialog_closes_it_and_can_be_undone(phone):
    page = phone.page
    begin(phone, *WORDS[:2])
    open_editor(page)
    page.locator("#scene-dialog .ed-acts [popovertarget]").click()
    page.locator("#m-scene").get_by_role("button", name="Delete").click()
    expect(page.locator(".ekr")).to_have_count(1)
    expect(page.locator("#scene-dialog")).to_be_hidden()
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(page.locator(".ekr")).to_have_count(2)


def test_an_editor_that_does_not_come_says_so_and_leaves_no_empty_dialog(phone):
    page = phone.page
    begin(phone, *WORDS[:2])
    phone.expected = ("Failed to load", "htmx")
    page.route("**/stories/scenes/**", lambda route: route.abort())
    page.locator(".ekr .ek-e").nth(0).click()

    expect(page.locator("#toasts")).to_contain_text("Couldn’t reach the studio")
    expect(page.locator("#scene-dialog")).to_be_hidden()


def test_a_window_that_grows_has_the_editor_beside_the_sheet_again(phone):
    page = phone.page
    begin(phone, WORDS[0])
    open_editor(page)
    page.set_viewport_size({"width": 1280, "height": 800})

    expect(page.locator("#scene-dialog")).to_be_hidden()
    expect(page.locator(".st-side #scene-prompt")).to_have_value(WORDS[0])


def test_words_that_could_not_be_saved_are_tried_again(mika):
    page = mika.page
    url = begin(mika, WORDS[0])
    mika.expected = ("Failed to load", "htmx")
    page.route("**/stories/scenes/*/", lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    again = page.locator(".ed").get_by_role("button", name="Retry")
    again.click()
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.unroute("**/stories/scenes/*/")
    again.dispatch_event("click")  # it may have tried by itself meanwhile, and be gone
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(again).to_be_hidden()

    page.goto(url)
    expect(page.locator("#scene-line")).to_have_value("I can fly")


def test_letters_twice_as_large_leave_the_storyboard_within_the_window(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert mika.overflow() <= 0
    edges = "['.ek-p', '.ek-a'].map((part) => document.querySelector(part).getBoundingClientRect().toJSON())"
    picture, words = page.evaluate(edges)
    assert picture["top"] >= words["bottom"], "the picture stands below its words instead of squeezing them"
