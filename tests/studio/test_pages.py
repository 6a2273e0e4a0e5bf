"""Story pages: visible content and permissions, with and without htmx, and query counts."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.models import Membership
from generation.media import storage
from jobs import services as jobs
from studio.drawing import services as drawing_services
from studio.models import Scene, SceneEdit, Story
from studio.scenes import services as scene_services
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def png():
    file = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "a girl on a hill", "a dog by the sea")


@pytest.fixture
def count_queries():
    """Return the number of queries of a page for a known browser."""

    def count(browser, path):
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    return count


def url_of(name, row, **query):
    return reverse(f"studio:{name}", args=[row.pk], query=query or None)


def find_panels(text) -> str:
    """Return what the page sends of its panels."""
    return re.search(r'name="panels" value="([^"]*)"', text)[1]


def post(browser, name, row, headers=None, **values):
    return browser.post(url_of(name, row), values, headers=headers)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


class TestStoryList:
    def test_an_empty_list_explains_how_to_begin(self, browser):
        assert "Make a film" in text_of(browser.get(reverse("studio:stories")))

    def test_shows_stories_with_their_progress(self, browser, story, mika, run_jobs, atelier):
        story.provider = "atelier"
        story.save()
        drawing_services.start_run(story=story, by=mika, which="one", scene=story.scenes.first(), idem_key="k")
        run_jobs()
        drawing_services.use_new_takes(story=story, by=mika)

        page = text_of(browser.get(reverse("studio:stories")))

        assert "The last summer train" in page and "2 scenes · 1 final" in page

    @pytest.fixture
    def shown(self, browser):
        """``shown()`` lists the storage keys of the images in the story list."""

        def keys():
            tokens = re.findall(r'<img src="[^"]*/media/([^"/]+)/"', text_of(browser.get(reverse("studio:stories"))))
            return [key for key, _name in map(storage.verify_link, tokens)]

        return keys

    def test_the_first_drawn_scene_is_the_cover_until_one_is_chosen(self, shown, mika, story, scenes, run_jobs):
        def poster(scene):
            return scene.takes.get().clip.file("poster").key

        assert shown() == []
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
        run_jobs()
        first, second = scenes(story)
        assert shown() == [poster(first)]

        drawing_services.choose_cover(take=second.takes.get(), by=mika)
        assert shown() == [poster(second)]

    def test_a_deleted_cover_falls_back_to_the_first_scene(self, shown, mika, story, scenes, run_jobs):
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
        run_jobs()
        first, second = (scene.takes.get() for scene in scenes(story))
        drawing_services.choose_cover(take=second, by=mika)

        jobs.delete(second.clip.job, by=mika)
        assert shown() == [first.clip.file("poster").key]

        jobs.restore(second.clip.job, by=mika)
        assert shown() == [second.clip.file("poster").key]

    def test_the_cover_is_the_playing_take_not_the_newest(self, shown, browser, mika, story, scenes, run_jobs):
        first = scenes(story)[0]
        for key in "ab":
            drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key=key)
            run_jobs()
        older, newer = first.takes.order_by("created_at")
        assert shown() == [newer.clip.file("poster").key]

        drawing_services.choose_take(take=older, by=mika)
        assert shown() == [older.clip.file("poster").key]

        jobs.delete(older.clip.job, by=mika)
        assert shown() == [newer.clip.file("poster").key]

    @pytest.mark.rows
    def test_pages_follow_each_other_without_a_gap(self, browser, mika):
        home = mika.workspaces.get()
        for n in range(30):
            story_services.create_story(workspace=home, by=mika, title=f"story {n:02}")

        first = text_of(browser.get(reverse("studio:stories")))
        further = re.search(r'hx-get="(\?[^"]+)"', first)[1].replace("&amp;", "&")
        second = text_of(browser.get(reverse("studio:stories") + further))

        shown = [set(re.findall(r"story \d\d", page)) for page in (first, second)]
        assert len(shown[0]) == 24 and len(shown[1]) == 6 and not shown[0] & shown[1]

    def test_archived_and_deleted_stories_are_separate(self, browser, mika, create_story):
        archived, deleted = create_story(mika, title="Archived"), create_story(mika, title="Deleted")
        post(browser, "archive", archived, is_archived="1")
        response = post(browser, "delete", deleted)

        def shelf(name):
            return text_of(browser.get(reverse("studio:stories"), {"shelf": name}))

        assert response.status_code == 302 and "Undo" in shelf("current")
        assert "Archived</a>" not in shelf("current").replace("shelf=archived", "").replace(">Archived</a>", "", 1)
        assert "Archived" in shelf("archived") and "Deleted" in shelf("bin")
        post(browser, "archive", archived)
        post(browser, "restore", deleted)
        assert Story.objects.filter(archived_at=None, deleted_at=None).count() == 2

    def test_restore_is_offered_only_to_editors(self, browser, mika, ren, create_story, sign_in):
        gone = create_story(mika, title="Deleted")
        Membership.objects.create(user=ren, workspace=gone.workspace, role="viewer")
        post(browser, "delete", gone)
        viewer = sign_in(ren, at=gone.workspace)
        bins = [text_of(client.get(reverse("studio:stories"), {"shelf": "bin"})) for client in (browser, viewer)]

        assert ["Deleted" in page for page in bins] == [True, True]
        assert ["Restore" in page for page in bins] == [True, False]

    def test_needs_no_query_per_story(self, browser, mika, create_story, count_queries):
        create_story(mika, "one", title="story 1")
        few = count_queries(browser, reverse("studio:stories"))
        for n in range(12):
            create_story(mika, "one", "two", title=f"story {n}")

        assert count_queries(browser, reverse("studio:stories")) == few < 14


class TestNewStory:
    def test_starts_with_a_free_animatic_of_its_first_scene(self, browser, run_jobs):
        response = browser.post(reverse("studio:blank"), {"title": "", "words": "a cat on a roof", "ratio": "9:16"})
        run_jobs()

        story = Story.objects.get()
        assert response.url == story.get_absolute_url()
        assert (story.title, story.ratio) == ("Untitled story", "9:16")
        assert story.scenes.get().takes.get().clip.is_ready

    @pytest.mark.parametrize(("words", "style"), [("", "cel"), ("A nun rides a whale.", "storyboard")])
    def test_automatic_style_is_that_of_the_first_scene(self, browser, words, style):
        browser.post(reverse("studio:blank"), {"words": words, "style": "automatic"})

        assert Story.objects.get().style == style

    def test_invalid_input_creates_no_story(self, browser):
        for bad in ({"ratio": "7:5"}, {"style": "oil"}, {"title": "x" * 121}, {"words": "a\x00b"}):
            assert browser.post(reverse("studio:blank"), bad).status_code == 422
        assert Story.objects.count() == 0


class TestStoryboard:
    def test_shows_every_scene_with_its_text(self, browser, story):
        page = text_of(browser.get(story.get_absolute_url()))

        assert "a girl on a hill" in page and "a dog by the sea" in page and "0 of 2 final" in page

    @pytest.mark.parametrize("name", ["story", "live", "draw"])
    def test_needs_no_query_per_scene(self, browser, mika, create_story, count_queries, run_jobs, name):
        aki = mika.workspaces.get().characters.create(name="Aki")
        story = create_story(mika, "one")
        story.scenes.get().cast.create(character=aki)
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
        run_jobs()
        few = count_queries(browser, url_of(name, story))
        for n in range(40):
            scene_services.add_scene(story=story, by=mika, prompt=f"scene {n}", characters=[aki])

        assert count_queries(browser, url_of(name, story)) <= few < 22

    def test_an_empty_story_explains_what_to_do(self, browser, mika, create_story):
        assert "An empty sheet" in text_of(browser.get(create_story(mika).get_absolute_url()))

    def test_a_deleted_story_offers_restore(self, browser, mika, story):
        story_services.delete_story(story=story, by=mika)

        page = text_of(browser.get(story.get_absolute_url()))

        assert "in the trash" in page and "a girl on a hill" not in page

    def test_page_gets_the_panels_that_changed_or_all_in_their_new_order(self, browser, mika, story, scenes, run_jobs):
        first, second = scenes(story)
        page = text_of(browser.get(story.get_absolute_url()))
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a", scenes=[first.pk])
        run_jobs()

        changed = text_of(browser.get(url_of("live", story, panels=find_panels(page))))
        scene_services.move_scene(scene=second, by=mika, to=1)
        moved = text_of(browser.get(url_of("live", story, panels=find_panels(changed))))

        assert re.findall('hx-target="#s-(.*?)"', changed) == [str(first.pk)] and "Draft" in changed
        assert '"#story-list"' in moved and moved.index(f'id="s-{second.pk}"') < moved.index(f'id="s-{first.pk}"')
        assert find_panels(page).split()[1] == find_panels(changed).split()[1]

    def test_pictures_keep_their_url_for_caching(self, browser, mika, story, run_jobs):
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
        run_jobs()

        first, second = (
            re.findall(r'src="([^"]+media[^"]+)"', text_of(browser.get(story.get_absolute_url()))) for _ in "ab"
        )

        assert first and first == second


class TestScenes:
    def test_scenes_are_added_by_form_and_by_htmx(self, browser, story, scenes):
        plain = post(browser, "add", story, prompt="third")
        parts = post(browser, "add", story, HTMX, prompt="first", at="1")

        assert plain.status_code == 302 and "?scene=" in plain.url
        assert "story-list" in text_of(parts) and "Scene 1" in text_of(parts)
        assert [scene.prompt for scene in scenes(story)][::3] == ["first", "third"]

    def test_invalid_input_creates_no_scene(self, browser, story, scenes):
        for bad in ({"prompt": "x" * 2001}, {"prompt": "a\x00b"}, {"at": "soon"}):
            assert post(browser, "add", story, HTMX, **bad).status_code == 422
        assert len(scenes(story)) == 2

    def test_a_reorder_of_an_older_list_returns_the_new_one(self, browser, story, scenes):
        story.refresh_from_db()
        ids = ",".join(str(scene.pk) for scene in reversed(scenes(story)))

        done = post(browser, "order", story, HTMX, ids=ids, order_rev=story.order_rev)
        late = post(browser, "order", story, HTMX, ids=ids, order_rev=story.order_rev)
        nonsense = post(browser, "order", story, HTMX, ids="x", order_rev="1")

        assert (done.status_code, late.status_code, nonsense.status_code) == (200, 409, 400)
        assert "moved or added elsewhere" in text_of(late)
        assert [scene.prompt for scene in scenes(story)] == ["a dog by the sea", "a girl on a hill"]

    @pytest.mark.parametrize(
        ("values", "status"), [({"by": "1"}, 302), ({"to": "2"}, 302), ({}, 400), ({"to": "x"}, 400)]
    )
    def test_scenes_are_moved_without_javascript(self, browser, story, scenes, values, status):
        assert post(browser, "move", scenes(story)[0], **values).status_code == status
        assert scenes(story)[0].prompt == ("a dog by the sea" if status == 302 else "a girl on a hill")

    def test_a_deleted_scene_can_be_restored_from_the_message(self, browser, story, scenes):
        first = scenes(story)[0]

        response = post(browser, "delete_scene", first, HTMX)
        assert f"/stories/scenes/{first.pk}/restore/" in text_of(response)
        assert len(scenes(story)) == 1
        assert "in the trash" in text_of(browser.get(url_of("scene", first)))

        post(browser, "restore_scene", first)
        assert len(scenes(story)) == 2

    def test_scenes_are_duplicated_split_and_locked(self, browser, story, scenes):
        first = scenes(story)[0]
        post(browser, "duplicate_scene", first, HTMX)
        post(browser, "split", first, HTMX, at="6")
        post(browser, "lock", first, HTMX, is_locked="1")

        assert [scene.prompt for scene in scenes(story)] == [
            "a girl",
            "on a hill",
            "a girl on a hill",
            "a dog by the sea",
        ]
        refused = post(browser, "split", first, HTMX)
        assert refused.status_code == 409 and "locked" in text_of(refused)


class TestSceneEditor:
    def write(self, browser, scene, rev=None, headers=HTMX, **values):
        return post(browser, "scene", scene, headers, rev=scene.rev if rev is None else rev, **values)

    @pytest.fixture
    def scene(self, story, scenes):
        return scenes(story)[0]

    def test_typing_saves_and_returns_the_new_revision(self, browser, scene):
        response = self.write(browser, scene, prompt="a whale in the sky", seconds="7", has_follows="1", follows="on")

        scene.refresh_from_db()
        assert (scene.prompt, scene.seconds, scene.follows) == ("a whale in the sky", 7, True)
        assert f'id="scene-now" data-rev="{scene.rev}"' in text_of(response)
        assert f'hx-target="#s-{scene.pk}"' in text_of(response)

    def test_fields_that_are_not_sent_stay(self, browser, scene):
        Scene.objects.filter(pk=scene.pk).update(line="Wait!", follows=True)
        self.write(browser, scene, note="slow")

        scene.refresh_from_db()
        assert (scene.line, scene.follows, scene.note, scene.prompt) == ("Wait!", True, "slow", "a girl on a hill")

    def test_a_scene_keeps_a_provider_that_is_no_longer_offered(self, browser, scene):
        Scene.objects.filter(pk=scene.pk).update(provider="kling", model="kling-v3")
        self.write(browser, scene, note="slow", engine="kling|kling-v3")

        scene.refresh_from_db()
        assert (scene.note, scene.provider, scene.model) == ("slow", "kling", "kling-v3")

    def test_provider_and_model_are_one_choice(self, browser, scene):
        self.write(browser, scene, engine="animatic|")
        scene.refresh_from_db()
        assert (scene.provider, scene.model) == ("animatic", "")

    def test_a_conflict_without_javascript_shows_both_versions(self, browser, scene):
        rev = scene.rev
        self.write(browser, scene, rev, headers=None, prompt="a cat")
        response = self.write(browser, scene, rev, headers=None, prompt="a fox")

        assert response.status_code == 409 and "<h1" in text_of(response) and "a fox" in text_of(response)

    def test_each_field_has_its_own_revision(self, browser, scene):
        """A tab saves field by field; edits of another tab in between are neither lost nor overwritten."""
        rev = scene.rev
        self.write(browser, scene, rev, line="theirs")
        self.write(browser, scene, rev, prompt="mine", seen=f"prompt:{rev}")

        refused = self.write(browser, scene, rev + 2, line="mine", seen=f"line:{rev}")
        saved = self.write(browser, scene, rev + 2, prompt="mine still", seen=f"prompt:{rev + 2}")

        scene.refresh_from_db()
        assert (refused.status_code, saved.status_code) == (409, 200)
        assert (scene.prompt, scene.line) == ("mine still", "theirs")

    def test_invalid_input_changes_nothing(self, browser, scene):
        bad = (
            {"prompt": "x" * 2001}, {"seconds": "0"}, {"seconds": "61"}, {"style": "oil"}, {"engine": "nobody|x"},
            {"time": "tea"}, {"join_kind": "jump"}, {"seed": "-1"}, {"line": "a\x1bb"}, {"rev": "soon"}, {"seen": "x"},
        )  # fmt: skip
        for values in bad:
            assert post(browser, "scene", scene, HTMX, **{"rev": scene.rev} | values).status_code == 422
        assert SceneEdit.objects.count() == 0

    def test_an_earlier_edit_can_be_restored(self, browser, scene):
        self.write(browser, scene, prompt="a cat")
        page = text_of(browser.get(url_of("history", scene)))
        assert "a girl on a hill" in page and "a cat" in page
        assert "<b>Mika</b>" in page and "mika@example.test" not in page.partition("<main")[2]

        post(browser, "restore_edit", scene, edit=SceneEdit.objects.get().pk)
        scene.refresh_from_db()
        assert scene.prompt == "a girl on a hill"

    def test_an_edit_of_another_scene_cannot_be_restored(self, browser, scene, scenes, story):
        self.write(browser, scene, prompt="a cat")
        other = scenes(story)[1]

        assert post(browser, "restore_edit", other, edit=SceneEdit.objects.get().pk).status_code == 404
        assert post(browser, "restore_edit", other, edit="x" * 5).status_code == 404

    def test_a_picture_is_uploaded_and_removed(self, browser, scene):
        upload = SimpleUploadedFile("a.png", png())
        assert post(browser, "picture", scene, part="picture", picture_file=upload).status_code == 302
        scene.refresh_from_db()
        assert scene.picture.workspace == scene.story.workspace

        post(browser, "picture", scene, part="picture", remove="1")
        scene.refresh_from_db()
        assert scene.picture is None

    def test_an_invalid_picture_is_refused_with_a_reason(self, browser, scene):
        upload = SimpleUploadedFile("a.png", b"hello")
        response = post(browser, "picture", scene, HTMX, part="picture", picture_file=upload)

        assert response.status_code in (415, 422) and "picture" in text_of(response)
        assert post(browser, "picture", scene, part="portrait", remove="1").status_code == 404
        assert post(browser, "picture", scene, HTMX, part="picture").status_code == 422

    def test_the_editor_is_a_page_and_an_htmx_part(self, browser, scene):
        page = text_of(browser.get(url_of("scene", scene)))
        part = text_of(browser.get(url_of("scene", scene), headers=HTMX | {"HX-Target": "div#editor"}))

        assert "<html" in page and "<html" not in part and 'id="scene-form"' in part
        assert f'<a href="{url_of("history", scene)}">' in page
