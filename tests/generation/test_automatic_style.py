"""The automatic style of Create: colour where all is drawn as worded, otherwise a pencil panel; and what it says."""

import pytest

from generation.models import Clip
from tests.generation.uploads import read_text

pytestmark = pytest.mark.django_db
FORM = {"seconds": 2, "resolution": 480, "style": "automatic"}
PENCIL, COLOUR = "a librarian reads to a dragon in the library", "a girl on a hill at sunset"


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.mark.parametrize(
    ("form", "style"),
    [
        ({"prompt": PENCIL}, "storyboard"),
        ({"prompt": COLOUR}, "cel"),
        ({"prompt": PENCIL, "chips_off": ["subject:someone=boy"]}, "cel"),
        ({"prompt": PENCIL, "style": "chibi"}, "chibi"),
        ({"prompt": COLOUR, "style": "storyboard"}, "storyboard"),
    ],
)
def test_style_of_a_clip(browser, form, style):
    assert browser.post("/create/", FORM | form).status_code == 302
    assert Clip.objects.get().style == style


def test_create_preselects_automatic_and_offers_the_storyboard(browser):
    page = browser.get("/create/").text

    assert 'value="automatic" checked' in page and 'value="storyboard"' in page
    assert "styles/automatic.webp" in page and "styles/storyboard.webp" in page


def test_a_guest_clip_is_in_pencil_where_colour_would_guess(client):
    client.post("/try/", {"prompt": PENCIL})

    assert Clip.objects.get().style == "storyboard"


def test_chips_say_drawn_drawn_as_and_in_the_note(browser):
    prompt = "a mayor and a cat talk about the meaning of life in the library"
    text = read_text(browser.get("/create/understood/", FORM | {"prompt": prompt}).content.decode())

    assert "a cat drawn" in text and "a mayor drawn as judge" in text and "the library drawn as Room" in text
    assert "of life in the note" in text

    browser.post("/create/", FORM | {"prompt": prompt})
    assert "a mayor drawn as judge" in read_text(browser.get(Clip.objects.get().get_absolute_url()).content.decode())
