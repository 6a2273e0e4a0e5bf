"""Malformed answers of ComfyUI break no step of a job."""

import json
from itertools import product

from generation.providers.adapters.comfyui import progress, responses
from generation.providers.adapters.comfyui.provider import ComfyUIProvider
from generation.providers.errors import Fault
from generation.providers.http.client import HttpClient
from generation.providers.remote import Stage
from tests.generation.providers.raw_servers import answer, serving
from tests.sweep import sweep

GRAPH = {
    "4": {"class_type": "KSampler", "inputs": {"model": ["5", 0], "steps": 3}},
    "5": {"class_type": "L", "inputs": {}},
}


STRANGE_MESSAGES = [
    {"type": "progress", "data": {"node": ["4"], "value": 1, "max": 3}},
    {"type": "executing", "data": {"node": {}, "prompt_id": "ref"}},
    {"type": "progress", "data": {"node": "4", "value": 10**400, "max": 1}},
    {"type": "progress", "data": {"node": "4", "value": 1, "max": 10**400}},
    {"type": "progress", "data": {"node": "4", "value": float("nan"), "max": float("inf")}},
    {"type": "progress_state", "data": {"nodes": {"4": {"value": -(10**400), "max": 2}}}},
    {"type": [], "data": {"node": "4"}},
]


def test_progress_of_any_kind_is_a_share_or_nothing():
    with sweep(product(STRANGE_MESSAGES, [GRAPH, {}])) as rows:
        for message, graph in rows:
            with rows.row(str(message)[:80], graph):
                share = progress.read_progress(json.dumps(message), "ref", graph)
                assert share is None or 0 <= share <= 1000


def test_steps_are_still_counted():
    message = {"type": "progress", "data": {"node": "4", "prompt_id": "ref", "value": 1, "max": 2}}

    assert progress.read_progress(json.dumps(message), "ref", GRAPH) == round(1000 * 6 / 11)


def test_a_file_name_that_no_address_can_carry_fails_the_clip():
    with sweep(product(["filename", "subfolder", "type"], ["\ud800", "\0", "\r\n"])) as rows:
        for name, character in rows:
            with rows.row(name, repr(character)):
                file = {"filename": "a.mp4", "subfolder": "", "type": "output"} | {name: f"a{character}b.mp4"}
                seen = responses.read_ended({"outputs": {"9": {"images": [file]}}}, "http://comfy.test")
                assert (seen.stage, seen.error.fault) == (Stage.FAILED, Fault.FAILED)


def test_an_upload_in_a_strange_folder_keeps_its_name():
    with sweep([5, ["a"], {"a": 1}, None, ""]) as rows:
        for folder in rows:
            reply = answer(json.dumps({"name": "a.png", "subfolder": folder}).encode())
            with rows.row(folder), serving(lambda link, request, reply=reply: link.sendall(reply)) as server:
                client = HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)
                assert ComfyUIProvider()._upload(client, "ref", "a.png", b"-", "image/png") == "a.png"


def test_a_file_that_comfyui_renamed_is_used_by_its_new_name():
    """ComfyUI adds a number if the name is taken; the original name is another user's image."""
    reply = answer(json.dumps({"name": "a (1).png", "subfolder": "tapwari", "type": "input"}).encode())
    with serving(lambda connection, request: connection.sendall(reply)) as server:
        client = HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)

        assert ComfyUIProvider()._upload(client, "ref", "a.png", b"-", "image/png") == "tapwari/a (1).png"
