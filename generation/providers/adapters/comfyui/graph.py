"""Read and validate untrusted workflows in ComfyUI's API format.

``{"<node id>": {"class_type": "KSampler", "inputs": {name: literal or ["<node id>", output]}, "_meta": {"title": …}}}``
"""

import json
import re
from collections.abc import Iterator
from typing import TypeGuard

from django.utils.translation import gettext as _

from common import safe_json

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # PostgreSQL refuses this character in JSON
LIMIT = 1_000_000  # bytes; ten times the largest official template
MAX_NODES = 500
NODE_ID = re.compile(r"[\w:.-]{1,60}\Z")
# Values that would make ComfyUI read or write outside its folders or send requests: absolute paths, ".." and URLs.
OUTSIDE = re.compile(r"\A\s*(?:[/\\~]|[A-Za-z]:|[a-z][a-z0-9+.-]*://|data:)|(?:^|[/\\])\.\.(?:[/\\]|\s*$)", re.I)
# Folder of the studio's files below ComfyUI's input and output folders; uploaded workflows must not refer to it.
FOLDER = "tapwari"
OURS = re.compile(rf"(?:\A|[/\\])\s*{FOLDER}[.\s]*(?:[/\\\[]|\Z)", re.I)
TEXT_INPUTS = ("text", "prompt", "value", "string")  # of nodes; their values are prompts if nothing else reads them
TEXT_LINK = re.compile(r"(?:(?:\w+_)?(?:text|prompt)|value|string)(?:_?\w{1,2})?\Z")
CONDITIONING_LINK = re.compile(r"(?:positive|negative|cond(?:itioning)?)(?:_to|_from|_?\d{1,2})?\Z")
ENCODER_LINK = re.compile(rf"(?:{TEXT_LINK.pattern}|(?:clip_[gl]|t5xxl|llama|bert|mt5xl)\Z)")
TEXT_ENCODER = "TextEncode"  # in the class: CLIPTextEncode, CLIPTextEncodeFlux, TextEncodeQwenImageEdit …
PICTURES_ONLY = {"SaveImage", "PreviewImage", "SaveAnimatedWEBP", "SaveAnimatedPNG", "SaveAudio", "SaveLatent"}


class GraphRefused(ValueError):
    """The file is not a usable workflow; the message for the user says why and what to do."""


def read_graph(content: bytes) -> dict:
    """Return the graph of an uploaded file. Raises GraphRefused if the file is not a usable workflow."""
    if len(content) > LIMIT:
        raise GraphRefused(_("A workflow file can be at most 1 MB."))
    try:
        graph = json.loads(content, parse_constant=_refuse_nan_or_infinity)
        written = json.dumps(graph, ensure_ascii=False, allow_nan=False)  # 1e400 is read as infinity
        written.encode()
        if safe_json.is_too_deep(graph):  # recursion would fail here, in the database and in ComfyUI
            raise ValueError("nested too deep")
    except (ValueError, RecursionError):
        raise GraphRefused(
            _("This is not JSON. In ComfyUI choose Workflow › Export (API) and upload that file.")
        ) from None
    if NUL.search(written):
        raise GraphRefused(_("The text contains control characters. Type it again or paste it as plain text."))
    if isinstance(graph, dict) and isinstance(graph.get("prompt"), dict) and "class_type" not in graph["prompt"]:
        graph = graph["prompt"]  # the body of an API request
    check_graph(graph)
    return graph


def check_graph(graph: object) -> None:
    """Raise GraphRefused if a graph is not in API format, names files outside ComfyUI's folders or saves no video."""
    if isinstance(graph, dict) and isinstance(graph.get("nodes"), list):
        raise GraphRefused(
            _(
                "This is a workflow for the ComfyUI editor. In ComfyUI choose Workflow › Export (API) and upload "
                "that file."
            )
        )
    if not isinstance(graph, dict) or not graph or not all(_is_node(key, node) for key, node in graph.items()):
        raise GraphRefused(_("This is not a workflow in ComfyUI’s API format: each entry needs class_type and inputs."))
    if len(graph) > MAX_NODES:
        raise GraphRefused(_("A workflow can have at most %(n)s nodes.") % {"n": MAX_NODES})
    prompt_nodes = find_prompt_nodes(graph)
    for key, node in graph.items():
        for name, value in node["inputs"].items():
            check_input(graph, key, name, value, is_prompt=key in prompt_nodes and name in TEXT_INPUTS)
    if not any(saves_video(node) for node in graph.values()):
        raise GraphRefused(_("This workflow saves no video. End it with the node “Save Video”, then export it again."))


def check_input(graph: dict, key: str, name: str, value: object, *, is_prompt: bool) -> None:
    """Raise GraphRefused if a value of a node refers to a missing node or to a path that it must not reach."""
    names = {"node": get_node_name(graph, key), "input": name}
    if is_link(value) and value[0] not in graph:
        raise GraphRefused(_("“%(node)s” reads from a node that is missing from the file. Export it again.") % names)
    for text in _find_texts(value):
        if "\x00" in text:
            raise GraphRefused(_("“%(input)s” of “%(node)s” contains a character that cannot be typed.") % names)
        if name != "filename_prefix" and OURS.search(text):  # our own prefix replaces that one
            raise GraphRefused(
                _("“%(input)s” of “%(node)s” points to the folder of uploaded files. Use another.") % names
            )
        if not is_prompt and OUTSIDE.search(text):
            raise GraphRefused(
                _("“%(input)s” of “%(node)s” points outside ComfyUI’s own folders. Use only the file name.") % names
            )


def find_prompt_nodes(graph: dict) -> set[str]:
    """Return the nodes whose texts reach, through all nodes that read them, only prompts and conditioning."""
    passed_on: dict[str, list[str]] = {}  # node id → nodes whose text it may pass on
    waiting = []
    for reader, node in graph.items():
        for name, value in node["inputs"].items():
            is_encoded = _is_text_encoder(node) and ENCODER_LINK.match(name)
            if not is_link(value) or is_encoded or CONDITIONING_LINK.match(name):
                continue
            if TEXT_LINK.match(name):
                passed_on.setdefault(reader, []).append(value[0])
            else:
                waiting.append(value[0])
    others: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in graph and key not in others and not _is_text_encoder(graph[key]):
            others.add(key)
            waiting += passed_on.get(key, ())
    return set(graph) - others


def _is_text_encoder(node: dict) -> bool:
    return TEXT_ENCODER in node["class_type"]


def is_link(value: object) -> TypeGuard[list]:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def get_slot_name(node: dict) -> str:
    """Return the node's title in the spelling of slots: ``First frame`` becomes FIRST_FRAME. "" without a title."""
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else ""
    return re.sub(r"[\s-]+", "_", title.strip()).upper() if isinstance(title, str) else ""


def get_node_name(graph: dict, key: str) -> str:
    """Return the node's title, or its class if it has none."""
    node = graph.get(key) or {}
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else ""
    return title if isinstance(title, str) and title else str(node.get("class_type") or key)


def saves_video(node: dict) -> bool:
    return "filename_prefix" in node["inputs"] and node["class_type"] not in PICTURES_ONLY


def list_upstream(graph: dict, key: str) -> Iterator[str]:
    """Yield the ids of nodes directly upstream of a node."""
    yield from (value[0] for value in graph[key]["inputs"].values() if is_link(value))


def find_fps(graph: dict) -> float:
    """Return the frames per second of the workflow's video; 16 (Wan's rate) if no node sets them."""
    for node in graph.values():
        for name in ("fps", "frame_rate"):
            value = node["inputs"].get(name)
            if type(value) in (int, float) and 1 <= value <= 120:
                return float(value)
    return 16.0


def _refuse_nan_or_infinity(name: str):
    raise ValueError(name)


def _is_node(key: object, node: object) -> bool:
    if not isinstance(key, str) or not NODE_ID.match(key) or not isinstance(node, dict):
        return False
    kind = node.get("class_type")
    return isinstance(kind, str) and 0 < len(kind) <= 120 and isinstance(node.get("inputs"), dict)


def _find_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and not is_link(value):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _find_texts(item)
