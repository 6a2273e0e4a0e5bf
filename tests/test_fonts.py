"""The subset Chinese fonts contain every character of headings and handwritten lines."""

import pytest
from PIL import ImageFont

from scripts.heading_words import DISPLAY, PENCIL, ROOT, find_messages, list_characters

MAX_BYTES = 50_000
FONTS = {"smiley-zh-ui.woff2": DISPLAY, "wenkai-zh-ui.woff2": PENCIL}


def is_drawn(font, character):
    """Return whether the font has the character: the glyph of a missing one is empty."""
    return font.getmask(character).getbbox() is not None


@pytest.mark.parametrize(("name", "styles"), FONTS.items())
def test_every_chinese_character_of_headings_and_handwritten_lines_has_a_glyph(name, styles):
    font = ImageFont.truetype(ROOT / "static/fonts" / name, 32)

    assert not is_drawn(font, "鼉"), "the font draws an unused character, so the test would miss gaps"
    missing = [character for character in list_characters(styles) if not is_drawn(font, character)]
    assert missing == [], "run `python -m scripts.subset_fonts`, see static/fonts/README.md"


@pytest.mark.parametrize("name", FONTS)
def test_the_chinese_fonts_stay_small(name):
    assert (ROOT / "static/fonts" / name).stat().st_size <= MAX_BYTES


def test_headings_of_every_kind_are_found():
    found = find_messages(DISPLAY)

    assert {"Library", "What happens in the shot?", "This cut is missing", "Rename", "Tapwari"} <= found
    assert "Cut missing" in find_messages(PENCIL)


def test_headings_with_placeholders_are_found():
    assert set("场景的历史") <= set(list_characters(DISPLAY))  # <h1>{% blocktranslate %}History of scene {{ n }}
