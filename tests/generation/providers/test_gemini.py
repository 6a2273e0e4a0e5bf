"""Gemini Omni: tests of this provider only; test_contract*.py covers what all have in common."""

import base64
from dataclasses import replace

import pytest

from generation.providers.adapters.gemini.provider import GeminiProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Forged, Stage, Stopped
from generation.providers.webhooks.standard_webhooks import compute_signature
from tests.fakes.gemini import GeminiFake
from tests.generation.providers.connected_fake import REF, connect_fake

VIDEO = b"\0\0\0\x18ftypmp42" + b"video" * 100


@pytest.fixture
def gemini(fake_server, shipped_models, tmp_path):
    return connect_fake(GeminiProvider(), GeminiFake(VIDEO), fake_server, tmp_path)


def test_requests_are_in_the_background_and_return_a_link(gemini):
    gemini.submit(seconds=8, resolution=1080, ratio="9:16")

    body = gemini.fake.created[0].request
    assert body["background"] is True
    assert body["response_format"] == {
        "type": "video", "aspect_ratio": "9:16", "resolution": "1080p", "duration": "8s", "delivery": "uri",
    }  # fmt: skip
    assert body["generation_config"] == {"seed": 7, "video_config": {"task": "text_to_video"}}
    assert body["labels"] == {"job": REF}


def test_key_is_sent_for_the_video_but_not_along_a_redirect(gemini, tmp_path):
    provider, fake, connection = gemini
    submitted = gemini.submit()

    snapshot = provider.poll(connection, submitted.handle)
    provider.fetch(connection, snapshot.output, tmp_path / "video", lambda *_: None)

    request, redirected = fake.calls[-2:]
    assert (tmp_path / "video").read_bytes() == VIDEO
    assert request.path.endswith(":download")
    assert request.headers["x-goog-api-key"] == fake.key
    assert redirected.headers["host"].startswith("localhost")
    assert "x-goog-api-key" not in redirected.headers
    assert snapshot.cost == "40000 output tokens"


def test_video_inside_the_answer_is_accepted(gemini, tmp_path):
    provider, fake, connection = gemini
    submitted = gemini.submit()
    fake.next("poll", "inline", "inline")

    snapshot = provider.poll(connection, submitted.handle)
    provider.fetch(connection, snapshot.output, tmp_path / "video", lambda *_: None)

    assert snapshot.stage == Stage.SUCCEEDED
    assert (tmp_path / "video").read_bytes() == VIDEO


def test_two_frames_are_sent_in_order_before_the_prompt(gemini):
    gemini.submit(Mode.FIRST_LAST, seconds=10)

    first, last, prompt = gemini.fake.created[0].request["input"][0]["content"]
    assert base64.b64decode(first["data"]) == gemini.picture("first").read_bytes()
    assert base64.b64decode(last["data"]) == gemini.picture("last").read_bytes()
    assert prompt == {"type": "text", "text": "a girl on a hill"}


def test_more_than_ten_seconds_between_frames_is_refused_before_sending(gemini):
    error = gemini.submit_refused(Mode.FIRST_LAST, seconds=11)

    assert (error.fault, error.field) == (Fault.INVALID, "seconds")
    assert gemini.fake.calls == []


def test_pictures_above_the_total_size_are_refused_before_sending(gemini, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.gemini.provider.PICTURES_TOGETHER", 1000)

    error = gemini.submit_refused(Mode.REFERENCES)

    assert (error.code, error.field) == ("picture_too_large", "picture")
    assert gemini.fake.calls == []


def test_end_without_a_video_gives_the_reason(gemini, subtests):
    for shape, fault, code in (
        ("incomplete", Fault.FAILED, "incomplete"),
        ("budget_exceeded", Fault.QUOTA, "budget_exceeded"),
        ("refused_in_a_step", Fault.MODERATION, "3"),
        ("success_without_url", Fault.FAILED, "missing_video"),
    ):
        with subtests.test(shape=shape, fault=fault, code=code):
            provider, fake, connection = gemini
            submitted = gemini.submit()
            fake.next("poll", shape)

            snapshot = provider.poll(connection, submitted.handle)

            assert (snapshot.stage, snapshot.error.fault, snapshot.error.code) == (Stage.FAILED, fault, code)


def test_text_without_a_video_is_a_refusal(gemini):
    provider, fake, connection = gemini
    submitted = gemini.submit()
    fake.created[0].outcome = "moderated"

    snapshot = provider.poll(connection, submitted.handle)

    assert (snapshot.error.fault, snapshot.error.detail) == (Fault.MODERATION, "I can't make that video.")


def test_refusals_are_told_apart(gemini, subtests):
    for shape, fault, code, pause in (
        ("bad_key_400", Fault.AUTH, "INVALID_ARGUMENT", None),
        ("wrong_version", Fault.AUTH, "api_version", None),
        ("wait_twelve", Fault.TRANSIENT, "RESOURCE_EXHAUSTED", 12.0),
        ("quota", Fault.QUOTA, "RESOURCE_EXHAUSTED", None),
        ("moderation", Fault.MODERATION, "INVALID_ARGUMENT", None),
        ("broken", Fault.UNKNOWN, "INTERNAL", None),
        ("overloaded", Fault.UNKNOWN, "UNAVAILABLE", None),
    ):
        with subtests.test(shape=shape, fault=fault, code=code, pause=pause):
            gemini.fake.next("submit", shape)

            error = gemini.submit_refused()

            assert (error.fault, error.code, error.retry_after) == (fault, code, pause)
            assert gemini.fake.created == []


def test_retired_model_has_a_clear_message(gemini):
    gemini.fake.models = ()

    error = gemini.submit_refused()

    assert error.fault == Fault.INVALID
    assert "no longer available" in error.detail


def test_connection_may_use_the_other_api_version(gemini):
    gemini.change_connection(version="v1")

    gemini.submit()

    assert gemini.fake.calls[-1].path == "/v1/interactions"


def test_cancel_works_until_the_task_is_finished(gemini):
    provider, fake, connection = gemini
    fake.running = 60
    running = gemini.submit()
    assert provider.cancel(connection, running.handle) == Stopped.DONE
    assert provider.poll(connection, running.handle).stage == Stage.CANCELLED

    fake.running = 0
    submitted = gemini.submit()
    assert provider.cancel(connection, submitted.handle) == Stopped.TOO_LATE


# --- callbacks of a webhook in Google's console; those to an address of a request: test_gemini_callbacks.py ---------


@pytest.fixture
def static(gemini):
    gemini.connection = replace(
        gemini.connection,
        keys={**gemini.connection.keys, "webhook_secret": GeminiFake.webhook_secret},
        webhook="https://studio.example/webhooks/gemini/w3bh00k-t0ken/",
    )
    return gemini


def test_callback_contains_the_interaction_and_our_reference(static):
    provider, fake, connection = static
    static.submit()

    event = provider.read_callback(connection, *fake.callback(fake.created[0]))

    assert (event.task_id, event.ref) == (fake.created[0].id, REF)


def test_callback_about_a_video_is_read_for_our_reference_only(static):
    """The id is that of the video, which no interaction has."""
    provider, fake, connection = static
    static.submit()

    event = provider.read_callback(connection, *fake.callback(fake.created[0], kind="video.generated"))

    assert (event.task_id, event.ref) == ("", REF)


def test_callback_without_a_valid_signature_is_refused(static):
    provider, fake, connection = static
    static.submit()
    headers, body = fake.callback(fake.created[0])
    old = fake.callback(fake.created[0], at=1_700_000_000)

    for forged in ((headers, body + b" "), ({**headers, "webhook-id": "evt_2"}, body), ({}, body), old):
        with pytest.raises(Forged):
            provider.read_callback(connection, *forged)


def test_signed_callback_is_refused_without_the_secret(static):
    provider, fake, _connection = static
    static.submit()
    static.change_connection(without=["webhook_secret"])

    with pytest.raises(Forged):
        provider.read_callback(static.connection, *fake.callback(fake.created[0]))
    assert not [call for call in fake.calls if "jwks" in call.path]


def test_other_events_of_a_static_webhook_are_accepted_without_a_task(static):
    """Google would count a refusal as a failed delivery and finally disable the webhook."""
    static.submit()
    headers, _body = static.fake.callback(static.fake.created[0])
    moment = headers["webhook-timestamp"]
    body = b'{"type": "batch.succeeded", "data": {"id": "batch_1"}}'
    signed = compute_signature(GeminiFake.webhook_secret, headers["webhook-id"], moment, body)

    assert (
        static.provider.read_callback(static.connection, headers | {"webhook-signature": f"v1,{signed}"}, body)
        == Event()
    )


def test_static_webhook_event_without_any_name_is_refused(static):
    """The shared address has no reference of ours, so the event could not be used."""
    static.submit()
    headers, _body = static.fake.callback(static.fake.created[0])
    signed = compute_signature(GeminiFake.webhook_secret, headers["webhook-id"], headers["webhook-timestamp"], b"{}")

    with pytest.raises(Forged):
        static.provider.read_callback(static.connection, headers | {"webhook-signature": f"v1,{signed}"}, b"{}")


def test_model_without_background_mode_is_refused_with_a_message(gemini):
    gemini.fake.supports_background = False

    error = gemini.submit_refused()

    assert error.fault == Fault.INVALID and "in the background. Choose another model" in error.message
    assert len([call for call in gemini.fake.calls if call.method == "POST"]) == 1
    assert gemini.fake.created == []
