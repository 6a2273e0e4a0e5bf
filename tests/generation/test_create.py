"""The Create page."""

import io
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from generation.clip_spec import ClipSpec
from generation.models import Clip, Picture
from generation.providers.base import Capability
from generation.providers.models import Connection
from generation.services.earlier_clips import find_earlier_clip
from jobs.models import Job
from tests.factories import MembershipFactory, UserFactory
from tests.generation.uploads import picture_file, read_text
from tests.jobs.live import poll

pytestmark = pytest.mark.django_db
FORM = {"prompt": "a girl on a hill at sunset, cherry petals in the wind", "seconds": 3, "resolution": 480}


def test_prompt_becomes_one_clip_with_one_job(sign_in, mika):
    answer = sign_in(mika).post("/create/", FORM)

    clip = Clip.objects.get()
    assert answer.url == clip.get_absolute_url()
    assert (clip.title, clip.seconds, clip.job.state) == (FORM["prompt"], 3, "queued")


def test_resolutions_ascend_whichever_is_the_default(sign_in, mika):
    Connection.objects.create(provider="runway", label="Runway", owner=mika)

    page = sign_in(mika).get("/create/", {"provider": "runway", "model": "seedance2"})

    assert page.context["capability"].resolutions[0] == 720
    assert [choice.value for choice in page.context["sizes"].resolutions] == [480, 720, 1080, 2160]


def test_each_take_is_a_clip_with_its_own_seed(sign_in, mika):
    sign_in(mika).post("/create/", FORM | {"takes": 4, "seed": 7})

    clips = Clip.objects.order_by("take")
    assert [clip.take for clip in clips] == [1, 2, 3, 4]
    assert clips[0].seed == 7
    assert len({clip.seed for clip in clips}) == 4
    assert len({clip.request for clip in clips}) == 1


@pytest.mark.rows
def test_form_sent_twice_creates_one_clip(sign_in, mika):
    browser = sign_in(mika)

    first, second = (browser.post("/create/", FORM | {"idem_key": "one", "takes": 2}) for _ in range(2))

    assert first.url == second.url
    assert Clip.objects.count() == Job.objects.count() == 2


def test_identical_request_offers_the_earlier_clip_first(sign_in, mika):
    browser, form = sign_in(mika), FORM | {"seed": 7, "chips_off": "subject:girl"}
    url = browser.post("/create/", form | {"idem_key": "one"}).url
    clip = Clip.objects.get()
    assert browser.post("/create/", form).status_code == 302  # the first one is not ready
    Clip.objects.filter(pk=clip.pk).update(ready_at=timezone.now())

    asked = browser.post("/create/", form)
    estimate = browser.post("/create/estimate/", form)
    other_seed = browser.post("/create/", FORM)
    sent_again = browser.post("/create/", form | {"idem_key": "one"})
    another = browser.post("/create/", form | {"earlier": str(clip.pk)})
    remix = browser.get(f"/create/?from={clip.pk}")

    assert asked.status_code == 409 and estimate.status_code == 200
    assert all("You made this on" in answer.text and url in answer.text for answer in (asked, estimate, remix))
    assert "Nothing was started yet" not in remix.text
    assert "Make another" in asked.text and "Nothing was started yet" in asked.text
    assert (other_seed.status_code, sent_again.url, another.status_code) == (302, url, 302)
    assert Clip.objects.count() == 4


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [({}, True), ({"seed": 3}, True), ({"seed": 4}, False), ({"prompt": "a dog"}, False), ({"options": {}}, False)],
)
def test_identical_request_to_a_provider_is_found_with_any_seed(mika, changes, is_found):
    spec = ClipSpec(provider="kling", model="v3", prompt="a cat", options={"audio": True})
    home = mika.workspaces.get()
    clip = spec.build_clip(seed=3, title="a cat", workspace=home, ready_at=timezone.now())
    clip.save()

    assert (find_earlier_clip(replace(spec, **changes), home) == clip) is is_found
    assert find_earlier_clip(spec, UserFactory().workspaces.get()) is None


def test_create_is_limited_to_thirty_requests_a_minute(sign_in, mika, settings):
    settings.JOBS_PER_WORKSPACE = 100
    browser = sign_in(mika)

    answers = [browser.post("/create/", FORM | {"idem_key": "one"}).status_code for _ in range(31)]

    assert answers[:30] == [302] * 30
    assert answers[30] == 429
    assert Clip.objects.count() == 1


@pytest.mark.rows
def test_used_key_with_another_prompt_is_refused(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"idem_key": "one"})

    answer = browser.post("/create/", FORM | {"idem_key": "one", "prompt": "a cat"})

    assert answer.status_code == 409
    assert Clip.objects.count() == 1


def test_htmx_response_has_cards_and_a_fresh_key(sign_in, mika):
    answer = sign_in(mika).post(
        "/create/", FORM | {"idem_key": "one"}, headers={"HX-Request": "true", "HX-Target": "div#live"}
    )

    page = answer.content.decode()
    assert f'id="job-{Job.objects.get().pk}"' in page
    assert 'hx-target="#idem-key"' in page
    assert 'value="one"' not in page
    assert "<html" not in page


def test_invalid_input_is_refused_and_changes_nothing(subtests, sign_in, mika):
    browser = sign_in(mika)
    for field, value in [
        ("prompt", ""),
        ("prompt", "x" * 2001),
        ("prompt", "bell \x07"),
        ("seconds", 99),
        ("seconds", "soon"),
        ("seconds", "9" * 400),
        ("resolution", "9" * 400),
        ("resolution", 4320),
        ("ratio", "2:1"),
        ("style", "nobody"),
        ("provider", "nobody"),
        ("model", "nobody"),
        ("seed", -1),
        ("seed", 2**40),
        ("takes", 5),
        ("picture", "not-an-id"),
        ("picture", "11111111-1111-4111-8111-111111111111"),
    ]:
        with subtests.test(field=field, value=value):
            answer = browser.post("/create/", FORM | {field: value})

            assert answer.status_code == 422
            assert not Clip.objects.exists()
            assert not Job.objects.exists()


def test_missing_or_long_prompt_is_refused_with_a_reason(subtests, sign_in, mika):
    for prompt, sentence in [
        ("", "Describe what happens in the shot, or start from an image."),
        ("   ", "Describe what happens in the shot, or start from an image."),
        ("海" * 2001, "A prompt can have at most 2,000 characters; this one has 2001."),
    ]:
        with subtests.test(prompt=prompt, sentence=sentence):
            answer = sign_in(mika).post("/create/", FORM | {"prompt": prompt})

            assert answer.status_code == 422
            assert sentence in read_text(answer.content.decode())


def test_prompt_is_kept_after_a_refusal(sign_in, mika):
    page = sign_in(mika).post("/create/", FORM | {"seconds": 99}).content.decode()

    assert FORM["prompt"] in page
    assert "supports 2 to 15 seconds" in page


def test_picture_starts_a_clip(sign_in, mika):
    sign_in(mika).post("/create/", {"picture_file": picture_file(), "seconds": 2})

    clip = Clip.objects.get()
    assert (clip.picture.width, clip.picture.height) == (320, 200)
    assert clip.picture.workspace == clip.workspace


def test_card_shows_the_start_picture_until_the_clip_is_ready(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", {"picture_file": picture_file(), "seconds": 2})

    card = browser.get("/create/").content.decode().partition('<article class="job')[2].partition("</article>")[0]

    assert "<img src=" in card
    assert 'class="frame ratio-16-9"' in card


def test_picture_is_cropped_to_the_selection(sign_in, mika):
    crop = {"crop_x": 0.5, "crop_y": 0, "crop_w": 0.5, "crop_h": 1}

    sign_in(mika).post("/create/", {"picture_file": picture_file(), **crop})

    assert (Picture.objects.get().width, Picture.objects.get().height) == (160, 200)


def test_invalid_picture_is_refused_with_a_reason(subtests, sign_in, mika):
    for body, status in [
        (b"", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"GIF89a" + b"0" * 100, 415),
    ]:
        with subtests.test(body=body, status=status):
            file = io.BytesIO(body)
            file.name = "photo.jpg"

            answer = sign_in(mika).post("/create/", {"picture_file": file})

            assert answer.status_code == status
            assert "err" in answer.content.decode()
            assert not Picture.objects.exists()


def test_refused_picture_holds_the_form_until_it_is_replaced_or_left_out(sign_in, mika):
    browser = sign_in(mika)
    unreadable = SimpleUploadedFile("sketch.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    form = FORM | {"tab": "picture", "style": "ink_wash"}

    answer = browser.post("/create/", form | {"picture_file": unreadable})
    assert answer.status_code == 415
    page = answer.text
    assert "sketch.svg: This studio can’t read this file as an image." in read_text(page)
    for kept in (FORM["prompt"], 'name="tab" value="picture"', 'value="ink_wash" checked', 'value="480" checked'):
        assert kept in page
    assert 'name="refused_pictures" value="picture_file"' in page

    held = form | {"refused_pictures": "picture_file"}
    answer = browser.post("/create/", held)
    assert answer.status_code == 422
    assert 'name="refused_pictures" value="picture_file"' in answer.text
    assert "nothing was started" in read_text(answer.text)
    assert not Job.objects.exists()

    assert browser.post("/create/", held | {"left_out": "picture_file", "idem_key": "one"}).status_code == 302
    assert browser.post("/create/", held | {"picture_file": picture_file(), "idem_key": "two"}).status_code == 302
    assert [clip.picture is None for clip in Clip.objects.order_by("created_at")] == [True, False]


def test_refused_form_keeps_its_picture(sign_in, mika):
    answer = sign_in(mika).post("/create/", FORM | {"seconds": 99, "tab": "picture", "picture_file": picture_file()})

    assert answer.status_code == 422
    assert f'name="picture" value="{Picture.objects.get().pk}"' in answer.text
    assert "refused_pictures" not in answer.text
    assert not Job.objects.exists()


def test_limited_form_says_that_its_picture_was_not_stored(sign_in, mika, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "1/m/user"}
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"idem_key": "one"})

    answer = browser.post("/create/", FORM | {"picture_file": picture_file()})

    assert answer.status_code == 429
    assert "The image was not stored." in read_text(answer.text)
    assert 'name="refused_pictures" value="picture_file"' in answer.text
    assert not Picture.objects.exists()


def test_picture_above_20_megabytes_is_refused(sign_in, mika):
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * (20 * 1024 * 1024))
    file.name = "photo.png"

    answer = sign_in(mika).post("/create/", {"picture_file": file})

    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()
    assert not Picture.objects.exists()


def test_remix_restores_every_setting(sign_in, mika, queue_clips):
    [clip] = queue_clips(mika, style="ink_wash", ratio="9:16", seconds=7, seed=42)

    page = sign_in(mika).get("/create/", {"from": clip.pk}).content.decode()

    for text in ('value="ink_wash" checked', 'value="9:16" checked', 'value="7"', 'value="42"', clip.prompt):
        assert text in page


def test_clip_of_another_workspace_cannot_be_remixed(sign_in, ren, mika, queue_clips):
    [clip] = queue_clips(mika)

    assert sign_in(ren).get("/create/", {"from": clip.pk}).status_code == 404
    assert sign_in(ren).get("/create/", {"continues": clip.pk}).status_code == 404


def test_button_shows_price_and_duration(sign_in, mika):
    answer = sign_in(mika).get("/create/estimate/", FORM | {"takes": 2, "seconds": 10})

    assert "free · about" in read_text(answer.content.decode())
    assert sign_in(mika).get("/create/estimate/", FORM | {"prompt": ""}).status_code == 200
    button = sign_in(mika).get("/create/").content.decode().partition('type="submit"')[2].partition("</button>")[0]
    assert "free · about" in read_text(button)


def test_understood_and_ignored_words_are_shown(sign_in, mika):
    page = sign_in(mika).get("/create/understood/", {"prompt": "a girl at sunset with a zorkmid"}).content.decode()

    assert "subject:girl" in page
    assert "time:sunset" in page
    assert "zorkmid" in page


def test_options_unsupported_by_the_model_are_disabled_with_a_reason(sign_in, mika, monkeypatch):
    monkeypatch.setattr(
        Capability,
        "find_conflicts",
        lambda self, request: {"ratio": "Not this wide."} if request.ratio == "21:9" else {},
    )

    page = sign_in(mika).get("/create/").content.decode()

    [label] = re.findall(r"<label[^>]*>(?=<input[^>]*value=.21:9.)<input[^>]*>", page)
    assert 'title="Not this wide."' in label and label.endswith("disabled>")


@pytest.mark.parametrize(("role", "is_offered"), [(Role.VIEWER, False), (Role.EDITOR, True)])
def test_card_offers_only_actions_of_the_viewers_role(sign_in, mika, ren, queue_clips, role, is_offered):
    [clip] = queue_clips(mika, prompt="a lantern in the rain")
    MembershipFactory(user=ren, workspace=clip.workspace, role=role)
    browser, stop = sign_in(ren, at=clip.workspace), reverse("jobs:cancel", args=[clip.job_id])

    page = browser.get("/create/").text
    live_update = poll(browser, clip.job)
    card_text = browser.get(reverse("generation:card", args=[clip.pk])).text

    for html in (page, live_update.partition("article.job")[2], card_text):
        assert "a lantern in the rain" in html and (stop in html) == is_offered


def test_create_page_needs_few_queries(sign_in, mika, queue_clips, django_assert_max_num_queries):
    browser = sign_in(mika)
    queue_clips(mika, takes=4)
    browser.get("/create/")

    with django_assert_max_num_queries(11):
        browser.get("/create/")


def test_default_options_are_named_in_the_readers_language(sign_in, mika):
    browser = sign_in(mika)

    page = browser.get("/create/understood/", {"prompt": "a girl in the rain"}).content.decode()
    assert 'id="add-camera"' in page
    assert 'id="add-weather"' not in page

    chinese = browser.get("/create/understood/", {"prompt": "a girl"}, headers={"Accept-Language": "zh-hans"})
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.content.decode())


def test_htmx_refusal_returns_only_the_form(sign_in, mika):
    form = FORM | {"idem_key": "one", "prompt": ""}

    answer = sign_in(mika).post("/create/", form, headers={"HX-Request": "true", "HX-Target": "div#live"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.lstrip().startswith("<form") and "<h1" not in page and "<html" not in page
