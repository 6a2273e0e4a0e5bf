"""fal.ai: tests of this provider only; test_contract*.py covers what all have in common."""

import json

import pytest
from PIL import Image

from generation.providers import catalogue
from generation.providers.adapters.fal import signatures
from generation.providers.adapters.fal.provider import FalProvider
from generation.providers.base import Mode
from generation.providers.connections.forms import ConnectionForm
from generation.providers.connections.open_connection import open_connection
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from generation.providers.remote import Stage, Stopped
from tests.fakes.server import Reply
from tests.generation.providers.contract import FAL


@pytest.fixture
def harness(build_harness):
    return build_harness(FAL)


def test_callback_address_contains_our_reference(harness):
    harness.submit(ref="our-own-reference")
    (call,) = [call for call in harness.fake.calls if call.method == "POST"]
    assert call.query["fal_webhook"] == harness.connection.webhook + "?ref=our-own-reference"
    assert json.loads(call.headers["x-fal-object-lifecycle-preference"]) == {"expiration_duration_seconds": 86400}


def test_no_callback_is_requested_without_a_public_address(build_harness):
    harness = build_harness(FAL, webhook="")
    harness.submit()
    assert "fal_webhook" not in harness.fake.calls[-1].query


@pytest.mark.parametrize(("fault", "stage"), [("ended_in_error", Stage.FAILED), ("stopped", Stage.CANCELLED)])
def test_completed_with_an_error_is_a_failure(fault, stage, harness):
    submitted = harness.submit()
    status = {"status": "COMPLETED", "logs": None, "error": "Request was cancelled", "error_type": "client_cancelled"}
    harness.fake.fault_stopped = lambda request, act: Reply(200, status)
    harness.fake.next("poll", fault)
    assert harness.poll(submitted).stage == stage


def test_cancelled_task_may_be_recognised_by_its_result(harness):
    """The exact response is undocumented: assumed COMPLETED, followed by a refused result."""
    submitted = harness.submit()
    harness.fake.fault_closed = lambda request, act: Reply(499, {"detail": "Client closed request"})
    harness.fake.next("result", "closed")

    assert harness.poll(submitted).stage == Stage.CANCELLED


@pytest.mark.parametrize(("kind", "fault"), [("infra", Fault.FAILED), ("invalid", Fault.INVALID)])
def test_result_refused_by_the_model_ends_the_task(kind, fault, harness):
    submitted = harness.submit()
    harness.fake.next("result", kind)
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.error.fault) == (Stage.FAILED, fault)


def test_unavailable_result_is_requested_again(harness, subtests):
    for kind in (
        "html_502",
        "busy",
        "broken",
    ):
        with subtests.test(kind=kind):
            submitted = harness.submit()
            harness.fake.next("result", kind)
            with pytest.raises(RemoteError) as caught:
                harness.poll(submitted)
            assert caught.value.fault == Fault.TRANSIENT
            assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_result_that_lags_behind_its_status_is_awaited(harness):
    submitted = harness.submit()
    harness.fake.fault_lags = lambda request, act: Reply(400, {"detail": "Request is still in progress"})
    harness.fake.next("result", "lags")
    assert harness.poll(submitted).stage == Stage.RUNNING
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_queue_position_counts_from_one(harness):
    harness.fake.queued = 3600
    assert harness.poll(harness.submit()).position == 3


def test_queued_task_is_cancelled_at_once_and_running_one_on_request(harness):
    harness.fake.queued = 3600
    assert harness.provider.cancel(harness.connection, harness.submit().handle) == Stopped.DONE
    harness.fake.queued, harness.fake.running = 0, 3600
    submitted = harness.submit()
    assert harness.provider.cancel(harness.connection, submitted.handle) == Stopped.REQUESTED
    assert harness.poll(submitted).stage == Stage.CANCELLED


def test_503_on_submit_leaves_the_outcome_open(harness):
    harness.fake.fault_unavailable = lambda request, act: Reply(
        503, {"detail": "x", "error_type": "runner_disconnected"}
    )
    harness.fake.next("submit", "unavailable")
    with pytest.raises(RemoteError) as caught:
        harness.submit()
    assert caught.value.fault == Fault.UNKNOWN


def test_added_model_is_called_at_its_own_address(harness, monkeypatch):
    added = dict(catalogue.built_in_models("fal")[0], model="someone/own-model/v1", has_audio=False, price=[])
    monkeypatch.setattr(catalogue, "_merge_rows", lambda slug: [*catalogue.built_in_models(slug), added])
    catalogue.clear_cache()
    submitted = harness.submit(harness.request(Mode.FIRST_LAST, "someone/own-model/v1"))
    assert harness.fake.calls[-1].path == "/someone/own-model/v1"
    assert submitted.handle["app"] == "someone/own-model"
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_addresses_in_answers_are_not_followed_to_another_host(harness):
    def lead_away(request, act):
        reply = act()
        for name in ("status_url", "response_url", "cancel_url"):
            reply.body[name] = "https://169.254.169.254/fal-ai/x/requests/1/status"
        return reply

    harness.fake.fault_lead_away = lead_away
    harness.fake.next("submit", "lead_away")
    assert harness.poll(harness.submit()).stage == Stage.SUCCEEDED


def test_picture_above_the_limit_is_refused_before_sending(harness, tmp_path):
    huge = tmp_path / "huge.jpg"  # as PNG it would be sent as JPEG instead
    Image.open(harness.media_files["start"]).convert("RGB").save(huge)
    huge.write_bytes(huge.read_bytes() + b"0" * 8_000_000)
    with pytest.raises(RemoteError) as caught:
        harness.prepare(harness.request(Mode.PICTURE, picture=huge))
    assert (caught.value.fault, caught.value.code) == (Fault.INVALID, "picture_too_large")
    assert harness.fake.calls == []


# --- callbacks ------------------------------------------------------------------------------------------------------


def test_address_of_the_signing_keys_can_be_changed(build_harness, subtests):
    for base, setting, address in (
        ("https://queue.fal.run", "", "https://rest.fal.ai/.well-known/jwks.json"),
        ("http://127.0.0.1:1/fal", "", "http://127.0.0.1:1/fal/.well-known/jwks.json"),
        ("https://queue.fal.run", "https://rest.alpha.fal.ai/k.json", "https://rest.alpha.fal.ai/k.json"),
    ):
        with subtests.test(base=base, setting=setting, address=address):
            connection = build_harness(FAL, base_url=base, keys={"api_key": "k", "jwks_url": setting}).connection
            assert signatures.choose_keys_url(connection, "https://queue.fal.run") == address


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["rest.fal.ai/k.json", "http://rest.fal.ai/k.json", "ftp://rest.fal.ai/k.json"])
def test_signing_keys_are_only_read_over_https(address):
    form = ConnectionForm({"key_api_key": "id:secret", "key_jwks_url": address}, engine=FalProvider())

    assert "https://" in str(form.errors["key_jwks_url"])


@pytest.mark.django_db
def test_signing_keys_are_read_at_the_address_from_the_form(settings):
    """The address is not secret and is stored beside the keys."""
    engine = FalProvider()
    form = ConnectionForm(
        {"key_api_key": "id:secret", "key_jwks_url": "https://rest.alpha.fal.ai/k.json"}, engine=engine
    )
    assert form.is_valid(), form.errors
    connection = open_connection(Connection.objects.create(provider="fal", **form.columns()))

    assert signatures.choose_keys_url(connection, engine.base_url) == "https://rest.alpha.fal.ai/k.json"
