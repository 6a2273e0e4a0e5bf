"""Read ComfyUI's responses: refusals with the missing nodes or files, the queue, the history and the video."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlencode

from common.messages import Message, build_message, join_messages
from generation.providers.adapters.comfyui.graph import get_node_name
from generation.providers.errors import Fault, RemoteError, quote_for_everybody, redact_secrets
from generation.providers.remote import Output, Snapshot, Stage

VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".mkv")
MISSING_NODE = {"missing_node_type", "invalid_prompt"}  # UNCERTAIN: newer cores use the first name
MODEL_FILE = re.compile(r"\.(?:safetensors|ckpt|pth?|gguf|sft|bin|onnx)\Z", re.I)
INPUT_LOADER = re.compile(r"(?:\A|_)Load(?:Image|Video|Audio)(?:Mask|Output|Upload|Path|FFmpeg)*\Z")
MAX_NAMED = 5  # names in a message


class Problem(NamedTuple):
    """An error of one node. ``model_file`` and ``input_file`` are missing files; the input rejects ``value``."""

    code: str
    text: str
    node: str
    input: str = ""
    model_file: str = ""
    input_file: str = ""
    value: str = ""

    @property
    def is_named(self) -> bool:
        return bool(self.model_file.strip() or self.input_file.strip() or self.value)


def read_refusal(body: object, graph: dict, status: int) -> RemoteError:
    """Return the error of a 400 response, with the names of missing nodes or model files."""
    error = _as_dict(_as_dict(body).get("error"))
    code = str(error.get("type") or f"http_{status}")
    detail = f"{error.get('message', '')} {error.get('details', '')}"
    message = ""
    if code in MISSING_NODE:
        message = _describe_missing_node(error, graph)
    elif problems := list(_read_problems(_as_dict(body).get("node_errors"), graph)):
        code = problems[0].code
        message = join_messages(*_describe_problems(problems))
        detail += " ".join(problem.text for problem in problems)
    return RemoteError(Fault.INVALID, code, detail, status=status, message=message)


def _describe_missing_node(error: dict, graph: dict) -> str:
    """Return a message that names the missing node, or "" if the error does not identify it.

    Cores name the class ("node X does not exist") or only the node ("Node ID '#4'").
    """
    extra = _as_dict(error.get("extra_info"))
    kind = extra.get("class_type") or extra.get("node_type")
    text = f"{error.get('details', '')}"
    if not kind:
        named = [node["class_type"] for key, node in graph.items() if f"'#{key}'" in text]
        kind = named[0] if named else _find_between(str(error.get("message", "")), "node ", " does not exist")
    if not kind:
        return ""
    return build_message("comfyui_no_node", node=redact_secrets(kind, 80))


def _read_problems(errors: object, graph: dict) -> Iterator[Problem]:
    """Yield each error of each node. Older cores write no errors as a list."""
    for key, row in _as_dict(errors).items():
        kind = str(_as_dict(row).get("class_type") or _as_dict(graph.get(key)).get("class_type") or "")
        for error in map(_as_dict, _as_list(_as_dict(row).get("errors"))):
            yield _read_problem(error, kind, get_node_name(graph, key))


def _read_problem(error: dict, kind: str, node: str) -> Problem:
    extra, code, details = _as_dict(error.get("extra_info")), str(error.get("type") or ""), error.get("details", "")
    received = extra.get("received_value")
    problem = Problem(code, f"{error.get('message', '')}: {details}", node, str(extra.get("input_name") or ""))
    if code == "custom_validation_failed":  # a loader whose file is missing
        file = str(received or str(details or "").partition(":")[2])
        return problem._replace(**{"input_file" if INPUT_LOADER.search(kind) else "model_file": file})
    if code != "value_not_in_list" or received is None:
        return problem
    if INPUT_LOADER.search(kind):
        return problem._replace(input_file=str(received))
    is_file = any(MODEL_FILE.search(name) for name in [str(received), *_read_choices(extra.get("input_config"))])
    return problem._replace(**{"model_file" if is_file or not problem.input else "value": str(received)})


def _read_choices(config: object) -> list[str]:
    """Return the names in an input's list, which is the first item, or ``options`` of the second in newer cores."""
    for item in _as_list(config):
        choices = item if isinstance(item, list) else _as_list(_as_dict(item).get("options"))
        if choices:
            return [name for name in choices if isinstance(name, str)]
    return []


def _describe_problems(problems: list[Problem]) -> Iterator[Message]:
    if files := _clean_names(problem.model_file for problem in problems):
        yield build_message("comfyui_no_model", files=_quote_names(files), n=len(files))
    if files := _clean_names(problem.input_file for problem in problems):
        yield build_message("comfyui_no_input", files=_quote_names(files), n=len(files))
    for problem in [problem for problem in problems if problem.value][:MAX_NAMED]:
        yield build_message(
            "comfyui_value",
            input=redact_secrets(problem.input, 60),
            node=redact_secrets(problem.node, 60),
            value=_clean(problem.value, 80),
        )
    for problem in [problem for problem in problems if not problem.is_named][:1]:
        yield build_message("comfyui_node", node=redact_secrets(problem.node, 60), text=_clean(problem.text))


def _clean_names(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(_clean(name, 80) for name in names if name.strip()))


def _quote_names(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:MAX_NAMED])


def find_in_queue(queue: object, ref: str) -> tuple[Stage, int | None] | None:
    """Return (RUNNING, None) or (QUEUED, position from 1) of a task; None if it is not in the queue."""
    if ref in _read_ids(_as_dict(queue).get("queue_running")):
        return Stage.RUNNING, None
    waiting = sorted(_read_items(_as_dict(queue).get("queue_pending")), key=lambda item: item[0])
    ids = [item[1] for item in waiting]
    return (Stage.QUEUED, ids.index(ref) + 1) if ref in ids else None


def _read_items(queue: object) -> list[tuple[float, str]]:
    """Return (number, id) of the queue's items, which are arrays: number, id, graph, extra data, outputs."""
    rows = [item for item in _as_list(queue) if isinstance(item, list) and len(item) > 1]
    return [(item[0] if isinstance(item[0], int | float) else 0.0, str(item[1])) for item in rows]


def _read_ids(queue: object) -> list[str]:
    return [key for _number, key in _read_items(queue)]


def find_running_graph(queue: object, ref: str) -> dict:
    """Return the graph of a task if it is running, otherwise {}."""
    rows = [item for item in _as_list(_as_dict(queue).get("queue_running")) if isinstance(item, list) and len(item) > 2]
    return next((_read_graph(item[2]) for item in rows if str(item[1]) == ref), {})


def read_ended(entry: dict, base_url: str) -> Snapshot:
    """Read the state of a task from its entry in the history."""
    status, item = _as_dict(entry.get("status")), _as_list(entry.get("prompt"))
    graph = _read_graph(item[2]) if len(item) > 2 else {}
    messages = [message for message in _as_list(status.get("messages")) if _is_event(message)]
    events = {str(message[0]): _as_dict(message[1]) for message in messages}
    if "execution_interrupted" in events:
        return Snapshot(Stage.CANCELLED)
    if status.get("status_str") == "error" or "execution_error" in events:
        return Snapshot(Stage.FAILED, error=_build_execution_error(events.get("execution_error", {}), graph))
    if video := _find_video(_as_dict(entry.get("outputs"))):
        return Snapshot(Stage.SUCCEEDED, output=Output(f"{base_url}/view?{urlencode(video)}", needs_key=True))
    message = build_message("comfyui_no_video")
    return Snapshot(
        Stage.FAILED, error=RemoteError(Fault.FAILED, "missing_video", "no video among the outputs", message=message)
    )


def _build_execution_error(event: dict, graph: dict) -> RemoteError:
    kind, text = str(event.get("exception_type") or "execution_error"), str(event.get("exception_message") or "")
    node = redact_secrets(get_node_name(graph, str(event.get("node_id"))) or event.get("node_type") or "?", 60)
    if kind.endswith(("OutOfMemoryError", "OOM")) or "ran out of memory" in text:
        message = build_message("comfyui_memory", node=node)
        return RemoteError(Fault.FAILED, "out_of_memory", f"{kind}: {text}", message=message)
    message = build_message("comfyui_stopped", node=node, text=_clean(text) or redact_secrets(kind, 60))
    return RemoteError(Fault.FAILED, kind[-80:], text, message=message)


def _clean(text: str, limit: int = 120) -> str:
    """Return the server's text without private details, since everybody in the workspace may read it."""
    return quote_for_everybody(redact_secrets(text, limit))


def _find_video(outputs: dict) -> dict[str, str]:
    """Return the query parameters that download the saved video, or {} if there is none.

    Videos in the output folder are preferred to temporary ones.
    """
    found = []
    for node in outputs.values():
        for key, files in _as_dict(node).items():
            found += [file for file in _as_list(files) if key != "animated" and _is_video(file)]
    found.sort(key=lambda file: (file.get("type") != "output", VIDEO_SUFFIXES.index(_get_suffix(file))))
    if not found:
        return {}
    best, defaults = found[0], {"subfolder": "", "type": "output"}
    return {"filename": best["filename"]} | {name: str(best.get(name) or default) for name, default in defaults.items()}


def _is_video(file: object) -> bool:
    """Return whether the file is a video whose name can be part of a URL."""
    if (
        not isinstance(file, dict)
        or not isinstance(file.get("filename"), str)
        or _get_suffix(file) not in VIDEO_SUFFIXES
    ):
        return False
    return all(str(file.get(name) or "").isprintable() for name in ("filename", "subfolder", "type"))


def _get_suffix(file: dict) -> str:
    return PurePosixPath(file["filename"]).suffix.lower()


def _is_event(message: object) -> bool:
    return isinstance(message, list) and len(message) == 2


def _read_graph(value: object) -> dict:
    nodes = _as_dict(value).items()
    return {key: node for key, node in nodes if isinstance(node, dict) and isinstance(node.get("inputs"), dict)}


def _find_between(text: str, before: str, after: str) -> str:
    found = text.partition(before)[2]
    return found.partition(after)[0].strip() if after in found else ""


def _as_dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list:
    return value if isinstance(value, list) else []
