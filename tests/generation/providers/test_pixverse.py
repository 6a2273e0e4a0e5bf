"""PixVerse: tests of this provider only; test_contract*.py covers what all have in common."""

from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from django.test import Client
from django.urls import reverse

from generation.providers.adapters.pixverse.provider import PixverseProvider
from generation.providers.base import Mode
from generation.providers.connections import services as connection_services
from generation.providers.connections.forms import ConnectionForm
from generation.providers.connections.open_connection import open_connection
from generation.providers.errors import Fault
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Forged, Stage
from tests.fakes.pixverse import PixverseFake
from tests.generation.providers.connected_fake import catch_error, connect_fake


@pytest.fixture
def pixverse(fake_server, shipped_models, tmp_path):
    secret = PixverseFake.webhook_secret
    return connect_fake(PixverseProvider(), PixverseFake(b"video"), fake_server, tmp_path, webhook_secret=secret)


def test_every_call_has_its_own_trace_id(pixverse):
    provider, fake, connection = pixverse
    submitted = pixverse.submit(Mode.FIRST_LAST)
    provider.poll(connection, submitted.handle)

    traces = [call.headers["ai-trace-id"] for call in fake.calls]

    assert len(traces) == len(set(traces)) == 4


def test_each_mode_has_its_own_address_and_uploads_pictures_first(pixverse, subtests):
    for mode, kind, names in (
        (Mode.WORDS, "text", {"aspect_ratio"}),
        (Mode.PICTURE, "img", {"img_id"}),
        (Mode.FIRST_LAST, "transition", {"first_frame_img", "last_frame_img"}),
        (Mode.REFERENCES, "fusion", {"aspect_ratio", "image_references"}),
    ):
        with subtests.test(mode=mode, kind=kind, names=names):
            pixverse.reset()
            pixverse.submit(mode)

            sent = pixverse.fake.created[0].request
            every = {"aspect_ratio", "img_id", "first_frame_img", "last_frame_img", "image_references"}
            assert (sent["kind"], every & set(sent)) == (kind, names)


def test_references_missing_in_the_prompt_are_appended(pixverse):
    pixverse.submit(Mode.REFERENCES, prompt="@ref2 dances")

    assert pixverse.fake.created[0].request["prompt"] == "@ref2 dances @ref1 "


def test_negative_prompt_is_for_older_models_and_sound_for_newer_ones(pixverse):
    pixverse.submit(model="v5", negative_prompt="rain")
    pixverse.submit(model="v6", options={"audio": True})

    old, new = (task.request for task in pixverse.fake.created)

    assert (old["negative_prompt"], "generate_audio_switch" in old) == ("rain", False)
    assert (new["generate_audio_switch"], "negative_prompt" in new) == (True, False)


def test_ten_seconds_at_1080_are_refused_before_sending(pixverse):
    error = pixverse.submit_refused(model="v5.5", seconds=10, resolution=1080)

    assert (error.field, pixverse.fake.calls) == ("seconds", [])


def test_error_codes_inside_http_200_map_to_faults(pixverse, subtests):
    for shape, fault, code in (
        ("auth", Fault.AUTH, "10003"),
        ("quota", Fault.QUOTA, "500090"),
        ("invalid", Fault.INVALID, "400017"),
        ("moderation", Fault.MODERATION, "500054"),
        ("busy", Fault.TRANSIENT, "500044"),
        ("broken", Fault.UNKNOWN, "500100"),
        ("unknown_code", Fault.UNKNOWN, "599999"),
        ("vanished", Fault.INVALID, "500008"),  # a picture in the request does not exist
    ):
        with subtests.test(shape=shape, fault=fault, code=code):
            pixverse.fake.next("submit", shape)

            error = pixverse.submit_refused()

            assert (error.fault, error.code, error.status) == (fault, code, 200)


def test_overloaded_gateway_leaves_the_outcome_open(pixverse):
    pixverse.fake.next("submit", "overloaded")

    assert pixverse.submit_refused().fault == Fault.UNKNOWN


def test_deleted_video_is_cancelled_and_unknown_one_is_lost(pixverse):
    provider, fake, connection = pixverse
    submitted = pixverse.submit()
    fake.created[0].is_cancelled = True
    assert provider.poll(connection, submitted.handle).stage == Stage.CANCELLED

    fake.created[0].is_deleted = True
    assert catch_error(lambda: provider.poll(connection, submitted.handle)).fault == Fault.LOST


def test_callback_signature_is_accepted_in_every_documented_order(pixverse, subtests):
    for escape in (
        quote_plus,
        quote,
    ):
        for is_sorted in (
            True,
            False,
        ):
            with subtests.test(escape=escape, is_sorted=is_sorted):
                provider, fake, connection = pixverse
                pixverse.submit()
                task = fake.created[0]

                event = provider.read_callback(connection, *fake.callback(task, is_sorted=is_sorted, escape=escape))

                assert (event.task_id, event.ref) == (task.id, "")


def test_callback_without_a_valid_signature_is_refused(pixverse):
    provider, fake, connection = pixverse
    pixverse.submit()
    task = fake.created[0]
    headers, body = fake.callback(task)
    changed = body.replace(task.id.encode(), b"1")
    connection_without_secret = type(connection)({"api_key": fake.key}, connection.base_url)

    for recipient, *forged in (
        (connection, headers, changed),
        (connection, {**headers, "Webhook-Nonce": "m" * 32}, body),
        (connection, *fake.callback(task, at=1_700_000_000)),
        (connection, headers, b"[1]"),
        (connection_without_secret, headers, body),
    ):
        with pytest.raises(Forged):
            provider.read_callback(recipient, *forged)


def test_check_reports_the_credits(pixverse):
    provider, _fake, connection = pixverse

    assert provider.check(connection) == "The key works; 1000 credits left."


def test_callback_is_answered_with_the_expected_word(pixverse, db):
    pixverse.submit()
    headers, body = pixverse.fake.callback(pixverse.fake.created[0])
    connection = connection_services.add_connection(
        by=None, provider="pixverse", label="Ours", secret={"keys": dict(pixverse.connection.keys)}
    )
    address = reverse("generation:webhook", args=["pixverse", connection.webhook_token])

    genuine = Client().post(address, body, "application/json", headers=headers)
    forged = Client().post(address, body, "application/json", headers={**headers, "Webhook-Nonce": "m" * 32})

    assert (genuine.status_code, genuine.content) == (200, b"ok")
    assert forged.status_code == 401
    assert WebhookEvent.objects.get().task_id == pixverse.fake.created[0].id


@pytest.mark.django_db
def test_webhook_id_header_can_be_configured(pixverse):
    values = {"key_api_key": "k", "key_webhook_id": "77", "key_webhook_header": "X-Webhook"}
    form = ConnectionForm(values, engine=pixverse.provider)
    assert form.is_valid(), form.errors
    opened = open_connection(Connection.objects.create(provider="pixverse", **form.columns()))
    pixverse.connection = replace(pixverse.connection, keys=pixverse.connection.keys | opened.keys)

    pixverse.submit()

    call = next(call for call in pixverse.fake.calls if call.path.endswith("/generate"))
    assert call.headers["x-webhook"] == "77" and "webhook-id" not in call.headers


@pytest.mark.django_db
def test_invalid_header_name_is_refused_in_the_form(pixverse, subtests):
    for name in (
        "Content-Length",
        "two words",
        "a:b",
        "é",
    ):
        with subtests.test(name=name):
            form = ConnectionForm({"key_api_key": "k", "key_webhook_header": name}, engine=pixverse.provider)

            assert "key_webhook_header" in form.errors
