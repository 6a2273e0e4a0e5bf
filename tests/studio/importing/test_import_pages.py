"""Importing a text as a story: review, creation, and appending to an existing story."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.models import Clip
from studio.models import Character, Run, Scene, Story

TEXT = (
    "The harbour was quiet at dusk. Mika sat on the wall.\r\n\r\n“They never come,” said Mika.\r\n\r\n"
    "Ren laughed. Ren left."
)
pytestmark = pytest.mark.django_db
URL = "/stories/import/"


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def review(browser, text=TEXT, url=URL, **more):
    return browser.post(url, {"do": "read", "text": text, **more})


def create(browser, text=TEXT, url=URL, **more):
    """Submit the review page with everything checked unless ``more`` says otherwise."""
    page = review(browser, text, url, **{name: more[name] for name in ("as_format",) if name in more}).context
    values = {
        "do": "make", "text": page["form"].cleaned_data["text"], "digest": page["form"].mark,
        "take": [row[0] for row in page["shots"]], "cast": [row[0] for row in page["people"]],
        "title": page["title"], "ratio": "16:9", "style": "cel", "idem_key": page["idem_key"],
    }  # fmt: skip
    return browser.post(url, values | more)


def test_the_review_shows_the_result_and_creates_nothing(browser):
    response = review(browser)

    page = response.content.decode()
    assert "saved_draft" not in response.cookies
    assert "3 scenes found" in page
    assert "The harbour was quiet at dusk." in page
    assert "They never come." in page
    assert not Story.objects.exists()


def test_an_import_creates_story_people_and_free_animatics(browser, scenes, run_jobs):
    response = create(browser, title="Boats", ratio="9:16", style="watercolour")
    story = Story.objects.get()

    assert response.url == story.get_absolute_url()
    assert response.cookies["saved_draft"].value == "import"
    assert (story.title, story.ratio, story.style) == ("Boats", "9:16", "watercolour")
    first, second, third = scenes(story)
    assert (second.speaker, second.line) == ("Mika", "They never come.")
    assert {character.name for character in Character.objects.available_in(story)} == {"Mika", "Ren"}
    assert [character.name for character in third.characters.all()] == ["Ren"]
    assert first.time == "sunset"
    assert Run.objects.get().shots.count() == 3


@pytest.mark.parametrize(
    ("second", "style"), [("A girl on a hill, day.", "cel"), ("A nun rides a whale.", "storyboard")]
)
def test_automatic_style_of_an_import_is_that_of_all_its_scenes(browser, second, style):
    text = f"A girl on a hill, day.\n\n{second}"
    create(browser, text=text, style="automatic")

    assert Story.objects.get().style == style


def test_only_checked_scenes_and_characters_are_created(browser, scenes):
    create(browser, take=[0, 2], cast=[])

    story = Story.objects.get()
    assert [scene.position for scene in scenes(story)] == [1, 2]
    assert scenes(story)[1].prompt.startswith("Ren laughed")
    assert not Character.objects.exists()


def test_an_import_without_checked_scenes_keeps_the_text(browser):
    response = create(browser, take=[], title="Kept title")

    assert response.status_code == 422
    assert "No scenes are selected" in response.content.decode()
    assert "Kept title" in response.content.decode()
    assert not Story.objects.exists()


def test_an_import_sent_twice_creates_one_story(browser):
    page = review(browser).context
    data = {"do": "make", "text": page["form"].cleaned_data["text"], "digest": page["form"].mark, "take": [0, 1, 2],
            "idem_key": page["idem_key"]}  # fmt: skip

    first, second = browser.post(URL, data), browser.post(URL, data)

    assert first.url == second.url
    assert Story.objects.count() == 1
    assert Scene.objects.count() == 3


def test_a_changed_text_is_reviewed_again(browser):
    response = create(browser, text="Another story. It has two sentences.", digest="of the old one")

    assert response.status_code == 409
    assert "nothing has been created yet" in response.content.decode()
    assert not Story.objects.exists()


def test_imported_scenes_are_appended(browser, mika, create_story, scenes):
    story = create_story(mika, "The first scene")
    create(browser, url=f"/stories/{story.pk}/import/")

    assert [scene.prompt[:15] for scene in scenes(story)] == [
        "The first scene", "The harbour was", "Mika speaks.", "Ren laughed. Re",
    ]  # fmt: skip
    assert Story.objects.count() == 1


def test_an_existing_character_is_not_created_twice(browser, mika, create_story):
    story = create_story(mika)
    existing = Character.objects.create(workspace=story.workspace, story=story, name="mika", description="short hair")
    create(browser, url=f"/stories/{story.pk}/import/")

    assert Character.objects.filter(name__iexact="mika").count() == 1
    assert existing.scenes.count() == 2


def test_an_import_beyond_300_scenes_adds_nothing(browser, mika, create_story):
    story = create_story(mika)
    Scene.objects.bulk_create(Scene(story=story, position=n, prompt="x") for n in range(1, 300))
    response = create(browser, url=f"/stories/{story.pk}/import/")

    assert response.status_code == 409
    assert "at most 300 scenes" in response.content.decode()
    assert story.scenes.count() == 299


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("story.md", b"# Title\n\n## Harbour\n\nMika waits.", "Read as Markdown"),
        ("story.fountain", b"EXT. HARBOUR - DAY\n\nMika waits.", "Read as Script"),
        ("shots.csv", "画面,地点\n小米等车,车站\n".encode("gb18030"), "Read as Table"),
        ("novel.txt", "ミカは待っていた。".encode("utf-16"), "1 scene found"),
    ],
)
def test_files_are_read_in_their_format_and_encoding(browser, name, raw, message):
    response = browser.post(URL, {"do": "read", "file": SimpleUploadedFile(name, raw)})

    assert response.status_code == 200
    assert message in response.content.decode() or "5 scenes found" in response.content.decode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"text": "  \n "}, "There is no text yet"),
        ({"text": "x" * 60_001}, "longer than 60,000"),
        ({"text": "\x00PNG"}, "Null characters are not allowed"),
        ({"text": "a,b\n1,2", "as_format": "csv"}, "name its columns"),
        ({"text": "# Only a title"}, "No scenes were found"),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF")}, "Choose a file that ends in"),
        ({"file": SimpleUploadedFile("a.txt", b"\x00\x01\x02")}, "not a text file"),
        ({"file": SimpleUploadedFile("a.txt", b"")}, "There is no text yet"),
        ({"file": SimpleUploadedFile("a.txt", b"x" * 400_001)}, "larger than 400 kB"),
        ({"text": "Hello there.", "as_format": "opera"}, "Select a valid choice"),
    ],
)
def test_unreadable_files_get_a_reason(browser, data, message):
    response = browser.post(URL, {"do": "read", **data})

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Story.objects.exists()


def test_a_refused_import_keeps_the_text(browser):
    assert "a,b" in review(browser, "a,b\n1,2", as_format="csv").content.decode()


def test_the_import_works_with_htmx(browser):
    page = review(browser).context
    data = {"do": "make", "text": page["form"].cleaned_data["text"], "digest": page["form"].mark, "take": [0]}
    response = browser.post(URL, data, headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == Story.objects.get().get_absolute_url()


def test_markup_in_a_text_is_only_text(browser):
    page = review(browser, "<script>alert(1)</script> runs. <b>Bold</b> walks.").content.decode()

    assert "<script>alert" not in page


def test_importing_200_scenes_needs_few_queries(browser, django_assert_max_num_queries):
    text = "\n\n".join(f"Scene number {n} shows a boat that leaves the harbour." for n in range(230))
    with django_assert_max_num_queries(70):
        response = create(browser, text, as_format="prose")

    assert response.status_code == 302
    assert Scene.objects.count() == 200


@pytest.mark.slow
def test_an_imported_story_plays_after_drawing(browser, run_jobs):
    create(browser, "Mika waits on the platform.\n\nThe train comes.", as_format="prose")
    run_jobs()

    assert Clip.objects.exclude(ready_at=None).count() == 2


def test_pages_link_to_the_import(browser, mika, create_story):
    story = create_story(mika, "One")

    assert "/stories/import/" in browser.get("/stories/new/").content.decode()
    assert f"/stories/{story.pk}/import/" in browser.get(story.get_absolute_url()).content.decode()
