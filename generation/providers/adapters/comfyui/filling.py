"""Fill a workflow's slots with the values of a request and the names of uploaded files."""

import math
from collections.abc import Mapping
from copy import deepcopy

from common.messages import build_message
from generation.providers.adapters.comfyui import graph as graphs
from generation.providers.adapters.comfyui import slots as slot_finder
from generation.providers.base import ClipRequest
from generation.providers.errors import RemoteError
from generation.providers.input_files import invalid_input

STEP = 16  # width and height must be multiples of this in Wan's own nodes
WIDE_STEPS = {"Wan22ImageToVideoLatent": 32}


def fill_graph(graph: dict, request: ClipRequest, files: Mapping[str, str], ref: str) -> dict:
    """Return a copy of the graph with the values of the request. ``files``: slot → name of the uploaded file.

    Saved files are named after the job's reference, so that an administrator can find a job's video.
    """
    filled, slots, prompt_nodes = deepcopy(graph), slot_finder.find_slots(graph), graphs.find_prompt_nodes(graph)
    for slot, value in (_build_values(graph, slots, request) | dict(files)).items():
        if slot in files and slot not in slots:
            raise _build_slot_error(slot)
        for key, name in slots.get(slot, ()):
            if slot in ("PROMPT", "NEGATIVE") and key not in prompt_nodes:
                _refuse_path(graph, key, name, value)
            filled[key]["inputs"][name] = value
    for node in filled.values():
        if isinstance(node["inputs"].get("filename_prefix"), str):
            node["inputs"]["filename_prefix"] = f"{graphs.FOLDER}/{ref}"
    return filled


def _refuse_path(graph: dict, key: str, name: str, text: str) -> None:
    """Raise RemoteError INVALID for a prompt that a node would read as a path outside ComfyUI's folders."""
    try:
        graphs.check_input(graph, key, name, text, is_prompt=False)
    except graphs.GraphRefused as refusal:
        raise invalid_input("path", "a prompt that is read as a path", "prompt", str(refusal)) from None


def _build_slot_error(slot: str) -> RemoteError:
    message = build_message("workflow_no_input", slot=slot)
    return invalid_input("no_place", f"no place for {slot}", "", message)


def _build_values(graph: dict, slots: slot_finder.Slots, request: ClipRequest) -> dict:
    width, height = request.size
    step = next((WIDE_STEPS[node["class_type"]] for node in graph.values() if node["class_type"] in WIDE_STEPS), STEP)
    values = {
        "PROMPT": request.prompt,
        "SEED": request.seed,
        "WIDTH": max(step, width // step * step),
        "HEIGHT": max(step, height // step * step),
        "LENGTH": count_frames(graphs.find_fps(graph), request.seconds),
        "SECONDS": request.seconds,
    }
    if request.negative_prompt:
        if "NEGATIVE" not in slots:
            raise _build_slot_error("NEGATIVE")
        values["NEGATIVE"] = request.negative_prompt
    return values


def count_frames(fps: float, seconds: int) -> int:
    """Return the number of frames for at least ``seconds``. Wan needs one more than a multiple of four."""
    return math.ceil(fps * seconds / 4) * 4 + 1
