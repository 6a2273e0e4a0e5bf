"""List the providers that a story can be drawn with, as choices of a form: "provider|model"."""

from django.utils.translation import gettext as _

from generation.providers.base import Capability
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.models import Story

SEPARATOR = "|"


def connected_providers(workspace, by) -> set[str]:
    """Return the slugs of providers for which the user can use a connection in the workspace."""
    return set(Connection.objects.usable_by(by, workspace).values_list("provider", flat=True))


def list_choices(workspace, by, empty_label: str = "") -> list[tuple[str, str]]:
    """Return ("provider|model", label) of every usable model. With ``empty_label``, the first choice is empty."""
    choices = [("", empty_label)] if empty_label else []
    connected = connected_providers(workspace, by)
    for engine in providers().values():
        if engine.is_local or engine.slug in connected:
            models = [model for model in engine.capabilities_in(workspace) if not model.is_retired]
            choices += [
                (_make_value(engine, model, n), _make_label(engine, model, models)) for n, model in enumerate(models)
            ]
    return choices


def _make_value(engine, model: Capability, n: int) -> str:
    """Return the value of a choice. The first model is written as "", since a provider's default may change."""
    return f"{engine.slug}{SEPARATOR}{model.model if n else ''}"


def _make_label(engine, model: Capability, models: list) -> str:
    return str(model.label) if len(models) == 1 else f"{engine.label} · {model.label}"


def join_choice(provider: str, model: str) -> str:
    return f"{provider}{SEPARATOR}{model}" if provider else ""


def split_choice(value: str) -> tuple[str, str]:
    provider, _mark, model = value.partition(SEPARATOR)
    return provider, model


def describe_missing(provider: str, model: str) -> str:
    """Return the label of a choice that is no longer available."""
    engine = providers().get(provider)
    return _("%(name)s (not connected here)") % {"name": model or (engine.label if engine else provider)}


def get_models(engine, story: Story) -> tuple[Capability, ...]:
    """Return the models of a provider in the story's workspace, cached on the story object."""
    cached = story.__dict__.setdefault("_models_of", {})
    if engine.slug not in cached:
        cached[engine.slug] = engine.capabilities_in(story.workspace)
    return cached[engine.slug]


def find_model(engine, model: str, story: Story) -> Capability | None:
    """Return the named model, or the default model for an empty name; None if it does not exist."""
    models = get_models(engine, story) if engine else ()
    return next((found for found in models if model in ("", found.model)), None)
