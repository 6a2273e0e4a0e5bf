"""A ComfyUI that says what no ComfyUI would: nothing of it breaks a step, since a broken step waits for an operator."""

import json

import pytest

from generation.providers.adapters.comfyui import answers, progress
from generation.providers.adapters.comfyui.provider import ComfyUIProvider
from generation.providers.errors import Fault
from generation.providers.http.client import Wire
from generation.providers.remote import Stage
from tests.generation.providers.raw_servers import answer, serving

GRAPH = {
    "4": {"class_type": "KSampler", "inputs": {"model": ["5", 0], "steps": 3}},
    "5": {"class_type": "L", "inputs": {}},
}


@pytest.mark.parametrize(
    "said",
    [
        {"type": "progress", "data": {"node": ["4"], "value": 1, "max": 3}},
        {"type": "executing", "data": {"node": {}, "prompt_id": "ref"}},
        {"type": "progress", "data": {"node": "4", "value": 10**400, "max": 1}},
        {"type": "progress", "data": {"node": "4", "value": 1, "max": 10**400}},
        {"type": "progress", "data": {"node": "4", "value": float("nan"), "max": float("inf")}},
        {"type": "progress_state", "data": {"nodes": {"4": {"value": -(10**400), "max": 2}}}},
        {"type": [], "data": {"node": "4"}},
    ],
)
@pytest.mark.parametrize("graph", [GRAPH, {}])
def test_progress_of_any_kind_is_a_share_or_nothing(said, graph):
    share = progress.told(json.dumps(said), "ref", graph)

    assert share is None or 0 <= share <= 1000


def test_steps_are_still_counted():
    said = {"type": "progress", "data": {"node": "4", "prompt_id": "ref", "value": 1, "max": 2}}

    assert progress.told(json.dumps(said), "ref", GRAPH) == round(1000 * 6 / 11)


@pytest.mark.parametrize("name", ["filename", "subfolder", "type"])
@pytest.mark.parametrize("sign", ["\ud800", "\0", "\r\n"])
def test_a_film_whose_name_no_address_can_carry_is_none(name, sign):
    file = {"filename": "a.mp4", "subfolder": "", "type": "output"}
    file[name] = f"a{sign}b.mp4"

    seen = answers.ended({"outputs": {"9": {"images": [file]}}}, "http://comfy.test")

    assert (seen.stage, seen.error.fault) == (Stage.FAILED, Fault.FAILED)


@pytest.mark.parametrize("folder", [5, ["a"], {"a": 1}, None, ""])
def test_an_upload_that_lies_in_a_strange_folder_keeps_its_name(folder):
    told = answer(json.dumps({"name": "a.png", "subfolder": folder}).encode())
    with serving(lambda connection, request: connection.sendall(told)) as server:
        wire = Wire(f"http://127.0.0.1:{server.port}", {}, allows_private=True)

        assert ComfyUIProvider()._upload(wire, "ref", "a.png", b"-", "image/png") == "a.png"


def test_a_file_that_comfyui_called_otherwise_is_asked_for_by_that_name():
    """It adds a number where another file has the name already; ours would then be somebody else's picture."""
    told = answer(json.dumps({"name": "a (1).png", "subfolder": "tapwari", "type": "input"}).encode())
    with serving(lambda connection, request: connection.sendall(told)) as server:
        wire = Wire(f"http://127.0.0.1:{server.port}", {}, allows_private=True)

        assert ComfyUIProvider()._upload(wire, "ref", "a.png", b"-", "image/png") == "tapwari/a (1).png"
