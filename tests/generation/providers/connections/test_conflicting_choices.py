"""Lengths and resolutions that a model cannot combine are disabled in Create."""

import re

import pytest

from generation.models import Clip
from generation.providers.connections import services as connection_services

pytestmark = pytest.mark.django_db
CONFLICT = "PixVerse V5.5 doesn’t support 10 seconds at 1080p."
PIXVERSE = {"prompt": "a cat on a roof", "provider": "pixverse", "model": "v5.5", "ratio": "16:9"}
HTMX = {"HX-Request": "true", "HX-Target": "fieldset#cz-length"}


@pytest.fixture
def browser(mika, sign_in):
    connection_services.add_connection(
        by=mika, owner=mika, provider="pixverse", label="Mine", secret={"keys": {"api_key": "k" * 20}}
    )
    return sign_in(mika)


def get_state(page: str, name: str, value: int) -> str:
    """Return the state of a choice: "off", "chosen" or "". Checks that a disabled one names the reason."""
    [label, tag] = re.findall(rf'(<label[^>]*>)(<input[^>]*name="{name}" value="{value}"[^>]*>)', page)[0]
    assert ("disabled" in tag) == (CONFLICT in label)
    return "off" if "disabled" in tag else "chosen" if "checked" in tag else ""


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["the whole page", "the dependent fields"])
def test_conflicting_choice_is_disabled_with_a_reason(browser, headers):
    def get_page(**choices):
        return browser.get("/create/", PIXVERSE | choices, headers=headers).text

    short = get_page(seconds=5, resolution=720)
    assert (get_state(short, "seconds", 10), get_state(short, "resolution", 1080)) == ("", "") and CONFLICT not in short
    long = get_page(seconds=10, resolution=720)
    assert (get_state(long, "seconds", 10), get_state(long, "resolution", 1080)) == ("chosen", "off")
    assert f">{CONFLICT}</p>" in long, "the reason is not visible without a mouse"
    sharp = get_page(seconds=5, resolution=1080)
    assert (get_state(sharp, "seconds", 10), get_state(sharp, "resolution", 1080)) == ("off", "chosen")


def test_choices_are_adjusted_to_the_new_model(browser):
    page = browser.get("/create/", PIXVERSE | {"seconds": 10, "resolution": 1080}).text

    assert (get_state(page, "seconds", 10), get_state(page, "resolution", 1080)) == ("chosen", "off")
    assert get_state(page, "resolution", 720) == "chosen"


def test_conflicting_choices_are_refused_and_kept_in_the_form(browser):
    answer = browser.post("/create/", PIXVERSE | {"seconds": 10, "resolution": 1080})

    assert answer.status_code == 422 and not Clip.objects.exists()
    assert f'role="alert">{CONFLICT}' in answer.text
    assert (get_state(answer.text, "seconds", 10), get_state(answer.text, "resolution", 1080)) == ("chosen", "chosen")


def test_length_slider_ends_at_the_limit_between_two_pictures(mika, sign_in):
    connection_services.add_connection(
        by=mika, owner=mika, provider="gemini", label="Mine", secret={"keys": {"api_key": "k" * 20}}
    )
    browser, form = sign_in(mika), PIXVERSE | {"provider": "gemini", "model": "gemini-omni-1.2-flash", "seconds": 6}

    unframed = browser.get("/create/", form, headers=HTMX).text
    framed = browser.get("/create/", form | {"picture_file": "a.png", "last_picture_file": "b.png"}, headers=HTMX).text

    assert 'max="15"' in unframed and "at most 10 seconds with a first and a last frame" not in unframed
    assert 'max="10"' in framed and "at most 10 seconds with a first and a last frame" in framed
