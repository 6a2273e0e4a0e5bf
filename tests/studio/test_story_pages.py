"""Story pages: quotes, runs, takes, permissions, settings and copies."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.billing import grants
from accounts.models import Membership
from generation.models import Clip
from studio.drawing import services as drawing_services
from studio.models import Run, Story
from studio.scenes import services as scene_services
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "a girl on a hill", "a dog by the sea")


def url_of(name, row, **query):
    return reverse(f"studio:{name}", args=[row.pk], query=query or None)


def post(browser, name, row, headers=None, **values):
    return browser.post(url_of(name, row), values, headers=headers)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


class TestDrawing:
    def test_the_quote_shows_prices_before_drawing(self, browser, story):
        page = text_of(browser.get(url_of("draw", story, which="missing")))

        assert "Draw 2 drafts" in page and "free" in page and "Coherent" in page
        assert Run.objects.count() == Clip.objects.count() == 0

    def test_a_confirmed_quote_starts_one_run(self, browser, story, run_jobs):
        sheet = text_of(browser.get(url_of("draw", story, which="missing")))
        values = {name: re.search(rf'name="{name}" value="([^"]*)"', sheet)[1] for name in ("agreed", "idem_key")}

        for _ in range(2):
            assert post(browser, "draw", story, which="missing", mode="fast", **values).status_code == 302
        run_jobs()

        assert Run.objects.count() == 1 and Clip.objects.count() == 2

    def test_an_outdated_quote_is_shown_again(self, browser, mika, story):
        scene_services.add_scene(story=story, by=mika, prompt="a third")

        response = post(browser, "draw", story, HTMX, which="missing", agreed="something|else")

        assert (
            response.status_code == 409 and "have changed" in text_of(response) and "Draw 3 drafts" in text_of(response)
        )
        assert Run.objects.count() == 0

    def test_empty_and_invalid_quotes_are_refused(self, browser, story, scenes):
        assert post(browser, "draw", story, HTMX, which="failed").status_code == 409
        assert post(browser, "draw", story, HTMX, which="everything").status_code == 422
        assert post(browser, "draw", story, HTMX, which="missing", cap_USD="lots").status_code == 422
        assert post(browser, "draw", story, HTMX, which="one", scene=uuid.uuid4()).status_code == 404
        assert Run.objects.count() == 0

    def test_a_take_can_become_the_cover(self, browser, mika, story, scenes, run_jobs):
        drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
        run_jobs()
        second = scenes(story)[1]
        take = second.takes.get()

        assert post(browser, "cover", second, HTMX, take=take.pk).status_code == 200
        story.refresh_from_db()
        assert story.cover == take.clip

    def test_a_run_can_be_stopped(self, browser, mika, story, run_jobs):
        drawing_services.start_run(story=story, by=mika, which="all", idem_key="k")
        post(browser, "stop", story, HTMX)
        run_jobs()

        assert Clip.objects.finished().count() == 0
        assert set(Run.objects.get().shots.values_list("state", flat=True)) == {"skipped"}

    def test_only_ready_takes_can_be_chosen(self, browser, mika, story, scenes, run_jobs):
        first = scenes(story)[0]
        for key in "ab":
            drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key=key)
            run_jobs()
        older = first.takes.order_by("created_at").first()

        assert post(browser, "choose", first, HTMX, take=older.pk).status_code == 200
        first.refresh_from_db()
        assert first.chosen == older
        drawing_services.start_run(story=story, by=mika, which="one", scene=first, idem_key="c")
        assert post(browser, "choose", scenes(story)[1], take=older.pk).status_code == 404

        Clip.objects.filter(pk=older.clip_id).update(ready_at=None)
        assert post(browser, "choose", first, HTMX, take=older.pk).status_code == 409

    def test_an_insufficient_wallet_blocks_the_start(self, browser, story, monkeypatch):
        from generation.providers.adapters.local.provider import AnimaticProvider
        from generation.providers.base import Estimate

        monkeypatch.setattr(AnimaticProvider, "estimate", lambda self, request: Estimate(400_000, "USD", 5))
        grants.set_limit(story.workspace, 500_000)

        page = text_of(browser.get(url_of("draw", story, which="all")))
        capped = text_of(browser.get(url_of("draw", story, which="all", cap_USD="0.40")))

        assert "$0.80" in page and "Only $0.50 is left" in page and "disabled" in page
        assert "Draw 1 draft<" in capped and "Over your spending limit" in capped

    def test_all_scenes_can_be_redrawn_while_some_are_pending(self, browser, mika, story, scenes, run_jobs, atelier):
        type(story).objects.filter(pk=story.pk).update(provider="atelier")
        story.refresh_from_db()
        assert "Draw all again" not in text_of(browser.get(story.get_absolute_url()))
        drawing_services.start_run(story=story, by=mika, which="one", scene=scenes(story)[0], idem_key="first")
        run_jobs()
        missing = text_of(browser.get(story.get_absolute_url()))
        drawing_services.start_run(story=story, by=mika, which="missing", idem_key="rest")
        busy = text_of(browser.get(story.get_absolute_url()))

        assert "Draw 1 final take with Atelier" in missing and "$0.40" in missing and "Draw all again" in missing
        assert "Cancel drawing" in busy and "Draw all again" in busy


class TestSettings:
    def test_a_viewer_sees_no_edit_controls(self, story, sign_in, ren):
        Membership.objects.create(user=ren, workspace=story.workspace, role="viewer")

        page = text_of(sign_in(ren).get(story.get_absolute_url()))

        assert "a girl on a hill" in page
        assert "Add a scene" not in page and "Draw 2" not in page and "data-grip" not in page

    def test_settings_are_saved_or_report_a_conflict(self, browser, story):
        shown = {"title": story.title, "ratio": "16:9", "style": "cel", "resolution": "480",
                 "mode": "fast", "on_failure": "stop", "synopsis": ""}  # fmt: skip
        was = {f"was_{name}": value for name, value in shown.items()}

        assert post(browser, "settings", story, **was, **shown | {"title": "Train"}).status_code == 302
        other = post(browser, "settings", story, **was, **shown | {"synopsis": "About a train"})
        same = post(browser, "settings", story, **was, **shown | {"title": "Bus"})

        assert other.status_code == 302 and same.status_code == 409
        assert "now “Train”, you wrote “Bus”" in text_of(same)
        story.refresh_from_db()
        assert (story.title, story.synopsis) == ("Train", "About a train")

    @pytest.fixture
    def shown(self, story):
        """The values of the unchanged settings form."""
        values = {"title": story.title, "ratio": "16:9", "style": "cel", "resolution": "480",
                "mode": "fast", "on_failure": "stop", "synopsis": story.synopsis}  # fmt: skip
        return values | {f"was_{name}": value for name, value in values.items()}

    def test_settings_do_not_change_an_unavailable_provider(self, browser, mika, story, shown):
        story_services.change_story(story=story, by=mika, changes={"provider": "kling", "model": "kling-v3"})

        assert post(browser, "settings", story, **shown | {"title": "Bus"}).status_code == 302

        story.refresh_from_db()
        assert (story.title, story.provider, story.model) == ("Bus", "kling", "kling-v3")

    def test_a_multiline_synopsis_saves_without_a_false_conflict(self, browser, mika, story, shown):
        story_services.change_story(story=story, by=mika, changes={"synopsis": "one\ntwo"})
        typed = {"was_synopsis": "one\r\ntwo", "synopsis": "one\r\nthree"}  # browsers send CRLF

        assert post(browser, "settings", story, **shown | typed).status_code == 302
        story.refresh_from_db()
        assert story.synopsis == "one\nthree"

    def test_saving_after_a_conflict_keeps_the_typed_text(self, browser, mika, story, shown):
        story_services.change_story(story=story, by=mika, changes={"title": "Train", "style": "chibi"})

        response = post(browser, "settings", story, **shown | {"title": "Bus", "synopsis": "About\r\na bus"})

        form, was = response.context["form"], response.context["shown"]
        data = {name: form[name].value() for name in form.fields} | {f"was_{name}": was[name] for name in was}
        assert (response.status_code, data["title"], data["was_title"]) == (409, "Bus", "Train")
        assert "About\na bus</textarea>" in response.text and "you wrote “Bus”" in text_of(response)
        assert "Save again to replace their text with yours." in text_of(response)
        assert post(browser, "settings", story, **data).status_code == 302
        story.refresh_from_db()
        assert (story.title, story.synopsis, story.style) == ("Bus", "About\na bus", "chibi")

    def test_a_corrected_settings_form_saves_what_was_typed(self, browser, story, shown):
        response = post(browser, "settings", story, **shown | {"synopsis": "About a bus", "title": ""})
        was = {f"was_{name}": value for name, value in response.context["shown"].items()}

        assert response.status_code == 422
        corrected = shown | was | {"synopsis": "About a bus", "title": "Bus"}
        assert post(browser, "settings", story, **corrected).status_code == 302
        story.refresh_from_db()
        assert (story.title, story.synopsis) == ("Bus", "About a bus")

    def test_a_copied_story_has_the_same_scenes_and_plays(self, browser, story, run_jobs):
        response = post(browser, "duplicate", story)
        run_jobs()

        copy = Story.objects.exclude(pk=story.pk).get()
        assert response.url == copy.get_absolute_url()
        assert [scene.prompt for scene in copy.scenes.in_order()] == ["a girl on a hill", "a dog by the sea"]
        assert all(scene.takes.get().clip.is_ready for scene in copy.scenes.all())


def test_every_storyboard_form_contains_the_csrf_token(story, mika, run_jobs):
    """Forms must work without JavaScript."""
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mika)

    for path in (story.get_absolute_url(), url_of("scene", story.scenes.first()), url_of("settings", story)):
        page = strict.get(path).content.decode()
        forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
        assert len(forms) > 3
        bare = [form for form in forms if not re.search(r'name="csrfmiddlewaretoken" value="\w{30,}"', form)]
        assert bare == []
