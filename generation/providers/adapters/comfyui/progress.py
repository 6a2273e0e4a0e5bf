"""How far ComfyUI is: asked of its WebSocket for about a second while it is polled, since polling alone gives none.

Samplers count ten times what other nodes do: a graph of ten nodes spends nine tenths of its time in one of them.
"""

from urllib.parse import urlencode

from common import safe_json
from generation.providers.adapters.comfyui.graph import upstream
from generation.providers.errors import NoAnswer, NotSent
from generation.providers.http.client import HttpClient

LISTEN_SECONDS = 1.0
SAMPLER = 10
MOST_STEPS = 1e9  # a figure beyond it is none


def listen(client: HttpClient, ref: str, graph: dict) -> int | None:
    """Thousandths; None when nothing was heard: it then stays as it was.

    Who connects anew is told the node at work at once, and the sampler's steps as they are taken: the first of those
    is the most that can be known.
    """
    heard = []
    try:
        for message in client.listen(f"ws?{urlencode({'clientId': ref})}", LISTEN_SECONDS):
            if (share := reported(message, ref, graph)) is not None:
                heard.append(share)
                if '"progress' in message:
                    break
    except (NotSent, NoAnswer):
        return None
    return max(heard, default=None)


def reported(message: str, ref: str, graph: dict) -> int | None:
    """What one message says of the task; None for those that say nothing, or speak of another."""
    try:
        event = safe_json.parse(message)
    except ValueError:
        return None
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict) or data.get("prompt_id") not in (None, ref):
        return None
    kind = event.get("type")
    if kind == "progress_state" and isinstance(data.get("nodes"), dict):
        return _share(graph, {key: _state(node) for key, node in data["nodes"].items()})
    node = data.get("node")
    if kind not in ("progress", "executing") or not isinstance(node, str) or node not in graph:
        return None
    done = dict.fromkeys(_before(graph, node), 1.0)
    return _share(graph, done | {node: _part(data)} if kind == "progress" else done)


def _share(graph: dict, done: dict[str, float]) -> int | None:
    weights = {key: SAMPLER if "steps" in node["inputs"] else 1 for key, node in graph.items()}
    if not (total := sum(weights.values())):
        return None
    return round(1000 * sum(weights[key] * part for key, part in done.items() if key in weights) / total)


def _state(node: object) -> float:
    if not isinstance(node, dict):
        return 0.0
    return 1.0 if node.get("state") == "finished" else _part(node)


def _part(node: dict) -> float:
    value, most = node.get("value"), node.get("max")
    if not isinstance(value, int | float) or not isinstance(most, int | float) or not 0 < most <= MOST_STEPS:
        return 0.0
    return min(MOST_STEPS, max(0.0, value)) / most if value < most else 1.0


def _before(graph: dict, key: str) -> set[str]:
    """Every node whose result the named one needs."""
    found: set[str] = set()
    waiting = list(upstream(graph, key))
    while waiting:
        each = waiting.pop()
        if each in graph and each not in found:
            found.add(each)
            waiting += upstream(graph, each)
    return found
