"""Who can draw, as people choose it: one word for a provider and its model."""

from django.utils.translation import gettext as _

from generation.providers.registry import providers

MARK = "|"


def choices(whole_story: str = "") -> list[tuple[str, str]]:
    """("provider|model", its name) of every model here; ``whole_story`` names an empty choice in front."""
    found = [("", whole_story)] if whole_story else []
    for engine in providers().values():
        models = engine.capabilities()
        for n, model in enumerate(models):
            value = f"{engine.slug}{MARK}{model.model if n else ''}"
            label = str(model.label)
            found.append((value, label if len(models) == 1 else f"{engine.label} · {label}"))
    return found


def joined(provider: str, model: str) -> str:
    return f"{provider}{MARK}{model}" if provider else ""


def parted(value: str) -> tuple[str, str]:
    provider, _mark, model = value.partition(MARK)
    return provider, model


def name(provider: str, model: str) -> str:
    """What a page calls it; its own word where this install does not have it any more."""
    found = dict(choices())
    return found.get(joined(provider, model)) or _("%(name)s (not connected here)") % {"name": model or provider}
