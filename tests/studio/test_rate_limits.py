"""Requests beyond the rate limit are refused with a message and create nothing."""

import pytest

from studio.models import Film, Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def low_limits(settings):
    """Allow one request of each kind a minute."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "story": "1/m/user", "film": "1/m/user"}


@pytest.fixture
def browser(sign_in, mika, low_limits):
    return sign_in(mika)


def expect_refusal(response) -> str:
    assert response.status_code == 429
    return response.content.decode()


def test_the_rate_limit_of_new_stories_keeps_the_typed_text(browser):
    saved_draft = browser.post("/stories/new/blank/", {"title": "One"}).cookies["saved_draft"].value

    response = browser.post("/stories/new/blank/", {"title": "Two", "words": "A long first sentence"})

    page = expect_refusal(response)
    assert (saved_draft, "saved_draft" in response.cookies) == ("blank-story", False)  # the page keeps its draft
    assert "Too many new stories at once" in page and "A long first sentence" in page
    assert [story.title for story in Story.objects.all()] == ["One"]


def test_the_rate_limit_covers_duplicates(browser, mika, create_story):
    story = create_story(mika, "A girl waits")
    browser.post(f"/stories/{story.pk}/duplicate/")

    assert "Nothing was created" in expect_refusal(browser.post(f"/stories/{story.pk}/duplicate/"))
    assert Story.objects.count() == 2


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_the_rate_limit_of_imports_keeps_the_checked_rows(browser, headers):
    text = "Mika waits on the platform.\n\nThe train comes."
    form = browser.post("/stories/import/", {"text": text, "as_format": "prose"}).context["form"]
    data = {"do": "make", "text": text, "as_format": "prose", "digest": form.mark, "take": ["1"]}
    browser.post("/stories/import/", data | {"take": ["0", "1"]})

    response = browser.post("/stories/import/", data, headers=headers)

    assert "Too many new stories at once" in expect_refusal(response)
    assert [is_in for _n, _shot, is_in, _time in response.context["shots"]] == [False, True]
    assert Story.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "field"), [("/stories/import/", "text"), ("/stories/new/", "idea")], ids=["import", "idea"]
)
def test_a_text_beyond_the_rate_limit_of_reading_is_kept_unread(browser, settings, monkeypatch, url, field):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reading": "1/m/user"}
    browser.post(url, {field: ""})
    monkeypatch.setattr("studio.breakdown.parser.normalize_text", None)
    monkeypatch.setattr("studio.importing.forms.normalize_text", None)

    page = expect_refusal(browser.post(url, {field: "The train comes."}))

    assert "This one was not read" in page and "The train comes." in page


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_the_rate_limit_covers_films(browser, mika, create_story, headers):
    story = create_story(mika, "A girl waits")
    browser.post(f"/stories/{story.pk}/film/make/", {"name": ""})

    response = browser.post(f"/stories/{story.pk}/film/make/", {"name": ""}, headers=headers)

    assert "Too many films at once" in expect_refusal(response)
    assert Film.objects.count() == 0


def test_rate_limits_are_per_user(browser, sign_in, ren):
    browser.post("/stories/new/blank/", {"title": "One"})

    assert sign_in(ren).post("/stories/new/blank/", {"title": "Two"}).status_code == 302
