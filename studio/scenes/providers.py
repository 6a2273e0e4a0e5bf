"""List the providers that a scene can be drawn with, as choices of a form: "provider|model"."""

from django.utils.translation import gettext as _

from generation.providers.base import Capability
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.models import Story

SEPARATOR = "|"


def connected_providers(workspace, by, connections=None) -> set[str]:
    """Return the slugs of providers for which the user can use a connection in the workspace.

    ``connections``: those that the user can use, if they are known.
    """
    if connections is not None:
        return {connection.provider for connection in connections}
    return set(Connection.objects.usable_by(by, workspace).values_list("provider", flat=True))


def list_choices(workspace, connected: set[str], empty_label: str = "") -> list[tuple[str, str]]:
    """Return ("provider|", label) of every local or ``connected`` provider, below an empty choice.

    A provider stands for its default model; other models are chosen in the quote (provider_picker.py).
    """
    usable = [engine for engine in providers().values() if engine.is_local or engine.slug in connected]
    found = [engine for engine in usable if any(not model.is_retired for model in engine.capabilities_in(workspace))]
    return [("", empty_label), *((f"{engine.slug}{SEPARATOR}", str(engine.label)) for engine in found)]


def join_choice(provider: str, model: str) -> str:
    return f"{provider}{SEPARATOR}{model}" if provider else ""


def split_choice(value: str) -> tuple[str, str]:
    provider, _mark, model = value.partition(SEPARATOR)
    return provider, model


def describe_choice(scene, connected: set[str]) -> str:
    """Return the label of the scene's own provider and model, which may no longer be available."""
    engine = providers().get(scene.provider)
    capability = find_model(engine, scene.model, scene.story)
    if engine and capability and (engine.is_local or engine.slug in connected):
        return f"{engine.label} · {capability.label}"
    return _("%(name)s (not connected here)") % {"name": scene.model or (engine.label if engine else scene.provider)}


def get_models(engine, story: Story) -> tuple[Capability, ...]:
    """Return the models of a provider in the story's workspace, read once for the row of the story."""
    return story.reads(engine.capabilities_in, story.workspace)


def find_model(engine, model: str, story: Story) -> Capability | None:
    """Return the named model, or the default model for an empty name; None if it does not exist."""
    models = get_models(engine, story) if engine else ()
    return next((found for found in models if model in ("", found.model)), None)
