"""The engines of this install, by slug. Adding one is a folder and one line here.

A package of its own adds one by the entry point ``tapwari.providers``, an operator by naming a class in the variable
EXTRA_PROVIDERS. Ours win over others of the same slug.
"""

from functools import cache
from importlib.metadata import entry_points

from django.conf import settings
from django.utils.module_loading import import_string

from generation.providers.base import Provider

BUILT_IN = (
    "generation.providers.adapters.local.provider.AnimaticProvider",
    "generation.providers.adapters.comfyui.provider.ComfyUIProvider",
    "generation.providers.adapters.openai_compatible.provider.OpenAICompatibleProvider",
    "generation.providers.adapters.fal.provider.FalProvider",
    "generation.providers.adapters.replicate.provider.ReplicateProvider",
    "generation.providers.adapters.runway.provider.RunwayProvider",
    "generation.providers.adapters.luma.provider.LumaProvider",
    "generation.providers.adapters.luma_dream_machine.provider.LumaDreamMachineProvider",
    "generation.providers.adapters.kling.provider.KlingProvider",
    "generation.providers.adapters.dashscope.provider.DashscopeProvider",
    "generation.providers.adapters.ark.provider.ArkProvider",
    "generation.providers.adapters.minimax.provider.MinimaxProvider",
    "generation.providers.adapters.minimax_v2.provider.MinimaxV2Provider",
    "generation.providers.adapters.vidu.provider.ViduProvider",
    "generation.providers.adapters.gemini.provider.GeminiProvider",
    "generation.providers.adapters.zhipu.provider.ZhipuProvider",
    "generation.providers.adapters.pixverse.provider.PixverseProvider",
)

LANGUAGES = ("generation.providers.adapters.language.provider.LanguageProvider",)

FINISHERS = ("generation.providers.adapters.local.effects.EffectsProvider",)


@cache
def providers() -> dict[str, Provider]:
    """slug → provider, the default engine first."""
    plugins = [entry.load()() for entry in entry_points(group="tapwari.providers")]
    plugins += [import_string(path)() for path in settings.EXTRA_PROVIDERS]
    made = [import_string(path)() for path in BUILT_IN]
    return {each.slug: each for each in made} | {each.slug: each for each in plugins if each.slug not in _slugs(made)}


def _slugs(made: list[Provider]) -> set[str]:
    return {each.slug for each in made}


@cache
def language_providers() -> dict[str, Provider]:
    """slug → what writes words: connected as engines are, and never asked for a clip."""
    made = [import_string(path)() for path in LANGUAGES]
    return {each.slug: each for each in made}


@cache
def effect_providers() -> dict[str, Provider]:
    """slug → what makes a clip out of a finished one: asked for from its page, and never chosen to draw."""
    made = [import_string(path)() for path in FINISHERS]
    return {each.slug: each for each in made}


def clip_providers() -> dict[str, Provider]:
    """Everything that a clip of this install can have been made by."""
    return providers() | effect_providers()


def connectable_providers() -> dict[str, Provider]:
    """Everything that an account can be connected to."""
    return providers() | language_providers()


def provider(slug: str) -> Provider:
    """KeyError for a slug this install does not have."""
    return (connectable_providers() | effect_providers())[slug]
