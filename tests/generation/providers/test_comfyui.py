"""ComfyUI: error messages, queue, history and WebSocket; test_contract*.py covers what all have in common."""

import json
from dataclasses import replace

import pytest

from generation.providers.adapters.comfyui import responses
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.remote import Search, Stage, Stopped, Submitted
from tests.fakes.server import Reply
from tests.generation.providers.contract import COMFYUI

TEXT_MODEL = "wan21-words-1.3b"


@pytest.fixture
def harness(build_harness):
    return build_harness(COMFYUI)


# --- missing nodes and files ----------------------------------------------------------------------------------------


def submit_refused(harness, **changes) -> RemoteError:
    prepared, ref = harness.prepare(harness.request(model=TEXT_MODEL))
    with pytest.raises(RemoteError) as caught:
        harness.provider.submit(harness.connection, replace(prepared, body=prepared.body | changes), ref)
    assert harness.fake.created == []
    return caught.value


def test_missing_node_is_named(harness):
    error = submit_refused(harness, **{"30": {"class_type": "VHS_VideoCombine", "inputs": {}}})
    assert error.fault == Fault.INVALID
    assert "“VHS_VideoCombine”" in error.message
    assert "Install it" in error.message


def test_missing_node_reported_by_number_is_named():
    body = {"error": {"type": "invalid_prompt", "message": "Cannot execute", "details": "Node ID '#4'"}}
    graph = {"3": {"class_type": "KSampler", "inputs": {}}, "4": {"class_type": "VHS_VideoCombine", "inputs": {}}}

    assert "“VHS_VideoCombine”" in responses.read_refusal(body, graph, 400).message


def test_missing_node_error_of_newer_versions_is_known(harness):
    error = {"type": "missing_node_type", "message": "Node not found", "extra_info": {"class_type": "Florence2Run"}}
    harness.fake.fault_newer = lambda request, act: Reply(400, {"error": error, "node_errors": []})
    harness.fake.next("submit", "newer")
    assert "“Florence2Run”" in submit_refused(harness).message


def test_all_missing_model_files_are_named(harness):
    one = {"class_type": "UNETLoader", "inputs": {"unet_name": "wan9.safetensors", "weight_dtype": "default"}}
    two = {"class_type": "VAELoader", "inputs": {"vae_name": "vae9.safetensors"}}
    error = submit_refused(harness, **{"1": one, "3": two})
    assert error.code == "value_not_in_list"
    assert "“wan9.safetensors”, “vae9.safetensors”" in error.message
    assert "models folder" in error.message


def build_refusal(class_type: str, *errors: dict) -> RemoteError:
    """Return the error for errors of one node, which is titled "My node"."""
    body = {"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"1": {"errors": list(errors)}}}
    graph = {"1": {"class_type": class_type, "inputs": {}, "_meta": {"title": "My node"}}}
    return responses.read_refusal(body, graph, 400)


def build_list_error(name: str, value, choices) -> dict:
    extra = {"input_name": name, "input_config": [choices, {}], "received_value": value}
    return {"type": "value_not_in_list", "message": "Value not in list", "details": "", "extra_info": extra}


def test_value_outside_a_list_is_not_reported_as_a_missing_file(subtests):
    for value, choices in (
        ("sideways", ["disabled", "center"]),
        (7, ["1", "2"]),
        ("sideways", None),
    ):
        with subtests.test(value=value, choices=choices):
            error = build_refusal("ImageScale", build_list_error("crop", value, choices))
            assert error.code == "value_not_in_list"
            assert error.message == f"“crop” of “My node” does not accept “{value}”."


def test_unknown_model_file_is_reported_as_missing(subtests):
    for value, choices in (
        ("mine.gguf", None),
        ("mine", ["wan.safetensors", "other.ckpt"]),
        ("mine", {"options": ["wan.SFT"]}),
    ):
        with subtests.test(value=value, choices=choices):
            error = build_refusal("UNETLoader", build_list_error("unet_name", value, choices))
            assert (
                error.message == f"This ComfyUI has no file “{value}”. Put it into its models folder, then try again."
            )


def test_missing_input_picture_is_not_expected_in_the_models_folder(subtests):
    for class_type, name, file in (
        ("LoadImage", "image", "cat.png"),
        ("LoadVideo", "file", "cat.mp4"),
        ("VHS_LoadVideo", "video", "cat.mp4"),
    ):
        with subtests.test(class_type=class_type):
            details = f"{name} - Invalid image file: {file}"
            error = {"type": "custom_validation_failed", "message": "Custom validation failed", "details": details}
            message = build_refusal(class_type, error).message
            assert f"no input file “{file}”" in message
            assert "input folder" in message and "models folder" not in message


def test_other_validation_errors_name_the_node_by_title(harness):
    error = submit_refused(harness, **{"8": {"class_type": "KSampler", "inputs": {}, "_meta": {"title": "My sampler"}}})
    assert "“My sampler”" in error.message
    assert "Required input is missing" in error.message


# --- polling --------------------------------------------------------------------------------------------------------


def test_queue_position_is_reported(harness):
    harness.fake.queued = 3600
    for n in (1, 2, 3):
        submitted = harness.submit(ref=f"0d9f6c1e-7f0b-4c5a-8a55-aa000000000{n}")
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.position) == (Stage.QUEUED, 3)


@pytest.mark.parametrize(
    ("events", "progress"),
    [
        ([], None),
        ([{"type": "executing", "data": {"node": "1", "prompt_id": "REF"}}], 0),
        ([{"type": "executing", "data": {"node": "8", "prompt_id": "REF"}}], 350),
        ([{"type": "progress", "data": {"node": "8", "value": 15, "max": 30, "prompt_id": "REF"}}], 600),
        ([{"type": "progress_state", "data": {"prompt_id": "REF", "nodes": {"8": {"value": 3, "max": 30}}}}], 50),
        ([{"type": "progress", "data": {"node": "8", "value": 15, "max": 30, "prompt_id": "another"}}], None),
        ([{"type": "progress", "data": {"node": "8", "value": "x", "max": None, "prompt_id": "REF"}}], 350),
        ([{"type": "progress_state", "data": []}, {"type": 5}, [], "x"], None),
    ],
)
def test_progress_is_read_from_the_websocket(harness, events, progress, monkeypatch):
    ends_listening = any(type(event) is dict and event["type"] != "executing" for event in events)
    seconds = 0.3 if progress is None else 20 if ends_listening else 2
    monkeypatch.setattr("generation.providers.adapters.comfyui.progress.LISTEN_SECONDS", seconds)
    harness.fake.running = 3600
    submitted = harness.submit(harness.request(model=TEXT_MODEL))
    harness.fake.socket_messages = json.loads(json.dumps(events).replace("REF", submitted.task_id))
    snapshot = harness.poll(submitted)
    assert snapshot.stage == Stage.RUNNING
    assert snapshot.progress == (None if progress is None else pytest.approx(progress, abs=60))


def test_websocket_uses_the_client_id_of_the_submission(harness):
    """ComfyUI reports a task only to the client that sent it."""
    harness.fake.running = 3600
    harness.poll(harness.submit())

    [sent] = [call.json()["client_id"] for call in harness.fake.calls if call.path == "/prompt"]
    [listening] = [call.query["clientId"] for call in harness.fake.calls if call.path == "/ws"]
    assert listening == sent


def test_listening_ends_in_time_despite_a_flood_of_messages(harness):
    harness.fake.socket_messages = [{"type": "status", "data": {}}] * 1_000_000
    received = sum(1 for _message in harness.provider.client(harness.connection).listen("ws?clientId=me", 2))
    assert 0 < received < 1_000_000


def test_poll_works_without_a_websocket(harness):
    harness.fake.running = 3600
    submitted = harness.submit()
    harness.fake.next("open_websocket", "html_502")
    with pytest.raises(NoAnswer):
        list(harness.provider.client(harness.connection).listen("ws?clientId=me", 1))
    harness.fake.next("open_websocket", "cut")
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.progress) == (Stage.RUNNING, None)


def test_websocket_at_a_private_address_is_not_opened(harness, settings):
    settings.PROVIDER_PRIVATE_HOSTS = []
    with pytest.raises(NotSent):
        list(harness.provider.client(harness.connection).listen("ws", 1))


def poll_failed(harness, **error):
    submitted = harness.submit(harness.request(model=TEXT_MODEL))
    task = harness.fake.tasks[submitted.task_id]
    task.outcome = "failed"
    task.notes["error"] = error
    return harness.poll(submitted)


def test_out_of_memory_has_a_clear_message(harness):
    snapshot = poll_failed(harness, exception_type="torch.OutOfMemoryError", exception_message="Allocation on device")
    assert (snapshot.stage, snapshot.error.fault, snapshot.error.code) == (Stage.FAILED, Fault.FAILED, "out_of_memory")
    assert "“SEED”" in snapshot.error.message
    assert "lower resolution" in snapshot.error.message


def test_workflow_error_names_the_failing_node(harness):
    snapshot = poll_failed(harness)
    assert snapshot.error.fault == Fault.FAILED
    assert "The size of tensor a must match" in snapshot.error.message


def test_error_message_reveals_no_paths_of_the_server(harness):
    """All members of the workspace can read the message."""
    snapshot = poll_failed(
        harness, exception_message="cannot open /home/mika/ComfyUI/models/vae.pt, ask http://gpu.lan:8188/help"
    )

    assert snapshot.error.message.endswith("cannot open …/vae.pt, ask ….")
    nothing = poll_failed(harness, exception_type="RuntimeError", exception_message="<html>")
    assert nothing.error.message.endswith("”: RuntimeError.")


def test_missing_file_is_named_without_its_folder(harness):
    error = {"type": "custom_validation_failed", "message": "bad", "details": "video: /srv/in/harbour.mp4"}
    body = {"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"1": {"errors": [error]}}}

    message = responses.read_refusal(body, {}, 400).message

    assert "“…/harbour.mp4”" in message and "/srv" not in message


def test_task_is_lost_after_a_restart(harness):
    submitted = harness.submit()
    harness.fake.next("poll", "server_restarted")
    with pytest.raises(RemoteError) as caught:
        harness.poll(submitted)
    assert caught.value.fault == Fault.LOST


def test_task_that_ends_between_two_requests_is_not_lost(harness):
    submitted = harness.submit()
    harness.fake.fault_not_yet = lambda request, act: Reply(200, {})
    harness.fake.next("poll", "not_yet")
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_task_cancelled_while_queued_is_gone(harness):
    harness.fake.queued = 3600
    submitted = harness.submit()
    assert harness.provider.cancel(harness.connection, submitted.handle) == Stopped.DONE
    with pytest.raises(RemoteError) as caught:
        harness.poll(submitted)
    assert caught.value.fault == Fault.LOST


def test_cancel_never_interrupts_another_task(harness):
    harness.fake.running = 3600
    other = harness.submit(ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000001")
    submitted = harness.submit(ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000002")
    harness.provider.cancel(harness.connection, submitted.handle)
    assert harness.poll(other).stage == Stage.RUNNING
    assert not [call for call in harness.fake.calls if b"clear" in call.body]


def test_resubmit_after_a_lost_answer_creates_no_second_task(harness):
    prepared, ref = harness.prepare()
    harness.fake.next("submit", "proxy_504_after_create")
    with pytest.raises(RemoteError) as caught:
        harness.provider.submit(harness.connection, prepared, ref)
    assert caught.value.fault == Fault.UNKNOWN
    lost = harness.lost(harness.request(), prepared.handle, ref)
    assert harness.provider.find(harness.connection, lost) == Submitted(ref, {"id": ref})
    assert harness.provider.find(harness.connection, replace(lost, ref="no-such")) == Search.ABSENT


@pytest.mark.parametrize("stage", ["queued", "running"])
def test_lost_task_is_found_while_queued_or_running(harness, stage):
    setattr(harness.fake, stage, 3600)
    submitted = harness.submit()

    assert (
        harness.provider.find(harness.connection, harness.lost(harness.request(), {}, submitted.task_id)) == submitted
    )


@pytest.fixture
def start_task(harness):
    """``start_task(route, body)`` returns a running task and its record; that route then responds with ``body``."""

    def start(route, body):
        harness.fake.running = 3600
        submitted = harness.submit(ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000001")
        harness.fake.fault_other = lambda request, act: Reply(200, json.dumps(body))
        harness.fake.next(route, *["other"] * 3)
        return submitted, harness.lost(harness.request(), {}, submitted.task_id)

    return start


def test_answer_without_history_or_queue_does_not_prove_absence(harness, start_task, subtests):
    for route, body in (
        *(("queue", body) for body in ({}, {"queue_running": []}, {"queue_running": [], "queue_pending": None}, [])),
        *(("poll", body) for body in ([], "a proxy page", 7)),
    ):
        with subtests.test(route=route, body=body):
            submitted, lost = start_task(route, body)
            with pytest.raises(NoAnswer):
                harness.provider.find(harness.connection, lost)
            with pytest.raises(NoAnswer):
                harness.poll(submitted)
            if route == "queue":  # cancelling a queued task needs no history
                with pytest.raises(NoAnswer):
                    harness.provider.cancel(harness.connection, submitted.handle)


def test_paid_node_gets_no_key_and_cannot_spend(harness):
    harness.submit()
    [call] = [call for call in harness.fake.calls if call.path == "/prompt"]
    assert call.json().keys() == {"prompt", "prompt_id", "client_id"}


def test_saved_video_is_chosen_among_several_output_files():
    """A temporary preview may be listed first, and custom nodes use other output names."""
    preview = {"filename": "preview.mp4", "subfolder": "", "type": "temp", "fullpath": "/srv/preview.mp4"}
    video = {"filename": "clip.webm", "subfolder": "tapwari", "type": "output", "fullpath": "/srv/clip.webm"}
    picture = {"filename": "first.png", "subfolder": "", "type": "output"}
    for name in ("images", "gifs", "video", "videos"):
        outputs = {"9": {name: [preview], "animated": [True]}, "11": {name: [picture, video]}, "12": {"text": ["done"]}}
        snapshot = responses.read_ended({"status": {"status_str": "success"}, "outputs": outputs}, "http://comfy.test")
        assert snapshot.stage == Stage.SUCCEEDED
        assert snapshot.output.url == "http://comfy.test/view?filename=clip.webm&subfolder=tapwari&type=output"


def test_websocket_sends_no_origin_header(harness):
    harness.fake.running = 3600
    harness.poll(harness.submit())
    assert not [call for call in harness.fake.calls if "origin" in call.headers]


def test_check_recognises_a_server_that_is_not_comfyui(harness, subtests):
    for body in (
        {"hello": 1},
        [],
        "x",
    ):
        with subtests.test(body=body):
            harness.fake.fault_other = lambda request, act, body=body: Reply(200, json.dumps(body))
            harness.fake.next("stats", "other")
            with pytest.raises(RemoteError):
                harness.provider.check(harness.connection)
