"""Lengths and resolutions that a model does not combine: Create disables them before it refuses."""

import re

import pytest

from generation.models import Clip
from generation.providers.connections import services as connection_services

pytestmark = pytest.mark.django_db
WHY = "PixVerse V5 doesn’t support 8 seconds at 1080p."
V5 = {"prompt": "a cat on a roof", "provider": "pixverse", "model": "v5", "ratio": "16:9"}
REDRAW = {"HX-Request": "true", "HX-Target": "fieldset#cz-length"}


@pytest.fixture
def browser(mika, sign_in):
    connection_services.add_connection(
        by=mika, owner=mika, provider="pixverse", label="Mine", secret={"keys": {"api_key": "k" * 20}}
    )
    return sign_in(mika)


def stands(page: str, name: str, value: int) -> str:
    """How that choice stands: "off", "chosen" or "" for one that can be pressed; its label names the reason."""
    [label, tag] = re.findall(rf'(<label[^>]*>)(<input[^>]*name="{name}" value="{value}"[^>]*>)', page)[0]
    assert ("disabled" in tag) == (WHY in label)
    return "off" if "disabled" in tag else "chosen" if "checked" in tag else ""


@pytest.mark.parametrize("headers", [{}, REDRAW], ids=["the whole page", "what hangs on a choice"])
def test_conflicting_choice_is_disabled_with_a_reason(browser, headers):
    def page(**chosen):
        return browser.get("/create/", V5 | chosen, headers=headers).text

    short = page(seconds=5, resolution=720)
    assert (stands(short, "seconds", 8), stands(short, "resolution", 1080)) == ("", "") and WHY not in short
    long = page(seconds=8, resolution=720)
    assert (stands(long, "seconds", 8), stands(long, "resolution", 1080)) == ("chosen", "off")
    assert f">{WHY}</p>" in long, "a finger shows no title"
    sharp = page(seconds=5, resolution=1080)
    assert (stands(sharp, "seconds", 8), stands(sharp, "resolution", 1080)) == ("off", "chosen")


def test_choices_are_adjusted_to_the_new_model(browser):
    page = browser.get("/create/", V5 | {"seconds": 8, "resolution": 1080}).text

    assert (stands(page, "seconds", 8), stands(page, "resolution", 1080)) == ("chosen", "off")
    assert stands(page, "resolution", 720) == "chosen"


def test_conflicting_choices_are_refused_and_kept_in_the_form(browser):
    answer = browser.post("/create/", V5 | {"seconds": 8, "resolution": 1080})

    assert answer.status_code == 422 and not Clip.objects.exists()
    assert f'role="alert">{WHY}' in answer.text
    assert (stands(answer.text, "seconds", 8), stands(answer.text, "resolution", 1080)) == ("chosen", "chosen")


def test_length_slider_ends_at_the_limit_between_two_pictures(mika, sign_in):
    connection_services.add_connection(
        by=mika, owner=mika, provider="gemini", label="Mine", secret={"keys": {"api_key": "k" * 20}}
    )
    browser, wish = sign_in(mika), V5 | {"provider": "gemini", "model": "gemini-omni-1.2-flash", "seconds": 6}

    free = browser.get("/create/", wish, headers=REDRAW).text
    framed = browser.get(
        "/create/", wish | {"picture_file": "a.png", "last_picture_file": "b.png"}, headers=REDRAW
    ).text

    assert 'max="15"' in free and "at most 10 seconds with a first and a last frame" not in free
    assert 'max="10"' in framed and "at most 10 seconds with a first and a last frame" in framed
