"""The small Chinese fonts have every character of our headings and pencil lines."""

import pytest
from PIL import ImageFont

from scripts.heading_words import DISPLAY, PENCIL, ROOT, find_messages, list_characters

MOST_BYTES = 40_000
FONTS = {"smiley-zh-ui.woff2": DISPLAY, "wenkai-zh-ui.woff2": PENCIL}


def is_drawn(font, letter):
    """Whether the font has the character: one left out of a subset has no ink."""
    return font.getmask(letter).getbbox() is not None


@pytest.mark.parametrize(("name", "places"), FONTS.items())
def test_every_chinese_character_of_our_headings_and_pencil_lines_has_a_glyph(name, places):
    font = ImageFont.truetype(ROOT / "static/fonts" / name, 32)

    assert not is_drawn(font, "鼉"), "a character that nobody uses is drawn: this test cannot see gaps"
    missing = [letter for letter in list_characters(places) if not is_drawn(font, letter)]
    assert missing == [], "run `python -m scripts.subset_fonts`, see static/fonts/README.md"


@pytest.mark.parametrize("name", FONTS)
def test_the_chinese_fonts_stay_small(name):
    assert (ROOT / "static/fonts" / name).stat().st_size <= MOST_BYTES


def test_headings_of_every_kind_are_found():
    found = find_messages(DISPLAY)

    assert {"Library", "What happens in the shot?", "This cut is missing", "Rename", "Tapwari"} <= found
    assert "Cut missing" in find_messages(PENCIL)


def test_headings_with_placeholders_are_found():
    assert set("场景的历史") <= set(list_characters(DISPLAY))  # <h1>{% blocktranslate %}History of scene {{ n }}
