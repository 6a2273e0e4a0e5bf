"""Return each provider's models: those that ship with the studio, merged with the changes of administrators.

Providers change models every few months, so models are data: ``adapters/<provider>/models.toml`` and ``ProviderModel``.
A price is a list of rows with their ``source`` and the day of the source (``dated``). The first row that fits a request
applies: ``per_clip``, plus ``per_second`` times seconds, plus ``per_picture`` for each picture after ``free_pictures``,
but no less than ``at_least``; all amounts in millionths of the currency.
"""

import time
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from generation.providers import labels
from generation.providers.base import Capability, ClipRequest, Estimate, Mode
from generation.providers.models import ProviderModel
from generation.providers.traits import Recovery, Stopping

FOLDER = Path(__file__).parent / "adapters"
CACHE_SECONDS = 15.0  # every process sees an administrator's change within this time
ROWS_SECONDS = 5.0  # how long database rows are cached; counts towards CACHE_SECONDS
PARAMETERS = (
    "label", "has_seed", "has_negative_prompt", "has_audio", "prompt_limit", "picture_bytes", "picture_least",
    "picture_most", "picture_shape", "references_most", "video_seconds", "ratio_follows_picture", "retired_on",
    "is_free", "framed_seconds", "has_progress",
)  # fmt: skip
AMOUNTS = ("per_clip", "per_second", "per_picture", "at_least")
SETTINGS = frozenset({"seed", "negative_prompt", "audio"})
_facts_cache: dict[str, tuple[float, list[dict]]] = {}
_capability_cache: dict[tuple, tuple[list[dict], tuple[Capability, ...]]] = {}
_row_cache: dict[str, tuple[float, dict[str, list[ProviderModel]]]] = {}


def capabilities(slug: str, settings: frozenset[str] = SETTINGS) -> tuple[Capability, ...]:
    """Return the offered models, the default model first; retired models are included (``is_retired``).

    ``settings``: settings that the adapter can send; all others are switched off in each model. The result is cached
    per provider, settings and language, since thousands of polls need it.
    """
    facts, key = list_models(slug), (slug, settings, get_language())
    cached_facts, models = _capability_cache.get(key, (None, ()))
    if cached_facts is not facts:
        models = tuple(_limit_settings(build_capability(row), settings) for row in facts)
        _capability_cache[key] = (facts, models)
    return models


def find_withdrawn(slug: str, model: str) -> Capability | None:
    """Return a model that an administrator changed, even if it is not offered any more, to finish its clips."""
    row = next((row for row in _read_rows().get(slug, ()) if row.model == model), None)
    return build_capability(read_parameters(slug, row)) if row else None


def _limit_settings(capability: Capability, settings: frozenset[str]) -> Capability:
    missing: dict[str, Any] = {f"has_{name}": False for name in SETTINGS - settings}
    return replace(capability, **missing)


def build_capability(facts: dict) -> Capability:
    """Build a model from its facts in models.toml. Raises KeyError, TypeError or ValueError for invalid facts."""
    return Capability(
        model=facts["model"],
        modes=frozenset(Mode(mode) for mode in facts["modes"]),
        ratios=tuple(facts["ratios"]),
        seconds=tuple(facts["seconds"]),
        resolutions=tuple(facts["resolutions"]),
        picture_kinds=tuple(facts.get("picture_kinds", ())),
        recovery=Recovery(facts["recovery"]) if "recovery" in facts else None,
        stopping=Stopping(facts["stopping"]) if "stopping" in facts else None,
        never=tuple((pair["seconds"], pair["resolution"]) for pair in facts.get("never", ())),
        **{name: facts[name] for name in PARAMETERS if name in facts}
        | {"label": labels.translate_label(facts.get("label", facts["model"])), "is_free": is_free(facts)},
    )


def is_free(facts: dict) -> bool:
    """Return whether all prices of the model are zero or, if it has none, whether it is declared free."""
    amounts = [row.get(name, 0) for row in facts.get("price", ()) for name in AMOUNTS]
    return not any(amounts) if amounts else bool(facts.get("is_free"))


def estimate(slug: str, request: ClipRequest) -> Estimate:
    """Return the upper bound of one take's price, and how long making it usually takes.

    If no price row fits, the price is 0 and unknown, or known for a free model.
    """
    facts = next((row for row in list_models(slug) if request.model in ("", row["model"])), {})
    seconds = float(facts.get("wait", 120))
    for row in facts.get("price", ()):
        if _is_price_of(row, request):
            return Estimate(_add_up(row, request), row.get("currency", "USD"), seconds, dated=row.get("dated"))
    return Estimate(0, "USD", seconds, is_known=bool(facts.get("is_free")))


def _add_up(row: dict, request: ClipRequest) -> int:
    extra_pictures = max(0, request.picture_count - row.get("free_pictures", 0))
    price = row.get("per_clip", 0) + row.get("per_second", 0) * request.seconds
    return max(price + row.get("per_picture", 0) * extra_pictures, row.get("at_least", 0))


def _is_price_of(row: dict, request: ClipRequest) -> bool:
    values = {
        "resolution": request.resolution,
        "seconds": request.seconds,
        "mode": str(request.mode),
        "audio": bool(request.options.get("audio")),
    }
    return all(row[name] == value for name, value in values.items() if name in row)


def list_models(slug: str) -> list[dict]:
    """Return the facts of the offered models in the form of models.toml, with the changes of administrators."""
    read_at, facts = _facts_cache.get(slug, (float("-inf"), []))
    if time.monotonic() - read_at > CACHE_SECONDS - ROWS_SECONDS:
        facts = _merge_rows(slug)
        _facts_cache[slug] = (time.monotonic(), facts)
    return facts


def clear_cache(slug: str = "") -> None:
    """Clear this process's cache after a change; for one provider only if ``slug`` is given."""
    _facts_cache.pop(slug, None) if slug else _facts_cache.clear()
    _row_cache.clear()


def _merge_rows(slug: str) -> list[dict]:
    models = {facts["model"]: facts for facts in built_in_models(slug)}
    models |= {row.model: read_parameters(slug, row) for row in _read_rows().get(slug, ())}
    return [facts for facts in models.values() if facts.get("is_offered", True)]


def read_parameters(slug: str, row: ProviderModel) -> dict:
    """Return the facts of a changed model, or of an added one, which starts as a copy of the provider's first model."""
    built_in = next((facts for facts in built_in_models(slug) if facts["model"] == row.model), None)
    return (built_in or dict(built_in_models(slug)[0], model=row.model, label=row.model, price=[])) | row.changes()


def _read_rows() -> dict[str, list[ProviderModel]]:
    """Return the rows of all providers by slug, read in one query, since a page shows all providers."""
    read_at, rows = _row_cache.get("all", (float("-inf"), {}))
    if time.monotonic() - read_at > ROWS_SECONDS:
        rows = {}
        for row in ProviderModel.objects.order_by("position", "model"):
            rows.setdefault(row.provider, []).append(row)
        _row_cache["all"] = (time.monotonic(), rows)
    return rows


@cache
def built_in_models(slug: str) -> tuple[dict, ...]:
    """Return the facts of the provider's models from models.toml, with dates as ``date`` objects."""
    path = FOLDER / slug.replace("-", "_") / "models.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["model"])
