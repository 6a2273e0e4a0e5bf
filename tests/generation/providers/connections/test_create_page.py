"""The Create page with remote providers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing import grants
from generation.clip_spec import build_clip_request
from generation.models import Clip, Picture, PriceCap
from generation.providers import catalogue, registry
from generation.providers.base import Estimate
from generation.providers.models import Connection
from generation.providers.prompt import STYLE_PROMPTS, compose_prompt
from jobs.models import Job
from tests.factories import WorkspaceFactory
from tests.generation.providers.connections.create_page import (
    FORM,
    SECOND_MODEL_FORM,
    list_chosen,
    picture_file,
    read_text,
)

pytestmark = pytest.mark.django_db


def test_unconnected_provider_is_listed_with_a_link_to_connect(sign_in, mika, stub):
    page = sign_in(mika).get("/create/").content.decode()

    assert 'href="/settings/connections/add/?provider=echo"' in page
    assert 'name="provider" value="echo"' not in page
    assert "1 more provider available after connecting" in page


def test_clip_with_an_unconnected_provider_is_refused(sign_in, mika, stub):
    answer = sign_in(mika).post("/create/", FORM)

    assert answer.status_code == 422
    assert "Echo is not connected" in read_text(answer)
    assert not Clip.objects.exists() and not Job.objects.exists()


def test_link_to_an_unconnected_provider_offers_to_connect(sign_in, mika, stub):
    answer = sign_in(mika).get("/create/?provider=echo")

    assert "Echo is not connected. Connect it" in read_text(answer)
    assert list_chosen(answer.content.decode(), "provider") == ["animatic"]


def test_connected_provider_makes_a_clip(sign_in, mika, connect):
    connection = connect(mika)

    answer = sign_in(mika).post("/create/", FORM)

    clip = Clip.objects.get()
    assert answer.url == clip.get_absolute_url()
    assert (clip.provider, clip.model, clip.connection) == ("echo", "echo-1", connection)
    assert (clip.job.kind, clip.job.price_reserved) == ("clip_elsewhere", 200_000)


def test_workspace_connection_is_refused_outside_the_workspace(sign_in, mika, ren, connect):
    connection = connect(workspace=mika.workspaces.get(), by=mika)
    connect(ren)

    answer = sign_in(ren).post("/create/", FORM | {"connection": str(connection.pk)})

    assert answer.status_code == 422 and "This connection no longer exists" in read_text(answer)
    assert not Clip.objects.exists()
    assert not Connection.objects.usable_by(mika, WorkspaceFactory()).exists()


@pytest.mark.parametrize("is_htmx", [True, False])
def test_each_provider_and_model_shows_its_own_choices(sign_in, mika, connect, is_htmx):
    connect(mika)
    headers = {"HX-Request": "true", "HX-Target": "div#cz-model"} if is_htmx else {}
    browser = sign_in(mika)

    def get_page(**form):
        form = {"provider": "echo", "prompt": "kept words", "seconds": 7, "ratio": "21:9", "resolution": 720} | form
        page = browser.get("/create/", form, headers=headers).content.decode()
        assert ("<html" in page) is not is_htmx
        return page

    page = get_page()
    assert (list_chosen(page, "seconds"), list_chosen(page, "ratio"), list_chosen(page, "resolution")) == (
        ["5"],
        ["16:9"],
        ["540"],
    )
    assert list_chosen(page, "model") == ["echo-1"]
    assert "Echo 1 doesn’t support negative prompts" in page and 'name="negative_prompt"' not in page
    assert "Echo 1 doesn’t support seeds" in page and 'name="seed"' not in page
    assert 'name="option_audio"' in page and 'name="last_picture_file"' in page
    assert 'name="reference_files"' not in page

    page = get_page(model="echo-2")
    assert (list_chosen(page, "seconds"), list_chosen(page, "ratio"), list_chosen(page, "resolution")) == (
        ["7"],
        ["1:1"],
        ["720"],
    )
    assert 'name="negative_prompt"' in page and 'name="seed"' in page and "up to 2 images" in page
    assert 'name="option_audio"' not in page and 'name="last_picture_file"' not in page
    assert is_htmx or "kept words" in page


def test_button_shows_total_price_and_wait(sign_in, mika, connect):
    connect(mika, concurrency=1)
    browser = sign_in(mika)

    text = read_text(browser.get("/create/estimate/", FORM | {"takes": 3, "seconds": 10}))

    assert "$1.20 · about 4 min" in text
    assert "Billed to your Echo account" in text


def test_paused_connection_is_named_on_the_button_and_beside_it(sign_in, mika, connect):
    connection = connect(mika)
    Connection.objects.filter(pk=connection.pk).update(paused_until=timezone.now() + timedelta(minutes=5))
    browser, waits = sign_in(mika), "The connection to Echo is paused. What you start now waits until it can be sent."

    assert "· connection paused" in (text := read_text(browser.get("/create/estimate/", FORM))) and waits in text
    assert read_text(browser.get("/create/?provider=echo")).count(waits) == 2, "choice and button"
    browser.post("/create/", FORM)
    assert waits in read_text(browser.get(Clip.objects.get().get_absolute_url()))


def test_unknown_price_is_not_called_free(sign_in, mika, connect):
    connection = connect(mika)
    browser = sign_in(mika)

    text = read_text(browser.get("/create/estimate/", SECOND_MODEL_FORM))
    assert "price unknown · about 60 s" in text and "free" not in text
    assert "Price not known; billed to your Echo account." in text

    Connection.objects.filter(pk=connection.pk).update(owner=None)
    text = read_text(browser.get("/create/estimate/", SECOND_MODEL_FORM))
    assert "Price not known." in text and "your account" not in text


def test_cap_for_an_unknown_price_is_asked_once_for_each_model(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    form = SECOND_MODEL_FORM | {"idem_key": "one", "cap": ""}

    answer = browser.post("/create/", form)
    assert answer.status_code == 422
    assert "Enter the most that one request may cost." in read_text(answer)
    for cap in ("0", "-1", "many"):
        assert browser.post("/create/", form | {"cap": cap}).status_code == 422
    assert not Clip.objects.exists() and not PriceCap.objects.exists()

    assert browser.post("/create/", form | {"cap": "2.50"}).status_code == 302
    assert browser.post("/create/", form | {"idem_key": "two"}).status_code == 302
    assert "at most $2.50 per request" in read_text(browser.get("/create/estimate/", SECOND_MODEL_FORM | {"cap": ""}))
    assert "Price unknown" not in read_text(browser.get("/create/estimate/", FORM))


def test_own_words_for_the_style_are_sent_and_presets_are_offered(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    page = browser.get("/create/", SECOND_MODEL_FORM).text
    assert 'data-into="#negative-prompt"' in page and "clean cel-shaded anime" in page

    browser.post("/create/", SECOND_MODEL_FORM | {"option_style_words": "oil on canvas"})
    browser.post("/create/", SECOND_MODEL_FORM | {"idem_key": "two"})

    own, usual = Clip.objects.order_by("created_at")
    assert compose_prompt(build_clip_request(own)).prompt.endswith(". oil on canvas")
    assert compose_prompt(build_clip_request(usual)).prompt.endswith(STYLE_PROMPTS[usual.style])


def test_words_of_a_style_are_those_of_the_workspace_until_they_are_reset(sign_in, mika, ren, connect):
    connect(mika)
    browser, page = sign_in(mika), "/prompts/styles/"
    words = STYLE_PROMPTS | {"cel": "cel, by  hand", "chibi": ""}
    assert browser.post(page, words | {"seinen": "x" * 301}).status_code == 422
    browser.post(page, words)
    assert "cel, by hand" in browser.get("/create/").text and "cel, by hand" not in sign_in(ren).get(page).text

    browser.post("/create/", SECOND_MODEL_FORM)
    browser.post(page, words | {"reset": "cel"})
    browser.post("/create/", SECOND_MODEL_FORM | {"idem_key": "two"})

    changed, usual = Clip.objects.order_by("created_at")
    assert compose_prompt(build_clip_request(changed)).prompt.endswith(". cel, by hand")
    assert "cel, by hand" in browser.get(changed.get_absolute_url()).text
    assert compose_prompt(build_clip_request(usual)).prompt.endswith(STYLE_PROMPTS["cel"])


def test_cap_above_what_is_left_starts_nothing(sign_in, mika, connect):
    connect()
    workspace = mika.workspaces.get()
    grants.set_limit(workspace, 2_000_000)
    browser = sign_in(mika)

    answer = browser.post("/create/", SECOND_MODEL_FORM)

    assert answer.status_code == 402
    assert "This costs $2.50, but only $2.00 is left." in read_text(answer)
    assert not Clip.objects.exists() and not PriceCap.objects.exists()
    assert browser.post("/create/", SECOND_MODEL_FORM | {"cap": "2"}).status_code == 302


def test_price_shows_its_date(sign_in, mika, connect, stub, monkeypatch):
    from dataclasses import replace
    from datetime import date

    connect(mika)
    estimate = stub.estimate
    monkeypatch.setattr(stub, "estimate", lambda request: replace(estimate(request), dated=date(2026, 11, 24)))

    assert "Price as of Nov. 24, 2026." in read_text(sign_in(mika).get("/create/estimate/", FORM))


def test_unsupported_choice_is_refused_with_a_message(sign_in, mika, connect, subtests):
    for form, message in (
        ({"seconds": 7}, "supports 5 to 10 seconds"),
        ({"ratio": "1:1"}, "doesn’t support 1:1"),
        ({"resolution": 720}, "doesn’t support 720p"),
        ({"seed": 5}, "support seeds"),
        ({"negative_prompt": "rain"}, "support negative prompts"),
        ({"style": "nobody"}, "This style does not exist"),
        ({"model": "echo-9"}, "offer that model"),
        ({"prompt": "x" * 280}, "accepts at most 300 characters"),
        ({"connection": "11111111-1111-4111-8111-111111111111"}, "This connection no longer exists"),
        ({"connection": "mine"}, "valid UUID"),
        ({"references": ["not-an-id"]}, "no longer exists"),
        ({"last_picture": "11111111-1111-4111-8111-111111111111"}, "needs a first frame"),
        (
            {
                "model": "echo-2",
                "ratio": "1:1",
                "resolution": 720,
                "last_picture": "11111111-1111-4111-8111-111111111111",
            },
            "support a last frame",
        ),
        (
            {
                "model": "echo-2",
                "ratio": "1:1",
                "resolution": 720,
                "cap": "1",
                "references": ["11111111-1111-4111-8111-111111111111"],
            },
            "no longer exists",
        ),
    ):
        with subtests.test(form=form, message=message):
            connect(mika)

            answer = sign_in(mika).post("/create/", FORM | form)

            assert answer.status_code == 422
            assert message in read_text(answer)
            assert not Clip.objects.exists() and not Job.objects.exists()


def test_paint_over_is_offered_where_supported_and_keeps_its_state(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)

    def get_paint_box(**form):
        form |= {"idem_key": "a", "tab": "picture"}
        return re.search(r'<input[^>]* name="paint"[^>]*>', browser.get("/create/", form).text)[0]

    assert "checkbox" in get_paint_box(provider="animatic", paint="on")
    assert "checked" in get_paint_box(provider="animatic", paint="on")
    assert "checked" not in get_paint_box(provider="animatic")
    assert 'type="hidden"' in get_paint_box(provider="echo", paint="on")


def test_clip_between_two_pictures(sign_in, mika, connect):
    connect(mika)

    sign_in(mika).post("/create/", FORM | {"picture_file": picture_file(1), "last_picture_file": picture_file(2)})

    clip = Clip.objects.get()
    assert clip.picture and clip.last_picture and clip.picture != clip.last_picture
    assert clip.last_picture.workspace == clip.workspace


def test_reference_pictures_keep_their_order(sign_in, mika, connect):
    connect(mika)
    files = [picture_file(1), picture_file(250)]

    sign_in(mika).post("/create/", SECOND_MODEL_FORM | {"reference_files": files})

    clip = Clip.objects.get()
    shown = [row.picture for row in clip.references.all()]
    assert [row.pk for row in shown] == [row.pk for row in Picture.objects.order_by("created_at")]
    assert len(shown) == 2


def test_more_references_than_allowed_are_refused(sign_in, mika, connect):
    connect(mika)

    answer = sign_in(mika).post(
        "/create/", SECOND_MODEL_FORM | {"reference_files": [picture_file(n) for n in (1, 90, 250)]}
    )

    assert answer.status_code == 422
    assert "at most 2 reference images" in read_text(answer)
    assert not Clip.objects.exists()
    assert len(list_chosen(answer.text, "references")) == 3, "the pictures have to be chosen again"


def test_pictures_of_another_user_are_refused(sign_in, mika, ren, connect):
    connect(mika)
    sign_in(ren).post("/create/", {"picture_file": picture_file()})
    foreign = str(Picture.objects.get().pk)
    browser = sign_in(mika)

    for form in (
        SECOND_MODEL_FORM | {"references": [foreign]},
        FORM | {"last_picture": foreign, "picture_file": picture_file(3)},
    ):
        answer = browser.post("/create/", form)
        assert answer.status_code == 422
        assert "no longer exists" in read_text(answer)
    page = browser.get("/create/", {"provider": "echo", "last_picture": foreign}).content.decode()
    assert f'value="{foreign}"' not in page and list_chosen(page, "last_picture") == []
    assert Clip.objects.count() == 1


def test_retired_model_is_marked_and_refused(sign_in, mika, connect, stub, monkeypatch):
    from dataclasses import replace

    connect(mika)
    models = stub.capabilities()
    retired = replace(models[0], retired_on=timezone.localdate())
    monkeypatch.setattr(stub, "capabilities", lambda: (retired, models[1]))
    browser = sign_in(mika)

    page = browser.get("/create/?provider=echo").content.decode()
    assert "Echo 1 · discontinued" in page
    assert list_chosen(page, "model") == ["echo-2"]
    answer = browser.post("/create/", FORM | {"model": "echo-1"})
    assert answer.status_code == 422
    assert "was retired by its maker" in read_text(answer)


def test_several_connections_are_offered_own_first(sign_in, mika, connect):
    site = connect(label="House")
    own = connect(mika, label="Mine")
    browser = sign_in(mika)

    page = browser.get("/create/?provider=echo").content.decode()
    assert list_chosen(page, "connection") == [str(own.pk)]
    assert "House · the studio’s own" in page
    browser.post("/create/", FORM | {"connection": str(site.pk)})
    assert Clip.objects.get().connection == site


def test_create_starts_with_the_default_connection_model_and_style(sign_in, mika, connect):
    connect(mika, is_default=True, default_model="echo-2", default_style="ink_wash")

    page = sign_in(mika).get("/create/").content.decode()

    assert [list_chosen(page, name) for name in ("provider", "model", "style")] == [["echo"], ["echo-2"], ["ink_wash"]]


def test_broken_connection_is_marked_in_create(sign_in, mika, connect):
    connect(mika, health="broken", last_error="Echo rejected the key of this connection.")

    assert "rejected the key" in read_text(sign_in(mika).get("/create/"))


def test_create_page_renders_for_every_connected_provider(sign_in, mika, subtests):
    browser = sign_in(mika)
    remote = [provider for provider in registry.providers().values() if not provider.is_local]
    for provider in remote:
        Connection.objects.create(provider=provider.slug, label=str(provider.label), owner=mika)

    for provider in remote:
        with subtests.test(provider.slug):
            models = [model.model for model in provider.capabilities()]
            for model in {models[0], models[-1]}:
                page = browser.get("/create/", {"provider": provider.slug, "model": model}).content.decode()
                assert list_chosen(page, "provider") == [provider.slug]
            assert browser.get(f"/settings/connections/add/?provider={provider.slug}").status_code == 200


def test_models_of_all_providers_take_one_query(sign_in, mika, django_assert_max_num_queries):
    for slug, engine in registry.providers().items():
        if not engine.is_local:
            Connection.objects.create(provider=slug, label=slug, owner=mika)
    browser = sign_in(mika)
    browser.get("/create/")
    catalogue.clear_cache()

    with django_assert_max_num_queries(13):
        browser.get("/create/")


def test_price_request_counts_pictures_by_name(sign_in, mika, connect, stub, monkeypatch):
    connect(mika)
    form = []
    monkeypatch.setattr(stub, "estimate", lambda request: form.append(request.mode) or Estimate(10_000, "USD", 5))
    browser = sign_in(mika)

    modes = []
    for names in ([], ["picture_file"], ["picture_file", "last_picture_file"]):
        browser.get("/create/estimate/", FORM | dict.fromkeys(names, "sky.png"))
        modes.append(form[-1])

    assert modes == ["words", "picture", "first_last"]
    browser.post("/create/", FORM | {"picture_file": "no file at all", "prompt": ""})
    assert not Clip.objects.exists()


def test_price_request_counts_all_reference_pictures(sign_in, mika, connect, stub, monkeypatch):
    connect(mika)
    counts = []
    monkeypatch.setattr(
        stub, "estimate", lambda request: counts.append(request.picture_count) or Estimate(10_000, "USD", 5)
    )

    sign_in(mika).get("/create/estimate/", SECOND_MODEL_FORM | {"reference_files": ["sky.png", "sea.png", "hill.png"]})

    assert counts[-1] == 3


def test_unsupported_ratios_are_named_for_touch_screens(sign_in, mika, connect):
    connect(mika)

    page = read_text(sign_in(mika).get("/create/", {"provider": "echo"}))

    assert "Echo 1 doesn’t support 1:1, 4:3, 3:4, 21:9." in page
