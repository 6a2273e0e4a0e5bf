"""The workflows ComfyUI can be asked for: those that ship (``workflows/*.json``) and those that people uploaded."""

import uuid
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from generation.providers.adapters.comfyui import graph as graphs
from generation.providers.adapters.comfyui import slots as places
from generation.providers.base import RATIOS, RESOLUTIONS
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Workflow

SHIPPED = Path(__file__).parent / "workflows"
UPLOADED = "workflow-"
MOST_SECONDS = 15


@cache
def shipped(model: str) -> dict:
    """The graph of a ready-made workflow; KeyError for a name that does not ship."""
    path = SHIPPED / f"{model}.json"
    if path not in SHIPPED.iterdir():
        raise KeyError(model)
    return graphs.read(path.read_bytes())


def row_of(model: str) -> Workflow | None:
    """The uploaded workflow of that name, also when it was removed since: what was asked with it goes on."""
    return _rows(model).first()


def is_of_a_workspace(model: str) -> bool:
    """Whether a workspace uploaded the workflow of that name, and not an operator for everybody."""
    return _rows(model).exclude(workspace=None).exists()


def _rows(model: str):
    if not model.startswith(UPLOADED):
        return Workflow.objects.none()
    try:
        return Workflow.objects.filter(pk=uuid.UUID(model.removeprefix(UPLOADED)))
    except ValueError:
        return Workflow.objects.none()


def graph_of(model: str) -> dict:
    if row := row_of(model):
        return row.graph
    try:
        return shipped(model)
    except KeyError:
        message = _("This workflow no longer exists. Choose another.")
        raise RemoteError(
            Fault.INVALID, "no_workflow", f"no workflow {model}", field="model", message=message
        ) from None


def understood(graph: dict) -> dict:
    """Facts of a workflow in the form of models.toml. GraphRefused when a clip could not be asked of it."""
    slots = places.find(graph)
    places.check(slots)
    modes = sorted(places.modes(slots))
    return {
        "modes": modes,
        "ratios": list(RATIOS),
        "seconds": list(range(1, MOST_SECONDS + 1)),
        "resolutions": list(RESOLUTIONS),
        "has_seed": "SEED" in slots,
        "has_negative_prompt": "NEGATIVE" in slots,
        "references_most": len(places.references(slots)),
        "video_seconds": MOST_SECONDS if "VIDEO" in slots else 0,
        "ratio_follows_picture": "WIDTH" not in slots or "HEIGHT" not in slots,
        "is_free": True,
        "slots": {slot: sorted({graphs.name_of(graph, key) for key, _name in found}) for slot, found in slots.items()},
    }


def facts_of(row: Workflow) -> dict:
    return {"model": row.model, "label": row.title, **row.facts}
