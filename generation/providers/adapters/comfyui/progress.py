"""Read ComfyUI's progress from its WebSocket for about a second per poll, since the HTTP API does not report it.

A sampler counts as ten other nodes, since nearly all of a workflow's time is spent in samplers.
"""

from urllib.parse import urlencode

from common import safe_json
from generation.providers.adapters.comfyui.graph import list_upstream
from generation.providers.errors import NoAnswer, NotSent
from generation.providers.http.client import HttpClient

LISTEN_SECONDS = 1.0
SAMPLER = 10  # weight of a sampler; other nodes have 1
MAX_STEPS = 1e9  # larger values are invalid


def measure_progress(client: HttpClient, ref: str, graph: dict) -> int | None:
    """Return the progress in thousandths, or None if no message reports progress.

    ComfyUI first sends the running node to a new connection, then a message for each step of the sampler. The first of
    those is the most precise value, so listening stops there.
    """
    shares = []
    try:
        for message in client.listen(f"ws?{urlencode({'clientId': ref})}", LISTEN_SECONDS):
            if (share := read_progress(message, ref, graph)) is not None:
                shares.append(share)
                if '"progress' in message:
                    break
    except (NotSent, NoAnswer):
        return None
    return max(shares, default=None)


def read_progress(message: str, ref: str, graph: dict) -> int | None:
    """Return the progress that a message reports for the task, in thousandths; None for other messages and tasks."""
    try:
        event = safe_json.parse(message)
    except ValueError:
        return None
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict) or data.get("prompt_id") not in (None, ref):
        return None
    kind = event.get("type")
    if kind == "progress_state" and isinstance(data.get("nodes"), dict):
        return _compute_progress(graph, {key: _read_node_progress(node) for key, node in data["nodes"].items()})
    node = data.get("node")
    if kind not in ("progress", "executing") or not isinstance(node, str) or node not in graph:
        return None
    done = dict.fromkeys(_find_upstream(graph, node), 1.0)
    return _compute_progress(graph, done | {node: _read_fraction(data)} if kind == "progress" else done)


def _compute_progress(graph: dict, done: dict[str, float]) -> int | None:
    weights = {key: SAMPLER if "steps" in node["inputs"] else 1 for key, node in graph.items()}
    if not (total := sum(weights.values())):
        return None
    return round(1000 * sum(weights[key] * part for key, part in done.items() if key in weights) / total)


def _read_node_progress(node: object) -> float:
    if not isinstance(node, dict):
        return 0.0
    return 1.0 if node.get("state") == "finished" else _read_fraction(node)


def _read_fraction(node: dict) -> float:
    value, maximum = node.get("value"), node.get("max")
    if not isinstance(value, int | float) or not isinstance(maximum, int | float) or not 0 < maximum <= MAX_STEPS:
        return 0.0
    return min(MAX_STEPS, max(0.0, value)) / maximum if value < maximum else 1.0


def _find_upstream(graph: dict, key: str) -> set[str]:
    """Return the ids of all nodes upstream of a node."""
    found: set[str] = set()
    waiting = list(list_upstream(graph, key))
    while waiting:
        source = waiting.pop()
        if source in graph and source not in found:
            found.add(source)
            waiting += list_upstream(graph, source)
    return found
