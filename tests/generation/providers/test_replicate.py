"""Replicate: tests of this provider only; test_contract*.py covers what all have in common."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.providers import catalogue
from generation.providers.adapters.replicate import schemas, secrets
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import singleflight
from generation.providers.remote import Event, Forged, Search, Stage, Submitted
from tests.fakes.multipart import parse_form
from tests.fakes.server import Reply
from tests.generation.providers.contract import REPLICATE


@pytest.fixture
def harness(build_harness):
    return build_harness(REPLICATE)


@pytest.fixture
def without_callbacks(build_harness):
    """A site without a public address, so that no callback identifies a submission."""
    return build_harness(REPLICATE, webhook="")


def lose_response(harness, **changes):
    request = harness.request(**changes)
    prepared, ref = harness.prepare(request)
    harness.fake.next("submit", "cut_after_create")
    with pytest.raises(NoAnswer):
        harness.provider.submit(harness.connection, prepared, ref)
    return harness.lost(request, prepared.handle, ref), harness.fake.created[-1]


def catch_error(act) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        act()
    return caught.value


def test_large_picture_is_uploaded_unchanged(harness, tmp_path):
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 640, 3), np.uint8)).save(path)
    assert path.stat().st_size > 256_000
    harness.submit(harness.request(Mode.PICTURE, picture=path))
    (task,) = harness.fake.created
    assert task.request["input"]["image"].startswith("http")
    assert harness.fake.read_request(task)["pictures"] == [path.read_bytes()]


def test_upload_is_named_after_its_file_type(harness, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.replicate.provider.INLINE", 0)
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "shot.gif")
    harness.submit(harness.request(Mode.PICTURE, picture=tmp_path / "shot.gif"))
    (sent,) = [parse_form(call) for call in harness.fake.calls if call.path == "/v1/files"]
    name, content = sent["content"]
    assert (name, content[:3]) == ("shot.jpeg", b"\xff\xd8\xff")


def test_model_schema_is_cached(harness):
    for _ in range(3):
        harness.submit()
    assert (
        len([call for call in harness.fake.calls if call.path.startswith("/v1/models/") and call.method == "GET"]) == 1
    )


def test_picture_without_a_model_input_is_refused(harness):
    request = harness.request(Mode.WORDS, "wan-video/wan-2.5-t2v", picture=harness.media_files["start"])
    error = catch_error(lambda: harness.prepare(request))
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_input", "picture")
    assert harness.fake.created == []


def test_resolution_without_a_model_input_is_refused(harness):
    model = "kwaivgi/kling-v2.5-turbo-pro"
    assert "resolution" not in harness.prepare(harness.request(model=model, resolution=1080))[0].body["input"]
    error = catch_error(lambda: harness.prepare(harness.request(model=model, resolution=720)))
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_input", "resolution")
    assert "1080p" in str(error.message)


def test_unsupported_duration_names_the_field(harness):
    error = catch_error(lambda: harness.prepare(harness.request(Mode.WORDS, "wan-video/wan-2.5-t2v", seconds=7)))
    assert (error.fault, error.field) == (Fault.INVALID, "seconds")


@pytest.mark.parametrize(("ratio", "lines", "size"), [("16:9", 480, "832*480"), ("9:16", 1080, "1080*1920")])
def test_nearest_size_of_the_same_shape_is_sent(ratio, lines, size, harness):
    harness.submit(harness.request(Mode.WORDS, "wan-video/wan-2.5-t2v", ratio=ratio, resolution=lines))
    assert harness.fake.created[0].request["input"]["size"] == size


def test_missing_model_has_a_clear_message(harness):
    harness.fake.schemas = {}
    error = catch_error(harness.prepare)
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_model", "model")


def test_models_versions_and_deployments_have_their_own_addresses(subtests):
    for model, path, version in (
        ("owner/name", "v1/models/owner/name/predictions", ""),
        ("owner/name:" + "a" * 64, "v1/predictions", "owner/name:" + "a" * 64),
        ("a" * 64, "v1/predictions", "a" * 64),
        ("deployments/owner/name", "v1/deployments/owner/name/predictions", ""),
    ):
        with subtests.test(model=model, path=path, version=version):
            assert schemas.get_submission_path(model) == (path, version)


def test_unnamed_version_gets_the_usual_field_names(harness, monkeypatch):
    added = dict(catalogue.built_in_models("replicate")[0], model="a" * 64)
    monkeypatch.setattr(catalogue, "_merge_rows", lambda slug: [*catalogue.built_in_models(slug), added])
    catalogue.clear_cache()
    harness.submit(harness.request(Mode.PICTURE, "a" * 64))
    sent = harness.fake.created[0].request
    assert sent["version"] == "a" * 64
    assert set(sent["input"]) == {"prompt", "image", "duration", "aspect_ratio", "resolution", "seed"}


def test_late_rate_limit_reset_is_capped(harness, subtests):
    for text, pause in (
        ("30", 30),
        ("~601", 600),
        ("9999", 600),
    ):
        with subtests.test(text=text, pause=pause):
            harness.fake.fault_shaped = lambda *_, text=text: Reply(
                429, {"detail": f"Your rate limit resets in {text}s.", "status": 429}
            )
            submitted = harness.submit()
            harness.fake.next("poll", "shaped")

            assert catch_error(lambda submitted=submitted: harness.poll(submitted)).retry_after == pause


def test_progress_is_read_from_the_log(harness):
    harness.fake.running = 3600
    assert harness.poll(harness.submit()).progress == 420


def test_video_is_found_under_any_output_name(harness, video_bytes, subtests):
    for output in (
        ["{}"],
        {"video": "{}"},
        {"video": ["{}"]},
        "{}",
    ):
        with subtests.test(output=output):

            def shaped(request, act, output=output):
                reply = act()
                address = reply.body["output"]
                value = {"video": [address]} if output == {"video": ["{}"]} else None
                value = value or (
                    {"video": address} if isinstance(output, dict) else [address] if output == ["{}"] else address
                )
                reply.body["output"] = value
                return reply

            harness.fake.fault_shaped = shaped
            submitted = harness.submit()
            harness.fake.next("poll", "shaped")
            assert harness.fetch(harness.poll(submitted).output) == video_bytes


def test_only_own_files_are_fetched_with_the_token(harness, video_bytes):
    def own_file(request, act):
        reply = act()
        reply.body["output"] = f"{request.origin}/v1/files/abc/content"
        return reply

    harness.fake.fault_own_file = own_file
    submitted = harness.submit()
    harness.fake.next("poll", "own_file")
    snapshot = harness.poll(submitted)
    assert snapshot.output.needs_key
    assert harness.fetch(snapshot.output) == video_bytes
    assert not harness.poll(submitted).output.needs_key


def test_expired_output_is_lost(harness):
    submitted = harness.submit()
    harness.fake.next("poll", "data_removed")
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.error.fault) == (Stage.FAILED, Fault.LOST)


def test_rate_limit_message_gives_the_retry_time(harness):
    prepared, ref = harness.prepare()
    harness.fake.next("submit", "busy")
    error = catch_error(lambda: harness.provider.submit(harness.connection, prepared, ref))
    assert (error.fault, error.retry_after) == (Fault.TRANSIENT, 30.0)


# --- finding --------------------------------------------------------------------------------------------------------


def test_without_a_callback_address_seed_and_prompt_identify_a_task(without_callbacks):
    without_callbacks.submit(without_callbacks.request(prompt="two foxes"))
    without_callbacks.submit(without_callbacks.request(seed=5))
    lost, task = lose_response(without_callbacks)
    assert without_callbacks.provider.find(without_callbacks.connection, lost) == Submitted(
        task.id, lost.handle | {"id": task.id}
    )


def test_lost_task_is_found_without_an_echoed_callback_address(harness):
    harness.fake.echoes_webhook = False
    lost, task = lose_response(harness)
    assert harness.provider.find(harness.connection, lost).task_id == task.id


def test_lost_task_is_found_on_a_later_page(harness):
    harness.fake.page = 2
    lost, task = lose_response(harness)
    for _ in range(7):
        harness.submit(harness.request(prompt="another"))
    assert harness.provider.find(harness.connection, lost).task_id == task.id


def test_task_of_yesterday_is_not_adopted(harness):
    lost, task = lose_response(harness)
    task.notes["created_at"] = "2026-01-01T00:00:00Z"
    assert harness.provider.find(harness.connection, lost) == Search.ABSENT


def test_task_with_deleted_input_is_undecided(without_callbacks):
    lost, task = lose_response(without_callbacks)

    def empty_inputs(request, act):
        reply = act()
        reply.body["results"] = [row | {"input": {}, "data_removed": True} for row in reply.body["results"]]
        return reply

    without_callbacks.fake.fault_emptied = empty_inputs
    without_callbacks.fake.next("list_tasks", "emptied")
    assert without_callbacks.provider.find(without_callbacks.connection, lost) == Search.UNDECIDED
    assert without_callbacks.provider.find(without_callbacks.connection, lost).task_id == task.id


def test_list_without_an_end_is_undecided(harness):
    lost, task = lose_response(harness)
    harness.taken.add(task.id)

    def remove_next(request, act):
        reply = act()
        del reply.body["next"]
        return reply

    harness.fake.fault_without_next = remove_next
    harness.fake.next("list_tasks", "without_next")
    assert harness.provider.find(harness.connection, lost) == Search.UNDECIDED
    assert harness.provider.find(harness.connection, lost) == Search.ABSENT


# --- callbacks ------------------------------------------------------------------------------------------------------


def test_pasted_secret_is_used_without_a_fetch(harness):
    task = harness.fake.tasks[harness.submit().task_id]
    connection = replace(
        harness.connection, keys={**harness.connection.keys, "webhook_secret": harness.fake.webhook_secret}
    )
    assert harness.provider.read_callback(connection, *harness.fake.callback(task)) == Event(task.id)
    assert not [call for call in harness.fake.calls if call.path.endswith("/secret")]


def count_secret_requests(harness):
    return len([call for call in harness.fake.calls if call.path.endswith("/secret")])


def test_secret_is_fetched_once_for_many_callbacks(harness):
    task = harness.fake.tasks[harness.submit().task_id]
    headers, body = harness.fake.callback(task)
    for _ in range(3):
        assert harness.provider.read_callback(harness.connection, headers, body) == Event(task.id)
        with pytest.raises(Forged):
            harness.provider.read_callback(harness.connection, headers | {"webhook-signature": "v1,c2VjcmV0"}, body)
    assert count_secret_requests(harness) == 1


def test_replaced_secret_is_fetched_after_a_while_despite_a_flood(harness, monkeypatch):
    task = harness.fake.tasks[harness.submit().task_id]
    harness.provider.read_callback(harness.connection, *harness.fake.callback(task))
    harness.fake.webhook_secret = "whsec_bmV3ZXI="
    headers, body = harness.fake.callback(task)
    with pytest.raises(Forged):
        harness.provider.read_callback(harness.connection, headers, body)
    later = time.monotonic() + secrets.REFETCH_SECONDS + 1
    monkeypatch.setattr(secrets.time, "monotonic", lambda: later)
    assert harness.provider.read_callback(harness.connection, headers, body).task_id == task.id
    assert count_secret_requests(harness) == 2


def test_cached_secret_stays_valid_while_the_fetch_fails(harness, monkeypatch):
    """A forged callback triggers the fetch while Replicate is down."""
    headers, body = harness.fake.callback(harness.fake.tasks[harness.submit().task_id])
    harness.provider.read_callback(harness.connection, headers, body)
    later = time.monotonic() + secrets.REFETCH_SECONDS + 1
    monkeypatch.setattr(secrets.time, "monotonic", lambda: later)
    harness.fake.fault_away = lambda request, act: Reply(503, {"detail": "away"})
    harness.fake.next("secret", "away")
    with pytest.raises(Forged):
        harness.provider.read_callback(harness.connection, headers | {"webhook-signature": "v1,c2VjcmV0"}, body)

    assert harness.provider.read_callback(harness.connection, headers, body)
    assert count_secret_requests(harness) == 2


def test_simultaneous_callbacks_fetch_the_secret_once(harness, monkeypatch):
    headers, body = harness.fake.callback(harness.fake.tasks[harness.submit().task_id])
    is_requested, is_answered, fetch_secret = threading.Event(), threading.Event(), type(harness.provider)._fetch_secret

    def fetch_slowly(engine, connection):
        is_requested.set()
        is_answered.wait(20)
        return fetch_secret(engine, connection)

    monkeypatch.setattr(type(harness.provider), "_fetch_secret", fetch_slowly)
    monkeypatch.setattr(singleflight, "CALLBACK_SECONDS", 20.0)  # no limit on a busy machine
    with ThreadPoolExecutor(5) as threads:
        try:
            results = [threads.submit(harness.provider.read_callback, harness.connection, headers, body)]
            assert is_requested.wait(20)
            results += [
                threads.submit(harness.provider.read_callback, harness.connection, headers, body) for _n in range(4)
            ]
            wait(results, timeout=0.3)
        finally:
            is_answered.set()
        assert all(item.result(timeout=20) for item in results)

    assert count_secret_requests(harness) == 1


def test_callbacks_are_refused_without_the_secret(harness):
    task = harness.fake.tasks[harness.submit().task_id]
    harness.fake.fault_away = lambda request, act: Reply(503, {"detail": "away"})
    harness.fake.next("secret", "away")
    with pytest.raises(Forged):
        harness.provider.read_callback(harness.connection, *harness.fake.callback(task))


def test_sound_without_a_model_input_is_refused(harness):
    without_sound = next(model.model for model in harness.provider.capabilities() if not model.has_audio)

    with pytest.raises(RemoteError) as caught:
        harness.prepare(harness.request(model=without_sound, options={"audio": True}))

    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "audio")
