"""What is too wide or wrong on a page that is open, at many widths and in both lights: they change under it."""

from tests.browser.person import AXE, STANDS_STILL

WIDTHS = (320, 375, 414, 768, 1280, 1920)
EVERYTHING = "{resultTypes: ['violations']}"
COLOURS_ALONE = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"  # all that another light can change
LAID_OUT = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"  # after another width


def trouble(someone, path, asked, widths=WIDTHS) -> list[str]:
    """``asked`` has the widths at which axe looks, by light; in the dark it looks at colours."""
    page, found = someone.page, []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for light, axe_widths in asked.items():
        page.emulate_media(color_scheme=light)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(LAID_OUT)
            if (over := someone.overflow()) > 0:
                found.append(f"{path} at {width}, {light}: {over} pixels too wide")
            if width in axe_widths:
                someone.wait_until(STANDS_STILL)
                rows = page.evaluate(f"axe.run({EVERYTHING if light == 'light' else COLOURS_ALONE})")["violations"]
                found += [f"{path} at {width}, {light}: {each['id']} {each['nodes'][0]['target']}" for each in rows]
    return found


def with_large_letters(someone, path, width=375) -> list[str]:
    """Letters twice as large leave a page within a phone."""
    page = someone.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate(LAID_OUT)
    over = someone.overflow()
    page.evaluate("document.documentElement.style.fontSize = ''")
    return [f"{path} at {width}, large letters: {over} pixels too wide"] if over > 0 else []
