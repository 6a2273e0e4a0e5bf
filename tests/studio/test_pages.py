"""Pages of stories: what each visitor sees and may do, with and without htmx, in how many queries."""

import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.billing import ledger
from accounts.models import Membership
from generation.media import storage
from generation.models import Clip
from jobs import services as jobs
from studio.drawing import services as drawing_services
from studio.drawing import take_services
from studio.models import Run, Scene, SceneEdit, Story
from studio.scenes import services as scene_services
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db
PARTS = {"HX-Request": "true"}


def png():
    file = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(mika, write):
    return write(mika, "a girl on a hill", "a dog by the sea")


@pytest.fixture
def questions():
    """How often a page asks the database, once the browser is known."""

    def count(browser, path):
        browser.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        return len(asked)

    return count


def address(name, row, **query):
    return reverse(f"studio:{name}", args=[row.pk], query=query or None)


def post(browser, name, row, headers=None, **values):
    return browser.post(address(name, row), values, headers=headers)


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


class TestTheList:
    def test_says_how_to_begin_when_there_is_none(self, browser):
        assert "Start a story" in words(browser.get(reverse("studio:stories")))

    def test_shows_stories_with_their_progress(self, browser, story, mika, work):
        drawing_services.start_run(story=story, by=mika, which="one", scene=story.scenes.first(), idem_key="k")
        work()

        page = words(browser.get(reverse("studio:stories")))

        assert "The last summer train" in page and "2 scenes · 1 final" in page

    @pytest.fixture
    def shown(self, browser):
        """The pictures in the list, as keys of the store."""

        def keys():
            tokens = re.findall(r'<img src="[^"]*/media/([^"/]+)/"', words(browser.get(reverse("studio:stories"))))
            return [key for key, _name in map(storage.read_link, tokens)]

        return keys

    def test_shows_the_first_scene_that_has_a_film_until_a_cover_is_chosen(self, shown, mika, story, scenes, work):
        def poster(scene):
            return scene.takes.get().clip.file("poster").key

        assert shown() == []
        drawing_services.animate(story=story, by=mika, idem_key="a")
        work()
        first, second = scenes(story)
        assert shown() == [poster(first)]

        take_services.choose_cover(take=second.takes.get(), by=mika)
        assert shown() == [poster(second)]

    def test_shows_the_first_scene_again_while_the_cover_lies_in_the_bin(self, shown, mika, story, scenes, work):
        drawing_services.animate(story=story, by=mika, idem_key="a")
        work()
        first, second = (scene.takes.get() for scene in scenes(story))
        take_services.choose_cover(take=second, by=mika)

        jobs.delete(second.clip.job, by=mika)
        assert shown() == [first.clip.file("poster").key]

        jobs.restore(second.clip.job, by=mika)
        assert shown() == [second.clip.file("poster").key]

    def test_shows_of_the_first_scene_what_plays_there_and_not_what_was_drawn_last(
        self, shown, browser, mika, story, scenes, work
    ):
        first = scenes(story)[0]
        for key in "ab":
            drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key=key)
            work()
        older, newer = first.takes.order_by("created_at")
        assert shown() == [newer.clip.file("poster").key]

        take_services.choose_take(take=older, by=mika)
        assert shown() == [older.clip.file("poster").key]

        jobs.delete(older.clip.job, by=mika)
        assert shown() == [newer.clip.file("poster").key]

    def test_goes_on_page_after_page_without_a_gap(self, browser, mika):
        home = mika.workspaces.get()
        for n in range(30):
            story_services.create_story(workspace=home, by=mika, title=f"story {n:02}")

        first = words(browser.get(reverse("studio:stories")))
        further = re.search(r'hx-get="(\?[^"]+)"', first)[1].replace("&amp;", "&")
        second = words(browser.get(reverse("studio:stories") + further))

        shown = [set(re.findall(r"story \d\d", page)) for page in (first, second)]
        assert len(shown[0]) == 24 and len(shown[1]) == 6 and not shown[0] & shown[1]

    def test_keeps_what_is_put_away_and_what_lies_in_the_bin_apart(self, browser, mika, write):
        away, gone = write(mika, title="Archived"), write(mika, title="Thrown away")
        post(browser, "archive", away, is_archived="1")
        answer = post(browser, "delete", gone)

        def shelf(name):
            return words(browser.get(reverse("studio:stories"), {"shelf": name}))

        assert answer.status_code == 302 and "Undo" in shelf("current")
        assert "Archived</a>" not in shelf("current").replace("shelf=archived", "").replace(">Archived</a>", "", 1)
        assert "Archived" in shelf("archived") and "Thrown away" in shelf("bin")
        post(browser, "archive", away)
        post(browser, "restore", gone)
        assert Story.objects.filter(archived_at=None, deleted_at=None).count() == 2

    def test_offers_a_way_back_only_to_those_who_may_take_it(self, browser, mika, ren, write, sign_in):
        gone = write(mika, title="Thrown away")
        Membership.objects.create(user=ren, workspace=gone.workspace, role="viewer")
        post(browser, "delete", gone)
        bins = [words(one.get(reverse("studio:stories"), {"shelf": "bin"})) for one in (browser, sign_in(ren))]

        assert ["Thrown away" in page for page in bins] == [True, True]
        assert ["Restore" in page for page in bins] == [True, False]

    def test_asks_the_database_as_often_for_many_as_for_one(self, browser, mika, write, questions):
        write(mika, "one", title="story 1")
        few = questions(browser, reverse("studio:stories"))
        for n in range(12):
            write(mika, "one", "two", title=f"story {n}")

        assert questions(browser, reverse("studio:stories")) == few < 14


class TestANewStory:
    def test_begins_with_its_first_scene_and_draws_it_free(self, browser, work):
        answer = browser.post(reverse("studio:new"), {"title": "", "words": "a cat on a roof", "ratio": "9:16"})
        work()

        story = Story.objects.get()
        assert answer.url == story.get_absolute_url()
        assert (story.title, story.ratio) == ("Untitled story", "9:16")
        assert story.scenes.get().takes.get().clip.is_ready

    def test_is_not_made_of_nonsense(self, browser):
        for bad in ({"ratio": "7:5"}, {"style": "oil"}, {"title": "x" * 121}, {"words": "a\x00b"}):
            assert browser.post(reverse("studio:new"), bad).status_code == 422
        assert Story.objects.count() == 0


class TestTheStoryboard:
    def test_shows_every_scene_with_its_words(self, browser, story):
        page = words(browser.get(story.get_absolute_url()))

        assert "a girl on a hill" in page and "a dog by the sea" in page and "0 of 2 final" in page

    @pytest.mark.parametrize("name", ["story", "live", "draw"])
    def test_asks_the_database_as_often_for_many_scenes_as_for_few(self, browser, mika, write, questions, work, name):
        aki = mika.workspaces.get().characters.create(name="Aki")
        story = write(mika, "one")
        story.scenes.get().cast.create(character=aki)
        drawing_services.animate(story=story, by=mika, idem_key="a")
        work()
        few = questions(browser, address(name, story))
        for n in range(40):
            scene_services.add_scene(story=story, by=mika, prompt=f"scene {n}", characters=[aki])

        assert questions(browser, address(name, story)) <= few < 22

    def test_two_hundred_scenes_are_shown(self, browser, mika, write):
        story = write(mika)
        Scene.objects.bulk_create(Scene(story=story, position=n, prompt=f"scene {n}") for n in range(1, 201))

        assert "scene 200" in words(browser.get(story.get_absolute_url()))

    def test_an_empty_story_says_what_to_do(self, browser, mika, write):
        assert "An empty sheet" in words(browser.get(write(mika).get_absolute_url()))

    def test_a_story_in_the_bin_offers_the_way_back(self, browser, mika, story):
        story_services.delete_story(story=story, by=mika)

        page = words(browser.get(story.get_absolute_url()))

        assert "in the bin" in page and "a girl on a hill" not in page

    def test_what_is_being_drawn_is_told_until_it_is_done(self, browser, mika, story, scenes, work):
        drawing_services.animate(story=story, by=mika, idem_key="a")
        mark = scenes(story)[0].pk.hex[:8]

        busy = words(browser.get(address("live", story)))
        assert f'name="busy" value="{mark}"' in busy
        work()
        done = words(browser.get(address("live", story, busy=mark)))

        assert f'name="busy" value="{mark}"' not in done and "Animatic" in done
        assert "every 2s" not in done

    def test_the_same_picture_keeps_its_address_so_that_it_is_not_loaded_again(self, browser, mika, story, work):
        drawing_services.animate(story=story, by=mika, idem_key="a")
        work()

        first, second = (
            re.findall(r'src="([^"]+media[^"]+)"', words(browser.get(story.get_absolute_url()))) for _ in "ab"
        )

        assert first and first == second


class TestScenes:
    def test_are_added_by_form_and_by_htmx(self, browser, story, scenes):
        plain = post(browser, "add", story, prompt="third")
        parts = post(browser, "add", story, PARTS, prompt="first", at="1")

        assert plain.status_code == 302 and "?scene=" in plain.url
        assert "story-list" in words(parts) and "Scene 1" in words(parts)
        assert [scene.prompt for scene in scenes(story)][::3] == ["first", "third"]

    def test_are_not_made_of_nonsense(self, browser, story, scenes):
        for bad in ({"prompt": "x" * 2001}, {"prompt": "a\x00b"}, {"at": "soon"}):
            assert post(browser, "add", story, PARTS, **bad).status_code == 422
        assert len(scenes(story)) == 2

    def test_are_reordered_and_an_older_list_is_answered_with_the_new_one(self, browser, story, scenes):
        story.refresh_from_db()
        ids = ",".join(str(scene.pk) for scene in reversed(scenes(story)))

        done = post(browser, "order", story, PARTS, ids=ids, order_rev=story.order_rev)
        late = post(browser, "order", story, PARTS, ids=ids, order_rev=story.order_rev)
        nonsense = post(browser, "order", story, PARTS, ids="x", order_rev="1")

        assert (done.status_code, late.status_code, nonsense.status_code) == (200, 409, 400)
        assert "moved or added elsewhere" in words(late)
        assert [scene.prompt for scene in scenes(story)] == ["a dog by the sea", "a girl on a hill"]

    @pytest.mark.parametrize(
        ("values", "status"), [({"by": "1"}, 302), ({"to": "2"}, 302), ({}, 400), ({"to": "x"}, 400)]
    )
    def test_are_moved_without_a_script(self, browser, story, scenes, values, status):
        assert post(browser, "move", scenes(story)[0], **values).status_code == status
        assert scenes(story)[0].prompt == ("a dog by the sea" if status == 302 else "a girl on a hill")

    def test_are_thrown_away_with_the_way_back_in_the_message(self, browser, story, scenes):
        first = scenes(story)[0]

        answer = post(browser, "delete_scene", first, PARTS)
        assert f"/stories/scenes/{first.pk}/restore/" in words(answer)
        assert len(scenes(story)) == 1
        assert "in the bin" in words(browser.get(address("scene", first)))

        post(browser, "restore_scene", first)
        assert len(scenes(story)) == 2

    def test_are_doubled_split_and_locked(self, browser, story, scenes):
        first = scenes(story)[0]
        post(browser, "duplicate_scene", first, PARTS)
        post(browser, "split", first, PARTS, at="6")
        post(browser, "lock", first, PARTS, is_locked="1")

        assert [scene.prompt for scene in scenes(story)] == [
            "a girl",
            "on a hill",
            "a girl on a hill",
            "a dog by the sea",
        ]
        refused = post(browser, "split", first, PARTS)
        assert refused.status_code == 409 and "locked" in words(refused)


class TestWriting:
    def write(self, browser, scene, rev=None, headers=PARTS, **values):
        return post(browser, "scene", scene, headers, rev=scene.rev if rev is None else rev, **values)

    @pytest.fixture
    def scene(self, story, scenes):
        return scenes(story)[0]

    def test_is_saved_as_it_is_typed_and_says_the_new_revision(self, browser, scene):
        answer = self.write(browser, scene, prompt="a whale in the sky", seconds="7", has_follows="1", follows="on")

        scene.refresh_from_db()
        assert (scene.prompt, scene.seconds, scene.follows) == ("a whale in the sky", 7, True)
        assert f'id="scene-now" data-rev="{scene.rev}"' in words(answer)
        assert f'hx-target="#s-{scene.pk}"' in words(answer)

    def test_leaves_alone_what_is_not_sent(self, browser, scene):
        Scene.objects.filter(pk=scene.pk).update(line="Wait!", follows=True)
        self.write(browser, scene, note="slow")

        scene.refresh_from_db()
        assert (scene.line, scene.follows, scene.note, scene.prompt) == ("Wait!", True, "slow", "a girl on a hill")

    def test_a_scene_sent_whole_keeps_an_engine_that_is_no_longer_offered(self, browser, scene):
        Scene.objects.filter(pk=scene.pk).update(provider="kling", model="kling-v3")
        self.write(browser, scene, note="slow", engine="kling|kling-v3")

        scene.refresh_from_db()
        assert (scene.note, scene.provider, scene.model) == ("slow", "kling", "kling-v3")

    def test_who_draws_it_is_one_choice(self, browser, scene):
        self.write(browser, scene, engine="animatic|")
        scene.refresh_from_db()
        assert (scene.provider, scene.model) == ("animatic", "")

    def test_the_same_field_in_two_tabs_is_shown_in_both_versions(self, browser, scene):
        rev = scene.rev
        self.write(browser, scene, rev, prompt="a cat")

        answer = self.write(browser, scene, rev, prompt="a fox", line="hello")

        assert answer.status_code == 409
        assert "a cat" in words(answer) and "a fox" in words(answer) and "Keep mine" in words(answer)
        scene.refresh_from_db()
        assert (scene.prompt, scene.line) == ("a cat", "")

    def test_the_page_without_a_script_shows_both_versions_too(self, browser, scene):
        rev = scene.rev
        self.write(browser, scene, rev, headers=None, prompt="a cat")
        answer = self.write(browser, scene, rev, headers=None, prompt="a fox")

        assert answer.status_code == 409 and "<h1" in words(answer) and "a fox" in words(answer)

    def test_different_fields_in_two_tabs_are_both_kept(self, browser, scene):
        rev = scene.rev
        self.write(browser, scene, rev, prompt="a cat", line="")
        self.write(browser, scene, rev, prompt="a girl on a hill", line="hello")

        scene.refresh_from_db()
        assert (scene.prompt, scene.line) == ("a cat", "hello")

    def test_each_field_counts_from_the_revision_at_which_it_was_seen(self, browser, scene):
        """A tab saves one field after the other; what another tab wrote in between is neither lost nor overwritten."""
        rev = scene.rev
        self.write(browser, scene, rev, line="theirs")
        self.write(browser, scene, rev, prompt="mine", seen=f"prompt:{rev}")

        refused = self.write(browser, scene, rev + 2, line="mine", seen=f"line:{rev}")
        again = self.write(browser, scene, rev + 2, prompt="mine still", seen=f"prompt:{rev + 2}")

        scene.refresh_from_db()
        assert (refused.status_code, again.status_code) == (409, 200)
        assert (scene.prompt, scene.line) == ("mine still", "theirs")

    def test_nonsense_is_refused_and_nothing_is_written(self, browser, scene):
        bad = (
            {"prompt": "x" * 2001}, {"seconds": "0"}, {"seconds": "61"}, {"style": "oil"}, {"engine": "nobody|x"},
            {"time": "tea"}, {"join_kind": "jump"}, {"seed": "-1"}, {"line": "a\x1bb"}, {"rev": "soon"}, {"seen": "x"},
        )  # fmt: skip
        for values in bad:
            assert post(browser, "scene", scene, PARTS, **{"rev": scene.rev} | values).status_code == 422
        assert SceneEdit.objects.count() == 0

    def test_what_was_written_before_can_be_brought_back(self, browser, scene):
        self.write(browser, scene, prompt="a cat")
        page = words(browser.get(address("history", scene)))
        assert "a girl on a hill" in page and "a cat" in page
        assert "<b>Mika</b>" in page and "mika@example.test" not in page.partition("<main")[2]

        post(browser, "take_back", scene, edit=SceneEdit.objects.get().pk)
        scene.refresh_from_db()
        assert scene.prompt == "a girl on a hill"

    def test_an_edit_of_another_scene_cannot_be_brought_back_here(self, browser, scene, scenes, story):
        self.write(browser, scene, prompt="a cat")
        other = scenes(story)[1]

        assert post(browser, "take_back", other, edit=SceneEdit.objects.get().pk).status_code == 404
        assert post(browser, "take_back", other, edit="x" * 5).status_code == 404

    def test_a_picture_is_brought_and_taken_away(self, browser, scene):
        upload = SimpleUploadedFile("a.png", png())
        assert post(browser, "picture", scene, part="picture", picture_file=upload).status_code == 302
        scene.refresh_from_db()
        assert scene.picture.workspace == scene.story.workspace

        post(browser, "picture", scene, part="picture", remove="1")
        scene.refresh_from_db()
        assert scene.picture is None

    def test_what_is_no_picture_is_refused_in_words(self, browser, scene):
        upload = SimpleUploadedFile("a.png", b"hello")
        answer = post(browser, "picture", scene, PARTS, part="picture", picture_file=upload)

        assert answer.status_code in (415, 422) and "picture" in words(answer)
        assert post(browser, "picture", scene, part="portrait", remove="1").status_code == 404
        assert post(browser, "picture", scene, PARTS, part="picture").status_code == 422

    def test_an_editor_is_a_page_and_a_part(self, browser, scene):
        page = words(browser.get(address("scene", scene)))
        part = words(browser.get(address("scene", scene), headers=PARTS | {"HX-Target": "div#editor"}))

        assert "<html" in page and "<html" not in part and 'id="scene-form"' in part
        assert f'<a href="{address("history", scene)}">' in page


class TestDrawing:
    def test_the_sheet_says_all_before_anything_starts(self, browser, story):
        page = words(browser.get(address("draw", story, which="missing")))

        assert "Draw 2 scenes" in page and "free" in page and "Coherent" in page
        assert Run.objects.count() == Clip.objects.count() == 0

    def test_what_the_sheet_says_is_started_once(self, browser, story, work):
        sheet = words(browser.get(address("draw", story, which="missing")))
        values = {name: re.search(rf'name="{name}" value="([^"]*)"', sheet)[1] for name in ("agreed", "idem_key")}

        for _ in range(2):
            assert post(browser, "draw", story, which="missing", mode="fast", **values).status_code == 302
        work()

        assert Run.objects.count() == 1 and Clip.objects.count() == 2

    def test_a_sheet_that_is_no_longer_true_is_shown_anew(self, browser, mika, story):
        scene_services.add_scene(story=story, by=mika, prompt="a third")

        answer = post(browser, "draw", story, PARTS, which="missing", agreed="something|else")

        assert answer.status_code == 409 and "have changed" in words(answer) and "Draw 3 scenes" in words(answer)
        assert Run.objects.count() == 0

    def test_nothing_to_draw_and_nonsense_are_refused(self, browser, story, scenes):
        assert post(browser, "draw", story, PARTS, which="failed").status_code == 409
        assert post(browser, "draw", story, PARTS, which="everything").status_code == 422
        assert post(browser, "draw", story, PARTS, which="missing", cap_USD="lots").status_code == 422
        assert post(browser, "draw", story, PARTS, which="one", scene=uuid.uuid4()).status_code == 404
        assert Run.objects.count() == 0

    def test_a_take_becomes_the_cover_of_the_story(self, browser, mika, story, scenes, work):
        drawing_services.animate(story=story, by=mika, idem_key="a")
        work()
        second = scenes(story)[1]
        take = second.takes.get()

        assert post(browser, "cover", second, PARTS, take=take.pk).status_code == 200
        story.refresh_from_db()
        assert story.cover == take.clip

    def test_a_run_is_stopped(self, browser, mika, story, work):
        drawing_services.start_run(story=story, by=mika, which="all", idem_key="k")
        post(browser, "stop", story, PARTS)
        work()

        assert Clip.objects.finished().count() == 0
        assert set(Run.objects.get().shots.values_list("state", flat=True)) == {"skipped"}

    def test_a_take_is_chosen_and_one_that_is_not_ready_is_not(self, browser, mika, story, scenes, work):
        first = scenes(story)[0]
        for key in "ab":
            drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key=key)
            work()
        older = first.takes.order_by("created_at").first()

        assert post(browser, "choose", first, PARTS, take=older.pk).status_code == 200
        first.refresh_from_db()
        assert first.chosen == older
        drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key="c")
        assert post(browser, "choose", scenes(story)[1], take=older.pk).status_code == 404

        Clip.objects.filter(pk=older.clip_id).update(ready_at=None)
        assert post(browser, "choose", first, PARTS, take=older.pk).status_code == 409

    def test_a_purse_that_is_too_small_is_said_and_nothing_can_be_started(self, browser, story, monkeypatch):
        from generation.providers.adapters.local.provider import AnimaticProvider
        from generation.providers.base import Estimate

        monkeypatch.setattr(AnimaticProvider, "estimate", lambda self, request: Estimate(400_000, "USD", 5))
        ledger.limit(story.workspace, 500_000)

        page = words(browser.get(address("draw", story, which="all")))
        capped = words(browser.get(address("draw", story, which="all", cap_USD="0.40")))

        assert "$0.80" in page and "Only $0.50 is left" in page and "disabled" in page
        assert "Draw 1 scene<" in capped and "Over your spending limit" in capped

    def test_all_can_be_drawn_anew_while_some_are_missing_or_being_drawn(self, browser, mika, story, scenes, work):
        assert "Redraw all" not in words(browser.get(story.get_absolute_url()))
        drawing_services.start_run(story=story, by=mika, which="one", scene=scenes(story)[0], idem_key="first")
        work()
        missing = words(browser.get(story.get_absolute_url()))
        drawing_services.start_run(story=story, by=mika, which="missing", idem_key="rest")
        busy = words(browser.get(story.get_absolute_url()))

        assert "Draw 1 missing" in missing and "Redraw all" in missing
        assert "Cancel drawing" in busy and "Redraw all" in busy


class TestRights:
    def test_a_viewer_sees_no_way_to_change_anything(self, story, sign_in, ren):
        Membership.objects.create(user=ren, workspace=story.workspace, role="viewer")

        page = words(sign_in(ren).get(story.get_absolute_url()))

        assert "a girl on a hill" in page
        assert "Add a scene" not in page and "Draw 2" not in page and "data-grip" not in page

    def test_settings_are_saved_and_collide_in_words(self, browser, story):
        shown = {"title": story.title, "ratio": "16:9", "style": "cel", "engine": "animatic|", "resolution": "480",
                 "mode": "fast", "on_failure": "stop", "synopsis": ""}  # fmt: skip
        was = {f"was_{name}": value for name, value in shown.items()}

        assert post(browser, "settings", story, **was, **shown | {"title": "Train"}).status_code == 302
        other = post(browser, "settings", story, **was, **shown | {"synopsis": "About a train"})
        same = post(browser, "settings", story, **was, **shown | {"title": "Bus"})

        assert other.status_code == 302 and same.status_code == 409
        assert "now “Train”, you wrote “Bus”" in words(same)
        story.refresh_from_db()
        assert (story.title, story.synopsis) == ("Train", "About a train")

    @pytest.fixture
    def shown(self, story):
        """What the settings show, as a browser sends it when nothing was touched."""
        held = {"title": story.title, "ratio": "16:9", "style": "cel", "engine": "animatic|", "resolution": "480",
                "mode": "fast", "on_failure": "stop", "synopsis": story.synopsis}  # fmt: skip
        return held | {f"was_{name}": value for name, value in held.items()}

    def test_all_else_is_saved_beside_an_engine_that_is_no_longer_offered(self, browser, mika, story, shown):
        gone = {"provider": "kling", "model": "kling-v3"}
        story_services.change_story(story=story, by=mika, changes=gone)
        held = {"engine": "kling|kling-v3", "was_engine": "kling|kling-v3"}

        assert post(browser, "settings", story, **shown | held | {"title": "Bus"}).status_code == 302
        other = post(browser, "settings", story, **shown | held | {"engine": "vidu|q3"})

        story.refresh_from_db()
        assert (story.title, story.provider, story.model) == ("Bus", "kling", "kling-v3")
        assert other.status_code == 422

    def test_a_synopsis_of_several_lines_is_changed_by_its_only_writer(self, browser, mika, story, shown):
        story_services.change_story(story=story, by=mika, changes={"synopsis": "one\ntwo"})
        typed = {"was_synopsis": "one\r\ntwo", "synopsis": "one\r\nthree"}  # browsers send line ends so

        assert post(browser, "settings", story, **shown | typed).status_code == 302
        story.refresh_from_db()
        assert story.synopsis == "one\nthree"

    def test_what_was_typed_beside_a_collision_stays_and_a_second_save_keeps_it(self, browser, mika, story, shown):
        story_services.change_story(story=story, by=mika, changes={"title": "Train", "style": "chibi"})

        answer = post(browser, "settings", story, **shown | {"title": "Bus", "synopsis": "About\r\na bus"})

        form, was = answer.context["form"], answer.context["shown"]
        sent = {name: form[name].value() for name in form.fields} | {f"was_{name}": was[name] for name in was}
        assert (answer.status_code, sent["title"], sent["was_title"]) == (409, "Bus", "Train")
        assert "About\na bus</textarea>" in answer.text and "you wrote “Bus”" in words(answer)
        assert "Save again to replace their text with yours." in words(answer)
        assert post(browser, "settings", story, **sent).status_code == 302
        story.refresh_from_db()
        assert (story.title, story.synopsis, story.style) == ("Bus", "About\na bus", "chibi")

    def test_what_was_typed_is_saved_when_a_refused_form_is_mended(self, browser, story, shown):
        answer = post(browser, "settings", story, **shown | {"synopsis": "About a bus", "title": ""})
        was = {f"was_{name}": value for name, value in answer.context["shown"].items()}

        assert answer.status_code == 422
        mended = shown | was | {"synopsis": "About a bus", "title": "Bus"}
        assert post(browser, "settings", story, **mended).status_code == 302
        story.refresh_from_db()
        assert (story.title, story.synopsis) == ("Bus", "About a bus")

    def test_a_copy_has_the_same_scenes_and_plays(self, browser, story, work):
        answer = post(browser, "duplicate", story)
        work()

        copy = Story.objects.exclude(pk=story.pk).get()
        assert answer.url == copy.get_absolute_url()
        assert [scene.prompt for scene in copy.scenes.in_order()] == ["a girl on a hill", "a dog by the sea"]
        assert all(scene.takes.get().clip.is_ready for scene in copy.scenes.all())


def test_every_form_of_the_storyboard_works_with_the_protection_against_forged_posts(story, mika, work):
    """Without a script the token must stand in each form itself."""
    drawing_services.animate(story=story, by=mika, idem_key="a")
    work()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mika)

    for path in (story.get_absolute_url(), address("scene", story.scenes.first()), address("settings", story)):
        page = strict.get(path).content.decode()
        forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
        assert len(forms) > 3
        bare = [form for form in forms if not re.search(r'name="csrfmiddlewaretoken" value="\w{30,}"', form)]
        assert bare == []
