"""What is peculiar to Gemini Omni; what every provider must do stands in test_contract.py."""

import base64
import socket
from dataclasses import replace

import pytest

from generation.providers.adapters.gemini.provider import GeminiProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer
from generation.providers.http import transport
from generation.providers.remote import Event, Forged, Stage, Stopped
from generation.providers.webhooks.standard_webhooks import signature
from tests.fakes.gemini import GeminiFake
from tests.fakes.server import Reply
from tests.generation.providers.talking import REF, talking

FILM = b"\0\0\0\x18ftypmp42" + b"film" * 100


@pytest.fixture
def gemini(town, shipped_models, tmp_path):
    return talking(GeminiProvider(), GeminiFake(FILM), town, tmp_path)


def test_it_is_always_asked_in_the_background_and_for_an_address(gemini):
    gemini.send(seconds=8, resolution=1080, ratio="9:16")

    asked = gemini.fake.created[0].request
    assert asked["background"] is True
    assert asked["response_format"] == {
        "type": "video", "aspect_ratio": "9:16", "resolution": "1080p", "duration": "8s", "delivery": "uri",
    }  # fmt: skip
    assert asked["generation_config"] == {"seed": 7, "video_config": {"task": "text_to_video"}}
    assert asked["labels"] == {"job": REF}


def test_the_key_opens_the_file_and_stays_behind_when_the_way_leads_elsewhere(gemini, tmp_path):
    provider, fake, account = gemini
    done = gemini.send()

    seen = provider.poll(account, done.handle)
    provider.fetch(account, seen.output, tmp_path / "film", lambda *_: None)

    asked, brought = fake.calls[-2:]
    assert (tmp_path / "film").read_bytes() == FILM
    assert asked.path.endswith(":download")
    assert asked.headers["x-goog-api-key"] == fake.key
    assert brought.headers["host"].startswith("localhost")
    assert "x-goog-api-key" not in brought.headers
    assert seen.cost == "40000 output tokens"


def test_a_film_inside_the_answer_is_taken_too(gemini, tmp_path):
    provider, fake, account = gemini
    done = gemini.send()
    fake.next("poll", "inline", "inline")

    seen = provider.poll(account, done.handle)
    provider.fetch(account, seen.output, tmp_path / "film", lambda *_: None)

    assert seen.stage == Stage.SUCCEEDED
    assert (tmp_path / "film").read_bytes() == FILM


def test_two_frames_travel_in_their_order_with_the_words_behind_them(gemini):
    gemini.send(Mode.FIRST_LAST, seconds=10)

    first, last, words = gemini.fake.created[0].request["input"][0]["content"]
    assert base64.b64decode(first["data"]) == gemini.picture("first").read_bytes()
    assert base64.b64decode(last["data"]) == gemini.picture("last").read_bytes()
    assert words == {"type": "text", "text": "a girl on a hill"}


def test_more_than_ten_seconds_between_two_frames_are_refused_here(gemini):
    error = gemini.refused(Mode.FIRST_LAST, seconds=11)

    assert (error.fault, error.field) == (Fault.INVALID, "seconds")
    assert gemini.fake.calls == []


def test_pictures_that_are_too_much_together_are_refused_here(gemini, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.gemini.provider.PICTURES_TOGETHER", 1000)

    error = gemini.refused(Mode.REFERENCES)

    assert (error.code, error.field) == ("picture_too_large", "picture")
    assert gemini.fake.calls == []


@pytest.mark.parametrize(
    ("shape", "fault", "code"),
    [
        ("incomplete", Fault.FAILED, "incomplete"),
        ("budget_exceeded", Fault.QUOTA, "budget_exceeded"),
        ("refused_in_a_step", Fault.MODERATION, "3"),
        ("success_without_url", Fault.FAILED, "no_film"),
    ],
)
def test_an_end_without_a_film_says_why(shape, fault, code, gemini):
    provider, fake, account = gemini
    done = gemini.send()
    fake.next("poll", shape)

    seen = provider.poll(account, done.handle)

    assert (seen.stage, seen.error.fault, seen.error.code) == (Stage.FAILED, fault, code)


def test_a_model_that_only_talks_has_refused(gemini):
    provider, fake, account = gemini
    done = gemini.send()
    fake.created[0].ends = "moderated"

    seen = provider.poll(account, done.handle)

    assert (seen.error.fault, seen.error.detail) == (Fault.MODERATION, "I can't make that video.")


@pytest.mark.parametrize(
    ("shape", "fault", "code", "pause"),
    [
        ("bad_key_400", Fault.AUTH, "INVALID_ARGUMENT", None),
        ("wrong_version", Fault.AUTH, "api_version", None),
        ("wait_twelve", Fault.TRANSIENT, "RESOURCE_EXHAUSTED", 12.0),
        ("quota", Fault.QUOTA, "RESOURCE_EXHAUSTED", None),
        ("moderation", Fault.MODERATION, "INVALID_ARGUMENT", None),
        ("broken", Fault.UNKNOWN, "INTERNAL", None),
        ("overloaded", Fault.UNKNOWN, "UNAVAILABLE", None),
    ],
)
def test_refusals_are_told_apart(shape, fault, code, pause, gemini):
    gemini.fake.next("submit", shape)

    error = gemini.refused()

    assert (error.fault, error.code, error.retry_after) == (fault, code, pause)
    assert gemini.fake.created == []


def test_a_retired_model_says_so(gemini):
    gemini.fake.models = ()

    error = gemini.refused()

    assert error.fault == Fault.INVALID
    assert "no longer available" in error.detail


def test_a_connection_may_name_the_other_version_of_the_api(gemini):
    gemini.connect(version="v1")

    gemini.send()

    assert gemini.fake.calls[-1].path == "/v1/interactions"


def test_stopping_works_until_it_is_done(gemini):
    provider, fake, account = gemini
    fake.running = 60
    running = gemini.send()
    assert provider.cancel(account, running.handle) == Stopped.DONE
    assert provider.poll(account, running.handle).stage == Stage.CANCELLED

    fake.running = 0
    done = gemini.send()
    assert provider.cancel(account, done.handle) == Stopped.TOO_LATE


# --- callbacks of a webhook in Google's console; those to an address of a request: test_gemini_callbacks.py ---------


@pytest.fixture
def static(gemini):
    gemini.account = replace(
        gemini.account,
        keys={**gemini.account.keys, "webhook_secret": GeminiFake.webhook_secret},
        webhook="https://studio.example/webhooks/gemini/w3bh00k-t0ken/",
    )
    return gemini


def test_a_callback_names_the_interaction_and_our_reference(static):
    provider, fake, account = static
    static.send()

    event = provider.event(account, *fake.callback(fake.created[0]))

    assert (event.task_id, event.ref) == (fake.created[0].id, REF)


def test_a_callback_about_a_video_names_only_our_reference(static):
    """Its id is that of the video; asking for an interaction of that name would find nothing."""
    provider, fake, account = static
    static.send()

    event = provider.event(account, *fake.callback(fake.created[0], kind="video.generated"))

    assert (event.task_id, event.ref) == ("", REF)


def test_a_callback_that_does_not_prove_itself_is_forged(static):
    provider, fake, account = static
    static.send()
    headers, body = fake.callback(fake.created[0])
    old = fake.callback(fake.created[0], at=1_700_000_000)

    for forged in ((headers, body + b" "), ({**headers, "webhook-id": "evt_2"}, body), ({}, body), old):
        with pytest.raises(Forged):
            provider.event(account, *forged)


def test_without_the_secret_nothing_signed_with_it_is_believed(static):
    provider, fake, _account = static
    static.send()
    static.connect(without=["webhook_secret"])

    with pytest.raises(Forged):
        provider.event(static.account, *fake.callback(fake.created[0]))
    assert not [call for call in fake.calls if "jwks" in call.path]


def test_what_else_a_webhook_in_googles_console_tells_is_heard_and_names_nobody(static):
    """Refused, it would be counted as a failed delivery, and the webhook switched off in the end."""
    static.send()
    headers, _body = static.fake.callback(static.fake.created[0])
    moment = headers["webhook-timestamp"]
    body = b'{"type": "batch.succeeded", "data": {"id": "batch_1"}}'
    signed = signature(GeminiFake.webhook_secret, headers["webhook-id"], moment, body)

    assert static.provider.event(static.account, headers | {"webhook-signature": f"v1,{signed}"}, body) == Event()


def test_a_webhook_in_googles_console_that_names_neither_itself_nor_a_task_is_refused(static):
    """Its address is one for all, without our reference: nothing would come of it."""
    static.send()
    headers, _body = static.fake.callback(static.fake.created[0])
    signed = signature(GeminiFake.webhook_secret, headers["webhook-id"], headers["webhook-timestamp"], b"{}")

    with pytest.raises(Forged):
        static.provider.event(static.account, headers | {"webhook-signature": f"v1,{signed}"}, b"{}")


def test_a_model_that_is_not_made_in_the_background_is_refused_in_words_and_nobody_waits_on_an_open_call(gemini):
    gemini.fake.makes_in_background = False

    error = gemini.refused()

    assert error.fault == Fault.INVALID and "in the background. Choose another model" in error.words
    assert "“Providers with known ways”" in error.words, "the operator's door"
    assert len([call for call in gemini.fake.calls if call.method == "POST"]) == 1
    assert gemini.fake.created == []


# --- the call that stays open ---------------------------------------------------------------------------------------


@pytest.fixture
def opened(gemini, say):
    """An operator chose it, for a model that is made in no other way."""
    say("gemini", ways={"background": "open"})
    gemini.fake.makes_in_background = False
    return gemini


def test_an_operator_has_it_asked_for_in_one_call_that_stays_open_and_it_is_polled_as_ever(opened):
    done = opened.send()

    asked = opened.fake.created[0].request
    assert "background" not in asked and asked["store"] is True
    assert done.task_id == opened.fake.created[0].id
    assert opened.provider.poll(opened.account, done.handle).stage == Stage.SUCCEEDED


def test_the_open_call_is_waited_for_longer_than_any_other(opened, settings):
    opened.fake.running, settings.PROVIDER_SECONDS = 1.6, 1.0

    done = opened.send()

    assert done.task_id == opened.fake.created[0].id


def test_the_line_of_a_call_shows_signs_of_life_or_routers_would_forget_it(opened, monkeypatch):
    kept, begin = [], transport._Reading.__init__

    def noted(reading, sock):
        kept.append(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        begin(reading, sock)

    monkeypatch.setattr(transport._Reading, "__init__", noted)

    opened.send()

    assert kept and all(kept)


def test_the_job_is_held_for_as_long_as_the_open_call_may_take(opened, say):
    prepared = opened.provider.prepare(opened.account, opened.request(), REF)
    assert prepared.seconds == 600

    say("gemini")
    assert opened.provider.prepare(opened.account, opened.request(), REF).seconds == 0


def test_an_open_call_that_is_cut_leaves_what_nobody_can_name(opened):
    opened.fake.next("submit", "cut_after_create")

    with pytest.raises(NoAnswer):
        opened.send()

    assert len(opened.fake.created) == 1


def test_what_was_prepared_as_an_open_call_is_sent_as_one_though_the_choice_is_taken_back_meanwhile(opened, say):
    prepared = opened.provider.prepare(opened.account, opened.request(), REF)
    say("gemini")

    assert opened.provider.submit(opened.account, prepared, REF).task_id == opened.fake.created[0].id


def test_a_word_that_was_taught_as_the_end_without_a_film_says_why_as_the_usual_end_does(gemini, say):
    """It talked instead of drawing: that is a refusal, whatever the end is called."""
    done = gemini.send()
    gemini.fake.created[0].ends = "moderated"
    say("gemini", status_words={"finished": "succeeded"})
    gemini.fake.fault_finished = lambda request, act: Reply(200, {**act().body, "status": "finished"})
    gemini.fake.next("poll", "finished")

    assert gemini.provider.poll(gemini.account, done.handle).error.fault == Fault.MODERATION
