"""Find the inputs of a workflow that a request sets (slots), by the titles of nodes, then by their classes and links.

A node titled PROMPT, NEGATIVE, FIRST_FRAME, LAST_FRAME, REFERENCE_1 …, VIDEO, SEED, WIDTH, HEIGHT, LENGTH (frames),
SECONDS or FPS is that slot; a node titled SIZE has both WIDTH and HEIGHT. A number may also be set in an input of
another name, such as ``amount`` of RepeatImageBatch, if that is the node's only whole number. Slots without a titled
node are found in the graph: the text linked to a sampler's ``positive``, the picture linked to ``start_image``, every
``seed``, and the node with width, height and length.
"""

import re

from django.utils.translation import gettext as _

from generation.providers.adapters.comfyui.graph import GraphRefused, get_slot_name, is_link
from generation.providers.base import Mode

Slots = dict[str, list[tuple[str, str]]]  # slot → (node id, input name) of each of its inputs

_TEXT = ("text", "prompt", "value", "string")
INPUTS = {
    "PROMPT": _TEXT,
    "NEGATIVE": _TEXT,
    "FIRST_FRAME": ("image",),
    "LAST_FRAME": ("image",),
    "VIDEO": ("file", "video"),
    "SEED": ("seed", "noise_seed", "value"),
    "WIDTH": ("width", "value"),
    "HEIGHT": ("height", "value"),
    "LENGTH": ("length", "num_frames", "frame_load_cap", "value"),
    "SECONDS": ("seconds", "duration", "value"),
    "FPS": ("fps", "frame_rate", "value"),
}
SYNONYMS = {
    "POSITIVE": "PROMPT",
    "NEGATIVE_PROMPT": "NEGATIVE",
    "START_FRAME": "FIRST_FRAME",
    "START_IMAGE": "FIRST_FRAME",
    "PICTURE": "FIRST_FRAME",
    "END_FRAME": "LAST_FRAME",
    "END_IMAGE": "LAST_FRAME",
    "FRAMES": "LENGTH",
    "DURATION": "SECONDS",
}
NUMBERS = ("SEED", "WIDTH", "HEIGHT", "LENGTH", "SECONDS")
REFERENCE = re.compile(r"REFERENCE(?:_[1-9])?\Z")
VIDEO_LOADERS = {"LoadVideo": "file", "VHS_LoadVideo": "video"}


def find_slots(graph: dict) -> Slots:
    """Return all slots of a graph. Raises GraphRefused if a node titled like a slot has no value that could be set."""
    slots = _find_by_title(graph)
    for slot, node_inputs in _find_by_class(graph).items():
        taken = {node_input for titled in slots.values() for node_input in titled}
        if slot not in slots and (free := [node_input for node_input in node_inputs if node_input not in taken]):
            slots[slot] = free
    return slots


def find_modes(slots: Slots) -> set[Mode]:
    """Return the only mode of a workflow: an unused picture slot would show the picture of the workflow file."""
    if "VIDEO" in slots:
        return {Mode.VIDEO}
    if "LAST_FRAME" in slots:
        return {Mode.FIRST_LAST}
    if "FIRST_FRAME" in slots:
        return {Mode.PICTURE}
    return {Mode.REFERENCES} if list_reference_slots(slots) else {Mode.WORDS}


def list_reference_slots(slots: Slots) -> list[str]:
    return sorted(slot for slot in slots if REFERENCE.match(slot))


def check_slots(slots: Slots) -> None:
    """Raise GraphRefused if a required setting has no slot, since the setting would be ignored silently."""
    if "LENGTH" not in slots and "SECONDS" not in slots:
        raise GraphRefused(
            _("The workflow has no input for the length. Title the node with the number of frames LENGTH.")
        )
    has_size = "WIDTH" in slots and "HEIGHT" in slots
    if not has_size and not find_modes(slots) & {Mode.VIDEO, Mode.PICTURE, Mode.FIRST_LAST}:
        raise GraphRefused(_("The workflow has no input for the size. Title its nodes WIDTH and HEIGHT."))
    if "LAST_FRAME" in slots and "FIRST_FRAME" not in slots:
        raise GraphRefused(
            _("The workflow has a last frame but no first frame. Title the node of the first image FIRST_FRAME.")
        )


def _find_by_title(graph: dict) -> Slots:
    slots: Slots = {}
    for key, node in graph.items():
        slot = SYNONYMS.get(get_slot_name(node), get_slot_name(node))
        if slot == "SIZE" and _has_numbers(node, "width", "height"):
            slots.setdefault("WIDTH", []).append((key, "width"))
            slots.setdefault("HEIGHT", []).append((key, "height"))
        names = ("image",) if REFERENCE.match(slot) else INPUTS.get(slot)
        if names is None:
            continue
        found = next((name for name in names if name in node["inputs"] and not is_link(node["inputs"][name])), None)
        if found is None and slot in NUMBERS:
            found = _find_only_number(node)
        if found is None:
            raise GraphRefused(_("The node titled “%(slot)s” has no value that could be set.") % {"slot": slot})
        slots.setdefault(slot, []).append((key, found))
    return slots


def _find_only_number(node: dict) -> str | None:
    numbers = [name for name, value in node["inputs"].items() if type(value) is int]
    return numbers[0] if len(numbers) == 1 else None


def _find_by_class(graph: dict) -> Slots:
    found: Slots = {"SEED": _find_literals(graph, ("seed", "noise_seed"), int)}
    sized = [key for key, node in graph.items() if _has_numbers(node, "width", "height", "length")] or [
        key for key, node in graph.items() if _has_numbers(node, "width", "height", "batch_size")
    ]
    for name in ("width", "height", "length"):
        found[name.upper()] = [(key, name) for key in sized if _has_numbers(graph[key], name)]
    for key, node in graph.items():
        inputs = node["inputs"]
        for side, slot in (("positive", "PROMPT"), ("negative", "NEGATIVE")):
            if is_link(inputs.get(side)) and (node_input := _find_text(graph, inputs[side][0], side)):
                found.setdefault(slot, []).append(node_input)
        for name, slot in (("start_image", "FIRST_FRAME"), ("end_image", "LAST_FRAME")):
            if is_link(inputs.get(name)) and (node_input := _find_picture(graph, inputs[name][0])):
                found.setdefault(slot, []).append(node_input)
        if (file_input := VIDEO_LOADERS.get(node["class_type"])) and isinstance(inputs.get(file_input), str):
            found.setdefault("VIDEO", []).append((key, file_input))
    loaders = [(key, "image") for key, node in graph.items() if node["class_type"] == "LoadImage"]
    if len(loaders) == 1 and "LAST_FRAME" not in found:
        found.setdefault("FIRST_FRAME", loaders)
    return {slot: list(dict.fromkeys(node_inputs)) for slot, node_inputs in found.items() if node_inputs}


def _find_literals(graph: dict, names: tuple[str, ...], kind: type) -> list[tuple[str, str]]:
    return [(key, name) for key, node in graph.items() for name in names if type(node["inputs"].get(name)) is kind]


def _has_numbers(node: dict, *names: str) -> bool:
    return all(type(node["inputs"].get(name)) is int for name in names)


def _find_text(graph: dict, key: str, side: str) -> tuple[str, str] | None:
    """Return the (node id, input name) with the text of a conditioning, through nodes that pass the text on."""
    return _find_upstream(
        graph, key, ("text", "prompt", "value"), (side, "conditioning", "conditioning_1", "text", "prompt")
    )


def _find_picture(graph: dict, key: str) -> tuple[str, str] | None:
    return _find_upstream(graph, key, ("image",), ("image", "images", "pixels"))


def _find_upstream(graph: dict, key: str, names, links) -> tuple[str, str] | None:
    visited = set()
    while key in graph and key not in visited:
        visited.add(key)
        inputs = graph[key]["inputs"]
        if found := next((name for name in names if isinstance(inputs.get(name), str)), None):
            return key, found
        key = next((inputs[name][0] for name in links if is_link(inputs.get(name))), "")
    return None
