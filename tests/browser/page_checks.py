"""Check an open page at many widths and in both themes, without loading it again."""

from tests.browser.user import ANIMATIONS_ENDED, AXE

WIDTHS = (320, 375, 414, 768, 1280, 1920)
ALL_RULES = "{resultTypes: ['violations']}"
CONTRAST_ONLY = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"  # the dark theme changes only colours
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def layout_problems(user, path, axe_widths, widths=WIDTHS) -> list[str]:
    """Return the widths at which the page is too wide, and the rules of axe that it breaks.

    ``axe_widths`` maps each theme to the widths at which axe runs; in the dark theme axe checks the contrast only.
    """
    page, problems = user.page, []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, widths_of_axe in axe_widths.items():
        page.emulate_media(color_scheme=theme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(TWO_FRAMES)
            if (overflow := user.overflow()) > 0:
                problems.append(f"{path} at {width}, {theme}: {overflow} pixels too wide")
            if width in widths_of_axe:
                user.wait_until(ANIMATIONS_ENDED)
                rules = ALL_RULES if theme == "light" else CONTRAST_ONLY
                rows = page.evaluate(f"axe.run({rules})")["violations"]
                problems += [f"{path} at {width}, {theme}: {row['id']} {row['nodes'][0]['target']}" for row in rows]
    return problems


def large_text_problems(user, path, width=375) -> list[str]:
    """Return the overflow of the page on a phone with text of twice the size, if there is any."""
    page = user.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate(TWO_FRAMES)
    overflow = user.overflow()
    page.evaluate("document.documentElement.style.fontSize = ''")
    return [f"{path} at {width}, large text: {overflow} pixels too wide"] if overflow > 0 else []
