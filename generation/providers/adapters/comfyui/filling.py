"""A request written into a workflow: words, seed, size, number of frames, and the files by their names there."""

import math
from collections.abc import Mapping
from copy import deepcopy

from django.utils.translation import gettext as _

from generation.providers.adapters.comfyui import graph as graphs
from generation.providers.adapters.comfyui import slots as places
from generation.providers.base import ClipRequest
from generation.providers.errors import RemoteError
from generation.providers.input_files import invalid_input

STEP = 16  # of width and height in Wan's own nodes
WIDE_STEPS = {"Wan22ImageToVideoLatent": 32}


def fill(graph: dict, request: ClipRequest, files: Mapping[str, str], ref: str) -> dict:
    """A copy of the graph with the request in it. ``files``: slot → name that the upload was given.

    The job's reference goes into the names of saved files, so that a film can be found again by hand.
    """
    filled, slots = deepcopy(graph), places.find(graph)
    for slot, value in (_values(graph, slots, request) | dict(files)).items():
        if slot in files and slot not in slots:
            raise _no_place(slot)
        for key, name in slots.get(slot, ()):
            filled[key]["inputs"][name] = value
    for node in filled.values():
        if isinstance(node["inputs"].get("filename_prefix"), str):
            node["inputs"]["filename_prefix"] = f"{graphs.FOLDER}/{ref}"
    return filled


def _no_place(slot: str) -> RemoteError:
    message = _("The workflow has no input for “%(slot)s”. Choose another workflow.") % {"slot": slot}
    return invalid_input("no_place", f"no place for {slot}", "", message)


def _values(graph: dict, slots: places.Slots, request: ClipRequest) -> dict:
    width, height = request.size
    step = next((WIDE_STEPS[node["class_type"]] for node in graph.values() if node["class_type"] in WIDE_STEPS), STEP)
    values = {
        "PROMPT": request.prompt,
        "SEED": request.seed,
        "WIDTH": max(step, width // step * step),
        "HEIGHT": max(step, height // step * step),
        "LENGTH": frames(graphs.frames_a_second(graph), request.seconds),
        "SECONDS": request.seconds,
    }
    if request.negative_prompt:
        if "NEGATIVE" not in slots:
            raise _no_place("NEGATIVE")
        values["NEGATIVE"] = request.negative_prompt
    return values


def frames(fps: float, seconds: int) -> int:
    """As Wan counts them: one more than a multiple of four, and never less than was asked."""
    return math.ceil(fps * seconds / 4) * 4 + 1
