"""A workflow in ComfyUI's API format: read from a file that anybody may have written, and understood just enough.

``{"<node id>": {"class_type": "KSampler", "inputs": {name: literal or ["<node id>", output]}, "_meta": {"title": …}}}``
"""

import json
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from common import safe_json

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # a database keeps no such character in JSON
LIMIT = 1_000_000  # bytes; the largest of the official templates has a tenth of it
MOST_NODES = 500
NODE_ID = re.compile(r"[\w:.-]{1,60}\Z")
# What would make ComfyUI read or write outside its own folders, or call somebody: whole paths, ways up, addresses.
OUTSIDE = re.compile(r"\A\s*(?:[/\\~]|[A-Za-z]:|[a-z][a-z0-9+.-]*://|data:)|(?:^|[/\\])\.\.(?:[/\\]|\s*$)", re.I)
# Where we put what people send, below the folders for input and output. No file of a brought workflow lies in there.
FOLDER = "tapwari"
OURS = re.compile(rf"(?:\A|[/\\])\s*{FOLDER}[.\s]*(?:[/\\\[]|\Z)", re.I)
PICTURES_ONLY = {"SaveImage", "PreviewImage", "SaveAnimatedWEBP", "SaveAnimatedPNG", "SaveAudio", "SaveLatent"}


class GraphRefused(ValueError):
    """The file is no workflow that can be used here; the text says why and what to do, for its owner."""


def read(content: bytes) -> dict:
    """The graph of an uploaded file. Raises GraphRefused."""
    if len(content) > LIMIT:
        raise GraphRefused(_("A workflow file can be at most 1 MB."))
    try:
        graph = json.loads(content, parse_constant=_no_number)
        written = json.dumps(graph, ensure_ascii=False, allow_nan=False)  # 1e400 is read as what is no JSON any more
        written.encode()
        if safe_json.is_too_deep(graph):  # no node does so, and it is walked here, by the database, and by ComfyUI
            raise ValueError("nested too deep")
    except (ValueError, RecursionError):
        raise GraphRefused(
            _("This is not JSON. In ComfyUI choose Workflow › Export (API) and upload that file.")
        ) from None
    if NUL.search(written):
        raise GraphRefused(_("The text contains control characters. Type it again or paste it as plain text."))
    if isinstance(graph, dict) and isinstance(graph.get("prompt"), dict) and "class_type" not in graph["prompt"]:
        graph = graph["prompt"]  # saved from a call of the API itself
    check(graph)
    return graph


def check(graph: object) -> None:
    """GraphRefused for what is not in API format, leads outside ComfyUI's folders, or saves no film."""
    if isinstance(graph, dict) and isinstance(graph.get("nodes"), list):
        raise GraphRefused(
            _(
                "This is a workflow for the ComfyUI editor. In ComfyUI choose Workflow › Export (API) and upload "
                "that file."
            )
        )
    if not isinstance(graph, dict) or not graph or not all(_is_node(key, node) for key, node in graph.items()):
        raise GraphRefused(_("This is not a workflow in ComfyUI’s API format: each entry needs class_type and inputs."))
    if len(graph) > MOST_NODES:
        raise GraphRefused(_("A workflow can have at most %(n)s nodes.") % {"n": MOST_NODES})
    for key, node in graph.items():
        for name, value in node["inputs"].items():
            _check_input(graph, key, name, value)
    if not any(saves_film(node) for node in graph.values()):
        raise GraphRefused(_("This workflow saves no video. End it with the node “Save Video”, then export it again."))


def is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def title(node: dict) -> str:
    """The title that a person gave the node, as a slot's name is written: ``First frame`` is FIRST_FRAME."""
    meta = node.get("_meta")
    words = meta.get("title") if isinstance(meta, dict) else ""
    return re.sub(r"[\s-]+", "_", words.strip()).upper() if isinstance(words, str) else ""


def name_of(graph: dict, key: str) -> str:
    """What a person calls the node."""
    node = graph.get(key) or {}
    meta = node.get("_meta")
    words = meta.get("title") if isinstance(meta, dict) else ""
    return words if isinstance(words, str) and words else str(node.get("class_type") or key)


def saves_film(node: dict) -> bool:
    return "filename_prefix" in node["inputs"] and node["class_type"] not in PICTURES_ONLY


def upstream(graph: dict, key: str) -> Iterator[str]:
    """The nodes that the node reads from directly."""
    yield from (value[0] for value in graph[key]["inputs"].values() if is_link(value))


def frames_a_second(graph: dict) -> float:
    """Of the film that the workflow saves; 16 as Wan draws, where the graph does not say."""
    for node in graph.values():
        for name in ("fps", "frame_rate"):
            value = node["inputs"].get(name)
            if type(value) in (int, float) and 1 <= value <= 120:
                return float(value)
    return 16.0


def _no_number(name: str):
    raise ValueError(name)


def _is_node(key: object, node: object) -> bool:
    if not isinstance(key, str) or not NODE_ID.match(key) or not isinstance(node, dict):
        return False
    kind = node.get("class_type")
    return isinstance(kind, str) and 0 < len(kind) <= 120 and isinstance(node.get("inputs"), dict)


def _check_input(graph: dict, key: str, name: str, value: object) -> None:
    names = {"node": name_of(graph, key), "input": name}
    if is_link(value) and value[0] not in graph:
        raise GraphRefused(_("“%(node)s” reads from a node that is missing from the file. Export it again.") % names)
    for text in _texts(value):
        if "\x00" in text:
            raise GraphRefused(_("“%(input)s” of “%(node)s” contains a character that cannot be typed.") % names)
        if name != "filename_prefix" and OURS.search(text):  # a prefix is replaced by one of our own
            raise GraphRefused(
                _("“%(input)s” of “%(node)s” points to the folder of uploaded files. Use another.") % names
            )
        if name not in ("text", "prompt", "value", "string") and OUTSIDE.search(text):
            raise GraphRefused(
                _("“%(input)s” of “%(node)s” points outside ComfyUI’s own folders. Use only the file name.") % names
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and not is_link(value):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
