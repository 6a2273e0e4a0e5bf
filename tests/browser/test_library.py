"""The wall of the library holds few tiles, keeps its place, and works by keyboard alone."""

from playwright.sync_api import expect

FIRST_VISIBLE = """() => {
    const tile = [...document.querySelectorAll(".tile")].find((tile) => tile.getBoundingClientRect().bottom > 0);
    return [tile.id, Math.round(tile.getBoundingClientRect().top)];
}"""
SCROLL_UP = f"() => {{ scrollBy(0, -800); return ({FIRST_VISIBLE})(); }}"
FILTER_ROW = """() => ["[name=q]", "[name=sort]", ".filter-menus > summary"].map((part) => {
    const { top, bottom } = document.querySelector(`.filter-bar ${part}`).getBoundingClientRect();
    return Math.round((top + bottom) / 2);
})"""
COUNT_TILES = "document.querySelectorAll('.tile').length"
CLIPS = 240
MOST_TILES = 110


def scroll_by_pages(page, pages: int) -> int:
    """Scroll until so many more pages of the list were requested. Returns the largest number of tiles meanwhile."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url) if "after=" in request.url else None)
    most = 0
    while len(requested) < pages:
        page.evaluate("scrollBy(0, 800)")
        page.wait_for_timeout(50)
        most = max(most, page.evaluate(COUNT_TILES))
    return most


def is_near(found, expected) -> bool:
    return found[0] == expected[0] and abs(found[1] - expected[1]) <= 4


def test_wall_holds_few_tiles_and_keeps_its_place_on_a_desk_and_a_phone(site, mika):
    site.run_python(f"from tests.browser import seed; seed.add_clips({mika.email!r}, {CLIPS})")
    for width, pages in ((1280, 8), (375, 4)):
        mika.page.set_viewport_size({"width": width, "height": 800})
        page = mika.open("/clips/").page
        newest = page.evaluate(FIRST_VISIBLE)[0]
        assert width > 375 or len({*page.evaluate(FILTER_ROW)}) == 1, "search, order and filters are one row"

        assert scroll_by_pages(page, pages) <= MOST_TILES
        page.evaluate("scrollBy(0, -1500)")
        page.wait_for_timeout(300)
        tile, top = page.evaluate(FIRST_VISIBLE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        mika.open("/jobs/")
        page.go_back()

        page.locator(f"#{tile}").wait_for()
        mika.wait_until(lambda page=page, place=(tile, top): is_near(page.evaluate(FIRST_VISIBLE), place))
        page.reload()
        mika.wait_until(lambda page=page, place=(tile, top): is_near(page.evaluate(FIRST_VISIBLE), place))
        mika.wait_until(lambda page=page, newest=newest: page.evaluate(SCROLL_UP)[0] == newest)


def test_clips_are_selected_by_keyboard_alone_by_dragging_and_by_a_long_press(site, mika):
    site.run_python(f"from tests.browser import seed; seed.add_clips({mika.email!r}, 6)")
    page = mika.open("/clips/").page
    page.locator(".tile .frame").nth(1).focus()

    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('.tile:nth-of-type(4) *')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-selected]")).to_have_text("3")
    while not page.evaluate("document.activeElement.value === 'delete'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("3 clips moved to the trash")
    expect(page.locator(".tile")).to_have_count(3)
    while not page.evaluate("Boolean(document.activeElement.closest('.toast form'))"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(6)
    select_by_dragging_and_a_long_press(page)


def select_by_dragging_and_a_long_press(page) -> None:
    tiles, count = page.locator(".tile"), page.locator("[data-selected]")
    tiles.nth(0).hover()
    tiles.nth(0).locator(".tile-check").hover()
    page.mouse.down()
    for n in (1, 2):
        tiles.nth(n).locator(".frame").hover()
    page.mouse.up()
    expect(count).to_have_text("3")

    tiles.nth(4).locator(".frame").dispatch_event("pointerdown", {"pointerType": "touch"})
    expect(count).to_have_text("4")
    tiles.nth(4).locator(".frame").dispatch_event("pointerup", {"pointerType": "touch"})
