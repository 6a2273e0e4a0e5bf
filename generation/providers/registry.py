"""The engines of this install, by slug. Adding one is a folder and one line here."""

from functools import cache

from django.utils.module_loading import import_string

from generation.providers.base import Provider

BUILT_IN = ("generation.providers.animatic.provider.AnimaticProvider",)


@cache
def providers() -> dict[str, Provider]:
    """slug → provider, the default engine first."""
    made = [import_string(path)() for path in BUILT_IN]
    return {provider.slug: provider for provider in made}


def provider(slug: str) -> Provider:
    """KeyError for a slug this install does not have."""
    return providers()[slug]
