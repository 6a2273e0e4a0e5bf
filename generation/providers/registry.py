"""List the providers of this install by slug. To add one, add a folder in adapters/ and one line here.

Other packages add providers by the entry point ``tapwari.providers``, administrators by class names in the variable
EXTRA_PROVIDERS. Built-in providers win over others with the same slug.
"""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from generation.providers.base import LocalProvider
from generation.providers.remote import RemoteProvider

AnyProvider = LocalProvider | RemoteProvider

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

EFFECTS = ("generation.providers.adapters.local.effects.EffectsProvider",)


@cache
def providers() -> dict[str, AnyProvider]:
    """Return {slug: provider} of the providers that Create offers, the default one first."""
    plugins = [entry.load()() for entry in entry_points(group="tapwari.providers")]
    plugins += [import_string(path)() for path in settings.EXTRA_PROVIDERS]
    built_in = _load(BUILT_IN)
    return built_in | {plugin.slug: plugin for plugin in plugins if plugin.slug not in built_in}


def _load(paths: Iterable[str]) -> dict[str, Any]:
    loaded = [import_string(path)() for path in paths]
    return {provider.slug: provider for provider in loaded}


@cache
def language_providers() -> dict[str, Any]:
    """Return {slug: provider} of language models, which write text and make no clips."""
    return _load(LANGUAGES)


@cache
def effect_providers() -> dict[str, AnyProvider]:
    """Return {slug: provider} of effects, which turn a finished clip into a new one and are not offered on Create."""
    return _load(EFFECTS)


def clip_providers() -> dict[str, AnyProvider]:
    """Return {slug: provider} of all providers that may have made a clip."""
    return providers() | effect_providers()


def connectable_providers() -> dict[str, AnyProvider]:
    """Return {slug: provider} of all providers that a connection may be for."""
    return providers() | language_providers()


def provider(slug: str) -> AnyProvider:
    """Return the provider. Raises KeyError if it is not installed."""
    return (connectable_providers() | effect_providers())[slug]


def find_provider_of_key(key: str) -> RemoteProvider | None:
    """Return the provider with the longest prefix (``RemoteProvider.key_prefix``) that the key begins with, or None."""
    remote = [engine for engine in providers().values() if isinstance(engine, RemoteProvider) and engine.key_prefix]
    matching = [engine for engine in remote if key.startswith(engine.key_prefix)]
    return max(matching, key=lambda engine: len(engine.key_prefix), default=None)
