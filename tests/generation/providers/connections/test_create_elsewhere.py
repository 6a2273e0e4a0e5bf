"""Create with an engine elsewhere, as a person uses it."""

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from generation import job_kinds
from generation.models import Clip, Picture
from generation.providers import catalogue, registry
from generation.providers.base import Estimate
from generation.providers.models import Connection
from jobs.lifecycle import engine
from jobs.models import Job
from tests.factories import UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
WISH = {"prompt": "a cat on a roof", "provider": "echo", "ratio": "16:9", "seconds": 5, "resolution": 540}
SECOND = WISH | {"model": "echo-2", "ratio": "1:1", "resolution": 720}


def picture_file(shade=200, size=(320, 200), name="photo.png"):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, 20, 90)).save(file, "PNG")
    file.seek(0)
    file.name = name
    return file


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def chosen(page, name):
    """Values of the radios, options or fields of that name that stand chosen on the page."""
    tags = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    found = [tag for tag in tags if "checked" in tag or 'type="hidden"' in tag or 'type="range"' in tag]
    options = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    found += [tag for each in options for tag in re.findall(r"<option[^>]*selected[^>]*>", each)]
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in found]


def test_a_provider_without_an_account_is_there_with_the_one_step_that_enables_it(sign_in, mika, stub):
    page = sign_in(mika).get("/create/").content.decode()

    assert 'href="/settings/connections/add/?provider=echo"' in page
    assert 'name="provider" value="echo"' not in page
    assert "1 more draws for you once you connect it" in page


def test_asking_it_all_the_same_is_refused_and_changes_nothing(sign_in, mika, stub):
    answer = sign_in(mika).post("/create/", WISH)

    assert answer.status_code == 422
    assert "Echo is not connected" in words(answer)
    assert not Clip.objects.exists() and not Job.objects.exists()


def test_a_link_to_it_says_that_it_is_not_connected_and_leads_there(sign_in, mika, stub):
    answer = sign_in(mika).get("/create/?provider=echo")

    assert "Echo is not connected. Connect it" in words(answer)
    assert chosen(answer.content.decode(), "provider") == ["animatic"]


def test_a_connected_one_draws(sign_in, mika, connect):
    account = connect(mika)

    answer = sign_in(mika).post("/create/", WISH)

    clip = Clip.objects.get()
    assert answer.url == clip.get_absolute_url()
    assert (clip.provider, clip.model, clip.connection) == ("echo", "echo-1", account)
    assert (clip.job.kind, clip.job.price_reserved) == ("clip_elsewhere", 200_000)


def test_a_workspaces_account_draws_for_nobody_outside_it(sign_in, mika, ren, connect):
    account = connect(workspace=mika.workspaces.get(), by=mika)
    connect(ren)

    answer = sign_in(ren).post("/create/", WISH | {"connection": str(account.pk)})

    assert answer.status_code == 422 and "This connection is not here any more" in words(answer)
    assert not Clip.objects.exists()
    assert not Connection.objects.usable_by(mika, WorkspaceFactory()).exists()


@pytest.mark.parametrize("is_htmx", [True, False])
def test_another_engine_or_model_brings_its_own_choices(sign_in, mika, connect, is_htmx):
    connect(mika)
    headers = {"HX-Request": "true", "HX-Target": "div#cz-model"} if is_htmx else {}
    browser = sign_in(mika)

    def look(**sent):
        sent = {"provider": "echo", "prompt": "kept words", "seconds": 7, "ratio": "21:9", "resolution": 720} | sent
        page = browser.get("/create/", sent, headers=headers).content.decode()
        assert ("<html" in page) is not is_htmx
        return page

    page = look()
    assert (chosen(page, "seconds"), chosen(page, "ratio"), chosen(page, "resolution")) == (["5"], ["16:9"], ["540"])
    assert chosen(page, "model") == ["echo-1"]
    assert "Echo 1 cannot be told what to leave out" in page and 'name="negative_prompt"' not in page
    assert "Echo 1 takes none" in page and 'name="seed"' not in page
    assert 'name="option_audio"' in page and 'name="last_picture_file"' in page
    assert 'name="reference_files"' not in page

    page = look(model="echo-2")
    assert (chosen(page, "seconds"), chosen(page, "ratio"), chosen(page, "resolution")) == (["7"], ["1:1"], ["720"])
    assert 'name="negative_prompt"' in page and 'name="seed"' in page and "up to 2 pictures" in page
    assert 'name="option_audio"' not in page and 'name="last_picture_file"' not in page
    assert is_htmx or "kept words" in page


def test_the_button_says_price_times_takes_and_the_wait(sign_in, mika, connect):
    connect(mika, concurrency=1)
    browser = sign_in(mika)

    told = words(browser.get("/create/estimate/", WISH | {"takes": 3, "seconds": 10}))

    assert "$1.20 · about 4 min" in told
    assert "Your account at Echo is billed" in told


def test_a_price_that_nobody_knows_is_not_called_free(sign_in, mika, connect):
    account = connect(mika)
    browser = sign_in(mika)

    told = words(browser.get("/create/estimate/", SECOND))
    assert "price not known · about 60 s" in told and "free" not in told
    assert "The price is not known here; your account at Echo is billed." in told

    Connection.objects.filter(pk=account.pk).update(owner=None)
    told = words(browser.get("/create/estimate/", SECOND))
    assert "The price is not known here." in told and "your account" not in told


def test_a_price_says_of_which_day_it_is(sign_in, mika, connect, stub, monkeypatch):
    from dataclasses import replace
    from datetime import date

    connect(mika)
    before = stub.estimate
    monkeypatch.setattr(stub, "estimate", lambda asked: replace(before(asked), dated=date(2026, 11, 24)))

    assert "Price as of Nov. 24, 2026." in words(sign_in(mika).get("/create/estimate/", WISH))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"seconds": 7}, "draws 5 to 10 seconds"),
        ({"ratio": "1:1"}, "does not draw 1:1"),
        ({"resolution": 720}, "does not draw 720p"),
        ({"seed": 5}, "takes no seed"),
        ({"negative_prompt": "rain"}, "cannot be told what to leave out"),
        ({"style": "nobody"}, "no such style"),
        ({"model": "echo-9"}, "no such model"),
        ({"prompt": "x" * 280}, "reads at most 300 characters"),
        ({"connection": "11111111-1111-4111-8111-111111111111"}, "This connection is not here any more"),
        ({"connection": "mine"}, "valid UUID"),
        ({"references": ["not-an-id"]}, "not here any more"),
        ({"last_picture": "11111111-1111-4111-8111-111111111111"}, "needs a first one"),
        ({"model": "echo-2", "ratio": "1:1", "resolution": 720, "last_picture": "11111111-1111-4111-8111-111111111111"},
         "does not take a last picture"),
        ({"model": "echo-2", "ratio": "1:1", "resolution": 720, "references": ["11111111-1111-4111-8111-111111111111"]},
         "not here any more"),
    ],
)  # fmt: skip
def test_what_the_model_cannot_do_is_refused_in_a_sentence_and_changes_nothing(sign_in, mika, connect, sent, said):
    connect(mika)

    answer = sign_in(mika).post("/create/", WISH | sent)

    assert answer.status_code == 422
    assert said in words(answer)
    assert not Clip.objects.exists() and not Job.objects.exists()


def test_painting_a_picture_over_is_offered_where_it_is_done_and_stays_as_it_was_ticked(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)

    def box(**sent):
        sent |= {"idem_key": "a", "tab": "picture"}
        return re.search(r'<input[^>]* name="paint"[^>]*>', browser.get("/create/", sent).text)[0]

    assert "checkbox" in box(provider="animatic", paint="on")
    assert "checked" in box(provider="animatic", paint="on")
    assert "checked" not in box(provider="animatic")
    assert 'type="hidden"' in box(provider="echo", paint="on")


@pytest.mark.parametrize(("state", "says_drawing"), [("running", True), ("fetching", False)])
def test_nothing_is_said_of_progress_that_nobody_knows(sign_in, mika, connect, state, says_drawing):
    connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", WISH)
    clip = Clip.objects.get()
    Job.objects.filter(pk=clip.job_id).update(state=state, progress=0, progress_note="Echo is drawing")

    for path in (f"/clips/{clip.pk}/card/", clip.get_absolute_url(), "/jobs/"):
        page = browser.get(path).text
        assert ("Echo is drawing" in page) is says_drawing
        assert "0 %" not in page
        assert 'class="xbar' in page
        assert not re.search(r'class="xbar[^>]* value=', page)


def test_a_page_about_money_in_doubt_names_the_provider_and_not_its_model(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", WISH | {"model": "echo-1"})
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state="unknown")

    page = browser.get(f"/jobs/{job.pk}/").text
    assert "We asked Echo and got no answer" in page
    assert "The account at Echo may have been charged once" in page


def test_a_shot_between_two_pictures(sign_in, mika, connect):
    connect(mika)

    sign_in(mika).post("/create/", WISH | {"picture_file": picture_file(1), "last_picture_file": picture_file(2)})

    clip = Clip.objects.get()
    assert clip.picture and clip.last_picture and clip.picture != clip.last_picture
    assert clip.last_picture.workspace == clip.workspace


def test_reference_pictures_are_kept_in_their_order(sign_in, mika, connect):
    connect(mika)
    files = [picture_file(1), picture_file(250)]

    sign_in(mika).post("/create/", SECOND | {"reference_files": files})

    clip = Clip.objects.get()
    shown = [each.picture for each in clip.references.all()]
    assert [each.pk for each in shown] == [each.pk for each in Picture.objects.order_by("created_at")]
    assert len(shown) == 2


def test_more_references_than_the_model_takes_are_refused(sign_in, mika, connect):
    connect(mika)

    answer = sign_in(mika).post("/create/", SECOND | {"reference_files": [picture_file(n) for n in (1, 90, 250)]})

    assert answer.status_code == 422
    assert "at most 2 reference pictures" in words(answer)
    assert not Clip.objects.exists() and not Picture.objects.exists()


def test_a_picture_smaller_than_the_model_takes_is_refused(sign_in, mika, connect, stub, monkeypatch):
    from dataclasses import replace

    connect(mika)
    models = stub.capabilities()
    monkeypatch.setattr(stub, "capabilities", lambda: (replace(models[0], picture_least=300), *models[1:]))

    answer = sign_in(mika).post("/create/", WISH | {"picture_file": picture_file()})

    assert answer.status_code == 422
    assert "at least 300 pixels" in words(answer)
    assert not Clip.objects.exists()


def test_pictures_of_somebody_else_are_not_to_be_had(sign_in, mika, ren, connect):
    connect(mika)
    sign_in(ren).post("/create/", {"picture_file": picture_file()})
    theirs = str(Picture.objects.get().pk)
    browser = sign_in(mika)

    for sent in (SECOND | {"references": [theirs]}, WISH | {"last_picture": theirs, "picture_file": picture_file(3)}):
        answer = browser.post("/create/", sent)
        assert answer.status_code == 422
        assert "not here any more" in words(answer)
    page = browser.get("/create/", {"provider": "echo", "last_picture": theirs}).content.decode()
    assert f'value="{theirs}"' not in page and chosen(page, "last_picture") == []
    assert Clip.objects.count() == 1


def test_a_retired_model_says_so_and_is_not_asked(sign_in, mika, connect, stub, monkeypatch):
    from dataclasses import replace

    connect(mika)
    models = stub.capabilities()
    gone = replace(models[0], retired_on=timezone.localdate())
    monkeypatch.setattr(stub, "capabilities", lambda: (gone, models[1]))
    browser = sign_in(mika)

    page = browser.get("/create/?provider=echo").content.decode()
    assert "Echo 1 · retired by its maker" in page
    assert chosen(page, "model") == ["echo-2"]
    answer = browser.post("/create/", WISH | {"model": "echo-1"})
    assert answer.status_code == 422
    assert "was retired by its maker" in words(answer)


def test_of_several_accounts_one_chooses_and_the_nearest_comes_first(sign_in, mika, connect):
    site = connect(label="House")
    mine = connect(mika, label="Mine")
    browser = sign_in(mika)

    page = browser.get("/create/?provider=echo").content.decode()
    assert chosen(page, "connection") == [str(mine.pk)]
    assert "House · the studio’s own" in page
    browser.post("/create/", WISH | {"connection": str(site.pk)})
    assert Clip.objects.get().connection == site


def test_an_account_of_somebody_else_cannot_be_drawn_with(sign_in, mika, ren, connect):
    connect(mika)
    theirs = connect(ren)

    answer = sign_in(mika).post("/create/", WISH | {"connection": str(theirs.pk)})

    assert answer.status_code == 422
    assert not Clip.objects.exists()


def test_create_begins_with_the_default_account_its_model_and_its_style(sign_in, mika, connect):
    connect(mika, is_default=True, default_model="echo-2", default_style="ink_wash")

    page = sign_in(mika).get("/create/").content.decode()

    assert [chosen(page, name) for name in ("provider", "model", "style")] == [["echo"], ["echo-2"], ["ink_wash"]]


def test_remix_restores_the_engine_its_model_its_account_and_its_pictures(sign_in, mika, connect):
    connect(label="House")
    mine = connect(mika, label="Mine")
    browser = sign_in(mika)
    browser.post("/create/", SECOND | {"reference_files": [picture_file()], "connection": str(mine.pk)})
    clip = Clip.objects.get()

    page = browser.get("/create/", {"from": clip.pk}).content.decode()

    assert chosen(page, "model") == ["echo-2"] and chosen(page, "connection") == [str(mine.pk)]
    assert chosen(page, "references") == [str(clip.references.get().picture_id)]


def test_a_clip_whose_account_is_gone_can_still_be_remixed_and_says_what_is_missing(sign_in, mika, connect):
    account = connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", WISH)
    browser.post(f"/settings/connections/{account.pk}/delete/")

    answer = browser.get("/create/", {"from": Clip.objects.get().pk})

    assert "Echo is not connected" in words(answer)
    assert WISH["prompt"] in answer.content.decode()


def test_an_account_in_trouble_says_so_where_one_chooses(sign_in, mika, connect):
    connect(mika, health="broken", last_error="Echo did not accept the key of this connection.")

    assert "did not accept the key" in words(sign_in(mika).get("/create/"))


def test_names_in_an_address_that_mean_nothing_do_no_harm(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)

    for query in (
        "provider=%00&model=%00", "provider=echo&seconds=soon&resolution=-5&takes=999", "references=x&last_picture=y",
        "connection=z&picture=q&continues=w", "style=%27&ratio=2:1&option_audio=maybe",
    ):  # fmt: skip
        assert browser.get(f"/create/?{query}").status_code == 200


def test_create_asks_no_more_of_the_database_with_an_account(sign_in, mika, connect, django_assert_max_num_queries):
    for _each in range(5):
        connect(mika)
    browser = sign_in(mika)
    browser.get("/create/?provider=echo")

    with django_assert_max_num_queries(11):
        browser.get("/create/?provider=echo")


def test_people_without_any_account_never_see_those_of_others(sign_in, mika, connect):
    connect(mika, label="Private label")
    stranger = UserFactory(email="stranger@example.test")

    page = sign_in(stranger).get("/create/?provider=echo").content.decode()

    assert "Private label" not in page and 'name="provider" value="echo"' not in page
    assert list(Connection.objects.usable_by(None, None)) == []
    assert list(Connection.objects.usable_by(stranger, None)) == []


def test_every_engine_of_this_install_draws_its_page_once_it_is_connected(sign_in, mika):
    browser = sign_in(mika)
    elsewhere = [each for each in registry.providers().values() if not each.is_local]
    for each in elsewhere:
        Connection.objects.create(provider=each.slug, label=str(each.label), owner=mika)

    for each in elsewhere:
        for model in each.capabilities():
            page = browser.get("/create/", {"provider": each.slug, "model": model.model}).content.decode()
            assert chosen(page, "provider") == [each.slug]
        assert browser.get(f"/settings/connections/add/?provider={each.slug}").status_code == 200


@pytest.mark.parametrize(
    ("billing", "sent", "said", "never"),
    [
        ("undeclared", WISH, "nothing booked here", "not charged"),
        ("submit", WISH, "nothing booked here", "not charged"),
        ("success", WISH, "not charged", "nothing booked"),
        ("undeclared", SECOND, "price not known", "free"),
        ("free", SECOND, "free", "not known"),
    ],
)
def test_a_stopped_clip_says_of_money_no_more_than_the_providers_rule(
    sign_in, mika, connect, stub, monkeypatch, billing, sent, said, never
):
    from dataclasses import replace

    from generation.providers.remote import Billing

    connect(mika)
    monkeypatch.setattr(stub, "declared", replace(stub.declared, billing=Billing(billing)))
    browser = sign_in(mika)
    clip_page = browser.post("/create/", sent).url
    Job.objects.update(state="cancelled", finished_at=timezone.now())

    bag = browser.get(clip_page).content.decode().partition('id="clip-bag"')[2].partition("</section>")[0]

    assert said in bag and never not in bag


def test_pictures_that_a_shot_ends_on_or_refers_to_are_not_thrown_away(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", WISH | {"picture_file": picture_file(1), "last_picture_file": picture_file(2)})
    browser.post("/create/", SECOND | {"reference_files": [picture_file(3)]})
    Picture.objects.update(created_at=timezone.now() - timedelta(days=9))

    job_kinds.drop_stray_pictures()

    assert Picture.objects.count() == 3


def test_what_waits_for_a_deleted_account_says_so_and_gives_the_money_back(sign_in, mika, connect):
    account = connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", WISH)
    browser.post(f"/settings/connections/{account.pk}/delete/")

    engine.advance(Job.objects.get().pk)

    job = Job.objects.get()
    assert (job.state, job.price_charged) == ("failed", 0)
    assert "The connection that this was asked with was removed. Nothing was charged." in job.error_public


def test_more_takes_say_their_price_before_they_are_asked_for(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    clip_page = browser.post("/create/", WISH).url

    told = words(browser.get(clip_page))

    assert "Make again $0.20" in told and "Make 3 variations $0.60" in told
    assert "Your account at Echo is billed" in told


def test_more_takes_go_through_another_account_where_the_first_is_gone(sign_in, mika, connect):
    first = connect(mika)
    browser = sign_in(mika)
    clip_page = browser.post("/create/", WISH).url
    second = connect(mika)
    browser.post(f"/settings/connections/{first.pk}/delete/")

    browser.post(f"{clip_page}again/", {"idem_key": "again"})

    assert Clip.objects.get(take=2).connection == second


def test_without_any_account_more_takes_are_not_offered_and_the_way_to_one_is(sign_in, mika, connect):
    account = connect(mika)
    browser = sign_in(mika)
    clip_page = browser.post("/create/", WISH).url
    browser.post(f"/settings/connections/{account.pk}/delete/")

    page = browser.get(clip_page)

    assert "Echo is not connected, so it makes no more takes." in words(page)
    assert f"{clip_page}again/" not in page.content.decode()
    assert browser.post(f"{clip_page}again/", {"idem_key": "again"}).status_code == 409
    assert Clip.objects.count() == 1


def test_fifteen_providers_cost_one_question_about_their_models(sign_in, mika, django_assert_max_num_queries):
    for slug, each in registry.providers().items():
        if not each.is_local:
            Connection.objects.create(provider=slug, label=slug, owner=mika)
    browser = sign_in(mika)
    browser.get("/create/")
    catalogue.forget()

    with django_assert_max_num_queries(13):
        browser.get("/create/")


def test_a_question_about_the_price_counts_pictures_by_their_names(sign_in, mika, connect, stub, monkeypatch):
    connect(mika)
    asked = []
    monkeypatch.setattr(stub, "estimate", lambda request: asked.append(request.mode) or Estimate(10_000, "USD", 5))
    browser = sign_in(mika)

    modes = []
    for names in ([], ["picture_file"], ["picture_file", "last_picture_file"]):
        browser.get("/create/estimate/", WISH | dict.fromkeys(names, "[object File]"))
        modes.append(asked[-1])

    assert modes == ["words", "picture", "first_last"]
    browser.post("/create/", WISH | {"picture_file": "no file at all", "prompt": ""})
    assert not Clip.objects.exists()


def test_frames_that_the_model_does_not_draw_are_named_where_a_finger_can_read_them(sign_in, mika, connect):
    connect(mika)

    page = words(sign_in(mika).get("/create/", {"provider": "echo"}))

    assert "Echo 1 does not draw 1:1, 4:3, 3:4, 21:9." in page


@pytest.mark.parametrize(
    ("sent", "model", "tells"), [(WISH, "echo-1", False), (SECOND, "echo-2", True), (WISH, "gone", True)]
)
def test_a_seed_stands_at_a_clip_only_where_its_model_takes_one(sign_in, mika, connect, sent, model, tells):
    """Of a model that nobody knows any more, nobody knows. One that an operator took out is known."""
    connect(mika)
    browser = sign_in(mika)
    page = browser.post("/create/", sent).url
    Clip.objects.update(model=model)

    assert ("seed-words" in browser.get(page).content.decode()) is tells
