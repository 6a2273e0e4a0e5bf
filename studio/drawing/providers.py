"""Who can draw a story's scenes, as people choose it: one word for a provider and its model."""

from django.utils.translation import gettext as _

from generation.providers.base import Capability
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.models import Story

SEPARATOR = "|"


def connected_providers(workspace, by) -> set[str]:
    """Providers whose account the person may use in the workspace."""
    return set(Connection.objects.usable_by(by, workspace).values_list("provider", flat=True))


def list_choices(workspace, by, whole_story: str = "") -> list[tuple[str, str]]:
    """("provider|model", its name) of every model that can be asked here; ``whole_story`` names an empty one first."""
    found = [("", whole_story)] if whole_story else []
    there = connected_providers(workspace, by)
    for engine in providers().values():
        if engine.is_local or engine.slug in there:
            models = [each for each in engine.capabilities_in(workspace) if not each.is_retired]
            found += [(_value(engine, model, n), _label(engine, model, models)) for n, model in enumerate(models)]
    return found


def _value(engine, model: Capability, n: int) -> str:
    """The first model is the one without a name: what is the default may change."""
    return f"{engine.slug}{SEPARATOR}{model.model if n else ''}"


def _label(engine, model: Capability, models: list) -> str:
    return str(model.label) if len(models) == 1 else f"{engine.label} · {model.label}"


def join_choice(provider: str, model: str) -> str:
    return f"{provider}{SEPARATOR}{model}" if provider else ""


def split_choice(value: str) -> tuple[str, str]:
    provider, _mark, model = value.partition(SEPARATOR)
    return provider, model


def describe_missing(provider: str, model: str) -> str:
    """What a page calls a choice that cannot be made any more."""
    engine = providers().get(provider)
    return _("%(name)s (not connected here)") % {"name": model or (engine.label if engine else provider)}


def get_models(engine, story: Story) -> tuple[Capability, ...]:
    """The models of an engine in the story's workspace, asked for once for all its scenes."""
    kept = story.__dict__.setdefault("_models_of", {})
    if engine.slug not in kept:
        kept[engine.slug] = engine.capabilities_in(story.workspace)
    return kept[engine.slug]


def find_model(engine, model: str, story: Story) -> Capability | None:
    """The named model, the first one without a name; None when it is not there (any more)."""
    models = get_models(engine, story) if engine else ()
    return next((each for each in models if model in ("", each.model)), None)
