"""Find workflows for ComfyUI: the shipped ones (``workflows/*.json``) and the uploaded ones."""

import uuid
from functools import cache
from pathlib import Path

from common.messages import build_message
from generation.providers.adapters.comfyui import graph as graphs
from generation.providers.adapters.comfyui import slots as slot_finder
from generation.providers.base import RATIOS, RESOLUTIONS
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Workflow

SHIPPED = Path(__file__).parent / "workflows"
UPLOADED = "workflow-"
MAX_SECONDS = 15


@cache
def load_shipped(model: str) -> dict:
    """Return the graph of a shipped workflow. Raises KeyError for an unknown name."""
    path = SHIPPED / f"{model}.json"
    if path not in SHIPPED.iterdir():
        raise KeyError(model)
    return graphs.read_graph(path.read_bytes())


def find_row(model: str) -> Workflow | None:
    """Return the uploaded workflow with that model name, even if removed, since running jobs still use it; or None."""
    return _find_rows(model).first()


def is_workspace_workflow(model: str) -> bool:
    """Return whether a workspace uploaded the workflow; otherwise an administrator did, for all workspaces."""
    return _find_rows(model).exclude(workspace=None).exists()


def _find_rows(model: str):
    if not model.startswith(UPLOADED):
        return Workflow.objects.none()
    try:
        return Workflow.objects.filter(pk=uuid.UUID(model.removeprefix(UPLOADED)))
    except ValueError:
        return Workflow.objects.none()


def find_graph(model: str) -> dict:
    if row := find_row(model):
        return row.graph
    try:
        return load_shipped(model)
    except KeyError:
        message = build_message("workflow_gone")
        raise RemoteError(
            Fault.INVALID, "no_workflow", f"no workflow {model}", field="model", message=message
        ) from None


def read_parameters(graph: dict) -> dict:
    """Return the facts of a workflow in the form of models.toml. Raises GraphRefused if it cannot make clips."""
    slots = slot_finder.find_slots(graph)
    slot_finder.check_slots(slots)
    modes = sorted(slot_finder.find_modes(slots))
    return {
        "modes": modes,
        "ratios": list(RATIOS),
        "seconds": list(range(1, MAX_SECONDS + 1)),
        "resolutions": list(RESOLUTIONS),
        "has_seed": "SEED" in slots,
        "has_negative_prompt": "NEGATIVE" in slots,
        "references_most": len(slot_finder.list_reference_slots(slots)),
        "video_seconds": MAX_SECONDS if "VIDEO" in slots else 0,
        "ratio_follows_picture": "WIDTH" not in slots or "HEIGHT" not in slots,
        "is_free": True,
        "slots": {
            slot: sorted({graphs.get_node_name(graph, key) for key, _name in found}) for slot, found in slots.items()
        },
    }


def build_parameters(row: Workflow) -> dict:
    return {"model": row.model, "label": row.title, **row.facts}
