"""Vidu: tests of this provider only; test_contract*.py covers what all have in common."""

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.adapters.vidu import callbacks
from generation.providers.adapters.vidu import provider as vidu_provider
from generation.providers.adapters.vidu.provider import ViduProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Forged, Search, Stage, Stopped, Submitted
from tests.fakes.vidu import ViduFake
from tests.generation.providers.connected_fake import REF, connect_fake
from tests.generation.providers.lost_submissions import lose_response

HOOK = "https://studio.example/webhooks/vidu/t0ken/"
OTHER = "5f0c1f6e-0000-4000-8000-000000000002"


@pytest.fixture
def vidu(fake_server, shipped_models, tmp_path):
    connected = connect_fake(ViduProvider(), ViduFake(b"video"), fake_server, tmp_path)
    connected.connection = replace(connected.connection, webhook=HOOK)
    return connected


@pytest.fixture
def callback(vidu):
    """Vidu with a finished task, and headers and body of its callback."""
    vidu.submit()
    return vidu, *vidu.fake.callback(vidu.fake.created[0])


def test_key_is_sent_as_a_token_and_our_reference_as_payload(vidu):
    vidu.submit()

    assert vidu.fake.calls[0].headers["authorization"] == f"Token {vidu.fake.key}"
    assert vidu.fake.created[0].request["payload"] == REF
    assert vidu.fake.created[0].request["callback_url"] == HOOK


def test_each_mode_has_its_own_address(vidu, subtests):
    for mode, model, path, pictures, has_ratio in (
        (Mode.WORDS, "viduq3-pro", "text2video", 0, True),
        (Mode.PICTURE, "viduq3-pro", "img2video", 1, False),
        (Mode.FIRST_LAST, "viduq2-pro", "start-end2video", 2, False),
        (Mode.REFERENCES, "viduq2", "reference2video", 2, True),
        (Mode.PICTURE, "viduq4-preview", "img2video", 1, False),
        (Mode.REFERENCES, "viduq4-preview", "reference2video", 2, True),
    ):
        with subtests.test(mode=mode, model=model, path=path, pictures=pictures, has_ratio=has_ratio):
            vidu.reset()
            vidu.submit(mode, model=model)

            body = vidu.fake.created[0].request
            assert vidu.fake.calls[0].path == f"/ent/v2/{path}"
            assert (len(body.get("images", ())), "aspect_ratio" in body) == (pictures, has_ratio)


def test_anime_style_is_for_the_oldest_model_and_sound_for_the_newest(vidu):
    vidu.submit(model="viduq1", resolution=1080)
    vidu.submit(model="viduq3-pro", options={"audio": True}, ref=OTHER)

    old, new = (task.request for task in vidu.fake.created)
    assert (old["style"], "audio" in old) == ("anime", False)
    assert ("style" in new, new["audio"]) == (False, True)


def test_pictures_above_the_total_size_are_refused_before_sending(vidu, monkeypatch):
    monkeypatch.setattr(vidu_provider, "BODY_LIMIT", 1000)

    error = vidu.submit_refused(Mode.FIRST_LAST)

    assert (error.fault, error.code) == (Fault.INVALID, "picture_too_large")
    assert vidu.fake.calls == []


@pytest.mark.parametrize(("stage", "progress"), [("progress", 400), ("queued", None)])
def test_progress_is_reported_if_present(stage, progress, vidu):
    vidu.fake.queued, vidu.fake.running = (60, 0) if stage == "queued" else (0, 60)
    submitted = vidu.submit()

    assert vidu.provider.poll(vidu.connection, submitted.handle).progress == progress


def test_credits_are_recorded_and_no_price_is_made_up(vidu):
    """The credits of Q2 are not known."""
    submitted = vidu.submit()

    assert vidu.provider.poll(vidu.connection, submitted.handle).cost == "4 credits"
    assert vidu.provider.estimate(vidu.request(model="viduq2")).is_known is False


def test_cancelled_by_the_user_is_no_failure(vidu):
    vidu.fake.queued = 60
    submitted = vidu.submit()

    assert vidu.provider.cancel(vidu.connection, submitted.handle) == Stopped.DONE
    assert vidu.provider.poll(vidu.connection, submitted.handle).stage == Stage.CANCELLED


@pytest.mark.parametrize("fault", ["canceled_after_create", "conflict_after_create"])
def test_server_error_leaves_the_outcome_open(fault, vidu):
    vidu.fake.next("submit", fault)

    assert vidu.submit_refused().fault == Fault.UNKNOWN
    assert len(vidu.fake.created) == 1


# --- lost responses -------------------------------------------------------------------------------------------------


def test_lost_task_is_found_by_our_reference_among_equal_ones(vidu):
    vidu.submit(ref=OTHER)
    lost, task = lose_response(vidu)

    assert vidu.provider.find(vidu.connection, lost) == Submitted(task.id, lost.handle | {"id": task.id})


def test_list_without_our_reference_is_matched_by_request(vidu):
    vidu.fake.lists_payload = False
    vidu.submit(prompt="two foxes", ref=OTHER)
    lost, task = lose_response(vidu)

    assert vidu.provider.find(vidu.connection, lost).task_id == task.id
    vidu.submit(ref=OTHER)
    assert vidu.provider.find(vidu.connection, lost) == Search.UNDECIDED


def test_unrelated_task_is_not_adopted(vidu, subtests):
    for change in (
        {"prompt": "two foxes"},
        {"seconds": 8},
        {"model": "viduq2"},
        {"later": 400},
    ):
        with subtests.test(change=change):
            vidu.reset()
            vidu.fake.lists_payload = False
            vidu.submit(**{name: value for name, value in change.items() if name != "later"})
            if change.get("later"):
                at = datetime.now(UTC) + timedelta(seconds=change["later"])
                vidu.fake.created[0].notes["created_at"] = at.isoformat().replace("+00:00", "Z")
            lost, task = lose_response(vidu)
            task.is_deleted = True

            assert vidu.provider.find(vidu.connection, lost) == Search.ABSENT


def test_list_is_read_page_by_page(vidu):
    lost, task = lose_response(vidu)
    for n in range(150):
        vidu.fake.create({"model": "viduq3-pro"}, f"foreign-{n}").notes["created_at"] = task.notes["created_at"]

    assert vidu.provider.find(vidu.connection, lost).task_id == task.id


@pytest.fixture
def lost_on_page_two(vidu):
    """A lost task after the first page of the list."""
    lost, task = lose_response(vidu)
    for n in range(150):
        vidu.fake.create({"model": "viduq3-pro"}, f"foreign-{n}").notes["created_at"] = task.notes["created_at"]
    return lost, task


def test_list_with_another_form_of_paging_is_undecided(vidu, lost_on_page_two):
    lost, _task = lost_on_page_two
    vidu.fake.paging = "paper"

    assert vidu.provider.find(vidu.connection, lost) == Search.UNDECIDED


def test_complete_list_without_our_task_is_absent(vidu, lost_on_page_two):
    lost, task = lost_on_page_two
    task.is_deleted = True

    assert vidu.provider.find(vidu.connection, lost) == Search.ABSENT


# --- callbacks ------------------------------------------------------------------------------------------------------


def test_signed_callback_contains_the_task_and_our_reference(callback):
    vidu, headers, body = callback

    assert vidu.provider.read_callback(vidu.connection, headers, body) == Event(vidu.fake.created[0].id, REF)


def test_signature_is_the_documented_one():
    """The documented string, written out by hand."""
    date, nonce = "Tue, 24 Nov 2026 10:00:00 GMT", "0123456789abcdef"
    signed = f"POST\n/hook\n\nvidu\n{date}\nDate:{date}\nx-request-nonce:{nonce}\n".encode()
    expected = base64.b64encode(hmac.new(b"secret", signed, hashlib.sha256).digest()).decode()

    headers = [("Date", date), ("x-request-nonce", nonce)]
    assert callbacks.compute_signature("secret", "https://studio.example/hook", date, headers) == expected


def test_altered_callback_is_refused(callback, subtests):
    for name, value in (
        ("X-HMAC-SIGNATURE", "AAAA"),
        ("X-HMAC-SIGNATURE", ""),
        ("X-HMAC-ACCESS-KEY", "other"),
        ("X-HMAC-ALGORITHM", "none"),
        ("X-HMAC-SIGNED-HEADERS", "Date"),
        ("X-HMAC-SIGNED-HEADERS", ""),
        ("x-request-nonce", "another"),
        ("Date", "Tue, 24 Nov 2026 10:00:00 GMT"),
        ("Date", "yesterday"),
        ("Date", ""),
    ):
        with subtests.test(name=name, value=value):
            vidu, headers, body = callback

            with pytest.raises(Forged):
                vidu.provider.read_callback(vidu.connection, headers | {name: value}, body)


def test_callback_without_a_header_is_refused(callback, subtests):
    for missing in (
        "Date",
        "x-request-nonce",
        "X-HMAC-SIGNATURE",
        "X-HMAC-SIGNED-HEADERS",
    ):
        with subtests.test(missing=missing):
            vidu, headers, body = callback
            incomplete = {name: value for name, value in headers.items() if name != missing}
            assert incomplete != headers

            with pytest.raises(Forged):
                vidu.provider.read_callback(vidu.connection, incomplete, body)


def test_nonce_is_valid_for_one_body(callback):
    """The signature does not cover the body, so that a copied one could be body with another body."""
    vidu, headers, body = callback
    first = vidu.provider.read_callback(vidu.connection, headers, body)

    assert vidu.provider.read_callback(vidu.connection, headers, body) == first
    with pytest.raises(Forged):
        vidu.provider.read_callback(vidu.connection, headers, body.replace(b'"success"', b'"failed"'))


def test_callback_for_another_address_or_key_is_refused(callback):
    vidu, headers, body = callback

    for connection in (
        replace(vidu.connection, webhook=HOOK.replace("t0ken", "other")),
        replace(vidu.connection, webhook=""),
        replace(vidu.connection, keys={"api_key": "another-key"}),
        replace(vidu.connection, keys={}),
    ):
        with pytest.raises(Forged):
            vidu.provider.read_callback(connection, headers, body)


def test_connection_without_a_key_refuses_callbacks(callback):
    """Anybody could sign with an empty secret."""
    vidu, _headers, _body = callback
    vidu.fake.key = ""
    headers, body = vidu.fake.callback(vidu.fake.created[0])

    with pytest.raises(Forged):
        vidu.provider.read_callback(replace(vidu.connection, keys={"api_key": ""}), headers, body)


def test_old_callback_is_refused(vidu, subtests):
    for ago, is_accepted in (
        (240, True),
        (310, False),
        (-310, False),
    ):
        with subtests.test(ago=ago, is_accepted=is_accepted):
            vidu.submit()
            headers, body = vidu.fake.callback(vidu.fake.created[0], at=time.time() - ago)

            if is_accepted:
                assert vidu.provider.read_callback(vidu.connection, headers, body).ref == REF
            else:
                with pytest.raises(Forged):
                    vidu.provider.read_callback(vidu.connection, headers, body)
